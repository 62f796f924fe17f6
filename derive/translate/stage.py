"""The stage `translate`: a draft, or the reason why there is none, for every text of every item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from derive import tables
from derive.errors import DeriveError
from derive.findings import Finding, Findings, finding
from derive.progress import Report, silent
from derive.text import TEXT_FIELDS, comparable
from derive.translate.adapt import Offers, adapt
from derive.translate.cache import Cache
from derive.translate.engine import Engine, covers
from derive.translate.quality import check_draft
from derive.translate.texts import Translated, translate_texts

FIELDS = ("prompt", "response")


class Drafted(NamedTuple):
    """The table `drafts`, and the findings on them with their items."""

    drafts: pl.DataFrame
    findings: Findings


def translate(
    items: pl.DataFrame,
    languages: Mapping[str, str | None],
    target: str,
    engine: Engine,
    *,
    marks: pl.DataFrame | None = None,
    offers: Offers | None = None,
    cache: Path | None = None,
    report: Report = silent,
) -> Drafted:
    """Draft the prompts and responses of the table `items` in the language `target` (BCP-47).

    languages: text field to its language. The pivot is translated where it is there and the engine
    knows its language, the source text otherwise. marks: the table `marks`; where `offers` has
    counterparts for marks of a pivot, a second draft is made of the pivot with these in their
    place (fields prompt_adapted, response_adapted). cache: the file that keeps sentences; None
    for none. A row comes out for every prompt, and for every response that the item has in any
    language. Raises DeriveError if the engine can translate none of the release's languages.
    """
    jobs, drafts = _jobs(items, languages, engine)
    if marks is not None and offers:
        jobs += list(_adapted_jobs(jobs, marks, offers))
    if not jobs:
        raise DeriveError(
            f"No text of the release is in a language the model translates from"
            f" ({', '.join(engine.source_languages)})",
            fix="if the release has an English column, name it with --map english=COLUMN;"
            " else name another model with --model",
        )
    originals = {comparable(text) for name in TEXT_FIELDS for text in items[name].drop_nulls()}
    for language in sorted({job.language for job in jobs}):
        store = Cache(cache, {**engine.signature, "source": language})
        try:
            of_language = [job for job in jobs if job.language == language]
            texts = [job.text for job in of_language]
            for at, made in translate_texts(texts, language, engine, store, report):
                job = of_language[at]
                found = list(check_draft(job.text, made, language, target, originals))
                row = _row(job.item, job.field, made, engine.name, found, job.swaps)
                drafts[job.item, job.field] = (row, found)
        finally:
            store.close()
    findings = Findings(
        replace(found, item=item, field=field)
        for (item, field), (_, all_found) in drafts.items()
        for found in all_found
    )
    return Drafted(tables.frame((row for row, _ in drafts.values()), tables.DRAFTS), findings)


class _Job(NamedTuple):
    item: str
    field: str
    source_field: str
    text: str
    language: str
    swaps: Sequence[str] = ()


_Drafts = dict[tuple[str, str], tuple[dict[str, Any], list[Finding]]]


def _jobs(
    items: pl.DataFrame, languages: Mapping[str, str | None], engine: Engine
) -> tuple[list[_Job], _Drafts]:
    """What is to be translated; and a place for every draft, those that cannot be made filled."""
    jobs: list[_Job] = []
    drafts: _Drafts = {}
    for item in items.to_dicts():
        for field in FIELDS:
            there = {
                name: language
                for name in (f"{field}_pivot", field)
                if item[name] is not None and (language := languages[name])
            }
            if not there and field != "prompt":
                continue
            known = [name for name, one in there.items() if covers(engine.source_languages, one)]
            reason = finding(
                "draft-none",
                f"the {field} is in {', '.join(there.values())} only,"
                f" the model translates from {', '.join(engine.source_languages)}",
            )
            drafts[item["id"], field] = (_row(item["id"], field, None, None, [reason]), [reason])
            if known:
                name = known[0]
                jobs.append(_Job(item["id"], field, name, item[name], str(there[name])))
    return jobs, drafts


def _adapted_jobs(jobs: Sequence[_Job], marks: pl.DataFrame, offers: Offers) -> Iterator[_Job]:
    """A second job for each pivot that holds something the locale has a counterpart for."""
    of_text: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for mark in marks.to_dicts():
        of_text[mark["item"], mark["field"]].append(mark)
    for job in jobs:
        text, swaps = adapt(job.text, of_text[job.item, job.source_field], offers)
        if swaps:
            yield job._replace(field=f"{job.field}_adapted", text=text, swaps=swaps)


def _row(
    item: str,
    field: str,
    made: Translated | None,
    model: str | None,
    found: list[Finding],
    swaps: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "item": item,
        "field": field,
        "text": made.text if made else None,
        "model": model,
        "score": made.score if made else None,
        "state": "translated" if made else "initial",
        "findings": [
            {"code": one.code, "severity": one.severity, "message": one.message} for one in found
        ],
        "swaps": list(swaps),
    }
