"""What the reader of ODS files passes over: tabs and line ends inside a cell."""

from __future__ import annotations

import io
import re
import zipfile

_TAB = re.compile(rb"<text:tab\s*/>")
_BREAK = re.compile(rb"<text:line-break\s*/>")
_CONTENT = "content.xml"


def is_ods(data: bytes) -> bool:
    """Whether a workbook is an ODF spreadsheet."""
    return b"mimetypeapplication/vnd.oasis.opendocument" in data[:200]


def readable(data: bytes) -> bytes:
    """The same file with tabs and line ends as characters, which calamine 0.9 reads."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read(_CONTENT)
        changed = _BREAK.sub(b"&#10;", _TAB.sub(b"&#9;", content))
        if changed == content:
            return data
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy:
            for entry in archive.infolist():
                copy.writestr(entry, changed if entry.filename == _CONTENT else archive.read(entry))
        return buffer.getvalue()
