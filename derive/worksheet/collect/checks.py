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
from functools import cache
from typing import Any

from derive.compare import end_lost, unusual_length
from derive.findings import Finding, finding
from derive.identify import identify
from derive.languages import script, territory
from derive.text import TEXT_FIELDS, comparable, shown
from derive.worksheet.collect.residue import Residue, money, numbers_gone
from derive.worksheet.collect.rows import (
    UNSPACED,
    copied_words,
    crossed,
    lost_spans,
    read,
    swapped,
    weight,
)
from derive.worksheet.collect.submissions import Content, Submission
from derive.worksheet.contract import Offer
from derive.worksheet.terms_list import TermChecker

COPIED_WORDS = 4  # in a row, from the pivot: fewer are names and quotations
ECHOED_WORDS = 10  # of the prompt in the response
CUT = 0.64  # of a text, for 70 % of the source's length to be 45 %
FIELDS = ("prompt", "response")
ADAPTED = ("modify", "replace")
Said = tuple[str, str, str | None]  # code, message, severity or None for the usual one
_CODES = {"Hans": ("gb2312", "big5"), "Hant": ("big5", "gb2312")}
_PLACEHOLDER = re.compile(
    r"\[[A-ZÀ-Ý][A-ZÀ-Ý0-9_ ]{2,}\]|<[A-ZÀ-Ý][A-ZÀ-Ý0-9_ ]{2,}>|\{\{?[^\W\d]\w*\}?\}|_{3,}"
    r"|(?<![A-Za-z0-9])(?:X{3,}|TBD|FIXME)(?![A-Za-z0-9])"
)
_BRACKETED = re.compile(
    r"[\[［][^\[\]［］\n]*[^\W\d_][^\[\]［］\n]*[\]］](?!\()"
)  # [text](address) is a link
_PAIRS = ("()", "[]", "{}", "「」", "『』", "【】", "《》")
_QUOTES = (
    "„“”‟",
    "«»",
    '"',
)  # „…“, “…”, ”…” and »…«, «…»: what opens differs, an even count is all
# a) 1) :) are no brackets; 5" and ארה"ב no quotations
_NO_BRACKET = re.compile(r"(?:(?<=\s)|^)\w{1,3}\)|[:;]-?[()]", re.MULTILINE)
_NO_QUOTE = re.compile(r"(?<=\d)\"|(?<=[\u05d0-\u05ea])\"(?=[\u05d0-\u05ea])")
_CONTACT = re.compile(r"(?<![\w/.,-])\+?\d[\d \u00a0().-]{1,18}\d(?!\s?[%٪‰°])(?![\w/%.,-]*\d)")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_HALTED = re.compile(r"[,;:،؛、，；：]\s*$")
_STOPLESS = {"Thai", "Laoo"}  # scripts whose sentences end without a mark
_SHORT_LOOP = re.compile(r"(.{3,8}?)\1\1", re.DOTALL)


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
    known_numbers: Collection[str] = ()

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
        yield from self._of_language(text, source)
        yield from _repeated(text, source)
        yield from _unfilled(text, source)
        if odd := _unbalanced(text, source):
            yield "text-quotes", f"opened or closed only: {' '.join(odd)}", None
        kept = content.decision == "transfer"
        if source:
            yield from self._compared(source, text, content.decision)
        row = self.items.get(item, {})
        sources = [row.get(one) or "" for one in TEXT_FIELDS]
        for code, message, severity in self.residue.check(item, text, sources):
            yield code, message, "note" if kept else severity
        yield from ((code, message, None) for code, message in self.terms.check(source, text))
        if name == "prompt" and kept and text == self.drafts.get((item, "prompt")):
            yield "draft-unchanged", "the draft as it was", None

    def _of_language(self, text: str, source: str) -> Iterator[Said]:
        seen = read(text)
        worded = any(map(str.isalpha, seen.prose))  # a sum or an address stays as it is
        if worded and (seen.form == read(source).form or seen.form in self.originals):
            yield "text-untranslated", f"is a text of the source: {shown(text)}", None
        elif other := _other_language(text, source, self.locale):
            yield "text-language", f"looks like {other}, not {self.locale}", None
        elif copied := copied_words(source, text, COPIED_WORDS):
            if identify(source, self.locale).matches:  # a pivot in the target's own language
                return
            rest = seen.unquoted.text
            free = copied_words(source, rest, COPIED_WORDS)
            severity = None if free and not _is_name(free) else "note"
            yield "text-copied", f"from the source: {shown(copied)}", severity

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
            yield "text-lost", message, None if gone else "warning"
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
            yield (
                "response",
                "response-unchanged",
                "the prompt is another, the response is the draft's",
            )
        if prompt and response and read(prompt).form == read(response).form:
            yield "response", "text-swapped", "prompt and response are the same text"
        elif swapped(prompt, response, *drafts):
            yield (
                "response",
                "text-swapped",
                "the prompt is like the draft of the response, and the other way",
            )
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
            forms = {form for one in offer.counterparts for form in _counterparts(one)}
            if offer.slot == "money":
                forms = forms.union(*money(territory(self.locale), (self.locale, "en")))
            for name in marked[:1] or ["prompt"]:
                text = getattr(content, name)
                if offer.counterparts and text and not any(_speaks_of(text, one) for one in forms):
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


