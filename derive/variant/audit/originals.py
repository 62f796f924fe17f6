"""The release as an audit asks about it: which item has this ID, this text, this label."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from derive.profiles import TAXONOMY, Profile
from derive.text import TEXT_FIELDS, comparable

LABELS = ("split", "level", *TAXONOMY)


def simple(column: str) -> str:
    """A column's name for comparing: the last part of a path, lower case, `-` between words."""
    return re.sub(r"[-_\s]+", "-", column.rpartition(".")[2].strip().casefold())


@dataclass(frozen=True)
class Originals:
    """A release, indexed.

    items: rows of the table `items`, in their order. places: ID to the item's place in it.
    texts: field to comparable text to the places of the items that have it. labels: field to its
    values as text. names: field to what a column that holds it may be called, in simple form.
    """

    items: Sequence[Mapping[str, Any]]
    table: pl.DataFrame
    profile: Profile
    places: Mapping[str, int]
    texts: Mapping[str, Mapping[str, Sequence[int]]]
    labels: Mapping[str, frozenset[str]]
    names: Mapping[str, frozenset[str]]

    @property
    def languages(self) -> Mapping[str, str | None]:
        """The language of each text field, None where the release has none of it."""
        return {name: tag for name, tag in self.profile.languages().items() if self.texts[name]}

    def source(self, place: int, field: str) -> str:
        """What a field of a derivation translates: the pivot, or the source where there is none."""
        item = self.items[place]
        return item[f"{field}_pivot"] or item[field] or ""


def index(items: pl.DataFrame, profile: Profile, columns: Mapping[str, str]) -> Originals:
    """Index the table `items`. columns: item field to the release's own column."""
    rows = items.to_dicts()
    texts: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in TEXT_FIELDS}
    for place, row in enumerate(rows):
        for name in TEXT_FIELDS:
            if form := comparable(row[name] or ""):
                texts[name][form].append(place)
    names = {name: {simple(name), simple(columns.get(name, name))} for name in items.columns}
    for name, wanted in profile.columns.items():
        names[name] |= {simple(one) for one in wanted["names"]}
    return Originals(
        items=rows,
        table=items,
        profile=profile,
        places={row["id"]: place for place, row in enumerate(rows)},
        texts=texts,
        labels={
            name: frozenset(str(row[name]) for row in rows if row[name] is not None)
            for name in LABELS
        },
        names={name: frozenset(values) for name, values in names.items()},
    )
