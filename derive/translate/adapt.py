"""Counterparts put into the pivot before translation, so that the grammar comes out right.

"Call the NTA" becomes "Call the Federal Revenue Service" and is then translated. People get the
result beside the plain draft, and are told which swaps were made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive.pack_rules import NEVER_SWAPPED

_AMOUNT = re.compile(r"\d[\d,.]*(?:\s?(?:thousand|million|billion|trillion))?")
_SCALE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_AMOUNT_BEFORE = re.compile(rf"(?:{_AMOUNT.pattern})[\s-]*$")
# where people are from may be the attribute under test: a person decides whether it is swapped
_PEOPLE_OF = re.compile(
    r"\b(?:people|men|women|boys|girls|folks?|natives?|residents|locals|those|(?:some|any)one|born)"
    r"\s+(?:from|of|in)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(the|an|a)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class Offers:
    """What a locale has to put in the place of marks.

    counterparts: rows of counterparts.csv, best first. money: the pack's, may be empty.
    currency: ISO 4217 of the source culture.
    """

    counterparts: Sequence[Mapping[str, str]] = ()
    money: Mapping[str, Any] | None = None
    currency: str = ""

    def english(self, mark: Mapping[str, Any]) -> str:
        """The English form of what the locale has for a mark; empty if a person must decide."""
        if mark["slot"] in NEVER_SWAPPED:
            return ""
        if mark["slot"] == "money" and _AMOUNT.search(mark["surface"]):
            return self._amount(mark["surface"])
        # what fits a whole slot is an offer for people: any company is not any other
        for row in self.counterparts:
            if row["entry"] == mark["entry"] and row["english"]:
                return row["english"]
        return ""

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


def adapt(text: str, marks: Sequence[Mapping[str, Any]], offers: Offers) -> tuple[str, list[str]]:
    """The text with every swap that can be made, and what was put for what, in order.

    marks: rows of the table `marks` in this text; where two overlap the first one holds.
    """
    parts: list[str] = []
    swaps: list[str] = []
    at = 0
    widened = [_with_amount(text, mark) for mark in marks]
    for mark in sorted(widened, key=lambda one: (one["start"], -one["end"])):
        english = offers.english(mark) if mark["start"] >= at else ""
        of_people = mark["slot"] == "place" and _PEOPLE_OF.search(text[: mark["start"]])
        if not english or of_people or english.casefold() == mark["surface"].casefold():
            continue
        before, fitted = _fit(text[at : mark["start"]], english, first=not text[: mark["start"]])
        parts += [before, fitted]
        at = mark["end"]
        swaps.append(f"{mark['surface']} → {english}")
    return "".join([*parts, text[at:]]), list(dict.fromkeys(swaps))


def _with_amount(text: str, mark: Mapping[str, Any]) -> Mapping[str, Any]:
    """A mark of money takes the number before it: 5,000 yen are not 5,000 of another currency."""
    before = _AMOUNT_BEFORE.search(text[: mark["start"]])
    if mark["slot"] != "money" or not before or _AMOUNT.search(mark["surface"]):
        return mark
    return {**mark, "start": before.start(), "surface": text[before.start() : mark["end"]]}


def _fit(before: str, english: str, *, first: bool) -> tuple[str, str]:
    """One article is enough, `a` becomes `an`, and a text begins with a capital."""
    article = _ARTICLE.search(before)
    if article and english.lower().startswith(("the ", "a ", "an ")):
        before = before[: article.start()]
        first = first or not before
    elif article and article[1].lower() in ("a", "an"):
        right = "an" if english[:1].lower() in "aeiou" else "a"
        right = right.capitalize() if article[1][0].isupper() else right
        before = before[: article.start(1)] + right + before[article.end(1) :]
    if first or re.search(r"[.!?]\s+$", before):
        english = english[:1].upper() + english[1:]
    return before, english


def _value(written: str) -> float | None:
    number, _, scale = written.partition(" ") if " " in written else (written, "", "")
    try:
        return float(number.rstrip(",.").replace(",", "")) * _SCALE.get(scale, 1)
    except ValueError:
        return None
