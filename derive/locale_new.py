"""A new locale pack: a folder with what CLDR knows filled in, and the rest marked as to be done."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

from derive import languages, locales
from derive.errors import DeriveError
from derive.files import read_text, write_text
from derive.pack_rules import FILL_IN, NEVER_SWAPPED

_CLDR = "https://cldr.unicode.org/"
# what is wanted beside counterparts of the lexicon's entries: slot, and what is asked for
WANTED = (
    ("service", "the emergency number"),
    ("person", "a common given name of a woman"),
    ("person", "a common given name of a man"),
    ("group", "minorities who meet discrimination (for people's judgement only)"),
    ("holiday", "the main family holiday"),
)
# which marks are right is not in Babel's part of CLDR, and English ones would be wrong for most
_COMMENTS = {
    "quotes = [": '# pairs of quotation marks, the outer pair first, as ["«»", "“”"]',
    "[money.rates]": "# one unit of a source's currency in this one, to one digit, as JPY = 0.03",
}


def new_pack(tag: str, home: Path) -> list[Path]:
    """Write a pack's skeleton to home/<tag>/ and return its files.

    Facts of CLDR (Babel) are filled in, and the entries that the packs there are have counterparts
    of; what a person must write says FILL IN, and is wrong for `derive locales check` until it does
    not. Raises DeriveError if there is a pack of the tag.
    """
    tag = languages.canonical(tag)
    path = home / tag
    there = path if path.exists() else locales.path_of(tag)
    if there:
        raise DeriveError(f"There is a pack {tag} already", where=there, fix="change that one")
    english = locales.load(locales.ENGLISH)
    if english.guide is None:
        raise DeriveError("The English pack has no guide", where=english.path, fix="install again")
    files = {
        "locale.toml": _locale(tag, english),
        "counterparts.csv": _counterparts(),
        "resources.csv": "name,contact,hours,harms,source,checked\n",
        "guide.md.j2": read_text(english.guide),
    }
    for name, text in files.items():
        write_text(path / name, text)
    return [path / name for name in files]


def _locale(tag: str, english: locales.LocalePack) -> str:
    import tomli_w

    document: dict[str, Any] = {
        "schema": 1,
        "tag": tag,
        "title": languages.name(tag),
        "name": languages.name(tag, tag),
        "script": languages.script(tag),
        "direction": languages.direction(tag),
        "address": FILL_IN,
        "guide": "guide.md.j2",
        "counterparts": "counterparts.csv",
        "resources": "resources.csv",
        "numbers": _numbers(tag),
        "punctuation": {"sentence_end": ".!?…", "quotes": [FILL_IN]},
        **_money(tag),
        "sheets": dict(english.sheets),
        "labels": dict(english.labels),
        "frame": dict(english.frame),
    }
    text = tomli_w.dumps(document, multiline_strings=False)
    for line, comment in _COMMENTS.items():
        text = text.replace(f"\n{line}", f"\n{comment}\n{line}")
    return text


def _numbers(tag: str) -> dict[str, str]:
    from babel import Locale, UnknownLocaleError

    try:
        known = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return {"decimal": ".", "group": ",", "date": "y-MM-dd"}
    symbols = known.number_symbols.get("latn") or next(iter(known.number_symbols.values()))
    return {
        "decimal": symbols["decimal"],
        "group": symbols["group"],
        "date": known.date_formats["short"].pattern,
    }


def _money(tag: str) -> dict[str, Any]:
    """The table `money` with the territory's currency today; nothing if CLDR knows none."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_currency_name, get_territory_currencies

    found = get_territory_currencies(languages.territory(tag))
    if not found:
        return {}
    try:
        name = get_currency_name(found[0], count=10, locale=Locale.parse(tag, sep="-"))
    except (UnknownLocaleError, ValueError):
        name = found[0]
    english = get_currency_name(found[0], count=10, locale="en")
    money = {"currency": found[0], "name": name, "english": english}
    return {"money": {**money, "source": _CLDR, "checked": "", "rates": {}}}


def _counterparts() -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["slot", "entry", "counterpart", "english", "note", "source", "checked"])
    for slot, entry, note in _offered():
        english = "" if slot in NEVER_SWAPPED else FILL_IN
        rows.writerow([slot, entry, FILL_IN, english, note, "", ""])
    for slot, wanted in WANTED:
        rows.writerow([slot, "", FILL_IN, "", wanted, "", ""])
    return text.getvalue()


def _offered() -> list[tuple[str, str, str]]:
    """Slot, entry and meaning of what most packs swap, in the order of their slots."""
    packs = [locales.load(tag) for tag in locales.tags()]
    offered: Counter[str] = Counter()
    for pack in packs:
        rows = locales.rows_of(pack.counterparts, "counterpart")
        offered.update({row["entry"] for row in rows if row["entry"] and row["english"]})
    most = max(offered.values(), default=0)
    entries = [row for pack in packs for row in locales.rows_of(pack.lexicon, "lexicon-entry")]
    return sorted(
        (row["slot"], row["entry"], f"{row['pivot'] or row['source']}: {row['gloss']}")
        for row in entries
        if most and offered[row["entry"]] == most
    )
