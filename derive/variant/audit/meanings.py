"""Columns beside those of other files: one name for different things, one thing by two names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from derive.findings import Finding, finding
from derive.languages import name as language_name
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading, named

NAMED = ("id", "translation prompt", "translation response")


def across(readings: Sequence[Reading], originals: Originals) -> Iterator[Finding]:
    """A finding for each file's column that means what most others of its name do not, or that
    has another name than in most files what it holds."""
    meanings: defaultdict[str, list[tuple[Reading, str, str]]] = defaultdict(list)
    names: defaultdict[str, list[tuple[Reading, str, str]]] = defaultdict(list)
    for reading in _one_a_file(readings):
        told = set()
        for column, role in reading.roles.items():
            general = column if role == "id" else _general(column, reading)
            meanings[general].append((reading, column, role))
            if role in NAMED and role not in told:
                told.add(role)
                names[role].append((reading, column, general))
    for found in meanings.values():
        usual = _usual([role for *_, role in found])
        for reading, column, role in found:
            if role != usual:
                others = [one.part.file for one, _, other in found if other == usual]
                message = (
                    f"holds {describe(role, reading, originals)};"
                    f" {_in(others)} it holds {describe(usual, None, originals)}"
                )
                yield finding("column-meaning", message, **reading.where(None, column))
    for role, found in names.items():
        usual = _usual([name for *_, name in found])
        for reading, column, name in found:
            if name != usual:
                others = [one.part.file for one, _, other in found if other == usual]
                what = describe(role, reading, originals)
                message = f"{what} is called {column!r}; {_in(others)} {usual!r}"
                yield finding("column-name", message, **reading.where(None, column))


def describe(role: str, reading: Reading | None, originals: Originals) -> str:
    """A role in words, with the language where there is one."""
    kind, _, field = role.partition(" ")
    if kind == "translation":
        locale = reading.locale if reading else ""
        return f"the translated {field}" + (f" ({language_name(locale)})" if locale else "")
    if kind == "original":
        tag = originals.languages.get(field) or "mul"
        return f"the release's own {field.removesuffix('_pivot')} ({language_name(tag)})"
    return f"the {kind.replace('_', ' ')}"


def _one_a_file(readings: Sequence[Reading]) -> Iterator[Reading]:
    """Of a file with several languages in columns, its parts name them as they must."""
    for reading in readings:
        if reading.part.told_by != "column":
            yield reading


def _general(column: str, reading: Reading) -> str:
    """The column's name with its file's own language as a `*`: text_ko and text_th are one."""
    codes = {reading.part.code, reading.locale, reading.locale.split("-")[0]}
    codes |= {code for _, code in named(reading.part.file)}
    longest = sorted(map(re.escape, filter(None, codes)), key=lambda one: (-len(one), one))
    if not longest:
        return column
    return re.sub(rf"(?<![A-Za-z])(?:{'|'.join(longest)})(?![A-Za-z])", "*", column, flags=re.I)


def _usual(values: Sequence[str]) -> str:
    """What most have; of two that are as frequent a translation, then the first."""
    counts = Counter(values)
    return max(counts, key=lambda one: (counts[one], one.startswith("translation")))


def _in(files: Sequence[str]) -> str:
    first, *others = dict.fromkeys(files)
    return f"in {first}" + (f" and {len(others)} more" if others else "")
