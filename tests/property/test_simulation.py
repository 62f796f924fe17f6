"""A whole project simulated: five translators, two reviewers and an adjudicator, three rounds.

What comes back is edited well and badly, in any order, twice, and with kills in between. An oracle
keeps its own account of what everybody said; what `collect` leaves must agree with it row by row.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from simulated_files import send, send_as_known
from simulated_people import DEEDS
from simulated_project import Simulation, make_start

from derive import pipeline, tables
from derive.codes import CODES
from derive.files import TEMPORARY
from derive.findings import Finding
from derive.intake import Taken
from derive.project import Project, open_project
from derive.stage import Result
from derive.text import canonical

EVERYTHING = {  # that may become of units and rows: none of it is left to luck
    "none", "accepted", "half", "conflict", "double", "disputed", "rejected", "stale", "gone",
    "initial", "translated", "reviewed", "final",
    "stands", "held", "replaced", "superseded", "set-aside",
}  # fmt: skip
OPINIONS = ("text-", "number-", "response-", "draft-", "counterpart-")
TABLES = {"standings": tables.STANDINGS, "submissions": tables.SUBMISSIONS,
          "adaptations": tables.ADAPTATIONS}  # fmt: skip
DYING = """
import os, signal, sys
from pathlib import Path
end, when, replace = sys.argv.pop(1), sys.argv.pop(1), Path.replace
def dying(path, target):
    if str(target).endswith(end) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    replace(path, target)
    if str(target).endswith(end):
        os.kill(os.getpid(), signal.SIGKILL)
Path.replace = dying
from derive.cli import main
main()
"""
MOMENTS = [  # when a file takes its place, in the order of a run
    (".json", "before"), ("submissions.parquet", "after"), ("adaptations.parquet", "before"),
    ("findings-collect.jsonl", "after"), (".report.txt", "before"),
]  # fmt: skip


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project, and a worksheet that its forerunner on an older release gave out."""
    return make_start(tmp_path_factory.mktemp("start"))


