"""Worksheets as PO, for translation tools: a file a sheet, an entry for every cell people fill in.

A prefilled cell is fuzzy: it is still to be looked at. What people only read stands as comments,
and once more, for the reader, as JSON in the first entry of its row.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import polib

from derive.errors import DeriveError
from derive.files import hash_text, write_text
from derive.findings import Finding, finding
from derive.text import shown
from derive.worksheet.columns import COLUMN, FILL, words
from derive.worksheet.contract import Format, Looks, Returned, Row, Worksheet

_HEADER = "X-Derive-"
_UNFIT = re.compile("\0")  # where gettext's programs stop reading
_JSON = "derive:"  # begins the comment that is for the reader
_HEAD = re.compile(r"\ufeff?(?:[ \t]*(?:#.*)?\r?\n)*(?:msgctxt\b.*\n(?:\".*\n)*)?msgid[ \t]+\"")
# a line as it should be; one that was cut in its text does not end like this
_LAST = re.compile(r'#.*|(?:#~\s*)?(?:msg\w+(?:\[\d+\])?\s*)?"(?:[^"\\]|\\.)*"')

# where the text to translate is taken from, in this order
_SOURCES = {
    "prompt": ("pivot_prompt", "source_prompt", "context"),
    "response": ("pivot_response", "source_response"),
}


def sources(sheet: str, cells: Mapping[str, str], looks: Looks) -> dict[str, str]:
    """What a translation tool shows as the source of each cell that people fill in, by column.

    It is never empty: where there is no text it is the column's label and the words it takes.
    """
    texts = {}
    for column in FILL:
        if column in cells:
            source, allowed = _source(cells, column), ", ".join(words(sheet, column))
            label = _label(looks, column)
            named = f"{label} ({allowed})" if allowed else label
            texts[column] = cells[source] if source else named
    return texts


def _source(cells: Mapping[str, str], column: str) -> str | None:
    """The column that holds the source of a cell."""
    return next((one for one in _SOURCES.get(column, ()) if cells.get(one, "").strip()), None)


def _label(looks: Looks, column: str) -> str:
    """A column's label without the sign of a drop-down list."""
    return looks.pack.labels.get(column, column).removesuffix("▼").strip()


def beside(cells: Mapping[str, str], column: str, looks: Looks) -> dict[str, str]:
    """What people read at a cell, by column, with its label: all at the prompt or the response."""
    if column not in _SOURCES:
        return {}
    return {
        name: f"{_label(looks, name)}: {text}"
        for name, text in cells.items()
        if text and name not in ("key", _source(cells, column))
        and not COLUMN[name].fill and not COLUMN[name].hidden
        and name.endswith("_response") == (column == "response")
    }  # fmt: skip


def comments(cells: Mapping[str, str], column: str, looks: Looks) -> list[str]:
    """What stands at a cell in a copy sent back; that of a column without one, at the prompt."""
    names = [column, *(name for name in COLUMN if name not in FILL and column == "prompt")]
    return [looks.comments[cells["key"], name] for name in names
            if (cells["key"], name) in looks.comments]  # fmt: skip


def fitting(worksheet: Worksheet, unfit: re.Pattern[str]) -> dict[str, list[dict[str, str]]]:
    """The rows of each sheet that has some, without those with a text in which `unfit` is found."""
    rows = {
        sheet: [cells for cells in worksheet.cells(sheet) if not _unfit(cells, unfit)]
        for sheet in worksheet.sheets()
    }
    return {sheet: of_sheet for sheet, of_sheet in rows.items() if of_sheet}


def left_out(worksheet: Worksheet, unfit: re.Pattern[str], kind: str) -> list[Finding]:
    """A finding for each row that is not fitting. kind: the format, as people call it."""
    return [
        finding("cell-unfit", f"{kind} cannot hold the {column}", item=cells["item"], field=column)
        for sheet in worksheet.sheets()
        for cells in worksheet.cells(sheet)
        if (column := _unfit(cells, unfit))
    ]


def _unfit(cells: Mapping[str, str], unfit: re.Pattern[str]) -> str | None:
    return next((name for name, text in cells.items() if unfit.search(text)), None)


def _files(worksheet: Worksheet, looks: Looks) -> dict[str, Callable[[Path], None]]:
    return {
        f".{sheet}.po": partial(_write, worksheet.meta, looks, sheet, rows)
        for sheet, rows in fitting(worksheet, _UNFIT).items()
    }


