"""A new locale pack: a folder with what CLDR knows filled in, and the rest marked as to be done."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from derive import languages, locales
from derive.errors import DeriveError
from derive.files import read_text, write_text
from derive.pack_rules import FILL_IN

_RIGHT_QUOTES = ["“”", "‘’"]
# what every pack should have a counterpart of: slot, and what is asked for
WANTED = (
    ("agency", "the tax agency"),
    ("agency", "the police"),
    ("agency", "labour inspection"),
    ("service", "the emergency number"),
    ("document", "the national identity document"),
    ("law", "public health insurance"),
    ("law", "the state pension"),
    ("exam", "the university entrance exam"),
    ("school", "the university that everybody knows as hard to get into"),
    ("place", "the capital"),
    ("place", "the second city"),
    ("app", "the messaging app most people use"),
    ("app", "a site to sell used things"),
    ("person", "a common family name"),
    ("person", "a common given name of a woman"),
    ("person", "a common given name of a man"),
    ("crime", "organised crime as people call it"),
    ("crime", "the telephone scam in which a caller pretends to be a relative"),
    ("group", "minorities who meet discrimination (for people's judgement only)"),
    ("holiday", "the main family holiday"),
)


def new_pack(tag: str, home: Path) -> list[Path]:
    """Write a pack's skeleton to home/<tag>/ and return its files.

    Facts of CLDR (Babel) are filled in; what a person must write says FILL IN, and is wrong for
    `derive locales check` until it does not. Raises DeriveError if the folder is there.
    """
    tag = languages.canonical(tag)
    path = home / tag
    if path.exists():
        raise DeriveError("There is a pack already", where=path, fix="change it, or name another")
    english = locales.load(locales.ENGLISH)
    if english.guide is None:
        raise DeriveError("The English pack has no guide", where=english.path, fix="install again")
    files = {
        "locale.toml": _locale(tag, english),
        "counterparts.csv": _counterparts(tag),
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
        "punctuation": {"quotes": _RIGHT_QUOTES, "sentence_end": ".!?…"},
        "sheets": dict(english.sheets),
        "labels": dict(english.labels),
        "frame": dict(english.frame),
    }
    return tomli_w.dumps(document, multiline_strings=False)


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


def _counterparts(tag: str) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["slot", "entry", "counterpart", "english", "note", "source", "checked"])
    for slot, wanted in WANTED:
        rows.writerow([slot, "", FILL_IN, "", wanted, "", ""])
    return text.getvalue()
