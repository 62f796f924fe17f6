"""Checks on people's texts, without a reference and offline: the same for every format.

A number or an address that is lost is an error in a translated text (`transfer`) and a note in an
adapted one, where it may have been changed on purpose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.compare import end_lost, loop, numbers_lost, unusual_length
from derive.findings import Finding, finding
from derive.identify import identify
from derive.protect import fragments, lost
from derive.text import comparable, shown
from derive.worksheet.collect.residue import Residue
from derive.worksheet.collect.submissions import Content, Submission
from derive.worksheet.contract import Offer
from derive.worksheet.terms_list import TermChecker

FIELDS = ("prompt", "response")
COPIED_WORDS = 5  # in a row, from the pivot: fewer are names and quotations
ECHOED_WORDS = 12  # of the prompt in the response
_UNFILLED = re.compile(
    r"\[[A-ZÀ-Ý][A-ZÀ-Ý0-9_ ]{2,}\]|<[A-ZÀ-Ý][A-ZÀ-Ý0-9_ ]{2,}>|_{3,}|\b(?:X{3,}|TODO|TBD|FIXME)\b"
)
_PAIRS = ("()", "[]", "{}", "“”", "«»", "「」", "『』", "（）", "【】")
_WORD = re.compile(r"[^\W\d_]+")
_CONTACT = re.compile(r"(?<![\w/.,-])\+?\d[\d \u00a0().-]{1,18}\d(?![\w/%.,-]*\d)")


@dataclass(frozen=True)
class TextChecks:
    """The checks of one project. Call it with a content and the submission it came with.

    items: rows of the table `items` by ID. drafts: texts by (item, field). offers: the
    counterparts of each item's marks. known_numbers: the digits of the locale's contacts and
    counterparts. originals: the release's texts in comparable form.
    """

    locale: str
    items: Mapping[str, Mapping[str, Any]]
    drafts: Mapping[tuple[str, str], str]
    offers: Mapping[str, Sequence[Offer]]
    residue: Residue
    originals: Container[str] = ()
    terms: TermChecker = field(default_factory=lambda: TermChecker([]))
    known_numbers: Container[str] = ()

    def __call__(self, content: Content, one: Submission) -> list[Finding]:
        """The findings on a content's texts, prompt first."""
        if content.decision == "remove":
            return []
        found = []
        for name in FIELDS:
            text = getattr(content, name)
            if text:
                found += [
                    finding(code, message, severity=severity, field=name, **one.where())
                    for code, message, severity in self._of_text(name, text, content, one.item)
                ]
        found += [
            finding(code, message, field=name, **one.where())
            for name, code, message in self._of_both(content, one.item)
        ]
        return found

    def source(self, item: str, name: str) -> str:
        """What a text translates: the pivot, or the source where there is none."""
        row = self.items.get(item)
        return "" if row is None else row[f"{name}_pivot"] or row[name] or ""

    def _of_text(
        self, name: str, text: str, content: Content, item: str
    ) -> Iterator[tuple[str, str, str | None]]:
        """(code, message, severity or None for the usual one) of one text."""
        source = self.source(item, name)
        form = comparable(text)
        if form and (form == comparable(source) or form in self.originals):
            yield "text-untranslated", f"is a text of the source: {shown(text)}", None
        else:
            verdict = identify(text, self.locale)
            if verdict.matches is False:
                yield "text-language", f"looks like {verdict.seen}, not {self.locale}", None
            elif copied := copied_words(source, text, COPIED_WORDS):
                yield "text-copied", f"from the source: {shown(copied)}", None
        if repeated := loop(text, source):
            yield "text-repeats", f"repeats {shown(repeated)}", None
        if (gap := _UNFILLED.search(text)) and gap[0] not in source:
            yield "text-placeholder", f"still to be filled: {shown(gap[0])}", None
        if odd := _unbalanced(text, source):
            yield "text-quotes", f"opened or closed only: {' '.join(odd)}", None
        kept = content.decision == "transfer"
        if kept and source:
            yield from _compared(source, text)
        elif source:
            changed = [*lost(source, text), *numbers_lost(source, text)]
            if changed and content.decision == "modify":
                yield "number-changed", f"no longer there: {', '.join(changed[:5])}", None
        for code, message in self.residue.check(item, text):
            yield code, message, "note" if kept else None
        yield from ((code, message, None) for code, message in self.terms.check(source, text))
        if name == "prompt" and kept and text == self.drafts.get((item, "prompt")):
            yield "draft-unchanged", "the draft as it was", None

    def _of_both(self, content: Content, item: str) -> Iterator[tuple[str, str, str]]:
        """(field, code, message) of what prompt and response say of one another."""
        prompt, response = content.prompt, content.response
        drafts = [self.drafts.get((item, name), "") for name in FIELDS]
        adapted = content.decision in ("modify", "replace")
        if adapted and response and response == drafts[1] and prompt != drafts[0]:
            yield (
                "response",
                "response-unchanged",
                "the prompt is another, the response is the draft's",
            )
        if prompt and response and comparable(prompt) == comparable(response):
            yield "response", "text-swapped", "prompt and response are the same text"
        elif _swapped(prompt, response, *drafts):
            yield (
                "response",
                "text-swapped",
                "the prompt is like the draft of the response, and the other way",
            )
        if echo := copied_words(prompt, response, ECHOED_WORDS):
            yield "response", "response-echo", f"repeats the request: {shown(echo)}"
        if content.decision == "modify" and prompt:
            for offer in self.offers.get(item, ()):
                if offer.counterparts and not any(
                    _head(one) in prompt.casefold() for one in offer.counterparts
                ):
                    message = f"{offer.surface}: none of {'; '.join(offer.counterparts)}"
                    yield "prompt", "counterpart-unused", message
        unsourced = self._unsourced(content, item)
        if unsourced:
            yield (
                "response",
                "number-unsourced",
                f"in no contact of the locale: {', '.join(unsourced)}",
            )

    def _unsourced(self, content: Content, item: str) -> list[str]:
        """Telephone numbers and the like that neither the locale pack nor the row explains."""
        row = self.items.get(item, {})
        near = " ".join(
            [
                content.prompt,
                content.evidence,
                *(self.drafts.get((item, one), "") for one in FIELDS),
            ]
            + [str(row.get(one) or "") for one in ("prompt_pivot", "response_pivot", "response")]
        )
        explained = set(contacts(near))
        return [
            number
            for number in contacts(content.response)
            if number not in explained and number not in self.known_numbers
        ]


