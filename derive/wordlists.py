"""Whether a word is known in a language, or in those that a text in the pivot is likely to use.

The lists are those of pyspellchecker (MIT; words of subtitles, cleaned of misspellings), chosen
because the package holds several languages, loads in a tenth of a second and knows next to no
romanized words. English is asked first: the others are loaded only for what it does not know.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cache

# what an English text borrows from most, and what looks most like open syllables
LANGUAGES = ("en", "es", "fr", "it")


@cache
def vocabulary(language: str) -> Container[str]:
    """The words of a language (ISO 639-1), in lower case; none if there is no list of it."""
    from spellchecker import SpellChecker

    if language not in SpellChecker.languages():
        return frozenset()
    return dict.fromkeys(SpellChecker(language=language).word_frequency.dictionary)


def is_english(word: str) -> bool:
    """Whether a word in lower case is English, also as a plural or possessive of an English one."""
    english = vocabulary("en")
    return word in english or any(
        word.endswith(end) and word[: -len(end)] in english for end in ("'s", "s", "es")
    )


def is_known(word: str, source: str) -> bool:
    """Whether a word in lower case is one of LANGUAGES, the source's own language left out."""
    return is_english(word) or any(
        word in vocabulary(language) for language in LANGUAGES[1:] if language != source
    )
