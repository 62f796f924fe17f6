"""Worksheets as XLIFF 2.1, for translation tools: a file a sheet, a group a row, a unit a cell.

A translator gets a unit for every cell that people fill in. What they only read travels as metadata
of the group, from where it is read back, and stands as notes beside the unit of the prompt. Drafts
are offered as matches, counterparts as a glossary.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from pathlib import Path

from lxml import etree

from derive.errors import DeriveError
from derive.files import hash_text, write_bytes
from derive.findings import Finding, finding
from derive.protect import fragments
from derive.text import has_lone_surrogate, shown
from derive.worksheet.columns import COLUMN, FILL
from derive.worksheet.contract import Format, Looks, Offer, Returned, Row, Worksheet
from derive.worksheet.formats.po import beside, comments, fitting, left_out, sources

_Cells = Mapping[str, str]
_Rows = Mapping[str, Sequence[_Cells]]
_Codes = Mapping[str | None, str]

_CORE = "urn:oasis:names:tc:xliff:document:2.0"  # of 2.0 and 2.1
_CORES = (_CORE, "urn:oasis:names:tc:xliff:document:2.2")
_MDA = "urn:oasis:names:tc:xliff:metadata:2.0"
_GLS = "urn:oasis:names:tc:xliff:glossary:2.0"
_MTC = "urn:oasis:names:tc:xliff:matches:2.0"
_PREFIXES = {None: _CORE, "mda": _MDA, "gls": _GLS, "mtc": _MTC}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_OURS = "derive"  # the category of our metadata, and of a note that is about no column
_KNOWN_NOTES = {*COLUMN, _OURS}

_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Of the protected spans those that nobody edits: code, placeholders, addresses. A quantity may
# become a local one, and an emoji is text.
_LOCKED = re.compile(r"`|=|\$?\{|%|<|\[|https?:|ftp:|www\.|[A-Za-z0-9_.+-]+@")
_HEAD = re.compile(r"\ufeff?\s*<(?:[?!][^<]*<)*(?:[\w.-]+:)?xliff[\s>/]")


def _files(worksheet: Worksheet, looks: Looks) -> dict[str, Callable[[Path], None]]:
    rows = fitting(worksheet, _UNFIT)
    # a document without a row would not be valid
    return {".xlf": partial(_write, worksheet, looks, rows)} if rows else {}


def _write(worksheet: Worksheet, looks: Looks, rows: _Rows, path: Path) -> None:
    language = worksheet.meta.get("pivot") or "en"
    about = {"version": "2.1", "srcLang": language, "trgLang": worksheet.meta["locale"]}
    data = io.BytesIO()
    # row by row: a tree of the whole document would take ten times its size
    with etree.xmlfile(data, encoding="UTF-8") as out:
        out.write_declaration()
        with out.element(f"{{{_CORE}}}xliff", about, nsmap=_PREFIXES):
            for sheet, of_sheet in rows.items():
                out.write("\n")
                with out.element(f"{{{_CORE}}}file", id=sheet, canResegment="no"):
                    head = etree.Element(f"{{{_CORE}}}file", nsmap=_PREFIXES)
                    _metadata(head, worksheet.meta)
                    _notes(head, ((_OURS, text) for text in looks.guides.values()))
                    out.write(*head)
                    for cells in of_sheet:
                        offers = worksheet.offers.get(cells["item"], ())
                        out.write(_group(sheet, cells, looks, offers))
    write_bytes(path, data.getvalue())


def _group(sheet: str, cells: _Cells, looks: Looks, offers: Sequence[Offer]) -> etree._Element:
    """A row: what is only read as metadata, and a unit for every column that people fill in."""
    # an XML id holds few characters, a key any
    number = f"k{hash_text(cells['key'])[:16]}"
    group = etree.Element(f"{{{_CORE}}}group", nsmap=_PREFIXES, id=number, name=cells["key"])
    group.set(_SPACE, "preserve")
    group.tail = "\n"
    _metadata(group, {name: text for name, text in cells.items() if name not in FILL})
    for column, source in sources(sheet, cells, looks).items():
        unit = _child(group, "unit", id=f"{number}.{column}", name=f"{cells['key']}|{column}")
        if draft := cells.get(f"draft_{column}"):
            match = _child(_child(unit, "matches", _MTC), "match", _MTC, ref="#s1", type="mt")
            _texts(match, match, source, draft)
        if column == "prompt" and (some := [one for one in offers if one.counterparts]):
            _glossary(unit, some)
        said = [(_OURS, text) for text in comments(cells, column, looks)]
        _notes(unit, [*said, *beside(cells, column, looks).items()])
        # ours is always initial: a text that stands there already is still to be looked at
        segment = etree.Element(f"{{{_CORE}}}segment", id="s1", state="initial")
        segment.set("subState", f"{_OURS}:{sheet}")
        _texts(unit, segment, source, cells[column])
        unit.append(segment)
    return group


def _child(parent: etree._Element, tag: str, space: str = _CORE, **names: str) -> etree._Element:
    """A new last child on a line of its own; not for what stands inside texts."""
    child = etree.SubElement(parent, f"{{{space}}}{tag}", names)
    child.tail = "\n"
    return child


def _metadata(parent: etree._Element, texts: Mapping[str, str]) -> None:
    group = _child(_child(parent, "metadata", _MDA), "metaGroup", _MDA, category=_OURS)
    for name, text in texts.items():
        _child(group, "meta", _MDA, type=name).text = text


def _notes(parent: etree._Element, texts: Iterable[tuple[str, str]]) -> None:
    """Notes for people, category and text each; they are not read back."""
    if texts := list(texts):
        inside = _child(parent, "notes")
        for category, text in texts:
            _child(inside, "note", category=category).text = _UNFIT.sub("\ufffd", text)


def _glossary(unit: etree._Element, offers: Sequence[Offer]) -> None:
    glossary = _child(unit, "glossary", _GLS)
    for offer in offers:
        entry = _child(glossary, "glossEntry", _GLS)
        texts = [("term", offer.surface), *(("translation", one) for one in offer.counterparts)]
        for tag, text in [*texts, ("definition", offer.reason)]:
            _child(entry, tag, _GLS).text = _UNFIT.sub("\ufffd", text)


def _texts(codes: etree._Element, parent: etree._Element, source: str, target: str) -> None:
    """Add source and target (if there is one) to a segment or match, their codes' data to `codes`.

    A span that both hold is the same code in both, as often as the source holds it.
    """
    cut = {"source": _parts(source), "target": _parts(target)}
    spans = [part for part, locked in cut["source"] if locked]
    numbers: dict[str, list[str]] = {}
    if spans:
        data = _child(codes, "originalData")
        for number, span in enumerate(spans, 1):
            numbers.setdefault(span, []).append(str(number))
            _child(data, "data", id=f"d{number}").text = span
    for tag, parts in cut.items():
        if not parts:
            continue
        element = etree.SubElement(parent, f"{{{_CORE}}}{tag}")
        left = {span: list(some) for span, some in numbers.items()}
        plain: list[str] = []
        for part, locked in parts:
            if locked and left.get(part):
                _append(element, plain)
                one = left[part].pop(0)
                code = {"id": one, "dataRef": f"d{one}", "disp": part}
                etree.SubElement(element, f"{{{_CORE}}}ph", code)
                plain = []
            else:
                plain.append(part)
        _append(element, plain)


def _append(element: etree._Element, texts: Sequence[str]) -> None:
    """Add texts after what the element holds; nothing has been added there before."""
    if len(element):
        element[-1].tail = "".join(texts)
    else:
        element.text = "".join(texts)


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text cut around its codes: (part, whether it is a code)."""
    return [(part, not free and bool(_LOCKED.match(part))) for part, free in fragments(text)]


