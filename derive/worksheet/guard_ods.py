"""What is refused of an OpenDocument sheet: macros, links to elsewhere, repetition without end.

In ODF a cell or a row says how often it is repeated, and a space too. LibreOffice ends every sheet
with a million repeated empty rows, which cost nothing. What costs is whatever has content after it,
in the same row or further down, and calamine lays it all out when it opens the file.
"""

from __future__ import annotations

import re

from derive.errors import DeriveError
from derive.worksheet.markup import Visitor
from derive.worksheet.refusals import (
    COLUMNS,
    MAX_CELLS,
    MAX_LETTERS,
    ROWS,
    damaged,
    is_live,
    links,
    locked,
    macros,
    overgrown,
    too_much_text,
)

_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//|\.\./", re.IGNORECASE)
_LINK_TAGS = frozenset(
    {
        "cell-range-source",
        "database-source-query",
        "database-source-sql",
        "database-source-table",
        "dde-connection-decl",
        "dde-link",
        "dde-source",
        "table-source",
    }
)
_HARMLESS = frozenset({"a", "template"})  # an address people typed; what the file was made from
CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
_CONTENT = frozenset(
    {
        "office:boolean-value",
        "office:date-value",
        "office:string-value",
        "office:time-value",
        "office:value",
        "office:value-type",
        "table:formula",
    }
)


def repeated(value: str | None, most: int) -> int:
    """How often; what no program writes counts as the most there can be."""
    if value is None:
        return 1
    value = value.strip()
    if not value.isdecimal():
        return most
    return min(max(int(value[:9]), 1), most) if len(value) < 10 else most


class Spreadsheet(Visitor):
    """Looks at every XML part of an ODF file in turn; `part` says which comes next.

    What is counted must be no less than what calamine finds. Like calamine it therefore goes by
    the usual prefixes here, and takes nothing inside a cell for a row or a table.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._area = self._laid_out = self._letters = 0
        self._rows = self._columns = 0
        self._row = self._row_repeats = 0
        self._table = ""
        self._new_table()

    def part(self, name: str) -> None:
        """The next part begins."""
        super().part(name)
        self._new_table()

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._cell:
            if tag == "text:s":
                self._count(repeated(attributes.get("text:c"), MAX_LETTERS + 1))
            elif tag in CELLS or tag in ("table:table", "table:table-row"):
                raise damaged("there is a table inside a cell", self._place())
        elif tag in CELLS:
            self._start_cell(attributes)
        elif tag == "table:table-row":
            self._row += self._row_repeats
            self._row_repeats = repeated(attributes.get("table:number-rows-repeated"), ROWS)
            self._column = self._repeats = 0
        elif tag == "table:table":
            self._new_table()
            self._table = attributes.get("table:name", "")
        self._other(tag.rpartition(":")[2], attributes)

    def closed(self, tag: str) -> None:
        """An element ends."""
        if tag in CELLS:
            self._cell = False
            if self._filled:
                self._measure()

    def text(self, data: str) -> None:
        """Some text."""
        if self._cell:
            self._count(len(data))

    def _new_table(self) -> None:
        self._area += self._rows * self._columns
        self._rows = self._columns = 0
        self._row = self._row_repeats = 0
        self._column = self._repeats = 0
        self._cell = self._filled = False

    def _start_cell(self, attributes: dict[str, str]) -> None:
        # what stood before in this row is laid out now, empty or not
        self._column += self._repeats
        self._laid_out += self._repeats
        if self._laid_out > MAX_CELLS:
            raise self._too_many()
        self._repeats = repeated(attributes.get("table:number-columns-repeated"), COLUMNS)
        self._cell = True
        self._filled = False
        for key, value in attributes.items():
            if key == "table:formula" and is_live(value):
                raise links(self._place())
            if key in _CONTENT:
                self._filled = True
                self._count(len(value))

    def _count(self, letters: int) -> None:
        self._letters += letters * self._repeats * max(self._row_repeats, 1)
        if self._letters > MAX_LETTERS:
            raise too_much_text(self._place())

    def _measure(self) -> None:
        self._rows = max(self._rows, self._row + self._row_repeats)
        self._columns = max(self._columns, self._column + self._repeats)
        if self._area + self._rows * self._columns > MAX_CELLS:
            raise self._too_many()

    def _too_many(self) -> DeriveError:
        return overgrown(
            f"The table reaches to row {self._row + self._row_repeats:,} and column "
            f"{self._column + self._repeats:,}, which makes more than {MAX_CELLS:,} cells with "
            "those before",
            self._place(),
        )

    def _place(self) -> str:
        return f"{self.name}, sheet {self._table}" if self._table else self.where

    def _other(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "encryption-data":
            raise locked(self.where)
        if tag in ("event-listener", "script"):
            raise macros(self.where)
        if tag in _LINK_TAGS:
            raise links(self.where)
        href = attributes.get("xlink:href")
        if href and tag not in _HARMLESS and _OUTSIDE.match(href.strip()):
            raise links(self.where)


def refuse_parts(names: list[str], name: str) -> None:
    """Refuse by the names of the parts alone."""
    for part in names:
        path = part.replace("\\", "/").lower()
        if path == "encrypted-package":
            raise locked(name)
        if path.startswith(("basic/", "scripts/", "dialogs/")):
            raise macros(f"{name}/{part}")
