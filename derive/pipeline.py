"""The stages in order, for `init`, `run` and `status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive import locales
from derive import project as projects
from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_path
from derive.findings import Findings
from derive.languages import canonical
from derive.ledger import STAGES
from derive.progress import Report, silent
from derive.project import Project
from derive.stages import REQUESTS, WORK, Result, read_profile, store_release
from derive.translate.engine import covers

if TYPE_CHECKING:
    from derive.release.read import Options, Release
    from derive.translate.engine import Engine


@dataclass(frozen=True)
class Asked:
    """What `run` and `init` were asked: the source as given, the locale, and the options."""

    source: str
    locale: str
    options: Options
    model: str = ""
    device: str = ""
    compute_type: str = ""
    beam_size: int = 0

    def configuration(self, name: str) -> dict[str, Any]:
        """The derive.toml of it."""
        translate = {
            "model": self.model,
            "device": self.device,
            "compute_type": self.compute_type,
            "beam_size": self.beam_size,
        }
        source = {
            "location": self.source,
            "config": self.options.config,
            "revision": self.options.revision,
            "splits": list(self.options.splits),
            "profile": self.options.profile,
            "language": self.options.source_language and canonical(self.options.source_language),
            "pivot": self.options.pivot_language and canonical(self.options.pivot_language),
            "map": dict(self.options.overrides),
        }
        given = {key: value for key, value in translate.items() if value}
        return projects.configuration(name, self.locale, source, given)


def run(
    path: Path,
    asked: Asked,
    *,
    report: Report = silent,
    engine: Engine | None = None,
    on_result: Any = lambda result: None,
) -> tuple[Project, list[Result]]:
    """Everything the machine can do: release, check, flag, translate, worksheet, build.

    path: the project folder, new or of the same derivation. engine: instead of the configured
    model. on_result: called with each stage's Result as it is done. Raises DeriveError; what was
    done until then stays, and the next run goes on from there.
    """
    if engine is None:
        _check_model(asked)
    project, first = init(path, asked, report=report)
    results = [first]
    on_result(first)
    with project.locked():
        for stage in STAGES[1:]:
            results.append(run_stage(project, stage, report, engine))
            on_result(results[-1])
    return project, results


def init(path: Path, asked: Asked, *, report: Report = silent) -> tuple[Project, Result]:
    """A project folder with its release pinned; nothing is written if the release cannot be read.

    A folder that holds the same derivation already is left as it is.
    """
    config = asked.configuration(path.resolve().name)
    if not projects.is_project(path):
        projects.refuse_other_folder(path)
        release = _read(asked, report)
        _check_languages(release, asked.locale)
        with explain_os_errors("making the project folder", path):
            path.mkdir(parents=True, exist_ok=True)
        with Project(path, config).locked():
            if not projects.is_project(path):  # another run may have made it meanwhile
                project = projects.create(path, config)
                return project, store_release(project, release)
    project = projects.open_project(path)
    with project.locked():
        _same_derivation(project, config, asked)
        _same_source(project, asked)
        return project, _pinned(project) or store_release(project, _read(asked, report))


def run_stage(
    project: Project, stage: str, report: Report = silent, engine: Engine | None = None
) -> Result:
    """Run one stage if it is not up to date. engine: instead of the configured model.

    Worksheets asked for in certain formats are always written: a file that is there stays.
    Raises DeriveError if a stage before it has not been run.
    """
    request = REQUESTS[stage](project, engine)
    findings_file = project.work(f"findings-{stage}.jsonl")
    wanted = stage == "worksheet" and project.formats
    if not wanted and project.ledger.is_current(stage, request.inputs, request.settings):
        entry = project.ledger.last(stage) or {}
        outputs = [project.path / name for name in entry["outputs"]]
        outputs.remove(findings_file)
        found = Findings.load(findings_file)
        return Result(stage, False, entry["counts"], found, outputs, entry["details"])
    result = WORK[stage](project, report, engine)
    result.findings.save(findings_file)
    project.ledger.append(
        stage,
        inputs=request.inputs,
        settings=request.settings,
        outputs=[*result.outputs, findings_file],
        counts=result.counts,
        findings=result.findings.counts(),
        details=result.details,
    )
    return result


def _read(asked: Asked, report: Report) -> Release:
    from derive.release.read import read_release

    report("reading the release", 0, 1, "sources")
    release = read_release(asked.source, asked.options)
    report("reading the release", 1, 1, "sources")
    return release


def _pinned(project: Project) -> Result | None:
    """The pinned release, if it is there whole."""
    entry = project.ledger.last("release")
    if entry is None or not project.ledger.is_current(
        "release", entry["inputs"], entry["settings"]
    ):
        return None
    found = Findings.load(project.work("findings-release.jsonl"))
    outputs = [project.items, project.profile]
    return Result("release", False, entry["counts"], found, outputs, entry["details"])


def _same_source(project: Project, asked: Asked) -> None:
    """Refuse another source than the folder's. The same content elsewhere is the same source, and
    if the folder's own source is gone, the pinned copy stands."""
    from derive.release import source

    location = project.config["source"]["location"]
    entry = project.ledger.last("release")
    try:
        given = source.parse(asked.source, config=asked.options.config)
    except DeriveError:
        given = None
    if entry and given and given.kind != "hub":
        same = hash_path(given.path) == entry["details"]["content_hash"]
    else:
        same = asked.source == location
    if not same:
        changed = asked.source == location
        raise DeriveError(
            "The source has changed since this folder was made"
            if changed
            else f"The folder holds a derivation of another source, {location}",
            where=asked.source,
            fix="make a new project folder for it",
        )