def contacts(text: str) -> list[str]:
    """The digits of what may be telephone numbers: three or more, but no year."""
    found = ("".join(filter(str.isdigit, one[0])) for one in _CONTACT.finditer(text))
    return [
        one for one in found if len(one) >= 3 and not (len(one) == 4 and "1500" <= one < "2200")
    ]


def _compared(source: str, text: str) -> Iterator[tuple[str, str, str | None]]:
    """What a text that only translates must have in common with its source."""
    if gone := lost(source, text):
        yield "text-lost", f"not in the text: {', '.join(map(shown, gone))}", None
    if missing := numbers_lost(source, text):
        # a number of one digit is often spelt out, rightly
        severity = "note" if all(len(number) == 1 for number in missing) else None
        yield "text-number", f"not in the text: {', '.join(missing)}", severity
    if length := unusual_length(source, text):
        yield "text-length", length, None
    if end_lost(source, text):
        yield "text-end", f"ends with {shown(text[-20:])}", None


def copied_words(source: str, text: str, least: int) -> str:
    """The longest run of at least `least` words of the source in the text, case folded."""
    words, others = (
        _WORD.findall(" ".join(part for part, plain in fragments(one) if plain).casefold())
        for one in (source, text)
    )
    if len(words) < least or len(others) < least:
        return ""
    runs = {tuple(words[at : at + least]) for at in range(len(words) - least + 1)}
    hits = [at for at in range(len(others) - least + 1) if tuple(others[at : at + least]) in runs]
    return " ".join(others[hits[0] : hits[0] + least]) if hits else ""


def _unbalanced(text: str, source: str) -> list[str]:
    """Brackets and quotes that open without closing, where the source's are in order."""
    return [
        pair
        for pair in _PAIRS
        if text.count(pair[0]) != text.count(pair[1])
        and source.count(pair[0]) == source.count(pair[1])
    ]


def overlap(one: str, two: str) -> float:
    """The share of one text's longer words that the other has, 0 to 1."""
    first, second = Counter(pieces(one)), Counter(pieces(two))
    return (first & second).total() / first.total() if first else 0.0


def pieces(text: str) -> list[str]:
    """Words of more than three letters; pieces of three letters in a script without blanks."""
    words = _WORD.findall(text.casefold())
    if words and sum(map(len, words)) / len(words) > 12:
        joined = "".join(words)
        return [joined[at : at + 3] for at in range(max(1, len(joined) - 2))]
    return [word for word in words if len(word) > 3]


def _swapped(prompt: str, response: str, draft_prompt: str, draft_response: str) -> bool:
    """Whether each text is clearly nearer to the other's draft than to its own."""
    if not all((prompt, response, draft_prompt, draft_response)):
        return False
    crossed = min(overlap(prompt, draft_response), overlap(response, draft_prompt))
    straight = max(overlap(prompt, draft_prompt), overlap(response, draft_response))
    return crossed > 0.5 and crossed > straight + 0.25


def _head(counterpart: str) -> str:
    """The counterpart without what stands in brackets: `real (R$, BRL)` is `real`."""
    return counterpart.split(" (")[0].strip().casefold()
