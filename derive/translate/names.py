"""Names of the source culture that a draft in Latin script should have kept, and lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz.fuzz import ratio

from derive.languages import script

SLOTS = ("person", "place")  # organisations, laws and foods are translated as often as not
ALIKE = 75.0  # rapidfuzz; Osaka is Ósaca, Hiroshima Hiroxima
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def lost(draft: str, marks: Iterable[Mapping[str, Any]], tag: str) -> list[str]:
    """The names that marks of a text hold and its draft in the language `tag` does not.

    marks: rows of the table `marks`, of the text that was translated. A name may be spelt as the
    language does: Tóquio, Quioto, Osaka's.
    """
    if script(tag) != "Latn":
        return []
    there: set[str] | None = None
    gone = []
    for mark in marks:
        surface = mark["surface"]
        if mark["slot"] not in SLOTS or not surface.isascii():
            continue
        if there is None:
            there = {_plain(word) for word in _WORD.findall(draft)}
        words = [_plain(word) for word in _WORD.findall(surface) if word[0].isupper()]
        words = [word for word in words if len(word) > 2]
        if words and not any(_has(there, word) for word in words):
            gone.append(surface)
    return list(dict.fromkeys(gone))


def _has(there: set[str], word: str) -> bool:
    return word in there or any(ratio(word, one) >= ALIKE for one in there)


def _plain(word: str) -> str:
    """Without accents and case, and with k for qu: the rest is alike enough."""
    bare = "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if c.isalpha())
    return bare.replace("qu", "k")
