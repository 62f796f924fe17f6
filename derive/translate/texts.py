"""Whole texts through an engine: cut, translated with what is protected intact, put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

from derive import protect
from derive.progress import Report
from derive.terminology import TermChecker
from derive.translate.alternatives import Alternative, combine
from derive.translate.cache import Cache
from derive.translate.engine import Engine, Output
from derive.translate.segments import Part, shorten, split, trim
from derive.translate.settle import Settled, mean, settle

NO_TERMS = TermChecker([])


@dataclass(frozen=True, slots=True)
class Translated:
    """A text's translation.

    score: mean log-probability a token over its sentences, None if nothing was to be translated.
    truncated: a sentence reached the longest output.  fragments: a sentence was cut in pieces.
    alternatives: the best translations of the whole text, this one first; empty if it is alone.
    """

    text: str
    score: float | None
    truncated: bool
    fragments: bool
    alternatives: Sequence[Alternative] = ()


def translate_texts(
    texts: Sequence[str],
    language: str,
    engine: Engine,
    cache: Cache,
    report: Report,
    terms: TermChecker = NO_TERMS,
    alternatives: int = 0,
) -> Iterator[tuple[int, Translated]]:
    """Translate texts that are in `language` (BCP-47): (position, translation), as they get done.

    terms: those that the translations are to hold, as far as the engine lets them (see settle).
    alternatives: how many translations of each text to keep, of those that the engine gives.
    """
    plans = [split(text, language) for text in texts]
    too_long = _too_long(plans, language, engine)
    cut = [any(part.text in too_long for part in plan) for plan in plans]
    plans = [
        [piece for part in plan for piece in _shortened(part, too_long, language, engine)]
        for plan in plans
    ]
    needs = [{part.text for part in plan if part.translate} for plan in plans]
    needed_by: defaultdict[str, list[int]] = defaultdict(list)
    for at, sentences in enumerate(needs):
        for sentence in sorted(sentences):
            needed_by[sentence].append(at)
        if not sentences:
            yield at, _assemble(plans[at], {}, cut[at], alternatives)
    done: dict[str, Settled] = {}
    for sentence, settled in settle(needed_by, language, engine, cache, report, terms):
        done[sentence] = settled
        for at in needed_by[sentence]:
            needs[at].remove(sentence)
            if not needs[at]:
                yield at, _assemble(plans[at], done, cut[at], alternatives)


def _too_long(plans: Sequence[Sequence[Part]], language: str, engine: Engine) -> set[str]:
    # a token is at least a byte, so most sentences need not be encoded for this
    [around] = engine.encode([""], language)
    shortest = engine.max_input_tokens - len(around)
    doubtful = list(
        dict.fromkeys(
            part.text
            for plan in plans
            for part in plan
            if part.translate and len(part.text.encode()) >= shortest
        )
    )
    return {
        text
        for text, tokens in zip(doubtful, engine.encode(doubtful, language), strict=True)
        if len(tokens) > engine.max_input_tokens
    }


def _shortened(part: Part, too_long: set[str], language: str, engine: Engine) -> list[Part]:
    """A sentence too long is cut around what is protected in it first, then elsewhere."""
    if part.text not in too_long:
        return [part]

    def fits(text: str) -> bool:
        return len(engine.encode([text], language)[0]) <= engine.max_input_tokens

    return [
        piece
        for text, translate in protect.fragments(part.text)
        for one in (trim(text) if translate else [Part(text, False)])
        for piece in shorten(one, fits)
    ]


def _assemble(
    plan: Sequence[Part], done: Mapping[str, Settled], shortened: bool, alternatives: int
) -> Translated:
    settled = [done[part.text] for part in plan if part.translate]
    outputs = [one.output for one in settled]
    score = mean(outputs)
    parts: list[str | Output] = []
    for before, part in pairwise([Part("", False), *plan]):
        made = done[part.text].output if part.translate else part.text
        if before.translate and isinstance(made, Output):
            parts.append(_between(before.text, done[before.text].output.text, made.text))
        parts.append(made)
    return Translated(
        "".join(part if isinstance(part, str) else part.text for part in parts),
        None if score is None else round(score, 6),
        any(one.truncated for one in outputs),
        shortened or any(one.fragments for one in settled),
        combine(parts, alternatives),
    )


def _between(source: str, made: str, following: str) -> str:
    """The blank between two sentences that touch, as in Japanese, where the translation's script
    wants one."""
    ends = made[-1:].strip() and following[:1].strip()
    return " " if ends and _is_wide(source[-1]) and not _is_wide(made[-1]) else ""


def _is_wide(char: str) -> bool:
    return east_asian_width(char) in "WF"
