"""The numbers of the variant's IDs: an item keeps its number for good, and none is used twice.

variant-ids.json in the project folder maps source items to numbers, and says which IDs have been
another's before. It is only ever added to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, explain_os_errors
from derive.files import write_text


def numbers(
    path: Path,
    items: Iterable[str],
    renamed: Mapping[str, str] | None = None,
    *,
    built: bool = False,
) -> dict[str, int]:
    """The number of each item; items that have none get the next ones, in their order.

    renamed: IDs that items had to those they have now; an item keeps its number.
    built: whether a variant was built before. Raises DeriveError if the file is damaged or gone.
    """
    known = _load(path)
    if built and not known["numbers"]:
        raise DeriveError(
            "The record of the variant's IDs is gone",
            where=path,
            fix="restore it from a copy: published IDs must not change",
        )
    given: dict[str, int] = dict(known["numbers"])
    ever = {**known["renamed"], **(renamed or {})}
    for old, new in (renamed or {}).items():
        if old in given:
            given.setdefault(new, given[old])
    last = max(given.values(), default=0)
    for item in items:
        if item not in given:
            last += 1
            given[item] = last
    now = {"numbers": given, "renamed": ever}
    if now != known:
        write_text(path, json.dumps(now, ensure_ascii=False, indent=0) + "\n")
    return given


def _load(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {"numbers": {}, "renamed": {}}
    with explain_os_errors("reading", path):
        text = path.read_text(encoding="utf-8")
    try:
        known = json.loads(text)
        numbers, renamed = dict(known["numbers"]), dict(known["renamed"])
        several = [new for old, new in renamed.items() if numbers.get(old) == numbers.get(new)]
        sound = len(set(numbers.values())) + len(set(several)) >= len(numbers)
        sound = sound and all(isinstance(number, int) for number in numbers.values())
    except (ValueError, TypeError, KeyError):
        sound = False
    if not sound:
        raise DeriveError(
            "The record of the variant's IDs is damaged",
            where=path,
            fix="restore it from a copy: published IDs must not change",
        )
    return {"numbers": numbers, "renamed": renamed}