def _knows(head: bytes, name: str) -> bool:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return bool(_HEAD.match(head.decode("utf-16" if wide else "utf-8", "ignore")))


def _read(data: bytes, name: str) -> Returned:
    reader = _Reader(name)
    meta: dict[str, str] = {}
    rows: list[Row] = []
    # each row is let go once it is read: a tree of the document would take ten times its size
    walk = etree.iterparse(
        io.BytesIO(data), events=("start", "end"), tag=("{*}xliff", "{*}file", "{*}group"),
        load_dtd=False, no_network=True, resolve_entities=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    number = 0
    try:
        for event, element in walk:
            if event == "start":
                number = 0 if element.tag.endswith("file") else number
                reader.core = reader.core or _core(element, name)
            elif element.tag == f"{reader.core}group":
                number += 1
                file = next(element.iterancestors(f"{reader.core}file"), element)
                meta = meta or _meta(file)
                if cells := reader.row(element):
                    known = {"worksheet": meta.get("worksheet", ""), **cells}
                    rows.append(Row(file.get("id", ""), number, known))
                element.clear()
            else:
                reader.look(element)
    except etree.XMLSyntaxError as error:
        raise DeriveError(f"Not XML: {error}", where=name, fix="export it again") from None
    _core(walk.root, name)
    return Returned(meta, rows, reader.findings())


def _core(root: etree._Element, name: str) -> str:
    """The core namespace in braces. Raises DeriveError for other XML, and for a DOCTYPE."""
    # XLIFF has none, and entities come with nothing else
    if root.getroottree().docinfo.doctype:
        raise DeriveError("The file has a DOCTYPE", where=name, fix="remove it: XLIFF has none")
    if root.tag not in [f"{{{core}}}xliff" for core in _CORES]:
        raise DeriveError(f"Not XLIFF 2: {root.tag}", where=name, fix="export it as XLIFF 2.1")
    return str(root.tag).removesuffix("xliff")


def _meta(element: etree._Element) -> dict[str, str]:
    """Our metadata of a file or a group."""
    path = f"{{{_MDA}}}metadata/{{{_MDA}}}metaGroup[@category='{_OURS}']/{{{_MDA}}}meta"
    return {one.get("type", ""): one.text or "" for one in element.iterfind(path)}


@dataclass
class _Reader:
    """Reads rows, and finds what a tool added or left undone.

    core: the core namespace, in braces. item: whose row is being read.
    modules: what is there that we did not write and do not read, and how often.
    """

    name: str
    core: str = ""
    item: str | None = None
    found: list[Finding] = field(default_factory=list)
    modules: Counter[str] = field(default_factory=Counter)

    def tell(self, code: str, message: str, column: str | None = None) -> None:
        """Add a finding at the row being read."""
        self.found.append(finding(code, message, file=self.name, item=self.item, field=column))

    def findings(self) -> list[Finding]:
        """All there are; one for each kind of module, of which there may be thousands."""
        for kind, times in sorted(self.modules.items()):
            self.tell("worksheet-extra", f"a tool added {kind}, {times} times")
        return self.found

    def look(self, element: etree._Element, column: str | None = None) -> None:
        """Find what is not ours among the notes and modules of an element."""
        for child in element:
            if child.tag == f"{self.core}notes":
                texts = [one.text for one in child if one.get("category") not in _KNOWN_NOTES]
                for text in filter(None, texts):
                    self.tell("worksheet-extra", f"a tool added a note: {shown(text)}", column)
            elif child.tag == f"{{{_MDA}}}metadata":
                kinds = [one.get("category") for one in child]
                self.modules.update(f"metadata ({one})" for one in kinds if one != _OURS)
            elif not child.tag.startswith((self.core, f"{{{_GLS}}}", f"{{{_MTC}}}")):
                self.modules[child.tag] += 1

    def row(self, group: etree._Element) -> dict[str, str]:
        """A row's cells; empty for a group that is none. Raises DeriveError for a cell twice."""
        units, read_only = group.findall(f"{self.core}unit"), _meta(group)
        if not units and not read_only:
            return {}
        # a row that lost its metadata still has its key, and its worksheet from the file
        cells = {"key": group.get("name", ""), **read_only}
        self.item = cells.get("item") or cells["key"]
        self.look(group)
        filled: dict[str, str] = {}
        for unit in units:
            column = unit.get("id", "").rpartition(".")[2]
            if column in filled:
                where, fix = f"{self.name}, {self.item}", "remove one of the two"
                raise DeriveError(f"The unit of the {column} is there twice", where=where, fix=fix)
            if column in FILL:
                self.look(unit, column)
                filled[column] = self.target(unit, column)
            else:
                self.tell("worksheet-extra", f"a tool added the unit {shown(unit.get('id', ''))}")
        self.item = None
        return {**cells, **filled}

    def target(self, unit: etree._Element, column: str) -> str:
        """A unit's text: its targets in the order they name, and what stands between them."""
        codes = self.codes(unit)
        texts: list[tuple[int, str]] = []
        between: list[tuple[int, str]] = []
        undone: list[str] = []
        segment, ignorable = f"{self.core}segment", f"{self.core}ignorable"
        for number, one in enumerate(unit.iterchildren(segment, ignorable), 1):
            source, target = one.find(f"{self.core}source"), one.find(f"{self.core}target")
            if target is not None:
                order = target.get("order", "")
                place = int(order) if re.fullmatch("[0-9]{1,6}", order) else number
                texts.append((place, self.plain(target, codes, column)))
            elif one.tag == segment:
                undone.append(one.get("state", "initial"))
            elif source is not None:
                between.append((number, self.plain(source, codes, column)))
        if undone and (texts or set(undone) != {"initial"}):
            told = "a segment has no target, its state is " + " and ".join(sorted(set(undone)))
            self.tell("xliff-incomplete", told, column)
        # what only the source has between two targets belongs to the text too
        parts = sorted(texts + between, key=itemgetter(0)) if texts else []
        return "".join(text for _, text in parts)

    def codes(self, unit: etree._Element) -> dict[str | None, str]:
        """The originals of a unit's codes, by the data's id and by "code" and the code's own."""
        inside = unit.iterfind(f"{self.core}originalData/{self.core}data")
        texts = {one.get("id"): self.plain(one, {}, None) for one in inside}
        for code in unit.iterfind(f"{self.core}segment/{self.core}source//{self.core}ph"):
            if code.get("dataRef") in texts:
                texts[f"code {code.get('id')}"] = texts[code.get("dataRef")]
        return texts

    def plain(self, element: etree._Element, codes: _Codes, column: str | None) -> str:
        """The text of an element, with what its codes stand for; a finding if nothing says it."""
        texts = [element.text or ""]
        for one in element:
            kind, text = one.tag.removeprefix(self.core), self.plain(one, codes, column)
            itself = f"code {one.get('id')}"
            if kind == "ph":
                known = (one.get("dataRef"), f"code {one.get('copyOf')}", itself)
                seen = one.get("equiv") or one.get("disp") or ""
                text = next((codes[name] for name in known if name in codes), seen)
                if not text:
                    self.tell("xliff-incomplete", "a placeholder stands for nothing", column)
            elif kind in ("sc", "ec"):
                text = codes.get(one.get("dataRef"), "")
            elif kind == "pc":
                first, last = (codes.get(one.get(f"dataRef{s}"), "") for s in ("Start", "End"))
                # a tool may have made a pair of a placeholder
                text = first + text + last or codes.get(itself, "")
            elif kind == "cp":
                with suppress(ValueError, OverflowError):
                    char = chr(int(one.get("hex", ""), 16))
                    text = "\ufffd" if has_lone_surrogate(char) else char
            texts += [text, one.tail or ""]
        return "".join(texts)


XLIFF = Format("xliff", _files, _knows, _read, partial(left_out, unfit=_UNFIT, kind="XLIFF"))
