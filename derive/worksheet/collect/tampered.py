"""What was changed in a row that is only for reading: edits, and texts moved off their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from derive.findings import Finding, finding
from derive.text import canonical, shown
from derive.worksheet.columns import COLUMN, TRANSLATE, fill_columns
from derive.worksheet.contract import Row
from derive.worksheet.issued import Issued, Unit

# for reading, but for these decisions
RECLASSIFIED = ("level", "taxonomy")
RECLASSIFY = ("replace", "new")


def tampered(row: Row, unit: Unit, issued: Issued, where: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings on the cells of a row that are only for reading."""
    reclassifies = row.cells.get("decision", "").strip().casefold() in RECLASSIFY
    for name, text in row.cells.items():
        before = unit.cells.get(name)
        # the key says which item it is; programs make a number of an ID of digits
        if before is None or COLUMN[name].fill or name == "item":
            continue
        if canonical(text) == canonical(before) or (name in RECLASSIFIED and reclassifies):
            continue
        if COLUMN[name].hidden:
            message = f"{shown(before)} became {shown(text)}"
            yield finding("identity-changed", message, field=name, **where)
        elif (owner := issued.owners.get((name, canonical(text)))) is not None:
            message = f"this is the text of {owner}: {shown(text)}"
            yield finding("row-shifted", message, field=name, **where)
        else:
            yield finding("readonly-changed", f"now {shown(text)}; not read", field=name, **where)


def moved_drafts(
    row: Row, unit: Unit, issued: Issued, where: Mapping[str, Any]
) -> Iterator[Finding]:
    """Findings on answers that are another row's draft: the white columns alone were moved."""
    for name in ("prompt", "response"):
        text = canonical(row.cells.get(name, ""))
        own = canonical(unit.cells.get(f"draft_{name}", ""))
        owner = issued.owners.get((f"draft_{name}", text))
        if unit.sheet in TRANSLATE and text and text != own and owner:
            message = f"this is the draft of {owner}: {shown(text)}"
            yield finding("row-shifted", message, field=name, **where)


def touched(row: Row, unit: Unit) -> bool:
    """Whether a person changed anything but their name."""
    names = [name for name in fill_columns(unit.sheet) if name != "author"]
    if row.cells.get("decision", "").strip().casefold() in RECLASSIFY:
        names += RECLASSIFIED
    return any(
        canonical(row.cells.get(name, "")) != canonical(unit.cells.get(name, "")) for name in names
    )
