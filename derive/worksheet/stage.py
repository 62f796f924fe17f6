"""The stage `worksheet`: one workbook, and the same as CSV, for the people of one project."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from derive import locales, schemas
from derive.files import TEMPORARY, hash_file
from derive.findings import Findings
from derive.locales import LocalePack
from derive.worksheet import delimited, xlsx
from derive.worksheet.guide import render_guides
from derive.worksheet.units import SHEETS, Worksheet, make_worksheet


@dataclass(frozen=True)
class Written:
    """The files, the units by sheet, and what was found on the way."""

    files: list[Path]
    counts: dict[str, int]
    findings: Findings
    worksheet: str


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
    formats: Sequence[str] = ("xlsx", "csv"),
) -> Written:
    """Write the worksheet of a project into `folder`, in each format.

    The tables are those of DESIGN. pack: the target's. meta: project, locale, dataset, version,
    release. terms: the profile's. A file's name holds the worksheet's ID, which its content makes:
    another worksheet gets another name, and a file that somebody has filled is never written over.
    """
    english = locales.load(locales.ENGLISH)
    pack = replace(
        pack,
        labels={**english.labels, **pack.labels},
        sheets={**english.sheets, **pack.sheets},
    )
    counterparts = (
        locales.read_table(pack.counterparts, "counterpart")[0] if pack.counterparts else []
    )
    worksheet = make_worksheet(items, marks, routes, drafts, counterparts, meta)
    findings = Findings()
    for units in worksheet.units.values():
        for unit in units:
            findings.extend(schemas.violations("unit", unit, item=unit["item"]))
    findings.refuse_errors("A worksheet's unit is not valid", "report this as a defect of derive")
    if pack.guide is None:
        findings.add("locale-no-guide", f"the locale {pack.tag} has no guide")
    if "xlsx" in formats:
        findings.extend(xlsx.left_out(worksheet))
    stem = f"{meta['project']}.{pack.tag}.{worksheet.id}"
    counts = {sheet: len(worksheet.units[sheet]) for sheet in SHEETS}
    values = {**meta, **terms, "worksheet": worksheet.id, "counts": counts, "name": meta["project"]}
    values["title"] = meta["dataset"]
    values["left_out"] = sum(one.code == "cell-unfit" for one in findings)
    guides = render_guides(pack, english, values)
    files = [
        path
        for name in formats
        for path in WRITERS[name](folder, stem, worksheet, guides, pack, findings)
    ]
    return Written(files, counts, findings, worksheet.id)


def _place(path: Path, write: Callable[[Path], None], findings: Findings) -> Path:
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


def _write_xlsx(
    folder: Path,
    stem: str,
    worksheet: Worksheet,
    guides: Mapping[str, str],
    pack: LocalePack,
    findings: Findings,
) -> list[Path]:
    def write(path: Path) -> None:
        xlsx.write_xlsx(path, worksheet, guides, pack)

    return [_place(folder / f"{stem}.xlsx", write, findings)]


def _write_csv(
    folder: Path,
    stem: str,
    worksheet: Worksheet,
    guides: Mapping[str, str],
    pack: LocalePack,
    findings: Findings,
) -> list[Path]:
    def write_sheet(sheet: str, path: Path) -> None:
        names = [column.name for column in worksheet.columns(sheet)]
        delimited.write_csv(path, names, worksheet.units[sheet])

    return [
        _place(folder / f"{stem}.{sheet}.csv", partial(write_sheet, sheet), findings)
        for sheet in SHEETS
        if worksheet.units[sheet]
    ]


Writer = Callable[[Path, str, Worksheet, Mapping[str, str], LocalePack, Findings], list[Path]]

# feeds --format as well
WRITERS: dict[str, Writer] = {"xlsx": _write_xlsx, "csv": _write_csv}
