"""How well the flagger does on labelled questions: schema/labelled-question.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive import schemas, tables
from derive.errors import DeriveError
from derive.files import read_text
from derive.flag.lexicon import Lexicon
from derive.flag.marks import find_marks
from derive.flag.patterns import Patterns
from derive.text import fields_of

LEVELS = (0, 1, 2)


@dataclass(frozen=True)
class Judged:
    """A labelled question with what the flagger says of it. spans: of the labels, None if none."""

    id: str
    text: str
    culture: str
    level: int
    spans: Sequence[tuple[int, int, str]] | None
    suggested: int
    score: float
    marks: Sequence[Mapping[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """For a list of errors."""
        return {
            "id": self.id,
            "text": self.text,
            "culture": self.culture,
            "level": self.level,
            "suggested": self.suggested,
            "score": round(self.score, 2),
            "marks": [f"{mark['surface']} [{mark['entry']}]" for mark in self.marks],
        }


def read_labelled(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of labelled questions. Raises DeriveError, naming the first bad line."""
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DeriveError(f"Not JSON: {error}", where=where, fix="mend the line") from None
        schemas.require("labelled-question", row, where, "mend the line")
        row["places"] = None if row.get("spans") is None else list(_places(row, where))
        rows.append(row)
    if not rows:
        raise DeriveError("No labelled question in it", where=path, fix="name another file")
    return rows


def _places(row: Mapping[str, Any], where: str) -> Iterator[tuple[int, int, str]]:
    """Where the spans are: each is the first occurrence right of the one before."""
    end = 0
    for span in row["spans"]:
        start = row["text"].find(span["surface"], end)
        if start < 0:
            raise DeriveError(
                f"{span['surface']!r} is not in the rest of the text",
                where=where,
                fix="list the spans as they stand in the text, in their order",
            )
        end = start + len(span["surface"])
        yield start, end, span["slot"]


def judge(
    rows: Sequence[Mapping[str, Any]], culture: str, lexicon: Lexicon, patterns: Patterns
) -> list[Judged]:
    """What the flagger says of labelled questions: the text as the pivot, the source beside it.

    culture: the source culture's tag; what is labelled with another is not specific to it.
    """
    empty = dict.fromkeys(tables.ITEMS)
    items = tables.frame(
        [
            {**empty, "id": str(at), "prompt": row.get("source"), "prompt_pivot": row["text"]}
            for at, row in enumerate(rows)
        ],
        tables.ITEMS,
    )
    marks: list[list[dict[str, Any]]] = [[] for _ in rows]
    for mark in find_marks(items, lexicon, patterns):
        marks[int(mark["item"])].append(mark)
    judged = []
    for row, item, of_row in zip(rows, items.to_dicts(), marks, strict=True):
        said = patterns.level.suggest(of_row, fields_of(item))
        level = row["level"] if row["culture"] == culture else 0
        judged.append(
            Judged(
                row["id"], row["text"], row["culture"], level, row["places"],
                said.level, said.local + said.premise, of_row,
            )
        )  # fmt: skip
    return judged


def measure(judged: Sequence[Judged]) -> dict[str, Any]:
    """All figures, as a JSON object; errors sorted by strength, the worst first.

    A span counts as found if a mark of the pivot text overlaps it, and a mark as right if it
    overlaps a span; `exact` asks for the same limits. Rows without labelled spans do not count.
    """
    found = sum(one.level > 0 and one.suggested > 0 for one in judged)
    flagged = sum(one.suggested > 0 for one in judged)
    specific = sum(one.level > 0 for one in judged)
    return {
        "questions": len(judged),
        "specific": {"labelled": specific, "flagged": flagged, **_rates(found, flagged, specific)},
        "flagged_by_culture": {
            culture: {
                "questions": sum(one.culture == culture for one in judged),
                "flagged": sum(one.culture == culture and one.suggested > 0 for one in judged),
            }
            for culture in sorted({one.culture for one in judged})
        },
        "levels": {
            f"labelled {level}": {
                f"suggested {said}": sum(
                    one.level == level and one.suggested == said for one in judged
                )
                for said in LEVELS
            }
            for level in LEVELS
        },
        "levels_right": _share(sum(one.level == one.suggested for one in judged), len(judged)),
        "spans": _spans(judged),
        "false_flags": [
            one.as_dict()
            for one in sorted(judged, key=lambda one: (-one.score, one.id))
            if one.suggested and not one.level
        ],
        "missed": [
            one.as_dict()
            for one in sorted(judged, key=lambda one: (-one.level, one.score, one.id))
            if one.level and not one.suggested
        ],
        "level_errors": [
            one.as_dict()
            for one in sorted(judged, key=lambda one: (-one.level, one.id))
            if one.level and one.suggested and one.level != one.suggested
        ],
        "missed_spans": [
            {"id": one.id, "surface": one.text[start:end], "slot": slot}
            for one in judged
            for start, end, slot in one.spans or ()
            if not any(_overlap((start, end), mark) for mark in _pivot(one))
        ],
    }


def _spans(judged: Sequence[Judged]) -> dict[str, Any]:
    with_spans = [one for one in judged if one.spans is not None]
    labelled = sum(len(one.spans or ()) for one in with_spans)
    marked = sum(len(_pivot(one)) for one in with_spans)
    touched = right = exact = slots = 0
    for one in with_spans:
        marks = _pivot(one)
        spans = one.spans or ()
        right += sum(any(_overlap(span[:2], mark) for span in spans) for mark in marks)
        for start, end, slot in spans:
            over = [mark for mark in marks if _overlap((start, end), mark)]
            touched += bool(over)
            exact += any((mark["start"], mark["end"]) == (start, end) for mark in over)
            slots += any(mark["slot"] == slot for mark in over)
    precision, recall = _share(right, marked), _share(touched, labelled)
    return {
        "labelled": labelled,
        "marked": marked,
        "precision": precision,
        "recall": recall,
        "exact_precision": _share(exact, marked),
        "exact_recall": _share(exact, labelled),
        "slot_right_of_found": _share(slots, touched),
    }


def _pivot(one: Judged) -> list[Mapping[str, Any]]:
    return [mark for mark in one.marks if mark["field"] == "prompt_pivot"]


def _overlap(span: tuple[int, int], mark: Mapping[str, Any]) -> bool:
    return bool(span[0] < mark["end"] and mark["start"] < span[1])


def _rates(found: int, flagged: int, specific: int) -> dict[str, float | None]:
    return {
        "precision": _share(found, flagged),
        "recall": _share(found, specific),
        "f1": _share(2 * found, flagged + specific),
    }


def _share(part: int, whole: int) -> float | None:
    """None where there is nothing to take a share of."""
    return round(part / whole, 4) if whole else None
