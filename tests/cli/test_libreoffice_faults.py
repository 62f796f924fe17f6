"""What goes wrong when people handle worksheets: it is named, and the row is not taken.

Each is done to a filled workbook, which is collected as it is, or after LibreOffice saved it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from office import (
    NEEDED,
    SOFFICE,
    WAYS,
    Came,
    Do,
    Office,
    all_but,
    answers,
    cell,
    collect,
    column,
    fill,
    handle,
    put,
    rearrange,
    run_sample,
    sheets,
    units,
    ways,
    workbook_of,
)
from openpyxl.workbook.workbook import Workbook

pytestmark = pytest.mark.skipif(not SOFFICE, reason=NEEDED)

Come = Callable[[str, str], Came]


def sort_only(*names: str, all_but: bool = False) -> Do:
    """Turn some columns of the rows BAD round, so that their texts come to stand in other rows."""

    def doing(book: Workbook) -> None:
        sheet = book[BAD_SHEET]
        only = [column(sheet, name) for name in names]
        if all_but:
            only = [one for one in range(1, sheet.max_column + 1) if one not in only]
        rows = list(range(3, sheet.max_row + 1))
        rows[BAD[0] - 3 : BAD[-1] - 2] = reversed(BAD)
        rearrange(sheet, rows=rows, only=only)

    return doing


def merge(area: str) -> Do:
    """Merge cells of the data."""
    return lambda book: book[BAD_SHEET].merge_cells(area)


def set_keys(change: Callable[[str, int], str]) -> Do:
    """Write other keys into the rows BAD, made of the one in the row before."""

    def doing(book: Workbook) -> None:
        sheet = book[BAD_SHEET]
        key = sheet.cell(BAD[0] - 1, 1).value
        for by, row in enumerate(BAD, 1):
            put(sheet.cell(row, 1), change(key, by))

    return doing


def counted_up(key: str, by: int) -> str:
    """As programs fill down: the last number goes up."""
    head, number, tail = re.fullmatch(r"(.*?)(\d+)(\D*)", key).groups()
    return f"{head}{int(number) + by:0{len(number)}}{tail}"


def copy_row(**other: str) -> Do:
    """A copy of the first row of BAD at the end, with other answers or the same."""

    def doing(book: Workbook) -> None:
        sheet = book[BAD_SHEET]
        last = sheet.max_row + 1
        for number in range(1, sheet.max_column + 1):
            put(sheet.cell(last, number), sheet.cell(BAD[0], number).value or "")
        for name, text in other.items():
            put(cell(sheet, last, name), text)

    return doing


def empty(*names: str) -> Do:
    """Empty cells of the rows BAD."""

    def doing(book: Workbook) -> None:
        for row in BAD:
            for name in names:
                cell(book[BAD_SHEET], row, name).value = None

    return doing


def delete_names(book: Workbook) -> None:
    """The hidden first row of every sheet."""
    for sheet in sheets(book):
        sheet.delete_rows(1)


def sort_names_in(row: int) -> Do:
    """Sort with the first row, which comes to stand further down."""

    def doing(book: Workbook) -> None:
        sheet = book[BAD_SHEET]
        rows = list(range(2, sheet.max_row + 1))
        rearrange(sheet, rows=[*rows[: row - 1], 1, *rows[row - 1 :]], top=1)

    return doing


def type_values(book: Workbook) -> None:
    """Type what the program does not keep as text."""
    for row, (name, value, _) in enumerate(TYPED, BAD[0]):
        one = cell(book[BAD_SHEET], row, name)
        one.value = None
        one.number_format = "General"
        one.value = value


BAD_SHEET, BAD = "Pós-editar", range(4, 9)  # where things go wrong
HIDDEN = ("item", "source_hash", "based_on", "worksheet")
FILLED = ("decision", "prompt", "response", "reason", "evidence", "author")
# column, what is typed there, what the cell then shows (a truth value is 1 in ODS)
TYPED = [
    ("prompt", 7, "7"),
    ("response", -7.5, "-7.5"),
    ("reason", date(2024, 5, 1), "2024-05-01"),
    ("prompt", datetime(2024, 5, 1, 12, 30), "2024-05-01 12:30:00"),
    ("response", time(12, 30), "12:30:00"),
    ("evidence", timedelta(hours=30), "6:00:00|PT30H"),
    ("prompt", True, "TRUE|1"),
    ("prompt", "=1+1", "2"),
    ("response", '=UPPER("abc")', "ABC"),
    ("reason", "=1/0", "#DIV/0!"),
    ("prompt", "#N/A", "#N/A"),
    ("author", "=NA()", "#N/A"),
    ("decision", '=LOWER("REMOVE")', "remove"),
]
FAULTY: dict[str, Do] = {
    "texts shifted": sort_only("key", *HIDDEN, all_but=True),
    "keys shifted": sort_only("key", *HIDDEN),
    "hidden shifted": sort_only(*HIDDEN),
    "key altered": set_keys(lambda key, by: key.replace("0", str(by), 1)),
    "key filled down": set_keys(counted_up),
    "key copied down": set_keys(lambda key, by: key),
    "hidden emptied": empty(*HIDDEN),
    "hash emptied": empty("source_hash"),
    "merged down": merge("J5:J6"),
    "merged across": merge("K4:L4"),
    "row copied": copy_row(),
    "row copied and changed": copy_row(prompt="Como posso pedir silêncio para os vizinhos?"),
    "hidden deleted": lambda book: book[BAD_SHEET].delete_cols(
        column(book[BAD_SHEET], "item"), len(HIDDEN)
    ),
    "rows deleted": lambda book: book[BAD_SHEET].delete_rows(BAD[0], len(BAD)),
    "names deleted": delete_names,
    "names deleted in one": lambda book: book[BAD_SHEET].delete_rows(1),
    "names sorted in": sort_names_in(9),
    "names sorted to the end": sort_names_in(35),
    "typed": type_values,
}
# what is said of a file that is refused
REFUSED = {
    "merged down": ("J5:J6", BAD_SHEET, "undo the merging"),
    "merged across": ("K4:L4", BAD_SHEET, "undo the merging"),
    "hidden deleted": ("source_hash, based_on, worksheet", BAD_SHEET, "showing all columns"),
    "names deleted": ("show the hidden row 1",),
}
# opened and saved by LibreOffice too
SAVED = [
    "texts shifted", "key filled down", "hidden emptied", "merged down", "merged across",
    "hidden deleted", "names deleted in one", "typed",
]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, and this module's folder."""
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def brazil(office: Office) -> Path:
    """The sample's project folder, as `run` leaves it."""
    return run_sample(office.folder / "brazil")


