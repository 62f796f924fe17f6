"""Worksheets that LibreOffice has opened and saved, and that people have handled, are still ours.

What LibreOffice itself makes of a text is written down here, once for each way through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from office import (
    NEEDED,
    SOFFICE,
    UTF16,
    Came,
    Office,
    answers,
    cell,
    collect,
    csv_filter,
    csv_writer,
    fill,
    handle,
    rearrange,
    run_sample,
    same,
    sheets,
    units,
    ways,
    workbook_of,
)
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from sheets import read_csv, write_csv

from derive.codes import CODES

pytestmark = pytest.mark.skipif(not SOFFICE, reason=NEEDED)

# fmt: off
HARD = [
    "=1+1", "+1", "-1", "@a", "\tx", "#N/A", "TRUE", "FALSE", "007", "1-2", "1E5", "1e400", "1.5",
    "50%", "'", "'''", "'a", "'=x", "''=x", "'-1", "-", "--", "(1)", "12:30", "2024-01-31", "R$ 10",
    "_x0041_", "_x000D_", "_x005F_x", " a ", "a  b", "a \n b ", "a\nb", "\n\na\n\n", "a\r\nb",
    "a\rb", "a\tb", "a\t", "\u00a0a\u00a0", "\u3000a", "😀 👩‍👩‍👧", "e\u0301", "\u200fשלום",
    "\u200eش\u202eb\u202c", "\ufeffa", "a\u200bb\u00ad", "a\u2028b\u2029c\u0085d", "𠮷",
    "\u0007a\u000bb", "\u007f", "\ufffd", '"a", b; c', "<b>&amp;", "<r>a</r>", "{=1}", "{name} `x`",
    "https://a.example/", "a@b.example", ("palavra longa " * 2_200)[:30_000],
    "\n".join(f"linha {one}" for one in range(250)),
]
# fmt: on


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, and this module's folder."""
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def brazil(office: Office) -> Path:
    """The sample's project folder, as `run` leaves it."""
    return run_sample(office.folder / "brazil")


# the program alone


def with_hard_texts(workbook: Path) -> dict[str, dict[str, str]]:
    """Answers with a hard text in every cell for a text: alone, at the start or at the end."""
    found = answers(workbook)
    for number, cells in enumerate(found.values()):
        text, other = HARD[number % len(HARD)], HARD[(number + 25) % len(HARD)]
        cells |= {"reason": other, "evidence": text}
        if "prompt" in cells:
            cells["prompt"] = f"{text} {cells['prompt']}"
            cells["response"] = other if number % 3 else f"{cells['response']} {text}"
    return found


@pytest.fixture(scope="module")
def hard(office: Office, brazil: Path) -> tuple[list[Path], Came]:
    """The workbook and the CSV files filled with hard texts, and what comes of the workbook."""
    given = with_hard_texts(workbook_of(brazil))
    files = [fill(workbook_of(brazil), office.folder / "hard.xlsx", given)]
    for path in sorted((brazil / "worksheets" / "out").glob("*.csv")):
        rows = [{**row, **given[row["key"]]} for row in read_csv(path)]
        files.append(office.folder / f"hard.{path.suffixes[-2][1:]}.csv")
        write_csv(files[-1], list(rows[0]), rows)
    come = collect(brazil, files[0], copy=office.folder / "hard")
    assert len(come.submissions) == 64
    return files, come


