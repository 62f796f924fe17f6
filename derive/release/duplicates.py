"""Prompts that say the same: equal in comparable form, or nearly so.

Near-duplicates are found with MinHash and locality-sensitive hashing over character 5-grams of the
comparable form (Broder 1997; rensa's implementation), which works without word boundaries too, and
confirmed with the normalised Indel similarity of the texts (rapidfuzz's ratio).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.text import comparable

GRAM = 5
PERMUTATIONS = 96
BANDS = 24  # 4 rows a band: two texts of Jaccard 0.6 meet with a probability of 0.96
SIMILAR = 90.0  # rapidfuzz ratio from which two prompts are called near-duplicates
SHORTEST = 15  # comparable characters; shorter prompts are alike by chance
SEED = 42


@dataclass(frozen=True, slots=True)
class Pair:
    """Positions of two texts, first < second; similarity in percent, 100 for equal ones."""

    first: int
    second: int
    similarity: float


def pairs(texts: Sequence[str], groups: Sequence[str] | None = None) -> Iterator[Pair]:
    """For each text, an earlier one of its group that it equals or is like, and one of another.

    groups: the split of each text, one for all if not given. Of several that are like each other,
    each is paired with the first, and a neighbour in its own split hides none in another.
    """
    groups = groups or [""] * len(texts)
    forms = [comparable(text) for text in texts]
    first_of: dict[tuple[str, str], int] = {}
    told: set[tuple[int, bool]] = set()  # what has an equal, in its own group or in another
    for at, form in enumerate(forms):
        if not form:
            continue
        for group in dict.fromkeys(groups):
            equal = first_of.get((form, group))
            across = group != groups[at]
            if equal is not None and (at, across) not in told:
                told.add((at, across))
                yield Pair(equal, at, 100.0)
        first_of.setdefault((form, groups[at]), at)
    firsts = [
        at for at, form in enumerate(forms) if len(form) >= SHORTEST and (at, False) not in told
    ]
    yield from (pair for pair in _near(forms, groups, firsts) if not _is_told(pair, groups, told))


def _is_told(pair: Pair, groups: Sequence[str], told: set[tuple[int, bool]]) -> bool:
    return (pair.second, groups[pair.first] != groups[pair.second]) in told


def _near(forms: Sequence[str], groups: Sequence[str], positions: list[int]) -> Iterator[Pair]:
    """Each text that is like an earlier one, with it.

    Only texts that are like no earlier one of their group go into the index, so that a release of
    a thousand variations of one prompt costs a thousand look-ups and not half a million.
    """
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(0.6, PERMUTATIONS, BANDS)
    grams = [_grams(forms[at]) for at in positions]
    for at, sketch in zip(
        positions, RMinHash.from_token_sets(grams, PERMUTATIONS, SEED), strict=True
    ):
        near = sorted(index.query(sketch))
        like_own = False
        for across in (False, True):
            candidates = [one for one in near if (groups[one] != groups[at]) is across]
            found = process.extractOne(
                forms[at], [forms[one] for one in candidates], scorer=ratio, score_cutoff=SIMILAR
            )
            if found:
                yield Pair(candidates[found[2]], at, found[1])
                like_own |= not across
        if not like_own:
            index.insert(at, sketch)


def _grams(form: str) -> list[str]:
    return [form[at : at + GRAM] for at in range(len(form) - GRAM + 1)]
