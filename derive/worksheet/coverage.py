"""Blank units for taxonomy paths that removals left thin, and the items they would be.

A new unit's ID is made of its path and a number, so the same path asks for the same units again
until they are filled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import Any

from derive.files import hash_json, hash_text
from derive.profiles import TAXONOMY
from derive.worksheet.issued import Issued
from derive.worksheet.keys import make_key
from derive.worksheet.rounds import Progress
from derive.worksheet.units import Shown, taxonomy_path

Path = tuple[Any, ...]


def paths(shown: Shown) -> dict[Path, int]:
    """How many items of the release each taxonomy path has, in the release's order."""
    return dict(Counter(_path(row) for row in shown.items.values()))


def with_new(shown: Shown, issued: Mapping[str, Issued]) -> Shown:
    """The items, and after them the new units that were issued before."""
    by_hash = {_name(path): path for path in paths(shown)}
    new = {
        unit.cells["item"]: by_hash[name]
        for one in issued.values()
        for unit in one.units.values()
        if unit.sheet == "new" and (name := unit.cells["item"].rpartition("-")[0]) in by_hash
    }
    rows = {item: _row(item, new[item]) for item in sorted(new)}
    return replace(shown, items={**shown.items, **rows})


def with_blanks(shown: Shown, progress: Progress, share: float) -> tuple[Shown, dict[str, str]]:
    """The items, with blank ones for each path that has less than this share of its source items
    left (0 to 1); and what to say of each: item to text."""
    left: Counter[Path] = Counter()
    removed: Counter[Path] = Counter()
    new: dict[Path, list[str]] = {}
    total: Counter[Path] = Counter()
    for item, row in shown.items.items():
        path = _path(row)
        standing = progress.of(make_key(item, shown.project), item)
        gone = standing.content is not None and standing.content.decision == "remove"
        if item in shown.routes:
            total[path] += 1
            removed[path] += gone
            left[path] += not gone
        else:
            new.setdefault(path, []).append(item)
            left[path] += standing.status == "accepted" and not gone
    rows: dict[str, Mapping[str, Any]] = {}
    contexts: dict[str, str] = {}
    for path, count in total.items():
        known = new.get(path, [])
        blank = [item for item in known if make_key(item, shown.project) not in progress.standings]
        missing = ceil(share * count) - left[path]
        number = len(known)
        while len(blank) < missing:
            number += 1
            blank.append(f"{_name(path)}-{number}")
        for item in blank[: max(missing, 0)]:
            rows[item] = _row(item, path)
            shown_path = taxonomy_path(rows[item], shown.labels)
            contexts[item] = (
                f"A new prompt for “{shown_path}”: {count} in the source,"
                f" {removed[path]} removed, {left[path]} left, {missing} wanted."
            )
    return replace(shown, items={**shown.items, **rows}), contexts


def _path(row: Mapping[str, Any]) -> Path:
    return tuple(row[name] for name in TAXONOMY)


def _name(path: Path) -> str:
    return f"new-{hash_json(list(path))[:8]}"


def _row(item: str, path: Path) -> dict[str, Any]:
    """The row of the table `items` that a new unit stands for, without texts."""
    texts = dict.fromkeys(("prompt", "response", "prompt_pivot", "response_pivot", "level"))
    return {**texts, "id": item, **dict(zip(TAXONOMY, path, strict=True)), "hash": hash_text(item)}