def line_ends(text: str) -> str:
    """LibreOffice knows LF alone as a line end within a cell."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def ods(text: str) -> str:
    """ODS is XML without escapes: no control characters."""
    return re.sub(r"[\x00-\x08\x0b-\x1f]", "", line_ends(text))


def ods_read(text: str) -> str:
    """LibreOffice 7 does not read the tabs that it writes into ODS."""
    return ods(text).replace("\t", "")


def unquoted(text: str) -> str:
    """Without “Quoted field as text”, what looks like a number becomes one."""
    return {"007": "7", "1E5": "100000"}.get(text, line_ends(text))


QUOTED, PLAIN = csv_filter(), csv_filter(quoted=False)
# what it is opened with (workbooks: nothing), what it is saved as, one after another; the texts
SAVED: dict[str, tuple[str, list[str], Callable[[str], str]]] = {
    "xlsx": ("", ["xlsx"], line_ends),
    "xlsx twice": ("", ["xlsx", "xlsx"], line_ends),
    "ods": ("", ["ods"], ods),
    "ods, xlsx": ("", ["ods", "xlsx"], ods_read),
    "every sheet as csv": ("", [csv_writer(f"{QUOTED},true,false,false,-1")], line_ends),
    "csv": (QUOTED, [csv_writer(QUOTED)], line_ends),
    "csv with ;": (QUOTED, [csv_writer(csv_filter(";"))], line_ends),
    "csv with tabs": (QUOTED, [csv_writer(csv_filter("\t"))], line_ends),
    "csv in UTF-16": (QUOTED, [csv_writer(csv_filter(charset=UTF16))], line_ends),
    "csv, no quotes": (PLAIN, [csv_writer(PLAIN)], unquoted),
    "csv as xlsx": (QUOTED, ["xlsx"], line_ends),
    "csv as ods": (QUOTED, ["ods"], ods),
}


@pytest.mark.parametrize("way", SAVED)
def test_a_saved_worksheet_gives_the_same(
    office: Office, hard: tuple[list[Path], Came], brazil: Path, tmp_path: Path, way: str
) -> None:
    reading, forms, changed = SAVED[way]
    files = hard[0][1:] if reading else hard[0][:1]
    for form in forms:
        files = office.save(files, form, reading)
    same(hard[1], collect(brazil, *files, copy=tmp_path / "brazil"), changed)


def test_csv_with_a_byte_order_mark_or_without(
    office: Office, hard: tuple[list[Path], Came], brazil: Path, tmp_path: Path
) -> None:
    """LibreOffice 7 writes none, newer ones can."""
    saved = office.save(hard[0][1:], csv_writer(QUOTED), QUOTED)
    for mark in (b"", b"\xef\xbb\xbf"):
        for path in saved:
            path.write_bytes(mark + path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        same(hard[1], collect(brazil, *saved, copy=tmp_path / f"{len(mark)}"), line_ends)


def test_csv_in_another_encoding_is_refused(
    office: Office, hard: tuple[list[Path], Came], brazil: Path, tmp_path: Path
) -> None:
    saved = office.save(hard[0][1:], csv_writer(csv_filter(charset=1)), QUOTED)
    done = collect(brazil, *saved, copy=tmp_path / "brazil").done
    assert done.exit_code == 2
    assert "Not UTF-8" in done.stderr
    assert "CSV UTF-8" in done.stderr


# people

_YELLOW = PatternFill("solid", fgColor="FFFF00")


def reverse_rows(book: Workbook) -> None:
    """Sort all rows the other way round."""
    for sheet in sheets(book):
        rearrange(sheet, rows=range(sheet.max_row, 2, -1))


def insert_blank_rows(book: Workbook) -> None:
    """Before the first row, between the labels and the rows, and after every row."""
    for sheet in sheets(book):
        pairs = ((one, 0) for one in range(3, sheet.max_row + 1))
        rearrange(sheet, rows=[0, *chain(*pairs)])
        sheet.insert_rows(1, 2)


def hide_rows_and_columns(book: Workbook) -> None:
    """Filter, hide half of the rows, hide what is shown and show what is hidden."""
    for sheet in sheets(book):
        sheet.auto_filter.add_filter_column(0, ["none of these"])
        for row in range(3, sheet.max_row + 1, 2):
            sheet.row_dimensions[row].hidden = True
        for number in range(1, sheet.max_column + 1):
            dimension = sheet.column_dimensions[get_column_letter(number)]
            dimension.hidden = not dimension.hidden
        sheet.row_dimensions[1].hidden = False


def move_columns(book: Workbook) -> None:
    """All of them, from right to left."""
    for sheet in sheets(book):
        rearrange(sheet, columns=range(sheet.max_column, 0, -1))


def rename_and_move_sheets(book: Workbook) -> None:
    """Other names, other order."""
    for number, sheet in enumerate(sheets(book)):
        sheet.title = f"Ana {number}"
        book.move_sheet(sheet, number * 2 - 3)


def add_sheet(book: Workbook) -> None:
    """Somebody's own, with formulas on ours, numbers and merged cells."""
    sheet = book.create_sheet("Minhas notas", 0)
    title = sheets(book)[0].title
    sheet["A1"], sheet["A2"], sheet["A3"] = f"=COUNTA('{title}'!A:A)", 7, "=1/0"
    sheet["B1"] = "https://a.example/"
    sheet.merge_cells("A3:C5")
    book["Read me first"].merge_cells("A1:C1")


def delete_sheets(*names: str) -> Callable[[Workbook], None]:
    """Delete sheets."""

    def doing(book: Workbook) -> None:
        for name in names:
            del book[name]

    return doing


