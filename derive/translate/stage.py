"""The stage `translate`: a draft, or the reason why there is none, for every text of every item.

Items go through in windows: what is in memory is a window, and a few bytes for every item. A
window's sentences are translated together, sorted by length; the windows depend on the items only,
so that a run that was killed goes on with the same batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import polars as pl

from derive import tables
from derive.errors import DeriveError
from derive.files import beside
from derive.findings import Finding, Findings, finding
from derive.progress import Report, silent
from derive.pseudo import is_pseudo
from derive.terminology import TermChecker
from derive.text import TEXT_FIELDS
from derive.translate.adapt import Offers
from derive.translate.cache import Cache
from derive.translate.engine import Engine, covers
from derive.translate.forms import Forms
from derive.translate.hops import Hop, carry, signature_hash
from derive.translate.jobs import Item, Job, jobs_of, marks_of
from derive.translate.omissions import omitted, scorer
from derive.translate.peers import Peers, more, remarked, short
from derive.translate.priority import review_priority
from derive.translate.quality import DraftChecks
from derive.translate.round_trip import Reverse, translate_back
from derive.translate.task import Task, Via
from derive.translate.texts import NO_TERMS, Translated, translate_texts

READ = ("id", *TEXT_FIELDS)  # the columns of `items` that are needed
WINDOW = 10_000  # items
WINDOW_CHARACTERS = 20_000_000  # of fewer items if they are long


class Caches(Protocol):
    """The cache of what an engine makes of texts in a language (BCP-47)."""

    def __call__(self, language: str, engine: Engine, /, asked: str = "") -> Cache:
        """asked: what is made, if it is no translation."""


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
    terms: TermChecker = NO_TERMS,
    alternatives: int = 0,
    reverse: Reverse | None = None,
    via: Via | None = None,
    source_first: bool = False,
    omissions: bool = False,
    report: Report = silent,
) -> Drafted:
    """Draft the prompts and responses of the table `items`; the rest as in `Task`.

    A row comes out for every prompt, and for every response that the item has in any language.
    Raises DeriveError if the engine can translate none of the release's languages.
    """
    lazy = None if marks is None else marks.lazy()
    task = Task(
        languages,
        target,
        engine,
        lazy,
        offers,
        cache,
        terms,
        alternatives,
        reverse,
        via=via,
        source_first=source_first,
        omissions=omissions,
    )
    peers = Peers()
    damaged: list[Finding] = []
    made = list(translate_slices([items], task, peers, damaged, report))
    drafts = pl.concat([tables.frame((), tables.DRAFTS), *remarked(made, peers.findings())])
    return Drafted(drafts, Findings([*findings_of([drafts]), *damaged]))


def translate_file(
    items: Path, drafts: Path, task: Task, report: Report = silent
) -> Sequence[Finding]:
    """The same from the table `items` on disk to the table `drafts`, however long they are.

    The file `drafts` is written when all is done, or not at all. Returns the findings that are on
    no draft: a cache that was damaged. Raises DeriveError.
    """
    slices = tables.Slices(items, tables.ITEMS, READ)
    peers = Peers()
    damaged: list[Finding] = []
    with beside(drafts) as first:
        all_slices = translate_slices(slices, task, peers, damaged, report)
        tables.write_slices(all_slices, first, tables.DRAFTS)
        made = tables.Slices(first, tables.DRAFTS, tuple(tables.DRAFTS))
        tables.write_slices(remarked(made, peers.findings()), drafts, tables.DRAFTS)
    return damaged


def findings_of(drafts: Iterable[pl.DataFrame]) -> Iterator[Finding]:
    """The findings in the table `drafts`, each with its item and field."""
    for table in drafts:
        told = table.filter(pl.col("findings").list.len() > 0)
        for item, field, found in told.select("item", "field", "findings").iter_rows():
            for one in found:
                yield finding(
                    one["code"], one["message"], severity=one["severity"], item=item, field=field
                )


def translate_slices(
    items: Iterable[pl.DataFrame],
    task: Task,
    peers: Peers,
    damaged: list[Finding],
    report: Report,
) -> Iterator[pl.DataFrame]:
    """The table `drafts`, a window at a time. items: the table in slices, gone through three times.

    peers: is told of every row. damaged: takes the caches' findings. Raises DeriveError.
    """
    total = _survey(items, task)
    if task.omissions:
        scorer(task.engine)  # refused now, not after the long work
    done = 0
    with ExitStack() as stack:
        caches: dict[tuple[str, Engine, str], Cache] = {}

        def cache_of(language: str, engine: Engine, asked: str = "") -> Cache:
            key = language, engine, asked
            if key not in caches:
                made_by = {**engine.signature, "source": language}
                caches[key] = Cache(task.cache, made_by | ({"asked": asked} if asked else {}))
                stack.callback(caches[key].close)
            return caches[key]

        @cache
        def originals() -> Forms:  # gone through when the engine is at work
            return Forms(_texts(items))

        @cache
        def checks_of(language: str) -> DraftChecks:
            return DraftChecks.of(language, task.target, originals())

        for window in _windows(items):
            told = _part(report, done, len(window), total)
            yield _draft(window, task, cache_of, checks_of, peers, told)
            done += len(window)
        for store in caches.values():
            damaged.extend(store.findings())


def _part(report: Report, done: int, size: int, total: int) -> Report:
    """Reports on `size` items after the first `done`, from what is told of their sentences."""
    return lambda what, n, of, unit: report(what, done + size * n // of, total, "items")


def _texts(items: Iterable[pl.DataFrame]) -> Iterator[str]:
    for table in items:
        for field in TEXT_FIELDS:
            yield from table[field].drop_nulls()


def _survey(items: Iterable[pl.DataFrame], task: Task) -> int:
    """How many items there are; DeriveError if none can be translated."""
    known = task.known()
    total = texts = 0
    for table in items:
        total += table.height
        texts += sum(table[field].count() for field in known)
    if not texts:
        raise DeriveError(
            f"No text of the release is in a language the model translates from ({task.from_()})",
            fix="if the release has an English column, name it with --map english=COLUMN;"
            " else name another model with --model",
        )
    return total


def _windows(items: Iterable[pl.DataFrame]) -> Iterator[list[Item]]:
    """The items in windows that do not depend on how they were sliced."""
    window: list[Item] = []
    characters = 0
    for table in items:
        for item in table.select(READ).iter_rows(named=True):
            window.append(item)
            characters += sum(len(item[name] or "") for name in TEXT_FIELDS)
            if len(window) == WINDOW or characters >= WINDOW_CHARACTERS:
                yield window
                window, characters = [], 0
    if window:
        yield window


def _draft(
    window: Sequence[Item],
    task: Task,
    cache_of: Caches,
    checks_of: Callable[[str], DraftChecks],
    peers: Peers,
    report: Report,
) -> pl.DataFrame:
    """The drafts of a window."""
    marks = marks_of(window, task)
    jobs = jobs_of(window, task, marks)
    rows: list[dict[str, Any]] = [
        {} if job.language else _row(job, [finding("draft-none", job.text)]) for job in jobs
    ]
    made_of: dict[int, Translated] = {}
    first = peers.reserve(len(jobs))
    for language in sorted({job.language for job in jobs} - {""}):
        chain = task.chain(language)
        assert chain is not None
        run = signature_hash(task.signature(chain))
        ours = [at for at, job in enumerate(jobs) if job.language == language]

        def over(texts: Sequence[str], hop: Hop) -> Iterator[tuple[int, Translated]]:
            store = cache_of(hop.source, hop.engine)
            # the terms are of the target's language, and the alternatives of the draft
            asked = (task.terms, task.alternatives) if hop.engine is task.engine else ()
            return translate_texts(texts, hop.source, hop.engine, store, report, *asked)

        for position, (made, via, on_way) in carry([jobs[at].text for at in ours], chain, over):
            at = ours[position]
            job = jobs[at]
            # of an adapted text, what was not replaced
            kept = [one for one in marks[job.item, job.source_field] if one["surface"] in job.text]
            found = [*on_way, *checks_of(language)(job.text, made, kept)]
            if not is_pseudo(made.text):
                said = task.terms.check(via or job.text, made.text)
                found += [finding(code, message) for code, message in said]
            if job.instead:
                found.append(finding("draft-other-text", job.instead))
            how = {"model": chain.model, "via": via, "signature": run}
            rows[at] = {**_row(job, found, made), **how}
            made_of[at] = made
            # the score of two models is the sum of theirs, and compares with no other
            peers.put(first + at, job.text, replace(made, score=None) if via else made)
    if task.reverse:
        _translate_back(jobs, made_of, rows, task, cache_of, report)
    if task.omissions:
        _add_omissions(jobs, made_of, rows, task, cache_of, report)
    return tables.frame(rows, tables.DRAFTS)


def _pairs(
    jobs: Sequence[Job], made_of: Mapping[int, Translated], language: str
) -> dict[int, tuple[str, str]]:
    """The drafts made from texts in a language: place to the text and its draft."""
    ours = (at for at in made_of if jobs[at].language == language)
    return {at: (jobs[at].text, made_of[at].text) for at in ours}


def _translate_back(
    jobs: Sequence[Job],
    made_of: Mapping[int, Translated],
    rows: Sequence[dict[str, Any]],
    task: Task,
    cache_of: Caches,
    report: Report,
) -> None:
    """Fill in the round trip of those drafts that the reverse engine can bring back."""
    reverse = task.reverse
    assert reverse is not None
    ours = _pairs(jobs, made_of, reverse.language)
    store = cache_of(task.target, reverse.engine)
    done = translate_back(list(ours.values()), task.target, reverse, store, report)
    for at, (text, score) in zip(ours, done, strict=True):
        rows[at] |= {"round_trip": text, "round_trip_chrf": score}
    for at in made_of.keys() - ours.keys():
        message = f"made from {jobs[at].language}, and the way back leads into {reverse.language}"
        more(rows[at], [finding("round-trip-none", message)])


def _add_omissions(
    jobs: Sequence[Job],
    made_of: Mapping[int, Translated],
    rows: Sequence[dict[str, Any]],
    task: Task,
    cache_of: Caches,
    report: Report,
) -> None:
    """To the drafts of the engine itself, what it says that it did not translate."""
    for language in sorted({jobs[at].language for at in made_of}):
        if not covers(task.engine.source_languages, language):
            continue  # the first of two models did
        ours = _pairs(jobs, made_of, language)
        store = cache_of(language, task.engine, "omissions")
        found = omitted(list(ours.values()), language, task.engine, store, report)
        for at, words in zip(ours, found, strict=True):
            if words:
                message = f"nothing in the draft depends on: {', '.join(words)}"
                more(rows[at], [finding("draft-omission", message)])


def _row(job: Job, found: Iterable[Finding], made: Translated | None = None) -> dict[str, Any]:
    findings = list(map(short, found))
    text, score = (made.text, made.score) if made else (None, None)
    return {
        "item": job.item,
        "field": job.field,
        "source_field": job.source_field or None,
        "text": text,
        "model": None,
        "score": score,
        "via": None,
        "alternatives": [one._asdict() for one in made.alternatives] if made else [],
        "round_trip": None,
        "round_trip_chrf": None,
        "state": "translated" if made else "initial",
        "findings": findings,
        "review_priority": review_priority(text, score, findings),
        "swaps": list(job.swaps),
        "signature": None,
    }
