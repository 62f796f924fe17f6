"""What a check says, as a value. Findings are collected and shown; they stop nothing by themselves.

A finding's code is in derive/codes.py, with its severity and hint.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derive.codes import CODES
from derive.errors import DeriveError
from derive.files import replacing

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of one check.

    code:     stable, from derive/codes.py.          severity: error, warning or note.
    message:  what was seen, with the offending value quoted where it is short.
    item:     the item's ID.                          field: the table's column.
    file:     the file it was read from.              row: as a person counts it in that file.
    path:     JSON path inside the row.               hint: what to do.
    sheet:    of the file, as people see it.          origin: the file's hash, if names may repeat.
    """

    code: str
    severity: str
    message: str
    item: str | None = None
    field: str | None = None
    file: str | None = None
    row: int | None = None
    path: str | None = None
    hint: str | None = None
    sheet: str | None = None
    origin: str | None = None

    def spot(self) -> tuple[str, str, int]:
        """Where it is, for joining: the file's hash or name, the sheet, the row."""
        return self.origin or self.file or "", self.sheet or "", self.row or 0

    def place(self) -> str:
        """Where it is, in one short text: `dev.jsonl row 3 · item-id · prompt`."""
        row = " ".join(
            part
            for part in (
                self.file,
                f"sheet {self.sheet}" if self.sheet else None,
                f"row {self.row}" if self.row else None,
            )
            if part
        )
        return " · ".join(part for part in (row, self.item, self.field or self.path) if part)

    def as_dict(self) -> dict[str, Any]:
        """A JSON object without the empty parts."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def finding(code: str, message: str, *, severity: str | None = None, **where: Any) -> Finding:
    """A Finding of a registered code; severity and hint come from the registry unless given."""
    usual = CODES[code]
    return Finding(code, severity or usual.severity, message, hint=usual.hint, **where)


class _Read:
    """Findings that are elsewhere, read anew each time."""

    def __init__(self, read: Callable[[], Iterable[Finding]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._read())

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Findings:
    """A collection of findings that counts, sorts and renders."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._findings: Any = list(findings)

    @classmethod
    def kept(cls, read: Callable[[], Iterable[Finding]]) -> Findings:
        """Findings that stay where they are, for there may be too many; none can be added.

        read: gives all of them, each time it is called.
        """
        found = cls()
        found._findings = _Read(read)
        return found

    def add(self, code: str, message: str, **where: Any) -> None:
        """Add a finding of a registered code."""
        self._findings.append(finding(code, message, **where))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several."""
        self._findings.extend(findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def __len__(self) -> int:
        return len(self._findings)

    def of(self, severity: str) -> list[Finding]:
        """Those of one severity."""
        return [one for one in self._findings if one.severity == severity]

    def counts(self) -> dict[str, int]:
        """{error: n, warning: n, note: n}."""
        counts = Counter(one.severity for one in self._findings)
        return {severity: counts[severity] for severity in SEVERITIES}

    def by_code(self) -> dict[str, list[Finding]]:
        """The findings of each code, worst severity first, then by frequency and name."""
        return {code: first for code, _, first in self.first_of_codes(len(self))}

    def first_of_codes(self, limit: int) -> list[tuple[str, int, list[Finding]]]:
        """Each code, how many findings are of it, and the first ones; in the order of by_code."""
        count: Counter[str] = Counter()
        first: dict[str, list[Finding]] = {}
        worst: dict[str, int] = {}
        for one in self._findings:
            count[one.code] += 1
            severity = SEVERITIES.index(one.severity)
            worst[one.code] = min(severity, worst.get(one.code, severity))
            shown = first.setdefault(one.code, [])
            if len(shown) < limit:
                shown.append(one)
        order = sorted(count, key=lambda code: (worst[code], -count[code], code))
        return [(code, count[code], first[code]) for code in order]

    def as_list(self) -> list[dict[str, Any]]:
        """JSON objects, in the order they were found."""
        return [one.as_dict() for one in self._findings]

    def save(self, path: Path) -> None:
        """Write them as JSONL, in their order."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            for one in self._findings:
                file.write(f"{json.dumps(one.as_dict(), ensure_ascii=False)}\n".encode())

    @classmethod
    def load(cls, path: Path) -> Findings:
        """Read what `save` wrote; no file means no findings."""
        if not path.exists():
            return cls()
        with path.open(encoding="utf-8") as file:
            return cls(Finding(**json.loads(line)) for line in file)

    def refuse_errors(self, what: str, fix: str) -> None:
        """Raise one DeriveError that names the first errors, if there are any."""
        errors = self.of("error")
        if not errors:
            return
        shown = [f"{one.place()}: {one.message} [{one.code}]" for one in errors[:10]]
        if len(errors) > len(shown):
            shown.append(f"… and {len(errors) - len(shown)} more")
        raise DeriveError(f"{what}: {len(errors)} found", where="\n    ".join(shown), fix=fix)
