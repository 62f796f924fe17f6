"""The stage `worksheet`: one workbook, and the same as CSV, for the people of one project."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from derive import locales, schemas
from derive.files import TEMPORARY, hash_file, hash_json, read_text
from derive.findings import Findings
from derive.locales import LocalePack
from derive.worksheet import delimited, xlsx
from derive.worksheet.guide import render_guides
from derive.worksheet.units import SHEETS, Worksheet, make_worksheet

Write = Callable[[Path], None]


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
    # what people see around the units is part of the worksheet: a mended guide makes another one
    form = [
        pack.labels,
        pack.sheets,
        terms,
        *(read_text(one.guide) for one in (pack, english) if one.guide),
    ]
    meta = {**meta, "form": hash_json(form)}
    worksheet = make_worksheet(items, marks, routes, drafts, _counterparts(pack), meta)
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
        _place(folder / f"{stem}{suffix}", write, findings)
        for name in formats
        for suffix, write in WRITERS[name](worksheet, guides, pack).items()
    ]
    return Written(files, counts, findings, worksheet.id)


def _counterparts(pack: LocalePack) -> list[dict[str, str]]:
    if pack.counterparts is None:
        return []
    rows, found = locales.read_table(pack.counterparts, "counterpart")
    found.refuse_errors("The counterparts have bad rows", f"mend {pack.counterparts}")
    return rows


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


def _workbook(
    worksheet: Worksheet, guides: Mapping[str, str], pack: LocalePack
) -> dict[str, Write]:
    return {".xlsx": lambda path: xlsx.write_xlsx(path, worksheet, guides, pack)}


def _csv_files(
    worksheet: Worksheet, guides: Mapping[str, str], pack: LocalePack
) -> dict[str, Write]:
    def write(sheet: str, path: Path) -> None:
        names = [column.name for column in worksheet.columns(sheet)]
        delimited.write_csv(path, names, worksheet.units[sheet])

    return {f".{sheet}.csv": partial(write, sheet) for sheet in SHEETS if worksheet.units[sheet]}


# a format's files: how their names end, and what writes each; feeds --format as well
WRITERS: dict[str, Callable[[Worksheet, Mapping[str, str], LocalePack], dict[str, Write]]] = {
    "xlsx": _workbook,
    "csv": _csv_files,
}
