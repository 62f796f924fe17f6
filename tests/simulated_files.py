"""Files that come back in a simulation: their rows, what each says, and how people spoil a file.

They are written here and not by derive: rows shuffled and put between, columns moved and added.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from derive.text import canonical
from derive.worksheet.contract import Returned
from derive.worksheet.formats.registry import FORMATS

Text = tuple[str, str, str]  # decision, prompt, response
ZIP = "mail.zip"
FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


@dataclass(frozen=True)
class Deed:
    """What may be done with a row. fields: P, R a good prompt and response; W a reason; C a
    comment; I an intervention; M another taxonomy; F, N, G, S, D a prompt in a foreign language,
    without its number, with a gap, that is the source, that is the draft; B a blank response; K, L
    prompt and response as they stand there.

    told: `code:field` of the findings that the row gets. bad: "row", if one of them holds it, or
    `code:field` of what its texts are held for. note: the same where nothing is held.
    """

    weight: int
    verdict: str = ""
    decision: str = ""
    fields: str = ""
    told: str = ""
    bad: str = ""
    note: str = ""


@dataclass(eq=False)
class Said:
    """What one filled row says. base: the marks of what the row showed. result: what the unit is
    to be by it, as the person saw it; None for a rejection. hash: of the source it showed."""

    key: str
    role: str
    base: frozenset[str]
    hash: str
    line: Line
    person: str
    double: bool
    deed: Deed
    typed: Text = ("", "", "")
    result: Text | None = None
    more: tuple[str, ...] = ()
    reason: str = ""
    author: str = ""

    @property
    def mark(self) -> str:
        """The same for the same answer to the same row."""
        told = [self.key, self.role, *sorted(self.base), *self.typed, *self.more, self.hash]
        return hashlib.sha256("\n\0".join(map(canonical, told)).encode()).hexdigest()[:16]

    @property
    def back(self) -> Return:
        """The file it came in."""
        assert self.line.back is not None
        return self.line.back


@dataclass(eq=False)
class Line:
    """A row of a returned file. told: (code, field) of the findings that it must get."""

    sheet: str
    cells: dict[str, str]
    said: Said | None = None
    told: list[tuple[str, str | None]] = field(default_factory=list)
    back: Return | None = None
    place: str = ""
    row: int = 0

    def where(self) -> tuple[str, str, str, int]:
        """The file's name and hash, sheet and row as findings give them."""
        assert self.back is not None
        return self.back.name, self.back.hash, self.place, self.row


@dataclass(eq=False)
class Return:
    """A file that comes back. name: under which it is collected first."""

    file: str
    data: bytes
    lines: list[Line]
    name: str = ""
    sheet: Sheet | None = None

    @property
    def hash(self) -> str:
        """As `collect` names it."""
        return hashlib.sha256(self.data).hexdigest()[:16]


@dataclass
class Sheet:
    """A worksheet as it went out. bases: key to the marks of what its row shows."""

    back: Returned
    bases: Mapping[str, frozenset[str]]
    stem: str

    @classmethod
    def load(cls, path: Path, bases: Mapping[str, frozenset[str]]) -> Sheet:
        """The JSONL file of a worksheet."""
        return cls(FORMATS["jsonl"].read(path.read_bytes(), path.name), bases, path.stem)

    @property
    def person(self) -> str:
        """Whom it is for; empty if for nobody by name."""
        return self.back.meta.get("person", "")


def chosen(row: Mapping[str, str], candidate: str) -> Text:
    """One of those that an adjudicator is shown, in canonical form."""
    texts = (row.get(f"{candidate}_{one}", "") for one in ("prompt", "response"))
    prompt, response = map(canonical, texts)
    return row.get(f"{candidate}_note", "").split("\n")[0].rpartition(": ")[2], prompt, response


def pack(draw: random.Random, lines: Sequence[Line], stem: str, form: str) -> list[Return]:
    """The rows as files that come back: one a sheet for CSV. Rows are shuffled, others put between
    them, columns moved and added; each line is told where it stands."""
    sheets = list(dict.fromkeys(line.sheet for line in lines))
    of_sheet = {sheet: [line for line in lines if line.sheet == sheet] for sheet in sheets}
    for sheet, some in of_sheet.items():
        if draw.random() < 0.7:
            draw.shuffle(some)
        for _ in range(draw.randrange(3)):
            some.insert(draw.randrange(len(some) + 1), Line(sheet, {}))
        if draw.random() < 0.5:
            stray = Line(sheet, {"prompt": "uma linha a mais"}, told=[("key-missing", None)])
            some.insert(draw.randrange(len(some) + 1), stray)
    if form == "csv":
        return [_csv(draw, sheet, of_sheet[sheet], f"{stem}.{sheet}.csv") for sheet in sheets]
    return [{"jsonl": _jsonl, "xlsx": _xlsx}[form](draw, of_sheet, f"{stem}.{form}")]


