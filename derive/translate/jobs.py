"""Which text of an item each draft is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from derive.languages import same_language
from derive.translate.adapt import adapt
from derive.translate.task import Task

FIELDS = ("prompt", "response")
Item = dict[str, Any]
Marks = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]  # by item and field


class Job(NamedTuple):
    """A row of the drafts in the making.

    text: what is translated from `language`; why nothing is, where that is empty. instead: why it
    is not from the text that was asked for.
    """

    item: str
    field: str
    source_field: str
    text: str
    language: str
    swaps: Sequence[str] = ()
    instead: str = ""


def marks_of(window: Sequence[Item], task: Task) -> Marks:
    """The marks of these items' texts; none of a text without."""
    of_text: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    if task.marks is not None:
        marks = task.marks.filter(pl.col("item").is_in([item["id"] for item in window])).collect()
        for mark in marks.iter_rows(named=True):
            of_text[mark["item"], mark["field"]].append(mark)
    return of_text


def jobs_of(window: Sequence[Item], task: Task, marks: Marks) -> list[Job]:
    """A job for every prompt, and for every response there is; after an item's own, those of the
    texts with counterparts put in."""
    order = {item["id"]: at for at, item in enumerate(window)}
    jobs = [*_plain(window, task), *_adapted(window, task, marks)]
    return sorted(jobs, key=lambda job: order[job.item])


def _plain(window: Iterable[Item], task: Task) -> Iterator[Job]:
    known = task.known()
    for item in window:
        for field in FIELDS:
            names = (field, f"{field}_pivot") if task.source_first else (f"{field}_pivot", field)
            there = [name for name in names if item[name] is not None and task.languages[name]]
            best = next((name for name in there if name in known), "")
            if best:
                said = _instead(best, there, task) if task.source_first else ""
                yield Job(item["id"], field, best, item[best], known[best], instead=said)
            elif there or field == "prompt":
                is_in = ", ".join(str(task.languages[name]) for name in there)
                why = f"the {field} is in {is_in} only, the model translates from {task.from_()}"
                yield Job(item["id"], field, "", why, "")


def _instead(best: str, there: Sequence[str], task: Task) -> str:
    """Why the source text is not what a draft is made from; empty if it is."""
    if best == there[0] and not best.endswith("_pivot"):
        return ""
    if best == there[0]:
        return "made from the pivot: the item has no source text"
    return f"made from the pivot: no model translates from {task.languages[there[0]]}"


def _adapted(window: Sequence[Item], task: Task, marks: Marks) -> Iterator[Job]:
    """A job for each text that holds something the locale has a counterpart for. It is English,
    as the counterparts' names are: the pivot, also where drafts are made from the source text."""
    if not task.offers:
        return
    known = task.known()
    for item in window:
        for field in FIELDS:
            names = [
                name
                for name in (f"{field}_pivot", field)
                if item[name] is not None and name in known and same_language(known[name], "en")
            ]
            for name in names[:1]:
                text, swaps = adapt(item[name], marks[item["id"], name], task.offers)
                if swaps:
                    yield Job(item["id"], f"{field}_adapted", name, text, known[name], swaps)
