"""What goes back to who sent a file: plain words, and their worksheet with the findings in it.

The copy is written anew from what was issued and what they filled in; the file that came is not
touched. It is the same worksheet, so it can be corrected and sent in again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from derive.files import write_text
from derive.findings import SEVERITIES, Finding
from derive.worksheet.collect.collect import Collected, submissions_of
from derive.worksheet.collect.returns import Kept
from derive.worksheet.collect.submissions import Submission
from derive.worksheet.columns import fill_columns
from derive.worksheet.contract import Looks, Worksheet
from derive.worksheet.formats.xlsx import write_xlsx
from derive.worksheet.issued import Issued
from derive.worksheet.keys import make_key

_FATES = {
    "stands": "taken",
    "held": "not taken: see below",
    "conflict": "taken, but another answer differs: somebody will decide",
    "half": "taken; the second translation is not in yet",
    "double": "taken; the second translation differs, and somebody will decide",
    "disputed": "taken; somebody will decide",
    "rejected": "taken",
    "stale": "kept, but the source has changed since",
    "gone": "kept, but the item is not in the release any more",
    "superseded": "taken; somebody has worked on it since",
    "set-aside": "kept; something else stands for the unit",
    "replaced": "kept; another file was sent instead of this one",
}
_TITLES = {"error": "To be mended", "warning": "To be looked at", "note": "For your information"}


def write_report(folder: Path, kept: Kept, done: Collected, looks: Looks) -> list[Path]:
    """Write the report on one file as text, and the annotated copy of each of its worksheets."""
    found = [one for one in done.findings if one.origin == kept.hash]
    mine = [(one, fate) for one, fate in submissions_of(done.submissions) if one.file == kept.hash]
    stem = f"{Path(kept.name).stem[:80]}.{kept.hash[:8]}"
    path = folder / f"{stem}.report.txt"
    paths = [path]
    for name in sorted(done.matched[kept.hash].worksheets):
        copy = folder / f"{stem}.{name}.checked.xlsx"
        write_xlsx(copy, *_annotated(kept.hash, done.issued[name], found, mine, looks))
        paths.append(copy)
    # last: where it is, the copies are too
    write_text(path, report_text(kept, done, found, mine))
    return paths


def report_text(
    kept: Kept, done: Collected, found: list[Finding], mine: list[tuple[Submission, str]]
) -> str:
    """The report in plain words."""
    matched = done.matched[kept.hash]
    fates = Counter(_FATES[fate] for _, fate in mine)
    lines = [
        f"Report on {kept.name}",
        "",
        f"{matched.rows} rows came back. {matched.untouched} of them are as they were handed out:"
        " not done yet, or nothing to change.",
        *(f"{count} rows: {fate}." for fate, count in sorted(fates.items())),
    ]
    for severity in SEVERITIES:
        of_severity = [one for one in found if one.severity == severity]
        if of_severity:
            lines += ["", f"{_TITLES[severity]} ({len(of_severity)})"]
            lines += _sentences(of_severity) if severity != "note" else _summed(of_severity)
    if any(one.severity == "error" for one in found):
        lines += [
            "",
            "Rows to be mended are not taken in yet. The copy of your worksheet beside this report"
            " shows each remark at its cell: correct it there and send it back.",
        ]
    return "\n".join(lines) + "\n"


def _sentences(found: list[Finding]) -> list[str]:
    """A line a finding: where, what, and what to do."""
    return [
        f"- {replace(one, file=None).place()}: {one.message}. What to do: {one.hint}. [{one.code}]"
        for one in found
    ]


def _summed(found: list[Finding]) -> list[str]:
    """A line a kind, with the rows: nobody has to do anything about each of them."""
    rows: dict[str, list[str]] = {}
    for one in found:
        rows.setdefault(f"{one.hint} [{one.code}]", []).append(f"{one.sheet or ''} {one.row or ''}")
    return [
        f"- {len(places)} rows: {what}: {', '.join(dict.fromkeys(map(str.strip, places)))}"
        for what, places in rows.items()
    ]


def _annotated(
    file: str,
    record: Issued,
    found: list[Finding],
    mine: list[tuple[Submission, str]],
    looks: Looks,
) -> tuple[Worksheet, Looks]:
    """The worksheet with what its people filled in, and remarks by cell."""
    filled = {one.key: one for one, _ in mine if one.worksheet == record.meta["worksheet"]}
    sheets: dict[str, list[dict[str, Any]]] = {}
    for key, unit in record.units.items():
        cells: dict[str, Any] = {**unit.cells, "sheet": unit.sheet}
        if key in filled:
            cells |= _filled(filled[key], unit.sheet)
        sheets.setdefault(unit.sheet, []).append(cells)
    remarks: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.item and one.severity != "note":
            place = (make_key(one.item, record.meta["project"]), one.field or "key")
            remarks.setdefault(place, []).append(f"{one.message}. {one.hint}.")
    comments = {place: "\n".join(dict.fromkeys(texts)) for place, texts in remarks.items()}
    # it answers the file it reports on: what is corrected in it takes that file's place
    meta = {**record.meta, "instead_of": file}
    worksheet = Worksheet(record.meta["worksheet"], sheets, meta)
    return worksheet, Looks(looks.pack, looks.guides, comments)


def _filled(one: Submission, sheet: str) -> dict[str, str]:
    known = {
        "verdict": one.verdict,
        "intervention": one.intervention,
        "comment": one.comment,
        "author": one.author,
    }
    return {name: known.get(name, getattr(one.content, name, "")) for name in fill_columns(sheet)}
