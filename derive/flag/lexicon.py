"""The lexicon of a source culture, ready to be searched for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError
from derive.locales import read_table
from derive.pack_rules import lexicon_forms


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of lexicon.csv: what it is (slot), how local (level 0 to 2), and a gloss for people."""

    entry: str
    slot: str
    level: int
    exact: bool
    pivot: str
    source: str
    gloss: str

    def reason(self) -> str:
        """Why a span of this entry is marked, for the mark and the worksheet."""
        other = f" ({self.source})" if self.source and self.source != self.pivot else ""
        return f"{self.pivot or self.source}{other}: {self.gloss}"


@dataclass(frozen=True)
class Lexicon:
    """Forms (case folded) to entries, for each side of the lexicon; and its entries by name."""

    pivot: dict[str, list[tuple[str, Entry]]]
    source: dict[str, list[tuple[str, Entry]]]
    entries: dict[str, Entry]


def load_lexicon(path: Path | None) -> Lexicon:
    """Read a lexicon; None gives an empty one. Raises DeriveError if a row does not fit."""
    lexicon = Lexicon({}, {}, {})
    if path is None:
        return lexicon
    rows, findings = read_table(path, "lexicon-entry")
    findings.refuse_errors("The lexicon has bad rows", f"mend {path}")
    for row in rows:
        entry = Entry(
            row["entry"],
            row["slot"],
            int(row["level"]),
            row["case"] == "exact",
            row["pivot"],
            row["source"],
            row["gloss"],
        )
        if entry.entry in lexicon.entries:
            raise DeriveError(f"Two entries {entry.entry!r}", where=path, fix="rename one")
        lexicon.entries[entry.entry] = entry
        for side, forms in (("pivot", lexicon.pivot), ("source", lexicon.source)):
            for form in lexicon_forms(row, side):
                forms.setdefault(form.lower(), []).append((form, entry))
    return lexicon
