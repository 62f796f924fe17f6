"""What people changed by hand in files that derive writes: told, and kept before it is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_file, write_bytes
from derive.findings import Finding, finding
from derive.project import Project

# where each input of the stage build comes from
_WRITTEN_BY = {
    "items": "release",
    "profile": "release",
    "routes": "flag",
    "drafts": "translate",
    "adaptations": "collect",
    "standings": "collect",
}


def refuse_unrecorded(project: Project, used: Mapping[str, str]) -> None:
    """Raise DeriveError if an input of the variant is not the file that the ledger tells of: what
    is compared with the source, and what people accepted, must be what the stages wrote.

    used: name of an input to its hash.
    """
    for name, stage in _WRITTEN_BY.items():
        entry = project.ledger.last(stage)
        if name not in used or (entry and used[name] in entry["outputs"].values()):
            continue
        command = f"derive {stage} {project.path}"
        if stage == "release":
            command = "derive run, with the same arguments as before"
        raise DeriveError(
            f"The table {name} is not what the ledger says that the stage {stage} wrote",
            where=project.path,
            fix=f"if it was changed by hand, put it back; then run: {command}",
        )


def keep_edited(project: Project) -> dict[Path, Path]:
    """Copy the variant's data files that derive has not written beside variant/, before a build
    replaces or removes them. Returns path to copy.

    Whatever any build in the ledger wrote is not a person's. After a build that was killed some
    files are in no entry: see `told`.
    """
    written: dict[str, set[str]] = {}
    for entry in project.ledger.entries():
        if entry["stage"] == "build":
            for name, digest in entry["outputs"].items():
                written.setdefault(name, set()).add(digest)
    kept: dict[Path, Path] = {}
    for path in sorted(project.variant.rglob("*")):
        name = path.relative_to(project.path).as_posix()
        if path.suffix not in (".parquet", ".jsonl") or not path.is_file():
            continue
        if (digest := hash_file(path)) not in written.get(name, ()):
            kept[path] = project.path / f"{path.stem}.edited-{digest[:8]}{path.suffix}"
            with explain_os_errors("reading", path):
                write_bytes(kept[path], path.read_bytes())
    return kept


def told(kept: Mapping[Path, Path], outputs: Iterable[Path]) -> Iterator[Finding]:
    """A finding for each file that a build has replaced or removed; where it is as it was, its
    copy goes. outputs: what the build wrote."""
    written = set(outputs)
    for path, copy in kept.items():
        if path.is_file() and hash_file(path) == hash_file(copy):
            copy.unlink()
            continue
        done = "written anew" if path in written else "removed"
        message = f"it was changed by hand, and is {done}; as it was it is kept in {copy.name}"
        yield finding("variant-edited", message, file=path.name)
