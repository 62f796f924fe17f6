"""What the reader of ODS files passes over: tabs and line ends inside a cell, and merged cells."""

from __future__ import annotations

import io
import re
import zipfile

from derive.errors import DeriveError

_TAB = re.compile(rb"<text:tab\s*/>")
_BREAK = re.compile(rb"<text:line-break\s*/>")
_MERGED = re.compile(rb"table:number-(?:columns|rows)-spanned=\"(?!1\")\d+\"")
_CONTENT = "content.xml"


def is_ods(data: bytes) -> bool:
    """Whether a workbook is an ODF spreadsheet."""
    return b"mimetypeapplication/vnd.oasis.opendocument" in data[:200]


def readable(data: bytes, name: str) -> bytes:
    """The same file with tabs and line ends as characters, which calamine 0.9 reads.

    Raises DeriveError if cells are merged: what they covered is lost, and nothing says where.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read(_CONTENT)
        if _MERGED.search(content):
            raise DeriveError(
                "Cells are merged",
                where=name,
                fix="undo the merging; what stood in the merged cells is lost, so fill it in again",
            )
        changed = _BREAK.sub(b"&#10;", _TAB.sub(b"&#9;", content))
        if changed == content:
            return data
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy:
            for entry in archive.infolist():
                copy.writestr(entry, changed if entry.filename == _CONTENT else archive.read(entry))
        return buffer.getvalue()
