"""A project's own lexicon.csv and counterparts.csv, held to the rules of packs when they are read.

They win over the package's data, so a slip in them would change the work without a word.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from derive import locales
from derive.findings import Finding, Findings, finding
from derive.pack_rules import check_counterparts, check_lexicon
from derive.project import Project
from derive.stage import read_profile


def check_own_lexicon(path: Path | None) -> Findings:
    """What is to be said of a project's lexicon.csv; None is no file. Raises DeriveError for a row
    that no lexicon may hold, with file and row."""
    if path is None or not path.is_file():
        return Findings()
    rows, found = locales.read_numbered(path, "lexicon-entry")
    found.extend(check_lexicon(rows, path.name, {}))
    return _judged(path, found)


def check_own_counterparts(project: Project) -> Findings:
    """The same for its counterparts.csv, whose entries are the lexicon's or its own.

    Its facts should have a source too, but the work may begin before: that is a warning.
    """
    path = project.counterparts
    if not path.is_file():
        return Findings()
    pack = locales.source_pack(read_profile(project).source_language)
    own = project.path / "lexicon.csv"
    entries = {
        row["entry"]: row["slot"]
        for file in (pack.lexicon if pack else None, own if own.is_file() else None)
        for row in (locales.read_table(file, "lexicon-entry")[0] if file else ())
    }
    rows, found = locales.read_numbered(path, "counterpart")
    found.extend(check_counterparts(rows, path.name, entries))
    return _judged(path, found)


def _judged(path: Path, found: Findings) -> Findings:
    findings = Findings(_own(one) for one in found)
    findings.refuse_errors(f"The project's own {path.name} has bad rows", f"mend {path}")
    return findings


def _own(one: Finding) -> Finding:
    if one.code == "pack-unchecked":
        return one
    usual = finding("own-unsourced" if one.code == "pack-unsourced" else "own-invalid", one.message)
    return dataclasses.replace(usual, file=one.file, row=one.row, item=one.item, field=one.field)
