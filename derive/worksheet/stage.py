"""The stage `worksheet`: files for the people of one project, by role, in several formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from derive import languages, locales, schemas
from derive.errors import DeriveError
from derive.files import TEMPORARY, hash_file, hash_json, read_text
from derive.findings import Findings
from derive.locales import LocalePack
from derive.progress import Report, silent
from derive.worksheet import coverage, issued, slices
from derive.worksheet.columns import ALTERNATIVES, ROUND_TRIPS, SHEETS
from derive.worksheet.contract import Looks, Worksheet
from derive.worksheet.formats.registry import DEFAULT, FORMATS
from derive.worksheet.guide import render_guides
from derive.worksheet.issued import Issued
from derive.worksheet.rounds import Progress, Sheets, units_for, wanted
from derive.worksheet.units import Shown, finish, gather

Write = Callable[[Path], None]


@dataclass(frozen=True)
class Ask:
    """What a worksheet is asked for; the default is all a translator has to do, in one file.

    role: translator, reviewer, adjudicator. routes: only these. only: waiting, stale, held.
    split_by: people=3, people=Ana,Bruno, or a field such as harm_type. double: each unit to two
    people. coverage: the share of a taxonomy path's items below which blank units are added.
    """

    formats: tuple[str, ...] = DEFAULT
    role: str = "translator"
    routes: tuple[str, ...] = ()
    only: str = ""
    split_by: str = ""
    double: bool = False
    coverage: float = 0.0


@dataclass(frozen=True)
class Written:
    """The files, the units by sheet, what was found on the way, and the worksheets' IDs."""

    files: list[Path]
    counts: dict[str, int]
    findings: Findings
    worksheets: list[str] = field(default_factory=list)


def write_worksheets(
    folder: Path,
    items: pl.DataFrame,
    marks: pl.DataFrame,
    routes: pl.DataFrame,
    drafts: pl.DataFrame,
    *,
    pack: LocalePack,
    meta: Mapping[str, str],
    terms: Mapping[str, Any],
    counterparts: Sequence[Mapping[str, str]] | None = None,
    labels: Mapping[str, str] | None = None,
    ask: Ask | None = None,
    progress: Progress | None = None,
    records: Path | None = None,
    report: Report = silent,
) -> Written:
    """Write the worksheets of a project into `folder`, in each format.

    The tables are those of DESIGN. pack: the target's. meta: project, locale, dataset, version,
    release. terms: the profile's. counterparts: by default the pack's. labels: taxonomy label to
    the one that people read. progress: what was collected. records: where issued worksheets are
    kept, so that they are known when they come back; None keeps none.
    A file's name holds the worksheet's ID, which its content makes: another worksheet gets another
    name, and a file that somebody has filled is never written over. Raises DeriveError.
    """
    ask, progress = ask or Ask(), progress or Progress()
    before = issued.load(records) if records else {}
    shown = gather(
        meta["project"],
        items,
        marks,
        routes,
        drafts,
        locales.rows_of(pack.counterparts, "counterpart") if counterparts is None else counterparts,
        locales.rows_of(pack.resources, "resource"),
        labels,
    )
    frame, place = locales.complete(pack).frame, languages.territory_name(pack.tag, pack.tag)
    shown = coverage.with_new(shown, before)
    contexts: dict[str, str] = {}
    if ask.coverage and ask.role == "translator":
        shown, contexts = coverage.with_blanks(shown, progress, ask.coverage)
    sheets = wanted(units_for(ask.role, shown, progress), ask.only, ask.routes, shown, progress)
    for unit in sheets.get("new", ()):
        unit["context"] = contexts.get(unit["item"]) or _context(unit["key"], before)
    for unit in sheets.get("rewrite", ()):
        unit["context"] = shown.frame(unit["item"], frame, place)
    findings = Findings()
    if pack.guide is None:
        findings.add("locale-no-guide", f"the locale {pack.tag} has no guide")
    looks = _Dress(locales.complete(pack), locales.load(locales.ENGLISH), terms)
    written = Written([], dict.fromkeys(SHEETS, 0), findings)
    cut = _cut(sheets, ask, shown, progress, before)
    for number, (label, person, units) in enumerate(cut):
        report("writing worksheets", number, len(cut), "worksheets")
        more = {"role": ask.role, "person": person, "double": "yes" if ask.double else ""}
        whole = {**meta, "form": looks.form, **more}
        made = finish(_named(units, person), whole, shown)
        _write(folder, made, label, ask.formats, looks, records, written)
    report("writing worksheets", len(cut), len(cut), "worksheets")
    if not cut:
        findings.add("worksheet-empty", "no unit waits for this role, route or kind")
    counts = {sheet: count for sheet, count in written.counts.items() if count}
    return Written(written.files, counts, findings, written.worksheets)


