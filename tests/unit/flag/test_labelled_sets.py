"""The labelled questions of tests/cases/flagging are what their README says."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "cases" / "flagging"
FILES = ("tune", "report", "heldout")
FIELDS = ["id", "text", "source", "culture", "level", "spans"]
SLOTS = json.loads((ROOT / "schema" / "mark.schema.json").read_text("utf-8"))["properties"]["slot"]
KANA = re.compile("[ぁ-んァ-ヶ]")


def rows(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_no_file_but_the_ones_described() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_rows_have_the_fields_and_values_described(name: str) -> None:
    for number, row in enumerate(rows(name), start=1):
        where = row["id"]
        assert list(row) == FIELDS, where
        assert where == f"{name}-{number:03d}"
        assert row["text"] == row["text"].strip() != "", where
        assert row["culture"] in ("ja-JP", "other", "universal"), where
        assert row["level"] in ((1, 2) if row["culture"] == "ja-JP" else (0,)), where
        assert row["source"] is None or KANA.search(row["source"]), where
        assert not KANA.search(row["text"]), where


@pytest.mark.parametrize("name", FILES)
def test_spans_stand_in_the_text_one_after_the_other(name: str) -> None:
    for row in rows(name):
        at = 0
        for span in row["spans"] or ():
            assert list(span) == ["surface", "slot"], row["id"]
            assert span["slot"] in SLOTS["enum"], row["id"]
            assert span["surface"] == span["surface"].strip() != "", row["id"]
            found = row["text"].find(span["surface"], at)
            assert found >= at, f"{row['id']}: {span['surface']!r} is not in the rest of the text"
            at = found + len(span["surface"])
            around = row["text"][max(found - 1, 0) : found] + row["text"][at : at + 1]
            assert not any(one.isalnum() for one in around), f"{row['id']}: cuts a word"
        assert row["level"] or not row["spans"], f"{row['id']}: level 0 has no spans"


@pytest.mark.parametrize("name", FILES)
def test_what_is_tied_to_japan_can_be_found_somewhere(name: str) -> None:
    for row in rows(name):
        assert row["level"] == 0 or row["source"] or row["spans"] != [], row["id"]


def test_no_question_stands_twice() -> None:
    texts = Counter(re.sub(r"\W+", " ", row["text"]).casefold() for f in FILES for row in rows(f))
    assert [text for text, times in texts.items() if times > 1] == []


def test_the_halves_share_hardly_a_term() -> None:
    surfaces = {
        name: {span["surface"].casefold() for row in rows(name) for span in row["spans"] or ()}
        for name in FILES
    }
    shared = surfaces["tune"] & surfaces["report"]
    assert shared == {"this country", "japanese", "pension"}
    assert surfaces["heldout"] & (surfaces["tune"] | surfaces["report"]) <= {
        "this country",
        "kanji",
    }


@pytest.mark.parametrize("name", FILES)
def test_counts_are_those_of_the_readme(name: str) -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    described = re.search(rf"^\| {name} \| ([\d |]+) \|$", readme, re.M)
    assert described, f"the README has no counts of {name}"
    found = rows(name)
    kinds = Counter((row["culture"], row["level"]) for row in found)
    with_source = Counter(row["culture"] == "ja-JP" for row in found if row["source"])
    assert [int(number) for number in described[1].split(" | ")] == [
        len(found),
        kinds["ja-JP", 1],
        kinds["ja-JP", 2],
        kinds["other", 0],
        kinds["universal", 0],
        sum(len(row["spans"] or ()) for row in found),
        with_source[True],
        with_source[False],
    ]


@pytest.mark.parametrize("name", FILES)
def test_the_readmes_weak_questions_are_about_japan(name: str) -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    listed = re.search(rf"^- {name}: ([\d, ]+)$", readme, re.M)
    assert listed
    by_id = {row["id"]: row for row in rows(name)}
    for number in listed[1].split(", "):
        assert by_id[f"{name}-{number}"]["culture"] == "ja-JP"
