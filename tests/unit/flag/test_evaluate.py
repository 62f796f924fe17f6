"""The figures of an evaluation are those one gets by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derive.errors import DeriveError
from derive.flag.evaluate import judge, measure, read_labelled
from derive.flag.lexicon import Entry, Lexicon
from derive.flag.patterns import NO_PATTERNS


def lexicon() -> Lexicon:
    made = Lexicon({}, {}, {})
    for name, level in (("tokyo", 1), ("bay", 1), ("koseki", 2)):
        entry = Entry(name, "place", level, False, name, "", "gloss")
        made.entries[name] = entry
        made.pivot[name] = [(name, entry)]
    return made


def row(text: str, culture: str, level: int, spans: list[tuple[str, str]] | None) -> dict[str, Any]:
    listed = None if spans is None else [{"surface": a, "slot": b} for a, b in spans]
    return {"id": text[:8], "text": text, "culture": culture, "level": level, "spans": listed}


ROWS = [
    row("Tokyo and Tokyo bay", "ja-JP", 1, [("Tokyo", "place"), ("Tokyo bay", "food")]),
    row("a koseki, yes", "ja-JP", 2, [("koseki", "place")]),
    row("my koseki here", "ja-JP", 1, None),
    row("Naha is far", "ja-JP", 1, [("Naha", "place")]),
    row("Manila bay", "other", 0, []),
    row("in Seoul", "ko-KR", 2, [("Seoul", "place")]),
    row("plain", "universal", 0, []),
]


def test_figures(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("\n\n".join(json.dumps(one) for one in ROWS) + "\n", encoding="utf-8")
    figures = measure(judge(read_labelled(path), "ja-JP", lexicon(), NO_PATTERNS))
    assert figures["specific"] == {
        "labelled": 4, "flagged": 4, "precision": 0.75, "recall": 0.75, "f1": 0.75,
    }  # fmt: skip
    assert figures["levels"] == {
        "labelled 0": {"suggested 0": 2, "suggested 1": 1, "suggested 2": 0},
        "labelled 1": {"suggested 0": 1, "suggested 1": 1, "suggested 2": 1},
        "labelled 2": {"suggested 0": 0, "suggested 1": 0, "suggested 2": 1},
    }
    assert figures["flagged_by_culture"]["universal"] == {"questions": 1, "flagged": 0}
    # marks: Tokyo, Tokyo, bay, koseki, and the bay of Manila; not asked of the row without spans
    spans = figures["spans"]
    assert (spans["labelled"], spans["marked"]) == (5, 5)
    assert (spans["precision"], spans["recall"]) == (0.8, 0.6)
    assert (spans["exact_precision"], spans["exact_recall"]) == (0.4, 0.4)
    assert spans["slot_right_of_found"] == round(2 / 3, 4)
    assert [one["id"] for one in figures["false_flags"]] == ["Manila b"]
    assert [one["id"] for one in figures["missed"]] == ["Naha is "]
    assert [one["id"] for one in figures["level_errors"]] == ["my kosek"]
    assert [one["surface"] for one in figures["missed_spans"]] == ["Naha", "Seoul"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "Not JSON"),
        ('{"id": "a"}', "required"),
        (json.dumps(row("plain", "ja-JP", 3, None)), "3"),
        (json.dumps(row("plain", "ja-JP", 1, [("nosuch", "place")])), "nosuch"),
        (json.dumps(row("a b", "ja-JP", 1, [("b", "place"), ("a", "place")])), "rest of the text"),
        ("", "No labelled question"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "q.jsonl"
    good = json.dumps(ROWS[0]) + "\n" if line else ""
    path.write_text(f"{good}{line}\n", encoding="utf-8")
    with pytest.raises(DeriveError) as caught:
        read_labelled(path)
    assert message in caught.value.what
    assert "q.jsonl line 2" in str(caught.value.where) or not line


def test_nothing_to_take_a_share_of() -> None:
    figures = measure(judge([{**ROWS[-1], "places": []}], "ja-JP", lexicon(), NO_PATTERNS))
    assert figures["specific"]["recall"] is None
    assert figures["specific"]["precision"] is None
