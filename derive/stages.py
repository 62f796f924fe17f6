"""The machine's stages on a project folder: what each depends on, and what it does.

A stage is a function of its inputs and settings. The ledger remembers both, so a stage whose
inputs, settings and outputs are as they were is not run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from derive import building, locales, people, tables
from derive.counterparts import counterparts_hash, read_counterparts, source_currency
from derive.errors import DeriveError
from derive.files import hash_file, write_text
from derive.findings import Findings
from derive.own_data import check_own_counterparts, check_own_lexicon
from derive.progress import Report
from derive.project import Project
from derive.stage import Request, Result, inputs, read_profile, release_entry
from derive.terminology import TermChecker

if TYPE_CHECKING:
    from derive.release.read import Release
    from derive.translate.engine import Engine
    from derive.translate.models import Model
    from derive.translate.round_trip import Reverse
    from derive.translate.task import Task, Via

MANY = 5_000  # items; to measure what is fastest takes less than it gains from here on


def store_release(project: Project, release: Release) -> Result:
    """Pin a release in the project folder."""
    tables.write_parquet(release.items, project.items)
    document = {**release.profile.document}
    write_text(project.profile, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    findings_file = project.work("findings-release.jsonl")
    release.findings.save(findings_file)
    counts = {"rows": release.rows, "items": release.items.height, "left_out": release.left_out}
    details = {
        "location": release.location,
        "config": release.config,
        "revision": release.revision,
        "content_hash": release.content_hash,
        "dataset": _dataset_name(project, release),
        "profile": release.profile.name,
        "mapping": {name: choice.column for name, choice in release.choices.items()},
    }
    outputs = [project.items, project.profile]
    project.ledger.append(
        "release",
        inputs={"source": release.content_hash},
        settings=dict(project.config["source"]),
        outputs=[*outputs, findings_file],
        counts=counts,
        findings=release.findings.counts(),
        details=details,
    )
    return Result("release", True, counts, release.findings, outputs, details)


def _dataset_name(project: Project, release: Release) -> str:
    if release.revision:  # from the Hub
        return str(project.config["source"]["location"]).split("@")[0].split(":")[0]
    return Path(release.location).name


def _check_request(project: Project, engine: Engine | None) -> Request:
    entry = release_entry(project)
    return Request(inputs(project, "items", "profile"), {"config": entry["details"]["config"]})


def _check(project: Project, report: Report, engine: Engine | None) -> Result:
    from derive.release.check import check

    items = tables.read_parquet(project.items, tables.ITEMS)
    config = release_entry(project)["details"]["config"]
    findings = check(items, read_profile(project), config=config, report=report)
    return Result("check", True, {"items": items.height}, findings, [])


def _flag_request(project: Project, engine: Engine | None) -> Request:
    used = inputs(project, "items", "profile")
    used |= {name: hash_file(path) for name, path in _flag_data(project).items()}
    # what may go into the variant changes no route
    policy = {key: one for key, one in project.config["policy"].items() if key != "variant"}
    return Request(used, {"policy": policy})


def _flag_data(project: Project) -> dict[str, Path]:
    """All data the marks are a function of: the source culture's, the pivot's, the project's."""
    from derive.flag.patterns import files_of

    pack = locales.source_pack(read_profile(project).source_language)
    own = project.path / "lexicon.csv"
    files = {"own_lexicon": own} if own.is_file() else {}
    if pack and pack.lexicon:
        files["lexicon"] = pack.lexicon
    for one in filter(None, (locales.load(locales.ENGLISH), pack)):
        files |= {f"{one.tag}/{path.name}": path for path in files_of(one.patterns)}
    return files