def forget_properties(book: Workbook) -> None:
    """Who made it, and ours."""
    book.properties = DocumentProperties()
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]


def decorate(book: Workbook) -> None:
    """Colours, sizes, comments, links, conditions, frozen panes; no protection, no lists."""
    for sheet in sheets(book):
        sheet.protection.sheet = False
        sheet.data_validations.dataValidation = []
        sheet.freeze_panes = "D5"
        sheet.conditional_formatting.add("A3:J9", CellIsRule("equal", ["1"], fill=_YELLOW))
        for row in sheet.iter_rows(min_row=3):
            row[2].fill = _YELLOW
            row[0].font = Font(bold=True, size=20)
            row[1].number_format = "0.00"
            sheet.row_dimensions[row[0].row].height = 99
        for name in ("prompt", "key"):
            cell(sheet, 3, name).comment = Comment("Um comentário\nde Ana", "Ana")
            cell(sheet, 4, name).hyperlink = "https://a.example/"


def bold(book: Workbook) -> None:
    """Some words of the texts in bold."""
    for _, sheet, row in units(book):
        for name in ("prompt", "response", "reason"):
            if text := cell(sheet, row, name).value:
                parts = [text[:3], TextBlock(InlineFont(b=True), text[3:9]), text[9:]]
                cell(sheet, row, name).value = CellRichText(*parts)


def delete_labels(book: Workbook) -> None:
    """The row that says what the columns are."""
    for sheet in sheets(book):
        rearrange(sheet, rows=range(3, sheet.max_row + 1), top=2)


def add_columns(book: Workbook) -> None:
    """Somebody's own, before ours and after, with any values in them."""
    for sheet in sheets(book):
        sheet.insert_cols(1)
        for row, value in ((2, "Minhas notas"), (3, 7), (4, "=1+1"), (5, True)):
            sheet.cell(row, 1).value = sheet.cell(row, sheet.max_column + row).value = value


def all_at_once(book: Workbook) -> None:
    """Nearly all of it."""
    for doing in (bold, decorate, forget_properties, reverse_rows, move_columns, insert_blank_rows,
                  rename_and_move_sheets):  # fmt: skip
        doing(book)
    delete_sheets("Leia primeiro", "Read me first", "_lists", "_derive")(book)


HANDLED: dict[str, Callable[[Workbook], None]] = {
    "nothing": lambda book: None,
    "rows sorted": reverse_rows,
    "blank rows": insert_blank_rows,
    "hidden": hide_rows_and_columns,
    "columns moved": move_columns,
    "sheets renamed and moved": rename_and_move_sheets,
    "a sheet added": add_sheet,
    "guides deleted": delete_sheets("Leia primeiro", "Read me first"),
    "hidden sheets deleted": delete_sheets("_lists", "_derive"),
    "no properties": forget_properties,
    "decorated": decorate,
    "bold": bold,
    "columns added": add_columns,
    "labels deleted": delete_labels,
    "all at once": all_at_once,
}
# opened and saved by LibreOffice too
THROUGH = [
    "nothing",
    "columns added",
    "hidden",
    "blank rows",
    "a sheet added",
    "decorated",
    "bold",
    "all at once",
]


@pytest.fixture(scope="module")
def plain(office: Office, brazil: Path) -> tuple[Path, Came]:
    """The workbook filled with texts that nobody finds fault with, and what comes of it."""
    path = workbook_of(brazil)
    path = fill(path, office.folder / "plain.xlsx", answers(path))
    come = collect(brazil, path, copy=office.folder / "plain")
    assert len(come.adaptations) == 64
    return path, come


@pytest.fixture(scope="module")
def handled(office: Office, plain: tuple[Path, Came]) -> dict[tuple[str, str], Path]:
    """The filled workbook after each of these, by name and way."""
    folder = office.folder / "by-hand"
    files = {name: handle(plain[0], folder / f"{name}.xlsx", HANDLED[name]) for name in HANDLED}
    return office.all_ways(files, THROUGH)


@pytest.mark.parametrize(("name", "way"), ways(HANDLED, THROUGH))
def test_handled_as_people_do(
    handled: dict[tuple[str, str], Path], plain: tuple[Path, Came], brazil: Path, tmp_path: Path,
    name: str, way: str,
) -> None:  # fmt: skip
    done = collect(brazil, handled[name, way], copy=tmp_path / "brazil")
    extra = {one.message for one in done.said("worksheet-extra")}
    assert any("column A" in one for one in extra) == (name == "columns added")
    same(plain[1], replace(done, findings=done.said(*CODES.keys() - {"worksheet-extra"})))
