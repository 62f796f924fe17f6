"""Spans of the items' texts that tie them to the source culture, by every kind of evidence.

Of what is found at one place the longest counts, and of equals the lexicon: what it mutes with
level 0 (Tokyo Disneyland is not Tokyo) takes its place and gives no mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from derive.flag import elsewhere, lost, persons, romanized, rules
from derive.flag.found import Found, leftmost_longest
from derive.flag.lexicon import Entry, Lexicon
from derive.flag.patterns import NO_PATTERNS, Name, Patterns
from derive.flag.search import View, even, view, whole_words

_PAIRS = {"prompt": "prompt_pivot", "response": "response_pivot"}
Forms = dict[str, list[tuple[str, Entry]]]


def find_marks(
    items: pl.DataFrame, lexicon: Lexicon, patterns: Patterns = NO_PATTERNS
) -> Iterator[dict[str, Any]]:
    """Rows of the table `marks` for the texts of `items`, in the items' order.

    Pivot fields are searched for the lexicon's pivot forms, source fields for its source forms
    and, since such texts quote foreign names, for the pivot forms too.
    """
    both: Forms = {**lexicon.pivot}
    for form, owners in lexicon.source.items():
        both[form] = [*both.get(form, ()), *owners]
    views = {
        field: [None if text is None else view(text) for text in items[field].to_list()]
        for pair in _PAIRS.items()
        for field in pair
    }
    found: dict[str, list[list[Found]]] = {}
    for source, pivot in _PAIRS.items():
        found[source] = _search(views[source], both, "source", lexicon, patterns)
        found[pivot] = _search(views[pivot], lexicon.pivot, "pivot", lexicon, patterns)
        _add_lost(views[pivot], found[source], found[pivot], lexicon, patterns)
    for at, item in enumerate(items["id"].to_list()):
        for field in ("prompt", "response", "prompt_pivot", "response_pivot"):
            one = views[field][at]
            if one is not None:
                for mark in _marks(one, found[field][at]):
                    yield {"item": item, "field": field, **mark}


def _search(
    views: Sequence[View | None], forms: Forms, side: str, lexicon: Lexicon, patterns: Patterns
) -> list[list[Found]]:
    """For each text what was found, also of level 0, by position."""
    if all(one is None for one in views):
        return [[] for _ in views]
    names = patterns.names.get(side, {})
    hits = whole_words(views, sorted({*forms, *names}))
    by_rules = rules.find(views, [rule for rule in patterns.rules if rule.side == side], lexicon)
    found: list[list[Found]] = []
    for one, of_one, by_rule in zip(views, hits, by_rules, strict=True):
        if one is None:
            found.append([])
            continue
        of_lexicon = [
            elsewhere.settle(one, found, patterns) for found in _of_lexicon(one, of_one, forms)
        ]
        of_names = _of_names(one, of_one, names, side, patterns)
        found.append(list(leftmost_longest([*of_lexicon, *by_rule, *of_names])))
    if side == "pivot":
        more = romanized.find(views, found, patterns)
        # a run takes in what was found within it
        found = [
            list(leftmost_longest([*theirs, *ours]))
            for ours, theirs in zip(found, more, strict=True)
        ]
    return found


def _of_lexicon(one: View, hits: Iterable[tuple[int, int, str]], forms: Forms) -> Iterator[Found]:
    """The entries at each hit that are spelt so; of several the project's own, the more local."""
    for start, end, form in hits:
        surface = even(one.plain[start:end])
        fitting = [
            entry
            for spelt, entry in forms.get(form, ())
            if not entry.exact or even(spelt) == surface
        ]
        if fitting:
            entry = max(fitting, key=lambda entry: (entry.own, entry.level, entry.entry))
            yield Found(start, end, entry.slot, entry.entry, entry.level, entry.reason())


def _of_names(
    one: View,
    hits: Iterable[tuple[int, int, str]],
    names: Any,
    side: str,
    patterns: Patterns,
) -> Iterator[Found]:
    persons_of = persons.find_in_pivot if side == "pivot" else persons.find_in_source
    if names:
        of_names: list[tuple[int, int, Name]] = [
            (start, end, names[form]) for start, end, form in hits if form in names
        ]
        yield from persons_of(one, of_names, patterns)


def _add_lost(
    views: Sequence[View | None],
    source: Sequence[Sequence[Found]],
    pivot: list[list[Found]],
    lexicon: Lexicon,
    patterns: Patterns,
) -> None:
    """To the pivot's, the places of what only the source text names."""
    if not patterns.heads:
        return
    for at, one in enumerate(views):
        there = {found.entry for found in pivot[at]}
        entries = [
            lexicon.entries[name]
            for name in dict.fromkeys(found.entry for found in source[at] if found.level)
            if name in lexicon.entries and name not in there
        ]
        if one is not None and entries:
            pivot[at] = sorted([*pivot[at], *lost.find(one, pivot[at], entries, patterns)])


def _marks(one: View, found: Iterable[Found]) -> Iterator[dict[str, Any]]:
    for mark in found:
        if mark.level:
            start, end = one.span(mark.start, mark.end)
            yield {
                "start": start,
                "end": end,
                "surface": one.text[start:end],
                "slot": mark.slot,
                "entry": mark.entry,
                "level": mark.level,
                "reason": mark.reason,
            }
