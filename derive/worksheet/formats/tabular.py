"""What spreadsheets and CSV files share: a row of machine names, and the rows below it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from derive.errors import DeriveError
from derive.findings import Finding, finding
from derive.worksheet.columns import COLUMN, IDENTITY
from derive.worksheet.contract import Row

LABELS = "#labels"  # in the row of labels, under every hidden column: it is no unit
_KEY = re.compile(r"\S.*~[A-Z]{4}", re.DOTALL)
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def read_table(
    sheet: str, table: Iterable[Sequence[Any]], name: str, formulas: Collection[str] = ()
) -> tuple[list[Row], list[Finding]]:
    """The rows of one sheet, by the row of machine names, wherever that stands.

    table: from the sheet's first row on, cells of any type. formulas: the cells ("M7") that hold
    one. A sheet without that row gives no rows, and a finding if keys stand in it. A table without
    a row of labels comes from our CSV, by whatever program: its texts are unescaped.
    Raises DeriveError if a column that identifies a row is missing or there twice.
    """
    lines = [(values, [_shown(value) for value in values]) for values in table]
    header = next((at for at, (_, texts) in enumerate(lines) if is_header(texts)), None)
    if header is None:
        keys = sum(any(_KEY.fullmatch(text.strip()) for text in texts) for _, texts in lines)
        lost = f"the row of the columns' names is missing: {keys} rows are not read"
        return [], [finding("sheet-unread", lost, file=name, sheet=sheet)] if keys else []
    names = [text.strip() for text in lines[header][1]]
    _check_names(names, f"{name} sheet {sheet} row {header + 1}")
    plain = any(LABELS in texts for _, texts in lines)
    rows: list[Row] = []
    extra: dict[int, str] = {}
    for number, (values, texts) in enumerate(lines, 1):
        if number == header + 1 or LABELS in texts or not any(text.strip() for text in texts):
            continue
        cells = dict.fromkeys(_ours(names), "")  # what a short row does not reach is empty
        odd: dict[str, str] = {}
        for at, (value, text) in enumerate(zip(values, texts, strict=True)):
            column = names[at] if at < len(names) else ""
            if column not in COLUMN:
                if text.strip() and at not in extra:
                    extra[at] = column or f"column {letters(at)}"
                continue
            cells[column] = text if plain else unescape(text)
            if f"{letters(at)}{number}" in formulas:
                shows = f" that shows {text!r}" if text else ""
                odd[column] = f"a formula, an error or a span of time{shows}"
            elif not isinstance(value, str) and not (column == "level" and text in "012"):
                odd[column] = f"the {_kind(value)} {text}"
        rows.append(Row(sheet, number, cells, odd))
    notes = [
        finding("worksheet-extra", f"not a column of ours: {title!r}", file=name, sheet=sheet)
        for title in extra.values()
        if not title.startswith("#")
    ]
    return rows, notes


def escape(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """What `escape` made of it, undone: unescape(escape(s)) == s for every s."""
    return text[1:] if _ESCAPED.match(text) else text


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
