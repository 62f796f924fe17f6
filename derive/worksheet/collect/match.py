"""Returned rows against what was issued: which are submissions, and what is wrong with the rest.

A row counts if its key and worksheet are ours and a person changed something that is theirs to
fill in. Rows are joined by key only; where they stand in the file says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from derive.errors import DeriveError
from derive.findings import Finding, Findings, finding
from derive.text import canonical, control_characters, has_lone_surrogate, shown
from derive.worksheet.collect.rules import broken_rules, is_new
from derive.worksheet.collect.submissions import Content, Submission
from derive.worksheet.collect.tampered import (
    RECLASSIFIED,
    RECLASSIFY,
    moved_drafts,
    tampered,
    touched,
)
from derive.worksheet.columns import COLUMN, DECISIONS, fill_columns, words
from derive.worksheet.contract import SCHEMA, Returned, Row
from derive.worksheet.issued import Issued, Unit
from derive.worksheet.keys import item_of, make_key


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

    def doubles(self) -> dict[str, set[str]]:
        """Keys of double translations to the people who were asked for them."""
        found: dict[str, set[str]] = {}
        for issued in self.issued.values():
            if issued.meta.get("double") == "yes":
                for key, unit in issued.units.items():
                    place = self.now(key, unit.cells["item"])[0]
                    found.setdefault(place, set()).add(issued.meta["person"])
        return found

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
    done.findings.extend(replace(one, origin=file) for one in back.findings)
    seen: dict[tuple[str, str], list[tuple[Row, tuple[str, ...]]]] = {}
    gone: set[tuple[str, str]] = set()
    for given in back.rows:
        where = {"file": name, "sheet": given.sheet, "row": given.row or None, "origin": file}
        placed = _unit_of(given, project, where, done.findings)
        if placed is None:
            continue
        key, unit = placed
        worksheet = given.cells["worksheet"].strip()
        done.worksheets.add(worksheet)
        now, item = project.now(key, item_of(key, project.name) or "")
        where["item"] = item
        row, found = _whole(given, unit, where)
        for column in unit.cells.keys() - given.cells.keys():
            if COLUMN[column].fill and (given.sheet, column) not in gone:
                gone.add((given.sheet, column))
                at = {**where, "row": None, "item": None, "field": column}
                done.findings.add("column-gone", f"the column {column} is missing", **at)
        filled = tuple(canonical(row.cells[one]) for one in fill_columns(unit.sheet))
        twins = seen.setdefault((key, worksheet), [])
        if twins:
            same = all(filled == other for _, other in twins)
            message = f"the same unit as row {twins[0][0].row}, " + (
                "with the same answers" if same else "with other answers: both are kept"
            )
            done.findings.add("row-duplicate", message, **where)
        twins.append((row, filled))
        found += tampered(row, unit, project.issued[worksheet], where)
        if not touched(row, unit):
            done.untouched += 1
            done.findings.extend(one for one in found if one.severity != "error")
            continue
        submission = _submission(row, unit, now, item, file, name, author, project)
        found += moved_drafts(row, unit, project.issued[worksheet], where)
        found += broken_rules(submission, unit, row.cells)
        done.findings.extend(found)
        errors = any(one.severity == "error" for one in found)
        (done.held if errors else done.submissions).append(submission)
    return done


def _whole(row: Row, unit: Unit, where: Mapping[str, Any]) -> tuple[Row, list[Finding]]:
    """The row with every fill column there (one that is gone is as it was), and without halves of
    characters, which no table can hold; and findings on cells that are no plain text."""
    cells = {one: unit.cells.get(one, "") for one in fill_columns(unit.sheet)} | dict(row.cells)
    found = []
    for name, text in cells.items():
        fill = name in fill_columns(unit.sheet)
        if has_lone_surrogate(text):
            cells[name] = text.encode("utf-8", "replace").decode("utf-8")
            if fill:
                found.append(finding("text-surrogate", "half a character", field=name, **where))
        elif fill and (odd := control_characters(text)):
            found.append(finding("text-control", ", ".join(odd), field=name, **where))
        if fill and name in row.odd:
            said = f"{row.odd[name]} stands here"
            found.append(finding("cell-not-text", said, field=name, **where))
    return Row(row.sheet, row.row, cells, row.odd), found


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
        for one in back.findings:
            if one.severity == "error":
                raise DeriveError(one.message, where=one.place(), fix=one.hint)
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


def _unit_of(
    row: Row, project: Project, where: dict[str, Any], findings: Findings
) -> tuple[str, Unit] | None:
    """The key and the issued unit of a row; None, with a finding, if there is none."""
    worksheet = row.cells.get("worksheet", "").strip()
    given = row.cells.get("key", "")
    # an ID may begin with a blank, and a program may add one
    key = given if item_of(given, project.name) else given.strip()
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
        return None
    return key, unit


def _submission(
    row: Row, unit: Unit, key: str, item: str, file: str, name: str, author: str, project: Project
) -> Submission:
    cells = {one: row.cells[one] for one in fill_columns(unit.sheet)}
    for one in ("verdict", "intervention", "decision"):
        if one in cells:
            cells[one] = _word(cells[one], words(unit.sheet, one), project.spoken)
    worksheet = row.cells["worksheet"].strip()
    meta = project.issued[worksheet].meta
    decision = cells.get("decision", "")
    new = is_new(unit)
    changed = {
        one: text
        for one in RECLASSIFIED
        if decision in RECLASSIFY
        and (text := row.cells.get(one, "").strip()) != unit.cells.get(one, "")
    }
    if new:  # it has no source that could say it; and what is done with it makes it new again
        changed["taxonomy"] = changed.get("taxonomy") or unit.cells.get("taxonomy", "")
        decision = "new" if decision in DECISIONS and decision != "remove" else decision
    texts = {one: cells.get(one, "") for one in ("prompt", "response")}
    # a blank is no text, and a draft left standing in a removed unit is none of the person's
    for one, text in texts.items():
        left = canonical(text) == canonical(unit.cells.get(one, ""))
        if not text.strip() or (decision == "remove" and left):
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
