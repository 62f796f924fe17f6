"""A project onto a newer release: people's work is kept, and an update can be undone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import Result
from conftest import FakeEngine, ac_row, write_jsonl
from team import Team, number_of, prompt

from derive import files, project
from derive.errors import DeriveError
from derive.release.read import Options
from derive.update import undo, update

Derive = Callable[..., Result]
ENGINE = FakeEngine(lambda text: prompt(int(text.split()[5]), " hoje"))


def row(number: int, **changed: Any) -> dict[str, Any]:
    """As tests/team.py makes them."""
    text = f"How should I tell item {number} that answer {number} is late?"
    return ac_row(number, **{"text-en": text, **changed})


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Twelve items, all translated by Ana."""
    made = Team(tmp_path)
    made.collect(made.fill(made.issue()[0], "ana.jsonl"))
    return made


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Item 2 changed, 3 withdrawn, 4 under another ID, 5 tagged otherwise, 13 new."""
    rows = [row(n) for n in range(1, 13) if n != 3] + [row(13)]
    rows[1] = row(2, **{"text-en": "How should I tell item 2 that the answer 2 is late, please?"})
    rows[2]["ID"] = "invented-test-9000004-001"
    rows[3]["culture"] = 0
    return write_jsonl(tmp_path / "newer" / "dev.jsonl", rows).parent


def go(team: Team, source: Path, **how: Any) -> Any:
    done = update(team.project, str(source), Options(), engine=ENGINE, **how)
    team.project = project.open_project(team.project.path)
    return done


def tree(team: Team) -> dict[str, bytes]:
    folders = ("release/items.parquet", "release/profile.json", "derive.toml", "work")
    found: dict[str, bytes] = {}
    for name in folders:
        path = team.project.path / name
        for one in [path] if path.is_file() else sorted(path.glob("*.parquet")):
            found[one.name] = one.read_bytes()
    return found


def test_an_update_keeps_what_people_wrote(team: Team, newer: Path) -> None:
    before = team.adaptations()
    done = go(team, newer)
    assert done.difference.counts()
    rows = team.adaptations()
    assert {number_of(one) for one in rows.values()} == {1, 5, 6, 7, 8, 9, 10, 11, 12, 9000004}
    for item, one in rows.items():
        old = item.replace("9000004", "0000004")
        assert one["prompt"] == before[old]["prompt"], "kept, also under another ID"
    standing = team.standings()
    stale = next(status for key, status in standing.items() if "0000002" in key)
    gone = next(status for key, status in standing.items() if "0000003" in key)
    assert (stale, gone) == ("stale", "gone")
    [path] = team.issue(only="waiting")
    lines = [json.loads(one)["cells"] for one in path.read_text("utf-8").splitlines()[1:]]
    waiting = {number_of(cells): cells for cells in lines}
    assert set(waiting) == {2, 13}
    assert waiting[2]["prompt"] == prompt(2), "what was written to the text as it was"
    excluded = pl.read_parquet(team.project.variant / "excluded.parquet").to_dicts()
    reasons = {number_of(one): one["reason"] for one in excluded}
    assert reasons[3] == "the source has withdrawn it"
    assert reasons[2] == "waits for a translator: the source has changed since"
    ids = {
        one["derived_from"]["id"]: one["id"]
        for one in pl.read_parquet(team.project.variant / "data" / "dev.parquet").to_dicts()
    }
    assert ids["invented-test-9000004-001"] == "brazil-000004", "an item keeps its number"
    assert ids["invented-test-0000012-001"] == "brazil-000012"
    old_sheet = team.fill(_first(team), "late.jsonl", lambda cells: (
        {"prompt": prompt(4, " tarde")} if number_of(cells) == 4 else None))  # fmt: skip
    assert old_sheet.exists()


def _first(team: Team) -> Path:
    return min(team.project.worksheets.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)


def test_an_update_can_be_undone(team: Team, newer: Path) -> None:
    before, rows = tree(team), team.adaptations()
    go(team, newer)
    assert tree(team) != before
    undo(team.project, engine=ENGINE)
    team.project = project.open_project(team.project.path)
    assert tree(team) == before
    assert team.adaptations() == rows
    with pytest.raises(DeriveError, match="no update to undo"):
        undo(team.project, engine=ENGINE)
    with pytest.raises(DeriveError, match="on this release already"):
        go(team, team.folder / "release")


def test_a_killed_update_is_finished_by_the_next(
    team: Team, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replacing, whole, stops = files.replacing, None, 0
    for stop in range(0, 12, 2):
        left = [stop]

        def killed(target: Path, left: list[int] = left) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return replacing(target)

        monkeypatch.setattr(files, "replacing", killed)
        try:
            go(team, newer)
        except KeyboardInterrupt:
            stops += 1
        monkeypatch.setattr(files, "replacing", replacing)
        team.project = project.open_project(team.project.path)
        with contextlib.suppress(DeriveError):  # it was done but for the last word
            go(team, newer)
        adaptations = team.adaptations()
        whole = whole or adaptations
        assert adaptations == whole, stop
        while (team.project.path / "release" / "previous").is_dir() and any(
            (team.project.path / "release" / "previous").iterdir()
        ):
            undo(team.project, engine=ENGINE)
            team.project = project.open_project(team.project.path)
    assert stops >= 3


def test_the_command_line(derive: Derive, team: Team, newer: Path) -> None:
    assert derive("update", team.project.path).exit_code == 2
    assert derive("update", team.project.path, "--to", "x", "--undo").exit_code == 2
    done = derive("diff", team.folder / "release", newer)
    assert done.exit_code == 0
    for word in ("removed", "added", "changed"):
        assert word in done.stdout.lower()
    markdown = derive("diff", team.folder / "release", newer, "--markdown").stdout
    assert "please?" not in markdown, "the terms forbid quoting"
    assert json.loads(derive("diff", team.folder / "release", newer, "--json").stdout)["ok"]
    out = team.folder / "messages"
    assert derive("export", team.project.path, "--to", "messages", "-o", out).exit_code == 2
    derive("build", team.project.path)
    done = derive("export", team.project.path, "--to", "messages", "-o", out)
    assert done.exit_code == 0, done.stderr
    assert prompt(5) in "".join(path.read_text("utf-8") for path in out.rglob("*.jsonl"))
    assert "choose one of" in derive("export", team.project.path, "--to", "x", "-o", out).stderr