def _other_language(text: str, source: str, locale: str) -> str:
    """What a text is in, if it is not the locale's language or script; else empty.

    Names that the source has too say nothing of a text's language, and are left out if it looks
    wrong. In Chinese the witnesses do not tell the scripts apart, but the characters do.
    """
    latin = script(locale) == "Latn"
    verdict = identify(text, locale)
    if script(locale) in _CODES:
        foreign = sum(_foreign(char, *_CODES[script(locale)]) for char in text)
        if foreign > 1 and foreign * 10 > sum(map(str.isalpha, text)):
            return f"another script than {script(locale)}"
        if verdict.seen.split("/")[0].split("-")[0] == "zh":
            return ""
    if verdict.matches is not False:
        return ""
    known = set(map(str.casefold, _LATIN_WORD.findall(source)))

    def name(match: re.Match[str]) -> str:
        mine = match[0].casefold() in known and (match[0][0].isupper() or not latin)
        return " " if mine else match[0]

    rest = _LATIN_WORD.sub(name, text)
    if rest == text:
        return verdict.seen
    again = identify(rest, locale)
    # hardly anything but names is left: then it is no text of the locale
    enough = again.matches is None and weight(rest) * 3 > weight(text)
    return "" if again.matches or enough else verdict.seen


@cache
def _foreign(char: str, own: str, other: str) -> bool:
    """Whether the other code for Chinese has the character and the own one has not."""
    return _coded(char, other) and not _coded(char, own)


def _coded(char: str, code: str) -> bool:
    try:
        char.encode(code)
    except UnicodeEncodeError:
        return False
    return True


def _is_name(words: str) -> bool:
    """Whether at least half of the words begin with a capital: University of the Arts London."""
    capitals = [word[0].isupper() for word in words.split()]
    return sum(capitals) * 2 >= len(capitals)


def _repeated(text: str, source: str) -> Iterator[Said]:
    """A phrase or sentence three times in a row; a single word may be so for emphasis."""
    # with a blank at both ends, as the last of three may have none after it
    said = _thrice(f" {text} ").strip()
    if said and not _thrice(f" {source} "):
        phrase = weight(said) >= 8 and (" " in said or UNSPACED.search(said))
        yield "text-repeats", f"repeats {shown(said)}", None if phrase else "note"


def _thrice(text: str) -> str:
    """The first three or more characters that stand three times in a row, but lines of dashes."""
    for match in _SHORT_LOOP.finditer(text):
        if comparable(match[1]):
            return match[1]
    last: dict[str, int] = {}
    for at in range(len(text) - 8):
        before = last.get(nine := text[at : at + 9])
        if (
            before is not None
            and text[before:at] == text[at : at + at - before]
            and comparable(nine)
        ):
            more = at + at - before
            if text[before:at] == text[more : more + at - before]:
                return text[before:at]
        last[nine] = at
    return ""


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


def _unbalanced(text: str, source: str) -> list[str]:
    """Brackets and quotes that open without closing, where the source's are in order."""

    def odd(text: str) -> list[str]:
        text = unicodedata.normalize("NFKC", read(text).prose)
        bare, plain = _NO_BRACKET.sub(" ", text), _NO_QUOTE.sub(" ", text)
        return [one for one in _PAIRS if bare.count(one[0]) != bare.count(one[1])] + [
            one
            for one in _QUOTES
            if sum(map(text.count, one)) % 2 and sum(map(plain.count, one)) % 2
        ]

    found = odd(text)
    return [one for one in found if one not in odd(source)] if found else []


def _counterparts(written: str) -> set[str]:
    """What a counterpart may be written as: `real (R$, BRL)` is `real`, `R$` or `BRL`."""
    head, _, rest = written.partition(" (")
    return {one for one in (head, *re.split(r"[,;/)]", rest)) if one.strip()}


def _speaks_of(text: str, form: str) -> bool:
    """Whether the text has the form, with up to three letters more at its end (polícias)."""
    form = re.escape(form.strip())
    if form[-1:].isalpha() and not UNSPACED.match(form[-1]):
        form += r"(?![^\W\d_]{4})"
    # an article or particle may be written onto the front
    start = r"(?<![^\W\d_])" if form < "\u0590" and form[0].isalpha() else ""
    return re.search(start + form, text, re.IGNORECASE) is not None
