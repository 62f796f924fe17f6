"""Whole rounds with LibreOffice in the middle of every step, also from right to left."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from conftest import ROOT, SAMPLE, FakeEngine, ac_row, write_jsonl
from office import (
    NEEDED,
    SOFFICE,
    Answers,
    Came,
    Office,
    answers,
    cell,
    collect,
    column,
    csv_filter,
    csv_writer,
    derive,
    fill,
    handle,
    rearrange,
    run_sample,
    same,
    sheets,
    units,
    workbook_of,
)
from openpyxl.workbook.workbook import Workbook
from sheets import read_csv, write_csv

from derive import locales, pipeline
from derive.pipeline import Asked
from derive.release.read import Options

pytestmark = pytest.mark.skipif(not SOFFICE, reason=NEEDED)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, and this module's folder."""
    return Office(tmp_path_factory.mktemp("office"))


# from right to left

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
"""
WORDS = ["السؤال", "عن", "المدينة", "والناس", "كيف", "نكتب", "رسالة", "إلى", "الجار", "الطيب"]
PIECES = [
    "\u200fكيف؟\u200e", "١٢٣ 456", "«قال» (abc) [1]", "\u202bالناس abc\u202c", "السَّلَامُ", "مـــرحبا",
    "\u2067كيف\u2069", "نمی\u200cخواهم", "abc كيف def", "=كيف", "-كيف", "\u061cكيف", "،؛؟", "٪٥٠",
    "شكرا\nكيف", "شكرا 👩‍👩‍👧",
]  # fmt: skip


def arabic(number: int, words: int = 9) -> str:
    """An Arabic text, another for each number."""
    return " ".join(WORDS[(number * at + number // 10 + at) % len(WORDS)] for at in range(words))


@pytest.fixture(scope="module")
def egypt(office: Office) -> Iterator[Path]:
    """The sample's project folder for a locale from right to left, made by an engine of words."""
    root = office.folder / "packs"
    own = shutil.ignore_patterns("ar-EG")
    shutil.copytree(ROOT / "locales", root / "locales", ignore=own)
    pack = root / "locales" / "ar-EG"
    pack.mkdir()
    (pack / "locale.toml").write_text(ARABIC, encoding="utf-8")
    (pack / "guide.md.j2").write_text("# دليل {{ worksheet }}\nنص\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locales, "folder", lambda one: (root if one == "locales" else ROOT) / one)
        engine = FakeEngine(lambda text: arabic(len(text)), target_languages=("ar-EG",))
        path = office.folder / "egypt"
        pipeline.run(path, Asked(str(SAMPLE), "ar-EG", Options()), engine=engine)
        yield path


def in_arabic(workbook: Path) -> Answers:
    """An answer for every unit."""
    found = {}
    for number, (key, _, _) in enumerate(units(openpyxl.load_workbook(workbook))):
        piece = PIECES[number % len(PIECES)]
        found[key] = {
            "decision": "modify", "author": "آنا", "reason": piece, "evidence": f"{piece} ",
            "prompt": f"{piece} {arabic(number)}؟", "response": f"{arabic(number + 70)} {piece}",
        }  # fmt: skip
    return found


@pytest.fixture(scope="module")
def filled(office: Office, egypt: Path) -> tuple[list[Path], Came]:
    """The workbook and the CSV files filled in Arabic, and what comes of the workbook."""
    given = in_arabic(workbook_of(egypt))
    files = [fill(workbook_of(egypt), office.folder / "filled.xlsx", given)]
    for path in sorted((egypt / "worksheets" / "out").glob("*.csv")):
        rows = [{**row, **given[row["key"]]} for row in read_csv(path)]
        files.append(office.folder / f"filled.{path.suffixes[-2][1:]}.csv")
        write_csv(files[-1], list(rows[0]), rows)
    come = collect(egypt, files[0], copy=office.folder / "filled")
    assert len(come.submissions) == 64
    assert len(come.adaptations) > 50
    return files, come


@pytest.mark.parametrize("forms", [["xlsx"], ["ods"], ["ods", "xlsx"], [csv_writer(csv_filter())]])
def test_arabic_comes_back(
    office: Office, filled: tuple[list[Path], Came], egypt: Path, tmp_path: Path, forms: list[str]
) -> None:
    text = forms[0].startswith("csv")
    files = filled[0][1:] if text else filled[0][:1]
    for form in forms:
        files = office.save(files, form, csv_filter() if text else "")
    same(filled[1], collect(egypt, *files, copy=tmp_path / "egypt"))


@pytest.mark.parametrize("forms", [["xlsx"], ["ods", "xlsx"]])
def test_sheets_stay_from_right_to_left(
    office: Office, filled: tuple[list[Path], Came], forms: list[str]
) -> None:
    files = filled[0][:1]
    for form in forms:
        files = office.save(files, form)
    book = openpyxl.load_workbook(files[0])
    assert book["اقرأني أولا"].sheet_view.rightToLeft
    assert not book["Read me first"].sheet_view.rightToLeft
    for sheet in sheets(book):
        assert sheet.sheet_view.rightToLeft
        for name, order in (("prompt", 2), ("response", 2), ("pivot_prompt", 0)):
            assert cell(sheet, 3, name).alignment.readingOrder == order, name
        assert sheet.row_dimensions[1].hidden
        assert sheet.protection.sheet
        assert not cell(sheet, 3, "prompt").protection.locked
        assert cell(sheet, 3, "key").protection.locked


# a release with the line ends of Windows


def test_shifted_texts_are_known_after_libreoffice_changed_their_line_ends(
    office: Office, tmp_path: Path
) -> None:
    rows = []
    for number in range(1, 9):
        english = f"This is invented question {number}.\r\nHow should it be answered?"
        more = {
            "text": f"{number}番目。\r\nどう？",
            "text-en": english,
            "output": f"{number}。\r\nはい",
        }
        rows.append(ac_row(number, culture=0, **more))
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows).parent
    asked = Asked(str(source), "pt-BR", Options())
    pipeline.run(tmp_path / "brazil", asked, engine=FakeEngine(lambda text: f"{text}\r\nfim"))
    path = workbook_of(tmp_path / "brazil")
    path = fill(path, tmp_path / "filled.xlsx", answers(path))

    def doing(book: Workbook) -> None:
        [sheet] = sheets(book)
        first, last = (column(sheet, name) for name in ("source_prompt", "author"))
        rearrange(sheet, rows=range(10, 2, -1), only=range(first, last + 1))

    path = handle(path, tmp_path / "shifted.xlsx", doing)
    [saved] = office.save([path], "xlsx")
    for number, one in enumerate((path, saved)):
        come = collect(tmp_path / "brazil", one, copy=tmp_path / str(number))
        assert {found.row for found in come.said("row-shifted")} == set(range(3, 11))
        assert not come.adaptations


