"""ledger.jsonl: what was done in a project folder, one line a stage's run.

The last line of a stage tells whether its output is up to date: same inputs, same settings, same
version of derive, and outputs as they were written.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import derive
from derive import schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_file

STAGES = ("release", "check", "flag", "translate", "collect", "worksheet", "build")
SCHEMA = 1


class Ledger:
    """The ledger of one project folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"

    def entries(self) -> list[dict[str, Any]]:
        """All entries, oldest first. A last line torn by a kill is no entry. Raises DeriveError."""
        if not self.path.exists():
            return []
        with explain_os_errors("reading", self.path):
            lines = self.path.read_bytes().split(b"\n")
        entries = []
        for number, line in enumerate(lines[:-1], 1):  # what follows the last line end is torn
            try:
                entry = json.loads(line)
            except ValueError:
                raise DeriveError(
                    "Not a ledger entry",
                    where=f"{self.path} line {number}",
                    fix="restore the file; the line was changed after derive wrote it",
                ) from None
            schemas.require(
                "ledger-entry", entry, f"{self.path} line {number}", "use a derive of its version"
            )
            entries.append(entry)
        return entries

    def last(self, stage: str) -> dict[str, Any] | None:
        """The stage's last entry."""
        return next((one for one in reversed(self.entries()) if one["stage"] == stage), None)

    def is_current(
        self, stage: str, inputs: Mapping[str, str], settings: Mapping[str, Any]
    ) -> bool:
        """Whether the last run had these inputs and settings, and its outputs still stand."""
        entry = self.last(stage)
        return (
            entry is not None
            and entry["inputs"] == dict(inputs)
            and entry["settings"] == dict(settings)
            and entry["derive"] == derive.__version__
            and all(
                (self.folder / name).is_file() and hash_file(self.folder / name) == digest
                for name, digest in entry["outputs"].items()
            )
        )

    def append(
        self,
        stage: str,
        *,
        inputs: Mapping[str, str],
        settings: Mapping[str, Any],
        outputs: list[Path],
        counts: Mapping[str, int],
        findings: Mapping[str, int],
        details: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Write a stage's entry; outputs are hashed as they stand on disk."""
        entry = {
            "schema": SCHEMA,
            "stage": stage,
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "derive": derive.__version__,
            "inputs": dict(inputs),
            "settings": dict(settings),
            "outputs": {
                path.relative_to(self.folder).as_posix(): hash_file(path) for path in outputs
            },
            "counts": dict(counts),
            "findings": dict(findings),
            "details": dict(details or {}),
        }
        schemas.require("ledger-entry", entry, self.path, "report this as a defect of derive")
        with explain_os_errors("writing", self.path):
            self._drop_torn_line()
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        return entry

    def _drop_torn_line(self) -> None:
        if not self.path.exists():
            return
        whole = self.path.read_bytes()
        keep = whole.rfind(b"\n") + 1
        if keep < len(whole):
            with self.path.open("rb+") as file:
                file.truncate(keep)
