"""Each sentence by the first way that loses nothing: as it is, with its terms in it, masked, cut.

A model that is shown a target term in the source mostly copies it, and words the sentence around
it; one that is shown a mask keeps it nearly always, but does not know what stands there, and gets
the article wrong. So the mask comes second (measured in tests/benchmarks/terms.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derive import protect
from derive.progress import Report
from derive.terminology import TermChecker
from derive.translate.cache import Cache
from derive.translate.engine import Engine, Output
from derive.translate.schedule import translate_sentences
from derive.translate.segments import Part, one_line, split


@dataclass(frozen=True, slots=True)
class Settled:
    """A sentence's translation. fragments: it was cut in pieces."""

    output: Output
    fragments: bool = False


Bad = tuple[int, int]  # protected spans that are lost, findings on terms; (0, 0) is good
Way = tuple[str, dict[str, str]]  # what the engine is given instead of a sentence, and its masks


def settle(
    sentences: Iterable[str],
    language: str,
    engine: Engine,
    cache: Cache,
    report: Report,
    terms: TermChecker,
) -> Iterator[tuple[str, Settled]]:
    """Every sentence, each once, with its translation, as they get done.

    Of an output's hypotheses the best that loses nothing is taken. Where none of the ways holds
    the terms, the first of those that lose least stands; where each loses something protected, the
    sentence is cut around it, which always succeeds.
    """

    def bad(sentence: str, text: str) -> Bad:
        return len(protect.lost(sentence, text)), len(terms.check(sentence, text))

    def translated(todo: Iterable[str], what: str) -> Iterator[tuple[str, Output]]:
        for sentence, made in translate_sentences(todo, language, engine, cache, report, what):
            others = tuple(map(_one_line, made.others))
            yield sentence, _one_line(replace(made, others=others) if others else made)

    left: dict[str, tuple[Bad, Output]] = {}
    for sentence, output in translated(sentences, "translating"):
        how_bad, best = _best(sentence, output, {}, bad) or ((0, 0), output)
        if any(how_bad):
            left[sentence] = how_bad, best
        else:
            yield sentence, Settled(best)

    ways = {one: _ways(one, left[one][0], engine.mask, terms) for one in sorted(left)}
    while ways := {one: of_one for one, of_one in ways.items() if one in left and of_one}:
        turn = {sentence: of_one.pop(0) for sentence, of_one in ways.items()}
        fitting = _fitting([text for text, _ in turn.values()], language, engine)
        made = dict(translated(fitting, "translating again"))
        for sentence, (text, masks) in turn.items():
            found = _best(sentence, made[text], masks, bad) if text in made else None
            if found and found[0] < left[sentence][0]:
                left[sentence] = found
                if not any(found[0]):
                    yield sentence, Settled(left.pop(sentence)[1])

    for sentence in [one for one, (how_bad, _) in left.items() if not how_bad[0]]:
        yield sentence, Settled(left.pop(sentence)[1])
    cut = {sentence: _fragments(sentence, language) for sentence in sorted(left)}
    pieces = [piece.text for parts in cut.values() for piece in parts if piece.translate]
    made = dict(translated(pieces, "translating in fragments"))
    for sentence, parts in cut.items():
        yield sentence, Settled(_joined(parts, made), fragments=True)


def _one_line(output: Output) -> Output:
    text = one_line(output.text)
    return output if text == output.text else replace(output, text=text)


def _ways(sentence: str, how_bad: Bad, form: str, terms: TermChecker) -> list[Way]:
    """What else to try, the gentlest first."""
    lost, of_terms = how_bad
    ways: list[Way] = []
    if of_terms:
        ways += [(terms.put(sentence), {}), protect.mask(sentence, form, terms.put)]
    if lost:
        ways.append(protect.mask(sentence, form))
    return [(text, masks) for text, masks in ways if text != sentence]


def _best(
    sentence: str, output: Output, masks: dict[str, str], bad: Callable[[str, str], Bad]
) -> tuple[Bad, Output] | None:
    """The first of an output's hypotheses that lose least, with the others that lose no more;
    None if the masks come off none of them."""
    whole = [
        (bad(sentence, text), replace(one, text=text, others=()))
        for one in (output, *output.others)
        if (text := protect.unmask(one.text, masks)) is not None
    ]
    if not whole:
        return None
    least = min(how_bad for how_bad, _ in whole)
    first, *others = [one for how_bad, one in whole if how_bad == least]
    return least, replace(first, others=tuple(others))


def _fitting(texts: Sequence[str], language: str, engine: Engine) -> list[str]:
    """Those that are not too long for the model."""
    encoded = zip(texts, engine.encode(texts, language), strict=True)
    return [text for text, tokens in encoded if len(tokens) <= engine.max_input_tokens]


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
    gone = False  # what stood between two spans: together they would be another
    for piece in pieces:
        following = made[piece.text].text if piece.translate else piece.text
        if not following:
            gone = bool(text)
            continue
        # in a script without blanks a word may touch an address; in another it must not
        word = text[-1:] if not piece.translate else following[:1] if text.strip() else ""
        blank = text[-1:].isspace() or following[:1].isspace()
        text += f" {following}" if (gone or word.isalnum()) and not blank else following
        gone = False
    tokens = sum(one.tokens for one in outputs)
    return Output(text, mean(outputs) or 0.0, tokens, any(one.truncated for one in outputs))


def mean(outputs: Sequence[Output]) -> float | None:
    """The mean log-probability a token."""
    tokens = sum(one.tokens for one in outputs)
    return sum(one.score * one.tokens for one in outputs) / tokens if tokens else None
