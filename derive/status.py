"""What is done in a project, what is stale, and what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from derive import people, tables
from derive.errors import DeriveError
from derive.ledger import STAGES
from derive.project import Project
from derive.stages import REQUESTS

if TYPE_CHECKING:
    from derive.worksheet.collect.submissions import Standing


def status(project: Project) -> dict[str, Any]:
    """What is done, what is stale, and what waits for whom: a JSON object."""
    import polars as pl

    entry = project.ledger.last("release")
    report: dict[str, Any] = {
        "project": project.name,
        "path": str(project.path),
        "locale": project.locale,
        "source": entry["details"] if entry else {},
        "stages": stages(project),
        "routes": [],
        "waiting": {},
    }
    if people.anything_returned(project):
        report["people"] = progress_report(project)
    routes = project.work("routes.parquet")
    if routes.is_file():
        table = tables.read_parquet(routes, tables.ROUTES)
        grouped = table.group_by("level", "route").len().sort("level", "route", nulls_last=True)
        report["routes"] = grouped.rename({"len": "items"}).to_dicts()
    build = project.ledger.last("build")
    report["source_texts"] = build and build["details"].get("source_texts")
    if last := project.ledger.last("publish"):
        report["published"] = _published(project, last)
    excluded = project.variant / "excluded.parquet"
    if excluded.is_file():
        table = tables.read_parquet(excluded, tables.EXCLUDED)
        grouped = (
            table.group_by("reason").len().sort(pl.col("len"), "reason", descending=[True, False])
        )
        report["waiting"] = dict(grouped.rows())
    return report


def stages(project: Project) -> list[dict[str, Any]]:
    """Each stage with its state: done, stale, not run, changed by hand; when, and what it did."""
    found: list[dict[str, Any]] = []
    fresh = True
    for stage in STAGES:
        last = project.ledger.last(stage)
        if stage == "collect" and last is None and not people.anything_returned(project):
            continue
        state = "not run" if last is None else _state(project, stage, last) if fresh else "stale"
        if stage not in ("check", "worksheet"):  # of which nothing is made
            fresh = fresh and state == "done"
        found.append(
            {
                "stage": stage,
                "state": state,
                "at": last and last["at"],
                "counts": last["counts"] if last else {},
                "findings": last["findings"] if last else {},
            }
        )
    return found


def _published(project: Project, last: Mapping[str, Any]) -> dict[str, Any]:
    """Where the variant was published last, and whether its rows are those of the last build."""
    there = last["details"]["files"]
    built = (project.ledger.last("build") or {"outputs": {}})["outputs"]
    rows = {name.removeprefix("variant/"): digest for name, digest in built.items()
            if name.startswith("variant/data/")}  # fmt: skip
    same = rows == {name: there[name] for name in there if name.startswith("data/")}
    return {**{name: last["details"][name] for name in ("repo", "version")}, "is_current": same}


def _state(project: Project, stage: str, last: Mapping[str, Any]) -> str:
    if stage == "release":
        current = project.ledger.is_current(stage, last["inputs"], last["settings"])
        return "done" if current else "changed by hand"
    try:
        request = REQUESTS[stage](project, None)
    except DeriveError:
        return "stale"
    # an engine that the caller brought is in the ledger only
    settings = last["settings"] if "signature" in last["settings"] else request.settings
    return "done" if project.ledger.is_current(stage, request.inputs, settings) else "stale"


def progress_report(project: Project) -> dict[str, Any]:
    """What waits for whom, how far each person is, and how long units took between states."""
    progress = people.progress(project)
    if not progress.standings:
        return {}
    from derive.worksheet import issued
    from derive.worksheet.collect import returns

    known = issued.load(project.issued)
    arrived = {one.hash: one.at for one in returns.load(project.returned)}
    waits: dict[str, int] = {}
    states: dict[str, int] = {}
    keys = {key for one in known.values() for key in one.units} | progress.standings.keys()
    for key in keys:
        standing = progress.of(key, "")
        waits[standing.waits_for or "nobody"] = waits.get(standing.waits_for or "nobody", 0) + 1
        states[standing.state] = states.get(standing.state, 0) + 1
    handed: dict[str, set[str]] = {}
    for one in known.values():
        if one.meta.get("person"):
            handed.setdefault(one.meta["person"], set()).update(one.units)
    done: dict[str, set[str]] = {}
    for key, standing in progress.standings.items():
        for node in standing.nodes.values():
            for person in {*node.authors, *node.persons}:
                done.setdefault(person, set()).add(key)
    return {
        "waits_for": dict(sorted(waits.items())),
        "states": dict(sorted(states.items())),
        "people": [
            {
                "person": person,
                "issued": len(handed.get(person, ())),
                "handed_in": len(done.get(person, ())),
            }
            for person in sorted({*handed, *done})
        ],
        "median_days": _median_days(progress.standings, arrived),
        "blocks_build": _blocking(progress.standings),
    }


def _median_days(
    standings: Mapping[str, Standing], arrived: Mapping[str, str]
) -> dict[str, float | None]:
    """From translation to review, and from review to the final text, by when the files came."""
    spans: dict[str, list[float]] = {"translated_to_reviewed": [], "reviewed_to_final": []}
    for one in standings.values():
        times: dict[str, datetime] = {}
        for node in one.nodes.values():
            state = {"review": "reviewed", "adjudicate": "final"}.get(
                node.submission.sheet, "translated"
            )
            for file, _, _ in node.sources:
                if at := arrived.get(file):
                    when = datetime.fromisoformat(at)
                    times[state] = min(times.get(state, when), when)
        for name, (first, second) in {
            "translated_to_reviewed": ("translated", "reviewed"),
            "reviewed_to_final": ("reviewed", "final"),
        }.items():
            if first in times and second in times:
                spans[name].append((times[second] - times[first]).total_seconds() / 86_400)
    return {name: round(median(found), 2) if found else None for name, found in spans.items()}


def _blocking(standings: Mapping[str, Standing]) -> dict[str, list[str]]:
    """Status to the keys of the units that keep a build from being whole."""
    found: dict[str, list[str]] = {}
    for key, one in sorted(standings.items()):
        if one.status not in ("accepted", "none", "gone"):
            found.setdefault(one.status, []).append(key)
    return found
