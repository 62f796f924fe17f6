"""Laws of worksheets: every unit is there once, in every format, with its texts as they were.

Workbooks are read with calamine, which decodes `_x000D_` and the like; highlights with openpyxl.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from conftest import NO_DRAFT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sheets import read_csv, write_csv

from derive import locales, schemas, tables
from derive.translate.priority import review_priority
from derive.worksheet.formats.tabular import escape, unescape
from derive.worksheet.keys import make_key
from derive.worksheet.stage import Written, write_worksheets

META = {"project": "p", "locale": "ko-KR", "dataset": "d", "version": "", "release": "0" * 64}
TERMS = {"licence": "x", "originals_may_be_republished": False, "attribution": "a", "purpose": ""}
SHEETS = {"adapt": "Adapt", "rewrite": "Rewrite", "postedit": "Post-edit"}
SHEET_OF = {"adapt": "adapt", "rewrite": "rewrite", "translate": "postedit"}
TEXT_COLUMNS = {
    "source_prompt": "prompt", "pivot_prompt": "prompt_pivot", "source_response": "response",
    "pivot_response": "response_pivot",
}  # fmt: skip
# calamine leaves _xFFFE_ and _xFFFF_ as they are, so the two noncharacters are left to openpyxl
CHARS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
NASTY = st.sampled_from([
    "=1+1", "+1", "-1", "@a", "\t", "\r", "\r\n", "\n", "#N/A", "TRUE", "007", "1-2", "'",
    "_x0041_", "_x000D_", "_x005F_", "\x00", "\x0b", "\x1f", "\x7f", "  ", "\u00a0", "😀",
    "e\u0301", "\u200f", "ش", "東京", "<b>", "&amp;", '"', ";", ",", "＝1", "\ufeff", "\u2028", "https://a.example/",
])  # fmt: skip
GLYPHS = st.sampled_from(["a ", " b", "東京", "😀", "e\u0301", "ش", "👩‍👩‍👧", "\n", "\u200f"])
TEXT = st.one_of(st.text(CHARS), st.lists(NASTY, max_size=6).map("".join))


def make_items(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for number, row in enumerate(rows):
        plain = {**dict.fromkeys(tables.ITEMS), "id": f"i{number}", "split": "dev", "prompt": "p"}
        plain |= {"extra": "{}", "hash": f"{number:064x}", "file": "f", "row": number + 1}
        made.append({**plain, **row})
    return made


def mark(item: str, field: str, start: int, end: int, text: str) -> dict[str, Any]:
    return {
        "item": item, "field": field, "start": start, "end": end, "surface": text[start:end],
        "slot": "place", "entry": "x", "level": 1, "reason": "r",
    }  # fmt: skip


def write(
    folder: Path,
    rows: Sequence[Mapping[str, Any]],
    routes: Sequence[str] = (),
    marks: Sequence[Mapping[str, Any]] = (),
    drafts: Sequence[Mapping[str, Any]] = (),
) -> Written:
    items = make_items(rows)
    routed = [
        {"item": row["id"], "route": route, "level": None, "level_suggested": 0, "reason": "r"}
        for row, route in zip(items, routes or ["adapt"] * len(items), strict=True)
    ]
    return write_worksheets(
        folder, tables.frame(items, tables.ITEMS), tables.frame(marks, tables.MARKS),
        tables.frame(routed, tables.ROUTES), tables.frame(drafts, tables.DRAFTS),
        pack=locales.LocalePack("ko-KR", "Korean"), meta=META, terms=TERMS,
    )  # fmt: skip


def in_workbook(written: Written) -> dict[str, list[dict[str, str]]]:
    book = CalamineWorkbook.from_path(written.files[0])
    read = {}
    for sheet, title in SHEETS.items():
        if title in book.sheet_names:
            names, _, *rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            read[sheet] = [dict(zip(names, row, strict=True)) for row in rows]
    return read


def in_csv(written: Written) -> dict[str, list[dict[str, str]]]:
    return {
        path.suffixes[-2][1:]: read_csv(path) for path in written.files if path.suffix == ".csv"
    }


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_texts_come_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any text, with or without marks in it, in any column: the same in the workbook and CSV."""
    fields = list(TEXT_COLUMNS.values())
    rows = data.draw(
        st.lists(st.fixed_dictionaries(dict.fromkeys(fields, TEXT)), min_size=1, max_size=3)
    )
    marks = []
    for number, row in enumerate(rows):
        for field in fields:
            cuts = data.draw(st.lists(st.integers(0, len(row[field])), max_size=4, unique=True))
            for start, end in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False):
                marks.append(mark(f"i{number}", field, start, end, row[field]))
    folder = tmp_path_factory.mktemp("texts")
    written = write(folder, rows, marks=marks)
    for unit, row in zip(in_workbook(written)["adapt"], rows, strict=True):
        for column, field in TEXT_COLUMNS.items():
            assert unit.get(column, "") == row[field], column
    for unit, row in zip(in_csv(written)["adapt"], rows, strict=True):
        for column, field in TEXT_COLUMNS.items():
            assert unit.get(column, "") == row[field], column
    book = openpyxl.load_workbook(written.files[0])
    kinds = {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n"}, "n is an empty cell; a formula would be f"


@pytest.mark.parametrize("hard", ["_x0041_", "\r\n", "\x0b", "_x005F_", "\x00", "  "])
@pytest.mark.parametrize("marked", [False, True], ids=["plain", "marked"])
def test_what_ooxml_escapes(tmp_path: Path, hard: str, marked: bool) -> None:
    """Read as ECMA-376 says (ST_Xstring): every _xHHHH_ is decoded once."""
    text = f"to {hard}Tokyo{hard} and{hard} "
    start = text.index("Tokyo")
    marks = [mark("i0", "prompt_pivot", start, start + 5, text)] if marked else []
    written = write(tmp_path, [{"prompt_pivot": text}], marks=marks)
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(written.files[0]) as archive:
        strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    shown = {
        "".join(
            re.sub("_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), part.text or "")
            for part in one.iter(f"{space}t")
        )
        for one in strings
    }
    assert text in shown


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(GLYPHS, st.booleans()), min_size=1))
def test_highlights_are_the_marks(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[str, bool]]
) -> None:
    text = "".join(piece for piece, _ in pieces)
    marks, at = [], 0
    for piece, marked in pieces:
        if marked:
            marks.append(mark("i0", "prompt_pivot", at, at + len(piece), text))
        at += len(piece)
    folder = tmp_path_factory.mktemp("highlights")
    written = write(folder, [{"prompt_pivot": text}], marks=marks)
    sheet = openpyxl.load_workbook(written.files[0], rich_text=True)["Adapt"]
    names = [cell.value for cell in sheet[1]]
    value = sheet[3][names.index("pivot_prompt")].value
    assert str(value) == text
    if isinstance(value, str) and len(pieces) > 1:  # one colour: nothing or everything is marked
        assert len(marks) in (0, 1) or len(marks) == len(pieces)
    elif not isinstance(value, str):
        red = [part.text for part in value if hasattr(part, "font") and part.font.b]
        assert red == [one["surface"] for one in marks]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["translate", "adapt", "rewrite"]),
            st.lists(st.sampled_from(["error", "warning", "note"]), max_size=3),
            st.floats(-5, 0),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_item_is_one_unit(
    tmp_path_factory: pytest.TempPathFactory,
    plan: list[tuple[str, list[str], float, bool]],
) -> None:
    drafts = [
        {
            **NO_DRAFT,
            "item": f"i{n}", "field": "prompt", "text": "t", "model": "m", "score": score,
            "state": "translated",
            "findings": [{"code": "c", "severity": one, "message": "m"} for one in found],
            "review_priority": review_priority("t", score, [{"severity": one} for one in found]),
        }
        for n, (_, found, score, drafted) in enumerate(plan) if drafted
    ]  # fmt: skip
    written = write(
        tmp_path_factory.mktemp("units"), [{} for _ in plan], [one[0] for one in plan], (), drafts
    )
    for read in (in_workbook(written), in_csv(written)):
        placed = {unit["item"]: sheet for sheet, units in read.items() for unit in units}
        assert sum(len(units) for units in read.values()) == len(plan)
        assert placed == {f"i{n}": SHEET_OF[route] for n, (route, *_) in enumerate(plan)}
        assert {sheet: len(units) for sheet, units in read.items()} == {
            sheet: count for sheet, count in written.counts.items() if count
        }
        for sheet in ("adapt", "rewrite"):
            order = [int(unit["item"][1:]) for unit in read.get(sheet, [])]
            assert order == sorted(order), "the release's order"
        of_item = {one["item"]: one["review_priority"] for one in drafts}
        priorities = [of_item.get(unit["item"], 0.0) for unit in read.get("postedit", [])]
        assert priorities == sorted(priorities, reverse=True), "the doubtful ones first"
        keys = [unit["key"] for units in read.values() for unit in units]
        assert len(set(keys)) == len(keys)


