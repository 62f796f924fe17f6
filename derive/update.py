"""A project onto another release of its source, and back again.

The release as it was is kept whole in release/previous/<number>/ before anything is changed, with
the derive.toml of then, so that an update that was killed is finished by the next one, and any
can be undone. What people wrote is a function of the files that came back and of the items as they
are: unchanged items keep it, changed ones become stale, removed ones leave the variant.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive import pipeline, tables
from derive.errors import DeriveError, explain_os_errors
from derive.files import write_bytes, write_text
from derive.progress import Report, silent
from derive.project import Project, open_project, write_config
from derive.stage import Result, read_profile, release_entry
from derive.stages import store_release

if TYPE_CHECKING:
    from derive.release.changes import Diff
    from derive.release.read import Options, Release
    from derive.translate.engine import Engine

_KEPT = ("release/items.parquet", "release/profile.json", "release/renamed.json", "derive.toml")
_DONE = "kept.json"  # written last: a folder without it is no whole copy


@dataclass(frozen=True)
class Updated:
    """What an update did. difference: None if it was undone, or an earlier one finished."""

    results: list[Result]
    difference: Diff | None


def update(
    project: Project,
    source: str,
    options: Options,
    *,
    report: Report = silent,
    engine: Engine | None = None,
) -> Updated:
    """Take another release of the source, and do what follows from it.

    options: config and revision of the new release; the rest is as the project was made.
    Raises DeriveError if the new release cannot be read, or is the one the project has.
    """
    from derive.release.diff import diff
    from derive.release.read import read_release

    read_profile(project)
    with project.locked():
        _finish_killed(project)
        project = open_project(project.path)
        new = read_release(source, options)
        old = pinned(project)
        if new.content_hash == old.content_hash and new.items.equals(old.items):
            # an update that was killed may have left stages to run
            results = _rerun(project, report, engine)
            if any(one.fresh for one in results):
                return Updated(results, None)
            raise DeriveError(
                "The project is on this release already", where=source, fix="nothing to do"
            )
        difference = diff(old, new)
        folder = _keep(project)
        given = {"location": source, "config": options.config, "revision": options.revision}
        config = {**project.config, "source": {**project.config["source"], **given}}
        write_config(project.path, config)
        project = open_project(project.path)
        moved = {one.old_id: one.new_id for one in difference.renamed}
        renamed = _compose(project.renamed_ids(), moved)
        write_text(
            project.renamed,
            json.dumps(renamed, ensure_ascii=False, indent=0, sort_keys=True) + "\n",
        )
        results = [store_release(project, new)]
        (folder / "under-way").unlink()
        results += _rerun(project, report, engine)
    return Updated(results, difference)


def undo(project: Project, *, report: Report = silent, engine: Engine | None = None) -> Updated:
    """Back to the release before the last update. Raises DeriveError if there was none."""
    with project.locked():
        _finish_killed(project)
        folders = _copies(project)
        if not folders:
            raise DeriveError(
                "There is no update to undo", where=project.path, fix="see: derive status"
            )
        _restore(project, folders[-1])
        project = open_project(project.path)
        release = pinned(project, json.loads((folders[-1] / _DONE).read_text("utf-8")))
        shutil.rmtree(folders[-1])
        results = [store_release(project, release), *_rerun(project, report, engine)]
    return Updated(results, None)


def pinned(project: Project, details: Mapping[str, Any] | None = None) -> Release:
    """The project's release as `read_release` gave it. details: of the ledger, if not its last."""
    from derive.findings import Findings
    from derive.release.columns import Choice
    from derive.release.read import Release

    said = details or release_entry(project)["details"]
    items = tables.read_parquet(project.items, tables.ITEMS)
    choices = {
        field: Choice(field, column, "map", "pinned") for field, column in said["mapping"].items()
    }
    return Release(
        items, Findings(), read_profile(project), choices, items.height, 0,
        said["location"], said["config"], said["revision"], said["content_hash"],
    )  # fmt: skip


def _rerun(project: Project, report: Report, engine: Engine | None) -> list[Result]:
    from derive import people
    from derive.ledger import STAGES

    return [
        pipeline.run_stage(project, stage, report, engine)
        for stage in STAGES[1:]
        if stage != "collect" or people.anything_returned(project)
    ]


def _compose(first: Mapping[str, str], then: Mapping[str, str]) -> dict[str, str]:
    """Old IDs to what they are called now, over two updates."""
    moved = {old: then.get(new, new) for old, new in first.items()}
    return {old: new for old, new in {**then, **moved}.items() if old != new}


def _copies(project: Project) -> list[Path]:
    folder = project.path / "release" / "previous"
    return sorted(one for one in folder.glob("*") if (one / _DONE).is_file())


def _keep(project: Project) -> Path:
    """A whole copy of what an update changes."""
    folders = _copies(project)
    number = int(folders[-1].name) + 1 if folders else 1
    folder = project.path / "release" / "previous" / f"{number:04d}"
    with explain_os_errors("writing", folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in _KEPT:
            if (project.path / name).is_file():
                shutil.copyfile(project.path / name, folder / Path(name).name)
        (folder / "under-way").touch()
    write_text(folder / _DONE, json.dumps(release_entry(project)["details"], ensure_ascii=False))
    return folder


def _restore(project: Project, folder: Path) -> None:
    with explain_os_errors("writing", project.path):
        for name in _KEPT:
            copy = folder / Path(name).name
            if copy.is_file():
                write_bytes(project.path / name, copy.read_bytes())
            else:
                (project.path / name).unlink(missing_ok=True)


def _finish_killed(project: Project) -> None:
    """Put back what an update that was killed had begun to change."""
    for folder in _copies(project):
        if (folder / "under-way").exists():
            _restore(project, folder)
            shutil.rmtree(folder)
