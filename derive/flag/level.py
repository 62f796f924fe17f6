"""From an item's marks to a level: a sum of weights, which are data (patterns.toml, `level`).

Every different mark adds the two weights of its kind: `local`, that something is of the source
culture, and `premise`, that the item makes no sense without it. A sum that reaches its threshold
makes the item level 1 or level 2.

A common noun that the source text has and its pivot does not show is weak evidence: 優先席 is a
"priority seat" anywhere and お盆 is a tray, too, while 国税庁 is one country's, whatever the pivot
calls it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    """The weights by kind of evidence, `lexicon-1`, `lexicon-2`, `romanized` …, and thresholds.

    common: slots whose terms are common nouns; untold, they count as `lexicon-1-untold` and
    `lexicon-2-untold`.
    """

    thresholds: tuple[float, float] = (1.0, 1.0)
    weights: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {"lexicon-1": (1.0, 0.0), "lexicon-2": (1.0, 1.0)}
    )
    common: Collection[str] = ()

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> LevelModel:
        """From the table `level` of a patterns.toml; as the lexicon's levels say where none is."""
        if not document:
            return cls()
        weights = {
            kind: (row["local"], row["premise"]) for kind, row in document["weights"].items()
        }
        return cls((document["local"], document["premise"]), weights, document["common"])

    def suggest(
        self, marks: Collection[Mapping[str, Any]], fields: Collection[str] = ()
    ) -> Suggestion:
        """The level of an item with these marks: rows of the table `marks`.

        fields: the text fields that the item has. Where a pivot field is among them, an entry that
        is marked in the source text only is untold.
        """
        told = {mark["entry"] for mark in marks if f"{mark['field']}_pivot" not in fields}
        different = {(self._kind(mark, told), _same(mark)) for mark in marks}
        local = fsum(self._weight(kind)[0] for kind, _ in different)
        premise = fsum(self._weight(kind)[1] for kind, _ in different)
        if local < self.thresholds[0]:
            return Suggestion(0, local, premise)
        return Suggestion(2 if premise >= self.thresholds[1] else 1, local, premise)

    def _kind(self, mark: Mapping[str, Any], told: Collection[str]) -> str:
        lexicon = ":" not in mark["entry"]
        untold = lexicon and mark["slot"] in self.common and mark["entry"] not in told
        return f"{kind_of(mark)}-untold" if untold else kind_of(mark)

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
