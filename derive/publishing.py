"""`derive publish` on a project folder: what may leave is checked here, then the Hub is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from derive import pipeline, status, tables
from derive.errors import DeriveError
from derive.files import hash_file, read_text, write_bytes
from derive.findings import Finding, Findings
from derive.profiles import Profile
from derive.project import Project
from derive.stage import read_profile

if TYPE_CHECKING:
    from derive.variant.publish import Plan


@dataclass(frozen=True)
class Published:
    """What publishing did, or would do. commit: empty after a dry run.

    left: files of the variant's folder that `build` did not write, and that stay here.
    """

    plan: Plan
    findings: Findings
    left: list[str]
    commit: str = ""

    def as_dict(self) -> dict[str, Any]:
        """A JSON object."""
        return {**self.plan.as_dict(), "left_here": self.left, "commit": self.commit}


def publish(
    project: Project,
    repo: str = "",
    *,
    version: str = "",
    private: bool | None = None,
    go: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Published:
    """The variant to the Hub dataset `repo` (namespace/name), with the login's token.

    repo: empty for the one that derive.toml names. version: as v1.0, or the next one. private:
    None for what the terms ask. go: False only plans. tell: called with a line on what is done.
    Raises DeriveError if the variant is not as it was built, is stale, or holds texts of the source
    against its terms, and for all that the Hub refuses.
    """
    from derive.variant.publish import Asked, apply, plan
    from derive.variant.remote import Remote

    repo = _repository(project, repo)
    profile = read_profile(project)
    with project.locked():
        entry, files = _built(project)
        _refuse_leaks(project, files, profile)
        remote = Remote(repo)
        planned = plan(remote, Asked(files, profile.terms, version, private))
        folder = project.variant
        found = [one for one in sorted(folder.rglob("*")) if one.is_file()]
        names = [one.relative_to(folder).as_posix() for one in found]
        done = Published(
            planned,
            Findings(_warnings(entry, planned)),
            [name for name in names if name not in files],
            planned.commit,
        )
        if not go or (planned.nothing_to_do and _recorded(project, planned)):
            return done
        commit, by_hand = apply(remote, planned, tell)
        findings = Findings([*done.findings, *by_hand])
        _remember(project, planned)
        _record(project, planned, commit, entry, findings)
    return Published(planned, findings, done.left, commit)


def _repository(project: Project, repo: str) -> str:
    named = str(project.config.get("variant", {}).get("repo", ""))
    if repo and named and repo != named:
        raise DeriveError(
            f"derive.toml and the card name another repository: {named}",
            where=project.path / "derive.toml",
            fix=f"leave out --repo, or change it there and run: derive build {project.path}",
        )
    repo = repo or named
    if repo.count("/") != 1 or not all(repo.split("/")):
        raise DeriveError(
            f"Not a repository: {repo!r}" if repo else "No repository is named",
            fix="write it as --repo namespace/name, or as repo under [variant] in derive.toml",
        )
    return repo


def _built(project: Project) -> tuple[dict[str, Any], dict[str, Path]]:
    """The ledger's entry of the variant, and its files by their path in the folder. Raises
    DeriveError if they are not all there, as `build` wrote them, of what the project holds now."""
    build = f"run: derive build {project.path}"
    entry = project.ledger.last("build")
    if entry is None:
        raise DeriveError("There is no variant yet", where=project.path, fix=build)
    written = {
        project.path / name: digest
        for name, digest in entry["outputs"].items()
        if (project.path / name).is_relative_to(project.variant)
    }
    gone = [path for path in written if not path.is_file()]
    changed = [path for path in written if path not in gone and hash_file(path) != written[path]]
    if gone or changed:
        raise DeriveError(
            "The variant is not as it was built",
            where=", ".join(
                f"{path.relative_to(project.path)} ({'missing' if path in gone else 'changed'})"
                for path in [*gone, *changed]
            ),
            fix=f"{build}; texts are changed in worksheets, not in the variant",
        )
    states = {one["stage"]: one["state"] for one in status.stages(project)}
    if states["build"] != "done":
        stale = [stage for stage, state in states.items() if state != "done"]
        raise DeriveError(
            f"The variant is not up to date: {', '.join(stale)}",
            where=project.path,
            fix=f"see derive status {project.path}, then {build}",
        )
    files = {path.relative_to(project.variant).as_posix(): path for path in written}
    if not any(name.startswith("data/") for name in files):
        raise DeriveError(
            "The variant holds no item",
            where=project.variant,
            fix=f"see who waits for whom: derive status {project.path}",
        )
    return entry, files


def _refuse_leaks(project: Project, files: dict[str, Path], profile: Profile) -> None:
    """The leak check over every row and document once more: between build and now, what people
    write into the card has come, and the check may know more. Raises DeriveError.

    What `build` was told to let pass (allow_source_texts) passes.
    """
    from derive.variant.terms import leaks

    rows = [
        row
        for name, path in files.items()
        if name.startswith("data/") and name.endswith(".parquet")
        for row in tables.read_parquet(path, tables.VARIANT).to_dicts()
    ]
    allowed: set[str] = set()
    if project.config["policy"].get("variant", {}).get("allow_source_texts"):
        allowed = {row["id"] for row in rows if "source-in-variant" in row["checks"]}
    rows += [
        {"id": name, "prompt": read_text(path), "response": None}
        for name, path in files.items()
        if name.endswith(".md")
    ]
    items = tables.read_parquet(project.items, tables.ITEMS)
    found = leaks(rows, items, profile.terms, languages=profile.languages())
    Findings(one for one in found if one.item not in allowed).refuse_errors(
        "The variant holds texts of the source, against its terms",
        "word them anew or remove them, and build again",
    )


def _warnings(entry: dict[str, Any], planned: Plan) -> Iterator[Finding]:
    from derive.findings import finding

    unread, items = entry["counts"].get("unread", 0), entry["counts"]["items"]
    if unread:
        message = f"{unread} of {items} items are machine translations that no person has read"
        yield finding("variant-unread", message)
    if leaked := entry["details"].get("source_texts"):
        message = f"{leaked['items']} items hold texts of the source: {leaked['reason']}"
        yield finding("source-in-variant", message, severity="warning")
    for path in planned.edited:
        yield finding(
            "hub-changed", "somebody changed it on the Hub since the last version", file=path
        )


def _remember(project: Project, planned: Plan) -> None:
    """What is out is no longer unreleased: for the changelog of the next build."""
    from derive.variant.changelog import Published as Rows
    from derive.variant.changelog import remember
    from derive.variant.publish import CHANGELOG

    contents = {one.path: one for one in planned.uploads}
    data = [path for path in contents if path.startswith(f"{planned.version}/")]
    rows = pl.concat([pl.read_parquet(contents[path].read()) for path in data])
    write_bytes(project.variant / CHANGELOG, contents[CHANGELOG].read())
    remember(project.published, Rows(planned.version, rows))
    pipeline.run_stage(project, "build")


def _details(planned: Plan, commit: str) -> dict[str, Any]:
    return {
        "repo": planned.repo,
        "version": planned.version,
        "commit": commit,
        "tag": planned.version,
        "files": {one.path: one.sha256 for one in planned.uploads},
    }


def _recorded(project: Project, planned: Plan) -> bool:
    last = project.ledger.last("publish")
    return last is not None and last["details"] == _details(planned, planned.commit)


def _record(
    project: Project, planned: Plan, commit: str, built: dict[str, Any], findings: Findings
) -> None:
    sizes = {"files": len(planned.uploads), "bytes": sum(one.size for one in planned.uploads)}
    project.ledger.append(
        "publish",
        inputs=built["outputs"],
        settings={"repo": planned.repo, "version": planned.version},
        outputs=[],
        counts={**sizes, "items": built["counts"]["items"]},
        findings=findings.counts(),
        details=_details(planned, commit),
    )
