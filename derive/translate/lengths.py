"""How long a translation is beside its source, for the pair of languages.

lengths.csv holds, for each pair, the median of log(translation / source) and its spread (1.4826
times the median absolute deviation) for a source of 60 characters, lengths as derive.compare.size
has them. tests/benchmarks/detectors.py measures them on people's translations.
A short text varies more: the spread grows with the square root of 60 / length.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log, sqrt

from derive.compare import size, unusual_length

USUAL = 60  # characters for which the spread is stated
LONGEST = 240  # characters from which it gets no smaller
SHORTER, LONGER = 2.75, 3.5  # spreads from which a length is unusual
RATHER = 0.5  # spreads shorter than usual: then a missing end or sentence counts


@dataclass(frozen=True)
class Proportion:
    """Of a pair of languages. median: of the logarithm; spread: at USUAL characters."""

    median: float
    spread: float

    def unusual(self, source: str, text: str) -> str:
        """What is unusual about a translation's length, in words; empty if nothing is."""
        far = self.far(size(source), size(text))
        if -SHORTER <= far <= LONGER:
            return ""
        share = size(text) / max(size(source), 1.0) / exp(self.median)
        return f"{share:.0%} of the length that is usual for such a source"

    def far(self, source: float, text: float) -> float:
        """How many spreads longer than usual a text of this size is beside such a source."""
        share = log(max(text, 1.0) / max(source, 1.0))
        at = min(max(source, 1.0), LONGEST)
        return (share - self.median) / (self.spread * sqrt(USUAL / at))


# of pairs not measured: the middle of those that were, and room for where theirs may lie
ANY = Proportion(-0.05, 0.3)


@cache
def _table() -> dict[tuple[str, str], Proportion]:
    text = files("derive.translate").joinpath("lengths.csv").read_text(encoding="utf-8")
    return {
        (row["source"], row["target"]): Proportion(float(row["median"]), float(row["spread"]))
        for row in csv.DictReader(text.splitlines())
    }


def proportion(source: str, target: str) -> Proportion | None:
    """The proportion of a pair of languages (BCP-47); None where it was not measured."""
    return _table().get((source.split("-")[0], target.split("-")[0]))


def unusual(source: str, text: str, pair: Proportion | None) -> str:
    """What is unusual about a translation's length, in words; empty if nothing is.

    Where the pair was not measured, the bounds are those of derive.compare.unusual_length.
    """
    return pair.unusual(source, text) if pair else unusual_length(source, text) or ""


def rather_short(source: str, text: str, pair: Proportion | None) -> bool:
    """Whether a translation is on the short side, though not yet unusual."""
    return (pair or ANY).far(size(source), size(text)) < -RATHER
