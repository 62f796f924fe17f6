"""What can be wrong with a draft, told without a reference. Every draft is looked at.

How often each detector is wrong on people's good translations, and how often it finds what is
planted: tests/benchmarks/detectors.py. What is seen only beside the other drafts: peers.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import category

from derive import locales
from derive.assistant import Phrases, phrases
from derive.brackets import unbalanced
from derive.compare import crowded, end_lost, loop
from derive.findings import Finding, finding
from derive.identify import close_relative, other_language
from derive.languages import script
from derive.numerals import numbers_gone
from derive.protect import lost
from derive.pseudo import is_pseudo
from derive.text import shown
from derive.translate import lengths, names
from derive.translate.sentences import sentences_lost
from derive.translate.texts import Translated
from derive.wordlists import vocabulary
from derive.words import copied_words, is_name, is_phrase, read

TWICE = 16  # letters of what is a loop when it is said twice
COPIED_WORDS = 4  # in a row, from the source; in another script three stand out
LEFT_LETTERS = 5  # shorter words are the same by chance: come, fine, pay
_UNKNOWN = re.compile(r"<unk>|⁇|</s>|<pad>|<\|\w+\|>|\u2581|\w@@ |\[/?INST\]")
_LETTERS = re.compile(r"[^\W\d_]+")
_Marks = Collection[Mapping[str, Any]]  # rows of the table `marks`
STOPLESS = {"Thai", "Laoo", "Khmr", "Mymr"}  # scripts whose sentences end without a mark


@dataclass(frozen=True)
class DraftChecks:
    """The detectors for one pair of languages. Call it with a text and its translation.

    originals: the release's texts in comparable form; a draft must be none of them.
    """

    source_tag: str
    tag: str
    originals: Container[str]
    pack: locales.LocalePack
    ours: Phrases
    theirs: Phrases
    variety: re.Pattern[str] | None
    pair: lengths.Proportion | None

    @classmethod
    def of(cls, source_tag: str, tag: str, originals: Container[str] = ()) -> DraftChecks:
        """For texts in source_tag and drafts in tag (BCP-47). Raises DeriveError if a locale pack
        cannot be read."""
        pack = locales.load(tag)
        return cls(
            source_tag,
            tag,
            originals,
            pack,
            phrases(tag, source_tag, locales.ENGLISH),
            phrases(source_tag),
            _words(pack.variety.get("words", ()), script(tag)),
            lengths.proportion(source_tag, tag),
        )

    def __call__(self, source: str, made: Translated, marks: _Marks = ()) -> Iterator[Finding]:
        """The findings on the translation `made` of the text `source`, which has these marks."""
        draft = made.text
        if not draft.strip():
            yield finding("draft-empty", "no text came out")
            return
        if is_pseudo(draft) and not is_pseudo(source):
            yield finding("draft-pseudo", f"no translation: {shown(draft)}")
            return  # it is in no language, and too long
        yield from self._of_language(source, draft, marks)
        if made.truncated:
            yield finding("draft-truncated", "the model's longest output was reached")
        if said := loop(draft, source, TWICE) or crowded(draft, source):
            # a word may be said three times for emphasis
            sure = None if is_phrase(said) or f"{said} {said}" not in draft else "warning"
            yield finding("draft-repeats", f"repeats {shown(said)}", severity=sure)
        yield from self._of_size(source, draft)
        yield from self._of_losses(source, draft)
        if gone := names.lost(draft, marks, self.tag):
            yield finding("draft-name", f"not in the draft: {', '.join(map(shown, gone))}")
        if odd := unbalanced(draft, source, self.pack.punctuation.get("quotes", ())):
            yield finding("draft-quotes", f"opened or closed only: {' '.join(odd)}")
        yield from self._of_assistant(source, draft)
        if _UNKNOWN.search(draft) and not _UNKNOWN.search(source):
            yield finding("draft-unknown", "holds the mark for an unknown word, or another token")
        if made.fragments:
            message = "a sentence was too long or its protected parts got lost"
            yield finding("draft-fragments", message)

    def _of_language(self, source: str, draft: str, marks: _Marks) -> Iterator[Finding]:
        form = read(draft).form
        if form and form == read(source).form:
            yield finding("draft-same", f"the draft is the input: {shown(draft)}")
        elif form and form in self.originals:
            message = f"the draft is another text of the release: {shown(draft)}"
            yield finding("draft-same", message)
        elif other := other_language(draft, source, self.tag):
            sure = None if other[1] else "warning"
            yield finding("draft-language", f"looks like {other[0]}, not {self.tag}", severity=sure)
        elif relative := close_relative(draft, self.tag):
            message = f"may be {relative}, which is close to {self.tag}"
            yield finding("draft-language", message, severity="warning")
        else:
            yield from self._of_parts(source, draft, marks)

    def _of_parts(self, source: str, draft: str, marks: _Marks) -> Iterator[Finding]:
        """Parts of a draft that is on the whole in the right language."""
        latin = script(self.tag) == "Latn"
        shared = not set(read(source).cased).isdisjoint(read(draft).cased)
        if shared or not source.isascii():
            copied = copied_words(source, draft, COPIED_WORDS - (not latin))
        else:
            copied = ""
        if copied and not is_name(copied):
            yield finding("draft-copied", f"from the source: {shown(copied)}")
        elif latin and shared and (words := _longer_words(source) & _longer_words(draft)):
            # what is marked is of the source culture, and may well keep its name
            words -= {word for mark in marks for word in _LETTERS.findall(mark["surface"])}
            known = vocabulary(self.tag.partition("-")[0])  # normal is as good in Portuguese
            words = {word for word in words if word not in known}
            if words:
                message = f"as in the source: {', '.join(sorted(words))}"
                yield finding("draft-copied", message, severity="note")
        if self.variety and (found := self.variety.search(draft)):
            message = f"{shown(found[0])} is of {self.pack.variety['other']}"
            yield finding("draft-variety", message)

    def _of_size(self, source: str, draft: str) -> Iterator[Finding]:
        if length := lengths.unusual(source, draft, self.pair):
            yield finding("draft-length", length)
        if script(self.tag) in STOPLESS:
            return
        ends = end_lost(source, draft)
        missing = sentences_lost(source, draft, self.source_tag, self.tag)
        if not (ends or missing):
            return
        # people leave off the last full stop and join sentences; what is short has lost something
        severity = None if lengths.rather_short(source, draft, self.pair) else "note"
        if ends:
            yield finding("draft-end", f"ends with {shown(draft[-20:])}", severity=severity)
        if missing:
            message = f"{missing[1]} sentences of {missing[0]}"
            yield finding("draft-sentences", message, severity=severity)

    def _of_losses(self, source: str, draft: str) -> Iterator[Finding]:
        numbers = numbers_gone(source, draft, self.tag)
        plain = all(prose for _, prose in read(source).parts)
        gone = [] if plain else lost(source, draft)
        # an amount may be written otherwise, its number there: 250 dólares, 5 กก.
        written = [one for one in gone if not numbers and _is_amount(one, self.tag)]
        if hard := [one for one in gone if one not in written]:
            yield finding("draft-lost", f"not in the draft: {', '.join(map(shown, hard))}")
        if written:
            message = f"written otherwise? {', '.join(map(shown, written))}"
            yield finding("draft-lost", message, severity="note")
        for severity in (None, "warning", "note"):
            if missing := [number[:30] for number, how in numbers.items() if how == severity]:
                message = f"not in the draft: {', '.join(missing)}"
                yield finding("draft-number", message, severity=severity)

    def _of_assistant(self, source: str, draft: str) -> Iterator[Finding]:
        """A refusal or comment, unless the source is one. A source in a language without phrases
        may be one."""
        sure = None if self.theirs.refusal else "warning"
        if (said := self.ours.refuses(draft)) and not self.theirs.refuses(source):
            yield finding("draft-refusal", f"reads like a refusal: {shown(said)}", severity=sure)
        if (said := self.ours.comments(draft)) and not self.theirs.comments(source):
            yield finding("draft-comment", f"begins with {shown(said)}", severity=sure)


def _longer_words(text: str) -> set[str]:
    """Those of small letters, so no names, outside of addresses and the like. Many are the same in
    both languages: of people's translations, 5 % into Italian have one."""
    words = _LETTERS.findall(read(text).prose)
    return {word for word in words if len(word) >= LEFT_LETTERS and word.islower()}


def _is_amount(span: str, tag: str) -> bool:
    """Whether it is an amount of money, or a quantity that another script has a unit of its own
    for."""
    money = category(span[0]) == "Sc"
    return money or (span[0].isdigit() and "\u20e3" not in span and script(tag) != "Latn")


def _words(words: Iterable[str], written: str) -> re.Pattern[str] | None:
    """Any of the words; as a whole word in scripts with blanks between words."""
    if not words:
        return None
    any_of = "|".join(map(re.escape, words))
    return re.compile(any_of if written in ("Hans", "Hant") else rf"\b(?:{any_of})\b", re.I)
