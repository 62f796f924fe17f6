"""Returned files to adaptations: a function of the files, the issued worksheets and the release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
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
from derive.worksheet.collect.settled import dismissed, replaced, settle, unchecked
from derive.worksheet.collect.submissions import Content, Standing, Submission
from derive.worksheet.issued import Issued
from derive.worksheet.keys import make_key

CONTENT = tuple(one.name for one in fields(Content) if one.compare)
Codes = Mapping[tuple[str, str, int], list[str]]
AFRESH = 0.6  # the edit distance from which a text is called written, not edited


@dataclass(frozen=True)
class Collected:
    """What all returned files together give.

    standings: by key, of every unit that was issued. submissions: with their fates, the held ones
    too. matched: by file hash. accounts: of the issued units, by what became of them; they add up
    to `issued`. refused: by hash, why files are none of ours. held: keys of rows that
    findings hold. issued: worksheets by ID.
    """

    standings: Mapping[str, Standing]
    submissions: pl.DataFrame
    adaptations: pl.DataFrame
    findings: Findings
    matched: Mapping[str, Matched]
    accounts: Mapping[str, int]
    refused: Mapping[str, DeriveError] = field(default_factory=dict)
    held: Collection[str] = field(default_factory=set)
    issued: Mapping[str, Issued] = field(default_factory=dict)

    def standings_table(self) -> pl.DataFrame:
        """The table `standings`: of the units that somebody has handed in."""
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
            if one.nodes or one.key in self.held
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
    refused: dict[str, DeriveError] = {}
    listed = sorted(files, key=lambda one: one[0].hash)
    for number, (kept, data) in enumerate(listed):
        report("reading returned files", number, len(listed), "files")
        try:
            back = returns.read(data, kept.name)
            kept = returns.told(kept, instead_of=back.meta.get("instead_of", "").split())
            matched[kept.hash] = match(back, kept.name, kept.hash, project, kept.author)
        except DeriveError as error:
            findings.add("worksheet-refused", f"{error.what}; {error.fix}", file=error.where)
            refused[kept.hash] = error
            continue
        kept_files[kept.hash] = kept
        findings.extend(matched[kept.hash].findings)
    every = [one for hash in matched for one in matched[hash].submissions]
    bad = [one for hash in matched for one in matched[hash].held]
    gone = replaced([*every, *bad], kept_files)
    submissions = [one for one in every if (one.file, one.key) not in gone]
    superseded = [one for one in [*every, *bad] if (one.file, one.key) in gone]
    bad = [one for one in bad if (one.file, one.key) not in gone]
    aside = dismissed([*every, *bad], kept_files)
    report("checking texts", 0, len(submissions), "texts")
    standings, held, found = resolve(
        submissions,
        project.all_hashes(),
        lambda content, one: [
            two
            for two in check(content, one)
            if (one.key, two.code, canonical(getattr(content, two.field or "", ""))) not in aside
        ],
        {id for kept in kept_files.values() for id in returns.reopened(kept)},
        project.doubles(),
    )
    report("checking texts", len(submissions), len(submissions), "texts")
    findings.extend(found)
    findings.extend(
        one
        for one in across_rows(standings.values(), check.drafts, check.source)
        if not _is_aside(one, project, standings, aside)
    )
    findings.extend(
        unchecked(standings, project.locale, bool(check.residue.signs or check.residue.words))
    )
    held += bad
    findings = settle(findings, held, superseded, standings, project.issued)
    standings = {**_untouched(project, standings), **standings}
    fates = _fates(submissions, held, superseded, standings)
    codes = _open_codes(findings)
    return Collected(
        standings,
        tables.frame(
            sorted((_row(one, fate) for one, fate in fates), key=_order), tables.SUBMISSIONS
        ),
        tables.frame(
            (
                _adaptation(one, check, codes)
                for _, one in sorted(standings.items())
                if one.status == "accepted"
            ),
            tables.ADAPTATIONS,
        ),
        findings,
        matched,
        _accounts(project, standings, held),
        refused,
        {one.key for one in held},
        project.issued,
    )


def _is_aside(
    one: Finding,
    project: Project,
    standings: Mapping[str, Standing],
    aside: Collection[tuple[str, str, str]],
) -> bool:
    """Whether somebody has set a finding on a standing text aside."""
    key = make_key(one.item or "", project.name)
    text = getattr(standings[key].content, one.field or "", "") if key in standings else ""
    return (key, one.code, canonical(text)) in aside


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
    lost = {(*one.spot(), one.id) for one in held}
    fates = [(one, "replaced") for one in replaced] + [(one, "held") for one in held]
    for one in submissions:
        if (*one.spot(), one.id) not in lost:
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


def _open_codes(findings: Iterable[Finding]) -> Codes:
    """A row's place to the codes found there, notes left out."""
    codes: dict[tuple[str, str, int], list[str]] = {}
    for one in findings:
        if one.severity != "note":
            codes.setdefault(one.spot(), []).append(one.code)
    return codes


def _adaptation(
    one: Standing,
    check: TextChecks,
    codes: Codes,
) -> dict[str, Any]:
    content = one.content or Content()
    submission = one.heads[0].submission
    # who wrote the text may be others than who had the last word on it
    writer = one.nodes.get(content.by, one.heads[0])
    spots = {spot for node in (writer, *one.heads) for spot in node.sources}
    origins = {
        name: _origin(getattr(content, name), _machine_texts(check, one.item, name))
        for name in FIELDS
    }
    file, _, row = writer.sources[0]
    return {
        "item": one.item,
        "decision": content.decision,
        "prompt": content.prompt,
        "response": content.response,
        "level": content.level,
        "taxonomy": content.taxonomy,
        "reason": content.reason,
        "evidence": content.evidence,
        "author": "; ".join(one.translators or one.adjudicators),
        "reviewer": "; ".join(one.reviewers),
        "adjudicator": "; ".join(one.adjudicators),
        "state": one.state,
        "waits_for": one.waits_for,
        "source_hash": submission.source_hash,
        **{f"{name}_origin": origins[name][0] for name in FIELDS},
        **{f"{name}_edits": origins[name][1] for name in FIELDS},
        "worksheet": writer.submission.worksheet,
        "file": file,
        "row": row,
        "submission": submission.id,
        "checks": sorted({code for spot in spots for code in codes.get(spot, ())}),
    }


def _machine_texts(check: TextChecks, item: str, name: str) -> list[str]:
    """All that the machine offered for a text: the draft, the adapted one, their alternatives."""
    places = ((item, name), (item, f"{name}_adapted"))
    return [
        text
        for place in places
        for text in (check.drafts.get(place, ""), *check.alternatives.get(place, ()))
    ]


def _origin(text: str, drafts: Iterable[str]) -> tuple[str | None, float | None]:
    """How a text came about, by comparison with its drafts; and the least edit distance, 0 to 1."""
    if not text:
        return None, None
    shares = [
        Levenshtein.normalized_distance(canonical(text), canonical(draft))
        for draft in drafts
        if draft
    ]
    if not shares:
        return "human", None
    share = min(shares)
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
        elif one.status == "half":
            fates["missing"] += 1
        elif one.status in ("stale", "gone", "rejected"):
            fates[one.status] += 1
        else:
            fates["held" if key in bad else "missing"] += 1
    names = ("accepted", "removed", "stale", "gone", "rejected", "held", "conflicts", "missing")
    counts = {"issued": len(standings), **{name: fates[name] for name in names}}
    if counts["issued"] != fates.total():
        raise AssertionError("the issued units and what became of them do not add up")
    return counts
