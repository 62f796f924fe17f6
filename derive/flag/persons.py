"""Names of persons: with an honorific or a title, family beside given name, or alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from derive.flag.found import Found
from derive.flag.patterns import PREFIX, Name, Patterns
from derive.flag.romanization import Romanization
from derive.flag.search import View
from derive.wordlists import is_known

_NEXT_WORD = re.compile(r" ([^\W\d_]+(?:-[^\W\d_]+)*)")
_LONGEST_TITLE = 40
_LEAST = -1.5  # the score of what stands beside a name that is the culture's alone
Hit = tuple[int, int, Name]


def find_in_pivot(one: View, hits: Sequence[Hit], patterns: Patterns) -> Iterator[Found]:
    """Persons among the names found in a pivot text, in capitals as names are.

    hits: start, end and what is known of the name. A name that others have too (Naomi, Abe) is not
    enough by itself, a family name with a title is; an honorific makes a person of any capitalised
    word.
    """
    text = one.plain
    names = {start: (end, name) for start, end, name in hits if text[start].isupper()}
    for start, (end, name) in names.items():
        if (longer := _full_name(text, end, name, names, patterns)) is not None:
            yield _person(text, start, longer, "name", "family and given name", patterns)
            continue
        titled = _titles(patterns.titles).search(text[max(0, start - _LONGEST_TITLE) : start])
        if not name.elsewhere or (titled and name.family):
            kind = "family-name" if name.family else "given-name"
            words = "family name" if name.family else "given name"
            yield _person(text, start, end, "name" if titled else kind, words, patterns)
    for match in _honorific(patterns.honorifics["pivot"]).finditer(text):
        # after a blank it may be a word of its own, as in San Jose
        if match.start() in names or match[2] != " ":
            words = f"name with the honorific {match[3]}"
            yield _person(text, match.start(), match.end(), "name", words, patterns)


def find_in_source(one: View, hits: Sequence[Hit], patterns: Patterns) -> Iterator[Found]:
    """Persons in a source text: family and given name without a gap, or with an honorific."""
    text = one.plain
    ends = {start: (end, name) for start, end, name in hits}
    for start, end, name in hits:
        after = ends.get(end)
        if after and name.family and after[1].given:
            yield _person(text, start, after[0], "name", "family and given name", patterns)
        for honorific in patterns.honorifics["source"]:
            if text.startswith(honorific, end):
                words = f"name with the honorific {honorific}"
                yield _person(text, start, end + len(honorific), "name", words, patterns)


def _full_name(
    text: str,
    end: int,
    name: Name,
    names: dict[int, tuple[int, Name]],
    patterns: Patterns,
) -> int | None:
    """Where the name ends that goes on after one blank with its other half."""
    if text[end : end + 1] != " ":
        return None
    if end + 1 in names:
        after, other = names[end + 1]
        fitting = (name.family and other.given) or (name.given and other.family)
        return after if fitting and not (name.elsewhere and other.elsewhere) else None
    following = _NEXT_WORD.match(text, end)
    least = 0.0 if name.elsewhere else _LEAST
    if following and _reads_as_name(following[1], patterns.romanization, least):
        return following.end()
    return None


def _reads_as_name(word: str, rule: Romanization | None, least: float) -> bool:
    """Whether a word may be half of a name that no list has: it reads so and is no other word."""
    if rule is None or not word[0].isupper():
        return False
    halves = [half.lower() for half in word.split("-")]
    syllables = [parsed for half in halves if (parsed := rule.parse(half))]
    if len(syllables) < len(halves) or rule.score(syllables) < least:
        return False
    # Min-jun: hyphenated, halves may be English words
    return len(halves) > 1 or not (
        is_known(word.lower(), rule.language) or word.lower() in rule.false_friends
    )


def _person(text: str, start: int, end: int, kind: str, words: str, patterns: Patterns) -> Found:
    reason = f"{text[start:end]}: {patterns.demonym} {words}"
    return Found(start, end, "person", PREFIX + kind, 1, reason)


@lru_cache(maxsize=8)
def _titles(titles: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(map(re.escape, titles))
    return re.compile(rf"(?<![^\W_])(?:{alternatives}) $" if titles else r"(?!)")


@lru_cache(maxsize=8)
def _honorific(honorifics: tuple[str, ...]) -> re.Pattern[str]:
    """A capitalised word, the joint, and the honorific."""
    alternatives = "|".join(map(re.escape, honorifics))
    if not alternatives:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![\w-])([A-Z][^\W\d_]*)([-\u2010\u2011 ])({alternatives})(?![\w-])")
