"""Whole texts through an engine: cut, translated with what is protected intact, put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derive import protect
from derive.progress import Report
from derive.translate.cache import Cache
from derive.translate.engine import Engine, Output
from derive.translate.schedule import translate_sentences
from derive.translate.segments import Part, one_line, shorten, split, trim

SPECIAL = 4  # tokens at most that a model's family puts before and after a sentence


@dataclass(frozen=True, slots=True)
class Translated:
    """A text's translation.

    score: mean log-probability a token over its sentences, None if nothing was to be translated.
    truncated: a sentence reached the longest output.  fragments: a sentence was cut in pieces.
    """

    text: str
    score: float | None
    truncated: bool
    fragments: bool


def translate_texts(
    texts: Sequence[str], language: str, engine: Engine, cache: Cache, report: Report
) -> Iterator[tuple[int, Translated]]:
    """Translate texts that are in `language` (BCP-47): (position, translation), as they get done.

    Every sentence is tried as it is, then masked, then in fragments, until what is protected in
    it has come through; the last way always succeeds.
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
            yield at, _assemble(plans[at], {}, cut[at])
    done: dict[str, _Settled] = {}
    for sentence, settled in _settle(needed_by, language, engine, cache, report):
        done[sentence] = settled
        for at in needed_by[sentence]:
            needs[at].remove(sentence)
            if not needs[at]:
                yield at, _assemble(plans[at], done, cut[at])


def _too_long(plans: Sequence[Sequence[Part]], language: str, engine: Engine) -> set[str]:
    # a token is at least a byte, so most sentences need not be encoded for this; SPECIAL are added
    doubtful = list(
        dict.fromkeys(
            part.text
            for plan in plans
            for part in plan
            if part.translate and len(part.text.encode()) + SPECIAL >= engine.max_input_tokens
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


@dataclass(frozen=True, slots=True)
class _Settled:
    output: Output
    fragments: bool = False


def _settle(
    sentences: Iterable[str], language: str, engine: Engine, cache: Cache, report: Report
) -> Iterator[tuple[str, _Settled]]:
    """Each sentence's translation by the first way that loses nothing."""

    def translated(todo: Iterable[str], what: str) -> Iterator[tuple[str, Output]]:
        for sentence, made in translate_sentences(todo, language, engine, cache, report, what):
            yield sentence, replace(made, text=one_line(made.text))

    lossy: list[str] = []
    for sentence, output in translated(sentences, "translating"):
        if protect.lost(sentence, output.text):
            lossy.append(sentence)
        else:
            yield sentence, _Settled(output)

    masked = {sentence: protect.mask(sentence, engine.mask) for sentence in sorted(lossy)}
    made = dict(translated((text for text, _ in masked.values()), "translating with masks"))
    lossy = []
    for sentence, (text, masks) in masked.items():
        whole = protect.unmask(made[text].text, masks)
        if whole is None or protect.lost(sentence, whole):
            lossy.append(sentence)
        else:
            yield sentence, _Settled(replace(made[text], text=whole))

    cut = {sentence: _fragments(sentence, language) for sentence in lossy}
    pieces = [piece.text for parts in cut.values() for piece in parts if piece.translate]
    made = dict(translated(pieces, "translating in fragments"))
    for sentence, parts in cut.items():
        yield sentence, _Settled(_joined(parts, made), fragments=True)


def _fragments(sentence: str, language: str) -> list[Part]:
    """The sentence cut around what is protected in it."""
    return [
        part
        for text, translate in protect.fragments(sentence)
        for part in (split(text, language) if translate else [Part(text, False)])
    ]


def _joined(pieces: Sequence[Part], made: Mapping[str, Output]) -> Output:
    outputs = [made[piece.text] for piece in pieces if piece.translate]
    text = ""
    for piece in pieces:
        following = made[piece.text].text if piece.translate else piece.text
        # in a script without blanks a word may touch an address; in another it must not
        word = text[-1:] if not piece.translate else following[:1] if text.strip() else ""
        blank = text[-1:].isspace() or following[:1].isspace()
        text += f" {following}" if word.isalnum() and not blank else following
    tokens = sum(one.tokens for one in outputs)
    return Output(text, _mean(outputs) or 0.0, tokens, any(one.truncated for one in outputs))


def _mean(outputs: Sequence[Output]) -> float | None:
    """The mean log-probability a token."""
    tokens = sum(one.tokens for one in outputs)
    return sum(one.score * one.tokens for one in outputs) / tokens if tokens else None


def _assemble(plan: Sequence[Part], done: Mapping[str, _Settled], shortened: bool) -> Translated:
    settled = [done[part.text] for part in plan if part.translate]
    outputs = [one.output for one in settled]
    score = _mean(outputs)
    return Translated(
        "".join(done[part.text].output.text if part.translate else part.text for part in plan),
        None if score is None else round(score, 6),
        any(one.truncated for one in outputs),
        shortened or any(one.fragments for one in settled),
    )
