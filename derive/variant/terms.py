"""The source's terms as code: no text of the original leaves, unless its licence lets it.

Each text of the variant is compared with every text of the source and of the pivot, by letters
alone (comparable form without digits) and without what must come through a translation unchanged:
addresses, placeholders, quantities, code. Found are

- equal texts; below EQUAL letters only a note is made of it: "OK" and "Sony" are nobody's;
- near ones: of a whole text or a sentence of the original, of SHORTEST letters at least, NEAR per
  cent of the n-grams stand close together in the text (overlap.likeness), or the other way round.
  In the original's own language people ask alike, the more so the shorter: there it takes
  NEAR + ALIKE / letters, which is 80 at 20 letters and 64 at 100, and a sentence of less than
  PHRASE letters is nobody's;
- any run of RUN letters that both have.

Names come through a translation as well: where little else is left of a sentence, or what is left
is not near, it is no leak. A wide character, of Japanese say, counts as 2.5 letters.

The thresholds were chosen by tests/benchmarks/leaks.py; more figures are in docs/variant.md. Of
25,497 comparisons of human translations into nine languages with English and with one another,
none is found at NEAR 55, the first at 50. Of 2,453 questions that others wrote in the same
language, 4.00 % are found at NEAR 60 alone, 0.45 % with ALIKE, 0.20 % with PHRASE.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from derive.findings import Finding, finding
from derive.languages import name, same_language
from derive.protect import fragments
from derive.text import TEXT_FIELDS, comparable, shown
from derive.variant.overlap import Index, likeness, weight

EQUAL = 10
SHORTEST = 20
RUN = 50
PHRASE = 30
NEAR = 60.0
ALIKE = 400.0
PIVOT_IS_ENGLISH = {"prompt_pivot": "en", "response_pivot": "en"}

_FENCED = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n.*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_ASCII = re.compile(r"[\x00-\x7f]+")
_DIGITS = re.compile(r"\d+")
_END = re.compile(r"""(?<=[.!?…])["'”’»)\]]*\s+|(?<=[。！？｡])["'”’»)）」』\]]*|\n+""")
_CASED = re.compile(r"[A-Za-z\u00aa-\u024f\u0370-\u052f\u1e00-\u1fff]+")  # Latin, Greek, Cyrillic
_LISTED = re.compile(r"[,;:]")
_NAME = 3  # words of a name, at most
_SIGN = re.compile(r"[{}\[\]()<>=;+*|\\^@_~`]")
_SIGNS, _DENSE = 4, 0.15  # signs of a line of code at least, and their share


def leaks(
    variant: Sequence[Mapping[str, Any]],
    items: pl.DataFrame,
    terms: Mapping[str, Any],
    *,
    languages: Mapping[str, str | None] = PIVOT_IS_ENGLISH,
) -> Iterator[Finding]:
    """A finding for each text of the variant that holds a text of the source or pivot, or nearly.

    variant: rows with id, prompt and response, and with locale where it is known. items: the table
    of that name. languages: of its text fields, to know where the variant is in the source's own.
    A note, not an error, where a text is equal but too short to be anyone's.
    """
    if terms["originals_may_be_republished"]:
        return
    texts = [(row, field) for row in variant for field in ("prompt", "response") if row[field]]
    locales = {row.get("locale") for row in variant}
    own = {
        field
        for field in TEXT_FIELDS
        if any(not one or same_language(one, languages.get(field) or "und") for one in locales)
    }
    found = _Originals(items, own).held_by([row[field] for row, field in texts])
    for number, leak in sorted(found.items()):
        row, field = texts[number]
        message = f"{leak.how}: {shown(leak.quote)}"
        language = languages.get(leak.field)
        if language and not leak.severity and same_language(row.get("locale") or "", language):
            message += (
                f"; the source's {name(language)} may not be republished, at level 0 either: "
                "word the item anew, or remove it"
            )
        yield finding(
            "source-in-variant", message, severity=leak.severity, item=row["id"], field=field
        )


@dataclass(frozen=True, slots=True)
class _Leak:
    """How a text was found, in which field of the items, and what to quote.

    share: per cent, and size: letters of the original that are in the text.
    """

    how: str
    field: str
    quote: str
    severity: str | None = None
    share: float = 100.0
    size: float = 0.0


class _Originals:
    """Every text of the source and the pivot, and what is looked for.

    texts: (item, field, text), in order. equals: from comparable form to the number of the first
    such text. sought: from the letters of a whole text to its number, and from those of a sentence
    that is no whole text to the number of the first text that has it.
    """

    def __init__(self, items: pl.DataFrame, own: Collection[str]) -> None:
        """own: fields that may be in the variant's own language."""
        self.own = own
        self.texts = sorted(
            (item, field, text)
            for field in TEXT_FIELDS
            for item, text in items.select("id", field).drop_nulls().rows()
        )
        self.equals: dict[str, int] = {}
        wholes: dict[str, int] = {}
        sentences: dict[str, int] = {}
        for number, (_, field, text) in enumerate(self.texts):
            self.equals.setdefault(comparable(text), number)
            *parts, whole = _units(text) or [""]
            wholes.setdefault(whole, number)
            for form in parts:
                if field not in own or weight(form) >= PHRASE:
                    sentences.setdefault(form, number)
        self.equals.pop("", None)
        wholes.pop("", None)
        self.sought = {**sentences, **wholes}

    def held_by(self, texts: Sequence[str]) -> dict[int, _Leak]:
        """Number of a text to what it holds of these; the most of several."""
        found: dict[int, _Leak] = {}
        looked_up: list[tuple[int, str, str]] = []
        for number, text in enumerate(texts):
            if equal := self._equal(text):
                found[number] = equal
            else:
                # what is in code may be a copy: both with it and without
                both = sorted({text, _bare(text)})
                looked_up += [(number, one, _letters(one)) for one in both]
        for at, unit in Index(list(self.sought)).near([form for _, _, form in looked_up]):
            number, text, form = looked_up[at]
            leak, before = self._near(text, form, unit), found.get(number)
            if leak and (not before or (leak.share, leak.size) > (before.share, before.size)):
                found[number] = leak
        return found

    def _equal(self, text: str) -> _Leak | None:
        """The leak of a text that reads the same as one of these."""
        number = self.equals.get(comparable(text))
        if number is None:
            return None
        item, field, original = self.texts[number]
        left = _bare(original)
        if field not in self.own:
            left = _without(left, _names(left))
        how = f"equals the {field} of {item}"
        if weight(_letters(left)) >= EQUAL:
            return _Leak(how, field, original)
        return _Leak(f"{how}, but is too short to be held back", field, original, "note")

    def _near(self, text: str, form: str, unit: str) -> _Leak | None:
        """The leak of a text that holds what is sought, or nearly. form, unit: their letters."""
        item, field, original = self.texts[self.sought[unit]]
        own = field in self.own
        if not (seen := _compared(unit, form, own)):
            return None
        quote = _units(original)[unit]
        if not own and (names := _names(quote)):
            rest = _letters(_without(quote, names))
            if not _compared(rest, _letters(_without(text, names)), own):
                return None
        how, share = seen
        part = "" if quote == original else "a sentence of "
        how = how.format(f"{part}the {field} of {item}")
        return _Leak(how, field, quote, share=share, size=min(weight(unit), weight(form)))


def _compared(unit: str, form: str, own: bool) -> tuple[str, float] | None:
    """How a text is found by its letters, with {} for the original, and the share of n-grams.

    own: both are in the same language.
    """
    sought, text = sorted((unit, form), key=lambda one: (weight(one), one))
    if weight(sought) < SHORTEST:
        return None
    least = NEAR + own * ALIKE / weight(sought)
    share, run = likeness(sought, text, least)
    if share < least and weight(run) < RUN:
        return None
    if run == sought:
        return ("contains {}" if sought == unit else "is a part of {}"), share
    if share >= least:
        return f"is near {{}} ({share:.0f} % of its character sequences)", share
    return f"has {len(run)} characters in a row of {{}}", share


def _letters(text: str) -> str:
    """Comparable form without digits: numbers come through a translation as they are."""
    return _DIGITS.sub("", comparable(text))


def _bare(text: str) -> str:
    """The text without what must come through a translation unchanged.

    Of code, addresses and quantities, what is no ASCII stays: a comment in Japanese is a text.
    """
    text = _FENCED.sub(lambda match: _ASCII.sub(" ", match[0]) + "\n", text)
    lines = (_ASCII.sub(" ", one) if _is_code(one) else one for one in text.split("\n"))
    parts = fragments("\n".join(lines))
    return "".join(part if free else _ASCII.sub(" ", part) for part, free in parts)


def _is_code(line: str) -> bool:
    """Whether a line has as many signs as only code has."""
    signs = len(_SIGN.findall(line))
    return signs >= _SIGNS and signs >= _DENSE * len(line.replace(" ", ""))


def _units(text: str) -> dict[str, str]:
    """What is looked for of a text, from its letters: the whole, and its sentences of SHORTEST
    letters at least. Shorter ones that follow one another are taken together."""
    units: dict[str, str] = {}
    bare = _bare(text)
    short = ""
    for sentence in [*_END.split(bare), ""]:
        long = weight(_letters(sentence)) >= SHORTEST
        for part in (short, sentence) if long or not sentence else ():
            units.setdefault(_letters(part), part.strip())
        short = "" if long else f"{short} {sentence}"
    units[_letters(bare)] = text
    return {form: part for form, part in units.items() if weight(form) >= SHORTEST}


def _names(text: str) -> set[str]:
    """The names in it, case folded, as far as capital letters tell: words inside a sentence, and
    lists of names. A heading in which every word has one tells nothing."""
    names: set[str] = set()
    for sentence in _END.split(text):
        words = _CASED.findall(sentence)
        capital = {one.casefold() for one in words[1:] if one[0].isupper() and one != "I"}
        if any(map(str.islower, words)) or not sentence.isascii():
            names |= capital
        elif all(len(_CASED.findall(part)) <= _NAME for part in _LISTED.split(sentence)):
            names |= {one.casefold() for one in words}
    return names


def _without(text: str, words: Collection[str]) -> str:
    return _CASED.sub(lambda match: " " if match[0].casefold() in words else match[0], text)