def _flag(project: Project, report: Report, engine: Engine | None) -> Result:
    from derive.flag.lexicon import load_lexicon
    from derive.flag.patterns import load_patterns
    from derive.flag.stage import flag

    own = _flag_data(project).get("own_lexicon")
    said = check_own_lexicon(own)
    items = tables.read_parquet(project.items, tables.ITEMS)
    pack = locales.source_pack(read_profile(project).source_language)
    report("flagging", 0, items.height, "items")
    lexicon = load_lexicon(pack.lexicon if pack else None, own)
    done = flag(items, lexicon, project.config["policy"], load_patterns(pack))
    done.findings.extend(said)
    report("flagging", items.height, items.height, "items")
    if not (pack and pack.lexicon):
        language = read_profile(project).source_language
        done.findings.add(
            "lexicon-none", f"no lexicon of a culture of the source language {language}"
        )
    outputs = [project.work("marks.parquet"), project.work("routes.parquet")]
    tables.write_parquet(done.marks, outputs[0])
    tables.write_parquet(done.routes, outputs[1])
    by_route = dict(done.routes["route"].value_counts().rows())
    counts = {"items": items.height, "marks": done.marks.height}
    counts |= {route: by_route.get(route, 0) for route in ("translate", "adapt", "rewrite")}
    return Result("flag", True, counts, done.findings, outputs)


def _translate_request(project: Project, engine: Engine | None) -> Request:
    from derive.translate.models import fingerprint

    used = inputs(project, "items", "profile", "marks")
    used["counterparts"] = counterparts_hash(project)
    if project.terms.is_file():
        used["terms"] = hash_file(project.terms)
    asked = {**project.config["translate"], "locale": project.locale}
    for key in ("via", "round_trip"):
        if asked.get(key):
            asked[key] = fingerprint(project.locale, asked[key])
    if engine is not None:
        return Request(used, {**asked, "model": "", "signature": dict(engine.signature)})
    asked["model"] = fingerprint(project.locale, asked["model"])
    return Request(used, {**asked, "ctranslate2": version("ctranslate2")})


def _translate(project: Project, report: Report, engine: Engine | None) -> Result:
    from derive.translate.adapt import Offers
    from derive.translate.stage import findings_of, translate_file
    from derive.translate.task import Task
    from derive.worksheet.terms_list import read_terms

    said = check_own_counterparts(project)
    engine = engine or _load_engine(project)
    profile = read_profile(project)
    source = locales.source_pack(profile.source_language)
    offers = Offers(
        read_counterparts(project), locales.load(project.locale).money, source_currency(source)
    )
    marks = project.work("marks.parquet")
    tables.read_parquet(marks, tables.MARKS, rows=0)
    task = Task(
        profile.languages(),
        project.locale,
        engine,
        pl.scan_parquet(marks),
        offers,
        project.work("cache.sqlite"),
        TermChecker(read_terms(project.terms) if project.terms.is_file() else []),
        int(project.config["translate"].get("alternatives", 0)),
        via=_load_via(project, engine),
        source_first=project.config["translate"].get("from") == "source",
        omissions=bool(project.config["translate"].get("omissions")),
    )
    if (given := project.config["translate"].get("round_trip")) and task.known():
        task = replace(task, reverse=_load_reverse(project, given, task))
    output = project.work("drafts.parquet")
    damaged = translate_file(project.items, output, task, report)
    made = tables.Slices(output, tables.DRAFTS, ("item", "field", "state", "findings"))
    counts = dict.fromkeys(("drafts", "no_draft", "adapted_drafts"), 0)
    for table in made:
        adapted = table["field"].str.ends_with("_adapted")
        translated = int((~adapted & (table["state"] == "translated")).sum())
        counts["drafts"] += translated
        counts["adapted_drafts"] += int(adapted.sum())
        counts["no_draft"] += table.height - int(adapted.sum()) - translated
    details = _made_with(task)
    findings = Findings.kept(lambda: chain(said, findings_of(made), damaged))
    return Result("translate", True, counts, findings, [output], details)


