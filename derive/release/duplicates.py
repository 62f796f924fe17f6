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


def pairs(texts: Sequence[str]) -> Iterator[Pair]:
    """For each text, the earliest text that equals it, or else the most similar earlier one.

    Of several that are like each other, each is paired with the first.
    """
    forms = [comparable(text) for text in texts]
    first_of: dict[str, int] = {}
    distinct: list[int] = []
    for at, form in enumerate(forms):
        if not form:
            continue
        if form in first_of:
            yield Pair(first_of[form], at, 100.0)
        else:
            first_of[form] = at
            distinct.append(at)
    yield from _near(forms, [at for at in distinct if len(forms[at]) >= SHORTEST])


def _near(forms: Sequence[str], positions: list[int]) -> Iterator[Pair]:
    """Each text that is like an earlier one, with it.

    Only texts that are like no earlier one go into the index, so that a release of a thousand
    variations of one prompt costs a thousand look-ups and not half a million.
    """
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(0.6, PERMUTATIONS, BANDS)
    grams = [_grams(forms[at]) for at in positions]
    for at, sketch in zip(
        positions, RMinHash.from_token_sets(grams, PERMUTATIONS, SEED), strict=True
    ):
        candidates = sorted(index.query(sketch))
        found = process.extractOne(
            forms[at], [forms[one] for one in candidates], scorer=ratio, score_cutoff=SIMILAR
        )
        if found:
            yield Pair(candidates[found[2]], at, found[1])
        else:
            index.insert(at, sketch)


def _grams(form: str) -> list[str]:
    return [form[at : at + GRAM] for at in range(len(form) - GRAM + 1)]