def _write(
    meta: Mapping[str, str],
    looks: Looks,
    sheet: str,
    rows: Sequence[Mapping[str, str]],
    path: Path,
) -> None:
    file = polib.POFile(wrapwidth=0)
    # a first line that is empty: polib takes one that begins with a comma for flags
    file.header = _lines("\n".join(["", *looks.guides.values()]))
    file.metadata = {
        "Language": meta["locale"].replace("-", "_"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        # escaped as in JSON, so that any text is one line
        **{f"{_HEADER}{name.title()}": json.dumps(text)[1:-1] for name, text in meta.items()},
        f"{_HEADER}Sheet": sheet,
    }
    for cells in rows:
        file.extend(_entries(sheet, cells, looks))
    write_text(path, str(file))


def _entries(sheet: str, cells: Mapping[str, str], looks: Looks) -> list[polib.POEntry]:
    """A row: an entry for each column that people fill in, the JSON in the first."""
    entries: list[polib.POEntry] = []
    for column, source in sources(sheet, cells, looks).items():
        texts = [*comments(cells, column, looks), *beside(cells, column, looks).values()]
        lines = [_lines(text) for text in texts]
        if not entries:
            lines.append(_JSON + _dump(cells))
        entry = polib.POEntry(msgctxt=f"{cells['key']}|{column}", msgid=source)
        entry.msgstr = cells[column]
        entry.comment = "\n".join(lines)
        entry.flags = ["fuzzy"] if entry.msgstr else []
        entries.append(entry)
    return entries


def _lines(text: str) -> str:
    """A text for people as lines of a comment."""
    return "\n  ".join(text.replace("\0", "\ufffd").splitlines())


def _dump(cells: Mapping[str, str]) -> str:
    """The texts that people do not fill in, and of each prefilled text what shows a change.

    It has no space and no hyphen: tools that wrap comments break lines there.
    """
    texts = {name: text for name, text in cells.items() if name not in FILL}
    issued = {name: _trace(cells[name]) for name in FILL if cells.get(name)}
    text = json.dumps({"cells": texts, "issued": issued}, separators=(",", ":"))
    return text.replace(" ", "\\u0020").replace("-", "\\u002d")


def _trace(text: str) -> str:
    return hash_text(text)[:8]


def _load(comment: str) -> dict[str, dict[str, str]]:
    """What _dump made, from an entry's comment; empty if it is not there any more."""
    lines = [line for line in comment.split("\n") if line.startswith(_JSON)]
    try:
        known = json.loads(lines[-1].removeprefix(_JSON))
        cells, issued = ({str(k): str(v) for k, v in known[p].items()} for p in ("cells", "issued"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return {}
    return {"cells": cells, "issued": issued}


def _knows(head: bytes, name: str) -> bool:
    return bool(_HEAD.match(head.decode("utf-8", "ignore")))


def _read(data: bytes, name: str) -> Returned:
    file = _parse(data, name)
    found: list[Finding] = []
    rows: dict[str, list[polib.POEntry]] = {}
    seen: set[str] = set()
    for entry in file:
        if entry.obsolete or _column(entry) not in FILL:
            what = "an obsolete entry" if entry.obsolete else "an entry of no cell"
            text = shown(entry.msgstr or entry.msgid)
            message = f"{what} is not read: {text}"
            found.append(finding("worksheet-extra", message, file=name, row=entry.linenum))
            continue
        if entry.msgctxt in seen:
            where, fix = f"{name} line {entry.linenum}", "remove one of the two"
            raise DeriveError(f"The entry {entry.msgctxt} is there twice", where=where, fix=fix)
        seen.add(entry.msgctxt)
        rows.setdefault(entry.msgctxt.rpartition("|")[0], []).append(entry)
    meta = _meta(file.metadata)
    sheet = file.metadata.get(f"{_HEADER}Sheet", "")
    read: list[Row] = []
    for key, entries in rows.items():
        known = next(filter(None, (_load(entry.comment) for entry in entries)), {})
        # a row that lost its comment still has its key, and its worksheet from the header
        cells = {"key": key, "worksheet": meta.get("worksheet", ""), **known.get("cells", {})}
        cells |= {_column(entry): entry.msgstr for entry in entries}
        for entry in entries:
            found += _remarks(entry, known.get("issued", {}), file=name, item=cells.get("item"))
        read.append(Row(sheet, entries[0].linenum, cells))
    return Returned(meta, read, found)


def _column(entry: polib.POEntry) -> str:
    return str(entry.msgctxt or "").rpartition("|")[2]


def _remarks(entry: polib.POEntry, issued: Mapping[str, str], **where: Any) -> Iterator[Finding]:
    """What is to be said of a cell's entry. issued: the traces of the prefilled texts."""
    where |= {"row": entry.linenum, "field": _column(entry)}
    if entry.tcomment:
        message = f"a comment was added: {shown(entry.tcomment)}"
        yield finding("worksheet-extra", message, **where)
    if entry.fuzzy and entry.msgstr and _trace(entry.msgstr) != issued.get(where["field"]):
        message = f"changed, but still marked fuzzy: {shown(entry.msgstr)}"
        yield finding("po-fuzzy", message, **where)


def _parse(data: bytes, name: str) -> polib.POFile:
    """The file's entries. Raises DeriveError for what is not PO, not UTF-8 or cut in a text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeriveError(f"Not UTF-8: {error}", where=name, fix="save it as UTF-8") from None
    last = text.rstrip().replace("\r", "\n").rpartition("\n")[2].strip()
    if last and not _LAST.fullmatch(last):
        fix = "export it again from your tool"
        raise DeriveError("The last line is no line of a PO file", where=name, fix=fix)
    # from a file: of a text polib splits lines at characters that stand inside texts, and it
    # opens the file that the text names
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "returned.po")
        path.write_bytes(text.encode("utf-8"))
        try:
            return polib.pofile(str(path), encoding="utf-8", wrapwidth=0)
        except (OSError, ValueError, IndexError) as error:
            what = str(error).replace(f"{path} ", "")
            fix = "export it again from your tool"
            raise DeriveError(f"Not PO: {what}", where=name, fix=fix) from None


def _meta(metadata: Mapping[str, str]) -> dict[str, str]:
    """What the worksheet says of itself, from the header."""
    meta = {}
    for name, text in metadata.items():
        if name.startswith(_HEADER) and name != f"{_HEADER}Sheet":
            with suppress(ValueError):  # what a tool changed stays as it is shown
                text = json.loads(f'"{text}"')
            meta[name.removeprefix(_HEADER).lower()] = text
    return meta


PO = Format("po", _files, _knows, _read, partial(left_out, unfit=_UNFIT, kind="PO"))