def _load_engine(project: Project) -> Engine:
    from derive.translate.models import choose

    asked = project.config["translate"]
    model = choose(project.locale, asked["model"], project.locale)
    return _open(project, model, project.locale, asked.get("alternatives", 0))


def _open(project: Project, model: Model, target: str, alternatives: int = 0) -> Engine:
    """A model's engine as the project runs it, measured if there is much to do."""
    from derive.translate.ct2 import Settings
    from derive.translate.models import open_engine

    how = {key: project.config["translate"][key] for key in ("device", "compute_type", "beam_size")}
    engine = open_engine(model, target, Settings(**how, alternatives=alternatives))
    tune = getattr(engine, "tune", None)  # not every engine has something to choose
    if tune and pl.scan_parquet(project.items).select(pl.len()).collect().item() >= MANY:
        tune()
    return engine


def _load_via(project: Project, engine: Engine) -> Via | None:
    """The first of two models, if derive.toml names one. Raises DeriveError."""
    from derive.translate.models import choose_via
    from derive.translate.task import Via

    asked = project.config["translate"]
    if not asked.get("via"):
        return None
    pivot = read_profile(project).languages()["prompt_pivot"]
    model, language = choose_via(
        asked["via"], engine.source_languages, [*filter(None, [pivot]), "en"]
    )
    return Via(_open(project, model, language), language)


def _made_with(task: Task) -> dict[str, Any]:
    """What the drafts were made with, for the ledger. runs: what the drafts' signatures stand for.
    signature, model: of the engine that wrote them."""
    from derive.translate.hops import signature_hash

    ways = [way for one in sorted(set(task.known().values())) if (way := task.chain(one))]
    used = [task.signature(way) for way in ways]
    details: dict[str, Any] = {
        "signature": dict(task.engine.signature),
        "model": getattr(task.engine, "about", None),
        "runs": {signature_hash(one): one for one in used},
    }
    if task.via:
        details["via"] = getattr(task.via.engine, "about", None)
    if task.reverse:
        details["round_trip"] = dict(task.reverse.engine.signature)
    return details


def reverse_model(locale: str, given: str) -> Model:
    """The model of the round trip. Raises DeriveError if it is not there, or does not translate
    from the locale."""
    from derive.translate.engine import covers
    from derive.translate.models import find_model, load_model

    model = load_model(find_model(locale, given))
    languages = model.descriptor["source_languages"]
    if not covers(languages, locale):
        raise _other_reverse(model, f"from {', '.join(languages[:12])}, not from {locale}")
    return model


def _other_reverse(model: Model, what: str) -> DeriveError:
    return DeriveError(
        f"The model of the round trip translates {what}",
        where=model.path,
        fix="name another model with --round-trip, or leave it out",
    )


def _load_reverse(project: Project, given: str, task: Task) -> Reverse:
    """What translates the drafts back, into the language that most are made from. Raises
    DeriveError if the model does not."""
    from derive.translate.engine import covers
    from derive.translate.round_trip import Reverse

    model = reverse_model(project.locale, given)
    into = model.descriptor["target_languages"]
    known = task.known()
    fields = ("prompt", "prompt_pivot") if task.source_first else ("prompt_pivot", "prompt")
    language = next((known[name] for name in fields if name in known), "")
    if not covers(into, language):
        said = f"into {', '.join(into[:12])}, and the drafts are made from {language}"
        raise _other_reverse(model, said)
    return Reverse(_open(project, model, language), language)


REQUESTS: dict[str, Callable[[Project, Engine | None], Request]] = {
    "check": _check_request,
    "flag": _flag_request,
    "translate": _translate_request,
    "collect": people.collect_request,
    "worksheet": people.worksheet_request,
    "build": building.build_request,
}
WORK: dict[str, Callable[[Project, Report, Engine | None], Result]] = {
    "check": _check,
    "flag": _flag,
    "translate": _translate,
    "collect": people.collect_stage,
    "worksheet": people.worksheet_stage,
    "build": building.build_stage,
}
