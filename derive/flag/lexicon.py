"""The lexicon of a source culture, ready to be searched for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError
from derive.flag.search import fold
from derive.locales import read_table
from derive.pack_rules import lexicon_forms

# shorter romanizations are words of other languages as often as not
_ROMANIZATION_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of lexicon.csv: what it is (slot), how local (level 0 to 2), and a gloss for people.

    own: whether it is of the project's own lexicon, which wins over the package's. aliases: its
    other forms in the pivot.
    """

    entry: str
    slot: str
    level: int
    exact: bool
    pivot: str
    source: str
    gloss: str
    own: bool = False
    aliases: str = ""

    def reason(self) -> str:
        """Why a span of this entry is marked, for the mark and the worksheet."""
        other = f" ({self.source})" if self.source and self.source != self.pivot else ""
        return f"{self.pivot or self.source}{other}: {self.gloss}"


@dataclass(frozen=True)
class Lexicon:
    """Forms (folded) to entries, for each side of the lexicon; and its entries by name."""

    pivot: dict[str, list[tuple[str, Entry]]]
    source: dict[str, list[tuple[str, Entry]]]
    entries: dict[str, Entry]


def load_lexicon(path: Path | None, own: Path | None = None) -> Lexicon:
    """Read a lexicon, and a project's own over it; None gives an empty one.

    A row of the own lexicon takes the place of the package's row of the same entry, and its forms
    win over any other entry's: with level 0 it mutes them. Raises DeriveError for a bad row.
    """
    rows = {name: (row, False) for name, row in _rows(path)}
    rows |= {name: (row, True) for name, row in _rows(own)}
    lexicon = Lexicon({}, {}, {})
    for row, is_own in rows.values():
        entry = Entry(
            row["entry"],
            row["slot"],
            int(row["level"]),
            row["case"] == "exact",
            row["pivot"],
            row["source"],
            row["gloss"],
            is_own,
            row["pivot_aliases"],
        )
        lexicon.entries[entry.entry] = entry
        for side, forms in (("pivot", lexicon.pivot), ("source", lexicon.source)):
            for form in lexicon_forms(row, side):
                form = unicodedata.normalize("NFC", form)
                forms.setdefault(fold(form), []).append((form, entry))
    written = set(lexicon.pivot)
    for row, _ in rows.values():
        for form in _derived(row):
            # a form that somebody wrote down is never taken for another's plural
            if fold(form) not in written:
                owner = (form, lexicon.entries[row["entry"]])
                lexicon.pivot.setdefault(fold(form), []).append(owner)
    return lexicon


def _rows(path: Path | None) -> Iterator[tuple[str, dict[str, str]]]:
    if path is None:
        return
    rows, findings = read_table(path, "lexicon-entry")
    findings.refuse_errors("The lexicon has bad rows", f"mend {path}")
    seen: set[str] = set()
    for row in rows:
        if row["entry"] in seen:
            raise DeriveError(f"Two entries {row['entry']!r}", where=path, fix="rename one")
        seen.add(row["entry"])
        yield row["entry"], row


def _derived(row: dict[str, str]) -> Iterator[str]:
    """Plurals of the pivot forms, and the romanization with and without its long vowels."""
    exact = row["case"] == "exact"
    for form in lexicon_forms(row, "pivot"):
        if row["slot"] not in ("person", "place") and form[-1:].isascii() and form[-1:].islower():
            yield _plural(form)
    romanized = unicodedata.normalize("NFC", row["romanization"].strip())
    if exact or sum(map(str.isalpha, romanized)) < _ROMANIZATION_LETTERS:
        return
    yield romanized
    yield "".join(
        char for char in unicodedata.normalize("NFD", romanized) if not unicodedata.combining(char)
    )


def _plural(form: str) -> str:
    if form.endswith(("s", "x", "z", "ch", "sh")):
        return f"{form}es"
    if form.endswith("y") and form[-2:-1] not in "aeiou":
        return f"{form[:-1]}ies"
    return f"{form}s"
