"""What a locale pack's rows and facts must fulfil beyond their schemas; used by locales.check."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from derive import languages
from derive.findings import Finding, finding

Numbered = list[tuple[int, dict[str, str]]]
# what a regular expression has and no name: "What?", "WinMart+", "R$" and "^o^" are names
_PATTERN = re.compile(
    r"""\\ | \| | \(\? | \.[*+] | \.\?\w     # escapes, choices, groups, any letter
    | [\])][*+?] | \{\d+(,\d*)?\}            # something again and again
    | \w\[[^\]]*\] | \[[^\]]*\]\w | \w\?\w  # one of some letters, or none
    | ^\^[^\W_][^^]*$ | [a-z)\]]\$$          # where a line begins and ends
    """,
    re.VERBOSE,
)
FILL_IN = "FILL IN"  # what a new pack says where a person must write
COUNTERPARTS = 60  # rows with which a pack begins to be of use
# what a machine must never put in place of another: a person decides
NEVER_SWAPPED = ("group", "religion", "history")
_FACTS = ("agency", "law", "document", "exam", "service", "money")


def check_facts(document: Mapping[str, Any], file: str) -> Iterator[Finding]:
    """locale.toml: script and direction are those of the tag, dates have been."""
    tag = document["tag"]
    for key, right in (("script", languages.script(tag)), ("direction", languages.direction(tag))):
        if document.get(key, right) != right:
            message = f"{key} = {document[key]!r}: CLDR has {right!r} for {tag}"
            yield finding("pack-invalid", message, file=file, field=key)
    money, punctuation = document.get("money", {}), document.get("punctuation", {})
    waiting = [key for key, value in document.items() if value == FILL_IN]
    waiting += ["punctuation.quotes"] if FILL_IN in punctuation.get("quotes", ()) else []
    waiting += ["money.rates"] if money and not money["rates"] else []
    for key in waiting:
        yield finding("pack-invalid", f"{key} is not filled in yet", file=file, field=key)
    if message := _bad_date(money.get("checked", "")):
        yield finding("pack-invalid", message, file=file, field="money.checked")


def check_extent(
    tag: str, labels: Mapping[str, str], english: Mapping[str, str], counterparts: int
) -> Iterator[Finding]:
    """What a pack to derive into still lacks. labels: its own; english: those it falls back on;
    counterparts: how many rows it has of them."""
    left = sum(labels.get(name, label) == label for name, label in english.items())
    # a word may be the same in two languages
    if not languages.same_language(tag, "en") and left > len(english) / 10:
        message = f"{left} of {len(english)} labels are English still"
        yield finding("pack-english", message, file="locale.toml", field="labels")
    if counterparts < COUNTERPARTS:
        message = f"{counterparts} counterparts; a worksheet wants {COUNTERPARTS} to begin with"
        yield finding("pack-few", message, file="counterparts.csv")


def lexicon_forms(row: Mapping[str, str], side: str) -> list[str]:
    """The forms of a lexicon row in the pivot or in the source language: side "pivot", "source"."""
    forms = [row[side], *row[f"{side}_aliases"].split("|")]
    return [form.strip() for form in forms if form.strip()]


def check_lexicon(rows: Numbered, file: str, _: Mapping[str, str]) -> Iterator[Finding]:
    """Entries and forms must be unique: which of two would a mark name? And they are literals."""
    for side in ("entry", "pivot", "source"):
        owners: dict[str, tuple[int, str]] = {}
        for number, row in rows:
            place: dict[str, Any] = {"file": file, "row": number, "item": row["entry"]}
            for form in [row["entry"]] if side == "entry" else lexicon_forms(row, side):
                owner, entry = owners.setdefault(form.casefold(), (number, row["entry"]))
                if owner != number:
                    message = f"{form!r} belongs to {entry} already (row {owner})"
                    yield finding("pack-invalid", message, field=side, **place)
                # a choice in brackets falls apart where aliases are separated
                if _PATTERN.search(form) or form.count("(") != form.count(")"):
                    message = (
                        f"{form!r} looks like a regular expression: write the words themselves"
                    )
                    yield finding("pack-invalid", message, **place)


def check_counterparts(rows: Numbered, file: str, entries: Mapping[str, str]) -> Iterator[Finding]:
    """entries: the lexicon entries there are, to their slots."""
    seen: dict[tuple[str, str, str], int] = {}
    unchecked = 0
    for number, row in rows:
        place: dict[str, Any] = {"file": file, "row": number}
        if FILL_IN in (row["counterpart"], row["english"]):
            yield finding("pack-invalid", f"not filled in yet: {row['note']}", **place)
            continue
        if row["entry"] and row["entry"] not in entries:
            message = f"there is no lexicon entry {row['entry']!r}"
            yield finding("pack-invalid", message, field="entry", **place)
        elif row["entry"] and entries[row["entry"]] != row["slot"]:
            message = f"the entry {row['entry']!r} is of the slot {entries[row['entry']]!r}"
            yield finding("pack-invalid", message, field="slot", **place)
        if row["english"] and row["slot"] in NEVER_SWAPPED:
            message = f"a {row['slot']} is not swapped by a machine: leave `english` empty"
            yield finding("pack-invalid", message, field="english", **place)
        key = (row["slot"], row["entry"], row["counterpart"].casefold())
        if first := seen.get(key):
            message = f"says the same as row {first}"
            yield finding("pack-invalid", message, field="counterpart", **place)
        seen.setdefault(key, number)
        is_fact = row["slot"] in _FACTS or re.search(r"\d", row["counterpart"])
        if not row["source"] and (is_fact or row["checked"]):
            yield finding("pack-unsourced", "a fact needs its source", field="source", **place)
        unchecked += bool(is_fact and not row["checked"])
        yield from _check_date(row, place)
    if unchecked:
        message = f"{unchecked} of {len(rows)} rows hold facts not compared with their source yet"
        yield finding("pack-unchecked", message, file=file)


def check_resources(rows: Numbered, file: str, _: Mapping[str, str]) -> Iterator[Finding]:
    """A contact has a date that has been, and stands there once."""
    seen: dict[tuple[str, str], int] = {}
    for number, row in rows:
        place: dict[str, Any] = {"file": file, "row": number}
        yield from _check_date(row, place)
        key = (row["name"].casefold(), row["contact"])
        if first := seen.get(key):
            message = f"says the same as row {first}"
            yield finding("pack-invalid", message, field="contact", **place)
        seen.setdefault(key, number)


def _check_date(row: Mapping[str, str], place: Mapping[str, Any]) -> Iterator[Finding]:
    if message := _bad_date(row["checked"]):
        yield finding("pack-invalid", message, field="checked", **place)


def _bad_date(written: str) -> str:
    """What is wrong with an ISO date; empty if nothing is."""
    if not written:
        return ""
    try:
        date = datetime.date.fromisoformat(written)
    except ValueError:
        return f"{written!r} is no date"
    # a day more: it may be tomorrow already where it was checked
    latest = datetime.date.today() + datetime.timedelta(days=1)
    return f"{written} is in the future" if date > latest else ""