@pytest.fixture(scope="module")
def plain(office: Office, brazil: Path) -> Came:
    """What comes of the workbook filled with texts that nobody finds fault with."""
    path = workbook_of(brazil)
    path = fill(path, office.folder / "plain.xlsx", answers(path))
    come = collect(brazil, path, copy=office.folder / "plain")
    assert len(come.adaptations) == 64
    return come


@pytest.fixture(scope="module")
def files(office: Office, plain: Came) -> dict[tuple[str, str], Path]:
    """That workbook after each of these, by name and way."""
    folder, path = office.folder / "by-hand", office.folder / "plain.xlsx"
    made = {name: handle(path, folder / f"{name}.xlsx", FAULTY[name]) for name in FAULTY}
    return office.all_ways(made, SAVED)


@pytest.fixture
def come(files: dict[tuple[str, str], Path], brazil: Path, tmp_path: Path) -> Come:
    """Collect one of them: come("typed", "ods")."""
    return lambda name, way: collect(brazil, files[name, way], copy=tmp_path / "brazil")


@pytest.fixture(scope="module")
def items(brazil: Path) -> dict[int, str]:
    """The items of the sheet in which things go wrong, by row."""
    found = units(openpyxl.load_workbook(workbook_of(brazil)))
    return {row: key.rpartition("~")[0] for key, sheet, row in found if sheet.title == BAD_SHEET}


