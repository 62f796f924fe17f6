"""Worksheets as an XLSX workbook, byte for byte the same for the same worksheet; and read back.

Every text is written as a string, never as a formula, link or number. What a cell cannot hold is
left out of the workbook and named. Reading takes ODS as well, which people's programs save.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.files import write_bytes
from derive.findings import Finding, finding
from derive.wordiff import spans
from derive.worksheet.columns import BEFORE, ROUND_TRIPS, SOURCES, Column, words
from derive.worksheet.contract import Format, Looks, Returned, Row, Worksheet, cell
from derive.worksheet.formats.ods import is_ods, readable
from derive.worksheet.formats.tabular import LABELS, letters, read_table
from derive.worksheet.formats.xlsx_layout import (
    ESCAPED,
    Formats,
    Span,
    checked,
    formats,
    height,
    looks_rich,
    write_guide,
    write_text,
)
from derive.worksheet.formulas import formulas, merged_in_ods

CELL_UNITS = 32_767  # UTF-16 units a cell holds
CELL_LINES = 253  # line feeds a cell holds, Excel's own limit
HEADER_ROW = 1  # row 0 holds the machine names and is hidden

_LISTS, _IDENTITY = "_lists", "_derive"
_EPOCH = datetime(2020, 1, 1)  # the writer would put the time of writing into the file


def unfit(unit: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
    """The columns of a unit whose text a cell cannot hold."""
    return [column.name for column in columns if not _fits(cell(unit, column.name))]


def _fits(text: str) -> bool:
    if len(text) < CELL_LINES and text.isascii() and not text.startswith("<r>"):
        return True
    return (
        len(text.encode("utf-16-le", "surrogatepass")) // 2 <= CELL_UNITS
        and text.count("\n") <= CELL_LINES
        # programs leave _xFFFE_ as it is
        and "\ufffe" not in text
        and "\uffff" not in text
        and not (looks_rich(text) and ESCAPED.search(text))
    )


def left_out(worksheet: Worksheet) -> list[Finding]:
    """A finding for each unit that the workbook cannot hold."""
    return [
        finding("cell-unfit", f"a cell cannot hold the {name}", item=unit["item"], field=name)
        for sheet in worksheet.sheets()
        for unit in worksheet.units[sheet]
        for name in unfit(unit, worksheet.columns(sheet))[:1]
    ]


def write_xlsx(path: Path, worksheet: Worksheet, looks: Looks) -> None:
    """Write the workbook: guides first, then the sheets, then what identifies it, hidden.

    Raises DeriveError if the writer refuses a cell.
    """
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    pack = looks.pack
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties(
        {
            "title": f"{worksheet.meta['project']} {worksheet.meta['locale']} worksheet",
            "status": "Internal: holds texts of the source dataset",
            "created": _EPOCH,
        }
    )
    for name, value in worksheet.meta.items():
        checked(book.set_custom_property(f"derive.{name}", value[:255]), name)
    styles = formats(book, pack.direction == "rtl")
    for name, text in looks.guides.items():
        tab = book.add_worksheet(name)
        own = bool(pack.guide) and name == pack.sheets["guide"]
        if own and pack.direction == "rtl":
            tab.right_to_left()
        write_guide(tab, text, styles, "target " if own else "")
    lists: dict[tuple[str, ...], str] = {}
    for sheet in worksheet.sheets():
        tab = book.add_worksheet(pack.sheets[sheet])
        if pack.direction == "rtl":
            tab.right_to_left()
        _write_sheet(tab, worksheet, sheet, looks, styles, lists)
    _write_hidden(book, worksheet, lists)
    book.close()
    write_bytes(path, buffer.getvalue())


def _write_sheet(
    tab: Any,
    worksheet: Worksheet,
    sheet: str,
    looks: Looks,
    styles: Formats,
    lists: dict[tuple[str, ...], str],
) -> None:
    columns = worksheet.columns(sheet)
    pairs = zip(worksheet.units[sheet], worksheet.cells(sheet), strict=True)
    rows = [(unit, cells) for unit, cells in pairs if not unfit(unit, columns)]
    last = HEADER_ROW + len(rows)
    for at, column in enumerate(columns):
        tab.set_column(at, at, column.width, None, {"hidden": column.hidden})
        tab.write_string(0, at, column.name)
        head = styles["fill_head" if column.fill else "read_head"]
        label = LABELS if column.hidden else looks.pack.labels[column.name]
        tab.write_string(HEADER_ROW, at, label, head)
        source = column.name.removeprefix(BEFORE)
        foreign = source in SOURCES or column.name in ROUND_TRIPS
        target = column.name.endswith(("_prompt", "_response")) and not foreign
        style = "fill" if column.fill else "read_target" if target else "read"
        for row, (unit, cells) in enumerate(rows, HEADER_ROW + 1):
            said = looks.comments.get((unit["key"], column.name))
            marked = _spans(worksheet, unit, column)
            write_text(tab, row, at, cells[column.name], marked, "said" if said else style, styles)
            if said:
                checked(tab.write_comment(row, at, said, _COMMENT), f"the comment in row {row + 1}")
        allowed = words(sheet, column.name)
        if allowed and rows:
            place = lists.setdefault(allowed, letters(len(lists)))
            rule = {
                "validate": "list",
                "source": f"={_LISTS}!${place}$1:${place}${len(allowed)}",
                "error_title": looks.pack.labels[column.name][:32],
                "error_message": f"Choose one of: {', '.join(allowed)}."[:255],
            }
            checked(tab.data_validation(HEADER_ROW + 1, at, last, at, rule), "the drop-down")
    visible = [column for column in columns if not column.hidden]
    for row, (_, cells) in enumerate(rows, HEADER_ROW + 1):
        tab.set_row(row, height((cells[one.name], one.width) for one in visible))
    tab.set_row(0, None, None, {"hidden": True})
    tab.set_row(HEADER_ROW, 32)
    tab.freeze_panes(HEADER_ROW + 1, 1)
    tab.autofilter(HEADER_ROW, 0, max(last, HEADER_ROW + 1), len(columns) - 1)
    allow = ("sort", "autofilter", "format_columns", "format_rows", "format_cells")
    tab.protect("", dict.fromkeys(allow, True))
    tab.set_landscape()
    tab.set_paper(8)  # A3
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(HEADER_ROW)


# names that a workbook's archive begins with: OOXML's and ODF's
_PARTS = (b"[Content_Types].xml", b"xl/", b"mimetypeapplication/vnd.oasis.opendocument.spread")
_COMMENT = {"author": "derive", "x_scale": 2.5, "y_scale": 1.5}
_MARKED = {
    "source_prompt": "prompt",
    "pivot_prompt": "prompt_pivot",
    "source_response": "response",
    "pivot_response": "response_pivot",
}


def _spans(worksheet: Worksheet, unit: Mapping[str, Any], column: Column) -> list[Span]:
    """What is highlighted in a cell: marks, and what changed in the source since it was written."""
    name = column.name.removeprefix(BEFORE)
    old = unit.get(f"{BEFORE}{name}") if name in SOURCES else ""
    gone, come = spans(old, cell(unit, name)) if old else ([], [])
    if name != column.name:
        return [(*span, "gone") for span in gone]
    marks = worksheet.marks.get((unit["item"], _MARKED.get(name, "")), ())
    return [*((*span, "come") for span in come), *((*span, "mark") for span in marks)]


def _write_hidden(book: Any, worksheet: Worksheet, lists: Mapping[tuple[str, ...], str]) -> None:
    """The drop-downs' lists, and what identifies the worksheet, where people do not edit."""
    tab = book.add_worksheet(_LISTS)
    for at, allowed in enumerate(lists):
        for row, word in enumerate(allowed):
            tab.write_string(row, at, word)
    tab.hide()
    tab = book.add_worksheet(_IDENTITY)
    for row, (name, value) in enumerate(worksheet.meta.items()):
        tab.write_string(row, 0, name)
        checked(tab.write_string(row, 1, value), name)
    tab.very_hidden()


