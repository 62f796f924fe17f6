"""The variant on disk: its rows, and the documents that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from derive import tables
from derive.errors import explain_os_errors
from derive.files import hash_file, hash_text, read_text, write_bytes, write_text
from derive.findings import Findings
from derive.variant import changelog, sections
from derive.variant.about import About
from derive.variant.build import Variant
from derive.variant.card import card
from derive.variant.croissant import croissant
from derive.variant.exports.common import by_split
from derive.variant.licence import licence_file


@dataclass(frozen=True)
class Past:
    """What a rebuild must not lose. hashes: of the documents as they were written last, by name.
    outer: of the last card (sections.outer_hash). published: what went out last."""

    hashes: Mapping[str, str] = field(default_factory=dict)
    outer: str = ""
    published: changelog.Published | None = None


@dataclass(frozen=True)
class Written:
    """outputs: the files of the variant. outer: for the next Past. findings: of each document that
    somebody changed: it was written anew, and kept beside the folder as it was."""

    outputs: list[Path]
    outer: str
    findings: Findings


def write_variant(
    variant: Variant, folder: Path, about: About, past: Past | None = None
) -> Written:
    """Write data/<split>.parquet and .jsonl, excluded.parquet, README.md, LICENSE, croissant.json
    and CHANGELOG.md; the same variant gives the same bytes.

    Files of splits that it no longer has are removed; a split whose name `datasets` would refuse
    has files of a plainer name (see by_split). Raises DeriveError, before anything is written, if
    the marks around what people write are damaged.
    """
    past = past or Past()
    people = _people(folder / "README.md", past)
    lines = changelog.changes(past.published, variant.items)
    log = changelog.updated(folder / "CHANGELOG.md", about.title, lines)
    files = {split: folder / "data" / f"{split}.parquet" for split in by_split(variant.items)}
    outputs = _write_rows(variant, folder)
    documents = {
        "README.md": card(variant, about, people),
        "LICENSE": licence_file(about),
        "croissant.json": croissant(variant, about, files),
        "CHANGELOG.md": log,
    }
    outer = sections.outer_hash(documents["README.md"])
    findings = _keep_edited(folder, documents, past, outer)
    for name, text in documents.items():
        outputs.append(folder / name)
        write_text(outputs[-1], text)
    return Written(outputs, outer, findings)


def _write_rows(variant: Variant, folder: Path) -> list[Path]:
    outputs: list[Path] = []
    for split, rows in by_split(variant.items).items():
        outputs += [folder / "data" / f"{split}.parquet", folder / "data" / f"{split}.jsonl"]
        tables.write_parquet(rows, outputs[-2])
        tables.write_jsonl(rows, outputs[-1])
    outputs.append(folder / "excluded.parquet")
    tables.write_parquet(variant.excluded, outputs[-1])
    with explain_os_errors("removing old files", folder):
        for path in (folder / "data").glob("*.*") if (folder / "data").is_dir() else ():
            if path not in outputs and path.suffix in (".parquet", ".jsonl"):
                path.unlink()
    return outputs


def _people(path: Path, past: Past) -> dict[str, str]:
    """What people wrote into the card. One that this version has not written, and nobody has
    touched, has no parts of theirs."""
    if not path.is_file() or (not past.outer and hash_file(path) == past.hashes.get(path.name)):
        return {}
    return sections.read(path)


def _keep_edited(folder: Path, documents: Mapping[str, str], past: Past, outer: str) -> Findings:
    """Keep each document that is neither as derive wrote it last nor as it will write it now."""
    findings = Findings()
    for name in ("README.md", "LICENSE", "croissant.json"):
        path = folder / name
        if not path.is_file():
            continue
        there = hash_file(path)
        if there in (past.hashes.get(name), hash_text(documents[name])):
            continue
        if name == "README.md" and sections.outer_hash(read_text(path)) in (past.outer, outer):
            continue
        copy = folder.parent / f"{path.stem}.edited-{there[:8]}{path.suffix}"
        write_bytes(copy, path.read_bytes())
        findings.add(
            "document-edited", f"it is written anew; as it was it is kept in {copy.name}", file=name
        )
    return findings
