"""Locale packs: what one region brings, as a typed value. The data are under locales/<tag>/."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from derive import schemas
from derive.errors import DeriveError
from derive.files import read_text
from derive.findings import Finding, Findings, finding
from derive.languages import canonical, direction, name
from derive.pack_rules import (
    Numbered,
    check_counterparts,
    check_extent,
    check_facts,
    check_lexicon,
    check_resources,
)
from derive.resources import folder

_FACTS = ("name", "address", "numbers", "labels", "sheets", "words", "money", "punctuation",
          "assistant", "variety", "function_words", "frame", "models")  # fmt: skip
ENGLISH = "en"  # the pack with the guide and the labels that every locale can fall back on


@dataclass(frozen=True)
class LocalePack:
    """One region's pack. A file it does not have is None.

    labels: a worksheet column's machine name to what people read above it. words: a decision or
    verdict to the word that people of the locale may write for it. The others are as
    schema/locale-pack.schema.json says.
    """

    tag: str
    title: str
    path: Path | None = None
    model: Path | None = None
    lexicon: Path | None = None
    patterns: Path | None = None
    guide: Path | None = None
    counterparts: Path | None = None
    resources: Path | None = None
    name: str = ""
    address: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    money: Mapping[str, Any] = field(default_factory=dict)
    punctuation: Mapping[str, Any] = field(default_factory=dict)
    assistant: Mapping[str, Sequence[str]] = field(default_factory=dict)
    variety: Mapping[str, Any] = field(default_factory=dict)
    function_words: Sequence[str] = ()
    frame: Mapping[str, str] = field(default_factory=dict)
    models: Sequence[Mapping[str, str]] = ()

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`."""
        return direction(self.tag)


def tags() -> list[str]:
    """The packs there are: those that come with the package, and those of DERIVE_LOCALES."""
    return sorted({path.parent.name for home in homes() for path in home.glob("*/locale.toml")})


def homes() -> list[Path]:
    """Where packs are; the first that has one wins."""
    own = os.environ.get("DERIVE_LOCALES")
    return [*([Path(own).expanduser()] if own else []), folder("locales")]


def path_of(tag: str) -> Path | None:
    """The folder of a pack, None if there is none."""
    return next((home / tag for home in homes() if (home / tag / "locale.toml").is_file()), None)


def load(tag: str) -> LocalePack:
    """The pack of a tag; a known tag without a pack gives an empty one. Raises DeriveError."""
    standard = canonical(tag)
    path = path_of(standard)
    return read(path) if path else LocalePack(standard, name(standard))


def complete(pack: LocalePack) -> LocalePack:
    """The pack with English labels and sheet names where it has none of its own."""
    english = load(ENGLISH)
    return replace(
        pack,
        labels={**english.labels, **pack.labels},
        sheets={**english.sheets, **pack.sheets},
        frame={**english.frame, **pack.frame},
    )


def read(path: Path) -> LocalePack:
    """The pack in a folder, checked against its schema. Raises DeriveError."""
    file = path / "locale.toml"
    document = _document(file)
    if document["tag"] != path.name or canonical(document["tag"]) != document["tag"]:
        raise DeriveError(
            f"The pack's tag is {document['tag']!r}, its folder {path.name!r}",
            where=file,
            fix="both must be the same canonical BCP-47 tag",
        )
    _check_sheets(document.get("sheets", {}), file)
    parts: dict[str, Any] = {key: document[key] for key in _FACTS if key in document}
    for part in ("model", "lexicon", "patterns", "guide", "counterparts", "resources"):
        if part not in document:
            continue
        parts[part] = path / document[part]
        if not parts[part].exists():
            raise DeriveError(
                f"{part} = {document[part]!r}: there is no such file",
                where=file,
                fix="mend the locale pack",
            )
    return LocalePack(
        document["tag"],
        document["title"],
        path,
        **parts,
    )


def _document(file: Path) -> Mapping[str, Any]:
    return schemas.read_toml(file, "locale-pack", "mend the locale pack")


