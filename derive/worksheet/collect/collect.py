"""Returned files to adaptations: a function of the files, the issued worksheets and the release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import polars as pl
from rapidfuzz.distance import Levenshtein

from derive import tables
from derive.errors import DeriveError
from derive.findings import Finding, Findings
from derive.progress import Report, silent
from derive.text import canonical
from derive.worksheet.collect import returns
from derive.worksheet.collect.checks import FIELDS, TextChecks
from derive.worksheet.collect.match import Matched, Project, match
from derive.worksheet.collect.resolve import resolve
from derive.worksheet.collect.returns import Kept
from derive.worksheet.collect.rows import across_rows
from derive.worksheet.collect.submissions import Content, Standing, Submission
from derive.worksheet.issued import Issued

CONTENT = tuple(one.name for one in fields(Content))
AFRESH = 0.6  # the edit distance from which a text is called written, not edited


@dataclass(frozen=True)
class Collected:
    """What all returned files together give.

    standings: by key, of every unit that was issued. submissions: with their fates, the held ones
    too. matched: by file hash. accounts: of the issued units, by what became of them; they add up
    to `issued`. refused: hashes of files that are none of ours. issued: worksheets by ID.
    """

    standings: Mapping[str, Standing]
    submissions: pl.DataFrame
    adaptations: pl.DataFrame
    findings: Findings
    matched: Mapping[str, Matched]
    accounts: Mapping[str, int]
    refused: Sequence[str] = field(default_factory=list)
    issued: Mapping[str, Issued] = field(default_factory=dict)

    def standings_table(self) -> pl.DataFrame:
        """The table `standings`."""
        rows = [
            {
                "key": one.key,
                "item": one.item,
                "status": one.status,
                "state": one.state,
                "waits_for": one.waits_for,
                "heads": sorted(node.submission.id for node in one.heads),
                "authors": sorted({name for node in one.heads for name in node.authors}),
            }
            for _, one in sorted(self.standings.items())
        ]
        return tables.frame(rows, tables.STANDINGS)


def collect(
    files: Iterable[tuple[Kept, bytes]],
    project: Project,
    check: TextChecks,
    report: Report = silent,
) -> Collected:
    """Read the files, match their rows, and settle what stands for each unit.

    The order of files does not matter.
    A file that is not a worksheet of this project is a finding, and the others are read.
    """
    findings = Findings()
    matched: dict[str, Matched] = {}
    kept_files: dict[str, Kept] = {}
    refused: list[str] = []
    listed = sorted(files, key=lambda one: one[0].hash)
    for number, (kept, data) in enumerate(listed):
        report("reading returned files", number, len(listed), "files")
        try:
            back = returns.read(data, kept.name)
            matched[kept.hash] = match(back, kept.name, kept.hash, project, kept.author)
        except DeriveError as error:
            findings.add("worksheet-refused", f"{error.what}; {error.fix}", file=error.where)
            refused.append(kept.hash)
            continue
        kept_files[kept.hash] = kept
        findings.extend(matched[kept.hash].findings)
    submissions = [one for hash in matched for one in matched[hash].submissions]
    submissions, replaced = _replace(submissions, kept_files)
    dismissed = _dismissed(submissions, kept_files)
    report("checking texts", 0, len(submissions), "texts")
    reopened = {key for kept in kept_files.values() for key in kept.reopen}
    standings, held, found = resolve(
        submissions,
        project.all_hashes(),
        lambda content, one: [
            two for two in check(content, one) if (one.id, two.code) not in dismissed
        ],
        reopened,
    )
    report("checking texts", len(submissions), len(submissions), "texts")
    findings.extend(found)
    findings.extend(across_rows(standings.values(), check.drafts, check.source))
    held += [one for hash in matched for one in matched[hash].held]
    findings = _settle(findings, held, standings)
    standings = {**_untouched(project, standings), **standings}
    fates = _fates(submissions, held, replaced, standings)
    codes = _open_codes(findings)
    return Collected(
        standings,
        tables.frame(
            sorted((_row(one, fate) for one, fate in fates), key=_order), tables.SUBMISSIONS
        ),
        tables.frame(
            (
                _adaptation(one, check.drafts, codes)
                for _, one in sorted(standings.items())
                if one.status == "accepted"
            ),
            tables.ADAPTATIONS,
        ),
        findings,
        matched,
        _accounts(project, standings, held),
        refused,
        project.issued,
    )


def _replace(
    submissions: Sequence[Submission], files: Mapping[str, Kept]
) -> tuple[list[Submission], list[Submission]]:
    """Without those of a file that another was sent instead of, where both answer the same unit."""
    answered: dict[str, set[str]] = {}
    for one in submissions:
        answered.setdefault(one.file, set()).add(one.key)
    gone = {
        (old, key)
        for hash, kept in files.items()
        for old in kept.instead_of
        for key in answered.get(hash, ())
    }
    stay = [one for one in submissions if (one.file, one.key) not in gone]
    return stay, [one for one in submissions if (one.file, one.key) in gone]


def _dismissed(
    submissions: Sequence[Submission], files: Mapping[str, Kept]
) -> set[tuple[str, str]]:
    """(submission ID, code) of findings that were set aside: another text has another ID."""
    return {
        (one.id, code)
        for one in submissions
        for key, _, code in (said.rpartition(":") for said in files[one.file].dismiss)
        if key == one.key
    }


def _settle(
    findings: Findings, held: Sequence[Submission], standings: Mapping[str, Standing]
) -> Findings:
    """An error in a row needs nobody's work once the unit stands beyond what the row showed."""
    answered = {
        (one.name, one.place, one.row or None)
        for one in held
        if (standing := standings.get(one.key))
        and {node.submission.id for node in standing.heads} - set(one.parents)
    }
    return Findings(
        replace(one, severity="note", message=f"{one.message}; another row answered the unit since")
        if one.severity == "error" and (one.file, one.sheet, one.row) in answered
        else one
        for one in findings
    )


