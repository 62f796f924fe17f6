"""Matching by order, where nothing else is left: the rows beside the items, in sequence.

Sentences are aligned so (Gale and Church 1993): a long text has a long translation, and a number
stays a number. Rows and items that are left out cost more than an unusual length. How well the
lengths go together in the end says whether the order can be believed: on MultiJail's nine
languages r is 0.90 to 0.96 for rows in order and at most 0.57 for shuffled ones, and with 5 of 315
rows lost 97 to 99 % of the others find their item.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log

from derive.profiles import TAXONOMY
from derive.text import comparable, numbers
from derive.variant.audit.matched import Matching
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading

SPREAD = 0.35  # of the logarithm of a translation's length beside its source's
LEFT_OUT = 3.0  # what a row without an item, or an item without a row, costs
OTHER_NUMBERS = 1.5
OTHER_LABEL = 2.0
MOST_LOST = 0.25  # share of the items from which an order says nothing
SLACK = 4  # rows lost and as many added
BELIEVED = 0.7  # correlation of the lengths
CHANCE = 0.58  # what shuffled rows may reach: lengths are what they are aligned by
FEWEST = 10  # rows
ENOUGH = 30  # rows that have an ID, for their lengths to tell
APART = 0.3  # correlation below which IDs and texts were sorted apart
NUMBERED = 4  # rows with numbers, from which these tell as well
SAME_NUMBERS = 0.8
FIELDS = ("prompt", "response")

Features = tuple[tuple[float, ...], frozenset[str], tuple[str, ...]]


def by_order(reading: Reading, originals: Originals) -> tuple[list[int | None], str]:
    """The place of each row's item, and how: "order", or "order only" where it is a guess."""
    size = len(reading.part.rows)
    fields = [name for name in FIELDS if reading.column(f"translation {name}")]
    labels = [name for name in ("level", *TAXONOMY) if reading.column(name)]
    sequence = _sequence(reading, size, originals)
    if not fields or abs(len(sequence) - size) > MOST_LOST * len(sequence):
        return [None] * size, ""
    rows = [
        _features(
            [reading.cell(row, f"translation {name}") for name in fields],
            [reading.cell(row, name) for name in labels],
        )
        for row in range(size)
    ]
    items = [
        _features(
            [originals.source(place, name) for name in fields],
            [str(originals.items[place][name]) for name in labels],
        )
        for place in sequence
    ]
    pairs = _align(rows, items)
    found: list[int | None] = [None] * size
    for row, item in pairs:
        found[row] = sequence[item]
    # lengths alone: the numbers and labels have helped to align
    good = _correlation([(rows[row][0][0], items[item][0][0]) for row, item in pairs])
    numbered = [(rows[row][1], items[item][1]) for row, item in pairs]
    same = [one == other for one, other in numbered if one or other]
    if len(same) >= NUMBERED and sum(same) >= SAME_NUMBERS * len(same):
        good = max(good, CHANCE)
    if good < CHANCE or len(pairs) < FEWEST:
        return [None] * size, ""
    return found, "order" if good >= BELIEVED else "order only"


def apart(reading: Reading, matching: Matching, originals: Originals) -> float | None:
    """The correlation of the texts' lengths with those of their items', if it is so low that the
    IDs cannot be those of the texts; None if they may be, or nothing tells."""
    pairs = [
        (log(len(comparable(text)) + 1), log(len(comparable(source)) + 1))
        for row, place in matching.pairs()
        if (text := reading.cell(row, "translation prompt"))
        and (source := originals.source(place, "prompt"))
    ]
    found = _correlation(pairs)
    return found if len(pairs) >= ENOUGH and found < APART else None


def _sequence(reading: Reading, size: int, originals: Originals) -> Sequence[int]:
    """The items that the rows may be in order: of the part's split, or of the split or the whole
    that has most nearly as many."""
    every = list(range(len(originals.items)))
    by_split = {
        split: [place for place in every if originals.items[place]["split"] == split]
        for split in sorted(originals.labels["split"])
    }
    if reading.part.split in by_split:
        return by_split[reading.part.split]
    return min([every, *by_split.values()], key=lambda one: abs(len(one) - size))


def _features(texts: Sequence[str], labels: Sequence[str]) -> Features:
    lengths = tuple(log(len(comparable(text)) + 1) for text in texts)
    return lengths, frozenset(one for text in texts for one in numbers(text)), tuple(labels)


def _align(rows: Sequence[Features], items: Sequence[Features]) -> list[tuple[int, int]]:
    """Pairs (row, item) of the cheapest alignment in which neither crosses another."""
    usual = [
        sum(lengths[at] for lengths, *_ in rows) / len(rows)
        - sum(lengths[at] for lengths, *_ in items) / len(items)
        for at in range(len(rows[0][0]))
    ]
    known = sum(row[2] == item[2] for row, item in zip(rows, items, strict=False))
    labelled = known * 2 > min(len(rows), len(items))  # translated labels are never the same
    band = abs(len(rows) - len(items)) + SLACK
    costs = {(0, 0): 0.0}
    steps: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(rows) + 1):
        middle = row * len(items) // max(len(rows), 1)
        for item in range(max(0, middle - band), min(len(items), middle + band) + 1):
            best, step = costs.get((row, item), inf), (0, 0)
            if row and (cost := costs.get((row - 1, item), inf) + LEFT_OUT) < best:
                best, step = cost, (1, 0)
            if item and (cost := costs.get((row, item - 1), inf) + LEFT_OUT) < best:
                best, step = cost, (0, 1)
            if row and item and (before := costs.get((row - 1, item - 1), inf)) < best:
                cost = before + _cost(rows[row - 1], items[item - 1], usual, labelled)
                if cost < best:
                    best, step = cost, (1, 1)
            if step != (0, 0):
                costs[row, item], steps[row, item] = best, step
    pairs = []
    row, item = len(rows), len(items)
    while (row, item) in steps:
        step = steps[row, item]
        row, item = row - step[0], item - step[1]
        if step == (1, 1):
            pairs.append((row, item))
    return pairs[::-1]


def _cost(row: Features, item: Features, usual: Sequence[float], labelled: bool) -> float:
    lengths = [abs(one - two - use) for one, two, use in zip(row[0], item[0], usual, strict=True)]
    cost = sum(lengths) / SPREAD / len(lengths)
    if row[1] ^ item[1]:
        cost += OTHER_NUMBERS * len(row[1] ^ item[1]) / len(row[1] | item[1])
    return cost + (OTHER_LABEL if labelled and row[2] != item[2] else 0.0)


def _correlation(pairs: Sequence[tuple[float, float]]) -> float:
    """Pearson's r; 0 where one of the two does not vary."""
    from statistics import StatisticsError, correlation

    try:
        return correlation(*zip(*pairs, strict=True))
    except (StatisticsError, TypeError):
        return 0.0
