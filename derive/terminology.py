"""The project's terms: which word stands for which, where a text has them, and whether its
translation does."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Literal, NamedTuple

from derive import protect
from derive.files import hash_json


@dataclass(frozen=True, slots=True)
class Term:
    """What is said for a word of the source; a word may have several terms, its synonyms."""

    source: str  # never blank
    target: str  # never blank; the source itself if it stays as it is
    note: str = ""  # for people
    forbidden: bool = False  # True: this target is not to be used
    case: bool = False  # True: upper and lower case matter, in source and target


# scripts that put no space between words, and Hangul, where particles are written onto the word
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u318f"
    "\u31f0-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)


class TermChecker:
    """Finds terms in many texts. Made once: that is where the work is done.

    Texts and terms are compared with white space collapsed, sources in NFKC (full width or half
    makes no difference), targets in NFC. A word is whole if letters, digits or marks go on at
    neither end; in scripts without spaces it is so anywhere. Words are not inflected.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._allowed: dict[str, list[_Entry]] = defaultdict(list)
        self._forbidden: list[_Entry] = []
        terms = list(terms)
        self.signature = hash_json([list(map(str, astuple(term))) for term in terms])
        for term in terms:
            entry = _Entry(term, _Text(term.source, "NFKC"), _Text(term.target, "NFC"))
            if term.forbidden:
                self._forbidden.append(entry)
            elif entry.source.folded:
                self._allowed[entry.source.folded].append(entry)
        self._order = {folded: number for number, folded in enumerate(self._allowed)}

    def __bool__(self) -> bool:
        return bool(self._allowed or self._forbidden)

    def check(self, source: str, target: str) -> list[tuple[str, str]]:
        """What is wrong with a translation: (kind, message), in the order of the terms.

        term-missing: the source has a term as a whole word, not within a longer one, and the
        target none of those it may become (in a word will do: `polícias` for `polícia`).
        term-forbidden: the target has a forbidden one as a whole word, whatever the source has.
        """
        found: list[tuple[str, str]] = []
        if not self:
            return found
        target_text = _Text(target, "NFC")
        asked: defaultdict[str, list[_Entry]] = defaultdict(list)
        for _, _, entries in self._places(source):
            asked[entries[0].source.folded] += entries
        for folded in sorted(asked, key=self._order.__getitem__):
            entries = list(dict.fromkeys(asked[folded]))
            if not any(target_text.has(one.target, one.term.case) for one in entries):
                names = " or ".join(f"“{one.term.target}”" for one in entries)
                message = f"“{entries[0].term.source}” is to be {names}"
                found.append(("term-missing", message))
        for term, _, unwanted in self._forbidden:
            if unwanted.folded in target_text.folded and target_text.has_word(unwanted, term.case):
                note = f": {term.note}" if term.note else ""
                message = f"“{term.target}” is not to be used for “{term.source}”{note}"
                found.append(("term-forbidden", message))
        return found

    def _places(self, source: str) -> list[tuple[int, int, list[_Entry]]]:
        """Where a text has terms that are allowed, start and end, and those that fit there; of two
        places that overlap the first, of two that begin together the longer one. A part of an
        address, of code or the like is no term (see protect)."""
        text = _Text(source, "NFKC")
        # nearly always there is none, and this is quick
        near = [entries for folded, entries in self._allowed.items() if folded in text.folded]
        if not near:
            return []
        origins = _origins(source, text)
        found: defaultdict[tuple[int, int], list[_Entry]] = defaultdict(list)
        for entry in (entry for entries in near for entry in entries):
            at = origins.of_plain if entry.term.case else origins.of_folded
            for start, end in text.words(entry.source, entry.term.case):
                found[at[start], at[end]].append(entry)
        protected = protect.places(source) if found else []
        places: list[tuple[int, int, list[_Entry]]] = []
        for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
            before = bisect_right(protected, (start, len(source)))
            around = protected[before - 1] if before else (0, 0)
            inside = end <= around[1] and around != (start, end)
            if not inside and (not places or start >= places[-1][1]):
                places.append((start, end, found[start, end]))
        return places

    def put(self, source: str, form: Callable[[str], str] = str) -> str:
        """The text with each term's target in its place, in the given form.

        Of several targets the first one is put. A target in the place of a text's first word gets
        its capital, unless case matters in it.
        """
        parts: list[str] = []
        at = 0
        for start, end, entries in self._places(source):
            first, target = entries[0].term, entries[0].term.target
            if not source[:start].strip() and source[start].isupper() and not first.case:
                target = target[:1].upper() + target[1:]
            parts += [source[at:start], form(target)]
            at = end
        return "".join([*parts, source[at:]])


class _Text:
    """A text as it is compared, with and without case."""

    __slots__ = ("folded", "plain")

    def __init__(self, text: str, form: _Form) -> None:
        self.plain = " ".join(unicodedata.normalize(form, text).split())
        self.folded = self.plain.casefold()

    def has(self, other: _Text, case: bool) -> bool:
        return other.plain in self.plain if case else other.folded in self.folded

    def has_word(self, other: _Text, case: bool) -> bool:
        return any(True for _ in self.words(other, case))

    def words(self, other: _Text, case: bool) -> Iterator[tuple[int, int]]:
        """Where it is a whole word: positions in `plain` with case, else in `folded`."""
        text, word = (self.plain, other.plain) if case else (self.folded, other.folded)
        start = text.find(word) if word else -1
        while start >= 0:
            end = start + len(word)
            before, after = text[start - 1 : start], text[end : end + 1]  # "" where it ends
            if not _joined(before, word[0]) and not _joined(word[-1], after):
                yield start, end
            start = text.find(word, start + 1)


_Form = Literal["NFC", "NFKC"]


class _Entry(NamedTuple):
    term: Term
    source: _Text
    target: _Text


class _Origins(NamedTuple):
    """For each character of a _Text, and for its end, where in the text as written it begins."""

    of_plain: Sequence[int]
    of_folded: Sequence[int]


def _origins(text: str, normal: _Text) -> _Origins:
    if normal.plain == text and len(normal.folded) == len(text):  # nearly always
        return _Origins(range(len(text) + 1), range(len(text) + 1))
    plain: list[int] = []
    folded: list[int] = []
    blank = True  # white space is collapsed, and none stands at the beginning
    for start, cluster in _clusters(text):
        for char in cluster:
            if char.isspace() and blank:
                continue
            blank = char.isspace()
            plain.append(start)
            folded += [start] * len((" " if blank else char).casefold())
    if not blank:  # the last word ends where the blank after it begins, or the text ends
        plain.append(len(text))
        folded.append(len(text))
    return _Origins(plain, folded)


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """What is normalized together: where it begins, and its normal form (NFKC)."""
    start = 0
    for at, char in enumerate(text):
        if at == start or unicodedata.combining(char):
            continue
        before, alone = (_nfkc(one) for one in (text[start:at], char))
        if _nfkc(text[start : at + 1]) == before + alone:
            yield start, before
            start = at
    yield start, _nfkc(text[start:])


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _joined(*neighbours: str) -> bool:
    """Whether both are there and of a kind that makes up words with spaces around them."""
    return all(
        char
        and (char.isalnum() or char in "_\u200c\u200d" or unicodedata.category(char)[0] == "M")
        and not _UNSPACED.match(char)
        for char in neighbours
    )
