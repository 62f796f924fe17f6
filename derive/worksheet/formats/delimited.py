"""Worksheets as CSV and TSV: one file a sheet, UTF-8 with BOM, every field quoted, CRLF (RFC 4180).

The first record is the machine names. A text that a spreadsheet would take for a formula gets an
apostrophe in front, and so does one that has apostrophes before such a beginning:
unescape(escape(s)) == s for every s.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from derive.errors import DeriveError
from derive.files import write_bytes
from derive.worksheet.contract import Format, Looks, Returned, Worksheet
from derive.worksheet.formats.tabular import escape, is_header, read_table, unescape

_SEPARATOR = re.compile(r'\A"?sep=.*\r?\n')  # Excel's own first line
DELIMITERS = ",;\t"
_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def write_records(path: Path, records: Iterable[Sequence[str]], delimiter: str = ",") -> None:
    """Write records of texts, escaped and quoted."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n", delimiter=delimiter)
    writer.writerows([escape(cell) for cell in record] for record in records)
    write_bytes(path, buffer.getvalue().encode("utf-8-sig"))


def read_records(
    data: bytes,
    name: str,
    header: Callable[[list[str]], bool] = is_header,
    plain: Callable[[str], str] = unescape,
) -> list[list[str]]:
    """The records of a file as it came back: with or without BOM, `,`, `;` or tab, any line ends,
    with or without a `sep=` line.

    header: tells the record of names; the delimiter is the one that makes such a record. plain:
    what each cell is turned into.
    Raises DeriveError if the text cannot be decoded or the quotes do not end.
    """
    text = _SEPARATOR.sub("", decode(data, name))
    delimiter = next(
        (one for one in DELIMITERS if any(map(header, _start(text, one)))), DELIMITERS[0]
    )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        return [[plain(cell) for cell in record] for record in reader]
    except csv.Error as error:
        raise DeriveError(
            f"Not a CSV file: {error}",
            where=f"{name} line {reader.line_num}",
            fix="save it again as CSV, every text in double quotes; it may have been cut",
        ) from None


def _start(text: str, delimiter: str) -> list[list[str]]:
    """The first records, for a look."""
    reader = csv.reader(io.StringIO(text[:65536], newline=""), delimiter=delimiter)
    found = []
    try:
        for record, _ in zip(reader, range(5), strict=False):
            found.append(record)
    except csv.Error:  # cut in a field, or not this delimiter
        pass
    return found


def decode(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, or UTF-16 with its BOM. Raises DeriveError, never guesses."""
    encoding = next((one for mark, one in _ENCODINGS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DeriveError(
            f"Not {encoding.upper()}: byte 0x{data[error.start]:02X}",
            where=f"{name} line {line}",
            fix="save it as “CSV UTF-8”, so that no letter gets lost",
        ) from None
    return text


def _files(
    delimiter: str, suffix: str
) -> Callable[[Worksheet, Looks], dict[str, Callable[[Path], None]]]:
    def files(worksheet: Worksheet, looks: Looks) -> dict[str, Callable[[Path], None]]:
        return {
            f".{sheet}.{suffix}": partial(_write, worksheet, sheet, delimiter)
            for sheet in worksheet.sheets()
        }

    return files


def _write(worksheet: Worksheet, sheet: str, delimiter: str, path: Path) -> None:
    names = [column.name for column in worksheet.columns(sheet)]
    rows = worksheet.cells(sheet)
    write_records(path, [names, *([row[name] for name in names] for row in rows)], delimiter)


def _knows(delimiters: str, head: bytes, name: str) -> bool:
    try:
        text = decode(head, name)
    except DeriveError:
        # the head may end inside a character
        text = head.decode("utf-8", "ignore")
    text = _SEPARATOR.sub("", text)
    return any(is_header(record) for delimiter in delimiters for record in _start(text, delimiter))


def _read(data: bytes, name: str) -> Returned:
    records = read_records(data, name, plain=str)
    rows, findings = read_table(Path(name).name, records, name)
    return Returned({}, rows, findings)


CSV = Format("csv", _files(",", "csv"), partial(_knows, ",;"), _read)
TSV = Format("tsv", _files("\t", "tsv"), partial(_knows, "\t"), _read)
