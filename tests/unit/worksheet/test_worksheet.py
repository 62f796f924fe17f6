"""Worksheets hold every unit, exactly, in a form that people and programs can use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import NO_DRAFT
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sheets import read_csv, write_csv

from derive import locales, tables
from derive.flag.lexicon import load_lexicon
from derive.flag.stage import flag
from derive.locales import LocalePack
from derive.translate.priority import review_priority
from derive.worksheet.columns import DECISIONS
from derive.worksheet.formats.tabular import escape, unescape
from derive.worksheet.keys import make_key
from derive.worksheet.stage import Written, write_worksheets

TERMS = {
    "licence": "closed",
    "originals_may_be_republished": False,
    "attribution": "Made by the makers.",
    "purpose": "Only for tests.",
}
META = {
    "project": "p",
    "locale": "pt-BR",
    "dataset": "Sample",
    "version": "v1",
    "release": "0" * 64,
}
POLICY = {"routes": {"0": "translate", "1": "adapt", "2": "rewrite"}, "untagged": "adapt"}

# fmt: off
HARD = [  # formulas, values that programs turn into others, blanks, scripts, markup
    "=1+1", "+1", "-1", "@a", "\tx", "#N/A", "TRUE", "007", "1-2", "1E5", "'", "'=x", "_x0041_",
    " a ", "a\nb", "a\u00a0b", "😀 👩‍👩‍👧", "e\u0301", "\u200fשלום", "<b>&amp;", '"a", b; c',
    "https://a.example/", "mailto:a@b.example", "{=1}", "a\u2028b", "｜＝１",
    "<r>a</r>", "<r><t>a</t></r>", "\x0b_x0041_\r",
]
# fmt: on


def item(number: int, level: int | None, **texts: str | None) -> dict[str, Any]:
    row = dict.fromkeys(tables.ITEMS)
    row |= {"id": f"item-{number:03d}", "split": "dev", "prompt": f"質問 {number}", "level": level}
    row |= {"risk_area": "r", "harm_type": "h", "extra": "{}", "hash": f"{number:064x}"}
    return {**row, "prompt_pivot": f"Question {number}", "file": "f", "row": number, **texts}


def draft(item: str, score: float = -0.1, **finding: str) -> dict[str, Any]:
    findings = [{"code": "draft-x", "message": "m", **finding}] if finding else []
    row = {**NO_DRAFT, "item": item, "field": "prompt", "text": f"Rascunho {item}", "model": "m"}
    priority = review_priority(row["text"], score, findings)
    more = {"score": score, "state": "translated", "findings": findings}
    return {**row, **more, "review_priority": priority}


def write(folder: Path, rows: list[dict[str, Any]], tag: str = "pt-BR", **how: Any) -> Written:
    items = tables.frame(rows, tables.ITEMS)
    done = flag(items, load_lexicon(locales.load("ja-JP").lexicon), POLICY)
    drafts = how.pop("drafts", None) or [draft(row["id"]) for row in rows]
    pack = locales.load(tag)
    return write_worksheets(
        folder, items, done.marks, done.routes, tables.frame(drafts, tables.DRAFTS),
        pack=pack, meta={**META, "locale": tag}, terms={**TERMS, **how.pop("terms", {})}, **how,
    )  # fmt: skip


def sheets(written: Written) -> dict[str, list[dict[str, Any]]]:
    """The unit sheets as a program reads them: calamine, by the hidden machine names."""
    book = CalamineWorkbook.from_path(written.files[0])
    read = {}
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if rows and rows[0][0] == "key":
            read[name] = [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]
    return read


@pytest.mark.parametrize("text", HARD)
def test_texts_are_texts(tmp_path: Path, text: str) -> None:
    rows = [item(1, 1, prompt=text, prompt_pivot=text, response=text), item(2, 2), item(3, 0)]
    written = write(tmp_path, rows)
    unit = sheets(written)["Adaptar"][0]
    assert unit["source_prompt"] == unit["pivot_prompt"] == unit["source_response"] == text
    book = openpyxl.load_workbook(written.files[0])
    for sheet in book:
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
        assert not sheet._hyperlinks
        numbers = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "n"]
        assert set(numbers) <= {None}, "no text has become a number"
    csv = read_csv(next(path for path in written.files if path.name.endswith("adapt.csv")))
    assert csv[0]["source_prompt"] == csv[0]["source_response"] == text


def test_every_item_is_one_unit_of_one_sheet(tmp_path: Path) -> None:
    rows = [item(n, (0, 1, 2, None)[n % 4]) for n in range(1, 41)]
    written = write(tmp_path, rows)
    read = sheets(written)
    assert written.counts == {"adapt": 20, "rewrite": 10, "postedit": 10}
    assert {name: len(units) for name, units in read.items()} == {
        "Adaptar": 20, "Reescrever": 10, "Pós-editar": 10,
    }  # fmt: skip
    units = [unit for of_sheet in read.values() for unit in of_sheet]
    assert sorted(unit["item"] for unit in units) == [row["id"] for row in rows]
    for unit in units:
        assert unit["key"] == make_key(unit["item"], "p")
        assert unit["worksheet"] == written.worksheets[0]
        assert unit["source_hash"] == f"{int(unit['item'][-3:]):064x}"
    in_csv = [row["item"] for path in written.files[1:] for row in read_csv(path)]
    assert sorted(in_csv) == [row["id"] for row in rows]


def test_the_worst_stand_first(tmp_path: Path) -> None:
    rows = [item(n, 0) for n in range(1, 6)]
    drafts = [
        draft("item-001", -0.1),
        draft("item-002", -0.9),
        draft("item-003", -0.1, severity="error"),
        draft("item-004", -0.9, severity="warning"),
        draft("item-005", -0.1, severity="note"),
    ]
    read = sheets(write(tmp_path, rows, drafts=drafts))["Pós-editar"]
    order = [unit["item"][-1] for unit in read]
    assert order == ["3", "4", "2", "5", "1"]


def test_what_people_may_touch(tmp_path: Path) -> None:
    written = write(tmp_path, [item(1, 1), item(2, 1)])
    sheet = openpyxl.load_workbook(written.files[0])["Adaptar"]
    names = [cell.value for cell in sheet[1]]
    filled = {"decision", "prompt", "response", "reason", "evidence", "author"}
    for name, cell in zip(names, sheet[3], strict=True):
        assert cell.protection.locked is (name not in filled)
        if name in filled:
            assert cell.number_format == "@", "what people type stays text"
    assert sheet.protection.sheet
    assert not sheet.protection.sort, "OOXML says 0 for allowed"
    assert not sheet.protection.autoFilter
    assert sheet.row_dimensions[1].hidden
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref.startswith("A2:")
    [rule] = sheet.data_validations.dataValidation
    assert (rule.type, rule.showErrorMessage) == ("list", True)
    letter = openpyxl.utils.get_column_letter(names.index("decision") + 1)
    assert str(rule.sqref) == f"{letter}3:{letter}4"
    book = openpyxl.load_workbook(written.files[0])
    assert [cell.value for cell in book["_lists"]["A"]] == list(DECISIONS)
    assert book["_derive"].sheet_state == "veryHidden"
    told = {row[0].value: row[1].value for row in book["_derive"]}
    assert told == {
        **META,
        "schema": "1",
        "role": "translator",
        "person": "",
        "double": "",
        "form": told["form"],
        "worksheet": written.worksheets[0],
    }
    assert book.custom_doc_props["derive.worksheet"].value == written.worksheets[0]
    hidden = [
        names[openpyxl.utils.column_index_from_string(letter) - 1]
        for letter, column in sheet.column_dimensions.items()
        if column.hidden
    ]
    assert hidden[0] == "item"


def test_marks_are_highlighted_at_the_right_characters(tmp_path: Path) -> None:
    text = "😀 e\u0301 I sent yen to Tokyo, then to Osaka."
    written = write(tmp_path, [item(1, 1, prompt="東京で😀円高と1万円", prompt_pivot=text)])
    sheet = openpyxl.load_workbook(written.files[0], rich_text=True)["Adaptar"]
    names = [cell.value for cell in sheet[1]]
    cell = sheet[3][names.index("pivot_prompt")].value
    assert str(cell) == text
    red = [part.text for part in cell if hasattr(part, "font") and part.font.b]
    assert red == ["yen", "Tokyo", "Osaka"]
    source = sheet[3][names.index("source_prompt")].value
    assert [part.text for part in source if hasattr(part, "font") and part.font.b] == [
        "東京",
        "万円",
    ]
    marks = sheet[3][names.index("marks")].value
    assert "Tokyo [place, 1] Tokyo (東京都): capital of Japan" in str(marks)
    assert "→ real (R$, BRL)" in str(marks), "the locale's counterpart is on offer"


def test_a_text_marked_all_over(tmp_path: Path) -> None:
    written = write(tmp_path, [item(1, 1, prompt="東京", prompt_pivot="Tokyo")])
    assert sheets(written)["Adaptar"][0]["pivot_prompt"] == "Tokyo"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("x" * 32_767, True),
        ("x" * 32_768, False),
        ("😀" * 16_383, True),
        ("😀" * 20_000, False),
        ("\n" * 253 + "x", True),
        ("\n" * 254 + "x", False),
    ],
    ids=["longest", "too long", "longest emoji", "too many emoji", "most lines", "too many lines"],
)
def test_what_a_cell_cannot_hold_is_said(tmp_path: Path, text: str, fits: bool) -> None:
    written = write(tmp_path, [item(1, 1, prompt_pivot=text), item(2, 1)])
    units = sheets(written)["Adaptar"]
    assert [unit["item"] for unit in units] == (["item-001"] if fits else []) + ["item-002"]
    told = [(one.code, one.item, one.field) for one in written.findings]
    assert told == ([] if fits else [("cell-unfit", "item-001", "pivot_prompt")])
    in_csv = read_csv(next(path for path in written.files if path.name.endswith("adapt.csv")))
    assert in_csv[0]["pivot_prompt"] == text
    guide = openpyxl.load_workbook(written.files[0])["Read me first"]
    said = any("1 items do not fit" in str(cell.value) for cell in guide["A"])
    assert said is not fits


def test_right_to_left(tmp_path: Path) -> None:
    written = write(tmp_path, [item(1, 1), item(2, 2), item(3, 0)], tag="ur-PK")
    book = openpyxl.load_workbook(written.files[0])
    for name in ("Adapt", "Rewrite", "Post-edit"):
        sheet = book[name]
        assert sheet.sheet_view.rightToLeft
        names = [cell.value for cell in sheet[1]]
        for column in ("draft_prompt", "prompt", "response"):
            assert sheet[3][names.index(column)].alignment.readingOrder == 2
        assert sheet[3][names.index("pivot_prompt")].alignment.readingOrder == 0
    assert [one.code for one in written.findings] == ["locale-no-guide"]
    assert book.sheetnames[0] == "Read me first"


def test_guides(tmp_path: Path) -> None:
    def guide(folder: str, terms: dict[str, Any]) -> dict[str, str]:
        book = openpyxl.load_workbook(write(tmp_path / folder, [item(1, 1)], terms=terms).files[0])
        return {
            name: "\n".join(str(cell.value or "") for cell in book[name]["A"])
            for name in book.sheetnames[:2]
        }

    closed = guide("closed", {})
    assert list(closed) == ["Leia primeiro", "Read me first"]
    assert "whose terms forbid handing them on" in closed["Read me first"]
    assert "cujos termos proíbem a redistribuição" in closed["Leia primeiro"]
    assert "português (Brasil)" in closed["Leia primeiro"]
    assert all("Made by the makers." in text for text in closed.values())
    opened = guide("open", {"originals_may_be_republished": True, "licence": "cc-by-4.0"})
    assert "forbid" not in opened["Read me first"]
    assert "cc-by-4.0" in opened["Read me first"]


def test_a_guide_cannot_reach_beyond_its_values(tmp_path: Path) -> None:
    from derive.errors import DeriveError
    from derive.worksheet.guide import render_guides

    for text in ("{{ ''.__class__.__mro__ }}", "{{ nosuch }}", "{% if %}"):
        (tmp_path / "g").write_text(text, encoding="utf-8")
        pack = LocalePack("en", "x", guide=tmp_path / "g", sheets={"guide": "G"})
        with pytest.raises(DeriveError, match="template is wrong"):
            render_guides(pack, pack, {})


def test_the_same_worksheet_is_the_same_bytes(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\nimport test_worksheet as t\n"
        "t.write(Path(sys.argv[1]), [t.item(n, n % 3) for n in range(9)])"
    )
    here = Path(__file__).parent
    for number in (1, 2):
        subprocess.run(
            [sys.executable, "-c", script, tmp_path / str(number), here, here.parents[1]],
            env={"PYTHONHASHSEED": str(number), "PATH": "", "PYTHONUTF8": "1"},
            check=True,
        )
    first, second = (sorted((tmp_path / str(number)).iterdir()) for number in (1, 2))
    assert [path.name for path in first] == [path.name for path in second]
    assert len(first) == 4
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_filled_file_is_never_written_over(tmp_path: Path) -> None:
    rows = [item(1, 1)]
    first = write(tmp_path, rows)
    for path in first.files:
        path.write_bytes(b"filled by a person")
    again = write(tmp_path, rows)
    assert {one.code for one in again.findings} == {"worksheet-edited"}
    other = write(tmp_path, [item(1, 1, prompt_pivot="changed")])
    assert not set(other.files) & set(first.files)
    assert all(path.read_bytes() == b"filled by a person" for path in first.files)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@given(st.text(), st.text())
def test_keys_have_letters_of_their_own(item: str, project: str) -> None:
    key = make_key(item, project)
    assert key.startswith(f"{item}~")
    assert key[-4:].isalpha()
    assert key.isascii() or not item.isascii()


def test_filled_down_keys_are_noticed() -> None:
    letters = [make_key(f"item-{n:07d}", "p")[-4:] for n in range(2000)]
    assert not [n for n in range(1, 2000) if letters[n] == letters[n - 1]]


@given(st.text())
def test_escaping_is_undone(text: str) -> None:
    assert unescape(escape(text)) == text
    assert escape(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])))))
def test_csv_comes_back(tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    rows = [{"a": cell, "b": cell[::-1]} for (cell,) in cells]
    write_csv(path, ["a", "b"], rows)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_csv(path) == rows
