"""What a translation is compared with its source by, without a reference: length, end, loops.

The bounds of the length are those of Okapi CheckMate (45 to 200 % of the source; 30 to 350 % up to
20 characters), with combining marks not counted and a wide character (East Asian) counted as 2.5:
so measured, at most 2 of 315 of MultiJail's human translations into each of nine languages lie
outside. The repetition is OpusFilter's: three times the same 3 to 100 characters in a row.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from unicodedata import category, east_asian_width

from derive.text import numbers

_REPEATED = re.compile(r"(.{3,100}?)\1\1", re.DOTALL)
_RULE = re.compile(r"[\W_]+")  # a line of dashes or dots is no loop
_END = re.compile(r"[.!?…。！？؟۔।॥։።។။:;,]['\"”’»）)\]]*\s*$")
WIDE = 2.5


def loop(text: str, source: str = "") -> str | None:
    """What the text says three times in a row, if its source does no such thing."""
    # three times 3 characters or more: some 6 in a row come twice, which is soon seen
    if len({text[at : at + 6] for at in range(len(text) - 5)}) >= len(text) - 5:
        return None
    found = next((one[1] for one in _REPEATED.finditer(text) if not _RULE.fullmatch(one[1])), None)
    return found if found and not (source and loop(source)) else None


def unusual_length(source: str, text: str) -> str | None:
    """What is unusual about a text's length beside its source's, in words; None if nothing is."""
    size = _size(source)
    share = 100 * _size(text) / max(size, 1.0)
    low, high = (30, 350) if size <= 20 else (45, 200)
    if low <= share <= high:
        return None
    return f"{share:.0f} % of the source's length, {low} to {high} usual"


def end_lost(source: str, text: str) -> bool:
    """Whether the source ends with punctuation and the text does not."""
    return bool(_END.search(source)) and not _END.search(text)


def numbers_lost(source: str, text: str) -> list[str]:
    """The numbers of the source that the text does not hold as often."""
    wanted = Counter(numbers(source))
    return sorted(wanted - Counter(numbers(text))) if wanted else []


def _size(text: str) -> float:
    if text.isascii():
        return float(len(text.strip()))
    return sum(map(_width, text.strip()))


@cache
def _width(char: str) -> float:
    if category(char).startswith("M"):
        return 0.0
    return WIDE if east_asian_width(char) in "WF" else 1.0