def _cut(
    sheets: Sheets, ask: Ask, shown: Shown, progress: Progress, before: Mapping[str, Issued]
) -> list[slices.Slice]:
    """What each worksheet is called, whom it is for, and its units."""
    if ask.split_by in slices.FIELDS:
        return slices.by_field(sheets, lambda item: slices.value(shown.items[item], ask.split_by))
    if not ask.split_by and not ask.double:
        return [("", "", sheets)] if sheets else []
    if ask.split_by and not ask.split_by.startswith("people="):
        raise DeriveError(
            f"--split-by {ask.split_by}: there is no such field",
            fix=f"use people=3, people=Ana,Bruno, or one of {', '.join(slices.FIELDS)}",
        )
    had: dict[str, list[str]] = {}
    for one in before.values():
        if one.meta.get("role") == ask.role and one.meta.get("person"):
            for key in one.units:
                had.setdefault(key, []).append(one.meta["person"])
    not_for: dict[str, Sequence[str]] = {}
    if ask.role == "reviewer":
        not_for = {key: one.translators for key, one in progress.standings.items()}
    people = slices.people_of(ask.split_by or "people=2")
    return slices.by_people(sheets, people, double=ask.double, before=had, not_for=not_for)


def _named(sheets: Sheets, person: str) -> Sheets:
    """With the person's name in the column for it, where it is a name."""
    if not person or person.isdigit():
        return sheets
    return {
        sheet: [{**unit, "author": unit["author"] or person} for unit in units]
        for sheet, units in sheets.items()
    }


def _context(key: str, before: Mapping[str, Issued]) -> str:
    return next(
        (one.units[key].cells.get("context", "") for one in before.values() if key in one.units), ""
    )


@dataclass(frozen=True)
class _Dress:
    """What people see around the units."""

    pack: LocalePack
    english: LocalePack
    terms: Mapping[str, Any]

    @property
    def form(self) -> str:
        """It is part of the worksheet: a mended guide makes another one."""
        guides = [read_text(one.guide) for one in (self.pack, self.english) if one.guide]
        shown = [self.pack.labels, self.pack.sheets, self.pack.address]
        return hash_json([*shown, self.terms, guides])

    def looks(self, worksheet: Worksheet, left_out: int) -> Looks:
        meta = worksheet.meta
        sheets = worksheet.sheets()
        names = {column.name for sheet in sheets for column in worksheet.columns(sheet)}
        values = {
            **meta,
            **self.terms,
            "counts": {sheet: len(worksheet.units[sheet]) for sheet in SHEETS},
            "name": meta["project"],
            "title": meta["dataset"],
            "left_out": left_out,
            "alternatives": not names.isdisjoint(ALTERNATIVES),
            "round_trip": not names.isdisjoint(ROUND_TRIPS),
        }
        return Looks(self.pack, render_guides(self.pack, self.english, values))


def _write(
    folder: Path,
    worksheet: Worksheet,
    label: str,
    formats: Sequence[str],
    dress: _Dress,
    records: Path | None,
    written: Written,
) -> None:
    for units in worksheet.units.values():
        for unit in units:
            written.findings.extend(schemas.violations("unit", unit, item=unit["item"]))
    written.findings.refuse_errors(
        "A worksheet's unit is not valid", "report this as a defect of derive"
    )
    if records is not None:
        issued.save(records, worksheet)
    left = {name: FORMATS[name].left_out(worksheet) for name in formats}
    named = {one.item: one for of_format in left.values() for one in of_format}
    written.findings.extend(named.values())
    looks = dress.looks(worksheet, len(named))
    who = "".join(char if char.isalnum() else "-" for char in label)
    stem = ".".join(filter(None, (worksheet.meta["project"], dress.pack.tag, who, worksheet.id)))
    written.worksheets.append(worksheet.id)
    for sheet in worksheet.sheets():
        written.counts[sheet] += len(worksheet.units[sheet])
    written.files.extend(_files(folder / stem, worksheet, looks, formats, written.findings))


def _files(
    stem: Path, worksheet: Worksheet, looks: Looks, formats: Sequence[str], findings: Findings
) -> Iterator[Path]:
    for name in formats:
        for suffix, write in FORMATS[name].files(worksheet, looks).items():
            yield _place(stem.with_name(f"{stem.name}{suffix}"), write, findings)


def _place(path: Path, write: Write, findings: Findings) -> Path:
    """Write a file that is not there; one that is, and differs, somebody has filled: it stays."""
    fresh = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        write(fresh)
        if not path.exists():
            fresh.replace(path)
        elif hash_file(path) != hash_file(fresh):
            findings.add(
                "worksheet-edited", "changed since it was written; left as it is", file=path.name
            )
    finally:
        fresh.unlink(missing_ok=True)
    return path