def test_units_fit_their_schema(tmp_path: Path) -> None:
    """As read from CSV: what is not there is empty, levels are digits."""
    rows = [{"level": level, "prompt_pivot": "q"} for level in (0, 1, 2, None)]
    written = write(tmp_path, rows, ["translate", "adapt", "rewrite", "adapt"])
    empty = dict.fromkeys(schemas.validator("unit").schema["properties"], "")
    for sheet, units in in_csv(written).items():
        for unit in units:
            level = int(unit["level"]) if unit["level"] else None
            whole = {**empty, **unit, "level": level, "sheet": sheet}
            assert not schemas.violations("unit", whole)
            for damage in ({"key": unit["item"]}, {"sheet": "x"}, {"source_hash": "0"}, {"new": 1}):
                assert schemas.violations("unit", {**whole, **damage})


@given(st.text(), st.text())
@example("'" * 3 + "=x", "'")
def test_escaping_is_undone_and_hides_formulas(text: str, lead: str) -> None:
    for one in (text, f"{lead}={text}", f"'{text}", f"＋{text}"):
        assert unescape(escape(one)) == one
        assert escape(one)[:1] not in set("=+-@\t\r＝＋－＠")


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({"a": TEXT, "b": TEXT, "c": TEXT}), max_size=5))
def test_csv_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(path, ["a", "b", "c"], rows)
    assert read_csv(path) == rows
    text = path.read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r＝＋－＠")]
    assert len(cells) == 3 * (len(rows) + 1)


