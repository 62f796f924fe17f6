"""What people accepted is in the variant, each item once; the rest is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from team import Team, number_of, prompt, response, translated

from derive import pipeline, project
from derive.errors import DeriveError


def build(team: Team) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    """The items and the excluded ones, by number."""
    pipeline.redo(team.project, "build")
    data = sorted((team.project.variant / "data").glob("*.parquet"))
    rows = [row for path in data for row in pl.read_parquet(path).to_dicts()]
    excluded = pl.read_parquet(team.project.variant / "excluded.parquet").to_dicts()
    return (
        {int(row["derived_from"]["id"].split("-")[2]): row for row in rows},
        {number_of(row): row for row in excluded},
    )


def fill(cells: dict[str, str]) -> dict[str, str] | None:
    number = number_of(cells)
    if number == 1:
        gone = {"decision": "remove", "prompt": "", "response": "", "reason": "só lá"}
        return {**gone, "author": "Ana"}
    if number == 2:
        return None
    return {**translated(cells), "evidence": "https://a.example/\nhttps://b.example/"}


def test_what_people_accepted_goes_in(tmp_path: Path) -> None:
    team = Team(tmp_path)
    before, waiting = build(team)
    assert {3, 6, 9} <= set(before) <= {3, 6, 9, 12}, "drafts of level 0 without errors"
    team.collect(team.fill(team.issue()[0], "a.jsonl", fill))
    rows, excluded = build(team)
    assert set(rows) == set(range(3, 13))
    assert excluded[1]["status"] == "removed"
    assert excluded[2]["reason"] == waiting[2]["reason"] == "waits for a person: rewrite"
    for number, row in rows.items():
        assert (row["prompt"], row["response"]) == (prompt(number), response(number))
        assert (row["decision"], row["state"], row["split"]) == ("modify", "translated", "dev")
        assert row["evidence"] == ["https://a.example/", "https://b.example/"]
        assert row["id"] == f"brazil-{number:06d}"
    card = (team.project.variant / "README.md").read_text(encoding="utf-8")
    assert "People have translated, adapted or read every item." in card
    assert pipeline.redo(team.project, "build").fresh is False


def test_conflicts_wait_and_policies_hold(tmp_path: Path) -> None:
    team = Team(tmp_path)
    [path] = team.issue()
    team.collect(team.fill(path, "a.jsonl", fill))
    team.collect(team.fill(path, "b.jsonl", lambda cells: (
        translated(cells, " porém", "Bia") if number_of(cells) == 5 else None)))  # fmt: skip
    rows, excluded = build(team)
    assert 5 not in rows
    assert excluded[5]["reason"] == "waits for an adjudicator: two answers differ"
    file = team.project.path / "derive.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('state = "translated"', 'state = "reviewed"'), encoding="utf-8")
    team.project = project.open_project(team.project.path)
    rows, excluded = build(team)
    assert not rows
    assert excluded[4]["reason"] == "waits for a reviewer: it is translated"
    assert len(excluded) == 12


def test_ids_are_kept_and_never_used_again(tmp_path: Path) -> None:
    team = Team(tmp_path)
    removed = {"decision": "remove", "prompt": "", "response": "", "reason": "x", "author": "A"}
    team.collect(team.fill(team.issue()[0], "a.jsonl", lambda cells: (
        removed if number_of(cells) < 4 else translated(cells))))  # fmt: skip
    first, _ = build(team)

    def new(cells: dict[str, str]) -> dict[str, str] | None:
        if not cells["item"].startswith("new-"):
            return None
        return {**translated(cells), "decision": "new"}

    team.collect(team.fill(team.issue(coverage=0.9)[0], "new.jsonl", new))
    pipeline.redo(team.project, "build")
    rows = pl.read_parquet(team.project.variant / "data" / "new.parquet").to_dicts()
    assert {row["id"] for row in rows} == {"brazil-000013", "brazil-000014"}
    assert {row["decision"] for row in rows} == {"new"}
    assert {row["harm_type"] for row in rows} == {"種類"}, "the path they were asked for"
    data = pl.read_parquet(team.project.variant / "data" / "dev.parquet").to_dicts()
    assert {row["id"] for row in data} == {row["id"] for row in first.values()}
    damaged = '{"numbers": {"a": 1, "b": 1}, "renamed": {}}'
    (team.project.path / "variant-ids.json").write_text(damaged, encoding="utf-8")
    team.collect(team.fill(team.issue()[0], "b.jsonl", lambda cells: None))
    (team.project.variant / "README.md").unlink()
    with pytest.raises(DeriveError, match="IDs is damaged"):
        pipeline.redo(team.project, "build")
