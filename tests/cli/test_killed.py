"""Real runs, killed at their milestones, and two at once in one folder."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from conftest import ROOT

from derive import pipeline
from derive.files import TEMPORARY
from derive.project import open_project

WORDS = ["letter", "garden", "river", "doctor", "family", "manager", "contract", "phone", "camera"]
COUNT = 300


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few hundred varied English questions in Do-Not-Answer's shape."""
    draw = random.Random(11)
    lines = ["id,risk_area,types_of_harm,specific_harms,question"]
    for number in range(COUNT):
        told = " and the ".join(draw.sample(WORDS, draw.randint(1, 6)))
        more = f" I saw {draw.choice(WORDS)} {number % 40} there." if number % 3 else ""
        lines.append(f"{number},a,b,c,Where did person {number} find the {told}?{more}")
    path = tmp_path_factory.mktemp("source") / "questions.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def arguments(source: Path, folder: Path) -> list[object]:
    return ["run", source, "--profile", "do-not-answer", "--locale", "pt-BR", "-o", folder]


def start(source: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "derive", *map(str, arguments(source, folder))]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder.parent
    )


def cached(folder: Path) -> int:
    """The sentences that are safe on disk."""
    file = folder / "work" / "cache.sqlite"
    if not file.is_file():
        return 0
    try:
        with closing(sqlite3.connect(file, timeout=0)) as database:
            return int(database.execute("SELECT COUNT(*) FROM outputs").fetchone()[0])
    except sqlite3.OperationalError:  # the run is making the table
        return 0


def there(name: str) -> Callable[[Path], bool]:
    return lambda folder: any(folder.glob(name))


def milestones() -> Iterator[tuple[str, Callable[[Path], bool]]]:
    """What is waited for before the kill, in the order of a run."""
    draw = random.Random(5)
    yield "the lock", there(".lock")
    yield "the release", there("release/items.parquet")
    yield "the routes", there("work/routes.parquet")
    for wanted in sorted(draw.sample(range(20, COUNT + 100), 4)):
        yield f"{wanted} sentences", lambda folder, wanted=wanted: cached(folder) >= wanted  # type: ignore[misc]
    yield "the drafts", there("work/drafts.parquet")
    yield "a file on its way", there("worksheets/out/.*.tmp")
    yield "the worksheets", there("worksheets/out/*.xlsx")
    yield "the variant", there("variant/data/*")


def tables(folder: Path) -> dict[str, bytes]:
    """All that a run leaves, byte for byte, but the ledger (it holds times) and the cache."""
    names = ("release/*", "work/*.parquet", "work/*.jsonl", "worksheets/out/*", "variant/**/*")
    files = [path for name in names for path in sorted(folder.glob(name)) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_killed_at_every_milestone(source: Path, tmp_path: Path) -> None:
    """What was safe stays, and the run that is left alone ends as one that was never killed."""
    whole, killed = tmp_path / "whole" / "p", tmp_path / "killed" / "p"
    for folder in (whole, killed):
        folder.parent.mkdir()
    done = start(source, whole)
    done.communicate(timeout=60)
    assert done.returncode in (0, 1), "1: some drafts have errors"
    kills, safe = [], 0
    for name, reached in milestones():
        with start(source, killed) as process:
            while process.poll() is None and not reached(killed):
                time.sleep(0.002)
            process.kill()
            said = process.communicate()[1]
        assert process.returncode in (-signal.SIGKILL, done.returncode), f"before {name}: {said}"
        kills += [name] if process.returncode < 0 else []
        assert cached(killed) >= safe, f"translations were lost at {name}"
        safe = cached(killed)
    assert len(kills) >= 6, kills
    again = start(source, killed)
    _, said = again.communicate(timeout=60)
    assert again.returncode == done.returncode, said
    expected, found = tables(whole), tables(killed)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert cached(killed) == cached(whole)
    assert not list(killed.rglob("*.tmp"))
    items = pl.read_parquet(killed / "release" / "items.parquet")
    drafts = pl.read_parquet(killed / "work" / "drafts.parquet")
    assert items.height == drafts.height == COUNT
    assert drafts["text"].null_count() == 0


def test_what_a_kill_before_the_project_leaves_is_no_hindrance(
    sample: Path, tmp_path: Path, derive: Callable[..., Result]
) -> None:
    """The lock, and derive.toml half-written under its temporary name."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / ".lock").touch()
    (folder / f".derive.toml.x_1{TEMPORARY}").write_text("# What was")
    for _ in range(2):
        done = derive("init", folder, "--source", sample, "--locale", "pt-BR")
        assert done.exit_code == 0, done.stderr
    assert not list(folder.rglob(f".*{TEMPORARY}"))


def test_a_folder_in_use_is_left_alone(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    start(source, folder).communicate(timeout=60)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with open_project(folder).locked():
        process = start(source, folder)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Another run is at work in this project folder" in said
    assert str(folder) in said
    assert "wait until it has ended" in said
    assert "Traceback" not in said
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_new_runs_at_once(source: Path, tmp_path: Path) -> None:
    """One of them does it; the other says why not."""
    both = [start(source, tmp_path / "p") for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes[0] in (0, 1), said
    assert codes[1] in (codes[0], 2), said
    refused = [text for text, process in zip(said, both, strict=True) if process.returncode == 2]
    assert all("Another run is at work" in text for text in refused), refused
    assert pl.read_parquet(tmp_path / "p" / "work" / "drafts.parquet").height == COUNT


def test_a_folder_made_meanwhile_is_the_one(
    source: Path, tmp_path: Path, derive: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run has made the project while this one was reading the release."""
    read = pipeline._read
    command = ["init", tmp_path / "p", "--source", source, "--profile", "do-not-answer",
               "--locale", "pt-BR"]  # fmt: skip

    def slowly(*given: object) -> object:
        monkeypatch.setattr(pipeline, "_read", read)
        assert derive(*command).exit_code == 0
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "_read", slowly)
    done = derive(*command)
    assert done.exit_code == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_hundred_kills(tmp_path: Path) -> None:
    """Before a hundred calls of the stage `translate` into C, most of which write something."""
    program = [sys.executable, str(ROOT / "tests" / "killing.py"), str(tmp_path), "100", "3"]
    done = subprocess.run(program, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["places"]) >= 100
    whole, *killed = told["projects"]
    for one in killed:
        assert {key: one[key] == whole[key] for key in ("texts", "entries", "files")} == {
            "texts": True, "entries": True, "files": True
        }  # fmt: skip
        asked_for = [[sentence for batch in run for sentence in batch] for run in one["runs"]]
        assert set(chain(*asked_for)) == set(chain(*whole["runs"][0])), "none left out"
        for number, run in enumerate(one["runs"]):
            safe = set(chain(*run[:-1]))
            assert not safe & set(chain(*asked_for[number + 1 :])), "nothing but a last batch twice"
    assert len(whole["entries"]) == 1
    assert not [name for name in whole["files"] if name.endswith((TEMPORARY, "-wal", "-shm"))]
    hit = {place.split()[0] for place in told["places"]}
    assert hit >= {"cache.py", "files.py", "findings.py", "schedule.py"}, hit
