"""The numbers of a source that a translation holds in no form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import chain

from derive.compare import numbers_lost
from derive.languages import territory
from derive.text import numbers
from derive.words import spaced

_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f\u066b\u066c]\d+)*")
_SPACED_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?:[.,]\d{1,9})?(?!\d)")
_ROMAN = re.compile(r"\b[IVXLC]{1,7}\b")
_DECADE = re.compile(r"\d\d(\d0)['’]?s\b")
_CHINESE = "〇零一二三四五六七八九十百千万萬億亿兆"
_MYRIADS = re.compile(
    rf"(?<![\d.,])(?:[\d.,]*[{_CHINESE}][\d.,{_CHINESE}]*|\d[\d.,]*[십백천만억조][\d.,십백천만억조]*)"
)
# words for large numbers are from CLDR, in _scales
_HANGUL = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12}
_LATIN_NUMERALS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ERAS = {"TH": 543}  # years of the Buddhist era, the civil calendar there
SPELT = {"10", "11", "12", "100", "1000"}  # one short word in most languages


def numbers_gone(source: str, text: str, target: str) -> dict[str, str | None]:
    """The numbers of the source that the text does not hold in any form, and how bad it is: None
    for the usual severity, warning and note for numbers that are often spelt out, rightly.

    Forms are: other digits, other marks of thousands, words and letters for large numbers (5
    million, 500万, 50 লাখ), Chinese and Roman numerals, decades (the 1990s, anos 90), and years of
    the target region's calendar.
    """
    if not numbers_lost(source, text):
        return {}
    there = set(chain.from_iterable(_forms(text, target))) | _other_forms(text, target)
    decades = {one[0][:4]: one[1] for one in _DECADE.finditer(source)}
    found: dict[str, str | None] = {}
    for forms in _forms(source, "en"):
        plain = forms[0]
        if not there.intersection(forms) and decades.get(plain) not in there:
            few = len(plain) == 1
            found[plain] = "note" if few else "warning" if plain in SPELT else None
    return found


def _forms(text: str, tag: str) -> Iterator[tuple[str, ...]]:
    """Each number written with digits: as it stands, and with what multiplies it."""
    before, after = _scales(tag)
    runs = [(one.start(), one.end(), _value(one[0])) for one in _MYRIADS.finditer(text)]
    for match in _NUMBER.finditer(text):
        plain = _plain(match[0])
        behind = text[match.end() : match.end() + 20].lstrip().casefold()
        ahead = text[max(0, match.start() - 20) : match.start()].rstrip().casefold()
        powers = [power for word, power in after if _starts(behind, word)][:1]
        powers += [power for word, power in before if ahead.endswith(word)][:1]
        larger = [_short(Decimal(plain).scaleb(power)) for power in powers]
        yield plain, *larger, *(value for begin, end, value in runs if begin <= match.start() < end)


def _other_forms(text: str, tag: str) -> set[str]:
    """Numbers in Chinese and Roman numerals, with blanks inside, and the other era's years."""
    found = {_value(one[0]) for one in _MYRIADS.finditer(text)}
    found |= {_plain(one[0].replace(" ", "")) for one in _SPACED_NUMBER.finditer(text)}
    for one in _ROMAN.finditer(text):
        digits = [_LATIN_NUMERALS[char] for char in one[0]]
        signed = zip(digits, [*digits[1:], 0], strict=True)
        found.add(str(sum(-digit if digit < later else digit for digit, later in signed)))
    years = map(_plain, re.findall(r"\d{4}", text))
    return found | {str(int(year) - _ERAS.get(territory(tag), 0)) for year in years}


def _value(run: str) -> str:
    """The value of Chinese numerals, mixed with digits as in 1億2000万."""
    total = section = Decimal(0)
    number: Decimal | None = None
    for token in re.findall(r"\d+(?:[.,]\d+)*|[^.,]", run):
        if token[0].isdecimal():
            number = Decimal(_plain(token))
            continue
        value = Decimal(_HANGUL.get(token) or int(unicodedata.numeric(token)))
        if value < 10:  # 二〇二三
            number = value if number is None else number * 10 + value
        elif value < 10**4:
            section += value * (1 if number is None else number)
            number = None
        else:
            total += value * ((section + (number or 0)) or 1)
            section, number = Decimal(0), None
    return _short(total + section + (number or 0))


def _plain(number: str) -> str:
    """A number as `derive.text.numbers` writes it, without zeros that say nothing."""
    return _short(next(numbers(number.replace("\u066c", ",").replace("\u066b", "."))))


def _short(number: str | Decimal) -> str:
    written = number if isinstance(number, str) else f"{number:f}"
    whole, _, part = written.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + ("." + part if part else "")


def _starts(text: str, word: str) -> bool:
    """Whether the text begins with the word, or a longer form of it (millions)."""
    after = text[len(word) : len(word) + 1]
    return text.startswith(word) and (len(word) > 3 or not (after.isalpha() and spaced(after)))


@cache
def _scales(tag: str) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """CLDR's words for large numbers, longest first, with their power of ten: those that stand
    before a number (Swahili elfu), and those behind it."""
    from babel import Locale, UnknownLocaleError

    try:
        forms = Locale.parse(tag, sep="-").compact_decimal_formats
    except (UnknownLocaleError, ValueError):
        return [], []
    before: set[tuple[str, int]] = set()
    after: set[tuple[str, int]] = set()
    for by_count in chain.from_iterable(one.values() for one in forms.values()):
        for key, form in by_count.items():
            pattern = form.pattern.partition(";")[0].replace("'", "")
            word = pattern.replace("0", "").strip().casefold()
            if word and "0" in pattern:
                where = after if pattern.startswith("0") else before
                where.add((word, len(key) - pattern.count("0")))
    ordered = [sorted(one, key=lambda pair: (-len(pair[0]), pair)) for one in (before, after)]
    return ordered[0], ordered[1]
