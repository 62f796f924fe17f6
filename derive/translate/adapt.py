"""Counterparts put into the pivot before translation, so that the grammar comes out right.

"Call the NTA" becomes "Call the Federal Revenue Service" and is then translated. People get the
result beside the plain draft, and are told which swaps were made. Where a swap might make nonsense,
or change the attribute under test, the plain words stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from derive.pack_rules import NEVER_SWAPPED

_AMOUNT = re.compile(r"\d[\d,.]*(?:\s?(?:thousand|million|billion|trillion))?")
_SCALE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_AMOUNT_BEFORE = re.compile(rf"(?:{_AMOUNT.pattern})[\s-]*$")
# 30,000 to 50,000 yen: both ends are of one amount
_RANGE_BEFORE = re.compile(r"\d\S*\s*(?:-|–|—|~|to|and|or)\s*$")
_RANGE_AFTER = re.compile(r"\s*(?:-|–|—|~|to|and|or)\s*[^\w\s]?\d")
# where people are from may be the attribute under test: a person decides whether it is swapped
_PEOPLE = (
    r"(?:people|persons?|m[ae]n|wom[ae]n|boys?|girls?|guys?|folks?|natives?|residents?|locals?)"
)
_PEOPLE_OF = re.compile(
    rf"\b(?:(?:{_PEOPLE}|someone|anyone|born) (?:from|of)|(?:people|men|women) in) (?:the )?$",
    re.IGNORECASE,
)
_OF_PEOPLE = re.compile(rf"(?:\s|-)(?:{_PEOPLE}|born|dialect|accent)\b", re.IGNORECASE)
_ADDRESS_BEFORE = re.compile(r"\d-\d[\d-]*,?\s*$")
_ARTICLE = re.compile(r"\b(the|an|a)\s+$", re.IGNORECASE)
_VOWEL = re.compile(r"(?!uni|use|eu|one\b)[aeiou]", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d-]*")
Mark = Mapping[str, Any]


@dataclass(frozen=True)
class Offers:
    """What a locale has to put in the place of marks.

    counterparts: rows of counterparts.csv, best first. money: the pack's, may be empty.
    currency: ISO 4217 of the source culture.
    """

    counterparts: Sequence[Mapping[str, str]] = ()
    money: Mapping[str, Any] | None = None
    currency: str = ""

    def english(self, mark: Mark) -> str:
        """The English form of what the locale has for a mark; empty if a person must decide."""
        if mark["slot"] in NEVER_SWAPPED:
            return ""
        surface = mark["surface"]
        if _is_sum(mark, self.currency):  # yen without a number may be the currency itself
            return self._amount(surface)
        # what fits a whole slot is an offer for people: any company is not any other
        of_entry = (row["english"] for row in self.counterparts if row["entry"] == mark["entry"])
        english = next(filter(None, of_entry), "")
        if english.isdigit():  # dialling 110: the number is swapped, the verb is not
            return _NUMBER.sub(english, surface, count=1)
        several = surface.endswith("s") and not surface.endswith("ss")
        return "" if several and not mark["entry"].endswith("s") else english

    def _amount(self, surface: str) -> str:
        """A round amount in the locale's money, to one significant digit; empty for others."""
        if not self.money or self.currency not in self.money["rates"]:
            return ""
        found = _AMOUNT.search(surface)
        # 300 man yen: a word between number and currency may be a scale that is not known here
        plain = found and len(surface[found.end() :].split()) <= 1
        amount = _value(found[0]) if found and plain else None
        if not amount or len(f"{amount:f}".rstrip("0").rstrip(".").rstrip("0")) > 2:
            return ""
        own = float(f"{amount * self.money['rates'][self.currency]:.0e}")
        shown = f"{own:,.0f}" if own >= 1 else f"{own:g}"
        return f"{shown} {self.money['english']}"


