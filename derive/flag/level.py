"""From an item's marks to a level: a sum of weights, which are data (patterns.toml, `level`).

Every different mark adds the two weights of its kind: `local`, that something is of the source
culture, and `premise`, that the item makes no sense without it. A sum that reaches its threshold
makes the item level 1 or level 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Any, NamedTuple

from derive.errors import DeriveError


class Suggestion(NamedTuple):
    """The level suggested, and the sums behind it."""

    level: int
    local: float
    premise: float


@dataclass(frozen=True)
class LevelModel:
    """The weights by kind of evidence, `lexicon-1`, `lexicon-2`, `romanized` …, and thresholds."""

    thresholds: tuple[float, float] = (1.0, 1.0)
    weights: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {"lexicon-1": (1.0, 0.0), "lexicon-2": (1.0, 1.0)}
    )

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> LevelModel:
        """From the table `level` of a patterns.toml; as the lexicon's levels say where none is."""
        if not document:
            return cls()
        weights = {
            kind: (row["local"], row["premise"]) for kind, row in document["weights"].items()
        }
        return cls((document["local"], document["premise"]), weights)

    def suggest(self, marks: Iterable[Mapping[str, Any]]) -> Suggestion:
        """The level of an item with these marks: rows of the table `marks`."""
        different = {(kind_of(mark), _same(mark)) for mark in marks}
        local = fsum(self._weight(kind)[0] for kind, _ in different)
        premise = fsum(self._weight(kind)[1] for kind, _ in different)
        if local < self.thresholds[0]:
            return Suggestion(0, local, premise)
        return Suggestion(2 if premise >= self.thresholds[1] else 1, local, premise)

    def _weight(self, kind: str) -> tuple[float, float]:
        if kind not in self.weights:
            raise DeriveError(
                f"No weight for marks of the kind {kind!r}",
                where="patterns.toml, level.weights",
                fix="add the kind with its two weights, local and premise",
            )
        return self.weights[kind]


def kind_of(mark: Mapping[str, Any]) -> str:
    """The kind of evidence behind a mark: `lexicon-1`, `lexicon-2`, or that of its pattern."""
    entry = str(mark["entry"])
    return entry.partition(":")[2] or f"lexicon-{mark['level']}"


def _same(mark: Mapping[str, Any]) -> str:
    """What marks of one kind have in common that say nothing new: their entry, or the words."""
    entry = str(mark["entry"])
    return str(mark["surface"]).casefold() if ":" in entry else entry
