"""The stage `build` on a project folder: the variant and all that stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from derive import tables
from derive.documents import documents_request, write_files
from derive.files import hash_file
from derive.progress import Report
from derive.project import Project
from derive.stage import Request, Result, inputs, read_profile, release_entry

if TYPE_CHECKING:
    from derive.translate.engine import Engine


def build_request(project: Project, engine: Engine | None) -> Request:
    """What the stage depends on."""
    used = inputs(project, "items", "profile", "routes", "drafts")
    for name in ("adaptations", "standings"):
        if (path := project.work(f"{name}.parquet")).is_file():
            used[name] = hash_file(path)
    policy = {"variant": project.config["policy"].get("variant", {})}
    if project.renamed.is_file():
        used["renamed"] = hash_file(project.renamed)
    more, said = documents_request(project)
    return Request(
        {**used, **more}, {"name": project.name, "locale": project.locale, **policy, **said}
    )


def build_stage(project: Project, report: Report, engine: Engine | None) -> Result:
    """The stage `build`: the variant's files under variant/."""
    from derive.variant.build import Policy, build
    from derive.variant.ids import numbers

    entry = release_entry(project)
    profile = read_profile(project)
    items = tables.read_parquet(project.items, tables.ITEMS)
    adaptations = _collected(project, "adaptations", tables.ADAPTATIONS)
    known = [*items["id"], *(adaptations["item"] if adaptations is not None else ())]
    policy = project.config["policy"].get("variant", {})
    renamed = project.renamed_ids()
    given = numbers(project.path / "variant-ids.json", known, renamed)
    variant = build(
        items,
        tables.read_parquet(project.work("routes.parquet"), tables.ROUTES),
        tables.read_parquet(project.work("drafts.parquet"), tables.DRAFTS),
        name=project.name,
        locale=project.locale,
        origin={
            "dataset": entry["details"]["dataset"],
            "version": entry["details"]["config"] or None,
            "revision": entry["details"]["revision"] or None,
        },
        terms=profile.terms,
        adaptations=adaptations,
        standings=_collected(project, "standings", tables.STANDINGS),
        policy=Policy(**{**policy, "blocking": tuple(policy.get("blocking", ()))}),
        numbers=given,
        withdrawn=sorted(given.keys() - set(known) - renamed.keys()),
    )
    done = write_files(project, variant)
    variant.findings.extend(done.findings)
    counts = {"items": variant.items.height, "excluded": variant.excluded.height}
    counts["without_response"] = int(variant.items["response"].null_count())
    removed = variant.excluded["status"] == "removed"
    counts["removed"] = int(removed.sum())
    waiting = dict(variant.excluded.filter(~removed)["route"].value_counts().rows())
    counts |= {f"waiting_{route}": count for route, count in sorted(waiting.items())}
    return Result("build", True, counts, variant.findings, done.outputs, {"card": done.outer})


def _collected(project: Project, name: str, columns: tables.Columns) -> pl.DataFrame | None:
    """A table of what was collected; None if nothing was."""
    path = project.work(f"{name}.parquet")
    return tables.read_parquet(path, columns) if path.is_file() else None
