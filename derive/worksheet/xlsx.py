"""Worksheets as an XLSX workbook, byte for byte the same for the same worksheet.

Every text is written as a string, never as a formula, link or number. What a cell cannot hold is
left out of the workbook and named; every return code of the writer is looked at.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from derive.errors import DeriveError
from derive.files import write_bytes
from derive.findings import Finding, finding
from derive.locales import LocalePack
from derive.worksheet.units import DECISIONS, SHEETS, Column, Worksheet

CELL_UNITS = 32_767  # UTF-16 units a cell holds
CELL_LINES = 253  # line feeds a cell holds, Excel's own limit
LINE_POINTS = 15
MOST_POINTS = 409  # Excel's highest row
GUIDE_WIDTH = 110
HEADER_ROW = 1  # row 0 holds the machine names and is hidden

_EPOCH = datetime(2020, 1, 1)  # the writer would put the time of writing into the file
# what the writer turns into _xHHHH_
_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_RIGHT_TO_LEFT = {"reading_order": 2}


def unfit(unit: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
    """The columns of a unit whose text a cell cannot hold."""
    return [column.name for column in columns if not _fits(str(unit[column.name] or ""))]


def _fits(text: str) -> bool:
    return (
        len(text.encode("utf-16-le")) // 2 <= CELL_UNITS
        and text.count("\n") <= CELL_LINES
        and not (_looks_rich(text) and _ESCAPED.search(text))
    )


def _looks_rich(text: str) -> bool:
    """Whether the writer would take a plain text for one of its own rich strings."""
    return text.startswith("<r>") and text.endswith("</r>")


def left_out(worksheet: Worksheet) -> list[Finding]:
    """A finding for each unit that the workbook cannot hold."""
    return [
        finding("cell-unfit", f"a cell cannot hold the {name}", item=unit["item"], field=name)
        for sheet in SHEETS
        for unit in worksheet.units[sheet]
        for name in unfit(unit, worksheet.columns(sheet))[:1]
    ]


def write_xlsx(
    path: Path, worksheet: Worksheet, guides: Mapping[str, str], pack: LocalePack
) -> None:
    """Write the workbook: guides first, then a sheet a route, then what identifies it, hidden.

    guides: sheet name to text. pack: labels, sheet names and direction of the target's locale.
    Raises DeriveError if the writer refuses a cell.
    """
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
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
        _checked(book.set_custom_property(f"derive.{name}", value[:255]), name)
    formats = _formats(book, pack.direction == "rtl")
    for name, text in guides.items():
        tab = book.add_worksheet(name)
        if pack.direction == "rtl" and pack.guide and name == pack.sheets["guide"]:
            tab.right_to_left()
        _write_guide(tab, text, formats)
    lists = "_lists"
    for sheet in SHEETS:
        if worksheet.units[sheet]:
            tab = book.add_worksheet(pack.sheets[sheet])
            if pack.direction == "rtl":
                tab.right_to_left()
            _write_sheet(tab, worksheet, sheet, pack, formats, lists)
    _write_hidden(book, worksheet, lists)
    book.close()
    write_bytes(path, buffer.getvalue())


Formats = dict[str, Any]


def _height(cells: Iterable[tuple[str, int]]) -> float:
    """A row's height in points for texts in columns of a width: programs do not fit it on opening.

    A wide character (East Asian) takes two places.
    """
    lines = 1
    for text, width in cells:
        places = (
            sum(1 + (east_asian_width(char) in "WF") for char in line) for line in text.split("\n")
        )
        # words do not fill a line to its end, so it holds a tenth less than its width
        lines = max(lines, sum(1 + int(place / (0.9 * width)) for place in places))
    return min(LINE_POINTS * lines + 3, MOST_POINTS)


def _formats(book: Any, right_to_left: bool) -> Formats:
    cell = {"text_wrap": True, "valign": "top", "num_format": "@"}
    border = {"border": 1, "border_color": "#D0D0D0"}
    reading = _RIGHT_TO_LEFT if right_to_left else {}
    return {
        "read": book.add_format({**cell, **border, "bg_color": "#F2F2F2"}),
        "read_target": book.add_format({**cell, **border, **reading, "bg_color": "#F2F2F2"}),
        "fill": book.add_format({**cell, **border, **reading, "locked": False}),
        "mark": book.add_format({"font_color": "#C00000", "bold": True}),
        "plain": book.add_format(),
        "read_head": book.add_format(
            {**border, "bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#D9D9D9"}
        ),
        "fill_head": book.add_format(
            {**border, "bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#A9D08E"}
        ),
        "title": book.add_format({"bold": True, "font_size": 14, "text_wrap": True}),
        "heading": book.add_format({"bold": True, "font_size": 12, "text_wrap": True}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write_guide(tab: Any, text: str, formats: Formats) -> None:
    tab.set_column(0, 0, GUIDE_WIDTH)
    tab.hide_gridlines(2)
    for row, line in enumerate(text.splitlines()):
        style = "title" if line.startswith("# ") else "heading" if line.startswith("#") else "text"
        line = line.lstrip("#").strip()
        tab.set_row(row, _height([(line, GUIDE_WIDTH)]) + 3 * (style != "text"))
        if line:
            _checked(tab.write_string(row, 0, line, formats[style]), f"the guide's line {row + 1}")
    tab.fit_to_pages(1, 0)
    tab.protect()


def _write_sheet(
    tab: Any, worksheet: Worksheet, sheet: str, pack: LocalePack, formats: Formats, lists: str
) -> None:
    columns = worksheet.columns(sheet)
    units = [unit for unit in worksheet.units[sheet] if not unfit(unit, columns)]
    targets = {"draft_prompt", "draft_response"}
    for at, column in enumerate(columns):
        tab.set_column(at, at, column.width, None, {"hidden": column.hidden})
        tab.write_string(0, at, column.name)
        head = formats["fill_head" if column.fill else "read_head"]
        tab.write_string(HEADER_ROW, at, pack.labels[column.name], head)
        style = "fill" if column.fill else "read_target" if column.name in targets else "read"
        for row, unit in enumerate(units, HEADER_ROW + 1):
            text = "" if unit[column.name] is None else str(unit[column.name])
            spans = _spans(worksheet, unit, column)
            _write_text(tab, row, at, text, spans, formats[style], formats)
    visible = [column for column in columns if not column.hidden]
    for row, unit in enumerate(units, HEADER_ROW + 1):
        tab.set_row(row, _height((str(unit[one.name] or ""), one.width) for one in visible))
    tab.set_row(0, None, None, {"hidden": True})
    tab.set_row(HEADER_ROW, 32)
    last = HEADER_ROW + len(units)
    tab.freeze_panes(HEADER_ROW + 1, 1)
    tab.autofilter(HEADER_ROW, 0, max(last, HEADER_ROW + 1), len(columns) - 1)
    decision = [column.name for column in columns].index("decision")
    if units:
        rule = {
            "validate": "list",
            "source": f"={lists}!$A$1:$A${len(DECISIONS)}",
            "error_title": "Decision",
            "error_message": f"Choose one of: {', '.join(DECISIONS)}.",
        }
        _checked(
            tab.data_validation(HEADER_ROW + 1, decision, last, decision, rule), "the drop-down"
        )
    allowed = ("sort", "autofilter", "format_columns", "format_rows", "format_cells")
    tab.protect("", dict.fromkeys(allowed, True))
    tab.set_landscape()
    tab.set_paper(8)  # A3
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(HEADER_ROW)


_MARKED = {
    "source_prompt": "prompt",
    "pivot_prompt": "prompt_pivot",
    "source_response": "response",
    "pivot_response": "response_pivot",
}


def _spans(
    worksheet: Worksheet, unit: Mapping[str, Any], column: Column
) -> Sequence[tuple[int, int]]:
    field = _MARKED.get(column.name)
    return worksheet.marks.get((unit["item"], field), ()) if field else ()


def _write_text(
    tab: Any,
    row: int,
    column: int,
    text: str,
    spans: Sequence[tuple[int, int]],
    style: Any,
    formats: Formats,
) -> None:
    mark, plain = formats["mark"], formats["plain"]
    if not text:
        _checked(tab.write_blank(row, column, None, style), f"row {row + 1}")
        return
    # the writer escapes what XML cannot carry, and in rich strings it does so twice
    pieces = [] if _ESCAPED.search(text) else list(_pieces(text, spans, mark))
    if _looks_rich(text) and len(pieces) == 1:
        pieces = [text[:1], plain, text[1:]]
    # a rich string needs two pieces
    if len([piece for piece in pieces if isinstance(piece, str)]) > 1:
        _checked(tab.write_rich_string(row, column, *pieces, style), f"row {row + 1}")
    else:
        _checked(tab.write_string(row, column, text, style), f"row {row + 1}")


def _pieces(text: str, spans: Sequence[tuple[int, int]], mark: Any) -> Iterator[Any]:
    last = 0
    for start, end in sorted(spans):
        if start > last:
            yield text[last:start]
        yield mark
        yield text[start:end]
        last = end
    if last < len(text):
        yield text[last:]


def _write_hidden(book: Any, worksheet: Worksheet, lists: str) -> None:
    """The drop-down's list, and what identifies the worksheet, where people do not edit."""
    tab = book.add_worksheet(lists)
    for row, decision in enumerate(DECISIONS):
        tab.write_string(row, 0, decision)
    tab.hide()
    tab = book.add_worksheet("_derive")
    for row, (name, value) in enumerate(worksheet.meta.items()):
        tab.write_string(row, 0, name)
        _checked(tab.write_string(row, 1, value), name)
    tab.very_hidden()


def _checked(code: int | None, where: str) -> None:
    if code:
        raise DeriveError(
            f"The workbook's writer refused a cell (code {code})",
            where=where,
            fix="write the worksheet as CSV (--format csv)",
        )
