"""The project's terms in files: read from CSV or TBX, and written.

CSV has the columns source, target, note, forbidden, case, of which the first two are needed.
TBX is TBX-Basic (ISO 30042:2019, data categories as attributes); the form of 2008 is read too.
What is read is what was written, to the last character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from itertools import groupby
from pathlib import Path

from lxml import etree

from derive.errors import DeriveError, explain_os_errors
from derive.files import write_bytes
from derive.terminology import Term
from derive.worksheet.formats.delimited import read_records, write_records

_COLUMNS = ("source", "target", "note", "forbidden", "case")
_FLAGS = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}
_TBX = "urn:iso:std:iso:30042:ed-2"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# what a file cannot hold: half a surrogate pair, and what is no character of XML 1.0
_UNFIT = {
    ".csv": re.compile(r"[\ud800-\udfff]"),
    ".tbx": re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"),
}
_FORBIDDEN = ("deprecatedTerm-admn-sts", "supersededTerm-admn-sts")
# TBX-Basic has no data category for it, but a subset's name is free: the file stays valid
_CASE = "case-sensitive"


def read_terms(
    path: Path, source_tag: str | None = None, target_tag: str | None = None
) -> list[Term]:
    """The terms of a `.csv` or `.tbx` file, in its order.

    source_tag, target_tag: which of a TBX file's languages are meant, both or neither; needed if
    it has more than two, else the first is the source. An entry without one is passed over.
    Raises DeriveError, naming file and row (CSV) or entry (TBX).
    """
    suffix = _suffix(path)
    with explain_os_errors("reading", path):
        data = path.read_bytes()
    if suffix == ".csv":
        return _checked(_from_csv(data, path), suffix)
    return _checked(_from_tbx(data, path, source_tag, target_tag), suffix)


def write_terms(path: Path, terms: Sequence[Term], source_tag: str, target_tag: str) -> None:
    """Write terms to a `.csv` or `.tbx` file; CSV has no place for the language tags.

    Raises DeriveError for what the file could not give back: blank texts, a term twice, lone
    surrogates, and in TBX characters that XML cannot carry or one language for both sides.
    """
    suffix = _suffix(path)
    _checked(((f"{path} term {number}", term) for number, term in enumerate(terms, 1)), suffix)
    if suffix == ".tbx":
        write_bytes(path, _to_tbx(terms, source_tag, target_tag))
    else:
        words = {True: "yes", False: "no"}
        rows = [(*astuple(term)[:3], words[term.forbidden], words[term.case]) for term in terms]
        write_records(path, [_COLUMNS, *rows])


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _UNFIT:
        raise DeriveError("Terms are in a .csv or .tbx file", where=path, fix="export them as CSV")
    return suffix


def _checked(placed: Iterable[tuple[str, Term]], suffix: str) -> list[Term]:
    """The terms; raises DeriveError with the place of the first that is none."""
    terms: dict[tuple[str, str], Term] = {}
    for where, term in placed:
        pair = term.source.strip(), term.target.strip()
        wrong = None
        if not all(pair):
            wrong = "The term has no source" if pair[1] else "The term has no target"
        elif pair in terms:
            wrong = f"“{pair[0]}” has the target “{pair[1]}” twice"
        elif found := _UNFIT[suffix].search("".join((term.source, term.target, term.note))):
            wrong = f"{suffix} cannot hold the character U+{ord(found[0]):04X}"
        if wrong:
            raise DeriveError(wrong, where=where, fix="mend or delete the term")
        terms[pair] = term
    return list(terms.values())


def _from_csv(data: bytes, path: Path) -> Iterator[tuple[str, Term]]:
    names: list[str] = []
    for number, record in enumerate(read_records(data, str(path), _is_header), 1):
        where = f"{path} row {number}"
        if not any(cell.strip() for cell in record):
            continue
        if not names:
            names = _names(record)
            if not _is_header(record) or not set(names) <= {*_COLUMNS, ""}:
                raise DeriveError(
                    "The first row does not name the columns",
                    where=where,
                    fix=f"name them {', '.join(_COLUMNS)}",
                )
            continue
        if any(cell.strip() for cell in record[len(names) :]):
            raise DeriveError("More cells than columns", where=where, fix="quote texts with commas")
        cells = dict(zip(names, record, strict=False))
        source, target, note = (cells.get(name, "") for name in _COLUMNS[:3])
        forbidden, case = (_flag(cells.get(name, ""), name, where) for name in _COLUMNS[3:])
        yield where, Term(source, target, note, forbidden, case)


def _names(record: Sequence[str]) -> list[str]:
    return [cell.strip().casefold() for cell in record]


def _is_header(record: list[str]) -> bool:
    return {"source", "target"} <= set(_names(record))


def _flag(cell: str, name: str, where: str) -> bool:
    flag = _FLAGS.get(cell.strip().casefold())
    if flag is None:
        what = f"{name} is neither yes nor no: {cell!r}"
        raise DeriveError(what, where=where, fix="write yes, no or nothing")
    return flag


def _to_tbx(terms: Sequence[Term], source_tag: str, target_tag: str) -> bytes:
    if source_tag == target_tag:
        raise DeriveError(f"Source and target are both {source_tag}", fix="write the terms as CSV")
    about = {"type": "TBX-Basic", "style": "dca", _XML_LANG: source_tag}
    root = etree.Element(f"{{{_TBX}}}tbx", about, {None: _TBX})
    header = _add(_add(root, "tbxHeader"), "fileDesc")
    _add(_add(header, "sourceDesc"), "p", "Terms of a derive project")
    body = _add(_add(root, "text"), "body")
    # synonyms that stand together are one concept
    for source, synonyms in groupby(terms, key=lambda term: term.source):
        entry = _add(body, "conceptEntry")
        section = _add(entry, "langSec", **{_XML_LANG: source_tag})
        _add(_add(section, "termSec"), "term", source)
        section = _add(entry, "langSec", **{_XML_LANG: target_tag})
        for term in synonyms:
            unit = _add(section, "termSec")
            _add(unit, "term", term.target)
            if term.forbidden:
                _add(unit, "termNote", _FORBIDDEN[0], type="administrativeStatus")
            if term.case:
                _add(unit, "admin", _CASE, type="projectSubset")
            if term.note:
                _add(unit, "note", term.note)
    etree.indent(root)
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document + b"\n"


def _add(
    parent: etree._Element, name: str, text: str | None = None, **attributes: str
) -> etree._Element:
    child = etree.SubElement(parent, f"{{{_TBX}}}{name}", attributes)
    child.text = text
    return child


def _from_tbx(
    data: bytes, path: Path, source_tag: str | None, target_tag: str | None
) -> Iterator[tuple[str, Term]]:
    root = _parse(data, path)
    tags = list(dict.fromkeys(map(_language, root.iter("{*}langSec", "{*}langSet"))))
    if not tags:
        return
    source, target = (_like(tag, tags) for tag in (source_tag, target_tag))
    if source_tag is None and target_tag is None and len(tags) == 2:
        source, target = tags
    if not source or not target or source == target:
        raise DeriveError(
            "It is not clear which languages are source and target",
            where=f"{path} (it has {', '.join(tags)})",
            fix="name the language tags of both",
        )
    for number, entry in enumerate(root.iter("{*}conceptEntry", "{*}termEntry"), 1):
        for one in _units(entry, source):
            for other in _units(entry, target):
                status = other.xpath("string(.//*[@type='administrativeStatus'])").strip()
                subsets = other.xpath("*[@type='projectSubset']/text()")
                note = "\n".join(map(_text, other.iterfind("{*}note")))
                texts = _text(one.find(".//{*}term")), _text(other.find(".//{*}term"))
                term = Term(*texts, note, status in _FORBIDDEN, _CASE in subsets)
                yield f"{path} entry {number}", term


def _units(entry: etree._Element, tag: str) -> list[etree._Element]:
    """What holds a term and all about it, in the sections of one language."""
    sections = (one for one in entry if _language(one) == tag)
    return [one for section in sections for one in section.iter("{*}termSec", "{*}tig", "{*}ntig")]


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(element.itertext())


def _language(section: etree._Element) -> str:
    return _plain_tag(section.get(_XML_LANG, ""))


def _plain_tag(tag: str) -> str:
    return tag.strip().casefold().replace("_", "-")


def _like(tag: str | None, tags: Sequence[str]) -> str | None:
    """The tag that is meant: this one, else the only one more general or more special."""
    wanted = _plain_tag(tag or "")
    near = [x for x in tags if x.startswith(f"{wanted}-") or wanted.startswith(f"{x}-")]
    return wanted if wanted in tags else near[0] if len(near) == 1 else None


def _parse(data: bytes, path: Path) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DeriveError(
            f"Not well-formed XML: {error}", where=path, fix="export it again"
        ) from None
    # entities come with a DOCTYPE only: without one, no text stands for another or for a file
    if root.getroottree().docinfo.internalDTD is not None:
        raise DeriveError("The file has a DOCTYPE", where=path, fix="delete <!DOCTYPE … >")
    if etree.QName(root).localname not in ("tbx", "martif"):
        raise DeriveError("Not TBX", where=path, fix="export it as TBX-Basic")
    return root