def source_pack(language: str) -> LocalePack | None:
    """The pack with the lexicon of the culture a language stands for: ja gives ja-JP."""
    found = [
        pack
        for tag in tags()
        if tag.split("-")[0] == language.split("-")[0] and (pack := load(tag)).lexicon
    ]
    return found[0] if found else None


def read_table(path: Path, schema: str) -> tuple[list[dict[str, str]], Findings]:
    """A pack's CSV: its rows, and a finding for each that does not fit the schema."""
    rows, findings = read_numbered(path, schema)
    return [row for _, row in rows], findings


def read_numbered(path: Path, schema: str) -> tuple[Numbered, Findings]:
    """The same with the rows' numbers, as a spreadsheet counts them: the header is row 1.

    Blank rows are passed over. Read again, a file is checked only if it has changed.
    """
    rows, found = _checked(path.name, read_text(path), schema)
    return [(number, dict(row)) for number, row in rows], Findings(found)


@lru_cache(maxsize=32)
def _checked(name: str, text: str, schema: str) -> tuple[Numbered, list[Finding]]:
    findings: list[Finding] = []
    rows: Numbered = []
    header: list[str] = []
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), 1):
        if not header:
            header = cells
        elif cells:
            # cells beyond the header, or missing at the end, do not fit the schema either
            row = dict(zip_longest(header, cells[: len(header)], fillvalue=""))
            row |= {
                f"cell {len(header) + n}": cell for n, cell in enumerate(cells[len(header) :], 1)
            }
            found = [
                dataclasses.replace(one, code="pack-invalid")
                for one in schemas.violations(schema, row, file=name, row=number)
            ]
            findings += found
            if not found:
                rows.append((number, row))
    return rows, findings


def rows_of(path: Path | None, schema: str, whose: str = "The locale pack") -> list[dict[str, str]]:
    """The rows of a pack's CSV; none if the pack has no such file. Raises DeriveError, which says
    whose file it is."""
    if path is None:
        return []
    rows, found = read_table(path, schema)
    found.refuse_errors(f"{whose} has bad rows", f"mend {path}")
    return rows


def check(tag: str) -> Findings:
    """Everything that is wrong with one pack, with file and row. Raises DeriveError for no pack."""
    path = path_of(tag) or path_of(canonical(tag))
    if path is None:
        raise DeriveError(f"No locale pack {tag!r}", fix=f"there are: {', '.join(tags())}")
    try:
        pack = read(path)
        findings, count = Findings(), 0
        findings.extend(check_facts(_document(path / "locale.toml"), "locale.toml"))
        for file, schema, rule in (
            (pack.lexicon, "lexicon-entry", check_lexicon),
            (pack.counterparts, "counterpart", check_counterparts),
            (pack.resources, "resource", check_resources),
        ):
            if file:
                rows, found = read_numbered(file, schema)
                findings.extend(found)
                known = _entries() if rule is check_counterparts else {}
                findings.extend(rule(rows, file.name, known))
                count = len(rows) if rule is check_counterparts else count
        if pack.tag != ENGLISH and (pack.guide or pack.counterparts):
            english = load(ENGLISH).labels
            findings.extend(check_extent(pack.tag, pack.labels, english, count))
    except DeriveError as error:
        return Findings([finding("pack-invalid", error.what, file=error.where)])
    # many packs are checked at once: which of them is it?
    return Findings(
        dataclasses.replace(one, file=f"{path.name}/{Path(one.file or '').name}")
        for one in findings
    )


def _entries() -> dict[str, str]:
    """The entries of all lexicons there are, to their slots."""
    paths = [path for tag in tags() if (path := load(tag).lexicon)]
    return {
        row["entry"]: row["slot"] for path in paths for row in read_table(path, "lexicon-entry")[0]
    }


def _check_sheets(sheets: Mapping[str, str], file: Path) -> None:
    """A workbook's sheets must have different names, and none of those it hides."""
    seen = {"_lists", "_derive"}
    for given in sheets.values():
        if given.casefold() in seen:
            raise DeriveError(
                f"The sheet's name {given!r} is taken",
                where=file,
                fix="give each a name of its own",
            )
        seen.add(given.casefold())
