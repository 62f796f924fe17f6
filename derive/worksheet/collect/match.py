"""Returned rows against what was issued: which are submissions, and what is wrong with the rest.

A row counts if its key and worksheet are ours and a person changed something that is theirs to
fill in. Rows are joined by key only; where they stand in the file says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.errors import DeriveError
from derive.findings import Finding, Findings, finding
from derive.text import canonical, shown
from derive.worksheet.collect.rules import broken_rules
from derive.worksheet.collect.submissions import Content, Submission
from derive.worksheet.columns import COLUMN, fill_columns, words
from derive.worksheet.contract import SCHEMA, Returned, Row
from derive.worksheet.issued import Issued, Unit
from derive.worksheet.keys import item_of, make_key

# what is for reading, but for these decisions
_RECLASSIFIED = ("level", "taxonomy")
RECLASSIFY = ("replace", "new")


@dataclass(frozen=True)
class Project:
    """What rows are matched against.

    hashes: item ID to the hash of its texts in the release as it is now.
    spoken: what people may write for a decision or verdict, case folded, to the word.
    renamed: IDs of items to what the release calls them now.
    """

    name: str
    locale: str
    issued: Mapping[str, Issued]
    hashes: Mapping[str, str]
    spoken: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def now(self, key: str, item: str) -> tuple[str, str]:
        """A unit's key and item as the release calls them now."""
        new = self.renamed.get(item, item)
        return (key, item) if new == item else (make_key(new, self.name), new)

    def all_hashes(self) -> dict[str, str]:
        """Also of the units that have no source item, with the hash they were issued with."""
        new = {
            unit.cells["item"]: unit.cells["source_hash"]
            for issued in self.issued.values()
            for unit in issued.units.values()
            if unit.sheet == "new"
        }
        return {**self.hashes, **new}


@dataclass
class Matched:
    """What came of one file: submissions, those held by findings of severity error, and counts."""

    submissions: list[Submission] = field(default_factory=list)
    held: list[Submission] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    rows: int = 0
    untouched: int = 0
    worksheets: set[str] = field(default_factory=set)


def match(back: Returned, name: str, file: str, project: Project, author: str = "") -> Matched:
    """The submissions of a returned file. Raises DeriveError if the file is not this project's.

    name, file: the file's name and hash. author: of rows that name none.
    """
    _refuse_foreign(back, name, project)
    done = Matched(rows=len(back.rows))
    done.findings.extend(back.findings)
    seen: dict[tuple[str, str], list[tuple[Row, tuple[str, ...]]]] = {}
    for row in back.rows:
        where = {"file": name, "sheet": row.sheet, "row": row.row or None}
        unit = _unit_of(row, project, where, done.findings)
        if unit is None:
            continue
        key = row.cells["key"].strip()
        worksheet = row.cells["worksheet"].strip()
        done.worksheets.add(worksheet)
        now, item = project.now(key, item_of(key, project.name) or "")
        where["item"] = item
        filled = tuple(canonical(row.cells.get(one, "")) for one in fill_columns(unit.sheet))
        twins = seen.setdefault((key, worksheet), [])
        if twins:
            same = all(filled == other for _, other in twins)
            message = f"the same unit as row {twins[0][0].row}, " + (
                "with the same answers" if same else "with other answers: both are kept"
            )
            done.findings.add("row-duplicate", message, **where)
        twins.append((row, filled))
        found = list(_tampered(row, unit, project.issued[worksheet], where))
        if not touched(row, unit):
            done.untouched += 1
            done.findings.extend(one for one in found if one.severity != "error")
            continue
        submission = _submission(row, unit, now, item, file, name, author, project)
        found += _odd_cells(row, unit, where)
        found += broken_rules(submission, unit, row.cells)
        done.findings.extend(found)
        errors = any(one.severity == "error" for one in found)
        (done.held if errors else done.submissions).append(submission)
    return done


def _refuse_foreign(back: Returned, name: str, project: Project) -> None:
    meta = back.meta
    newer = meta.get("schema", SCHEMA)
    if newer.isdigit() and int(newer) > int(SCHEMA):
        raise DeriveError(
            f"The worksheet is of schema {newer}, this derive knows up to {SCHEMA}",
            where=name,
            fix="install a newer derive",
        )
    for word, ours in (("project", project.name), ("locale", project.locale)):
        theirs = meta.get(word)
        if theirs and theirs != ours:
            raise DeriveError(
                f"A worksheet of another {word}: {theirs}, not {ours}",
                where=name,
                fix="collect it in the project folder it was written from",
            )
    if not back.rows and back.findings:
        return  # ours, and it says why it holds nothing
    if not back.rows:
        raise DeriveError(
            "Not a worksheet, or one without any row",
            where=name,
            fix="send the file that derive wrote; its first row holds the columns' names",
        )
    ids = {row.cells.get("worksheet", "").strip() for row in back.rows}
    if ids & project.issued.keys():
        return
    if any(item_of(row.cells.get("key", "").strip(), project.name) for row in back.rows):
        raise DeriveError(
            f"This project folder never issued {', '.join(sorted(filter(None, ids))[:3])}",
            where=name,
            fix="collect it in the folder that wrote it, or copy worksheets/issued from there",
        )
    raise DeriveError(
        "A worksheet of another project",
        where=name,
        fix="collect it in the project folder it was written from",
    )