@pytest.mark.parametrize(
    ("name", "way", "code"),
    [
        (name, way, code)
        for names, code in (
            (("texts shifted", "keys shifted"), "row-shifted"),
            (("hidden shifted", "hash emptied"), "identity-changed"),
            (("key altered", "key filled down"), "key-unknown"),
            (("key copied down",), "row-shifted"),
            (("hidden emptied",), "unit-not-issued"),
        )
        for name, way in ways(names, SAVED)
    ],
)
def test_a_fault_is_named_and_the_row_not_taken(
    come: Come, plain: Came, items: dict[int, str], name: str, way: str, code: str
) -> None:
    done = come(name, way)
    # in a row that stays where it is when the others turn round nothing is wrong
    bad = [row for row in BAD if "shifted" not in name or row != BAD[len(BAD) // 2]]
    found = [one for one in done.said(code) if one.severity == "error"]
    assert {(one.file, one.sheet, one.row) for one in found} == {
        (f"{name}.{'ods' if way == 'ods' else 'xlsx'}", BAD_SHEET, row) for row in bad
    }
    all_but(plain, done, [items[row] for row in bad])
    assert done.done.exit_code == 1


@pytest.mark.parametrize("way", WAYS)
def test_typed_values(come: Come, plain: Came, items: dict[int, str], way: str) -> None:
    done = come("typed", way)
    found = {one.row: one for one in done.said("cell-not-text")}
    for row, (name, value, shows) in enumerate(TYPED, BAD[0]):
        one = found.pop(row)
        assert (one.severity, one.sheet, one.field) == ("error", BAD_SHEET, name)
        if way != "as it is" or not str(value).startswith("="):  # openpyxl calculates nothing
            # of an error nothing is shown but that it is one
            known = [*shows.split("|"), "an error"] if shows[0] == "#" else shows.split("|")
            assert any(text in one.message for text in known), one.message
    assert not found
    all_but(plain, done, [items[row] for row in range(BAD[0], BAD[0] + len(TYPED))])


@pytest.mark.parametrize(("name", "way"), ways(REFUSED, SAVED))
def test_a_file_is_refused_with_the_place_and_a_remedy(come: Come, name: str, way: str) -> None:
    done = come(name, way).done
    assert done.exit_code == 2
    for part in (name, *REFUSED[name]):
        assert part in done.stderr


def test_rows_deleted_are_missing(come: Come, plain: Came, items: dict[int, str]) -> None:
    done = come("rows deleted", "as it is")
    all_but(plain, done, [items[row] for row in BAD])
    removed = sum(one["decision"] == "remove" for one in done.adaptations.values())
    assert f"accepted {64 - removed - len(BAD)}, removed {removed}" in done.done.stderr
    assert f"missing {len(BAD)}" in done.done.stderr
    assert done.done.exit_code == 0


def test_a_row_copied(come: Come, plain: Came, items: dict[int, str]) -> None:
    done = come("row copied", "as it is")
    [one] = done.said("row-duplicate")
    assert (one.severity, one.sheet, one.row, one.item) == ("warning", BAD_SHEET, 36, items[BAD[0]])
    all_but(plain, done, [])


def test_a_row_copied_with_another_answer(come: Come, plain: Came, items: dict[int, str]) -> None:
    done = come("row copied and changed", "as it is")
    assert [one.row for one in done.said("row-duplicate")] == [36]
    both = done.said("unit-conflict")
    assert sorted((one.row, one.item) for one in both) == [
        (row, items[BAD[0]]) for row in (BAD[0], 36)
    ]
    all_but(plain, done, [items[BAD[0]]])


@pytest.mark.parametrize(
    ("name", "way"),
    ways(["names deleted in one", "names sorted in", "names sorted to the end"], SAVED),
)
def test_a_sheet_without_machine_names_at_its_top_is_not_passed_over(
    come: Come, plain: Came, name: str, way: str
) -> None:
    """All are taken, or the sheet is named; never is a sheet of work lost without a word."""
    done = come(name, way)
    if done.adaptations.keys() != plain.adaptations.keys():
        assert BAD_SHEET in done.done.stdout + done.done.stderr
        assert done.done.exit_code in (1, 2)


def test_what_was_said_of_a_row_is_said_of_it_alone(come: Come) -> None:
    """Every sheet has a row 4; `checks` are of the row that was taken."""
    done = come("typed", "as it is")
    assert done.said("cell-not-text")
    assert not [one["item"] for one in done.adaptations.values() if one["checks"]]


def test_drafts_sorted_without_their_rows(come: Come, brazil: Path, tmp_path: Path) -> None:
    """Where the answers alone are sorted, nothing to compare them with has moved but the drafts
    that they were handed out with."""

    def doing(book: Workbook) -> None:
        for row in BAD:
            put(cell(book[BAD_SHEET], row, "decision"), "transfer")
            put(cell(book[BAD_SHEET], row, "author"), "Ana")
        sort_only(*FILLED)(book)

    path = handle(workbook_of(brazil), tmp_path / "sorted.xlsx", doing)
    done = collect(brazil, path, copy=tmp_path / "brazil")
    found = {one.row for one in done.said("row-shifted", "text-other-answer")}
    assert found == set(BAD) - {BAD[len(BAD) // 2]}
