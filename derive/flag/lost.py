"""What the pivot has lost: terms of the source text that its translation only describes.

国税庁 is the National Tax Agency. Where the English says "the tax office", no form of the lexicon
is found, and who adapts it would not see that an agency of the source country is meant.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterator, Sequence
from functools import lru_cache

from derive.flag.found import Found, is_free
from derive.flag.lexicon import Entry
from derive.flag.patterns import Patterns
from derive.flag.search import View, fold

_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[ -]|'s ")


def find(
    pivot: View, taken: Sequence[Found], entries: Sequence[Entry], patterns: Patterns
) -> Iterator[Found]:
    """Where the pivot speaks of entries that only the source text names, as far as it shows.

    A place is a row of words that all describe the entry (its pivot forms, its gloss, words for the
    things of its slot), with two at least that are of the entry, or one and a word for such things.
    """
    words = [match.span() for match in _WORD.finditer(pivot.folded)]
    marked = list(taken)
    for entry in entries:
        heads = patterns.heads.get(entry.slot, frozenset())
        telling = _telling(entry, patterns.stopwords) - heads
        for start, end in _rows(pivot, words, telling, heads):
            if is_free(start, end, marked):
                reason = f"{entry.reason()}. The source text names it, the pivot only describes it"
                found = Found(start, end, entry.slot, entry.entry, entry.level, reason)
                insort(marked, found)
                yield found
                break


@lru_cache(maxsize=4096)
def _telling(entry: Entry, stopwords: frozenset[str]) -> frozenset[str]:
    described = fold(f"{entry.pivot} {entry.aliases} {entry.gloss.partition(',')[0]}")
    return frozenset(_stem(word) for word in _WORD.findall(described)) - stopwords


def _rows(
    pivot: View, words: Sequence[tuple[int, int]], telling: frozenset[str], heads: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Rows of describing words: two different telling ones, or one with a word of the slot's."""
    row: list[tuple[int, int]] = []
    for number, (start, end) in enumerate([*words, (0, 0)]):
        word = _stem(pivot.folded[start:end])
        fits = number < len(words) and (word in telling or word in heads)
        joined = not row or _GAP.fullmatch(pivot.folded[row[-1][1] : start])
        if row and not (fits and joined):
            stems = {_stem(pivot.folded[first:last]) for first, last in row}
            if stems & telling and len(stems) > 1:
                yield row[0][0], row[-1][1]
            row = []
        if fits:
            row.append((start, end))


def _stem(word: str) -> str:
    """Without the plural's s."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
