"""Zip files as they come by e-mail: what is in one, read within bounds and without trusting it.

Only the table of contents is read with `zipfile`. The members are unpacked here, from the bytes
between two known offsets, because `zipfile` stops where the table of contents says the member ends,
and another reader of the same file (calamine's, which is written in Rust) need not.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from derive.errors import DeriveError

MIB = 1024 * 1024
# A workbook of 10,000 units is 5 MB on disk; with 20,000-letter texts it is still below 100 MB.
MAX_FILE = 200 * MIB
# 10,000 units of 3,000 letters in three columns unpack to 90 MB, ten times that is still read.
MAX_UNPACKED = 1024 * MIB
# A workbook has some twenty members, one with a picture in every row a few thousand.
MAX_MEMBERS = 20_000
# Honest texts repeat themselves: 30,000 prompts inside one 3,000-letter jailbreak frame pack 227:1
# into sharedStrings.xml, inside 5,000 times the same letter 518:1. Deflate ends at 1032:1, and that
# is what bombs reach. Small members may do what they like, the sum above bounds them.
MAX_RATIO = 800
RATIO_FROM = 16 * MIB
# A mail saved with its attachments, zipped, and zipped once more on the way.
MAX_DEPTH = 3

_CHUNK = MIB
_LOCAL = struct.Struct("<4s5H3I2H")
_DAMAGED_FIX = "ask for it again, or open it where it came from and save it under a new name"
_BOMB_FIX = "do not open it; ask the sender how it was made, and for the plain file"
_JUNK = ("thumbs.db", "desktop.ini")


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a zip does, an empty one included."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_archive_of_files(data: bytes) -> bool:
    """Whether this is a zip of files that people packed, neither OOXML nor ODF."""
    if not is_zip(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [entry.filename for entry in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError):
        return False
    return kind_of(names) == "files"


def kind_of(names: list[str]) -> str:
    """`xlsx` (any OOXML), `ods` (any ODF) or `files`, by the members' names."""
    lowered = {name.lower() for name in names}
    if "[content_types].xml" in lowered:
        return "xlsx"
    # the standard wants it first; a file with it elsewhere is still meant as ODF
    return "ods" if "mimetype" in lowered or "content.xml" in lowered else "files"


def entries(data: bytes, name: str) -> list[zipfile.ZipInfo]:
    """The table of contents, refused if it is damaged, encrypted, lies or describes a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError) as error:
        raise DeriveError("The file is cut off or damaged", where=name, fix=_DAMAGED_FIX) from error
    if len(found) > MAX_MEMBERS:
        raise DeriveError(
            f"The file holds {len(found):,} parts, more than {MAX_MEMBERS:,}",
            where=name,
            fix=_BOMB_FIX,
        )
    seen: set[str] = set()
    for entry in found:
        _check_entry(entry, f"{name}/{shown(entry.filename)}")
        # readers differ in which of two they take, and in minding case
        folded = entry.filename.replace("\\", "/").lower()
        if folded in seen:
            raise DeriveError(
                "The file holds two parts of one name",
                where=f"{name}/{shown(entry.filename)}",
                fix=_DAMAGED_FIX,
            )
        seen.add(folded)
    if sum(entry.file_size for entry in found) > MAX_UNPACKED:
        raise _too_big(name)
    _check_overlap(data, found, name)
    return found


def refuse_ambiguous(data: bytes, found: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a workbook in which another reader might find other parts than are looked at here."""
    # two tables of contents need room before the first part or after the last byte
    sound = data[-22:-18] == b"PK\x05\x06" and min(entry.header_offset for entry in found) == 0
    if not sound or any(_second_name(entry) for entry in found):
        raise DeriveError("The file is cut off or damaged", where=name, fix=_DAMAGED_FIX)


def _second_name(entry: zipfile.ZipInfo) -> bool:
    """Whether a part has another name for those who know extra field 0x7075, or after a NUL."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        if kind == 0x7075:
            return True
        extra = extra[4 + size :]
    return "\0" in entry.orig_filename


def unpack(data: bytes, entry: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """A member's bytes in chunks. What it holds must be what the table of contents says."""
    where = f"{name}/{shown(entry.filename)}"
    start = _body(data, entry, name)
    packed = memoryview(data)[start : start + entry.compress_size]
    size = crc = 0
    for chunk in _inflate(packed, where) if entry.compress_type else _slices(packed):
        size += len(chunk)
        if size > entry.file_size:
            raise DeriveError(
                "A part of the file is larger than the file says", where=where, fix=_BOMB_FIX
            )
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if size != entry.file_size or crc != entry.CRC:
        raise DeriveError("The file is cut off or damaged", where=where, fix=_DAMAGED_FIX)


