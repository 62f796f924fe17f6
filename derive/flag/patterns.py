"""What gives a source culture away besides its lexicon: rules, names, romanization; all data.

patterns.toml of the source culture's pack (schema/patterns.schema.json) and that of the pivot's,
which holds what is of the pivot language and of no culture: deixis, titles, words for kinds of
things, and the weights from marks to levels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from derive import languages, locales, schemas
from derive.errors import DeriveError
from derive.flag.level import LevelModel
from derive.flag.romanization import Romanization, load_romanization
from derive.flag.search import fold
from derive.locales import LocalePack

PREFIX = "pattern:"  # begins the entry of a mark that no entry of the lexicon stands behind


@dataclass(frozen=True)
class Rule:
    """A regular expression of one kind of evidence, for the pivot or for the source language.

    entry: the lexicon's entry whose mark it widens (yen: 10,000 yen); empty if there is none.
    """

    kind: str
    side: str
    slot: str
    level: int
    regex: str
    reason: str
    entry: str = ""
    exact: bool = False

    @cached_property
    def expression(self) -> str:
        """As Python and polars (Rust) both understand it."""
        return self.regex if self.exact else f"(?i:{self.regex})"

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.expression)

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        """What is marked: the group `span` if there is one, the rest being what stands beside."""
        return match.span("span" if "span" in self.compiled.groupindex else 0)


@dataclass(frozen=True, slots=True)
class Name:
    """A name of persons. elsewhere: whether it is a name or a word in other cultures too."""

    family: bool
    given: bool
    elsewhere: bool


@dataclass(frozen=True)
class Patterns:
    """All of it. names, honorifics: by side, `pivot` or `source`; names by their folded form.

    elsewhere: names and adjectives of other countries. heads: of a slot, the pivot's words for such
    things. stopwords: words that identify nothing.
    """

    demonym: str = ""
    rules: tuple[Rule, ...] = ()
    names: Mapping[str, Mapping[str, Name]] = field(default_factory=dict)
    honorifics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    romanization: Romanization | None = None
    heads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stopwords: frozenset[str] = frozenset()
    level: LevelModel = field(default_factory=LevelModel)


NO_PATTERNS = Patterns()


def load_patterns(pack: LocalePack | None) -> Patterns:
    """The patterns of a source culture with those of the pivot. Raises DeriveError."""
    pivot = locales.load(locales.ENGLISH).patterns
    own = pack.patterns if pack else None
    shared = read(pivot) if pivot else {}
    document = read(own) if own else {}
    names = document.get("names", {})
    lost = shared.get("lost", {})
    return Patterns(
        document.get("demonym", ""),
        tuple(rule_of(one) for one in (*shared.get("rules", ()), *document.get("rules", ()))),
        load_names(own.parent / names["file"]) if own and names else {},
        {side: tuple(names.get("honorifics", {}).get(side, ())) for side in ("pivot", "source")},
        tuple(shared.get("titles", ())),
        _elsewhere(pack, document.get("demonym", ""), shared.get("demonyms", ())),
        load_romanization(document["romanization"], own.parent)
        if own and "romanization" in document
        else None,
        {slot: frozenset(words) for slot, words in lost.get("heads", {}).items()},
        frozenset(lost.get("stopwords", ())),
        LevelModel.read(_merged(shared.get("level", {}), document.get("level", {}))),
    )


def read(path: Path) -> Mapping[str, Any]:
    """A patterns.toml, checked against its schema. Raises DeriveError."""
    document = schemas.read_toml(path, "patterns", "mend the locale pack")
    for number, rule in enumerate(document.get("rules", ()), 1):
        try:
            re.compile(rule["regex"])
        except re.error as error:
            raise DeriveError(
                f"Rule {number} ({rule['kind']}): not a regular expression: {error}",
                where=path,
                fix="mend the rule",
            ) from None
    return document


def files_of(path: Path | None) -> list[Path]:
    """A patterns.toml and the files it names. Raises DeriveError if it is not one."""
    if path is None:
        return []
    document = read(path)
    named = (document.get("names", {}).get("file"), document.get("romanization", {}).get("weights"))
    return [path, *(path.parent / name for name in named if name)]


def _merged(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    weights = {**shared.get("weights", {}), **own.get("weights", {})}
    return {**shared, **own, **({"weights": weights} if weights else {})}


def _elsewhere(pack: LocalePack | None, demonym: str, demonyms: Iterable[str]) -> frozenset[str]:
    if pack is None:
        return frozenset()
    own = {demonym.casefold(), languages.territory_name(pack.tag).casefold()}
    names = {*languages.countries(pack.tag), *demonyms}
    # South Korean is not elsewhere for Korea
    return frozenset(name for name in names if not own & set(_ends(name.casefold())))


def _ends(name: str) -> list[str]:
    words = name.split()
    return [" ".join(words[at:]) for at in range(len(words))]


def rule_of(row: Mapping[str, Any]) -> Rule:
    """A row of the table `rules`."""
    return Rule(
        row["kind"],
        row["side"],
        row["slot"],
        row["level"],
        row["regex"],
        row["reason"],
        row.get("entry", ""),
        row.get("case", "any") == "exact",
    )


def load_names(path: Path) -> dict[str, dict[str, Name]]:
    """A pack's names.csv, by side. Raises DeriveError if a row does not fit."""
    names: dict[str, dict[str, Name]] = {"pivot": {}, "source": {}}
    for row in locales.rows_of(path, "name"):
        name = Name(row["kind"] == "family", row["kind"] == "given", row["elsewhere"] == "yes")
        for side, text in (("pivot", row["name"]), ("source", row["source"])):
            for form in filter(None, (one.strip() for one in text.split("|"))):
                known = names[side].get(fold(form), name)  # some are both: Mori, Aoi
                names[side][fold(form)] = Name(
                    known.family or name.family,
                    known.given or name.given,
                    known.elsewhere or name.elsewhere,
                )
    return names
