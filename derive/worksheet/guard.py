"""What is refused of a file that came back by e-mail, before its content is read.

Everything is looked at in memory and in a stream; nothing is run, fetched or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import PurePosixPath
from zipfile import ZipInfo

from derive.errors import DeriveError
from derive.worksheet import guard_ods, guard_xlsx
from derive.worksheet.archive import (
    MAX_FILE,
    MIB,
    entries,
    is_archive_of_files,
    is_zip,
    kind_of,
    members,
    refuse_ambiguous,
    shown,
    unpack,
)
from derive.worksheet.formulas import formulas
from derive.worksheet.guard_xlsx import FIRST
from derive.worksheet.markup import Visitor, looks_like_xml, refuse_doctype, walk

__all__ = ["formulas", "is_archive_of_files", "members", "refuse_dangerous"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh91AY&SY")
_WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".ods", ".ots", ".zip")
_XML = (".xml", ".xlf", ".xliff", ".sdlxliff", ".mqxliff", ".tmx", ".tbx")


def refuse_dangerous(data: bytes, name: str) -> None:
    """Raise a DeriveError if a returned file must not be opened."""
    if not data.strip(b"\0 \t\r\n"):
        raise DeriveError("The file is empty", where=name, fix="ask for it again")
    if len(data) > MAX_FILE:
        raise DeriveError(
            f"The file has {len(data) // MIB:,} MB, more than {MAX_FILE // MIB:,}",
            where=name,
            fix="ask for the worksheet alone, without pictures or other files in it",
        )
    suffix = PurePosixPath(name).suffix.lower()
    if is_zip(data):
        _refuse_zip(data, name)
    elif data.startswith(_OLE):
        raise DeriveError(
            "The file is an Excel workbook with a password, or in the old format (.xls)",
            where=name,
            fix="save it as .xlsx without a password and send that",
        )
    elif data.startswith(_PACKED):
        raise DeriveError(
            "The file is packed in a way that is not read here",
            where=name,
            fix="unpack it and hand in the files, or pack them as .zip",
        )
    elif suffix in _WORKBOOKS:
        raise _misnamed(suffix, name)
    elif suffix in _XML or (looks_like_xml(data[:64]) and _has_prolog(data[:4096])):
        refuse_doctype(data, name)


def _has_prolog(head: bytes) -> bool:
    """Whether there is anything before the root element where a DOCTYPE could stand."""
    bare = head.replace(b"\0", b"")
    return b"<?" in bare or b"<!" in bare


def _refuse_zip(data: bytes, name: str) -> None:
    found = entries(data, name)
    names = [entry.filename for entry in found]
    kind = kind_of(names)
    suffix = PurePosixPath(name).suffix.lower()
    if kind == "files" and suffix in _WORKBOOKS and suffix != ".zip":
        raise _misnamed(suffix, name)
    visitor: Visitor | None = None
    if kind != "files":
        refuse_ambiguous(data, found, name)
    if kind == "xlsx":
        guard_xlsx.refuse_parts(names, name)
        visitor = guard_xlsx.Workbook(name)
    elif kind == "ods":
        guard_ods.refuse_parts(names, name)
        visitor = guard_ods.Spreadsheet(name)
    for entry in sorted(found, key=_order):
        chunks = unpack(data, entry, name)
        if visitor is None:
            _drain(chunks)
        else:
            visitor.part(shown(entry.filename))
            _walk_part(chunks, entry.filename.lower(), visitor)


def _misnamed(suffix: str, name: str) -> DeriveError:
    return DeriveError(
        f"The file is called {suffix} and is something else, or it is damaged",
        where=name,
        fix="open it where it came from, save it as .xlsx and send that",
    )


def _order(entry: ZipInfo) -> int:
    path = entry.filename.lower()
    return FIRST.index(path) if path in FIRST else len(FIRST)


def _walk_part(chunks: Iterator[bytes], filename: str, visitor: Visitor) -> None:
    head = next(chunks, b"")
    whole = chain([head], chunks)
    if filename.endswith(".vml"):
        # Excel's own drawings of comments are not always well-formed, and no reader looks at them
        refuse_doctype(head, visitor.where)
        _drain(whole)
    elif filename.endswith((".xml", ".rels", ".rdf")) or looks_like_xml(head[:64]):
        walk(whole, visitor)
    else:
        _drain(whole)


def _drain(chunks: Iterator[bytes]) -> None:
    """Unpack to the end, for the size and the checksum."""
    for _ in chunks:
        pass
