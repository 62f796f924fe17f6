"""The source of a translated unit changes: old and new stand side by side, and work is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from conftest import FakeEngine, ac_row, write_jsonl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from team import Team, number_of, prompt, response, translated

from derive import pipeline, project
from derive.release.read import Options
from derive.update import undo, update

ENGINE = FakeEngine(lambda text: prompt(int((text + " 1" * 6).split()[5]), " hoje"))
BEFORE = [f"before_{one}_{two}" for two in ("prompt", "response") for one in ("source", "pivot")]
ENGLISH = "How should I tell item {0} that answer {0} is late?"


def row(number: int, **changed: Any) -> dict[str, Any]:
    """As tests/team.py makes them."""
    return ac_row(number, **{"text-en": ENGLISH.format(number), **changed})


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Six items, all translated by Ana; 2 and 5 are of level 2, 3 and 6 of level 0."""
    made = Team(tmp_path, 6)
    made.collect(made.fill(made.issue()[0], "ana.jsonl"))
    return made


def go(team: Team, *changed: dict[str, Any]) -> None:
    """Onto a release in which these rows take the place of those with their IDs or numbers."""
    rows = {number: row(number) for number in range(1, 7)} | {
        int(one["ID"].split("-")[2]) % 1000: one for one in changed
    }
    source = write_jsonl(team.folder / "newer" / "dev.jsonl", rows.values()).parent
    update(team.project, str(source), Options(), engine=ENGINE)
    team.project = project.open_project(team.project.path)


def cells(team: Team, **ask: Any) -> dict[int, dict[str, str]]:
    """The units of the next worksheet, by the item's number."""
    [path] = team.issue(**ask)
    lines = [json.loads(one)["cells"] for one in path.read_text("utf-8").splitlines()[1:]]
    return {number_of(one): one for one in lines}


def test_old_and_new_stand_side_by_side(team: Team) -> None:
    assert not {name for unit in cells(team).values() for name in unit} & set(BEFORE)
    text = "How should I tell item 2 that the second answer is late?"
    go(team, row(2, **{"text-en": text}), row(4, output="別の答えです。"))
    found = cells(team)
    assert found[2]["before_pivot_prompt"] == ENGLISH.format(2)
    assert found[2]["pivot_prompt"] == text
    assert (found[2]["prompt"], found[2]["response"]) == (prompt(2), response(2))
    assert found[2]["decision"] == "", "to be made again"
    assert found[2]["findings"].startswith(
        "the source has changed since this was written: pivot prompt"
    )
    assert found[4]["before_source_response"] == row(4)["output"]
    assert found[4]["source_response"] == "別の答えです。"
    # what has not changed is not shown twice, and sheets without a stale unit have no such column
    for number, unit in found.items():
        filled = {name for name in BEFORE if unit.get(name)}
        expected = {2: {BEFORE[1]}, 4: {BEFORE[2]}}
        assert filled == expected.get(number, set()), number
    assert not set(found[3]) & set(BEFORE)


def test_a_text_that_came_or_went_is_named(team: Team) -> None:
    go(team, row(1, **{"output-en": "Ask somebody you trust."}), row(2, output=None))
    found = cells(team)
    assert "since this was written: pivot response (new)" in found[1]["findings"]
    assert found[2]["before_source_response"] == row(2)["output"]
    assert found[2]["source_response"] == ""


def runs(team: Team, sheet: str, column: str) -> list[list[tuple[str, Any, Any, Any]]]:
    """The pieces of a column's cells in the workbook: text, struck out, underlined, bold."""
    [path] = team.issue(formats=("xlsx",), only="stale")
    found = openpyxl.load_workbook(path, rich_text=True)[sheet]
    [at] = [cell.column for cell in found[1] if cell.value == column]
    cells = [line[at - 1] for line in found.iter_rows(min_row=3)]
    pieces = [
        [(one.text, one.font) if isinstance(one, TextBlock) else (one, None) for one in cell.value]
        if isinstance(cell.value, CellRichText)
        else [(cell.value, cell.font)]
        for cell in cells
    ]
    return [
        [(text, font and font.strike, font and font.u, font and font.b) for text, font in of_cell]
        for of_cell in pieces
    ]


