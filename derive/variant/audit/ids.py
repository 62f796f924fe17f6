"""IDs as they come back from spreadsheets and people: which of the release's was meant, and how
it was changed."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation

TYPO = 2  # characters; IDs of fewer than eight may have one wrong
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u00ad_]")
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'\"]")
_POWER = re.compile(r"\d(?:[.,](?P<digits>\d+))?E\+?\d+", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?(?:E\+?\d{1,2})?", re.IGNORECASE)


class IdIndex:
    """The release's IDs, found again in the forms that programs and people make of them."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = places
        self._loose: defaultdict[str, list[str]] = defaultdict(list)
        self._numbers: defaultdict[Decimal, list[str]] = defaultdict(list)
        for identifier in places:
            self._loose[_loose(identifier)].append(identifier)
            if (number := _number(identifier)) is not None:
                self._numbers[number].append(identifier)
        self.plain_numbers = len(self._numbers) > len(places) / 2

    def __contains__(self, written: str) -> bool:
        return written in self._places

    def meant(self, written: str) -> tuple[str, str] | None:
        """(the ID that was meant, how it was changed), if that can be told."""
        for found, how in (
            (self._loose.get(_loose(written), ()), _look(written)),
            (self._by_number(written), _digits(written)),
        ):
            if len(found) == 1:
                return found[0], how
        return None

    def _by_number(self, written: str) -> list[str]:
        number = _number(written.strip())
        if number is None:
            return []
        power = _POWER.fullmatch(written.strip())
        if number in self._numbers or not power:
            return self._numbers.get(number, [])
        digits = len(power["digits"] or "")  # 1e+06 may be any number that rounds to it
        return [
            identifier
            for one, identifiers in self._numbers.items()
            if Decimal(f"{one:.{digits}E}") == number
            for identifier in identifiers
        ]

    def near(self, written: str, free: Collection[str]) -> str | None:
        """The only ID not in use that a typing error away from what is written."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = TYPO if len(written) >= 8 else 1
        found = process.extract(
            _loose(written),
            {one: _loose(one) for one in sorted(free)},
            scorer=OSA.distance,
            score_cutoff=most,
            limit=2,
        )
        best = [one for one in found if one[1] == found[0][1]]
        return str(best[0][2]) if len(best) == 1 else None

    def share(self, values: Iterable[str]) -> float:
        """The share of the values that are IDs of the release, changed or not."""
        told = [value in self or self.meant(value) is not None for value in values]
        return sum(told) / len(told) if told else 0.0


def _loose(identifier: str) -> str:
    form = unicodedata.normalize("NFKC", identifier)
    return _DASHES.sub("-", _UNSEEN.sub("", form)).casefold()


def _number(identifier: str) -> Decimal | None:
    form = unicodedata.normalize("NFKC", identifier)
    if not _NUMBER.fullmatch(form):
        return None
    try:
        return Decimal(form.replace(",", "."))
    except InvalidOperation:
        return None


def _look(written: str) -> str:
    blanks = _UNSEEN.sub("", written) != written
    return "blanks or quotes were added" if blanks else "letters or dashes were changed"


def _digits(written: str) -> str:
    if written.strip().isdecimal():
        return "leading zeros were cut"
    return "a spreadsheet made a number of it"
