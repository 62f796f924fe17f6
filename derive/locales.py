"""Locale packs: what one region brings, as a typed value. The data are under locales/<tag>/."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from derive import schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import read_text
from derive.findings import Finding, Findings, finding
from derive.languages import canonical, direction, name
from derive.resources import folder

_TABLES = ("labels", "sheets", "words", "money", "punctuation", "frame", "models")
ENGLISH = "en"  # the pack with the guide and the labels that every locale can fall back on


@dataclass(frozen=True)
class LocalePack:
    """One region's pack. A file it does not have is None.

    labels: a worksheet column's machine name to what people read above it. words: a decision or
    verdict to the word that people of the locale may write for it. money, punctuation, frame,
    models: as schema/locale-pack.schema.json says.
    """

    tag: str
    title: str
    path: Path | None = None
    model: Path | None = None
    lexicon: Path | None = None
    guide: Path | None = None
    counterparts: Path | None = None
    resources: Path | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    money: Mapping[str, Any] = field(default_factory=dict)
    punctuation: Mapping[str, Any] = field(default_factory=dict)
    frame: Mapping[str, str] = field(default_factory=dict)
    models: Sequence[Mapping[str, str]] = ()

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`."""
        return direction(self.tag)


def tags() -> list[str]:
    """The packs there are."""
    return sorted(path.parent.name for path in folder("locales").glob("*/locale.toml"))


def load(tag: str) -> LocalePack:
    """The pack of a tag; a known tag without a pack gives an empty one. Raises DeriveError."""
    standard = canonical(tag)
    if standard not in tags():
        return LocalePack(standard, name(standard))
    return read(folder("locales") / standard)


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
    with explain_os_errors("reading", file):
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DeriveError(f"Not TOML: {error}", where=file, fix="mend the file") from None
    schemas.require("locale-pack", document, file, "mend the locale pack")
    if document["tag"] != path.name or canonical(document["tag"]) != document["tag"]:
        raise DeriveError(
            f"The pack's tag is {document['tag']!r}, its folder {path.name!r}",
            where=file,
            fix="both must be the same canonical BCP-47 tag",
        )
    _check_sheets(document.get("sheets", {}), file)
    parts: dict[str, Any] = {key: document[key] for key in _TABLES if key in document}
    for part in ("model", "lexicon", "guide", "counterparts", "resources"):
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


def source_pack(language: str) -> LocalePack | None:
    """The pack with the lexicon of the culture a language stands for: ja gives ja-JP."""
    found = [
        pack
        for tag in tags()
        if tag.split("-")[0] == language.split("-")[0] and (pack := load(tag)).lexicon
    ]
    return found[0] if found else None


def read_table(path: Path, schema: str) -> tuple[list[dict[str, str]], Findings]:
    """A pack's CSV: its rows, and a finding for each that does not fit the schema.

    Rows count as a spreadsheet shows them, the header being row 1; blank ones are passed over.
    """
    findings = Findings()
    rows: list[dict[str, str]] = []
    header: list[str] = []
    for number, cells in enumerate(csv.reader(io.StringIO(read_text(path), newline="")), 1):
        if not header:
            header = cells
        elif cells:
            # cells beyond the header, or missing at the end, do not fit the schema either
            row = dict(zip_longest(header, cells[: len(header)], fillvalue=""))
            row |= {
                f"cell {len(header) + n}": cell for n, cell in enumerate(cells[len(header) :], 1)
            }
            found = schemas.violations(schema, row, file=path.name, row=number)
            findings.extend(found)
            if not found:
                rows.append(row)
    return rows, findings


def rows_of(path: Path | None, schema: str) -> list[dict[str, str]]:
    """The rows of a pack's CSV; none if the pack has no such file. Raises DeriveError."""
    if path is None:
        return []
    rows, found = read_table(path, schema)
    found.refuse_errors("The locale pack has bad rows", f"mend {path}")
    return rows


def check(tag: str) -> Findings:
    """Everything that is wrong with one pack, with file and row. Raises DeriveError for no pack."""
    path = folder("locales") / tag
    if not (path / "locale.toml").is_file():
        path = folder("locales") / canonical(tag)
    if not (path / "locale.toml").is_file():
        raise DeriveError(f"No locale pack {tag!r}", fix=f"there are: {', '.join(tags())}")
    try:
        pack = read(path)
        findings = Findings()
        if pack.lexicon:
            rows, found = read_table(pack.lexicon, "lexicon-entry")
            findings.extend(found)
            findings.extend(_check_lexicon(rows, pack.lexicon.name))
        if pack.counterparts:
            findings.extend(read_table(pack.counterparts, "counterpart")[1])
        if pack.resources:
            findings.extend(read_table(pack.resources, "resource")[1])
    except DeriveError as error:
        return Findings([finding("row-invalid", error.what, file=error.where)])
    return findings


def lexicon_forms(row: Mapping[str, str], side: str) -> list[str]:
    """The forms of a lexicon row in the pivot or in the source language: side "pivot", "source"."""
    forms = [row[side], *row[f"{side}_aliases"].split("|")]
    return [form.strip() for form in forms if form.strip()]


def _check_lexicon(rows: list[dict[str, str]], file: str) -> list[Finding]:
    """Entries and forms must be unique: which of two would a mark name?"""
    findings: list[Finding] = []
    for side in ("entry", "pivot", "source"):
        owners: dict[str, int] = {}
        for at, row in enumerate(rows):
            for form in [row["entry"]] if side == "entry" else lexicon_forms(row, side):
                owner = owners.setdefault(form.casefold(), at)
                if owner != at:
                    message = f"{form!r} belongs to {rows[owner]['entry']} already"
                    findings.append(
                        finding("row-invalid", message, file=file, item=row["entry"], field=side)
                    )
    return findings


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
