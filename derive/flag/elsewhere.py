"""Terms that another country has too: the Korean National Police Agency, Kochi in India."""

from __future__ import annotations

import re
from functools import lru_cache

from derive.flag.found import Found
from derive.flag.patterns import Patterns
from derive.flag.search import View
from derive.wordlists import is_english

_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 50  # characters of a country's name
_MOST_WORDS = 4


def settle(one: View, found: Found, patterns: Patterns) -> Found:
    """What was found, as of no level if the words beside it name another country.

    That is asked only of places and of what is said in English words: hikikomori in Korea are still
    called by a Japanese word.
    """
    if not (found.level and patterns.elsewhere):
        return found
    if not (
        _before(one.plain[max(0, found.start - _LONGEST) : found.start], patterns.elsewhere)
        or _after(patterns.elsewhere).match(one.plain, found.end)
    ):
        return found
    words = _WORD.findall(one.folded[found.start : found.end])
    own = patterns.demonym.casefold() in words or found.slot == "group"
    if own or not (found.slot == "place" or all(map(is_english, words))):
        return found
    return found._replace(level=0)


def _before(text: str, elsewhere: frozenset[str]) -> bool:
    if not text.endswith(" "):
        return False
    words = re.sub(r"['’]s?$", "", text.strip()).split(" ")
    return any(" ".join(words[-count:]) in elsewhere for count in range(1, _MOST_WORDS + 1))


@lru_cache(maxsize=4)
def _after(elsewhere: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(elsewhere, key=lambda name: (-len(name), name))))
    # a list of countries says nothing of the first
    return re.compile(rf"(?: in|,) (?:the )?(?:{names})(?![\w-])(?!,? (?:and|or) |, )")