class Laws:
    """What holds after every collect. seen: all that became of units and rows."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, simulation: Simulation, result: Result) -> None:
        self.accounts(simulation, result)
        self.adaptations(simulation)
        self.submissions(simulation)
        self.findings(simulation, result)
        self.returned(simulation)

    def accounts(self, simulation: Simulation, result: Result) -> None:
        """The units by what became of them add up, and each is there once."""
        keys, counts = simulation.keys, dict(result.counts)
        expected = simulation.oracle.accounts(keys)
        assert counts.pop("issued") == sum(counts.values()) == len(keys)
        assert {name: count for name, count in counts.items() if count} == +expected
        standings = table(simulation, "standings")
        standing = simulation.oracle.standings()
        found = {row["key"]: (row["status"], row["state"]) for row in standings.to_dicts()}
        places = {key: (one.status, one.state) for key, one in standing.items()}
        assert differences(places, found) == []
        assert len(found) == standings.height, "every unit that came back has one standing"
        self.seen |= {word for words in places.values() for word in words}

    def adaptations(self, simulation: Simulation) -> None:
        """Each accepted text is there once, as it was written; nothing else is."""
        found = {row["item"]: row for row in table(simulation, "adaptations").to_dicts()}
        assert len(found) == table(simulation, "adaptations").height
        expected = {
            key.rpartition("~")[0]: one
            for key, one in simulation.oracle.standings().items()
            if one.status == "accepted"
        }
        assert sorted(found) == sorted(expected)
        for item, one in expected.items():
            row = found[item]
            texts = (row["decision"], canonical(row["prompt"]), canonical(row["response"]))
            assert texts == one.content, item
            assert row["state"] == one.state, item
            assert row["reason"] in one.reasons, item
            assert one.authors <= set(row["author"].split("; ")), item
            checks = [code for code in row["checks"] if not is_opinion(code)]
            assert set(checks) in one.checks, item

    def submissions(self, simulation: Simulation) -> None:
        """Every row that somebody filled is kept, with its texts and what became of it."""
        rows = table(simulation, "submissions").to_dicts()
        found = {
            (row["name"], row["file"], row["place"], row["row"], row["key"]): (
                *(row[name] for name in ("fate", "decision")),
                *(canonical(row[name]) for name in ("prompt", "response")),
            )
            for row in rows
        }
        expected = simulation.oracle.submissions()
        self.seen |= {fate for fate, *_ in expected.values()}
        assert differences(expected, found) == []
        assert len(found) == len(rows)

    def findings(self, simulation: Simulation, result: Result) -> None:
        """All that was planted is found at its place, and nothing else is."""
        found = Counter(map(place, result.findings))
        sure = Counter(
            place(one)
            for one in result.findings
            if one.severity == "error" or not is_opinion(one.code)
        )
        expected = simulation.oracle.findings()
        assert sorted((sure - expected).items(), key=str) == [], "found, and not planted"
        assert sorted((expected - found).items(), key=str) == [], "planted, and not found"
        errors = {place(one)[:4] for one in result.findings.of("error")}
        assert sorted(simulation.oracle.open_rows() - errors) == [], "held, and no error says so"

    def returned(self, simulation: Simulation) -> None:
        """Every file is kept once, as it came, and there is a report for who sent it."""
        folder = simulation.project.returned
        kept = [(path.name.split("-")[0], path.read_bytes()) for path in folder.glob("*-*")]
        assert sorted(kept) == sorted((one.hash, one.data) for one in simulation.oracle.returns)
        assert {path.stem for path in folder.glob("*.json")} == dict(kept).keys()
        folder, marks = simulation.project.reports, {hash[:8] for hash in dict(kept)}
        assert {path.name.split(".")[-3] for path in folder.glob("*.report.txt")} == marks
        assert {path.name.split(".")[-4] for path in folder.glob("*.checked.xlsx")} == marks
        assert not [path.name for path in simulation.project.path.rglob(f"*{TEMPORARY}")]


def place(one: Finding) -> tuple[str | int | None, ...]:
    """Where a finding is, and what it is."""
    return one.file, one.origin, one.sheet, one.row, one.code, one.field


def table(simulation: Simulation, name: str) -> pl.DataFrame:
    """A table of work/."""
    return tables.read_parquet(simulation.project.work(f"{name}.parquet"), TABLES[name])


def is_opinion(code: str) -> bool:
    """Whether it is a remark on how a text reads, which holds no row: more of them may be made."""
    ours = code in ("response-missing-yet", "text-blank")
    return CODES[code].severity != "error" and not ours and code.startswith(OPINIONS)


def differences(expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> list[Any]:
    """(key, expected, found) where two mappings differ."""
    keys = sorted({*expected, *found}, key=str)
    pairs = [(key, expected.get(key), found.get(key)) for key in keys]
    return [one for one in pairs if one[1] != one[2]]


def at_once(simulation: Simulation, start: Project, folder: Path) -> dict[str, bytes]:
    """The tables and findings of a new copy of the project that gets all files in one call, but
    for those that the coordinator said something about."""
    shutil.copytree(start.path, folder / "derivation")
    shutil.copytree(simulation.project.issued, folder / "derivation" / "worksheets" / "issued",
                    dirs_exist_ok=True)  # fmt: skip
    returns = simulation.oracle.returns
    paths = {back.hash: send_as_known(back, folder / back.hash) for back in returns}
    again = open_project(folder / "derivation")
    better = [back.hash for some, asked in simulation.asked if asked.instead_of for back in some]
    rest = [path for hash, path in paths.items() if hash not in better]
    simulation.draw.shuffle(rest)
    pipeline.collect(again, rest, Taken())
    for returns, asked in simulation.asked:
        pipeline.collect(again, [paths[back.hash] for back in returns], asked)
    return results(again)


def results(project: Project) -> dict[str, bytes]:
    """What collecting leaves in work/."""
    names = [f"{name}.parquet" for name in TABLES] + ["findings-collect.jsonl"]
    return {name: project.work(name).read_bytes() for name in names}


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below it, with the time of its last change."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost(start: tuple[Project, Path], tmp_path: Path, seed: int) -> None:
    laws = Laws()
    simulation = Simulation.begin(start[0], tmp_path, seed, laws)
    returns, sheets = simulation.first_round(start[1])
    late = [returns.pop(simulation.draw.randrange(len(returns))) for _ in range(3)]
    simulation.deliver(returns, 2)
    simulation.deliver([*simulation.second_round(), *late], 2)
    simulation.deliver(simulation.third_round(), 1)
    simulation.deliver(simulation.adjudicated(sheets), 1)
    simulation.decisions(sheets)
    returns = simulation.oracle.returns
    again = [send_as_known(back, tmp_path / "again" / back.hash) for back in returns]
    before = snapshot(simulation.project.path / "work")
    pipeline.collect(simulation.project, again, Taken())
    assert snapshot(simulation.project.path / "work") == before, "a second time changes nothing"
    assert simulation.deck.done == {(role, kind) for role in DEEDS for kind in DEEDS[role]}
    assert laws.seen == EVERYTHING
    clean = at_once(simulation, start[0], tmp_path / "clean")
    assert differences(results(simulation.project), clean) == []


def test_killed_while_collecting(start: tuple[Project, Path], tmp_path: Path) -> None:
    """A real process, ended by the system at moments of its writing: the next one goes on."""
    simulation = Simulation.begin(start[0], tmp_path, 11, Laws())
    returns = simulation.first_round(start[1])[0][:9]
    paths = send(simulation.draw, returns, tmp_path / "sent")
    for moment in MOMENTS:
        command = [sys.executable, "-c", DYING, *moment, "collect", simulation.project.path, *paths]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, (moment, done.stderr)
    simulation.collect(returns)
    clean = at_once(simulation, start[0], tmp_path / "clean")
    assert differences(results(simulation.project), clean) == []


def test_what_is_no_worksheet_hinders_nothing(start: tuple[Project, Path], tmp_path: Path) -> None:
    """Among the files are others: each is named, none is kept, and the rest is taken."""
    simulation = Simulation.begin(start[0], tmp_path, 12, Laws())
    returns, _ = simulation.first_round(start[1])
    foreign = json.dumps({"derive_worksheet": {"schema": "1", "project": "elsewhere"}}) + "\n"
    foreign += json.dumps({"sheet": "adapt", "cells": {"key": "a~AAAA"}})
    others = {"notes.txt": "olá", "cut.xlsx": "PK\x03\x04cut", "foreign.jsonl": foreign}
    for name, text in others.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [*send(simulation.draw, returns, tmp_path / "sent"), *map(tmp_path.joinpath, others)]
    result = pipeline.collect(simulation.project, paths, Taken())
    refused = [one for one in result.findings if one.code == "worksheet-refused"]
    assert sorted(one.file or "" for one in refused) == sorted(others)
    simulation.collect(returns)
