"""How a workbook looks: colours, widths, heights, highlights; every return code is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any
from unicodedata import east_asian_width

from derive.errors import DeriveError

LINE_POINTS = 15
MOST_POINTS = 409  # Excel's highest row
GUIDE_WIDTH = 110

# what the writer turns into _xHHHH_
ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f]")
_RIGHT_TO_LEFT = {"reading_order": 2}
_RUNNING: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "text_wrap": True},
    "heading": {"bold": True, "font_size": 12, "text_wrap": True},
    "text": {"text_wrap": True, "valign": "top"},
}

Formats = dict[str, Any]
Span = tuple[int, int, str]  # start, end, and why it is highlighted: a key of HIGHLIGHTS
HIGHLIGHTS: dict[str, dict[str, Any]] = {
    "mark": {"font_color": "#C00000", "bold": True},
    "gone": {"font_color": "#7F7F7F", "font_strikeout": True},
    "come": {"font_color": "#0033CC", "underline": 1},
    "come mark": {"font_color": "#C00000", "bold": True, "underline": 1},
}


def looks_rich(text: str) -> bool:
    """Whether the writer would take a plain text for one of its own rich strings."""
    return text.startswith("<r>") and text.endswith("</r>")


def height(cells: Iterable[tuple[str, int]]) -> float:
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


def formats(book: Any, right_to_left: bool) -> Formats:
    """The styles of a workbook, by name. right_to_left: the target's direction of writing."""
    cell = {"text_wrap": True, "valign": "top", "num_format": "@"}
    border = {"border": 1, "border_color": "#D0D0D0"}
    reading = _RIGHT_TO_LEFT if right_to_left else {}
    return {
        "read": book.add_format({**cell, **border, "bg_color": "#F2F2F2"}),
        "read_target": book.add_format({**cell, **border, **reading, "bg_color": "#F2F2F2"}),
        "fill": book.add_format({**cell, **border, **reading, "locked": False}),
        "said": book.add_format(
            {**cell, **border, **reading, "locked": False, "bg_color": "#FCE4D6"}
        ),
        "plain": book.add_format(),
        **{name: book.add_format(font) for name, font in HIGHLIGHTS.items()},
        # of a cell that is highlighted as a whole
        **{
            f"read {name}": book.add_format({**cell, **border, "bg_color": "#F2F2F2", **font})
            for name, font in HIGHLIGHTS.items()
        },
        "read_head": book.add_format(
            {**border, "bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#D9D9D9"}
        ),
        "fill_head": book.add_format(
            {**border, "bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#A9D08E"}
        ),
        **{f"{way}{name}": book.add_format({**font, **order})
           for way, order in (("", {}), ("target ", reading)) for name, font in _RUNNING.items()},
    }  # fmt: skip


def write_guide(tab: Any, text: str, formats: Formats, way: str = "") -> None:
    """A sheet of running text: a line a row, `#` makes headings.

    way: "target " for a text of the target's language, which has its direction of writing: a
    program goes by a line's first letter else, and that may be one of a decision's name.
    """
    tab.set_column(0, 0, GUIDE_WIDTH)
    tab.hide_gridlines(2)
    for row, line in enumerate(text.splitlines()):
        style = "title" if line.startswith("# ") else "heading" if line.startswith("#") else "text"
        line = line.lstrip("#").strip()
        tab.set_row(row, height([(line, GUIDE_WIDTH)]) + 3 * (style != "text"))
        if line:
            checked(
                tab.write_string(row, 0, line, formats[way + style]), f"the guide's line {row + 1}"
            )
    tab.set_landscape()
    tab.set_paper(9)  # A4
    tab.fit_to_pages(1, 0)
    tab.protect()


def write_text(
    tab: Any,
    row: int,
    column: int,
    text: str,
    spans: Sequence[Span],
    style: str,
    formats: Formats,
) -> None:
    """A cell of text, with the spans highlighted. Raises DeriveError if the writer refuses it."""
    where = f"row {row + 1}"
    if not text:
        checked(tab.write_blank(row, column, None, formats[style]), where)
        return
    # the writer escapes what XML cannot carry, and in rich strings it does so twice
    pieces = [] if ESCAPED.search(text) else list(_pieces(text, spans))
    if looks_rich(text) and len(pieces) == 1:
        pieces = [(text[:1], ""), (text[1:], "plain")]
    if len(pieces) > 1:  # a rich string needs two
        runs = [
            part for piece, why in pieces for part in ((formats[why], piece) if why else (piece,))
        ]
        checked(tab.write_rich_string(row, column, *runs, formats[style]), where)
    else:
        why = pieces[0][1] if pieces else ""
        whole = formats.get(f"{style} {why}", formats[style])
        checked(tab.write_string(row, column, text, whole), where)


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """The text cut where a highlight begins or ends; each piece with its highlight, or nothing."""
    cuts = sorted({0, len(text), *(at for span in spans for at in span[:2])})
    for start, end in pairwise(cuts):
        why = sorted({why for first, last, why in spans if first <= start and end <= last})
        yield text[start:end], " ".join(why)


def checked(code: int | None, where: str) -> None:
    """Raise DeriveError if the writer says that it did not write."""
    if code:
        raise DeriveError(
            f"The workbook's writer refused a cell (code {code})",
            where=where,
            fix="write the worksheet as CSV (--format csv)",
        )
