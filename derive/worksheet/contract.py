"""What every format writes and reads: a worksheet as it goes out, and the rows that come back.

The law of each format: the cells it reads are, column by column, the texts that were written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.findings import Finding
from derive.locales import LocalePack
from derive.text import has_lone_surrogate
from derive.worksheet.columns import SHEETS, Column, columns_of

SCHEMA = "1"  # of what a worksheet's columns mean; a reader refuses a newer one


@dataclass(frozen=True, slots=True)
class Offer:
    """What the locale has for one mark of an item: surface and slot, why, and the counterparts."""

    surface: str
    slot: str
    reason: str
    counterparts: tuple[str, ...]


@dataclass(frozen=True)
class Worksheet:
    """Units by sheet, in the order they are shown, and what identifies them as ours.

    id: of this worksheet; the same content has the same.  meta: schema, project, locale, role,
    worksheet, dataset, version, release, form, person.  marks: by item and field
    ("prompt_pivot" …), (start, end) of the spans to highlight.  offers: by item.
    A unit is a row of the schema `unit`: column name to text, level or None.
    """

    id: str
    units: Mapping[str, Sequence[Mapping[str, Any]]]
    meta: Mapping[str, str]
    marks: Mapping[tuple[str, str], Sequence[tuple[int, int]]] = field(default_factory=dict)
    offers: Mapping[str, Sequence[Offer]] = field(default_factory=dict)

    def sheets(self) -> list[str]:
        """The sheets that hold units."""
        return [sheet for sheet in SHEETS if self.units.get(sheet)]

    def columns(self, sheet: str) -> list[Column]:
        """The sheet's columns: those that hold something in it, and those it always has."""
        return [
            column
            for column in columns_of(sheet)
            if not column.optional or any(unit.get(column.name) for unit in self.units[sheet])
        ]

    def cells(self, sheet: str) -> list[dict[str, str]]:
        """The sheet's rows as texts, by column: what every format writes and gives back.

        Raises DeriveError if a text holds half a surrogate pair, which no file can carry.
        """
        names = [column.name for column in self.columns(sheet)]
        rows = [{name: cell(unit, name) for name in names} for unit in self.units[sheet]]
        for row in rows:
            _refuse_half_characters(row)
        return rows


def _refuse_half_characters(row: Mapping[str, str]) -> None:
    for name, text in row.items():
        if not text.isascii() and has_lone_surrogate(text):
            raise DeriveError(
                "The text holds half a character (a lone surrogate)",
                where=f"{row['key']}, {name}",
                fix="restore the character in the release or the draft",
            )


def cell(unit: Mapping[str, Any], name: str) -> str:
    """The text of a unit's column; None is the empty text."""
    value = unit.get(name)
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Row:
    """One row that came back.

    sheet, row: where, as people see and count it; row 0 where a format has none.
    cells: machine name to text, for the columns that were there.
    odd: machine name to what stands there instead of a text ("the number 7.0"): its text in
    `cells` is what the program shows, and is not to be trusted.
    """

    sheet: str
    row: int
    cells: Mapping[str, str]
    odd: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Returned:
    """A file that came back: what it says of itself (empty if that got lost), and its rows."""

    meta: Mapping[str, str]
    rows: Sequence[Row]
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class Looks:
    """How a worksheet is shown to people.

    pack: labels, sheet names, direction of the target's locale, English filled in.
    guides: sheet name to text, the target's language first.
    comments: (key, column) to what stands at that cell in a copy sent back to its sender.
    """

    pack: LocalePack
    guides: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """A format's writer and reader.

    files: for a worksheet, how each file's name ends, and what writes it to a path.
    knows: whether a file's content (its first 64 KiB) and name look like this format's.
    read: a file's bytes and name to its rows; raises DeriveError if it cannot be read.
    left_out: a finding `cell-unfit` for each unit that the format cannot hold; `files` leaves
    those units out.
    """

    name: str
    files: Callable[[Worksheet, Looks], dict[str, Callable[[Path], None]]]
    knows: Callable[[bytes, str], bool]
    read: Callable[[bytes, str], Returned]
    left_out: Callable[[Worksheet], list[Finding]] = lambda worksheet: []