def _untouched(project: Project, known: Mapping[str, Standing]) -> dict[str, Standing]:
    """A standing for each issued unit that nobody has handed in."""
    hashes = project.all_hashes()
    places = {
        project.now(key, unit.cells["item"])
        for issued in project.issued.values()
        for key, unit in issued.units.items()
    }
    return {
        key: Standing(key, item) if item in hashes else Standing(key, item, "gone", waits_for="")
        for key, item in places
        if key not in known
    }


def _fates(
    submissions: Sequence[Submission],
    held: Sequence[Submission],
    replaced: Sequence[Submission],
    standings: Mapping[str, Standing],
) -> list[tuple[Submission, str]]:
    heads = {
        node.submission.id: "stands" if one.status == "accepted" else one.status
        for one in standings.values()
        for node in one.heads
    }
    parents = {parent for one in submissions for parent in one.parents}
    lost = {(one.file, one.row, one.place, one.id) for one in held}
    fates = [(one, "replaced") for one in replaced] + [(one, "held") for one in held]
    for one in submissions:
        if (one.file, one.row, one.place, one.id) not in lost:
            fate = heads.get(one.id) or ("superseded" if one.id in parents else "set-aside")
            fates.append((one, fate))
    return fates


def _row(one: Submission, fate: str) -> dict[str, Any]:
    known = {name: getattr(one, name) for name in tables.SUBMISSIONS if hasattr(one, name)}
    texts = {name: getattr(one.content, name) for name in CONTENT}
    return {**known, **texts, "parents": list(one.parents), "fate": fate}


def submissions_of(table: pl.DataFrame) -> list[tuple[Submission, str]]:
    """The submissions of the table and their fates: what `Collected.submissions` was made of."""
    made = []
    for row in table.to_dicts():
        content = Content(**{name: row[name] for name in CONTENT})
        rest = {
            name: row[name] for name in Submission.__slots__ if name not in ("content", "parents")
        }
        made.append(
            (Submission(**rest, content=content, parents=tuple(row["parents"])), row["fate"])
        )
    return made


def _order(row: Mapping[str, Any]) -> tuple[str, str, str, int]:
    return row["key"], row["id"], row["file"], row["row"]


def _open_codes(findings: Iterable[Finding]) -> Mapping[tuple[str, int], list[str]]:
    """File name and row to the codes found there, notes left out."""
    codes: dict[tuple[str, int], list[str]] = {}
    for one in findings:
        if one.severity != "note" and one.file:
            codes.setdefault((one.file, one.row or 0), []).append(one.code)
    return codes


def _adaptation(
    one: Standing,
    drafts: Mapping[tuple[str, str], str],
    codes: Mapping[tuple[str, int], list[str]],
) -> dict[str, Any]:
    content = one.content or Content()
    submission = one.heads[0].submission
    origins = {
        name: _origin(getattr(content, name), drafts.get((one.item, name), "")) for name in FIELDS
    }
    file, row = one.heads[0].sources[0]
    return {
        "item": one.item,
        "decision": content.decision,
        "prompt": content.prompt,
        "response": content.response,
        "level": content.level,
        "taxonomy": content.taxonomy,
        "reason": content.reason,
        "evidence": content.evidence,
        "author": "; ".join(one.translators),
        "reviewer": "; ".join(one.reviewers),
        "adjudicator": "; ".join(one.adjudicators),
        "state": one.state,
        "waits_for": one.waits_for,
        "source_hash": submission.source_hash,
        **{f"{name}_origin": origins[name][0] for name in FIELDS},
        **{f"{name}_edits": origins[name][1] for name in FIELDS},
        "worksheet": submission.worksheet,
        "file": file,
        "row": row,
        "submission": submission.id,
        "checks": sorted(set(codes.get((submission.name, submission.row), ()))),
    }


def _origin(text: str, draft: str) -> tuple[str | None, float | None]:
    """How a text came about, by comparison with its draft; and their edit distance, 0 to 1."""
    if not text:
        return None, None
    if not draft:
        return "human", None
    share = Levenshtein.normalized_distance(canonical(text), canonical(draft))
    return "mt" if share == 0 else "mt+edit" if share < AFRESH else "human", round(share, 4)


def _accounts(
    project: Project, standings: Mapping[str, Standing], held: Sequence[Submission]
) -> dict[str, int]:
    """The issued units by what became of them: they add up."""
    bad = {one.key for one in held}
    fates: Counter[str] = Counter()
    for key, one in standings.items():
        if one.status == "accepted":
            removed = one.content is not None and one.content.decision == "remove"
            fates["removed" if removed else "accepted"] += 1
        elif one.status in ("conflict", "double", "disputed"):
            fates["conflicts"] += 1
        elif one.status in ("stale", "gone", "rejected"):
            fates[one.status] += 1
        else:
            fates["held" if key in bad else "missing"] += 1
    names = ("accepted", "removed", "stale", "gone", "rejected", "held", "conflicts", "missing")
    counts = {"issued": len(standings), **{name: fates[name] for name in names}}
    if counts["issued"] != fates.total():
        raise AssertionError("the issued units and what became of them do not add up")
    return counts
