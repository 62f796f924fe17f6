"""What is looked at by itself: the rows of one language of one file, and what was told of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import PurePath
from typing import Any

TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?")
_CUT = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Part:
    """Rows that should be of one language.

    file: its path under the folder that is audited. rows: (row as a person counts it, column to
    value). split: as the file's name or the sheet tells it, or empty.
    code: the language as it is written, or empty. told_by: what wrote it: "file", "folder",
    "sheet", "column" (of a table with a column a language; `column` is its name) or "values" (of
    the column `column`), "asked" (the command line), or empty.
    """

    file: str
    rows: Sequence[tuple[int, Mapping[str, Any]]]
    split: str = ""
    code: str = ""
    told_by: str = ""
    column: str = ""

    @property
    def label(self) -> str:
        """The part as the summary names it."""
        several = self.told_by in ("column", "values", "sheet")
        return f"{self.file} · {self.code}" if several else self.file

    @property
    def columns(self) -> list[str]:
        """Its columns, in the order they first occur."""
        return list(dict.fromkeys(name for _, data in self.rows for name in data))

    def texts(self, column: str) -> list[str]:
        """The filled cells of a column, as text."""
        return [text for _, data in self.rows if (text := as_text(data.get(column))).strip()]


@dataclass(frozen=True)
class Reading:
    """A part with its language and what its columns hold. roles: column to a role of `columns`."""

    part: Part
    locale: str
    roles: Mapping[str, str] = field(default_factory=dict)

    def column(self, role: str) -> str | None:
        """The first column of a role."""
        return next((name for name, one in self.roles.items() if one == role), None)

    def cell(self, row: int, role: str) -> str:
        """The text of a row (its place in the part) in the column of a role, or empty."""
        name = self.column(role)
        return as_text(self.part.rows[row][1].get(name)) if name else ""

    def where(self, row: int | None = None, column: str | None = None) -> dict[str, Any]:
        """The place of a finding: file, row as people count it, column."""
        number = None if row is None else self.part.rows[row][0]
        return {"file": self.part.file, "row": number, "field": column or self.part.column or None}


def as_text(value: Any) -> str:
    """A cell as text: nothing is empty, whole numbers are digits, as a spreadsheet shows them."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def is_own(data: Mapping[str, Any]) -> bool:
    """Whether a row says, as `derive build` writes it, that it has no source item."""
    return data.get("decision") == "new"


def codes_in(name: str) -> list[str]:
    """What in a name may be a language code: the whole, then its last words, then the others."""
    whole = [name] if TAG.fullmatch(name) else []
    words = [word for word in _CUT.split(name) if word]
    pairs = [f"{one}-{two}" for one, two in pairwise(words)]
    tags = [pair for pair in pairs if TAG.fullmatch(pair) and pair[2] == "-"]
    last_first = [word for word in words[::-1] if re.fullmatch("[A-Za-z]{2,3}", word)]
    return list(dict.fromkeys([*whole, *tags[::-1], *last_first]))


def by_values(part: Part, column: str) -> list[Part]:
    """A part for each value of the column that names the language of a row."""
    groups: defaultdict[str, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
    for number, data in part.rows:
        groups[as_text(data.get(column)).strip()].append((number, data))
    return [
        replace(part, rows=rows, code=code, told_by="values", column=column)
        for code, rows in groups.items()
    ]


def by_columns(part: Part, codes: Mapping[str, str]) -> list[Part]:
    """A part for each language of a table with a column a language.

    codes: column to language code. Columns without a code are in every part.
    """
    found = []
    for code in dict.fromkeys(codes.values()):
        own = [column for column, one in codes.items() if one == code]
        rows = [
            (number, {k: v for k, v in data.items() if k in own or k not in codes})
            for number, data in part.rows
        ]
        found.append(replace(part, rows=rows, code=code, told_by="column", column=own[0]))
    return found


def named(file: str) -> list[tuple[str, str]]:
    """(told_by, code) of what may be language codes in a file's path, the likeliest first."""
    path = PurePath(file)
    stem = path.name.split(".")[0] if "." in path.name else path.name
    found = [("file", code) for code in codes_in(stem)]
    folders = [one for one in path.parts[:-1][::-1] if TAG.fullmatch(one)]
    return found + [("folder", one) for one in folders]
