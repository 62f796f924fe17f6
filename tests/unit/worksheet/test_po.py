"""PO worksheets are read by gettext and other tools, and give back what those make of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polib
import pytest
from sheets import unit, worksheet

from derive import locales
from derive.errors import DeriveError
from derive.worksheet.columns import SHEETS, columns_of, fill_columns
from derive.worksheet.contract import Looks, Returned, Worksheet
from derive.worksheet.formats.po import PO

LOOKS = Looks(locales.complete(locales.load("pt-BR")), {"Leia": ",fuzzy\n# Guia\r\n\r\n:Leia."})
KEY = unit("adapt", "one")["key"]
DECISION = "Decisão (transfer, modify, replace, remove)"


def written(made: Worksheet, folder: Path, looks: Looks = LOOKS) -> list[Path]:
    paths = []
    for suffix, write in PO.files(made, looks).items():
        paths.append(folder / f"w{suffix}")
        write(paths[-1])
    return paths


def one_row(folder: Path) -> Path:
    """One unit, with a text in the prompt and an empty response."""
    made = worksheet(unit("adapt", "one", pivot_prompt="A question", prompt="Uma", marks="a: - b"))
    [path] = written(made, folder)
    return path


def returned(folder: Path, change: Callable[[polib.POFile], object], **how: int) -> Returned:
    """That unit as it is after a tool's change."""
    path = one_row(folder)
    file = polib.pofile(str(path), wrapwidth=0)
    change(file)
    for name, value in how.items():
        setattr(file, name, value)
    file.save(str(path))
    return PO.read(path.read_bytes(), "w.po")


def entry(file: polib.POFile, column: str) -> polib.POEntry:
    return next(one for one in file if one.msgctxt == f"{KEY}|{column}")


def everything() -> Worksheet:
    """A unit with a text in every column of every sheet, and an empty one of each."""
    units = [unit(sheet, f"bare {sheet}") for sheet in SHEETS]
    for sheet in SHEETS:
        names = [one.name for one in columns_of(sheet) if not one.hidden]
        texts = {name: f' {name}:\r\n `"{name}\\n"`,\t5 km - a\n' for name in names}
        units.append(unit(sheet, f"full {sheet}", **{**texts, "key": f"k|{sheet}", "level": 2}))
    return worksheet(*units)


def test_a_file_a_sheet_and_an_entry_a_cell(tmp_path: Path) -> None:
    made = everything()
    paths = written(made, tmp_path)
    assert [path.name for path in paths] == [f"w.{sheet}.po" for sheet in SHEETS]
    for sheet, path in zip(SHEETS, paths, strict=True):
        file = polib.pofile(str(path), check_for_duplicates=True)
        fill = fill_columns(sheet)
        keys = [cells["key"] for cells in made.cells(sheet)]
        assert [one.msgctxt for one in file] == [f"{key}|{name}" for key in keys for name in fill]
        assert all(one.msgid for one in file)
        assert [bool(one.msgstr) for one in file] == [one.fuzzy for one in file]
        assert file.metadata["Language"] == "pt_BR"
        assert file.metadata["X-Derive-Locale"] == "pt-BR"
        come = PO.read(path.read_bytes(), "w.po")
        assert [row.cells for row in come.rows] == made.cells(sheet)
        assert not come.findings
        assert come.meta == made.meta


