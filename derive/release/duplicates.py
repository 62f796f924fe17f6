"""Prompts that say the same: equal in comparable form, or nearly so.

Near-duplicates are found with MinHash and locality-sensitive hashing over character 5-grams of the
comparable form (Broder 1997; rensa's implementation), which works without word boundaries too, and
confirmed with the normalised Indel similarity of the texts (rapidfuzz's ratio).
"""

from __future__ import annotations

from collections import defaultdict
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
    """For each text, the earliest text that equals it, or else the most similar earlier one."""
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
    from rapidfuzz.fuzz import ratio
    from rensa import RMinHash, RMinHashLSH

    if len(positions) < 2:
        return
    sketches = RMinHash.from_token_sets([_grams(forms[at]) for at in positions], PERMUTATIONS, SEED)
    index = RMinHashLSH(0.6, PERMUTATIONS, BANDS)
    index.insert_many(sketches)
    best: dict[int, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for here, sketch in enumerate(sketches):
        for there in sorted(index.query(sketch)):
            if there >= here:
                continue
            score = ratio(forms[positions[there]], forms[positions[here]], score_cutoff=SIMILAR)
            if score > best[here][0]:
                best[here] = (score, there)
    for here, (score, there) in sorted(best.items()):
        if score:
            yield Pair(positions[there], positions[here], score)


def _grams(form: str) -> list[str]:
    return [form[at : at + GRAM] for at in range(len(form) - GRAM + 1)]
