"""Whole texts from the hypotheses of their sentences: the best combinations, best first.

A sentence's hypothesis costs what its score is below the first one's, times the first one's
tokens. A text costs the sum over its sentences, so the best N of the product of all hypotheses are
found sentence by sentence, without ever having more than N.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from derive.translate.engine import Output


class Alternative(NamedTuple):
    """A translation of a whole text, and its mean log-probability a token."""

    text: str
    score: float


def combine(parts: Sequence[str | Output], count: int) -> list[Alternative]:
    """At most `count` translations of a text, the best first, no two alike.

    parts: the text in pieces, one that is kept as a text, a translated sentence as its Output with
    the other hypotheses in it. The first translation has the first hypothesis of each; none if
    there is nothing to choose from.
    """
    outputs = [part for part in parts if isinstance(part, Output)]
    tokens = sum(one.tokens for one in outputs)
    if count < 2 or not tokens or not any(one.others for one in outputs):
        return []
    best: list[tuple[float, str]] = [(0.0, "")]
    for part in parts:
        pieces = [(0.0, part)] if isinstance(part, str) else _priced(part)
        made = ((before + cost, text + piece) for before, text in best for cost, piece in pieces)
        cheapest: dict[str, float] = {}
        for cost, text in made:
            cheapest[text] = min(cost, cheapest.get(text, cost))
        best = sorted(((cost, text) for text, cost in cheapest.items()), key=itemgetter(0))[:count]
    total = sum(one.score * one.tokens for one in outputs)
    return [Alternative(text, round((total - cost) / tokens, 6)) for cost, text in best]


def _priced(output: Output) -> list[tuple[float, str]]:
    costs: dict[str, float] = {}
    for one in (output, *output.others):
        costs.setdefault(one.text, max(0.0, output.score - one.score) * output.tokens)
    return [(cost, text) for text, cost in costs.items()]
