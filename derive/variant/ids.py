"""The numbers of the variant's IDs: an item keeps its number for good, and none is used twice.

variant-ids.json in the project folder maps source items to numbers. It is only ever added to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from derive.errors import DeriveError, explain_os_errors
from derive.files import write_text


def numbers(
    path: Path, items: Iterable[str], renamed: Mapping[str, str] | None = None
) -> dict[str, int]:
    """The number of each item; items that have none get the next ones, in their order.

    renamed: IDs that items had to those they have now; an item keeps its number.

    Raises DeriveError if the file is damaged.
    """
    known: dict[str, int] = {}
    if path.is_file():
        with explain_os_errors("reading", path):
            text = path.read_text(encoding="utf-8")
        try:
            known = {str(item): int(number) for item, number in json.loads(text).items()}
        except (ValueError, TypeError, AttributeError):
            known = {"": 0}
        if "" in known or len({*known.values()}) + _twice(known, renamed or {}) < len(known):
            raise DeriveError(
                "The record of the variant's IDs is damaged",
                where=path,
                fix="restore it from a copy: published IDs must not change",
            )
    last = max(known.values(), default=0)
    moved = {new: known[old] for old, new in (renamed or {}).items() if old in known}
    given = {**moved, **known}
    for item in items:
        if item not in given:
            last += 1
            given[item] = last
    if given != known:
        lines = ",\n".join(
            f"{json.dumps(item, ensure_ascii=False)}: {n}" for item, n in given.items()
        )
        write_text(path, f"{{\n{lines}\n}}\n")
    return given


def _twice(known: Mapping[str, int], renamed: Mapping[str, str]) -> int:
    """How many numbers stand twice rightly: for an item's old ID and its new one."""
    return sum(
        old in known and new in known and known[old] == known[new] for old, new in renamed.items()
    )
