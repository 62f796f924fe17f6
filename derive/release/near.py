"""Texts that may be nearly equal: MinHash sketches, and an index of them that cannot be crowded.

Sketches are taken of the character 5-grams of comparable forms (Broder 1997; rensa's
implementation), which works without word boundaries too. Whether two texts that meet in the index
are alike is for the caller to confirm, with the normalised Indel similarity (rapidfuzz's ratio).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

GRAM = 5
PERMUTATIONS = 96
BANDS = 24  # 4 rows a band: two texts of Jaccard 0.6 meet with a probability of 0.96
SIMILAR = 90.0  # rapidfuzz ratio from which two prompts are called near-duplicates
SHORTEST = 15  # comparable characters; shorter prompts are alike by chance
SEED = 42
BATCH = 2000  # texts sketched at once: their 5-grams take much memory
CROWD = 500  # near ones of a text beyond which it is not indexed: variations of one template


def sketches(forms: Iterable[str]) -> dict[str, Any]:
    """The MinHash of each form that is long enough to be like another by more than chance."""
    from rensa import RMinHash

    long = sorted({form for form in forms if len(form) >= SHORTEST})
    found: dict[str, Any] = {}
    for at in range(0, len(long), BATCH):
        some = long[at : at + BATCH]
        grams = [_grams(form) for form in some]
        found |= zip(some, RMinHash.from_token_sets(grams, PERMUTATIONS, SEED), strict=True)
    return found


def _grams(form: str) -> list[str]:
    return [form[at : at + GRAM] for at in range(len(form) - GRAM + 1)]


def index() -> Any:
    """An empty index: insert(number, sketch), query(sketch) to the numbers of those near it."""
    from rensa import RMinHashLSH

    return RMinHashLSH(0.6, PERMUTATIONS, BANDS)
