"""What the variant covers of its source, a row a taxonomy path: what is in, what waits, what is
missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

from derive.profiles import TAXONOMY
from derive.variant.rows import Lineage

Row = Mapping[str, Any]


def coverage(
    items: Iterable[Row],
    included: Iterable[Row],
    excluded: Iterable[Row],
    wanted: float | None,
    lineage: Lineage,
) -> list[dict[str, Any]]:
    """{risk_area …, risk_area_en …, source, included, new, waiting, waiting_for, removed, wanted,
    missing} of each taxonomy path, in the order of the source, then of the variant.

    items: of the release. included: the variant's rows; what people classified anew counts where
    it stands now. excluded: the rows of the account; of people's own items nothing is told.
    waiting_for: role to how many. wanted: a share of the source's items, 0 to 1; None if nothing
    was asked for.
    """
    place = {item["id"]: _path(item) for item in items}
    source = Counter(place.values())
    inside = [(_path(row), row["decision"] == "new") for row in included]
    outside = [(place[row["item"]], row) for row in excluded if row["item"] in place]
    count = Counter(inside)
    removed = Counter(path for path, row in outside if row["status"] == "removed")
    waiting: dict[Any, Counter[str]] = defaultdict(Counter)
    for path, row in outside:
        if row["status"] == "waiting":
            waiting[path][row["waits_for"]] += 1
    rows = []
    for path in dict.fromkeys([*source, *(path for path, _ in inside)]):
        labels = dict(zip(TAXONOMY, path, strict=True))
        there = count[path, False] + count[path, True]
        least = ceil(round(wanted * source[path], 6)) if wanted is not None else None
        rows.append(
            {
                **labels,
                **{f"{name}_en": lineage.english(label) for name, label in labels.items()},
                "source": source[path],
                "included": there,
                "new": count[path, True],
                "waiting": waiting[path].total(),
                "waiting_for": dict(sorted(waiting[path].items())),
                "removed": removed[path],
                "wanted": least,
                "missing": None if least is None else max(least - there, 0),
            }
        )
    return rows


def _path(row: Row) -> Sequence[str | None]:
    return tuple(row[name] for name in TAXONOMY)
