"""The files that came back, each kept as it came under its hash, with what was said of it.

worksheets/in/<hash>-<name> is the file, <hash>.json says how it was called, when it came first,
and what the coordinator asked: which file it replaces, which final units it may change, who wrote
rows that name nobody. What is collected is a function of this folder and of nothing before it.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, explain_os_errors
from derive.files import write_bytes, write_text
from derive.worksheet.archive import is_archive_of_files, members
from derive.worksheet.contract import Returned
from derive.worksheet.formats.registry import FORMATS
from derive.worksheet.guard import refuse_dangerous

_HASH = 16  # hexadecimal digits of the content's SHA-256 that name a file
_SNIFFED = 65_536


@dataclass(frozen=True)
class Kept:
    """A returned file in the project folder.

    hash: of its content. name: as it came. at: when it came first (UTC). author: of rows that
    name none. instead_of: hashes of the files it replaces. reopen: `KEY@ID` of final units that
    may be changed, with the submission that made them final. dismiss: `KEY:CODE` of findings that
    a person has looked at and set aside.
    """

    hash: str
    name: str
    at: str
    author: str = ""
    instead_of: tuple[str, ...] = ()
    reopen: tuple[str, ...] = ()
    dismiss: tuple[str, ...] = field(default=())


def open_files(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file in files, folders and zips. Raises DeriveError for a path
    that is not there. Hidden files, and the reports that derive writes, are passed over."""
    for path in paths:
        with explain_os_errors("reading", path):
            if not path.exists():
                raise DeriveError("No such file or folder", where=path, fix="check the path")
            if path.is_dir():
                inside = sorted(one for one in path.rglob("*") if one.is_file())
                found = [one for one in inside if not one.name.startswith((".", "~$"))]
                yield from open_files(found)
                continue
            data = path.read_bytes()
        if is_archive_of_files(data):
            yield from members(data, path.name)
        else:
            yield path.name, data


def read(data: bytes, name: str) -> Returned:
    """A returned file's rows, by its content. Raises DeriveError if it is dangerous, damaged, or
    not a worksheet."""
    refuse_dangerous(data, name)
    head = data[:_SNIFFED]
    for one in FORMATS.values():
        if one.knows(head, name):
            return one.read(data, name)
    raise DeriveError(
        "Not a worksheet of any format that derive writes",
        where=name,
        fix=f"send the file that was handed out, as {', '.join(FORMATS)}",
    )


def hash_of(data: bytes) -> str:
    """The name of a content."""
    return hashlib.sha256(data).hexdigest()[:_HASH]


def told(kept: Kept, **asked: Any) -> Kept:
    """The record with what is newly asked: name, author, instead_of, reopen, dismiss."""
    lists: dict[str, Any] = {
        key: tuple(dict.fromkeys([*getattr(kept, key), *asked.get(key, ())]))
        for key in ("instead_of", "reopen", "dismiss")
    }
    name = min(kept.name, asked.get("name") or kept.name)  # whichever came first
    return replace(kept, name=name, author=asked.get("author") or kept.author, **lists)


def reopened(kept: Kept) -> list[str]:
    """The IDs of the final submissions that a file's record opens."""
    return [said.rpartition("@")[2] for said in kept.reopen]


def keep(folder: Path, kept: Kept, data: bytes) -> Kept:
    """Keep a file and its record; what is there already stays as it is."""
    if not kept.at:
        kept = replace(kept, at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    safe = re.sub(r"[^\w.-]+", "_", Path(kept.name).name)[-80:]
    if not any(folder.glob(f"{kept.hash}-*")):
        write_bytes(folder / f"{kept.hash}-{safe}", data)
    record = folder / f"{kept.hash}.json"
    text = json.dumps(asdict(kept), ensure_ascii=False, indent=2) + "\n"
    # last: a file without its record is not there yet
    if not record.exists() or record.read_text(encoding="utf-8") != text:
        write_text(record, text)
    return kept


def load(folder: Path) -> list[Kept]:
    """What is kept, in the order of hashes. Raises DeriveError if a record is damaged."""
    found = []
    for path in sorted(folder.glob("*.json")):
        if not re.fullmatch(rf"[0-9a-f]{{{_HASH}}}\.json", path.name):
            continue
        with explain_os_errors("reading", path):
            text = path.read_text(encoding="utf-8")
        try:
            record = json.loads(text)
            lists = {key: tuple(record[key]) for key in ("instead_of", "reopen", "dismiss")}
            found.append(Kept(**{**record, **lists}))
        except (ValueError, TypeError, KeyError):
            raise DeriveError(
                "The record of a returned file is damaged",
                where=path,
                fix="delete it and collect the file again; it lies beside it",
            ) from None
    return found


def content(folder: Path, kept: Kept) -> bytes:
    """The file as it came. Raises DeriveError if it is gone or was changed in the folder."""
    file = next(folder.glob(f"{kept.hash}-*"), None)
    if file is None:
        raise DeriveError(
            f"The returned file {kept.name} is gone from the project",
            where=folder,
            fix=f"put it back, or delete {kept.hash}.json beside it, and collect again",
        )
    with explain_os_errors("reading", file):
        data = file.read_bytes()
    if hash_of(data) != kept.hash:
        raise DeriveError(
            "A returned file was changed after it was collected",
            where=file,
            fix="put it back as it came, or delete it with its .json and collect it again",
        )
    return data
