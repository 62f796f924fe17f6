"""Rows out of files: JSON list, JSONL, CSV, TSV, Parquet, XLSX. One function a format.

Every reader yields a Row for each row of the file, or a Finding in its place where the row cannot
be read; what cannot be read at all raises DeriveError.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, explain_os_errors
from derive.files import read_text
from derive.findings import Finding, finding
from derive.text import shown


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it came: the file's name, the row as a person counts it, column to value.

    group: a sheet's or a split's name inside the file, None where the file holds one table.
    """

    file: str
    row: int
    data: dict[str, Any]
    group: str | None = None


Rows = Iterator[Row | Finding]


def read_json(path: Path) -> Rows:
    """A JSON list of objects; row is the position in the list, from 1."""
    try:
        document = json.loads(read_text(path), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise DeriveError(
            f"Not JSON: {error.msg} at line {error.lineno} column {error.colno}",
            where=path,
            fix="the file may be cut short: get it again (JSON lines need the ending .jsonl)",
        ) from None
    except (RecursionError, ValueError) as error:  # nested too deeply, a number too long
        raise DeriveError(
            f"Not JSON that can be read: {error}", where=path, fix="mend it"
        ) from None
    if not isinstance(document, list):
        raise DeriveError(
            f"A JSON {_kind(document)} where a list of rows should be",
            where=path,
            fix="save the rows as a JSON list, or one object a line as .jsonl",
        )
    for number, value in enumerate(document, 1):
        yield _row(path, number, value)


def read_jsonl(path: Path) -> Rows:
    """One JSON object a line; row is the line, from 1. Blank lines are no rows."""
    # not splitlines(): U+2028 and its like may stand unescaped inside a JSON string
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            message = getattr(error, "msg", str(error))
            yield finding("row-unreadable", f"not JSON: {message}", file=path.name, row=number)
            continue
        yield _row(path, number, value)


@dataclass(frozen=True, slots=True)
class _Twice:
    """What stands for an object with a key that is there twice, and for all that it is in."""

    key: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Twice:
    """An object as json reads it; of a key that is there twice json would keep the last."""
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        return _Twice(next(name for name in names if names.count(name) > 1))
    return next(filter(None, map(_twice, data.values())), data)


def _twice(value: Any) -> _Twice | None:
    if isinstance(value, list):
        return next(filter(None, map(_twice, value)), None)
    return value if isinstance(value, _Twice) else None


def _row(path: Path, number: int, value: Any) -> Row | Finding:
    if isinstance(value, dict):
        return Row(path.name, number, value)
    if isinstance(value, _Twice):
        message = f"the key {shown(value.key)} is there twice"
    else:
        message = f"a JSON {_kind(value)} where an object should be"
    return finding("row-unreadable", message, file=path.name, row=number)


def _kind(value: Any) -> str:
    kinds = {list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return "null" if value is None else kinds.get(type(value), "object")


def read_csv(path: Path) -> Rows:
    """RFC 4180, UTF-8; row as a spreadsheet shows it, the header being row 1. Empty is None.

    The delimiter is the one of comma, semicolon and tab that the header line has most of.
    """
    text = read_text(path)
    header_line = text.split("\n", 1)[0]
    delimiter = "\t" if path.suffix == ".tsv" else max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1:
                header = _header(path, cells)
            elif len(cells) == len(header):
                yield Row(path.name, number, _cells_by_name(header, (c or None for c in cells)))
            elif cells:
                message = f"{len(cells)} cells where the header has {len(header)}"
                yield finding("row-unreadable", message, file=path.name, row=number)
    except csv.Error as error:
        raise DeriveError(
            f"Not CSV: {error}",
            where=f"{path} row {number + 1} (line {reader.line_num})",
            fix="check the quotes there; the file may be cut short",
        ) from None


_NAMELESS = "(column "  # begins the name of a column that has none


def _cells_by_name(header: list[str], cells: Iterable[Any]) -> dict[str, Any]:
    """A row as an object; nothing is kept of an empty cell under no heading."""
    return {
        name: cell
        for name, cell in zip(header, cells, strict=True)
        if cell is not None or not name.startswith(_NAMELESS)
    }


def _header(where: object, cells: list[Any]) -> list[str]:
    header = [
        str(cell).strip() if str(cell or "").strip() else f"{_NAMELESS}{number})"
        for number, cell in enumerate(cells, 1)
    ]
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise DeriveError(
            f"Two columns are called {doubled[0]!r}", where=where, fix="rename one of them"
        )
    return header


def read_parquet(path: Path) -> Rows:
    """Rows of a Parquet file, from 1; structs become objects."""
    import polars as pl

    with explain_os_errors("reading", path):
        try:
            table = pl.read_parquet(path)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise DeriveError(
                f"Not a readable Parquet file: {error}", where=path, fix="get the file again"
            ) from None
    for number, data in enumerate(table.iter_rows(named=True), 1):
        yield Row(path.name, number, data)


def features(paths: Sequence[Path]) -> Any:
    """The `datasets.Features` of Parquet files; None for other files, or if they differ."""
    if any(path.suffix.lower() != ".parquet" for path in paths):
        return None
    import datasets
    import pyarrow.parquet as pq

    declared = [datasets.Features.from_arrow_schema(pq.read_schema(path)) for path in paths]
    return declared[0] if all(one == declared[0] for one in declared) else None


def read_xlsx(path: Path) -> Rows:
    """Every sheet of a workbook that is not empty; the first row that is not blank is the header.

    Rows count as the program shows them; several sheets must have the same columns.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    with explain_os_errors("reading", path):
        try:
            book = CalamineWorkbook.from_path(path)
            sheets = {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in book.sheet_names
            }
        except CalamineError as error:
            raise DeriveError(
                f"Not a readable workbook: {error}", where=path, fix="save it again as .xlsx"
            ) from None
    filled = {name: rows for name, rows in sheets.items() if any(any(_cells(r)) for r in rows)}
    headers: dict[str, list[str]] = {}
    for name, rows in filled.items():
        first = next(at for at, row in enumerate(rows) if any(_cells(row)))
        headers[name] = _header(f"{path} sheet {name}", list(_cells(rows[first])))
        if headers[name] != next(iter(headers.values())):
            raise DeriveError(
                f"The sheets {', '.join(filled)} have different columns",
                where=path,
                fix="keep the items in one sheet, or in sheets with the same columns",
            )
        for number, cells in enumerate(rows[first + 1 :], first + 2):
            data = _cells_by_name(headers[name], _cells(cells))
            if any(value is not None for value in data.values()):
                group = name if len(filled) > 1 else None
                yield Row(path.name, number, data, group)


def _cells(row: list[Any]) -> Iterator[Any]:
    return (None if cell == "" else cell for cell in row)


READERS: dict[str, Callable[[Path], Rows]] = {
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
    ".xlsx": read_xlsx,
}
