"""Files written whole or not at all, and their hashes."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, explain_os_errors

csv.field_size_limit(2**31 - 1)  # the module's own limit of 131,072 characters refuses long texts

TEMPORARY = ".derive.tmp"  # ends the name of every file that is not yet in its place


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Yield the path of an empty file in the folder of `path`; it is gone when the block ends.

    What a kill leaves of it goes with the next run in the project folder. Raises DeriveError.
    """
    with explain_os_errors("writing", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=TEMPORARY)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; when the block ends well, it takes the place of `path` in one step.

    Whoever is killed, or finds the disk full, leaves the old file as it was. Raises DeriveError.
    """
    with beside(path) as temporary:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file. Libraries write into memory first: their words for a full disk vary."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with its line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def read_text(path: Path) -> str:
    """A file's text, UTF-8 with or without BOM. Raises DeriveError, naming line and byte."""
    with explain_os_errors("reading", path):
        data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DeriveError(
            f"Not UTF-8: byte 0x{data[error.start]:02X} at offset {error.start}",
            where=f"{path} line {line}",
            fix="save the file as UTF-8",
        ) from None


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """The content of the TOML file `path`, whose text this is. Raises DeriveError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeriveError(f"Not TOML: {error}", where=path, fix="mend the file") from None


def canonical_json(value: Any) -> str:
    """One JSON text for one value: keys sorted, no spaces, Unicode as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_text(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, in hexadecimal. Lone surrogates are hashed as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_json(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return hash_text(canonical_json(value))


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises DeriveError."""
    with explain_os_errors("reading", path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_path(path: Path) -> str:
    """SHA-256 of a file, or of the names and hashes of a folder's files (dot files left out)."""
    if path.is_file():
        return hash_file(path)
    names = sorted(
        file.relative_to(path)
        for file in path.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    return hash_json([[name.as_posix(), hash_file(path / name)] for name in names])