def _same_derivation(project: Project, config: Mapping[str, Any], asked: Asked) -> None:
    """Refuse to go on with a folder that was made for something else."""
    theirs, ours = project.config, config
    pairs = [("locale", theirs["locale"], ours["locale"])]
    pairs += [
        (f"source.{key}", theirs["source"][key], ours["source"][key])
        for key in ours["source"]
        if key != "location"
    ]
    pairs += [
        (f"translate.{key}", theirs["translate"][key], given)
        for key in ("model", "device", "compute_type", "beam_size")
        if (given := getattr(asked, key))
    ]
    for key, there, wanted in pairs:
        if there != wanted:
            raise DeriveError(
                f"The folder holds a derivation with {key} = {there!r}, not {wanted!r}",
                where=project.path / "derive.toml",
                fix="name a new folder, or change that line and run again",
            )


def _check_model(asked: Asked) -> None:
    """Fail before the long work: is there a model for the locale, whole, and for this device?"""
    from derive.translate.ct2 import choose_device
    from derive.translate.models import find_model, load_model

    choose_device(asked.device or "auto")
    locale = canonical(asked.locale)
    model = load_model(find_model(locale, asked.model))
    if not covers(model.descriptor["target_languages"], locale):
        raise DeriveError(
            f"The model translates into {', '.join(model.descriptor['target_languages'])},"
            f" not into {locale}",
            where=model.path,
            fix="name another model with --model",
        )


def _check_languages(release: Release, locale: str) -> None:
    """Fail before anything is written if the source and the target language are the same one."""
    filled = {
        language
        for field, language in release.profile.languages().items()
        if language and release.items[field].null_count() < release.items.height
    }
    if canonical(locale) in filled:
        raise DeriveError(
            f"The release is in {locale} already", fix="name the locale to derive for"
        )


def status(project: Project) -> dict[str, Any]:
    """What is done, what is stale, and what waits for whom: a JSON object."""
    import polars as pl

    from derive import tables

    entry = project.ledger.last("release")
    stages: list[dict[str, Any]] = []
    fresh = True
    for stage in STAGES:
        last = project.ledger.last(stage)
        state = "not run" if last is None else _state(project, stage, last) if fresh else "stale"
        fresh = fresh and state == "done"
        stages.append(
            {
                "stage": stage,
                "state": state,
                "at": last and last["at"],
                "counts": last["counts"] if last else {},
                "findings": last["findings"] if last else {},
            }
        )
    report: dict[str, Any] = {
        "project": project.name,
        "path": str(project.path),
        "locale": project.locale,
        "source": entry["details"] if entry else {},
        "stages": stages,
        "routes": [],
        "waiting": {},
    }
    routes = project.work("routes.parquet")
    if routes.is_file():
        table = tables.read_parquet(routes, tables.ROUTES)
        grouped = table.group_by("level", "route").len().sort("level", "route", nulls_last=True)
        report["routes"] = grouped.rename({"len": "items"}).to_dicts()
    excluded = project.variant / "excluded.parquet"
    if excluded.is_file():
        table = tables.read_parquet(excluded, tables.EXCLUDED)
        grouped = (
            table.group_by("reason").len().sort(pl.col("len"), "reason", descending=[True, False])
        )
        report["waiting"] = dict(grouped.rows())
    return report


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


def check_locale(tag: str) -> Findings:
    """Everything that is wrong with a locale pack, its model included."""
    from derive.translate.models import load_model

    findings = locales.check(tag)
    if not findings.of("error") and (model := locales.load(tag).model):
        try:
            load_model(model)
        except DeriveError as error:
            findings.add("row-invalid", error.what, file=error.where)
    return findings


def redo(
    project: Project, stage: str, report: Report = silent, formats: tuple[str, ...] = ()
) -> Result:
    """One stage of an open project, under its lock. formats: of worksheets, empty for all."""
    read_profile(project)
    with project.locked():
        return run_stage(replace(project, formats=formats), stage, report)
