"""Content words of a source that its draft does not need: a heuristic for softened requests.

The model itself is asked: it scores the draft as the translation of its source, and again with one
word taken out of the source. Where no token of the draft gets less likely, nothing in the draft
translates that word. It costs a forward pass a word, some seven times as much as translating in
batches.

Of the embedded model's drafts of MultiJail's 307 prompts of up to 40 words, 10 are told, all but
one rightly; of 282 drafts made of the prompt without one of its words, that word is told of each
(tests/benchmarks/omissions.py). The planted ones are easy: the same model made and judges them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from derive import locales
from derive.errors import DeriveError
from derive.languages import same_language
from derive.progress import Report, silent
from derive.translate.cache import Cache
from derive.translate.engine import Engine, Output, Tokens

Pair = tuple[str, str]  # a source and its draft
NEEDED = 1.5  # log-probability that some token loses without a word that it translates
LONGEST = 40  # words; of a longer text every word costs a pass over all of it
SLICE = 200  # pairs that are scored together
_WORD = re.compile(r"(?<![\w'’-])[^\W\d_]{4,}(?![\w-])")


@runtime_checkable
class Scorer(Protocol):
    """What an engine must offer for this, besides `encode`."""

    def encode(self, sentences: Sequence[str], language: str) -> list[Tokens]:
        """The model's tokens of each sentence."""

    def score(self, sources: Sequence[Tokens], texts: Sequence[str]) -> list[list[float]]:
        """The log-probabilities of the tokens of each text as the translation of its source; none
        for a pair that is longer than the model can take, or whose numbers ran over."""


def function_words(language: str) -> frozenset[str] | None:
    """Words of the language that need not be translated by a word; None if no pack has them."""
    for tag in locales.tags():
        if same_language(tag, language) and (words := locales.load(tag).function_words):
            return frozenset(words)
    return None


def omitted(
    pairs: Sequence[Pair],
    language: str,
    engine: Engine,
    cache: Cache,
    report: Report = silent,
) -> Iterator[list[str]]:
    """For each source and its draft, the words of the source that the draft does not need.

    language: of the sources (BCP-47). cache: keeps the answers. Not asked about are sources longer
    than LONGEST words, or in a language that no pack has function words of. Raises DeriveError if
    the engine cannot score.
    """
    function = function_words(language)
    if function is None:
        yield from ([] for _ in pairs)
        return
    asked = [_Asked(*pair, content_words(pair[0], function)) for pair in pairs]
    # all that an answer depends on, besides the engine and the language
    keys = [json.dumps([NEEDED, one.source, one.draft, one.words()]) for one in asked]
    by_key = dict(zip(keys, asked, strict=True))
    done = {key: json.loads(one.text) for key, one in cache.get(list(by_key)).items()}
    todo = [key for key in by_key if key not in done]
    for start in range(0, len(todo), SLICE):
        report("looking for omissions", start, len(todo), "texts")
        part = todo[start : start + SLICE]
        found = _omitted([by_key[key] for key in part], language, scorer(engine))
        fresh = dict(zip(part, found, strict=True))
        cache.put({key: Output(json.dumps(words), 0.0, 0) for key, words in fresh.items()})
        done |= fresh
    yield from (done[key] for key in keys)


def scorer(engine: Engine) -> Scorer:
    """The engine, which can score. Raises DeriveError if it cannot."""
    if not isinstance(engine, Scorer):
        raise DeriveError(
            f"--omissions needs scores, and {engine.name} gives none",
            fix="name another model, or go without it: omissions = false in derive.toml",
        )
    return engine


class _Asked(NamedTuple):
    """A source and its draft, and where the words are that are asked about."""

    source: str
    draft: str
    places: Sequence[re.Match[str]]

    def words(self) -> list[str]:
        return [place[0] for place in self.places]

    def sources(self) -> list[str]:
        """The source, and the source without each of the words; nothing if there are none."""
        without = [
            f"{self.source[: place.start()]}{self.source[place.end() :].lstrip()}"
            for place in self.places
        ]
        return [self.source, *without] if without else []


def _omitted(asked: Sequence[_Asked], language: str, engine: Scorer) -> Iterator[list[str]]:
    pairs = [(source, one.draft) for one in asked for source in one.sources()]
    sources = engine.encode([source for source, _ in pairs], language)
    scores = iter(engine.score(sources, [draft for _, draft in pairs]))
    for one in asked:
        whole = next(scores) if one.places else []
        without = [(word, next(scores)) for word in one.words()]
        yield [word for word, less in without if whole and less and not _needs(whole, less)]


def content_words(text: str, function: Collection[str]) -> list[re.Match[str]]:
    """The words that are asked about: none of a text longer than LONGEST words."""
    if len(text.split()) > LONGEST:
        return []
    return [match for match in _WORD.finditer(text) if match[0].casefold() not in function]


def _needs(whole: Sequence[float], without: Sequence[float]) -> bool:
    """Whether some token is much less likely without the word."""
    return any(one - two > NEEDED for one, two in zip(whole, without, strict=True))
