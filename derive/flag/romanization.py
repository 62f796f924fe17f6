"""Whether a word reads as the romanized source language, and how much it looks like it.

The grammar of its syllables is data of the pack. A word that it can read gets a score: the sum of
the weights of its parts, log-odds of a logistic regression that tells the culture's names and terms
from names of places and people elsewhere which the grammar can read too (romanization.csv, made by
tests/benchmarks/romanization.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from derive import locales

LONGEST = 40  # letters of a word; longer ones are none


class Syllable(NamedTuple):
    """Of a romanized word: `shin` is sh, i, n."""

    onset: str
    nucleus: str
    coda: str


@dataclass(frozen=True)
class Romanization:
    """A romanization rule. lower, capital: the score from which words count that are written so.

    first, later: the syllables that may begin a word, and that may follow. particles: English words
    that may stand within a run. false_friends: words that are of another language.
    """

    language: str
    slot: str
    first: Mapping[str, Syllable]
    later: Mapping[str, Syllable]
    weights: Mapping[str, float]
    syllables: int
    lower: float
    capital: float
    particles: frozenset[str]
    false_friends: frozenset[str]

    @cached_property
    def _longest(self) -> int:
        return max(map(len, (*self.first, *self.later)))

    def parse(self, word: str) -> list[Syllable] | None:
        """The syllables of a word in lower case, onsets as long as can be; None if it has none."""
        return self._parse(word.replace("'", ""), 0, set()) if len(word) <= LONGEST else None

    def _parse(self, word: str, start: int, dead: set[int]) -> list[Syllable] | None:
        if start == len(word):
            return []
        known = self.later if start else self.first
        # the shorter syllable first: what can begin the next one does
        for end in range(start + 1, min(len(word), start + self._longest) + 1):
            syllable = known.get(word[start:end]) if end not in dead else None
            if syllable and (rest := self._parse(word, end, dead)) is not None:
                return [syllable, *rest]
        dead.add(start)
        return None

    def score(self, words: Iterable[Sequence[Syllable]]) -> float:
        """The log-odds that these words are of the source language."""
        weights = self.weights
        return weights.get("bias", 0.0) + sum(
            weights.get(part, 0.0) * count for word in words for part, count in parts(word).items()
        )


def parts(word: Sequence[Syllable]) -> Counter[str]:
    """What of a word is weighed: onsets, nuclei, codas, vowels that meet, and the end."""
    found: Counter[str] = Counter()
    before: Syllable | None = None
    for one in word:
        if before and not one.onset and not before.coda:
            found[f"hiatus {before.nucleus}{one.nucleus}"] += 1
        else:
            found[f"onset {one.onset}"] += 1
        found[f"nucleus {one.nucleus}"] += 1
        if one.coda:
            found[f"coda {one.coda}"] += 1
        before = one
    if before:
        found[f"end {before.nucleus}{before.coda}"] += 1
    return found


def load_romanization(document: Mapping[str, Any], folder: Path) -> Romanization:
    """From the table `romanization` of a patterns.toml. Raises DeriveError."""
    first: dict[str, Syllable] = {}
    later: dict[str, Syllable] = {}
    for series in document["series"]:
        for syllable in product(series["onsets"], series["nuclei"], series["codas"]):
            later["".join(syllable)] = Syllable(*syllable)
            if series.get("first", True):
                first["".join(syllable)] = Syllable(*syllable)
    rows = locales.rows_of(folder / document["weights"], "romanization-weight")
    return Romanization(
        document["language"],
        document["slot"],
        first,
        later,
        {row["part"]: float(row["weight"]) for row in rows},
        document["syllables"],
        document["lower"],
        document["capital"],
        frozenset(document.get("particles", ())),
        frozenset(document.get("false_friends", ())),
    )