def test_a_long_text_comes_back_in_a_fresh_process(tmp_path: Path) -> None:
    """The csv module's own limit is 131,072 characters; CSV is where long texts go."""
    script = (
        "import sys, pathlib\n"
        "sys.path.insert(0, sys.argv[2])\nfrom sheets import read_csv, write_csv\n"
        "path, row = pathlib.Path(sys.argv[1]), {'a': 'x' * 200_000}\n"
        "write_csv(path, ['a'], [row])\nassert read_csv(path) == [row]"
    )
    command = [sys.executable, "-c", script, tmp_path / "a.csv", Path(__file__).parents[1]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_key_with_one_character_changed_is_told() -> None:
    """Digits, letters, marks and the project's name: other letters at the end."""
    names = ["ac-v2.2-test-0000123-001", "質問１", "a", "item 7", "x~ABCD"]
    for name in names:
        key = make_key(name, "brazil")
        others = {make_key(name, "brasil"), make_key(name, "brazil2")}
        for at in range(len(name)):
            for char in "0129azAZ_質":
                if name[at] != char:
                    others.add(make_key(name[:at] + char + name[at + 1 :], "brazil"))
        assert len(others) > 10
        assert not [one for one in others if one[-4:] == key[-4:]]
        assert make_key(name, "brazil") == key
