"""What the project has issued: every worksheet as it went out, so that what comes back is known.

worksheets/issued/<worksheet id>.jsonl.gz, the JSONL format of the worksheet. Returned rows are
compared with it: what was typed, what was changed that is only for reading, what is missing.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from derive.errors import DeriveError, explain_os_errors
from derive.files import write_bytes
from derive.text import canonical
from derive.worksheet.contract import Worksheet
from derive.worksheet.formats import jsonl

_SUFFIX = ".jsonl.gz"


@dataclass(frozen=True)
class Unit:
    """A unit as issued: its sheet and its cells, column to text."""

    sheet: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Issued:
    """One issued worksheet: its meta, and its units by key."""

    meta: Mapping[str, str]
    units: Mapping[str, Unit]

    @cached_property
    def owners(self) -> Mapping[tuple[str, str], str]:
        """(column, canonical text) to the key of the unit that shows it, for texts people read."""
        return {
            (name, canonical(text)): key
            for key, unit in self.units.items()
            for name, text in unit.cells.items()
            if text and name.endswith(("_prompt", "_response"))
        }


def save(folder: Path, worksheet: Worksheet) -> Path:
    """Keep an issued worksheet; one that is there already stays. Returns its path."""
    path = folder / f"{worksheet.id}{_SUFFIX}"
    if not path.exists():
        text = jsonl.dump(worksheet).encode("utf-8")
        write_bytes(path, gzip.compress(text, compresslevel=3, mtime=0))
    return path


def load(folder: Path) -> dict[str, Issued]:
    """All worksheets of a project, by ID. Raises DeriveError if one is damaged."""
    return dict(_each(folder))


def _each(folder: Path) -> Iterator[tuple[str, Issued]]:
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        with explain_os_errors("reading", path):
            data = path.read_bytes()
        try:
            text = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise DeriveError(
                f"The record of an issued worksheet is damaged: {error}",
                where=path,
                fix="restore it from a copy of the project folder",
            ) from None
        # our own writing, under a checksum: it needs no schema
        head, *lines = (json.loads(line) for line in text.splitlines())
        units = {line["cells"]["key"]: Unit(line["sheet"], line["cells"]) for line in lines}
        yield path.name.removesuffix(_SUFFIX), Issued(head[jsonl.HEAD], units)