# all roles


def hand_out(project: Path, *options: str) -> Path:
    """Write a worksheet for a role: its path."""
    folder = project / "worksheets" / "out"
    before = set(folder.glob("*.xlsx"))
    done = derive("worksheet", project, "--format", "xlsx", *options)
    assert done.exit_code == 0, done.stderr
    [path] = set(folder.glob("*.xlsx")) - before
    return path


def texts_of(name: str, number: int) -> dict[str, str]:
    """A decision with texts, by one person."""
    return {
        "prompt": f"{name} pergunta: como posso pedir ajuda na cidade, de um jeito {_ADJ[number]}?",
        "response": f"{name} responde: fale com as pessoas da cidade de um jeito {_ADJ[number]}.",
        "author": name,
    }


_ADJ = [
    f"{one} e {two}"
    for one in ("calmo", "gentil", "claro", "breve", "alegre", "sério", "novo", "simples")
    for two in ("amigo", "justo", "firme", "leve", "bonito", "direto", "honesto", "aberto")
]
Fill = Callable[[int, str, set[str]], dict[str, str]]


def round_trip(office: Office, project: Path, path: Path, forms: list[str], filling: Fill) -> Came:
    """Fill a worksheet, save it in LibreOffice, collect it. filling: (number of the item, its ID,
    the sheet's columns) -> cells."""
    items = pl.read_parquet(project / "release" / "items.parquet")["id"].to_list()
    given = {}
    for key, sheet, _ in units(openpyxl.load_workbook(path)):
        item = key.rpartition("~")[0]
        names = {str(one.value) for one in sheet[1]}
        given[key] = filling(items.index(item), item, names)
    files = [fill(path, office.folder / f"{path.stem}-filled.xlsx", given)]
    for form in forms:
        files = office.save(files, form)
    come = collect(project, *files)
    assert come.done.exit_code == 0, come.done.stdout
    return come


