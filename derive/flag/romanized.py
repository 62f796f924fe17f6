"""Words and runs of words in a pivot text that are the source language, romanized.

Every different word of all texts is looked at once: one that the grammar reads and that no language
of an English text knows is foreign. Only texts that hold a foreign word are looked into again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from derive.flag.found import Found, is_free
from derive.flag.patterns import PREFIX, Patterns
from derive.flag.romanization import Romanization
from derive.flag.search import View
from derive.wordlists import is_known

_WORD = r"\p{L}+(?:'\p{L}+)?"  # Rust's; folded texts have plain apostrophes
_PYTHON_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
Word = tuple[int, int]


def find(
    views: Sequence[View | None], taken: Sequence[Sequence[Found]], patterns: Patterns
) -> Iterator[list[Found]]:
    """For each view, the romanized words and runs that overlap nothing that was found before."""
    rule = patterns.romanization
    if rule is None:
        yield from ([] for _ in views)
        return
    texts = pl.Series("word", [one and one.folded for one in views], dtype=pl.String)
    words = texts.str.extract_all(_WORD).to_frame().with_row_index().explode("word").drop_nulls()
    foreign = {word for word in words["word"].unique() if _is_foreign(_bare(word), rule)}
    holding = set(words.filter(pl.col("word").is_in(foreign))["index"])
    for at, (one, of_one) in enumerate(zip(views, taken, strict=True)):
        yield list(_runs(one, foreign, of_one, rule, patterns)) if one and at in holding else []


def _bare(word: str) -> str:
    return word.removesuffix("'s")


def _is_foreign(word: str, rule: Romanization) -> bool:
    return (
        len(word) > 1
        and word not in rule.false_friends
        and rule.parse(word) is not None
        and not is_known(word, rule.language)
    )


def _runs(
    one: View,
    foreign: set[str],
    taken: Sequence[Found],
    rule: Romanization,
    patterns: Patterns,
) -> Iterator[Found]:
    words = [match.span() for match in _PYTHON_WORD.finditer(one.folded)]
    at = 0
    while at < len(words):
        start, stop = words[at]
        end = at
        if one.folded[start:stop] in foreign:
            end = _end_of_run(one, words, at, foreign, taken, rule)
        if end == at:
            at += 1
            continue
        if _is_telling(one, words[at:end], rule):
            start = words[_compound_before(one, words, at, taken, rule)][0]
            last, stop = words[end - 1]
            stop = last + len(_bare(one.folded[last:stop]))
            surface = one.plain[start:stop]
            reason = f"{surface}: reads as romanized {patterns.demonym}, not in the lexicon"
            # one capitalised word may be a name from anywhere: Mikko, Susanto
            alone = surface.isalpha() and surface[:1].isupper()
            kind = "romanized-name" if alone else "romanized"
            yield Found(start, stop, rule.slot, f"{PREFIX}{kind}", 1, reason)
        at = end


def _end_of_run(
    one: View,
    words: Sequence[Word],
    at: int,
    foreign: set[str],
    taken: Sequence[Found],
    rule: Romanization,
) -> int:
    """The word after the run that begins here; `at` itself if none begins."""
    end = at
    for number in range(at, len(words)):
        start, stop = words[number]
        text = one.folded[start:stop]
        if number > at and one.folded[words[number - 1][1] : start] != " ":
            break
        shouted = one.plain[start:stop].isupper()  # NATO is no word
        free = is_free(start, stop, taken)
        if text in foreign and not shouted and free:
            end = number + 1
        elif number == at or not _joins(text, free, one.plain[start], rule):
            break
    return end


def _joins(text: str, free: bool, initial: str, rule: Romanization) -> bool:
    """Whether a word may stand within a run: a particle, or such a word that was found already, as
    in ushi no koku mairi."""
    return text in rule.particles or not (free or initial.isupper() or rule.parse(text) is None)


def _compound_before(
    one: View, words: Sequence[Word], at: int, taken: Sequence[Found], rule: Romanization
) -> int:
    """Where the run begins with the hyphenated word before it, if that reads so: ore-ore sagi."""
    begin = at
    while begin > 0:
        start, stop = words[begin - 1]
        gap = one.plain[stop : words[begin][0]]
        if gap != "-" and not (gap == " " and begin == at):
            break
        if rule.parse(one.folded[start:stop]) is None or not is_free(start, stop, taken):
            break
        begin -= 1
    hyphenated = any(
        one.plain[words[number][1] : words[number + 1][0]] == "-" for number in range(begin, at)
    )
    return begin if hyphenated else at


def _is_telling(one: View, words: Sequence[Word], rule: Romanization) -> bool:
    """Whether a run is long enough and reads enough like the source language."""
    texts = [_bare(one.folded[first:last]) for first, last in words]
    syllables = [parsed for text in texts if (parsed := rule.parse(text))]
    capital = all(one.plain[first].isupper() for first, _ in words)
    least = rule.capital if capital else rule.lower
    return sum(map(len, syllables)) >= rule.syllables and rule.score(syllables) >= least
