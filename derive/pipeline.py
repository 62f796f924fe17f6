"""The stages in order, for `init`, `run` and `status`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive import intake, locales, people
from derive import project as projects
from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_path
from derive.findings import Findings
from derive.languages import canonical
from derive.ledger import STAGES
from derive.progress import Report, silent
from derive.project import Project
from derive.stage import Request, Result, read_profile
from derive.stages import REQUESTS, WORK, reverse_model, store_release

if TYPE_CHECKING:
    from derive.intake import Taken
    from derive.release.read import Options, Release
    from derive.translate.engine import Engine
    from derive.worksheet.stage import Ask


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
    alternatives: int = 0
    round_trip: str = ""
    via: str = ""
    from_: str = ""
    omissions: bool = False

    def translation(self) -> dict[str, Any]:
        """`[translate]` of it; what was not asked is empty."""
        return {
            "model": self.model,
            "device": self.device,
            "compute_type": self.compute_type,
            "beam_size": self.beam_size,
            "alternatives": self.alternatives,
            "round_trip": self.round_trip,
            "via": self.via,
            "from": self.from_,
            "omissions": self.omissions,
        }

    def configuration(self, name: str) -> dict[str, Any]:
        """The derive.toml of it."""
        translate = self.translation()
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
            if stage == "collect" and not people.anything_returned(project):
                continue
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

    Raises DeriveError if a stage before it has not been run.
    """
    request = REQUESTS[stage](project, engine)
    findings_file = project.work(f"findings-{stage}.jsonl")
    if project.ledger.is_current(stage, request.inputs, request.settings):
        entry = project.ledger.last(stage) or {}
        outputs = [project.path / name for name in entry["outputs"]]
        outputs.remove(findings_file)
        found = Findings.load(findings_file)
        return Result(stage, False, entry["counts"], found, outputs, entry["details"])
    return _record(project, request, WORK[stage](project, report, engine))


def _record(project: Project, request: Request, result: Result, stage: str = "") -> Result:
    """Write what a stage did into the ledger. stage: the name there, if it is not the result's."""
    stage = stage or result.stage
    findings_file = project.work(f"findings-{stage}.jsonl")
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
        (f"translate.{key}", theirs["translate"].get(key, type(given)()), given)
        for key, given in asked.translation().items()
        if given
    ]
    for key, there, wanted in pairs:
        if there != wanted:
            raise DeriveError(
                f"The folder holds a derivation with {key} = {there!r}, not {wanted!r}",
                where=project.path / "derive.toml",
                fix=f"name a new folder, or set {key} in that file and run again",
            )


def _check_model(asked: Asked) -> None:
    """Fail before the long work: is there a model for the locale, whole, and for this device?"""
    from derive.translate.ct2 import choose_device
    from derive.translate.models import choose, choose_via

    choose_device(asked.device or "auto")
    locale = canonical(asked.locale)
    last = choose(locale, asked.model, locale)
    if asked.via:
        reads = last.descriptor["source_languages"]
        choose_via(asked.via, reads, [asked.options.pivot_language or "en"])
    if asked.round_trip:
        reverse_model(locale, asked.round_trip)


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


def check_locale(tag: str) -> Findings:
    """Everything that is wrong with a locale pack, its patterns and its model included."""
    from derive.flag.check_patterns import check_patterns
    from derive.translate.models import load_model

    findings = locales.check(tag)
    if findings.of("error"):
        return findings
    findings.extend(check_patterns(locales.load(tag)))
    if model := locales.load(tag).model:
        try:
            load_model(model)
        except DeriveError as error:
            findings.add("pack-invalid", error.what, file=error.where)
    return findings


def redo(project: Project, stage: str, report: Report = silent) -> Result:
    """One stage of an open project, under its lock."""
    read_profile(project)
    with project.locked():
        return run_stage(project, stage, report)


def write_worksheets(project: Project, ask: Ask, report: Report = silent) -> Result:
    """Worksheets as asked; written always, but a file that is there stays."""
    read_profile(project)
    with project.locked():
        request = REQUESTS["worksheet"](project, None)
        settings = {**request.settings, "ask": asdict(ask)}
        result = people.write(project, ask, report)
        return _record(project, Request(request.inputs, settings), result, "handout")


def collect(
    project: Project, paths: Iterable[Path], taken: Taken, report: Report = silent
) -> Result:
    """Take in files that came back, settle every unit anew, and write the reports to send back.

    With dry_run nothing is written. Raises DeriveError if none of the files is ours.
    """
    read_profile(project)
    with project.locked():
        request = REQUESTS["collect"](project, None)
        current = project.ledger.is_current("collect", request.inputs, request.settings)
        if current and (same := intake.known(project, paths, taken)):
            result = run_stage(project, "collect", report)
            details = {**result.details, "taken": [one.name for one in same], "reports": []}
            return replace(result, details=details)
        done, kept = intake.take_in(project, paths, taken, report)
        # what this call's files are refused for is not of the stage, which reads what was kept
        refused = Findings(one for one in done.findings if one.code == "worksheet-refused")
        stays = Findings(one for one in done.findings if one.code != "worksheet-refused")
        if taken.dry_run:
            return Result("collect", True, done.accounts, done.findings, [])
        request = REQUESTS["collect"](project, None)
        if project.ledger.is_current("collect", request.inputs, request.settings):
            result = run_stage(project, "collect", report)
        else:
            result = _record(project, request, people.store(project, replace(done, findings=stays)))
        reports = intake.write_reports(project, done, kept)
        return replace(
            result,
            findings=Findings([*refused, *result.findings]),
            details={
                **result.details,
                "taken": [one.name for one in kept],
                "reports": [str(path) for path in reports],
            },
        )
