"""The records of a difference between two releases, the difference, and its smallest parts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from derive.profiles import TAXONOMY
from derive.release.read import Release
from derive.text import canonical

WHY = {
    "major": "records or columns were changed, renamed, moved or removed",
    "minor": "records or columns were added; major, if the data as it was can no longer be had",
    "patch": "the same data, stored or described otherwise",
    "none": "nothing differs",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two releases; items: how many."""

    label: str
    location: str
    revision: str
    content_hash: str
    items: int


@dataclass(frozen=True, slots=True)
class Added:
    """An item that only the new release has."""

    id: str
    split: str


@dataclass(frozen=True, slots=True)
class Removed:
    """An item that only the old release has."""

    id: str
    split: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """An item with another ID; by: "text" (all texts are equal) or "prompt"."""

    old_id: str
    new_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An item that is in another split now."""

    id: str
    new_id: str
    old_split: str
    new_split: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's values as released; name: an item's field, or `extra.COLUMN`."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """An item of which some fields say something else; it may be moved or renamed besides."""

    id: str
    new_id: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Retagged:
    """A changed item whose level is another."""

    id: str
    new_id: str
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Reclassified:
    """A changed item whose taxonomy path is another; steps: those that are."""

    id: str
    new_id: str
    steps: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class ColumnRenamed:
    """A field that is read from another column now."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that only one release has; filled: how many of its items have a value there."""

    field: str
    column: str
    filled: int


@dataclass(frozen=True, slots=True)
class Leak:
    """A prompt of the old release that stands in another split of the new one; share in percent."""

    old_id: str
    old_split: str
    new_id: str
    new_split: str
    field: str
    share: float


@dataclass(frozen=True, slots=True)
class Note:
    """What to know about the comparison itself; IDs or names of both sides, never texts."""

    code: str
    message: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diff:
    """The difference, in the order of the old release (`added` in that of the new one).

    unchanged: how many items.  quotable: whether the terms of both let texts be republished.
    same_data: whether the files are the same too.
    """

    old: Side
    new: Side
    unchanged: int
    removed: tuple[Removed, ...]
    added: tuple[Added, ...]
    renamed: tuple[Renamed, ...]
    moved: tuple[Moved, ...]
    changed: tuple[Changed, ...]
    columns_renamed: tuple[ColumnRenamed, ...]
    columns_added: tuple[Column, ...]
    columns_removed: tuple[Column, ...]
    leaks: tuple[Leak, ...]
    notes: tuple[Note, ...]
    quotable: bool
    same_data: bool

    @property
    def retagged(self) -> tuple[Retagged, ...]:
        """The changed items whose level is another."""
        return tuple(
            Retagged(one.id, one.new_id, field.old, field.new)
            for one in self.changed
            for field in one.fields
            if field.name == "level"
        )

    @property
    def reclassified(self) -> tuple[Reclassified, ...]:
        """The changed items whose taxonomy path is another."""
        return tuple(
            Reclassified(one.id, one.new_id, steps)
            for one in self.changed
            if (steps := tuple(field for field in one.fields if field.name in TAXONOMY))
        )

    def counts(self) -> dict[str, int]:
        """How many of each.

        unchanged + changed + moved + renamed + removed == old; with added for removed it is new.
        A renamed item may be moved or changed besides, a moved one changed: `also_…`.
        """
        renamed = {one.old_id for one in self.renamed}
        moved = {one.id for one in self.moved} - renamed
        changed = {one.id for one in self.changed} - renamed - moved
        lists = ("retagged", "reclassified", "columns_renamed", "columns_added", "columns_removed")
        return {
            "old": self.old.items,
            "new": self.new.items,
            "unchanged": self.unchanged,
            "changed": len(changed),
            "moved": len(moved),
            "renamed": len(renamed),
            "removed": len(self.removed),
            "added": len(self.added),
            "also_moved": len(self.moved) - len(moved),
            "also_changed": len(self.changed) - len(changed),
            **{name: len(getattr(self, name)) for name in (*lists, "leaks", "notes")},
        }

    @property
    def bump(self) -> str:
        """The part of the version to raise, by Croissant's rules: major, minor, patch or none.

        Records edited, removed or shuffled: major. Only more records or fields: minor, as long as
        the data can still be had as it was. The same data, stored or described otherwise: patch.
        """
        if self.removed or self.renamed or self.moved or self.changed:
            return "major"
        if self.columns_renamed or self.columns_removed:
            return "major"
        if self.added or self.columns_added:
            return "minor"
        return "none" if self.same_data else "patch"

    def as_dict(self) -> dict[str, Any]:
        """All of it as a JSON object. It holds texts of the releases: for internal use."""
        also = {
            name: [asdict(one) for one in getattr(self, name)]
            for name in ("retagged", "reclassified")
        }
        return {"counts": self.counts(), "bump": self.bump, **asdict(self), **also}


def parsed(extra: str) -> dict[str, Any]:
    """Extra columns by name; what is empty (null, NaN, "") is None, as reading has it."""
    values = json.loads(extra, parse_constant=lambda name: None if name == "NaN" else name)
    return {name: None if value == "" else value for name, value in values.items()}


def _plain(value: Any) -> Any:
    """What a value is compared by: texts in canonical form; 1.0 is 1, but true is not."""
    if isinstance(value, str):
        return canonical(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return ("bool", value) if isinstance(value, bool) else value


def field_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], shared: Sequence[str], extra: Sequence[str]
) -> Iterator[FieldChange]:
    """What differs between an item's two rows, in the fields and extra columns that both have."""
    for name in shared:
        if _plain(old[name]) != _plain(new[name]):
            yield FieldChange(name, old[name], new[name])
    if extra and old["extra"] != new["extra"]:
        one, other = parsed(old["extra"]), parsed(new["extra"])
        for name in extra:
            if _plain(one.get(name)) != _plain(other.get(name)):
                yield FieldChange(f"extra.{name}", one.get(name), other.get(name))


def extra_columns(extra: pl.Series) -> dict[str, int]:
    """The extra columns, and how many items have a value there."""
    filled: dict[str, int] = defaultdict(int)
    for text, count in extra.value_counts().iter_rows():
        for name, value in parsed(text).items():
            filled[name] += 0 if value is None else count
    return dict(sorted(filled.items()))


def columns_only_in(
    here: Release, there: Release, extra: Mapping[str, int], others: Mapping[str, int]
) -> Iterator[Column]:
    """The columns of one release that the other does not have; extra: filled, by column."""
    for name, choice in here.choices.items():
        if name not in there.choices:
            yield Column(name, choice.column, here.items[name].count())
    mapped = {choice.column for choice in there.choices.values()}
    for name, filled in extra.items():
        if name not in others and name not in mapped:
            yield Column(f"extra.{name}", name, filled)
