"""Texts by their words and letters, whatever the script.

A word is what stands between blanks, with its combining marks. Thai, Lao, Burmese, Khmer, Chinese
and Japanese put no blanks between words: there, runs of letters stand for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from derive.protect import fragments
from derive.text import comparable

SYLLABLES = 4.0  # letters of a word on average, below which words are syllables

_MARKS = "".join(
    chr(code) for code in range(0x300, 0x3100) if unicodedata.category(chr(code))[0] == "M"
)
_WORD = re.compile(rf"[^\W\d_][\w{_MARKS}\u200c\u200d]*")
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+"
)
# what East_Asian_Width calls wide, but for signs and emoji
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
    "\U00020000-\U0003fffd]+"
)
_QUOTED = re.compile('"[^"\n]{1,90}"|[“„«»][^“”«»\n]{1,90}[”“»«]|[「『][^」』\n]{1,90}[」』]')


class Text:
    """A text as it is compared; made once, its parts when they are asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def parts(self) -> list[tuple[str, bool]]:
        return fragments(self.text)

    @cached_property
    def prose(self) -> str:
        """What is left without addresses, code, placeholders and quantities."""
        return " ".join(part for part, plain in self.parts if plain)

    @cached_property
    def spans(self) -> Counter[str]:
        """What is not prose; an address with and without a slash at its end is the same."""
        return Counter(part.rstrip("/") for part, plain in self.parts if not plain)

    @cached_property
    def form(self) -> str:
        return comparable(self.text)

    @cached_property
    def cased(self) -> tuple[str, ...]:
        """The words of scripts with blanks, as they are written."""
        return tuple(_WORD.findall(UNSPACED.sub(" ", self.prose)))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The same, case folded."""
        return tuple(map(str.casefold, self.cased))

    @cached_property
    def letters(self) -> str:
        """All that is in scripts without blanks."""
        return "".join(UNSPACED.findall(self.prose))

    @cached_property
    def pieces(self) -> frozenset[str]:
        """What carries meaning: words of four letters or more, of three in a script that writes
        no vowels, of two East Asian ones; pairs of words where each syllable is one (Vietnamese);
        each three letters in a row of a script without blanks."""
        text = self.text.casefold()
        letters = "".join(UNSPACED.findall(text))
        words = _WORD.findall(UNSPACED.sub(" ", text) if letters else text)
        if words and sum(map(len, words)) < SYLLABLES * len(words) and words[0] < "\u0590":
            found = [f"{one} {two}" for one, two in pairwise(words)]
        else:
            found = [word for word in words if len(word) >= _least(word[0])]
        return frozenset(found + [letters[at : at + 3] for at in range(len(letters) - 2)])

    @cached_property
    def unquoted(self) -> Text:
        """The text without short quotations."""
        return read(_QUOTED.sub(" ", self.text))


read = lru_cache(maxsize=64)(Text)  # a text is looked at by several checks in a row


def copied_words(source: str, text: str, least: int) -> str:
    """The longest run of at least `least` words of the source in the text, as the text has it.

    Two letters of an East Asian script without blanks count as a word, and four of another.
    """
    one, two = read(source), read(text)
    run = _run(one.words, two.words, least)
    if run:
        return " ".join(two.cased[run[0] : run[1]])
    if one.letters and two.letters:
        # names of offices are longer in Chinese characters, and the same in several languages
        least = max(least, 4) * (2 if _wide(two.letters[0]) else 4)
        run = _run(one.letters, two.letters, least)
        return two.letters[run[0] : run[1]] if run else ""
    return ""


def _run(
    one: tuple[str, ...] | str, two: tuple[str, ...] | str, least: int
) -> tuple[int, int] | None:
    """Where `two` has its longest run of parts of which `one` has each `least` in a row, too."""
    if len(one) < least or len(two) < least:
        return None
    runs = {one[at : at + least] for at in range(len(one) - least + 1)}
    best: tuple[int, int] | None = None
    begin = last = -2
    for at in range(len(two) - least + 1):
        if two[at : at + least] not in runs:
            continue
        begin = begin if at == last + 1 else at
        last = at
        if best is None or at + least - begin > best[1] - best[0]:
            best = begin, at + least
    return best


@cache
def _least(letter: str) -> int:
    if _wide(letter):
        return 2
    return 3 if "\u0590" <= letter < "\u0900" else 4  # Hebrew, Arabic, Syriac write no vowels


def _wide(letter: str) -> bool:
    return _WIDE.match(letter) is not None


def spaced(char: str) -> bool:
    """A letter of a script with blanks between its words; Korean writes what follows onto them."""
    return char.isalpha() and not UNSPACED.match(char) and not "\uac00" <= char <= "\ud7a3"


def is_name(words: str) -> bool:
    """Whether all longer words begin with a capital: University of the Arts London."""
    return all(word[0].isupper() for word in words.split() if len(word) > 3)


def is_phrase(text: str) -> bool:
    """Whether it is more than one word, or as much in a script without blanks."""
    letters = read(text).letters
    return len(read(text).words) > 1 or (len(set(letters)) > 2 and weight(letters) > 5)


def overlap(one: str, two: str) -> float:
    """The share of one text's pieces that the other has too, 0 to 1."""
    first = read(one).pieces
    return len(first & read(two).pieces) / len(first) if first else 0.0


def weight(text: str) -> int:
    """How much a text says, in letters; an East Asian one is worth two."""
    form = read(text).form
    return len(form) if form.isascii() else len(form) + sum(map(len, _WIDE.findall(form)))


def lost_spans(source: str, text: str) -> tuple[list[str], list[str]]:
    """The addresses, code and placeholders of the source that the text does not hold as often;
    and the emoji, and placeholders that are there under another name.

    Quantities and money are not among them: people write 5 kg as they do (5 公斤, 5 กก.), and the
    numbers are compared by themselves.
    """
    gone: list[str] = []
    soft: list[str] = []
    for span in sorted((read(source).spans - read(text).spans).keys()):
        first = span[0]
        if (first.isdigit() and "\u20e3" not in span) or unicodedata.category(first) == "Sc":
            continue
        renamed = first in "[<" and text.count(first) >= source.count(first)
        (soft if renamed or not first.isascii() or "\u20e3" in span else gone).append(span)
    return gone, soft
