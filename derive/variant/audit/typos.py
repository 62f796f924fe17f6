"""Words that are misspelt in the release's English and were carried into a translation as they are.

A word is misspelt if the word list (pyspellchecker's) does not have it, and has a frequent word a
typing error away. It was carried over if the translation of its item has it letter by letter, and
it is no word of the target language, as far as the translations of other items tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from derive.findings import Finding, finding
from derive.languages import same_language
from derive.variant.audit.matched import Matching
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading

PIVOT = "en"  # the language of the word list
FREQUENT = 1000  # occurrences in the word list's corpus, for a word to be what was meant
LONG = 8  # letters from which two may be wrong
SHORT = 7  # letters below which another letter makes another word: memes, memos
# plain words only: no names, addresses, contractions, or parts of a longer whole
_WORD = re.compile(r"(?<![A-Za-z\d_'’.@/#&-])[a-z]{5,}(?![A-Za-z\d_'’@/#-])")
_ENDING = re.compile(r"(?:s|es|ed|d|ing|er|ers|ly|able|less)$")
_AMERICAN = (
    (r"our", "or"),
    (r"is(?=e|ing|ation)", "iz"),
    (r"ys(?=e|ing)", "yz"),
    (r"ll", "l"),
    (r"re$", "er"),
    (r"ence$", "ense"),
    (r"ogue", "og"),
    (r"[ao]e", "e"),
)


def carried(parts: Sequence[tuple[Reading, Matching]], originals: Originals) -> Iterator[Finding]:
    """Findings on misspelt English words in the translations of all parts."""
    misspelt = {
        (place, name): words
        for name in ("prompt", "response")
        for field in (name, f"{name}_pivot")
        if same_language(originals.languages.get(field) or "mul", PIVOT)
        for place, item in enumerate(originals.items)
        if (words := _misspelt(item[field] or ""))
    }
    every = {word for words in misspelt.values() for word in words}
    for reading, matching in parts:
        if not same_language(reading.locale or "mul", PIVOT):
            yield from _carried(reading, matching, originals, misspelt, every)


def _carried(
    reading: Reading,
    matching: Matching,
    originals: Originals,
    misspelt: dict[tuple[int, str], dict[str, str]],
    every: set[str],
) -> Iterator[Finding]:
    seen: list[tuple[int, int, str, str]] = []
    own: set[str] = set()
    for row, place in matching.pairs():
        for name in ("prompt", "response"):
            words = set(_WORD.findall(reading.cell(row, f"translation {name}"))) & every
            there = misspelt.get((place, name), {})
            own |= words - there.keys()
            seen += [(row, place, name, word) for word in sorted(words & there.keys())]
    for row, place, name, word in seen:
        if word not in own:
            yield finding(
                "typo-carried",
                f"{word!r}, misspelt in the release's English: {misspelt[place, name][word]!r}?",
                item=originals.items[place]["id"],
                **reading.where(row, reading.column(f"translation {name}")),
            )


def _misspelt(text: str) -> dict[str, str]:
    """The misspelt words of an English text, with what was meant."""
    words = dict.fromkeys(_WORD.findall(text))
    return {word: meant for word in words if (meant := correction(word))}


@cache
def correction(word: str) -> str | None:
    """What a lower-case English word is a misspelling of, or None if it is none."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    spellings = (re.sub(here, there, word) for here, there in _AMERICAN)
    if any(one in _word_list() for one in (word, _ENDING.sub("", word), *spellings)):
        return None
    near = process.extract(
        word, _meant(), scorer=OSA.distance, score_cutoff=2 if len(word) >= LONG else 1, limit=20
    )
    likely = [
        (distance, -_word_list()[meant], meant)
        for meant, distance, _ in near
        if meant[0] == word[0]
        and meant not in word
        and (len(word) >= SHORT or len(meant) != len(word) or sorted(meant) == sorted(word))
    ]
    return min(likely)[2] if likely else None


@cache
def _word_list() -> dict[str, int]:
    """English words to how often they were seen, in the spelling of the United States."""
    from spellchecker import SpellChecker

    words: Any = SpellChecker(language=PIVOT).word_frequency.dictionary
    return dict(words)


@cache
def _meant() -> list[str]:
    return sorted(word for word, times in _word_list().items() if times >= FREQUENT)
