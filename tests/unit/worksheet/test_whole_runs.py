"""Worksheets as a run leaves them: in a right-to-left locale, and when something changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from conftest import ROOT, FakeEngine, ac_row, write_jsonl
from sheets import read_csv

from derive import locales, pipeline, tables
from derive.pipeline import Asked
from derive.release.read import Options
from derive.stage import Result
from derive.worksheet.columns import COLUMNS, DECISIONS

ARABIC = """\
schema = 1
tag = "ar-EG"
title = "Arabic (Egypt)"
guide = "guide.md.j2"

[sheets]
guide = "اقرأني أولا"
adapt = "تكييف"
rewrite = "إعادة كتابة"
postedit = "مراجعة"

[labels]
prompt = "السؤال"
"""
WORDS = ["السؤال", "عن", "المدينة", "والناس", "كيف", "نكتب", "رسالة", "إلى", "الجار", "الطيب"]


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped packs, with a small Egyptian one, in a folder that a test may change."""
    own = shutil.ignore_patterns("ar-EG")
    shutil.copytree(ROOT / "locales", tmp_path / "locales", ignore=own)
    folder = tmp_path / "locales" / "ar-EG"
    folder.mkdir()
    (folder / "locale.toml").write_text(ARABIC, encoding="utf-8")
    (folder / "guide.md.j2").write_text("# دليل {{ worksheet }}\nنص\n", encoding="utf-8")
    monkeypatch.setattr(
        locales, "folder", lambda name: (tmp_path if name == "locales" else ROOT) / name
    )
    return tmp_path / "locales"


def make_source(folder: Path, last: str = "x") -> Path:
    rows = [
        ac_row(n, **{"text-en": f"What about {last * n} in Tokyo?", "text": f"東京の{n}は？"})
        for n in range(1, 10)
    ]
    return write_jsonl(folder / "dev.jsonl", rows).parent


def run(folder: Path, source: Path, locale: str = "ar-EG") -> dict[str, Result]:
    def translate(sentence: str) -> str:
        return " ".join(WORDS[(len(sentence) + n) % len(WORDS)] for n in range(4)) + "؟"

    engine = FakeEngine(translate, target_languages=[locale])
    asked = Asked(str(source), locale, Options())
    return {one.stage: one for one in pipeline.run(folder, asked, engine=engine)[1]}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "worksheets" / "out").iterdir()}


def test_a_right_to_left_locale(tmp_path: Path, packs: Path) -> None:
    done = run(tmp_path / "egypt", make_source(tmp_path / "release"))
    assert done["translate"].counts == {"drafts": 9, "no_draft": 9, "adapted_drafts": 0}, (
        "no response is in English"
    )
    [path] = (tmp_path / "egypt" / "worksheets" / "out").glob("*.xlsx")
    assert path.name.startswith("egypt.ar-EG.ws-")
    book = openpyxl.load_workbook(path, rich_text=True)
    assert book.sheetnames[:5] == [
        "اقرأني أولا", "Read me first", "تكييف", "إعادة كتابة", "مراجعة",
    ]  # fmt: skip
    assert book["اقرأني أولا"].sheet_view.rightToLeft
    assert not book["Read me first"].sheet_view.rightToLeft
    for name, order in (("اقرأني أولا", 2), ("Read me first", 0)):
        texts = [row[0] for row in book[name].iter_rows() if row[0].value]
        assert texts
        assert {cell.alignment.readingOrder for cell in texts} == {order}, name
    for name in book.sheetnames[2:5]:
        sheet = book[name]
        assert sheet.sheet_view.rightToLeft
        names = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=3):
            for column, cell in zip(names, row, strict=True):
                fill = next(one.fill for one in COLUMNS if one.name == column)
                target = fill or column.startswith("draft_")
                assert cell.alignment.readingOrder == (2 if target else 0), column
                assert cell.protection.locked is not fill
        assert sheet[2][names.index("prompt")].value == "السؤال"
        assert sheet[2][names.index("reason")].value == "Reason", "English stands in"
        value = sheet[3][names.index("pivot_prompt")].value
        assert [part.text for part in value if hasattr(part, "font") and part.font.b] == ["Tokyo"]
        [rule] = sheet.data_validations.dataValidation
        assert (rule.showErrorMessage, rule.errorStyle) == (True, None), "stop is the default"
        assert rule.formula1 == f"_lists!$A$1:$A${len(DECISIONS)}"
    assert "ar-EG" in book["Read me first"]["A2"].value


