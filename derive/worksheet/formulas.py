"""Which cells of a workbook hold a formula or an error: readers give only what it last showed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from itertools import product

from derive.worksheet.archive import entries, is_zip, kind_of, unpack
from derive.worksheet.guard_ods import CELLS, repeated
from derive.worksheet.guard_xlsx import RELATIONS, Positions, Sheets, column
from derive.worksheet.markup import Visitor, walk
from derive.worksheet.refusals import COLUMNS, MAX_CELLS, ROWS, overgrown

# Most sheets have none, and looking for these letters is ten times as fast as parsing.
_IN_XLSX = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]|\st\s*=\s*[\"']e[\"']")
_IN_ODS = re.compile(rb"formula\s*=|value-type\s*=\s*[\"']time")
_SPANNED = re.compile(rb"-spanned\s*=\s*[\"'](?!1[\"'])")
_LONGEST = 64  # letters that may stand across the border of two chunks
_RANGE = re.compile(r"([A-Za-z]+)(\d+):([A-Za-z]+)(\d+)")


def formulas(data: bytes) -> dict[str, list[str]]:
    """Sheet name -> the cells that hold a formula or error, such as "M7"; sheets without left out.

    Cells into which a formula of another cell spills count too. The file must have been guarded.
    """
    if not is_zip(data):
        return {}
    parts = {entry.filename.lower(): entry for entry in entries(data, "workbook")}
    kind = kind_of(list(parts))
    if kind == "xlsx":
        return {name: found for name, found in _of_xlsx(data, parts) if found}
    if kind == "ods" and "content.xml" in parts:
        return _of_ods(data, parts["content.xml"])
    return {}


def merged_in_ods(data: bytes) -> dict[str, list[tuple[int, int, int, int]]]:
    """Sheet name -> (top, left, bottom, right) of merged cells, from 0; ODS files only, which
    their reader says nothing of. The file must have been guarded."""
    parts = {entry.filename.lower(): entry for entry in entries(data, "workbook")}
    entry = parts["content.xml"]
    if not _contains(unpack(data, entry, "workbook"), _SPANNED):
        return {}
    tables = _Tables("content.xml")
    walk(unpack(data, entry, "workbook"), tables)
    return tables.merged


def _of_xlsx(data: bytes, parts: dict[str, zipfile.ZipInfo]) -> Iterator[tuple[str, list[str]]]:
    workbook = Sheets("workbook")
    for path in (RELATIONS, "xl/workbook.xml"):
        if path in parts:
            walk(unpack(data, parts[path], "workbook"), workbook)
    for path, name in workbook.sheets().items():
        entry = parts.get(path)
        if entry and _contains(unpack(data, entry, "workbook"), _IN_XLSX):
            sheet = _Sheet(name)
            walk(unpack(data, entry, "workbook"), sheet)
            yield name, sheet.found


def _of_ods(data: bytes, entry: zipfile.ZipInfo) -> dict[str, list[str]]:
    if not _contains(unpack(data, entry, "workbook"), _IN_ODS):
        return {}
    tables = _Tables("content.xml")
    walk(unpack(data, entry, "workbook"), tables)
    return {
        name: [_reference(row, column_) for row, column_ in sorted(cells)]
        for name, cells in tables.found.items()
    }


def _contains(chunks: Iterator[bytes], pattern: re.Pattern[bytes]) -> bool:
    tail = b""
    for chunk in chunks:
        tail += chunk
        if pattern.search(tail):
            return True
        tail = tail[-_LONGEST:]
    return False


def _reference(row: int, column_: int) -> str:
    letters = ""
    while column_ >= 0:
        letters = chr(65 + column_ % 26) + letters
        column_ = column_ // 26 - 1
    return f"{letters}{row + 1}"


class _Sheet(Visitor):
    """The cells of an XLSX sheet with a formula."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.found: list[str] = []
        self._positions = Positions()
        self._spilled: set[tuple[int, int]] = set()
        self._listed = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._positions.next_cell(attributes.get("r"))
            self._listed = False
            if attributes.get("t") == "e":  # an error that no formula made: readers show nothing
                self._list()
        elif tag == "row":
            self._positions.next_row(attributes.get("r"))
        elif tag == "f":
            self._list()
            if ":" in (area := attributes.get("ref", "")) and attributes.get("t") != "shared":
                self._spill(area)
        elif tag in ("v", "is") and self._spilled:
            place = self._positions
            if (place.row, place.column) in self._spilled:
                self._list()

    def _list(self) -> None:
        if not self._listed:
            self.found.append(_reference(self._positions.row, self._positions.column))
        self._listed = True

    def _spill(self, area: str) -> None:
        if not (match := _RANGE.fullmatch(area)):
            return
        left, top, right, bottom = match.groups()
        rows = range(int(top) - 1, min(int(bottom), ROWS))
        columns = range(column(left), column(right) + 1)
        if len(self._spilled) + len(rows) * len(columns) > MAX_CELLS // 10:
            raise overgrown("A formula spills into too many cells", self.where)
        self._spilled.update(product(rows, columns))


class _Tables(Visitor):
    """The cells of an ODF spreadsheet with a formula, by sheet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.found: dict[str, set[tuple[int, int]]] = {}
        self.merged: dict[str, list[tuple[int, int, int, int]]] = {}
        self._count = 0
        self._table = ""
        self._row = self._column = 0
        self._rows = 0

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if tag == "table:table":
            self._table = attributes.get("table:name") or ""
            self._row = self._rows = 0
        elif tag == "table:table-row":
            self._row += self._rows
            self._rows = repeated(attributes.get("table:number-rows-repeated"), ROWS)
            self._column = 0
        elif tag in CELLS:
            columns = repeated(attributes.get("table:number-columns-repeated"), COLUMNS)
            # a span of time reads like a text
            time = attributes.get("office:value-type") == "time"
            if attributes.get("table:formula") is not None or time:
                self._list(attributes, columns)
            self._merge(attributes)
            self._column += columns

    def _merge(self, attributes: dict[str, str]) -> None:
        rows = repeated(attributes.get("table:number-rows-spanned"), ROWS)
        columns = repeated(attributes.get("table:number-columns-spanned"), COLUMNS)
        if rows > 1 or columns > 1:
            last = self._row + rows - 1, self._column + columns - 1
            self.merged.setdefault(self._table, []).append((self._row, self._column, *last))

    def _list(self, attributes: dict[str, str], columns: int) -> None:
        # an array formula stands in its first cell and says how far it reaches
        rows = max(self._rows, repeated(attributes.get("table:number-matrix-rows-spanned"), ROWS))
        spanned = repeated(attributes.get("table:number-matrix-columns-spanned"), COLUMNS)
        columns = max(columns, spanned)
        self._count += rows * columns
        if self._count > MAX_CELLS:
            raise overgrown("The workbook has too many formulas", self.where)
        self.found.setdefault(self._table, set()).update(
            product(range(self._row, self._row + rows), range(self._column, self._column + columns))
        )
