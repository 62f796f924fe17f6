"""Drafts translated back by a reverse model, and how much of the text has come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from derive.progress import Report
from derive.translate.cache import Cache
from derive.translate.engine import Engine
from derive.translate.texts import translate_texts

if TYPE_CHECKING:
    from sacrebleu.metrics.chrf import CHRF


@dataclass(frozen=True)
class Reverse:
    """The engine that translates back, and the language it translates into (BCP-47)."""

    engine: Engine
    language: str


def translate_back(
    drafts: Sequence[tuple[str, str]],
    language: str,
    reverse: Reverse,
    cache: Cache,
    report: Report,
) -> list[tuple[str, float]]:
    """Of each draft, its back-translation, and chrF of that against the text it was made from.

    drafts: the text, in the reverse's language, and its draft, in `language` (BCP-47).
    """
    texts = [draft for _, draft in drafts]
    done = dict(translate_texts(texts, language, reverse.engine, cache, report))
    return [(done[at].text, chrf(done[at].text, text)) for at, (text, _) in enumerate(drafts)]


def chrf(hypothesis: str, reference: str) -> float:
    """chrF (Popović 2015), character n-grams up to 6, beta 2: 0 to 100, white space left out."""
    return round(float(_metric().sentence_score(hypothesis, [reference]).score), 2)


@cache
def _metric() -> CHRF:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF(word_order=0)