def _unit_of(row: Row, project: Project, where: dict[str, Any], findings: Findings) -> Unit | None:
    """The issued unit of a row; None, with a finding, if there is none."""
    key = row.cells.get("key", "").strip()
    worksheet = row.cells.get("worksheet", "").strip()
    if not key:
        if any(row.cells.get(name, "").strip() for name in COLUMN if COLUMN[name].fill):
            findings.add("key-missing", "the row has texts but no key", **where)
        return None
    if item_of(key, project.name) is None:
        message = f"no unit of this project has the key {shown(key)}"
        findings.add("key-unknown", message, field="key", **where)
        return None
    issued = project.issued.get(worksheet)
    unit = issued.units.get(key) if issued else None
    if unit is None:
        message = f"{shown(key)} is no unit of the worksheet {shown(worksheet)}"
        findings.add("unit-not-issued", message, field="worksheet", **where)
    return unit


def _tampered(row: Row, unit: Unit, issued: Issued, where: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings on cells that are only for reading."""
    for name, text in row.cells.items():
        before = unit.cells.get(name)
        if before is None or COLUMN[name].fill or canonical(text) == canonical(before):
            continue
        if COLUMN[name].hidden:
            yield finding(
                "identity-changed", f"{shown(before)} became {shown(text)}", field=name, **where
            )
        elif (owner := issued.owners.get((name, text))) is not None:
            yield finding(
                "row-shifted", f"this is the text of {owner}: {shown(text)}", field=name, **where
            )
        elif name not in _RECLASSIFIED:
            yield finding("readonly-changed", f"now {shown(text)}; not read", field=name, **where)


def touched(row: Row, unit: Unit) -> bool:
    """Whether a person changed anything but their name."""
    names = [name for name in fill_columns(unit.sheet) if name != "author"]
    if row.cells.get("decision", "").strip().casefold() in RECLASSIFY:
        names += _RECLASSIFIED
    return any(
        canonical(row.cells.get(name, "")) != canonical(unit.cells.get(name, "")) for name in names
    )


def _odd_cells(row: Row, unit: Unit, where: Mapping[str, Any]) -> Iterator[Finding]:
    for name, what in row.odd.items():
        if name in fill_columns(unit.sheet):
            yield finding("cell-not-text", f"{what} stands here", field=name, **where)


def _submission(
    row: Row, unit: Unit, key: str, item: str, file: str, name: str, author: str, project: Project
) -> Submission:
    cells = {one: row.cells.get(one, "") for one in fill_columns(unit.sheet)}
    for one in ("verdict", "intervention", "decision"):
        if one in cells:
            cells[one] = _word(cells[one], words(unit.sheet, one), project.spoken)
    worksheet = row.cells["worksheet"].strip()
    meta = project.issued[worksheet].meta
    decision = cells.get("decision", "")
    changed = {
        one: row.cells[one].strip()
        for one in _RECLASSIFIED
        if decision == "new"
        or (decision in RECLASSIFY and row.cells.get(one, "") != unit.cells.get(one, ""))
    }
    texts = {one: cells.get(one, "") for one in ("prompt", "response")}
    # a blank is no text, and a draft left standing in a removed unit is none of the person's
    for one, text in texts.items():
        if not text.strip() or (decision == "remove" and text == unit.cells.get(one)):
            texts[one] = ""
    return Submission(
        key=key,
        item=item,
        sheet=unit.sheet,
        parents=tuple(unit.cells.get("based_on", "").split()),
        verdict=cells.get("verdict", ""),
        intervention=cells.get("intervention", ""),
        content=Content(
            decision,
            reason=cells.get("reason", "").strip(),
            evidence=cells.get("evidence", "").strip(),
            **texts,
            **changed,
        ),
        comment=cells.get("comment", "").strip(),
        author=cells["author"].strip() or author or meta.get("person", ""),
        source_hash=unit.cells["source_hash"],
        worksheet=worksheet,
        person=meta.get("person", ""),
        double=meta.get("double", "") == "yes",
        file=file,
        name=name,
        place=row.sheet,
        row=row.row,
    ).identified()


def _word(text: str, allowed: tuple[str, ...], spoken: Mapping[str, str]) -> str:
    """The word meant by a cell: in any case, with blanks around, or in the target's language."""
    plain = " ".join(text.split()).casefold()
    if plain in allowed:
        return plain
    if spoken.get(plain) in allowed:
        return spoken[plain]
    # "transfer (transferir)", as the guide shows it
    first = plain.split(" (")[0]
    return first if first in allowed else text.strip()
