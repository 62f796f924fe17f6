"""Checks on people's texts, without a reference and offline: the same for every format.

A number or an address that is lost is an error in a translated text (`transfer`) and a note in an
adapted one, where it may have been changed on purpose. How often each check is wrong on good
translations, and how often it finds what it should: tests/benchmarks/checks.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.brackets import unbalanced
from derive.compare import end_lost, loop, unusual_length
from derive.findings import Finding, finding
from derive.identify import identify, other_language
from derive.languages import script, territory
from derive.numerals import numbers_gone
from derive.terminology import TermChecker
from derive.text import TEXT_FIELDS, shown
from derive.words import copied_words, is_name, is_phrase, lost_spans, read
from derive.worksheet.collect.residue import Residue, money, speaks_of, spellings
from derive.worksheet.collect.rows import crossed, swapped
from derive.worksheet.collect.submissions import Content, Submission
from derive.worksheet.contract import Offer

COPIED_WORDS = 4  # in a row, from the pivot: fewer are names and quotations
ECHOED_WORDS = 10  # of the prompt in the response
LONG = 40  # letters from which the witnesses of a language are sure
CUT = 0.64  # of a text, for 70 % of the source's length to be 45 %
FIELDS = ("prompt", "response")
ADAPTED = ("modify", "replace")
Said = tuple[str, str, str | None]  # code, message, severity or None for the usual one
_PLACEHOLDER = re.compile(
    r"\[[A-ZÀ-Ý][A-ZÀ-Ý0-9_ ]{2,}\]|<[A-ZÀ-Ý][A-ZÀ-Ý0-9_ ]{2,}>|\{\{?[^\W\d]\w*\}?\}|_{3,}"
    r"|(?<![A-Za-z0-9])(?:X{3,}|TBD|FIXME)(?![A-Za-z0-9])"
)
_BRACKETED = re.compile(  # [text](address) is a link
    r"[\[［](?=[^\[\]［］\n]{0,60}[^\W\d_])[^\[\]［］\n]{1,60}[\]］](?!\()"
)
_CONTACT = re.compile(r"(?<![\w/.,-])\+?\d[\d \u00a0().-]{1,18}\d(?!\s?[%٪‰°])(?![\w/%.,-]*\d)")
_HALTED = re.compile(r"[,;:،؛、，；：]\s*$")
_STOPLESS = {"Thai", "Laoo"}  # scripts whose sentences end without a mark


@dataclass(frozen=True)
class TextChecks:
    """The checks of one project. Call it with a content and the submission it came with.

    items: rows of the table `items` by ID. drafts: texts by (item, field). offers: the
    counterparts of each item's marks. known_numbers: the digits of the locale's contacts and
    counterparts. originals: the release's texts in comparable form. alternatives: the machine's
    other texts, as the drafts.
    """

    locale: str
    items: Mapping[str, Mapping[str, Any]]
    drafts: Mapping[tuple[str, str], str]
    offers: Mapping[str, Sequence[Offer]]
    residue: Residue
    originals: Container[str] = ()
    terms: TermChecker = field(default_factory=lambda: TermChecker([]))
    known_numbers: Collection[str] = ()
    alternatives: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)

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

    def _of_text(self, name: str, text: str, content: Content, item: str) -> Iterator[Said]:
        source = self.source(item, name)
        row = self.items.get(item, {})
        yield from self._of_language(text, source, row.get(name) or "")
        yield from _repeated(text, source)
        yield from _unfilled(text, source)
        if odd := unbalanced(text, source):
            yield "text-quotes", f"opened or closed only: {' '.join(odd)}", None
        kept = content.decision == "transfer"
        if source:
            yield from self._compared(source, text, content.decision)
        sources = [row.get(one) or "" for one in TEXT_FIELDS]
        for code, message, severity in self.residue.check(item, text, sources):
            yield code, message, "note" if kept else severity
        yield from ((code, message, None) for code, message in self.terms.check(source, text))
        if name == "prompt" and kept and text == self.drafts.get((item, "prompt")):
            yield "draft-unchanged", "the draft as it was", None

    def _of_language(self, text: str, source: str, original: str) -> Iterator[Said]:
        seen = read(text)
        # among letters of another script, fewer words of the source stand out
        least = COPIED_WORDS if script(self.locale) == "Latn" else COPIED_WORDS - 1
        worded = any(map(str.isalpha, seen.prose))  # a sum or an address stays as it is
        if worded and (seen.form == read(source).form or seen.form in self.originals):
            yield "text-untranslated", f"is a text of the source: {shown(text)}", None
            return
        if other := other_language(text, source, self.locale):
            message = f"looks like {other[0]}, not {self.locale}"
            yield "text-language", message, None if other[1] else "warning"
            return
        for origin in dict.fromkeys((source, original)):
            copied = copied_words(origin, text, least)
            if not copied or identify(origin, self.locale).matches:  # the pivot may be in it, too
                continue
            free = copied_words(origin, seen.unquoted.text, least)
            severity = None if free and not is_name(free) else "note"
            yield "text-copied", f"from the source: {shown(copied)}", severity
            return

    def _compared(self, source: str, text: str, decision: str) -> Iterator[Said]:
        """What a text must have in common with its source, if it only translates."""
        gone, soft = lost_spans(source, text)
        numbers = numbers_gone(source, text, self.locale)
        if decision != "transfer":
            changed = [*gone, *soft, *numbers]
            if changed and decision in ADAPTED:
                yield "number-changed", f"no longer there: {', '.join(changed[:5])}", None
            return
        if gone or soft:
            message = f"not in the text: {', '.join(map(shown, [*gone, *soft]))}"
            yield "text-lost", message, None if gone else "note"
        for severity in (None, "warning", "note"):
            missing = [number[:30] for number, how in numbers.items() if how == severity]
            if missing:
                yield "text-number", f"not in the text: {', '.join(missing)}", severity
        if length := unusual_length(source, text):
            yield "text-length", length, None
        if script(self.locale) not in _STOPLESS and (
            end_lost(source, text) or (_HALTED.search(text) and not _HALTED.search(source))
        ):
            # many a translator leaves off the last full stop: only a short text may have been cut
            short = unusual_length(source, text[: round(len(text) * CUT)])
            yield "text-end", f"ends with {shown(text[-20:])}", None if short else "note"

    def _of_both(self, content: Content, item: str) -> Iterator[tuple[str, str, str]]:
        """(field, code, message) of what prompt and response say of one another."""
        prompt, response = content.prompt, content.response
        drafts = [self.drafts.get((item, name), "") for name in FIELDS]
        sources = [self.source(item, name) for name in FIELDS]
        adapted = content.decision in ADAPTED
        if adapted and response and response == drafts[1] and prompt != drafts[0]:
            message = "the prompt is another, the response is the draft's"
            yield "response", "response-unchanged", message
        if prompt and response and read(prompt).form == read(response).form:
            yield "response", "text-swapped", "prompt and response are the same text"
        elif swapped(prompt, response, *drafts):
            message = "the prompt is like the draft of the response, and the other way"
            yield "response", "text-swapped", message
        elif content.decision != "replace" and crossed(prompt, response, *sources):
            yield "response", "text-swapped", "length or question mark fit the other source"
        if echo := copied_words(prompt, response, ECHOED_WORDS):
            yield "response", "response-echo", f"repeats the request: {shown(echo)}"
        if content.decision == "modify":
            yield from self._unused(content, item)
        if unsourced := self._unsourced(content, item):
            message = f"in no contact of the locale: {', '.join(unsourced)}"
            yield "response", "number-unsourced", message

    def _unused(self, content: Content, item: str) -> Iterator[tuple[str, str, str]]:
        """Marks whose counterparts are all missing where the mark was."""
        for offer in self.offers.get(item, ()):
            marked = [name for name in FIELDS if offer.surface in self.source(item, name)]
            forms = {form for one in offer.counterparts for form in spellings(one)}
            if offer.slot == "money":
                forms = forms.union(*money(territory(self.locale), (self.locale, "en")))
            for name in marked[:1] or ["prompt"]:
                text = getattr(content, name)
                if offer.counterparts and text and not any(speaks_of(text, one) for one in forms):
                    message = f"{offer.surface}: none of {'; '.join(offer.counterparts)}"
                    yield name, "counterpart-unused", message

    def _unsourced(self, content: Content, item: str) -> list[str]:
        """Telephone numbers and the like that neither the locale pack nor the row explains."""
        found = contacts(content.response)
        if not found:
            return []
        row = self.items.get(item, {})
        near = [content.prompt, content.evidence]
        near += [self.drafts.get((item, one), "") for one in FIELDS]
        near += [str(row.get(one) or "") for one in TEXT_FIELDS if one != "prompt"]
        explained = {*contacts(" \n ".join(near)), *self.known_numbers}
        return [one for one in found if not any(_same_number(one, two) for two in explained)]


def contacts(text: str) -> list[str]:
    """The digits of what may be telephone numbers: three or more, but no year and no money."""
    found = []
    for match in _CONTACT.finditer(text):
        digits = "".join(str(unicodedata.digit(char)) for char in match[0] if char.isdigit())
        year = len(digits) == 4 and "1500" <= digits < "2200"
        before = text[: match.start()].rstrip()[-1:]
        if len(digits) >= 3 and not year and not (before and unicodedata.category(before) == "Sc"):
            found.append(digits)
    return found


def _same_number(one: str, two: str) -> bool:
    """Whether two telephone numbers are one: with the country's code, the area's, or without."""
    short, long = sorted((one.lstrip("0"), two.lstrip("0")), key=len)
    return one == two or (len(short) >= 6 and long.endswith(short))


def _repeated(text: str, source: str) -> Iterator[Said]:
    """A phrase or sentence three times in a row; a single word may be so for emphasis."""
    if said := loop(text, source):
        yield "text-repeats", f"repeats {shown(said)}", None if is_phrase(said) else "note"


def _unfilled(text: str, source: str) -> Iterator[Said]:
    """A gap that somebody was to fill, but not where the source has such a one."""
    gaps = _PLACEHOLDER.findall(text)
    if gaps and len(gaps) > len(_PLACEHOLDER.findall(source)):
        new = next((gap for gap in gaps if gap not in source), gaps[0])
        yield "text-placeholder", f"still to be filled: {shown(new)}", None
        return
    gaps = _BRACKETED.findall(text)
    if len(gaps) > len(_BRACKETED.findall(source)):
        yield "text-placeholder", f"still to be filled? {shown(gaps[0])}", "warning"