def test_a_changed_input_makes_new_files(tmp_path: Path, packs: Path) -> None:
    """Another policy: other worksheets beside those that somebody may be filling in."""
    source = make_source(tmp_path / "release")
    run(tmp_path / "p", source)
    old = files(tmp_path / "p")
    for path in (tmp_path / "p" / "worksheets" / "out").iterdir():
        path.write_bytes(b"filled")
    toml = tmp_path / "p" / "derive.toml"
    toml.write_text(toml.read_text().replace('1 = "adapt"', '1 = "rewrite"'))
    done = run(tmp_path / "p", source)["worksheet"]
    assert not done.findings.of("warning")
    assert not {path.name for path in done.outputs} & old.keys()
    now = files(tmp_path / "p")
    assert {now[name] for name in old} == {b"filled"}
    toml.write_text(toml.read_text().replace('1 = "rewrite"', '1 = "adapt"'))
    done = run(tmp_path / "p", source)["worksheet"]
    assert {one.code for one in done.findings} == {"worksheet-edited"}, "back to the filled ones"
    assert {files(tmp_path / "p")[name] for name in old} == {b"filled"}


def test_a_changed_pack_is_not_taken_for_an_edit(tmp_path: Path, packs: Path) -> None:
    """A mended guide or label reaches the workbook, and nobody is said to have filled it."""
    source = make_source(tmp_path / "release")
    run(tmp_path / "p", source)
    old = files(tmp_path / "p")
    for name in ("guide.md.j2", "locale.toml"):
        path = packs / "ar-EG" / name
        path.write_text(path.read_text().replace("نص", "آخر").replace("السؤال", "سؤال"))
        done = run(tmp_path / "p", source)["worksheet"]
        assert done.fresh
        assert not [one for one in done.findings if one.code == "worksheet-edited"]
    book = openpyxl.load_workbook(next(one for one in done.outputs if one.suffix == ".xlsx"))
    assert any(cell.value == "آخر" for cell in book["اقرأني أولا"]["A"])
    assert "سؤال" in [cell.value for cell in book["تكييف"][2]]
    assert {name: files(tmp_path / "p")[name] for name in old} == old, "what went out stays"


@pytest.mark.parametrize("long", ["x" * 32_768, "😀" * 16_384, "\n" * 254])
def test_a_unit_that_no_cell_holds(tmp_path: Path, packs: Path, long: str) -> None:
    rows = [ac_row(1, output=long + "x"), *(ac_row(n) for n in (2, 3, 4))]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows).parent
    done = run(tmp_path / "p", source)["worksheet"]
    items = tables.read_parquet(tmp_path / "p" / "release" / "items.parquet", tables.ITEMS)
    told = [one for one in done.findings if one.item == items["id"][0]]
    assert len(told) == 1
    assert "CSV" in str(told[0].hint)
    book, csv = (next(path for path in done.outputs if path.suffix == end)
                 for end in (".xlsx", ".csv"))  # fmt: skip
    sheet = openpyxl.load_workbook(book)["تكييف"]
    assert [row[0].value for row in sheet.iter_rows(min_row=3)] == [read_csv(csv)[1]["key"]]
    assert read_csv(csv)[0]["source_response"] == long + "x"
    assert done.counts["adapt"] == 2


@pytest.mark.parametrize(
    "name", ["a\nb {}", " {} ", "=cmd {}", "+{}", "{}~ABCD", "\u200f{}", "質問 {}"]
)
def test_ids_may_be_any_text(tmp_path: Path, name: str) -> None:
    rows = [ac_row(n, ID=name.format(n)) for n in range(1, 10)]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows).parent
    done = run(tmp_path / "p", source, "pt-BR")["worksheet"]
    read = [row for path in done.outputs if path.suffix == ".csv" for row in read_csv(path)]
    assert {row["item"] for row in read} == {row["ID"] for row in rows}
    assert all(row["key"].startswith(f"{row['item']}~") for row in read)
