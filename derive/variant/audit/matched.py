"""What matching has told so far: the item of each row, and how that was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from derive.findings import Finding

# how a row was matched, to how surely
SURE = {
    "ID": "certain",
    "changed ID": "certain",
    "text": "certain",
    "similar text": "likely",
    "neighbours": "likely",
    "order": "likely",
    "doubtful ID": "guess",
    "order only": "guess",
}
LEVELS = ("certain", "likely", "guess")


@dataclass
class Matching:
    """places: of the item of each row of the part, None where none was found. how: a key of SURE
    for each row, or empty. doubled: rows that say an ID again. unknown: rows that say the ID of no
    item, or none, with what they say."""

    places: list[int | None]
    how: list[str]
    doubled: set[int] = field(default_factory=set)
    unknown: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def take(self, row: int, place: int, how: str) -> None:
        """Match a row."""
        self.places[row], self.how[row] = place, how

    def taken(self) -> set[int]:
        """The places of the items that have a row."""
        return {place for place in self.places if place is not None}

    def counts(self) -> dict[str, int]:
        """How many rows were matched in which way, the most frequent first."""
        return dict(Counter(one for one in self.how if one).most_common())

    def sure(self) -> str:
        """The least sure way in which one of twenty matched rows or more was matched."""
        counts = self.counts()
        least = [SURE[how] for how, n in counts.items() if n * 20 >= sum(counts.values())]
        return max(least, key=LEVELS.index, default="")

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(row, place of the item) of the rows that are matched by more than a guess."""
        for row, place in enumerate(self.places):
            if place is not None and SURE[self.how[row]] != "guess":
                yield row, place
