"""Is a release fit to go out, or to derive from? Findings, and counts of what it holds."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from derive import tables
from derive.findings import Finding, Findings, finding
from derive.identify import identify
from derive.profiles import TAXONOMY, Profile
from derive.progress import Report, silent
from derive.release import near
from derive.release.duplicates import alike
from derive.text import control_characters, shown

Item = Mapping[str, Any]


def check(
    items: pl.DataFrame, profile: Profile, *, config: str = "", report: Report = silent
) -> Findings:
    """Every check over the table `items`; the findings come item by item, then over all items.

    config: the release's config, whose official row counts the profile may know.
    """
    findings = Findings()
    rows = items.to_dicts()
    has = {name: not all(map(_is_empty, items[name])) for name in tables.ITEMS}
    for number, item in enumerate(rows, 1):
        findings.extend(_check_item(item, profile, has))
        if number % 500 == 0 or number == len(rows):
            report("checking", number, len(rows), "items")
    findings.extend(_check_duplicates(rows, profile, report))
    findings.extend(_check_taxonomy(rows))
    findings.extend(_check_counts(items, profile, config))
    return findings


def counts(items: pl.DataFrame) -> dict[str, dict[str, int]]:
    """How many items there are by split, level (as text, "untagged" for none) and taxonomy path."""

    def by(name: str) -> dict[str, int]:
        return dict(sorted(Counter(items[name].to_list()).items(), key=lambda pair: str(pair[0])))

    levels = {"untagged" if key is None else str(key): n for key, n in by("level").items()}
    return {
        "split": {str(key): n for key, n in by("split").items()},
        "level": levels,
        "taxonomy": dict(sorted(Counter(_path(item) for item in items.to_dicts()).items())),
    }


def _place(item: Item) -> dict[str, Any]:
    return {"item": item["id"], "file": item["file"], "row": item["row"]}


def _check_item(item: Item, profile: Profile, has: Mapping[str, bool]) -> Iterator[Finding]:
    where = _place(item)
    # a column that is empty all over is no defect of each item
    empty = {
        "prompt": ("prompt-missing", "warning"),
        "response": ("response-missing", None),
        "prompt_pivot": ("pivot-missing", None),
        "level": ("level-missing", None),
    }
    for name, (code, severity) in empty.items():
        if has[name] and _is_empty(item[name]):
            yield finding(code, f"{name} is empty", severity=severity, field=name, **where)
    if has["harm_type"] and all(item[name] is None for name in TAXONOMY[1:]):
        yield finding("taxonomy-missing", "no harm type", field="harm_type", **where)
    for name, language in profile.languages().items():
        text = item[name]
        if text is not None:
            yield from _check_text(text, name, language, where)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _check_text(
    text: str, name: str, language: str | None, where: Mapping[str, Any]
) -> Iterator[Finding]:
    if not unicodedata.is_normalized("NFC", text):
        yield finding("text-not-nfc", "not in Unicode's composed form", field=name, **where)
    controls = control_characters(text)
    if controls:
        yield finding("text-control", f"holds {', '.join(controls)}", field=name, **where)
    if _is_mojibake(text):
        yield finding("text-mojibake", f"garbled: {shown(text)}", field=name, **where)
    if language:
        verdict = identify(text, language)
        if verdict.matches is False:
            message = f"looks like {verdict.seen}, not {language}: {shown(text)}"
            yield finding("language-unexpected", message, field=name, **where)


def _is_mojibake(text: str) -> bool:
    from ftfy.badness import is_bad

    return "\ufffd" in text or (not text.isascii() and bool(is_bad(text)))


def _check_duplicates(
    rows: list[dict[str, Any]], profile: Profile, report: Report
) -> Iterator[Finding]:
    """Prompts that say the same in either language; answers to one question are one prompt."""
    question = re.compile(profile.question_id) if profile.question_id else None

    def question_of(item: Item) -> str:
        match = question.match(item["id"]) if question else None
        return match[1] if match else str(item["id"])

    best: dict[tuple[int, int], tuple[float, str]] = {}
    for step, name in enumerate(("prompt", "prompt_pivot")):
        report("comparing prompts", step, 2, "languages")
        there = [at for at, item in enumerate(rows) if item[name] is not None]
        splits = [rows[at]["split"] for at in there]
        found = alike([rows[at][name] for at in there], splits)
        if found.crowded:
            message = (
                f"{len(found.crowded)} prompts, the first of them this one, are near to"
                f" {near.CROWD} others of their split and were not compared with each other"
            )
            first = rows[there[found.crowded[0]]]
            yield finding("prompt-crowded", message, field=name, **_place(first))
        for pair in found.pairs:
            both = there[pair.first], there[pair.second]
            # equal in one language is equal, however the other reads
            if pair.similarity > best.get(both, (0.0, ""))[0]:
                best[both] = (pair.similarity, name)
    for (one, other), (similarity, name) in sorted(best.items(), key=lambda pair: pair[0][1]):
        first, second = rows[one], rows[other]
        across = first["split"] != second["split"]
        if across or question_of(first) != question_of(second):
            yield _duplicate(similarity, name, first, second, across)


def _duplicate(similarity: float, name: str, first: Item, second: Item, across: bool) -> Finding:
    equal = similarity == 100.0
    code = {
        (True, True): "prompt-across-splits",
        (True, False): "prompt-duplicate",
        (False, True): "prompt-near-across-splits",
        (False, False): "prompt-near-duplicate",
    }[equal, across]
    like = "the same prompt as" if equal else f"{similarity:.0f} % like"
    message = f"{like} {first['id']} in {first['split']} ({first['file']} row {first['row']})"
    return finding(code, message, field=name, **_place(second))


def _path(item: Item) -> str:
    return " / ".join(str(item[name]) for name in TAXONOMY if item[name] is not None) or "(none)"


def _check_taxonomy(rows: list[dict[str, Any]]) -> Iterator[Finding]:
    by_path: defaultdict[str, list[Item]] = defaultdict(list)
    parents: defaultdict[str, set[str]] = defaultdict(set)
    for item in rows:
        by_path[_path(item)].append(item)
        if item["specific_harm"] and item["harm_type"]:
            parents[item["specific_harm"]].add(item["harm_type"])
    for path, items in by_path.items():
        if len(items) == 1 and len(rows) > 1 and path != "(none)":
            message = f"the path occurs once: {path}"
            yield finding("taxonomy-once", message, field="specific_harm", **_place(items[0]))
    for label, over in parents.items():
        if len(over) > 1:
            message = f"{label!r} stands under {', '.join(map(repr, sorted(over)))}"
            yield finding("taxonomy-two-parents", message, field="specific_harm")


def _check_counts(items: pl.DataFrame, profile: Profile, config: str) -> Iterator[Finding]:
    found = Counter(items["split"].to_list())
    for split, official in profile.official_counts.get(config, {}).items():
        if found[split] != official:
            message = (
                f"{profile.title} {config} {split}: {found[split]} items, officially {official}"
            )
            yield finding("count-unexpected", message)
