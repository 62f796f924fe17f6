"""The stage `flag`: items in, marks and routes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from derive import tables
from derive.findings import Findings
from derive.flag.lexicon import Lexicon
from derive.flag.marks import find_marks
from derive.flag.patterns import NO_PATTERNS, Patterns
from derive.flag.route import route_items


class Flagged(NamedTuple):
    """The tables `marks` and `routes`, and the findings."""

    marks: pl.DataFrame
    routes: pl.DataFrame
    findings: Findings


def flag(
    items: pl.DataFrame,
    lexicon: Lexicon,
    policy: Mapping[str, Any],
    patterns: Patterns = NO_PATTERNS,
) -> Flagged:
    """Mark what is tied to the source culture and route every item.

    items: the table `items`. lexicon, patterns: of the source culture, see load_lexicon and
    load_patterns; without patterns only the lexicon counts. policy: that of derive.toml. As many
    routes come out as items go in.
    """
    marks = tables.frame(find_marks(items, lexicon, patterns), tables.MARKS)
    rows, findings = route_items(items, marks, policy, patterns.level)
    return Flagged(marks, tables.frame(rows, tables.ROUTES), findings)