def test_changes_are_highlighted(team: Team) -> None:
    english = "How should I tell item 2 in Osaka that answer 2 is late?"
    go(team, row(2, text="まったく新しい質問", **{"text-en": english}))
    # what is gone as a whole, and what has come in the midst of what stayed
    assert runs(team, "Reescrever", "before_source_prompt") == [
        [(row(2)["text"], True, None, False)]
    ]
    [new] = runs(team, "Reescrever", "pivot_prompt")
    stayed = "How should I tell item 2 ", "that answer 2 is late?"
    assert [text for text, *_ in new] == [stayed[0], "in ", "Osaka", " ", stayed[1]]
    assert [(bool(underlined), bool(bold)) for _, _, underlined, bold in new] == [
        (False, False),
        (True, False),
        (True, True),  # new, and a mark
        (True, False),
        (False, False),
    ]


def test_the_work_goes_on_and_back(team: Team) -> None:
    before = team.adaptations()
    go(team, row(2, **{"text-en": "How should I tell item 2 that the answer 2 is very late?"}))
    assert set(team.adaptations()) == set(before) - {row(2)["ID"]}
    [path] = team.issue(only="stale")
    again = team.fill(path, "again.jsonl", lambda one: translated(one, " mesmo"))
    team.collect(again)
    pipeline.redo(team.project, "build")
    assert team.adaptations()[row(2)["ID"]]["prompt"] == prompt(2, " mesmo")
    assert prompt(2, " mesmo") in published(team)
    assert prompt(2) not in published(team)
    undo(team.project, engine=ENGINE)
    team.project = project.open_project(team.project.path)
    # what was written to the newer source is stale now, and the older answer stands
    assert team.adaptations() == before
    assert prompt(2) in published(team)
    assert not {name for unit in cells(team).values() for name in unit} & set(BEFORE)


def published(team: Team) -> list[str]:
    return pl.read_parquet(team.project.variant / "data" / "dev.parquet")["prompt"].to_list()


def test_old_text_is_shown_under_another_id(team: Team) -> None:
    go(team, row(4, ID="invented-test-9000004-001", output="別の答えです。"))
    unit = cells(team)[9000004]
    assert unit["before_source_response"] == row(4)["output"]
    assert unit["prompt"] == prompt(4)


def test_a_held_row_shows_the_source_it_was_written_to(tmp_path: Path) -> None:
    team = Team(tmp_path, 6)
    team.collect(team.fill(team.issue()[0], "ana.jsonl", lambda one: (
        {**translated(one), "decision": ""} if number_of(one) == 2 else None)))  # fmt: skip
    go(team, row(2, **{"text-en": "How should I tell item 2 that the answer 2 is very late?"}))
    unit = cells(team)[2]
    assert unit["before_pivot_prompt"] == ENGLISH.format(2)
    assert "since this was written: pivot prompt" in unit["findings"]
    assert unit["prompt"] == prompt(2)


def review(one: dict[str, str]) -> dict[str, str]:
    return {"verdict": "reject", "comment": "soa como máquina", "author": "Bruno"}


def test_a_rejected_text_is_offered_again_with_the_comment(team: Team) -> None:
    team.collect(team.fill(team.issue(role="reviewer")[0], "bruno.jsonl", review))
    go(team, row(2, **{"text-en": "How should I tell item 2 that the answer 2 is very late?"}))
    unit = cells(team)[2]
    assert unit["prompt"] == prompt(2)
    assert "Bruno: soa como máquina" in unit["findings"]
    assert unit["before_pivot_prompt"] == ENGLISH.format(2)


def test_both_texts_of_a_conflict_are_shown(team: Team) -> None:
    first = min(team.project.worksheets.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    other = team.fill(first, "caio.jsonl", lambda one: translated(one, " ainda", "Caio"))
    team.collect(other)
    go(team, row(2, **{"text-en": "How should I tell item 2 that the answer 2 is very late?"}))
    unit = cells(team, only="stale")[2]
    both = {prompt(2), prompt(2, " ainda")}
    [offered] = [text for text in both if unit["prompt"] == text]
    [told] = both - {offered}
    assert f"wrote:\n{told}\n" in unit["findings"]
