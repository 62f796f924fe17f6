"""XML from files that came back, walked once in a stream: no DOCTYPE, no other encoding, no bomb.

expat is used as it comes with Python. It resolves nothing outside the document by itself, and what
makes an XML parser grow without bounds (entities, endless tags, depth, ever new names) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.parsers import expat

from derive.errors import DeriveError

# One tag, comment or processing instruction. A cell's text is not one, it comes in pieces; older
# versions of expat read an unfinished tag again from its start with every chunk.
_MAX_TOKEN = 8 * 1024 * 1024
_MAX_DEPTH = 500
_MAX_NAMES = 50_000
# 10,000 units of 40 columns are a million elements; ten million take ten seconds to look at.
_MAX_ELEMENTS = 10_000_000

PART_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
FILE_ENCODINGS = PART_ENCODINGS | {"utf-16", "utf-16le", "utf-16be", "iso-8859-1", "windows-1252"}
_UTF8_BOM = b"\xef\xbb\xbf"
_BROKEN_FIX = "open it in the program that made it, save it under a new name, and send that"


class Visitor:
    """What looks at a document's events. This one sees nothing: the document must only be sound."""

    parser: expat.XMLParserType

    def __init__(self, name: str) -> None:
        self.name = self.where = name
        self.depth = self._elements = 0

    def part(self, name: str) -> None:
        """The next part of the file begins."""
        self.where = f"{self.name}/{name}"
        self.depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        self._elements += 1
        if self.depth > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise _overgrown(self.where)
        self.opened(tag, attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        self.depth -= 1
        self.closed(tag)

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """The same, for those who look closer."""

    def closed(self, tag: str) -> None:
        """The same, for those who look closer; `depth` is that of the parent."""

    def text(self, data: str) -> None:
        """Some text, maybe not all of it."""


class _RootReachedError(Exception):
    """Ends the look at a prolog."""


def looks_like_xml(head: bytes) -> bool:
    """Whether bytes begin with `<` in UTF-8, UTF-16 or UTF-32, after a BOM and blanks."""
    bare = head.removeprefix(_UTF8_BOM).lstrip(b" \t\r\n\0\xff\xfe")
    return bare.startswith(b"<")


def walk(chunks: Iterable[bytes], visitor: Visitor) -> None:
    """Show a part of a workbook to the visitor, element by element."""
    where = visitor.where
    names: dict[str, str] = {}
    parser = visitor.parser = expat.ParserCreate(intern=names)
    parser.StartElementHandler = visitor.start
    parser.EndElementHandler = visitor.end
    parser.CharacterDataHandler = visitor.text
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    _refuse_doctype(parser, where, PART_ENCODINGS)
    fed = 0
    for chunk in chunks:
        if not fed and (b"\0" in chunk[:4] or chunk[:2] in (b"\xff\xfe", b"\xfe\xff")):
            raise _encoding("UTF-16", where)
        fed += len(chunk)
        _parse(parser, chunk, where)
        if fed - max(parser.CurrentByteIndex, 0) > _MAX_TOKEN or len(names) > _MAX_NAMES:
            raise _overgrown(where)
    if fed:
        _parse(parser, b"", where, last=True)


def refuse_doctype(data: bytes, where: str) -> None:
    """Refuse an XML file that has a DOCTYPE, or says it is in an encoding few programs agree on."""
    parser = expat.ParserCreate()

    def root(tag: str, attributes: dict[str, str]) -> None:
        raise _RootReachedError

    parser.StartElementHandler = root
    _refuse_doctype(parser, where, FILE_ENCODINGS)
    if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"<\0\0\0", b"\0\0\0<"):
        raise _encoding("UTF-32", where)
    try:
        _parse(parser, data, where)
    except _RootReachedError:
        return
    raise DeriveError("The file is not well-formed XML", where=where, fix=_BROKEN_FIX)


def _refuse_doctype(parser: expat.XMLParserType, where: str, encodings: frozenset[str]) -> None:
    def doctype(*_: object) -> None:
        raise DeriveError(
            "The file has a DOCTYPE, with which a file can make its reader fetch other files "
            "or grow without end",
            where=where,
            fix="take the line that begins with <!DOCTYPE out, or export it again without",
        )

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in encodings:
            raise _encoding(encoding, where)

    parser.StartDoctypeDeclHandler = doctype
    parser.XmlDeclHandler = declared


def _parse(parser: expat.XMLParserType, chunk: bytes, where: str, last: bool = False) -> None:
    try:
        parser.Parse(chunk, last)
    # an encoding expat does not know is looked up in Python's, which may refuse in its own way
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DeriveError(
            f"The file is not well-formed XML ({error})", where=where, fix=_BROKEN_FIX
        ) from error


def _encoding(encoding: str, where: str) -> DeriveError:
    return DeriveError(
        f"The file is XML in the encoding {encoding}, and is not read in it",
        where=where,
        fix="save it again as UTF-8",
    )


def _overgrown(where: str) -> DeriveError:
    return DeriveError(
        "The file is XML that no program would write (endless tags, names or depth)",
        where=where,
        fix="do not open it; ask the sender how it was made",
    )
