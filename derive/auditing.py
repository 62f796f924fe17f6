"""`derive audit`: somebody's derivation, read from wherever it is, beside the release.

Whatever cannot be read becomes a finding; the audit goes on with the rest.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from derive import tables
from derive.errors import DeriveError, explain_os_errors
from derive.findings import Finding, Findings
from derive.languages import canonical
from derive.progress import Report, silent
from derive.project import is_project
from derive.release import hub, source
from derive.release.columns import flatten
from derive.release.formats import READERS, Row, Rows
from derive.release.read import Options, Release, read_release
from derive.variant.audit.audit import Audit, audit
from derive.variant.audit.originals import Originals, index
from derive.variant.audit.parts import Part, codes_in

ACCOUNT = "excluded.parquet"  # of a variant of derive's: what it leaves out, and why
DESCRIPTIONS = {"croissant.json", "dataset_info.json", "dataset_infos.json", "state.json"}
SAVED = ("dataset_dict.json", "dataset_info.json")  # what `save_to_disk` leaves
BEST = (
    ".parquet",
    ".jsonl",
    ".ndjson",
    ".json",
    ".tsv",
    ".csv",
    ".xlsx",
)  # of one table in several
DOCUMENTS = re.compile(r"(readme|licen[cs]e|notice|copying|terms)[^/]*", re.IGNORECASE)
LONGEST = 1_000_000  # characters of a document that are read


def audit_derivation(
    given: str,
    against: str,
    options: Options | None = None,
    *,
    locale: str = "",
    report: Report = silent,
) -> tuple[Audit, Release]:
    """Audit a derivation: a file, a folder, a Hub dataset, or a project's or variant's folder.

    against: the release, as `read_release` takes it, with its options. locale: the derivation's
    language, if it is one, whatever files and columns say. Raises DeriveError if the release
    cannot be read, or nothing of the derivation.
    """
    asked = canonical(locale) if locale else ""
    where = _where(given)
    release = read_release(against, options)
    columns = {choice.field: choice.column for choice in release.choices.values()}
    originals = index(release.items, release.profile, columns)
    root = hub.download(where, list(READERS)) if where.kind == "hub" else where.path
    root = root / "variant" if is_project(root) else root
    findings = Findings()
    config = root / where.config if where.kind == "hub" else root
    parts = list(_parts(config if config.is_dir() else root, originals, findings))
    if asked:
        parts = [replace(part, code=asked, told_by="asked") for part in parts]
    if not parts:
        findings.refuse_errors("Nothing of the derivation can be read", "mend the files")
        fix = f"name a file, or a folder with files that end in {', '.join(READERS)}"
        raise DeriveError("The derivation holds no rows", where=given, fix=fix)
    done = audit(
        parts,
        originals,
        documents=_documents(root),
        accounted=_accounted(root, findings),
        report=report,
    )
    findings.extend(done.findings)
    return Audit(done.files, findings), release


def _where(given: str) -> source.Source:
    """What there is under a path, all of it, whichever config a card calls the default; else the
    dataset on the Hub. Raises DeriveError."""
    path = Path(given)
    found = source.Source(given, "files", path) if given.strip() and path.exists() else None
    return found or source.parse(given)


def _parts(root: Path, originals: Originals, findings: Findings) -> Iterator[Part]:
    """The rows of every file of rows, by sheet where a file has several."""
    folder = root if root.is_dir() else root.parent
    for paths in _tables(root):
        name = paths[0].relative_to(folder).as_posix() if paths[0] != folder else folder.name
        rows = _rows(paths[0], name, findings)
        for other in paths[1:]:
            _compare(rows, other, name, other.relative_to(folder).as_posix(), findings)
        groups: defaultdict[str, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
        for row in rows:
            groups[row.group or ""].append((row.row, flatten(row.data)))
        for group, found in groups.items():
            of_saved = f"{name}/{group}" if paths[0].is_dir() else name
            yield _part(of_saved, group, found, originals)


def _part(
    name: str, group: str, rows: list[tuple[int, Mapping[str, Any]]], originals: Originals
) -> Part:
    splits = {**{one: one for one in originals.labels["split"]}, **originals.profile.splits}
    words = re.split(r"[^A-Za-z0-9]+", f"{Path(name).name} {group}")
    split = next((splits[word] for word in words if word in splits), "")
    codes = [code for code in codes_in(group) if code not in splits] if group else []
    return Part(name, rows, split, codes[0] if codes else "", "sheet" if codes else "")


def _tables(root: Path) -> Iterator[list[Path]]:
    """The files of rows: each with those beside it that hold the same table in another format."""
    if root.is_file():
        yield [root]
        return
    saved = {one.parent for name in SAVED for one in root.rglob(name)}
    saved = {one for one in saved if not any(other in saved for other in one.parents)}
    yield from ([one] for one in sorted(saved))
    found: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        hidden = any(part.startswith((".", "~$")) for part in inner.parts)
        within = any(parent in saved for parent in path.parents)
        rows = path.suffix.lower() in READERS and path.name not in (ACCOUNT, *DESCRIPTIONS)
        if rows and path.is_file() and not hidden and not within:
            found[path.with_suffix("")].append(path)
    for paths in found.values():
        yield sorted(paths, key=lambda path: BEST.index(path.suffix.lower()))


def _rows(path: Path, name: str, findings: Findings) -> list[Row]:
    """The rows that can be read; what cannot is said."""
    found: list[Row] = []
    try:
        for row in _read(path, name, findings):
            if isinstance(row, Finding):
                findings.extend([replace(row, file=name)])
            else:
                found.append(row)
    except DeriveError as error:
        where = f" ({error.where})" if error.where and path.name not in error.where else ""
        findings.add("file-unreadable", f"{error.what}{where}: {error.fix}", file=name)
    return found


def _read(path: Path, name: str, findings: Findings) -> Rows:
    """A file's rows, or those of a folder that `datasets` saved; text that is not UTF-8 is read as
    what it most likely is."""
    if path.is_dir():
        yield from hub.rows(hub.load_saved(path), path.name)
        return
    reader = READERS[path.suffix.lower()]
    with explain_os_errors("reading", path):
        data = path.read_bytes()
    try:
        plain = path.suffix.lower() in (".parquet", ".xlsx") or bool(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        plain = False
    if plain or not data:
        yield from reader(path)
        return
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        yield from reader(path)  # which says where it is not UTF-8
        return
    findings.add("file-encoding", f"not UTF-8: read as {best.encoding}", file=name)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(str(best), encoding="utf-8", newline="")
        yield from reader(copy)


def _compare(rows: list[Row], path: Path, name: str, other: str, findings: Findings) -> None:
    """Say where another format's file of the same table has other texts."""
    again = _rows(path, other, findings)
    pairs = zip(rows, again, strict=False)
    different = next((two.row for one, two in pairs if _texts(one) != _texts(two)), None)
    if different or len(rows) != len(again):
        message = f"{len(again)} rows, {len(rows)} in {name}"
        if different:
            message = f"from row {different} on its texts are not those of {name}"
        findings.add("file-differs", message, file=other, row=different)


def _texts(row: Row) -> dict[str, str]:
    return {
        key: value.strip()
        for key, value in flatten(row.data).items()
        if isinstance(value, str) and value.strip() and not value.strip().isdecimal()
    }


def _documents(root: Path) -> dict[str, str]:
    """The card and the licence beside the data."""
    folder = root if root.is_dir() else root.parent
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and DOCUMENTS.fullmatch(path.name) and path.suffix.lower() not in READERS:
            with explain_os_errors("reading", path), path.open("rb") as file:
                found[path.name] = file.read(LONGEST).decode("utf-8", "replace")
    return found


def _accounted(root: Path, findings: Findings) -> set[str]:
    """The items that a variant of derive's says it leaves out."""
    path = root / ACCOUNT
    try:
        return set(tables.read_parquet(path, tables.EXCLUDED)["item"]) if path.is_file() else set()
    except DeriveError as error:
        findings.add("file-unreadable", f"{error.what}: {error.fix}", file=path.name)
        return set()
