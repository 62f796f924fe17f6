"""What must not happen to a project folder: other people's files, other sources, full disks."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FakeEngine, ac_row, write_jsonl

from derive import pipeline, project
from derive.errors import DeriveError
from derive.files import TEMPORARY
from derive.ledger import Ledger
from derive.pipeline import Asked
from derive.release.read import Options
from derive.stages import Result


def make_source(folder: Path, **changed: Any) -> Path:
    # every sentence a length of its own: FakeEngine makes words of lengths, and no two items may
    # read the same
    rows = [ac_row(n, **{"text-en": "About " + "x" * n + "?", **changed}) for n in range(1, 10)]
    return write_jsonl(folder / "dev.jsonl", rows).parent


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_source(tmp_path / "release")


def run(folder: Path, source: Path | str, **options: Any) -> dict[str, Result]:
    engine = FakeEngine(lambda sentence: f"Pergunta sobre {sentence.split(' ')[-1]}")
    asked = Asked(str(source), "pt-BR", Options(**options))
    return {one.stage: one for one in pipeline.run(folder, asked, engine=engine)[1]}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file but the ledger, which tells the time."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("ledger.jsonl", "cache.sqlite")
    }


def test_a_folder_of_somebody_else_is_left_as_it_is(tmp_path: Path, source: Path) -> None:
    for name in ("home/notes.txt", "home/deep/.draft.tmp", "home/.cache.tmp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    before = tree(tmp_path / "home")
    with pytest.raises(DeriveError, match="not empty"):
        run(tmp_path / "home", source)
    assert tree(tmp_path / "home") == before


def test_only_leftovers_of_derive_are_swept(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    theirs = [tmp_path / "p" / name for name in ("worksheets/in/.a.tmp", ".git/.b.tmp")]
    ours = [tmp_path / "p" / name for name in (f"work/.a{TEMPORARY}", f"variant/.b{TEMPORARY}")]
    for path in (*theirs, *ours):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    run(tmp_path / "p", source)
    assert [path.exists() for path in (*theirs, *ours)] == [True, True, False, False]


def test_a_file_in_the_folders_place(tmp_path: Path, source: Path) -> None:
    (tmp_path / "p").write_text("mine")
    with pytest.raises(DeriveError) as caught:
        run(tmp_path / "p", source)
    assert caught.value.where == str(tmp_path / "p")
    assert (tmp_path / "p").read_text() == "mine"


@pytest.mark.parametrize("other", ["acme/other", "nosuch.csv", "changed", "llm-jp/x@main:v2"])
def test_another_source_is_refused(tmp_path: Path, source: Path, other: str) -> None:
    run(tmp_path / "p", source)
    before = tree(tmp_path / "p")
    if other == "changed":
        other = str(make_source(tmp_path / "changed", culture=0))
    with pytest.raises(DeriveError):
        run(tmp_path / "p", other)
    assert tree(tmp_path / "p") == before
    moved = source.rename(tmp_path / "moved")
    assert not run(tmp_path / "p", moved)["release"].fresh, "the same content is the same source"


def test_another_source_does_not_fill_a_gap(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    (tmp_path / "p" / "release" / "items.parquet").unlink()
    with pytest.raises(DeriveError, match="source"):
        run(tmp_path / "p", make_source(tmp_path / "changed", culture=0))
    run(tmp_path / "p", source)


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ('untagged = "suggested"', 'untagged = "rewrite"', {"flag"}),
        ('2 = "rewrite"', '2 = "translate"', {"flag", "worksheet", "build"}),
        ('name = "p"', 'name = "q"', {"worksheet", "build"}),
        ('1 = "adapt"', '1 = "adapt" # the same', set()),
    ],
)
def test_derive_toml_redoes_what_it_changes(
    tmp_path: Path, source: Path, old: str, new: str, stale: set[str]
) -> None:
    run(tmp_path / "p", source)
    toml = tmp_path / "p" / "derive.toml"
    assert old in toml.read_text()
    toml.write_text(toml.read_text().replace(old, new))
    assert {stage for stage, one in run(tmp_path / "p", source).items() if one.fresh} == stale


def test_a_bad_policy_is_refused(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    toml = tmp_path / "p" / "derive.toml"
    for old, new in (('"suggested"', '"nosuch"'), ('0 = "translate"', '3 = "translate"')):
        text = toml.read_text()
        toml.write_text(text.replace(old, new))
        with pytest.raises(DeriveError) as caught:
            run(tmp_path / "p", source)
        assert "policy" in caught.value.what
        assert "derive.toml" in str(caught.value.where)
        toml.write_text(text)


def entry(ledger: Ledger, stage: str = "flag", **details: str) -> None:
    ledger.append(
        stage, inputs={}, settings={}, outputs=[], counts={}, findings={}, details=details
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path)
    for stage in ("flag", "translate", "build"):
        entry(made, stage, name="質問 😀")
    return made


def test_a_line_torn_anywhere(ledger: Ledger) -> None:
    """Cut at every byte, also within a character: what is whole stays, the rest is no entry."""
    whole = ledger.path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(whole)):
        ledger.path.write_bytes(whole[:cut])
        assert [one["stage"] for one in ledger.entries()] == ["flag", "translate"]
        if cut % 50 == 0:
            entry(ledger, "worksheet")
            assert [one["stage"] for one in ledger.entries()][2:] == ["worksheet"]
    for cut in (0, 1, whole.index(b"\n")):
        ledger.path.write_bytes(whole[:cut])
        assert ledger.entries() == []


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"schema": 1'])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_damaged_line_is_named(ledger: Ledger, damage: bytes, at: int) -> None:
    lines = ledger.path.read_bytes().split(b"\n")
    lines[at] = damage
    ledger.path.write_bytes(b"\n".join(lines))
    with pytest.raises(DeriveError) as caught:
        ledger.entries()
    assert f"ledger.jsonl line {at + 1}" in str(caught.value.where)
    assert caught.value.fix


def test_a_newer_ledger_is_refused(ledger: Ledger) -> None:
    ledger.path.write_text(ledger.path.read_text().replace('"schema": 1', '"schema": 2', 1))
    with pytest.raises(DeriveError, match="schema") as caught:
        ledger.entries()
    assert "line 1" in str(caught.value.where)


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_lost_ledger_lines(tmp_path: Path, source: Path, lines: int) -> None:
    """Build, worksheet, translate are run again, give the same, and no filled file is touched."""
    run(tmp_path / "p", source)
    before = tree(tmp_path / "p")
    ledger = tmp_path / "p" / "ledger.jsonl"
    told = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join(told[:-lines]))
    stages = [json.loads(line)["stage"] for line in told]
    fresh = [stage for stage, one in run(tmp_path / "p", source).items() if one.fresh]
    assert fresh == stages[-lines:]
    assert tree(tmp_path / "p") == before
    filled = next((tmp_path / "p" / "worksheets" / "out").glob("*.adapt.csv"))
    filled.write_text("filled by a person")
    ledger.write_text("".join(told[:-lines]))
    run(tmp_path / "p", source)
    assert filled.read_text() == "filled by a person"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """After that many calls to os.fsync, every one fails: the disk is full."""
    real, left = os.fsync, [10**9]

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)

    def set_left(calls: int) -> None:
        left[0] = calls

    yield set_left
    left[0] = 10**9


def error_of(folder: Path, source: Path) -> str:
    try:
        run(folder, source)
    except DeriveError as error:
        return error.what
    return ""


def test_a_disk_that_fills_up(tmp_path: Path, source: Path, failing: Callable[[int], None]) -> None:
    """At any write: one message, nothing half-written; the next run ends as if nothing was."""
    run(tmp_path / "whole" / "p", source)
    calls = 0
    for calls in range(0, 200, 11):
        folder = tmp_path / f"full {calls}" / "p"
        failing(calls)
        said = error_of(folder, source)
        failing(10**9)
        if not said:
            break
        assert said.startswith("The disk is full")
        assert not list(folder.rglob("*.tmp"))
        run(folder, source)
        assert tree(folder) == tree(tmp_path / "whole" / "p")
    assert 20 < calls < 190, "the run has that many writes"


def test_two_projects_in_one_process(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "a", source)
    with project.open_project(tmp_path / "a").locked():
        run(tmp_path / "b", source)
