"""What the card counts of a variant. Every table but that of findings adds up to all its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from derive.codes import CODES
from derive.profiles import TAXONOMY

MOST = 60  # rows of a table that people read
WIDTH = 20  # characters of the longest bar
_EIGHTHS = " ▏▎▍▌▋▊▉"
LEVELS = {
    0: "reads the same anywhere",
    1: "held something a local counterpart can replace",
    2: "made sense in the source culture only",
    None: "untagged",
}
DECISIONS = {
    "transfer": "as translated",
    "modify": "with local counterparts",
    "replace": "a local item for the same harm",
    "new": "written afresh, without a source item",
}
ORIGINS = {
    "mt": "machine translation as it came",
    "mt+edit": "machine translation, edited by people",
    "human": "written by people",
    None: "no text",
}
STATES = {
    "translated": "not reviewed",
    "reviewed": "reviewed by a second person",
    "final": "settled by an adjudicator",
}


@dataclass(frozen=True)
class Row:
    """A row of a table: what is counted, what that means, how often; bar: the count drawn."""

    value: str
    meaning: str
    count: int
    bar: str = ""


def by(column: pl.Series, meanings: Mapping[Any, str]) -> list[Row]:
    """How often each value occurs, in the order of `meanings`; those that do not are left out."""
    counted = Counter(column.to_list())
    rows = [
        Row("–" if value is None else str(value), meaning, counted.pop(value))
        for value, meaning in meanings.items()
        if value in counted
    ]
    return rows + [Row(str(value), "", count) for value, count in sorted(counted.items())]


def taxonomy(items: pl.DataFrame) -> list[Row]:
    """A bar for each risk area and harm type, the most frequent first; of a variant that has only
    specific harms, for these. Labels in English stand first, if the table has any (columns that
    end in _en)."""
    filled = [name for name in TAXONOMY if items[name].null_count() < items.height]
    columns = [name for name in filled if name != "specific_harm"] or filled
    if not columns:
        return []
    named = [f"{name}_en" for name in columns if f"{name}_en" in items.columns]
    rows = []
    for labels, count in Counter(items.select(*columns, *named).rows()).items():
        source = _path(labels[: len(columns)]) or "unclassified"
        english = _path(labels[len(columns) :])
        rows.append((english or source, source if english not in ("", source) else "", count))
    return _shortened(sorted(rows, key=lambda row: (-row[2], row[0], row[1])))


def _path(labels: Sequence[str | None]) -> str:
    return " › ".join(label for label in labels if label)


def _shortened(rows: Sequence[tuple[str, str, int]]) -> list[Row]:
    """The first rows with their bars, and one for all the others."""
    kept = rows if len(rows) <= MOST else rows[: MOST - 1]
    longest = max((count for _, _, count in kept), default=1)
    table = [Row(*row, bar(row[2], longest)) for row in kept]
    others = rows[len(kept) :]
    if others:
        left = sum(count for _, _, count in others)
        table.append(Row(f"{len(others)} more kinds", "", left))
    return table


def bar(count: int, longest: int) -> str:
    """The count as a bar of block characters, WIDTH of them for the longest, never nothing."""
    eighths = max(round(8 * WIDTH * count / longest), 1) if count else 0
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def reasons(excluded: pl.DataFrame) -> list[Row]:
    """Why items are not in the variant, the most frequent reason first."""
    counted = Counter(excluded.select("reason", "status").rows())
    rows = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [Row(reason, status, count) for (reason, status), count in rows]


def findings(checks: Iterable[Sequence[str]]) -> list[Row]:
    """The findings left open: code, what a reader should do about it, in how many items."""
    counted = Counter(code for codes in checks for code in set(codes))
    rows = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [Row(code, CODES[code].hint if code in CODES else "", n) for code, n in rows]


def size_category(rows: int) -> str:
    """The Hub's size_categories, of which there is one for every power of ten."""
    limits = (10**3, "1K"), (10**4, "10K"), (10**5, "100K"), (10**6, "1M"), (10**7, "10M")
    below = "n"
    for limit, name in limits:
        if rows < limit:
            return f"n<{name}" if below == "n" else f"{below}<n<{name}"
        below = name
    return "10M<n<100M"