def test_all_roles_with_libreoffice_between_them(office: Office, tmp_path: Path) -> None:
    """Every item: translated by Ana; by its number modulo 4 accepted, changed, rejected or changed
    against her will by Bia; answered by Ana; settled by Carla. The last item nobody fills in."""
    project = run_sample(tmp_path / "brazil")
    last, texts = 63, {}

    def translate(number: int, item: str, names: set[str]) -> dict[str, str]:
        texts[item] = texts_of("Ana", number)
        return {"decision": "modify", "reason": "É daqui.", **texts[item]} if number != last else {}

    come = round_trip(office, project, workbook_of(project), ["xlsx"], translate)
    assert {one["state"] for one in come.adaptations.values()} == {"translated"}
    assert len(come.adaptations) == last

    def review(number: int, item: str, names: set[str]) -> dict[str, str]:
        assert "translation_prompt" in names
        if number % 4 == 0:
            return {"verdict": "accept", "author": "Bia"}
        if number % 4 == 2:
            return {"verdict": "reject", "comment": "Não é natural.", "author": "Bia"}
        mine = {**texts_of("Bia", number), "response": ""}
        return {"verdict": "change", "intervention": "not-natural", **mine}

    come = round_trip(office, project, hand_out(project, "--role", "reviewer"), ["ods"], review)
    states = {item: one["state"] for item, one in come.adaptations.items()}
    assert sorted(set(states.values())) == ["reviewed"]
    assert len(states) == last - 16, "the rejected ones wait for Ana"

    def reply(number: int, item: str, names: set[str]) -> dict[str, str]:
        if "review_prompt" in names:
            if number % 4 == 1:
                texts[item] |= {"prompt": texts_of("Bia", number)["prompt"]}
                return {"verdict": "accept", "author": "Ana"}
            return {"verdict": "decline", "reason": "Assim se fala aqui.", "author": "Ana"}
        if number % 4 != 2:
            return {}
        texts[item] = texts_of("Ana Maria", number)
        return {"decision": "modify", "reason": "De novo.", **texts[item], "author": "Ana"}

    come = round_trip(office, project, hand_out(project), ["xlsx"], reply)
    assert sorted(one["state"] for one in come.adaptations.values()) == (
        ["reviewed"] * 32 + ["translated"] * 16
    ), "what Ana declined waits for Carla"

    def accept(number: int, item: str, names: set[str]) -> dict[str, str]:
        return {"verdict": "accept", "author": "Bia"}

    come = round_trip(office, project, hand_out(project, "--role", "reviewer"), ["xlsx"], accept)
    assert {one["state"] for one in come.adaptations.values()} == {"reviewed"}

    def settle(number: int, item: str, names: set[str]) -> dict[str, str]:
        if number % 8 == 3:
            texts[item] = texts_of("Carla", number)
            return {"verdict": "own", "decision": "modify", "reason": "Melhor.", **texts[item]}
        return {"verdict": "a", "author": "Carla"}

    path = hand_out(project, "--role", "adjudicator")
    come = round_trip(office, project, path, ["ods", "xlsx"], settle)
    items = pl.read_parquet(project / "release" / "items.parquet")["id"].to_list()
    assert come.adaptations.keys() == set(items[:last])
    for number, item in enumerate(items[:last]):
        one = come.adaptations[item]
        assert (one["state"], one["waits_for"], one["adjudicator"]) == ("final", "", "Carla")
        if number % 8 != 7:  # which of Ana's and Bia's is candidate A only their IDs say
            assert (one["prompt"], one["response"]) == (
                texts[item]["prompt"],
                texts[item]["response"],
            )
    assert f"accepted {last}" in come.done.stderr
    assert "missing 1" in come.done.stderr
