"""What spreadsheets and CSV files share: a row of machine names, and the rows below it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from derive.errors import DeriveError
from derive.findings import Finding, finding
from derive.worksheet.columns import COLUMN, IDENTITY
from derive.worksheet.contract import Row

LABELS = "#labels"  # in the row of labels, under every hidden column: it is no unit
_LOOKED_AT = 30  # rows in which the machine names may stand


def read_table(
    sheet: str, table: Iterable[Sequence[Any]], name: str, formulas: Collection[str] = ()
) -> tuple[list[Row], list[Finding]]:
    """The rows of one sheet, by the row of machine names; none if the sheet has no such row.

    table: from the sheet's first row on, cells of any type. formulas: the cells ("M7") that hold
    one. Raises DeriveError if a column that identifies a row is missing or there twice.
    """
    rows: list[Row] = []
    extra: dict[int, str] = {}
    names: list[str] = []
    for number, values in enumerate(table, 1):
        texts = [_shown(value) for value in values]
        if not names:
            if number > _LOOKED_AT:
                break
            stripped = [text.strip() for text in texts]
            if is_header(stripped):
                names = stripped
                _check_names(names, f"{name} sheet {sheet} row {number}")
            continue
        if not any(text.strip() for text in texts):
            continue
        cells: dict[str, str] = {}
        odd: dict[str, str] = {}
        for at, (value, text) in enumerate(zip(values, texts, strict=True)):
            column = names[at] if at < len(names) else ""
            if column not in COLUMN:
                if text.strip() and at not in extra:
                    extra[at] = column or f"column {letters(at)}"
                continue
            cells[column] = text
            if f"{letters(at)}{number}" in formulas:
                odd[column] = f"a formula or error that shows {text!r}"
            elif not isinstance(value, str) and not (column == "level" and text in "012"):
                odd[column] = f"the {_kind(value)} {text}"
        if LABELS not in (cells.get(column) for column in IDENTITY):
            # what a short row does not reach is empty
            rows.append(Row(sheet, number, dict.fromkeys(_ours(names), "") | cells, odd))
    notes = [
        finding("worksheet-extra", f"not a column of ours: {title!r}", file=name, sheet=sheet)
        for title in extra.values()
        if not title.startswith("#")
    ]
    return rows, notes


def is_header(cells: Iterable[str]) -> bool:
    """Whether a row holds the machine names of a worksheet."""
    return sum(cell.strip() in COLUMN for cell in cells) >= 3


def letters(at: int) -> str:
    """A column as a spreadsheet names it: 0 is A, 26 is AA."""
    text = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        text = chr(65 + rest) + text
    return text


def _ours(names: Sequence[str]) -> list[str]:
    return [column for column in names if column in COLUMN]


def _check_names(names: Sequence[str], where: str) -> None:
    twice = sorted({one for one in _ours(names) if names.count(one) > 1})
    missing = [one for one in IDENTITY if one not in names]
    if twice or missing:
        what = f"there twice: {', '.join(twice)}" if twice else f"missing: {', '.join(missing)}"
        raise DeriveError(
            f"Columns of the worksheet are {what}",
            where=where,
            fix="put the columns back as they were; hidden ones are found by showing all columns",
        )


def _shown(value: Any) -> str:
    """What a program shows of a cell's value, as far as that can be told."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth value"
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return "date or time"
    return "number"
