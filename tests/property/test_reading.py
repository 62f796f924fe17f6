"""Laws of reading: every row is accounted for, and no text is changed on its way in."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from conftest import ac_row
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.release.read import Options, read_release

# what JSON, CSV and Parquet can all carry; the csv module takes no NUL
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
CSV_TEXT = TEXT.filter(lambda text: "\0" not in text)
BAD = st.sampled_from(
    [
        "{",
        "7",
        json.dumps(ac_row(1, culture=9)),
        json.dumps(ac_row(1, ID="")),
        json.dumps(ac_row(1, text=None, **{"text-en": None})),
        json.dumps(ac_row(1)),  # again: its ID is taken
        json.dumps(ac_row(77, output=[1])),
        json.dumps(ac_row(78, output="\ud800")),
    ]
)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.one_of(BAD, st.integers(2, 60).map(lambda n: json.dumps(ac_row(n)))), max_size=12)
)
def test_rows_in_are_items_and_rows_left_out(rows: list[str]) -> None:
    rows = [json.dumps(ac_row(1)), *rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dev.jsonl"
        path.write_text("\n".join(rows), encoding="utf-8")
        release = read_release(str(path), Options(keep_going=True))
    errors = [one for one in release.findings if one.severity == "error"]
    assert release.rows == len(rows) == release.items.height + release.left_out
    assert len({one.row for one in errors}) == release.left_out
    assert set(release.items["row"]) | {one.row for one in errors} == set(range(1, len(rows) + 1))


def read_back(path: Path) -> list[dict[str, Any]]:
    return read_release(str(path), Options(profile="answercarefully")).items.to_dicts()


@settings(deadline=None, max_examples=60)
@given(TEXT, TEXT)
def test_texts_come_through_json_and_parquet(prompt: str, answer: str) -> None:
    row = ac_row(1, text=prompt, output=answer)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.jsonl").write_text(json.dumps(row, ensure_ascii=False), "utf-8", newline="\n")
        pl.DataFrame([row]).write_parquet(folder / "b.parquet")
        for path in folder.iterdir():
            [item] = read_back(path)
            assert (item["prompt"], item["response"]) == (prompt, answer)


@settings(deadline=None, max_examples=60)
@given(CSV_TEXT, CSV_TEXT)
def test_texts_come_through_csv(prompt: str, answer: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
                [["ID", "text", "output"], ["1", prompt, answer]]
            )
        [item] = read_back(path)
    assert (item["prompt"], item["response"]) == (prompt, answer)