def _columns(draw: random.Random, lines: Sequence[Line]) -> list[str]:
    names = list(dict.fromkeys(name for line in lines for name in line.cells))
    if draw.random() < 0.5:
        draw.shuffle(names)
    return names


def _placed(back: Return, lines: Sequence[Line], first: int, place: str) -> Return:
    """Tells the lines where they stand, and which of them repeat one above."""
    seen = set()
    for row, line in enumerate(lines, first):
        line.back, line.place, line.row = back, place, row
        unit = (line.cells.get("key", "").strip(), line.cells.get("worksheet"))
        if unit in seen and unit[0]:
            line.told.append(("row-duplicate", None))
        seen.add(unit)
    return back


def _csv(draw: random.Random, sheet: str, lines: list[Line], name: str) -> Return:
    names = _columns(draw, lines)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=draw.choice(",;\t"), quoting=csv.QUOTE_ALL)
    writer.writerow([*names, "anotações"])
    for line in lines:
        cells = [line.cells.get(one, "") for one in names]
        # as a spreadsheet saves what it was given: with the apostrophe that hides a formula
        writer.writerow([*(f"'{one}" if FORMULA.match(one) else one for one in cells), ""])
    data = text.getvalue().encode(draw.choice(["utf-8", "utf-8-sig", "utf-16"]))
    return _placed(Return(name, data, lines), lines, 2, name)


def _jsonl(draw: random.Random, of_sheet: Mapping[str, list[Line]], name: str) -> Return:
    lines = [line for some in of_sheet.values() for line in some]
    rows = [{"sheet": line.sheet, "cells": line.cells} for line in lines]
    text = "".join(json.dumps(row, ensure_ascii=draw.random() < 0.5) + "\n" for row in rows)
    back = _placed(Return(name, text.encode(), lines), lines, 1, "")
    for line in lines:
        line.place = line.sheet
    return back


def _xlsx(draw: random.Random, of_sheet: Mapping[str, list[Line]], name: str) -> Return:
    book = openpyxl.Workbook()
    back = Return(name, b"", [line for some in of_sheet.values() for line in some])
    for sheet, lines in of_sheet.items():
        page = book.create_sheet(f"Folha {sheet}")
        names = _columns(draw, lines)
        rows = [
            names,
            ["#labels"] * len(names),
            *([line.cells.get(one, "") for one in names] for line in lines),
        ]
        for number, row in enumerate(rows, 1):
            for at, text in enumerate(row, 1):
                if text:
                    page.cell(number, at, text.replace("_x", "_x005F_x")).data_type = "s"
        _placed(back, lines, 3, f"Folha {sheet}")
    stream = io.BytesIO()
    book.save(stream)
    back.data = stream.getvalue()
    return back


def send(draw: random.Random, returns: Sequence[Return], folder: Path) -> list[Path]:
    """Files as they arrive, in a new folder: loose, in a folder or in a zip. A file is known by
    the first in order of the names under which it came."""
    zipped = len(returns) > 1 and draw.random() < 0.4
    folder.mkdir(parents=True)
    for number, back in enumerate(returns):
        name = f"{ZIP}/{number}/{back.file}" if zipped else back.file
        back.name = min(back.name or name, name)
    if zipped:
        with zipfile.ZipFile(folder / ZIP, "w") as archive:
            for number, back in enumerate(returns):
                archive.writestr(f"{number}/{back.file}", back.data)
        return [folder / ZIP]
    paths = [folder / str(number) / back.file for number, back in enumerate(returns)]
    for path, back in zip(paths, returns, strict=True):
        path.parent.mkdir()
        path.write_bytes(back.data)
    return [folder] if returns and draw.random() < 0.5 else paths


def send_as_known(back: Return, folder: Path) -> Path:
    """The file once more, so that it gets the name that it is known by."""
    folder.mkdir(parents=True)
    if not back.name.startswith(f"{ZIP}/"):
        path = folder / back.name
        path.write_bytes(back.data)
        return path
    with zipfile.ZipFile(folder / ZIP, "w") as archive:
        archive.writestr(back.name.removeprefix(f"{ZIP}/"), back.data)
    return folder / ZIP