def adapt(text: str, marks: Sequence[Mark], offers: Offers) -> tuple[str, list[str]]:
    """The text with every swap that can be made, and what was put for what, in order.

    marks: rows of the table `marks` in this text; where two overlap the first one holds.
    """
    parts: list[str] = []
    swaps: list[str] = []
    at = 0
    for mark, english in _wanted(text, marks, offers):
        if mark["start"] < at:
            continue
        before, fitted = _fit(text[at : mark["start"]], english, first=not text[: mark["start"]])
        parts += [before, fitted]
        at = mark["end"]
        swaps.append(f"{mark['surface']} → {english}")
    return "".join([*parts, text[at:]]), list(dict.fromkeys(swaps))


def _wanted(text: str, marks: Sequence[Mark], offers: Offers) -> list[tuple[Mark, str]]:
    """The marks that are swapped, in order, and for what."""
    widened = (_with_amount(text, mark) for mark in marks)
    ordered = sorted(widened, key=lambda one: (one["start"], -one["end"]))
    sums = [mark for mark in ordered if _is_sum(mark, offers.currency)]
    # sums are compared with each other: all of them are converted, or none
    converted = all(offers.english(one) and not _in_range(text, one) for one in sums)
    return [
        (mark, english)
        for at, mark in enumerate(ordered)
        if (english := offers.english(mark))
        and english.casefold() != mark["surface"].casefold()
        and (converted or mark not in sums)
        and not (mark["slot"] == "place" and _stays(text, mark, ordered, at))
    ]


def _is_sum(mark: Mark, currency: str) -> bool:
    """Whether a mark is an amount of money or names the currency."""
    if mark["slot"] != "money":
        return False
    surface = mark["surface"].casefold()
    return bool(_AMOUNT.search(surface)) or surface.split()[-1] in (
        _unit(currency),
        currency.lower(),
    )


def _in_range(text: str, mark: Mark) -> bool:
    before, after = text[: mark["start"]], text[mark["end"] :]
    return bool(_RANGE_BEFORE.search(before) or _RANGE_AFTER.match(after))


def _stays(text: str, mark: Mark, marks: Sequence[Mark], at: int) -> bool:
    """Whether a place is of people, or part of an address or of a larger place: Osaka, Japan."""
    before, after = text[: mark["start"]], text[mark["end"] :]
    if _PEOPLE_OF.search(before) or _OF_PEOPLE.match(after) or _ADDRESS_BEFORE.search(before):
        return True
    ends = [one["end"] for one in marks[:at] if one["slot"] == "place"]
    starts = [one["start"] for one in marks[at + 1 :] if one["slot"] == "place"]
    gaps = [text[end : mark["start"]] for end in ends] + [text[mark["end"] : one] for one in starts]
    return any(gap in (" ", ",", ", ") for gap in gaps)


def _with_amount(text: str, mark: Mark) -> Mark:
    """A mark of money takes the number before it: 5,000 yen are not 5,000 of another currency."""
    before = _AMOUNT_BEFORE.search(text[: mark["start"]])
    if mark["slot"] != "money" or not before or _AMOUNT.search(mark["surface"]):
        return mark
    return {**mark, "start": before.start(), "surface": text[before.start() : mark["end"]]}


@lru_cache
def _unit(currency: str) -> str:
    """What a currency is called in short, by CLDR: yen."""
    from babel.numbers import get_currency_name

    return get_currency_name(currency, locale="en").split()[-1].casefold() if currency else ""


def _fit(before: str, english: str, *, first: bool) -> tuple[str, str]:
    """One article is enough, `a` becomes `an`, and a text begins with a capital."""
    article = _ARTICLE.search(before)
    if article and article[1].lower() in ("a", "an"):
        english = re.sub(r"^(?:the|an?) ", "", english, flags=re.IGNORECASE)
        right = "an" if _VOWEL.match(english) else "a"
        right = right.capitalize() if article[1][0].isupper() else right
        before = before[: article.start(1)] + right + before[article.end(1) :]
    elif article and english.lower().startswith(("the ", "a ", "an ")):
        before = before[: article.start()]
        first = first or not before
    if first or re.search(r"[.!?]\s+$", before):
        english = english[:1].upper() + english[1:]
    return before, english


def _value(written: str) -> float | None:
    number, _, scale = written.partition(" ") if " " in written else (written, "", "")
    try:
        return float(number.rstrip(",.").replace(",", "")) * _SCALE.get(scale, 1)
    except ValueError:
        return None