def read_xlsx(data: bytes, name: str) -> Returned:
    """The rows of a workbook as it came back, XLSX or ODS: any sheet with our machine names.

    Raises DeriveError if the file is damaged, or cells are merged where units stand.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    meta: dict[str, str] = {}
    rows: list[Row] = []
    findings: list[Finding] = []
    computed = formulas(data)
    spanned = merged_in_ods(data) if is_ods(data) else {}
    data = readable(data) if is_ods(data) else data
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for title in book.sheet_names:
                sheet = book.get_sheet_by_name(title)
                table = sheet.to_python(skip_empty_area=False)
                if title == _IDENTITY:
                    meta = {str(line[0]): str(line[1]) for line in table if len(line) > 1}
                    continue
                found, notes = read_table(title, table, name, set(computed.get(title, ())))
                if found:
                    last = max(row.row for row in found)
                    merged = [*spanned.get(title, ()), *_merged(sheet)]
                    _refuse_merged(merged, last, f"{name} sheet {title}")
                rows += found
                findings += notes
    except CalamineError as error:
        raise DeriveError(
            f"The workbook cannot be read: {error}",
            where=name,
            fix="open it in a spreadsheet program and save it again as .xlsx",
        ) from None
    return Returned(meta, rows, findings)


Area = tuple[int, int, int, int]  # top, left, bottom, right, from 0


def _merged(sheet: Any) -> list[Area]:
    return [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]


def _refuse_merged(merged: Sequence[Area], last: int, where: str) -> None:
    """Where units stand, down to row `last`; what is merged below them is somebody's own."""
    for top, left, bottom, right in merged:
        if bottom > HEADER_ROW and top < last:
            raise DeriveError(
                f"Cells are merged: {letters(left)}{top + 1}:{letters(right)}{bottom + 1}",
                where=where,
                fix="undo the merging; what stood in the merged cells is lost, so fill it in again",
            )


def _files(worksheet: Worksheet, looks: Looks) -> dict[str, Callable[[Path], None]]:
    return {".xlsx": partial(write_xlsx, worksheet=worksheet, looks=looks)}


def _knows(head: bytes, name: str) -> bool:
    return head.startswith(b"PK\x03\x04") and any(part in head for part in _PARTS)


XLSX = Format("xlsx", _files, _knows, read_xlsx, left_out)
