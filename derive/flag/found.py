"""What a search finds, before it is known whose item and field it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class Found(NamedTuple):
    """A mark in the making; start and end in a View's plain text. Level 0: it gives no mark."""

    start: int
    end: int
    slot: str
    entry: str
    level: int
    reason: str


def leftmost_longest(found: Iterable[Found]) -> Iterator[Found]:
    """Those that do not overlap: of several at one place the longest, of equals the first given."""
    last = 0
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= last:
            last = one.end
            yield one


def is_free(start: int, end: int, taken: Sequence[Found]) -> bool:
    """Whether nothing overlaps this span of what was found before, sorted and without overlaps."""
    after = bisect_left(taken, end, key=lambda one: one.start)
    return after == 0 or taken[after - 1].end <= start
