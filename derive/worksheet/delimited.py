"""Worksheets as CSV: one file a sheet, UTF-8 with BOM, every field quoted, CRLF (RFC 4180).

A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one
that has apostrophes before such a beginning: unescape(escape(s)) == s for every s.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from derive.files import write_bytes

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def escape(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """What `escape` made of it, undone."""
    return text[1:] if _ESCAPED.match(text) else text


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with these columns; the header is the machine names. Empty and None are alike."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        cells = ("" if row[name] is None else str(row[name]) for name in columns)
        writer.writerow([escape(cell) for cell in cells])
    write_bytes(path, buffer.getvalue().encode("utf-8-sig"))


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows as `write_csv` wrote them."""
    text = path.read_bytes().decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader)
    return [dict(zip(header, map(unescape, row), strict=True)) for row in reader]
