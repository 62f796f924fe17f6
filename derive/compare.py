"""What a translation is compared with its source by, without a reference: length, end, loops.

The bounds of the length are those of Okapi CheckMate (45 to 200 % of the source; 30 to 350 % up to
20 characters), with combining marks not counted and a wide character (East Asian) counted as 2.5:
so measured, at most 2 of 315 of MultiJail's human translations into each of nine languages lie
outside. A repetition is, as OpusFilter has it, three times the same in a row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from unicodedata import category, east_asian_width

from derive.text import comparable, numbers
from derive.words import Text, read, weight

_SHORT_LOOP = re.compile(r"(.{3,8}?)\1\1", re.DOTALL)
LONGEST = 1000  # characters of what is looked for three times
LEAST = 60  # characters of a text that can say anything over and over
OFTEN, SHARE = 4, 0.1  # times, and of all runs, from which one is too frequent
_END = re.compile(r"[.!?…。！？؟۔।॥։።។။:;,]['\"”’»）)\]]*\s*$")
WIDE = 2.5


def loop(text: str, source: str = "", twice: int = 0) -> str:
    """What the text says three times in a row, if its source does no such thing; else empty.

    twice: letters (see words.weight) from which saying it twice is enough; 0 for never.
    """
    said = _repeated(_evenly(text), twice) if _says_again(text) else ""
    return said.strip() if said and not (source and _repeated(_evenly(source), twice)) else ""


def _evenly(text: str) -> str:
    """With one blank between words and one at both ends: the last of three may have none."""
    return f" {' '.join(text.split())} "


def _says_again(text: str) -> bool:
    """Whether any six characters in a row come twice: without that there is no loop."""
    return len({text[at : at + 6] for at in range(len(text) - 5)}) < len(text) - 5


def _repeated(text: str, twice: int) -> str:
    for said, times in _repetitions(text):
        if (times >= 3 or (twice and weight(said) >= twice)) and comparable(said):
            return said
    return ""


def _repetitions(text: str) -> Iterator[tuple[str, int]]:
    """What of three or more characters stands in a row how many times, two or more."""
    for match in _SHORT_LOOP.finditer(text):
        yield match[1], 3
    # one of nine letters lies in the first of the row; all of it, if it is the whole text
    for anchor in (1, *range(0, len(text) - 8, 9)):
        nine, at = text[anchor : anchor + 9], anchor
        if not any(map(str.isalnum, nine)):
            continue
        while (at := text.find(nine, at + 1, anchor + LONGEST)) > 0:
            period = at - anchor
            begin, end = _periodic(text, anchor, period)
            if end - begin >= 2 * period:
                yield text[begin : begin + period], (end - begin) // period


def _periodic(text: str, anchor: int, period: int) -> tuple[int, int]:
    """From where to where around the anchor a text repeats itself after so many characters."""
    begin = end = anchor
    while begin and text[begin - 1] == text[begin - 1 + period]:
        begin -= 1
    while end + period < len(text) and text[end] == text[end + period]:
        end += 1
    return begin, end + period


def crowded(text: str, source: str) -> str:
    """What a text says over and over, though not in a row, and its source does not; else empty.

    Looked at are runs of three words, or of six letters in a script without blanks.
    """
    if len(text) < LEAST:
        return ""
    times, of, said = _most_frequent(read(text))
    if times < max(OFTEN, SHARE * of):
        return ""
    return "" if 2 * _most_frequent(read(source))[0] > times else said


def _most_frequent(text: Text) -> tuple[int, int, str]:
    """How often the most frequent run occurs, of how many runs, and the run."""
    words, letters = text.words, text.letters
    size, least, blank = (3, 12, " ") if len(words) * 3 > len(letters) else (6, 40, "")
    parts = words if blank else letters
    # a run of three parts or more that comes three times leaves at most len - 4 different parts,
    # and one that comes twice decides nothing (see crowded)
    if len(parts) < least or len(set(parts)) > len(parts) - OFTEN:
        return 0, 0, ""
    runs = Counter(parts[at : at + size] for at in range(len(parts) - size + 1))
    run, times = max(runs.items(), key=lambda pair: pair[1])
    # a word has about four letters of a script without blanks
    return times, runs.total() // (1 if blank else 4), blank.join(run)


def unusual_length(source: str, text: str) -> str | None:
    """What is unusual about a text's length beside its source's, in words; None if nothing is."""
    length = size(source)
    share = 100 * size(text) / max(length, 1.0)
    low, high = (30, 350) if length <= 20 else (45, 200)
    if low <= share <= high:
        return None
    return f"{share:.0f} % of the source's length, {low} to {high} usual"


def end_lost(source: str, text: str) -> bool:
    """Whether the source ends with punctuation and the text does not."""
    return bool(_END.search(source)) and not _END.search(text)


def numbers_lost(source: str, text: str) -> list[str]:
    """The numbers of the source that the text does not hold as often."""
    wanted = list(numbers(source))
    return sorted(Counter(wanted) - Counter(numbers(text))) if wanted else []


def size(text: str) -> float:
    """A text's length: combining marks do not count, a wide character counts as WIDE."""
    if text.isascii():
        return float(len(text.strip()))
    return sum(map(_width, text.strip()))


@cache
def _width(char: str) -> float:
    if category(char).startswith("M"):
        return 0.0
    return WIDE if east_asian_width(char) in "WF" else 1.0
