"""What is wrong with a pack's patterns: every rule is tried on its own examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from derive import locales
from derive.errors import DeriveError
from derive.findings import Finding, Findings, finding
from derive.flag import rules
from derive.flag.lexicon import Lexicon
from derive.flag.patterns import Rule, load_patterns, read, rule_of
from derive.flag.romanization import parts
from derive.flag.search import view
from derive.locales import LocalePack


def check_patterns(pack: LocalePack) -> Findings:
    """Findings on patterns.toml and the files it names; none if the pack has no patterns."""
    if pack.patterns is None:
        return Findings()
    try:
        document = read(pack.patterns)
        patterns = load_patterns(pack)
    except DeriveError as error:
        return Findings([finding("pack-invalid", error.what, file=error.where)])
    known = {row["entry"] for row in locales.rows_of(pack.lexicon, "lexicon-entry")}
    findings = Findings()
    for number, row in enumerate(document.get("rules", ()), 1):
        place = {"file": pack.patterns.name, "item": f"rule {number} ({row['kind']})"}
        findings.extend(_check_rule(row, known, patterns.level.weights, place))
    names = document.get("names")
    if names:
        findings.extend(_check_names(pack.patterns.parent / names["file"]))
    if patterns.romanization:
        findings.extend(_check_weights(document["romanization"], pack.patterns.parent))
    return findings


def _check_rule(
    row: Mapping[str, Any], known: set[str], weights: Mapping[str, Any], place: dict[str, Any]
) -> Iterator[Finding]:
    rule = rule_of(row)
    if rule.level and rule.kind not in weights:
        message = f"there are no weights for the kind {rule.kind!r}: add level.weights.{rule.kind}"
        yield finding("pack-invalid", message, field="kind", **place)
    if rule.entry and rule.entry not in known:
        message = f"there is no lexicon entry {rule.entry!r}"
        yield finding("pack-invalid", message, field="entry", **place)
    try:
        pl.Series([""]).str.contains(rule.expression)
    except pl.exceptions.PolarsError as error:
        message = f"Rust does not understand it: {str(error).strip().splitlines()[-1]}"
        yield finding("pack-invalid", message, field="regex", **place)
        return
    for text in row["finds"]:
        match = rule.compiled.fullmatch(text)
        if not match or text[slice(*rule.span(match))] not in _found(f"x {text} x", rule):
            message = f"does not find its example {text!r} whole"
            yield finding("pack-invalid", message, field="finds", **place)
    for text in row.get("misses", ()):
        if found := _found(text, rule):
            message = f"finds {found[0]!r} in {text!r}, which it should miss"
            yield finding("pack-invalid", message, field="misses", **place)


def _found(text: str, rule: Rule) -> list[str]:
    searched = rules.find([view(text)], [rule], Lexicon({}, {}, {}))
    return [text[one.start : one.end] for one in next(iter(searched))]


def _check_names(path: Path) -> Iterator[Finding]:
    rows, found = locales.read_numbered(path, "name")
    yield from found
    seen: dict[tuple[str, str], int] = {}
    for number, row in rows:
        for form in row["name"].split("|"):
            first = seen.setdefault((row["kind"], form.strip().casefold()), number)
            if first != number:
                message = f"{form!r} stands in row {first} already"
                yield finding("pack-invalid", message, file=path.name, row=number, field="name")


def _check_weights(document: Mapping[str, Any], folder: Path) -> Iterator[Finding]:
    from derive.flag.romanization import load_romanization

    path = folder / document["weights"]
    rows, found = locales.read_numbered(path, "romanization-weight")
    yield from found
    for part, count in Counter(row["part"] for _, row in rows).items():
        if count > 1:
            yield finding("pack-invalid", f"{part!r} stands in it {count} times", file=path.name)
    rule = load_romanization(document, folder)
    readable = {
        part for one in (*rule.first.values(), *rule.later.values()) for part in parts([one])
    }
    for number, row in rows:
        kind = row["part"].split(" ")[0]
        if kind in ("nucleus", "coda", "end") and row["part"] not in readable:
            message = f"{row['part']!r} is a part of no syllable"
            yield finding("pack-invalid", message, file=path.name, row=number, field="part")
