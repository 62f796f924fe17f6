"""Worksheets for tests: any texts in any columns of any sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from derive.worksheet.columns import SHEETS, columns_of, words
from derive.worksheet.contract import SCHEMA, Worksheet
from derive.worksheet.formats.delimited import read_records, write_records
from derive.worksheet.keys import make_key

META = {
    "schema": SCHEMA,
    "project": "p",
    "locale": "pt-BR",
    "role": "translator",
    "dataset": "Sample",
    "version": "v1",
    "release": "0" * 64,
    "form": "f" * 64,
    "person": "",
}
CHARS = st.characters(exclude_categories=["Cs"])
# fmt: off
NASTY = st.sampled_from([
    "=1+1", "+1", "-1", "@a", "\t", "\r", "\r\n", "\n", "#N/A", "TRUE", "007", "1-2", "1E5", "'",
    "_x0041_", "_x000D_", "_x005F_", "\x00", "\x0b", "\x1f", "\x7f", "  ", "\u00a0", "😀", "\ufffe",
    "e\u0301", "\u200fשלום", "ش", "東京", "<b>", "&amp;", '"', ";", ",", "＝1", "\ufeff", "\u2028",
    "https://a.example/", "a@b.example", "{name}", "`x = 1`", "\\n", "👩‍👩‍👧", "]]>",
    "<ph id=\"1\"/>",
])
# fmt: on
TEXT = st.one_of(st.text(CHARS, max_size=30), st.lists(NASTY, max_size=6).map("".join))


def unit(sheet: str, item: str, **texts: Any) -> dict[str, Any]:
    """A unit of a sheet with these texts; all else is empty."""
    row: dict[str, Any] = {column.name: "" for column in columns_of(sheet)}
    row |= {"key": make_key(item, "p"), "item": item, "sheet": sheet, "level": 1}
    row |= {"source_hash": "a" * 64, "worksheet": "ws-000000000000"}
    return {**row, **texts}


def worksheet(*units: dict[str, Any], **meta: str) -> Worksheet:
    """A worksheet of these units."""
    sheets: dict[str, list[dict[str, Any]]] = {sheet: [] for sheet in SHEETS}
    for one in units:
        sheets[one["sheet"]].append(one)
    given = {**META, "worksheet": "ws-000000000000", **meta}
    return Worksheet("ws-000000000000", sheets, given)


@st.composite
def worksheets(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXT) -> Worksheet:
    """A worksheet of one role's sheets, any text in every column that holds texts."""
    sheets = draw(st.sampled_from([("adapt", "rewrite", "postedit"), ("new", "reply"),
                                   ("review",), ("adjudicate",)]))  # fmt: skip
    units = []
    for number in range(draw(st.integers(1, 4))):
        sheet = draw(st.sampled_from(sheets))
        texts: dict[str, Any] = {}
        for column in columns_of(sheet):
            if column.hidden or column.name in ("key", "level"):
                continue
            allowed = words(sheet, column.name)
            strategy = st.sampled_from(["", *allowed]) if allowed else text
            if draw(st.booleans()):
                texts[column.name] = draw(strategy)
        texts["level"] = draw(st.sampled_from([0, 1, 2, None]))
        texts["based_on"] = draw(st.sampled_from(["", "0123456789abcdef"]))
        units.append(unit(sheet, f"item {number}/α", **texts))
    return worksheet(*units)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as a program reads them, unescaped."""
    names, *records = read_records(path.read_bytes(), path.name)
    return [dict(zip(names, record, strict=True)) for record in records]


def write_csv(path: Path, names: list[str], rows: list[dict[str, str]]) -> None:
    """Rows as the format writes them."""
    write_records(path, [names, *([row[name] for name in names] for row in rows)])