def test_gettext_reads_it(tmp_path: Path) -> None:
    msgfmt = shutil.which("msgfmt") or pytest.skip("needs gettext's msgfmt")
    for path in written(everything(), tmp_path):
        done = subprocess.run(
            [msgfmt, "--statistics", "-o", str(tmp_path / "w.mo"), str(path)],
            capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "fuzzy" in done.stderr


def test_translate_toolkit_reads_it(tmp_path: Path) -> None:
    pypo = pytest.importorskip("translate.storage.pypo")
    store = pypo.pofile.parsestring(one_row(tmp_path).read_bytes())
    seen = {one.getcontext(): (one.source, one.target) for one in store.units if one.source}
    assert seen[f"{KEY}|prompt"] == ("A question", "Uma")
    assert seen[f"{KEY}|decision"] == (DECISION, "")
    fuzzy = [one.getcontext() for one in store.units if one.source and one.isfuzzy()]
    assert fuzzy == [f"{KEY}|prompt"]
    come = PO.read(bytes(store), "w.po")
    assert come.rows[0].cells["marks"] == "a: - b"
    assert not come.findings


def test_people_read_beside_it_what_the_row_shows(tmp_path: Path) -> None:
    looks = replace(LOOKS, comments={(KEY, "reason"): "say\nwhy", (KEY, "level"): "derive:{}\x00"})
    made = worksheet(unit("adapt", "one", pivot_prompt="q", marks="a\r\x0bb", draft_response="d"))
    [path] = written(made, tmp_path, looks)
    file = polib.pofile(str(path))
    prompt = entry(file, "prompt").comment.split("\n")
    assert prompt[:2] == ["derive:{}\ufffd", "Nível: 1"]
    assert prompt[-1] == "  b"
    assert "Rascunho da resposta" in entry(file, "response").comment
    assert entry(file, "reason").comment.split("\n")[0] == "say"
    assert PO.read(path.read_bytes(), "w.po").rows[0].cells == made.cells("adapt")[0]


@pytest.mark.parametrize("char", ["\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x7f", "\x85", "\u2028"])
def test_odd_characters_come_back_from_every_cell(tmp_path: Path, char: str) -> None:
    text = f'{char}a{char}\n{char}"\\{char}'
    made = worksheet(unit("adapt", f"o{char}ne", pivot_prompt=text, prompt=text, marks=text))
    assert not PO.left_out(made)
    [path] = written(made, tmp_path)
    assert [row.cells for row in PO.read(path.read_bytes(), "w.po").rows] == made.cells("adapt")


@pytest.mark.parametrize("column", ["pivot_prompt", "prompt", "marks"])
def test_what_gettext_cannot_carry_is_named(tmp_path: Path, column: str) -> None:
    made = worksheet(unit("adapt", "one", **{column: "a\0"}), unit("adapt", "two"))
    [left] = PO.left_out(made)
    assert (left.code, left.item, left.field) == ("cell-unfit", "one", column)
    [path] = written(made, tmp_path)
    come = PO.read(path.read_bytes(), "w.po")
    assert [row.cells["item"] for row in come.rows] == ["two"]


# what other tools do


def test_an_entry_still_fuzzy_is_told_once_it_is_changed(tmp_path: Path) -> None:
    def change(file: polib.POFile) -> None:
        entry(file, "prompt").msgstr = "Outra"
        entry(file, "reason").msgstr = "porque"

    come = returned(tmp_path, change)
    assert come.rows[0].cells["prompt"] == "Outra"
    assert come.rows[0].cells["reason"] == "porque"
    [told] = come.findings
    assert (told.code, told.severity, told.item, told.field) == (
        "po-fuzzy", "warning", "one", "prompt"
    )  # fmt: skip
    assert told.row
    assert told.row > come.rows[0].row
    assert not returned(tmp_path, lambda file: None).findings
    assert not returned(tmp_path, lambda file: setattr(entry(file, "prompt"), "flags", [])).findings


@pytest.mark.parametrize("wrapwidth", [20, 78])
def test_a_tool_may_wrap_lines(tmp_path: Path, wrapwidth: int) -> None:
    come = returned(tmp_path, lambda file: None, wrapwidth=wrapwidth)
    assert come.rows[0].cells == PO.read(one_row(tmp_path).read_bytes(), "x").rows[0].cells
    assert come.rows[0].cells["marks"] == "a: - b"


def test_a_row_that_lost_its_comments_is_still_known(tmp_path: Path) -> None:
    def change(file: polib.POFile) -> None:
        for one in file:
            one.comment = "derive:[1]"

    come = returned(tmp_path, change)
    assert come.rows[0].cells == {
        "key": KEY, "worksheet": "ws-000000000000", "decision": "", "prompt": "Uma", "response": "",
        "reason": "", "evidence": "", "author": "",
    }  # fmt: skip
    assert [one.code for one in come.findings] == ["po-fuzzy"], "no one knows what was issued"


def test_what_a_tool_added_is_told(tmp_path: Path) -> None:
    def change(file: polib.POFile) -> None:
        entry(file, "author").obsolete = True
        entry(file, "prompt").tcomment = "ask me"
        file.append(polib.POEntry(msgid="Hello", msgstr="Olá"))
        file.metadata["X-Generator"] = "a tool"

    come = returned(tmp_path, change)
    assert "author" not in come.rows[0].cells
    assert {(one.code, one.severity) for one in come.findings} == {("worksheet-extra", "note")}
    assert sorted(one.message.partition(":")[0] for one in come.findings) == [
        "a comment was added", "an entry of no cell is not read", "an obsolete entry is not read"
    ]  # fmt: skip
    assert "X-Generator" not in come.meta


@pytest.mark.parametrize("msgid", ["A question", "Another"])
def test_a_cell_twice_is_refused(tmp_path: Path, msgid: str) -> None:
    more = polib.POEntry(msgctxt=f"{KEY}|prompt", msgid=msgid, msgstr="b")
    with pytest.raises(DeriveError, match="twice") as caught:
        returned(tmp_path, lambda file: file.append(more))
    assert caught.value.where
    assert caught.value.where.startswith("w.po line ")


def test_a_changed_header_is_shown_as_it_is(tmp_path: Path) -> None:
    come = returned(tmp_path, lambda file: file.metadata.update({"X-Derive-Project": 'a "b"'}))
    assert come.meta["project"] == 'a "b"'
    assert not returned(tmp_path, lambda file: file.metadata.clear()).meta


@pytest.mark.parametrize("ends", [b"\r\n", b"\r"])
def test_other_line_ends_and_a_bom_are_read(tmp_path: Path, ends: bytes) -> None:
    data = one_row(tmp_path).read_bytes()
    other = b"\xef\xbb\xbf" + data.replace(b"\n", ends)
    assert PO.knows(other, "x") or ends == b"\r"
    assert PO.read(other, "x").rows[0].cells == PO.read(data, "x").rows[0].cells


def test_a_file_cut_in_a_text_is_refused(tmp_path: Path) -> None:
    data = one_row(tmp_path).read_bytes()
    texts = {b"", *PO.read(data, "x").rows[0].cells.values()}
    for end in range(len(data)):
        try:
            come = PO.read(data[:end], "w.po")
        except DeriveError:
            continue
        assert {text for row in come.rows for text in row.cells.values()} <= texts


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"{}",
        b"pyproject.toml",
        b'msgid "a"\nmsgstr "\xff"\n',
        b'msgid "a"b"\nmsgstr ""\n',
        b'msgstr "a"\nmsgstr "b"\n',
        b'msgid "a"\nmsgstr[x] "b"\n',
        b'msgid "a"\nmsgstr "b',
        b'msgid "a"\nmsgstr "b\\"',
        b'#| msgid\nmsgid "a"\nmsgstr ""\n',
    ],
)
def test_what_is_not_po_is_refused(data: bytes) -> None:
    with pytest.raises(DeriveError) as caught:
        PO.read(data, "w.po")
    assert str(caught.value.where).startswith("w.po")
    assert caught.value.fix
    assert "/tmp" not in str(caught.value)