def members(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """The files in a zip that people mailed, as (`mail.zip/ana.xlsx`, bytes).

    Zips inside it are followed; folders, dot files and what systems add are passed over.
    """
    yield from _members(data, name, 1, _Budget(name))


class _Budget:
    """What may still be unpacked, over all the zips in a zip."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bytes = MAX_UNPACKED
        self.files = MAX_MEMBERS

    def spend(self, found: list[zipfile.ZipInfo]) -> None:
        self.files -= len(found)
        self.bytes -= sum(entry.file_size for entry in found)
        if self.files < 0 or self.bytes < 0:
            raise _too_big(self.name)


def _members(data: bytes, name: str, depth: int, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    if depth > MAX_DEPTH:
        raise DeriveError(
            f"Zip files are packed inside each other more than {MAX_DEPTH} deep",
            where=name,
            fix="unpack it by hand and hand in the files",
        )
    found = [entry for entry in entries(data, name) if _wanted(entry.filename)]
    budget.spend(found)
    for entry in found:
        where = f"{name}/{shown(entry.filename)}"
        if entry.file_size > MAX_FILE:
            raise _too_big(where)
        content = b"".join(unpack(data, entry, name))
        if is_archive_of_files(content):
            yield from _members(content, where, depth + 1, budget)
        else:
            yield where, content


def _wanted(filename: str) -> bool:
    path = filename.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    if path.endswith("/") or not parts or "__MACOSX" in parts:
        return False
    # "~$ana.xlsx" is the lock that Excel leaves beside an open workbook
    last = parts[-1].lower()
    return not (any(p.startswith(".") for p in parts) or last.startswith("~$") or last in _JUNK)


def shown(filename: str) -> str:
    """A member's name as it may stand in a message or a ledger: no way up, nothing unprintable."""
    parts = filename.replace("\\", "/").split("/")
    kept = "/".join(part for part in parts if part not in ("", ".", ".."))
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in kept)


def _check_entry(entry: zipfile.ZipInfo, where: str) -> None:
    # bit 0: encrypted, bit 6: strongly, bit 13: its header is; method 99: AES
    if entry.flag_bits & 0x2041 or entry.compress_type == 99:
        raise DeriveError(
            "The zip is locked with a password", where=where, fix="send it without a password"
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DeriveError(
            "The zip is packed in a way that is not read here",
            where=where,
            fix="pack it with the system's own zip, or send the files themselves",
        )
    if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size:
        raise DeriveError(
            f"A part of the file unpacks to more than {MAX_RATIO} times its size",
            where=where,
            fix=_BOMB_FIX,
        )


def _check_overlap(data: bytes, found: list[zipfile.ZipInfo], name: str) -> None:
    """Members that share bytes are how a small file unpacks to a huge one ("quoted" bombs)."""
    end = 0
    for entry in sorted(found, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise DeriveError("Parts of the file overlap", where=name, fix=_BOMB_FIX)
        end = _body(data, entry, name) + entry.compress_size
        if end > len(data):
            raise DeriveError("The file is cut off or damaged", where=name, fix=_DAMAGED_FIX)


def _body(data: bytes, entry: zipfile.ZipInfo, name: str) -> int:
    """Where a member's packed bytes begin, after its own header."""
    try:
        header = _LOCAL.unpack_from(data, entry.header_offset)
    except struct.error:
        header = (b"",)
    if header[0] != b"PK\x03\x04":
        raise DeriveError("The file is cut off or damaged", where=name, fix=_DAMAGED_FIX)
    return int(entry.header_offset + _LOCAL.size + header[9] + header[10])


def _inflate(packed: memoryview, where: str) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in _slices(packed):
            left = piece
            while left and not stream.eof:
                if chunk := stream.decompress(left, _CHUNK):
                    yield chunk
                left = stream.unconsumed_tail
        while not stream.eof and (chunk := stream.decompress(b"", _CHUNK)):
            yield chunk
    except zlib.error as error:
        raise DeriveError(
            "The file is cut off or damaged", where=where, fix=_DAMAGED_FIX
        ) from error


def _slices(packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), _CHUNK):
        yield bytes(packed[start : start + _CHUNK])


def _too_big(where: str) -> DeriveError:
    return DeriveError(
        f"The file unpacks to more than {MAX_UNPACKED // MIB:,} MB", where=where, fix=_BOMB_FIX
    )
