"""Evidence that a regular expression finds: money, units, dates, deixis …"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from derive.flag.found import Found
from derive.flag.lexicon import Lexicon
from derive.flag.patterns import PREFIX, Rule
from derive.flag.search import View, is_whole


def find(
    views: Sequence[View | None], rules: Sequence[Rule], lexicon: Lexicon
) -> Iterator[list[Found]]:
    """For each view, what the rules find as whole words. One pass tells where to look at all."""
    if not rules:
        yield from ([] for _ in views)
        return
    texts = pl.Series([one and one.plain for one in views], dtype=pl.String)
    # a name may stand once in an expression
    anything = "|".join(f"(?:{rule.expression})" for rule in rules).replace("(?P<span>", "(?:")
    hits = texts.str.contains(anything).to_list()
    for one, hit in zip(views, hits, strict=True):
        yield (
            [found for rule in rules for found in _of_rule(one, rule, lexicon)]
            if (one and hit)
            else []
        )


def _of_rule(one: View, rule: Rule, lexicon: Lexicon) -> Iterator[Found]:
    owner = lexicon.entries.get(rule.entry)
    for match in rule.compiled.finditer(one.plain):
        start, end = rule.span(match)
        if start == end or not is_whole(one.plain, start, end):
            continue
        if owner:
            yield Found(start, end, owner.slot, owner.entry, owner.level, owner.reason())
        else:
            reason = f"{one.plain[start:end]}: {rule.reason}"
            yield Found(start, end, rule.slot, PREFIX + rule.kind, rule.level, reason)
