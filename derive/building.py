"""The stage `build` on a project folder: the variant and all that stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from derive import tables
from derive.documents import documents_request, write_files
from derive.edited import keep_edited, refuse_unrecorded, told
from derive.errors import DeriveError
from derive.files import hash_file
from derive.languages import same_language
from derive.progress import Report
from derive.project import Project, open_project, write_config
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
    people = project.config.get("people", {})
    settings = {"name": project.name, "locale": project.locale, "people": people, **policy, **said}
    return Request({**used, **more}, settings)


def build_stage(project: Project, report: Report, engine: Engine | None) -> Result:
    """The stage `build`: the variant's files under variant/."""
    from derive.variant.build import Policy, build
    from derive.variant.ids import numbers
    from derive.variant.rows import Lineage

    refuse_unrecorded(project, build_request(project, engine).inputs)
    entry = release_entry(project)
    profile = read_profile(project)
    items = tables.read_parquet(project.items, tables.ITEMS)
    adaptations = _collected(project, "adaptations", tables.ADAPTATIONS)
    known = [*items["id"], *(adaptations["item"] if adaptations is not None else ())]
    policy = project.config["policy"].get("variant", {})
    renamed = project.renamed_ids()
    built = project.ledger.last("build") is not None
    given = numbers(project.path / "variant-ids.json", known, renamed, built=built)
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
        languages=profile.languages(),
        adaptations=adaptations,
        standings=_collected(project, "standings", tables.STANDINGS),
        policy=Policy(**policy),
        lineage=Lineage(
            (project.ledger.last("translate") or {}).get("details", {}).get("signature", {}),
            project.public_name,
            profile.taxonomy_labels,
            same_language(profile.source_language, "en"),
        ),
        numbers=given,
        withdrawn=sorted(given.keys() - set(known) - renamed.keys()),
    )
    kept = keep_edited(project)
    done = write_files(project, variant)
    variant.findings.extend([*done.findings, *told(kept, done.outputs)])
    counts = {"items": variant.items.height, "excluded": variant.excluded.height}
    counts["unread"] = variant.unread
    counts["without_response"] = int(variant.items["response"].null_count())
    removed = variant.excluded["status"] == "removed"
    counts["removed"] = int(removed.sum())
    waiting = dict(variant.excluded.filter(~removed)["route"].value_counts().rows())
    counts |= {f"waiting_{route}": count for route, count in sorted(waiting.items())}
    details: dict[str, Any] = {"card": done.outer, "coverage": list(variant.coverage)}
    if leaked := variant.items["checks"].list.contains("source-in-variant").sum():
        details["source_texts"] = {"items": leaked, "reason": policy["allow_source_texts"]}
    return Result("build", True, counts, variant.findings, done.outputs, details)


def allow_source_texts(project: Project, reason: str) -> Project:
    """The project with a reason why texts of the source may be in its variant, in derive.toml.

    Builds write it into the ledger, and the card shows it. Raises DeriveError if it is empty.
    """
    if not reason.strip():
        raise DeriveError(
            "--allow-source-texts without a reason",
            fix="say why you may publish them; the reason is published with the variant",
        )
    policy = project.config["policy"]
    variant = {**policy.get("variant", {}), "allow_source_texts": reason.strip()}
    with project.locked():
        write_config(project.path, {**project.config, "policy": {**policy, "variant": variant}})
    return open_project(project.path)


def _collected(project: Project, name: str, columns: tables.Columns) -> pl.DataFrame | None:
    """A table of what was collected; None if nothing was."""
    path = project.work(f"{name}.parquet")
    return tables.read_parquet(path, columns) if path.is_file() else None
