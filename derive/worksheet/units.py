"""Worksheet units: what one row shows and what a person fills in; columns declared once."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from derive.files import hash_json
from derive.profiles import TAXONOMY

DECISIONS = ("transfer", "modify", "replace", "remove")
SHEETS = ("adapt", "rewrite", "review")
SHEET_OF_ROUTE = {"adapt": "adapt", "rewrite": "rewrite", "translate": "review"}
SEVERITY_WEIGHT = {"error": 100, "warning": 10, "note": 1}


@dataclass(frozen=True, slots=True)
class Column:
    """name: the machine's; width: in characters; fill: whether people write in it."""

    name: str
    width: int
    fill: bool = False
    hidden: bool = False


# what every sheet has, from left to right; columns that no unit has a text for are left out
COLUMNS = (
    Column("key", 14),
    Column("level", 6),
    Column("taxonomy", 22),
    Column("source_prompt", 42),
    Column("pivot_prompt", 42),
    Column("source_response", 42),
    Column("pivot_response", 42),
    Column("marks", 38),
    Column("draft_prompt", 42),
    Column("draft_response", 42),
    Column("findings", 28),
    Column("decision", 12, fill=True),
    Column("prompt", 46, fill=True),
    Column("response", 46, fill=True),
    Column("reason", 28, fill=True),
    Column("evidence", 24, fill=True),
    Column("author", 14, fill=True),
    Column("item", 30, hidden=True),
    Column("source_hash", 20, hidden=True),
    Column("worksheet", 18, hidden=True),
)
_MAY_BE_ABSENT = {
    "source_prompt",
    "pivot_prompt",
    "source_response",
    "pivot_response",
    "draft_prompt",
    "draft_response",
    "marks",
    "findings",
}


@dataclass(frozen=True)
class Worksheet:
    """Units by sheet, in the order they are shown, and what identifies them as ours.

    id: of this worksheet; the same content has the same.  meta: project, locale, release …
    marks: by item and field ("prompt_pivot" …), (start, end) of the spans to highlight.
    """

    id: str
    units: Mapping[str, Sequence[Mapping[str, Any]]]
    meta: Mapping[str, str]
    marks: Mapping[tuple[str, str], Sequence[tuple[int, int]]]

    def columns(self, sheet: str) -> list[Column]:
        """The sheet's columns: those that hold something in it, and those to fill."""
        return [
            column
            for column in COLUMNS
            if column.name not in _MAY_BE_ABSENT
            or any(unit[column.name] for unit in self.units[sheet])
        ]


def make_key(item: str, project: str) -> str:
    """The item's ID and four letters that only this ID in this project has.

    A spreadsheet's fill-down makes other numbers; the letters then do not fit. They are letters
    so that fill-down does not count them up.
    """
    digest = hashlib.sha256(f"{project}\n{item}".encode("utf-8", "surrogatepass")).digest()
    letters = base64.b32encode(digest).decode().translate({ord(str(n)): None for n in range(2, 8)})
    return f"{item}~{letters[:4]}"


def make_worksheet(
    items: pl.DataFrame,
    marks: pl.DataFrame,
    routes: pl.DataFrame,
    drafts: pl.DataFrame,
    counterparts: Sequence[Mapping[str, str]],
    meta: Mapping[str, str],
) -> Worksheet:
    """The worksheet of a project: every item is a unit of exactly one sheet.

    Items of the routes adapt and rewrite stand in the release's order; the review sheet holds
    the machine-translated ones, worst first: by findings (an error counts 100, a warning 10, a
    note 1), then by score. meta: at least `project`, `locale`, `release`.
    """
    of_item: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for mark in marks.to_dicts():
        of_item[mark["item"]].append(mark)
    made = {(draft["item"], draft["field"]): draft for draft in drafts.to_dicts()}
    route_of = dict(routes.select("item", "route").rows())
    sheets: dict[str, list[dict[str, Any]]] = {sheet: [] for sheet in SHEETS}
    badness: dict[str, tuple[float, float]] = {}
    for item in items.to_dicts():
        both = [made.get((item["id"], field)) for field in ("prompt", "response")]
        badness[item["id"]] = _badness(both)
        sheet = SHEET_OF_ROUTE[route_of[item["id"]]]
        sheets[sheet].append(_unit(item, sheet, of_item[item["id"]], both, counterparts, meta))
    # the sort is stable: equally bad ones stay in the release's order
    sheets["review"].sort(key=lambda unit: badness[unit["item"]])
    identity = hash_json([dict(meta), sheets])
    worksheet = f"ws-{identity[:12]}"
    for unit in (unit for units in sheets.values() for unit in units):
        unit["worksheet"] = worksheet
    spans: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for mark in marks.to_dicts():
        spans[mark["item"], mark["field"]].append((mark["start"], mark["end"]))
    return Worksheet(worksheet, sheets, {**meta, "worksheet": worksheet}, spans)


def _badness(drafts: Sequence[Mapping[str, Any] | None]) -> tuple[float, float]:
    weight = sum(
        SEVERITY_WEIGHT[one["severity"]] for draft in drafts if draft for one in draft["findings"]
    )
    scores = [draft["score"] for draft in drafts if draft and draft["score"] is not None]
    return -weight, min(scores, default=0.0)


def _unit(
    item: Mapping[str, Any],
    sheet: str,
    marks: Sequence[Mapping[str, Any]],
    drafts: Sequence[Mapping[str, Any] | None],
    counterparts: Sequence[Mapping[str, str]],
    meta: Mapping[str, str],
) -> dict[str, Any]:
    findings = [
        f"{field}: {one['message']} [{one['code']}]"
        for field, draft in zip(("prompt", "response"), drafts, strict=True)
        if draft
        for one in draft["findings"]
        if one["code"] != "draft-none"  # the empty cell says it
    ]
    return {
        "key": make_key(item["id"], meta["project"]),
        "item": item["id"],
        "source_hash": item["hash"],
        "worksheet": "",
        "sheet": sheet,
        "level": item["level"],
        "taxonomy": " / ".join(item[name] for name in TAXONOMY if item[name]),
        "source_prompt": item["prompt"],
        "pivot_prompt": item["prompt_pivot"],
        "source_response": item["response"],
        "pivot_response": item["response_pivot"],
        "marks": "\n".join(_mark_lines(marks, counterparts)),
        "draft_prompt": drafts[0]["text"] if drafts[0] else None,
        "draft_response": drafts[1]["text"] if drafts[1] else None,
        "findings": "\n".join(findings),
        "decision": "",
        "prompt": "",
        "response": "",
        "reason": "",
        "evidence": "",
        "author": "",
    }


def _mark_lines(
    marks: Sequence[Mapping[str, Any]], counterparts: Sequence[Mapping[str, str]]
) -> list[str]:
    """One line an entry: what it is, why it is marked, and what the locale has instead."""
    lines: dict[str, str] = {}
    # people who adapt mostly read the pivot: an entry's surface is shown as it stands there
    for mark in sorted(marks, key=lambda mark: not mark["field"].endswith("_pivot")):
        offered = [
            row["counterpart"]
            for row in counterparts
            if row["entry"] == mark["entry"] or (not row["entry"] and row["slot"] == mark["slot"])
        ]
        line = f"{mark['surface']} [{mark['slot']}, {mark['level']}] {mark['reason']}"
        # the same entry in the other language or field says nothing new
        lines.setdefault(mark["entry"], line + (f" → {'; '.join(offered)}" if offered else ""))
    return list(lines.values())
