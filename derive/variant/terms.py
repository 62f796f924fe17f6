"""The source's terms as code: no text of the original leaves, unless its licence lets it.

Each text of the variant is compared with every text of the source and of the pivot, by letters
alone (comparable form without digits) and without what must come through a translation unchanged
(addresses, placeholders, quantities, code; a comment in Japanese inside code counts). Found are

- equal texts; below EQUAL letters only a note is made of it: "OK" and "Sony" are nobody's;
- contained ones: a whole text or sentence of the original in a text of the variant, or a text of
  the variant in the original, from SHORTEST letters on; and from RUN letters on, any run of them.
  A sentence that COMMON different texts have, and that is shorter than RUN, is a phrase;
- near ones: NEAR + NEAR_SHORT / letters per cent of a sentence's n-grams stand close together in
  the other text (overlap.likeness). The shorter, the more: 80 at 20 letters, 64 at 100.

A wide character, of Japanese say, counts as 2.5 letters: in the data below a text has 41 letters in
English, 15 characters in Chinese and 17 in Korean, in the middle of the order.

The figures were measured by tests/benchmarks/leaks.py. False alarms in percent of the texts:
translations = MultiJail's in 9 languages beside its English and one another, 25,497 comparisons;
independent = three English datasets beside one another, 2,453 questions; own = half of
Do-Not-Answer, which is made of patterns, beside the other half. Copies found in percent: 1 or 3
words changed in Do-Not-Answer's questions of 8 words and in AILuminate's of 20, in the middle.

TABLE
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
from derive.variant.overlap import Parts, Whole, likeness, weight

EQUAL = 10
SHORTEST = 20
RUN = 50
NEAR, NEAR_SHORT = 60.0, 400.0
NEAR_FOREIGN = 65.0
COMMON = 3
PIVOT_IS_ENGLISH = {"prompt_pivot": "en", "response_pivot": "en"}

_FENCED = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n.*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_ASCII = re.compile(r"[\x00-\x7f]+")
_DIGITS = re.compile(r"\d+")
_END = re.compile(r"""(?<=[.!?…])["'”’»)\]]*\s+|(?<=[。！？｡])["'”’»)）」』\]]*|\n+""")


def leaks(
    variant: Sequence[Mapping[str, Any]],
    items: pl.DataFrame,
    terms: Mapping[str, Any],
    *,
    languages: Mapping[str, str | None] = PIVOT_IS_ENGLISH,
) -> Iterator[Finding]:
    """A finding for each text of the variant that holds a text of the source or pivot, or nearly.

    variant: rows with id, prompt and response, and with locale where it is known. items: the table
    of that name. languages: of its fields, to tell who writes in the source's own language why a
    text is refused. A note, not an error, where a text is equal but too short to be anyone's.
    """
    if terms["originals_may_be_republished"]:
        return
    texts = [(row, field, row[field]) for row in variant for field in ("prompt", "response")]
    texts = [one for one in texts if one[2]]
    locales = {row.get("locale") for row in variant}
    own = {
        field
        for field in TEXT_FIELDS
        if any(not one or same_language(one, languages.get(field) or "und") for one in locales)
    }
    originals = _Originals(items, own)
    for number, leak in sorted(_found([text for _, _, text in texts], originals).items()):
        row, field, text = texts[number]
        message = f"{leak.how}: {shown(leak.quote or text)}"
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
    """How a text was found, in which field of the items; and what to quote, if not the text."""

    how: str
    field: str
    quote: str = ""
    severity: str | None = None


class _Originals:
    """Every text of the source and the pivot, and what is looked for.

    texts: (item, number of the field, text), in order. forms: the letters of each. equals: from
    comparable form, sentences: from the letters of a sentence or short text, and sought: from
    those of a sentence or whole text, to the number of the first text that has it.
    """

    def __init__(self, items: pl.DataFrame, own: Collection[str]) -> None:
        """own: fields that may be in the variant's own language."""
        self.own = {TEXT_FIELDS.index(field) for field in own}
        self.texts = sorted(
            (item, TEXT_FIELDS.index(field), text)
            for field in TEXT_FIELDS
            for item, text in items.select("id", field).drop_nulls().rows()
        )
        self.forms: list[str] = []
        self.equals: dict[str, int] = {}
        holders: dict[str, list[int]] = {}
        for number, (_, _, text) in enumerate(self.texts):
            self.equals.setdefault(comparable(text), number)
            form, units = _units(text)
            self.forms.append(form)
            for unit in set(units):
                holders.setdefault(unit, []).append(number)
        self.equals.pop("", None)
        wholes = {one: number for number, one in reversed([*enumerate(self.forms)])}
        self.sentences = {
            unit: numbers[0]
            for unit, numbers in holders.items()
            if unit in wholes or not self.is_common(unit, numbers)
        }
        self.sought = self.sentences | {
            form: number for form, number in wholes.items() if weight(form) >= SHORTEST
        }

    def is_common(self, unit: str, numbers: Sequence[int]) -> bool:
        """Whether so many different texts have it that it is a phrase, and nobody's sentence."""
        return weight(unit) < RUN and len({self.forms[one] for one in numbers}) >= COMMON

    def is_own(self, unit: str) -> bool:
        """Whether it may be in the variant's own language."""
        return self.texts[self.sought[unit]][1] in self.own

    def leak(self, how: str, number: int, quote: str = "", severity: str | None = None) -> _Leak:
        """A leak of a text. how: with {} for the place of the original."""
        item, field, _ = self.texts[number]
        where = f"the {TEXT_FIELDS[field]} of {item}"
        return _Leak(how.format(where), TEXT_FIELDS[field], quote, severity)

    def leak_of(self, how: str, unit: str) -> _Leak:
        """A leak of what is sought; quotes it as the original has it."""
        number = self.sought[unit]
        text = self.texts[number][2]
        if unit == self.forms[number]:
            return self.leak(how, number, text)
        quote = next((one for one in _sentences(text) if _letters(one) == unit), text)
        return self.leak(how.format("a sentence of {}"), number, quote)


def _found(texts: Sequence[str], originals: _Originals) -> dict[int, _Leak]:
    """Number of the text to its leak; the plainest of several."""
    found: dict[int, _Leak] = {}
    forms: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        if (equal := originals.equals.get(comparable(text))) is not None:
            note = None if weight(originals.forms[equal]) >= EQUAL else "note"
            how = "equals {}" + (", but is too short to be held back" if note else "")
            found[number] = originals.leak(how, equal, severity=note)
        else:
            for form in {_letters(text), _units(text)[0]}:
                if weight(form) >= SHORTEST:
                    forms.setdefault(form, []).append(number)
    for step in (_containing, _contained, _near):
        searched = sorted(
            form for form, numbers in forms.items() if found.keys().isdisjoint(numbers)
        )
        for form, leak in step(searched, originals).items():
            found |= dict.fromkeys(forms[form], leak)
    return found


def _containing(forms: Sequence[str], originals: _Originals) -> dict[str, _Leak]:
    """Those that hold an original or a sentence of one; the longest is told."""
    best: dict[str, str] = {}
    for number, unit in Whole(list(originals.sought)).inside(forms):
        held = best.get(forms[number], "")
        best[forms[number]] = max(held, unit, key=lambda one: (weight(one), one))
    return {form: originals.leak_of("contains {}", unit) for form, unit in best.items()}


def _contained(forms: Sequence[str], originals: _Originals) -> dict[str, _Leak]:
    """Those that are a part of an original."""
    holders: dict[str, list[int]] = {}
    for original, form in Whole(forms).inside(originals.forms):
        holders.setdefault(form, []).append(original)
    return {
        form: originals.leak("is a part of {}", min(numbers))
        for form, numbers in holders.items()
        if not originals.is_common(form, numbers)
    }


def _near(forms: Sequence[str], originals: _Originals) -> dict[str, _Leak]:
    """Those that nearly hold a sentence of an original, or are nearly a part of one."""
    best: dict[str, tuple[float, str, str]] = {}
    for number, unit in Parts(list(originals.sentences)).near(forms):
        form = forms[number]
        sought, text = sorted((unit, form), key=lambda one: (weight(one), one))
        share, run = likeness(sought, text, NEAR)
        least = NEAR + NEAR_SHORT / weight(sought)
        if not originals.is_own(unit):
            least = min(least, NEAR_FOREIGN)
        share = share if share >= least else 0.0
        if share or weight(run) >= RUN:
            best[form] = max(best.get(form, (0.0, "", "")), (share, run, unit))
    found = {}
    for form, (share, run, unit) in best.items():
        how = f"is near {{}} ({share:.0f} % of its character sequences)"
        if not share:
            how = f"has {len(run)} letters in a row of {{}}"
        found[form] = originals.leak_of(how, unit)
    return found


def _letters(text: str) -> str:
    """Comparable form without digits: numbers come through a translation as they are."""
    return _DIGITS.sub("", comparable(text))


def _sentences(text: str) -> list[str]:
    """The text's sentences without what must come through a translation unchanged.

    Of code, addresses and quantities, what is no ASCII stays: a comment in Japanese is a text.
    """
    text = _FENCED.sub(lambda match: _ASCII.sub(" ", match[0]) + "\n", text)
    kept = [part if free else _ASCII.sub(" ", part) for part, free in fragments(text)]
    return _END.split("".join(kept))


def _units(text: str) -> tuple[str, list[str]]:
    """The text's letters, and its sentences' where they are long enough to be looked for.

    Short sentences that follow one another are taken together.
    """
    units = []
    short = ""
    forms = [_letters(one) for one in _sentences(text)]
    for form in forms:
        if weight(form) < SHORTEST:
            short += form
        else:
            units += [short, form]
            short = ""
    return "".join(forms), [one for one in (*units, short) if weight(one) >= SHORTEST]
