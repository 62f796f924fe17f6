"""The project folder: what is up to date is not done again, and nothing is half-written."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import FakeEngine, ac_row, write_jsonl

from derive import files, pipeline, project
from derive.errors import DeriveError
from derive.ledger import Ledger
from derive.pipeline import Asked
from derive.release.read import Options
from derive.stage import Result as StageResult
from derive.status import status


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [ac_row(n, **{"text-en": f"Question {n}: what about number {n}?"}) for n in range(1, 13)]
    return write_jsonl(tmp_path / "release" / "dev.jsonl", rows).parent


def run(folder: Path, source: Path, **options: Any) -> dict[str, StageResult]:
    asked = Asked(str(source), options.pop("locale", "pt-BR"), Options(**options))
    engine = FakeEngine(target_languages=[asked.locale])
    return {one.stage: one for one in pipeline.run(folder, asked, engine=engine)[1]}


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_leaves_everything_in_its_place(tmp_path: Path, source: Path) -> None:
    results = run(tmp_path / "brazil", source)
    assert list(results) == ["release", "check", "flag", "translate", "worksheet", "build"]
    assert all(result.fresh for result in results.values())
    names = {name for name in tree(tmp_path / "brazil") if not name.startswith("worksheets/")}
    assert names == {
        ".lock", "derive.toml", "ledger.jsonl", "variant-ids.json",
        "release/items.parquet", "release/profile.json",
        "work/marks.parquet", "work/routes.parquet", "work/drafts.parquet", "work/cache.sqlite",
        "work/.cache.sqlite.lock",
        *(f"work/findings-{stage}.jsonl" for stage in results),
        "variant/data/dev.parquet", "variant/data/dev.jsonl", "variant/excluded.parquet",
        *(f"variant/{name}" for name in ("README.md", "LICENSE", "croissant.json", "CHANGELOG.md")),
    }  # fmt: skip
    build = results["build"].counts
    assert build["items"] + build["excluded"] == results["release"].counts["items"] == 12


def test_a_rerun_does_nothing(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    before = tree(tmp_path / "p")
    results = run(tmp_path / "p", source)
    assert not any(result.fresh for result in results.values())
    assert tree(tmp_path / "p") == before


def test_the_same_input_gives_the_same_output(tmp_path: Path, source: Path) -> None:
    trees = []
    for name in "ab":
        run(tmp_path / name / "brazil", source)
        told = tree(tmp_path / name / "brazil")
        trees.append({k: v[1] for k, v in told.items() if k != "ledger.jsonl"})
    assert trees[0].keys() == trees[1].keys()
    assert [key for key in trees[0] if trees[0][key] != trees[1][key]] == []


def test_a_changed_policy_redoes_what_depends_on_it(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    toml = tmp_path / "p" / "derive.toml"
    toml.write_text(toml.read_text().replace('0 = "translate"', '0 = "adapt"'))
    fresh = {stage for stage, result in run(tmp_path / "p", source).items() if result.fresh}
    assert fresh == {"flag", "worksheet", "build"}


def test_a_lost_output_is_made_again(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    (tmp_path / "p" / "work" / "drafts.parquet").unlink()
    (tmp_path / "p" / "variant" / "excluded.parquet").write_bytes(b"changed by hand")
    fresh = {stage for stage, result in run(tmp_path / "p", source).items() if result.fresh}
    assert fresh == {"translate", "build"}


def test_a_filled_worksheet_stays(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    [book] = (tmp_path / "p" / "worksheets" / "out").glob("*.xlsx")
    book.write_bytes(b"filled in place")
    result = run(tmp_path / "p", source)["worksheet"]
    assert [one.code for one in result.findings] == ["worksheet-edited"]
    assert book.read_bytes() == b"filled in place"


def test_worksheets_in_one_format(
    tmp_path: Path, source: Path, derive: Callable[..., Result]
) -> None:
    run(tmp_path / "p", source)
    out = tmp_path / "p" / "worksheets" / "out"
    for path in out.iterdir():
        path.unlink()
    assert derive("worksheet", tmp_path / "p", "--format", "csv").exit_code == 0
    assert {path.suffix for path in out.iterdir()} == {".csv"}
    assert "there is no 'odt'" in derive("worksheet", tmp_path / "p", "--format", "odt").stderr
    assert derive("worksheet", tmp_path / "p").exit_code == 0, (
        "up to date: what was asked for is there"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"locale": "pt-PT"}, "locale = 'pt-BR', not 'pt-PT'"),
        ({"overrides": {"id": "ID"}}, "source.map"),
        ({"splits": ("dev",)}, "source.splits"),
    ],
)
def test_a_folder_of_another_derivation_is_refused(
    tmp_path: Path, source: Path, change: dict[str, Any], message: str
) -> None:
    run(tmp_path / "p", source)
    with pytest.raises(DeriveError, match=message):
        run(tmp_path / "p", source, **change)


def test_a_changed_source_is_refused(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    write_jsonl(source / "dev.jsonl", [ac_row(1)])
    with pytest.raises(DeriveError, match="source has changed"):
        run(tmp_path / "p", source)
    (source / "dev.jsonl").unlink()
    source.rmdir()
    assert not run(tmp_path / "p", source)["release"].fresh, "the pinned copy stands"


def test_a_killed_init_goes_on(tmp_path: Path, source: Path) -> None:
    run(tmp_path / "p", source)
    for name in ("ledger.jsonl", "release/items.parquet"):
        (tmp_path / "p" / name).unlink()
    assert all(result.fresh for result in run(tmp_path / "p", source).values())


def test_the_language_of_the_release_is_no_target(tmp_path: Path, source: Path) -> None:
    with pytest.raises(DeriveError, match="in ja already"):
        run(tmp_path / "p", source, locale="ja")
    assert not (tmp_path / "p").exists()


def test_two_runs_at_once(tmp_path: Path, source: Path, derive: Callable[..., Result]) -> None:
    run(tmp_path / "p", source)
    with project.open_project(tmp_path / "p").locked():
        done = derive("build", tmp_path / "p")
    assert done.exit_code == 2
    assert "Another run is at work" in done.stderr
    assert derive("build", tmp_path / "p").exit_code == 0


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (None, "no derive.toml"),
        ("schema = ", "Not TOML"),
        ("schema = 2", "of schema 2, this derive knows up to 1"),
        ("schema = 1", "required property"),
    ],
)
def test_no_project(tmp_path: Path, toml: str | None, message: str) -> None:
    if toml is not None:
        (tmp_path / "derive.toml").write_text(toml)
    with pytest.raises(DeriveError) as caught:
        project.open_project(tmp_path)
    assert message in caught.value.what


def test_a_folder_with_other_things_is_refused(tmp_path: Path, source: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "thesis.docx").write_text("do not touch")
    with pytest.raises(DeriveError, match="not empty"):
        run(tmp_path / "p", source)
    assert {path.name for path in (tmp_path / "p").iterdir()} <= {"thesis.docx", ".lock"}


def test_stages_say_what_is_missing(
    tmp_path: Path, source: Path, derive: Callable[..., Result]
) -> None:
    assert derive("init", tmp_path / "p", "--source", source, "--locale", "pt-BR").exit_code == 0
    done = derive("worksheet", tmp_path / "p")
    assert done.exit_code == 2
    assert f"derive flag {tmp_path / 'p'}" in done.stderr
    assert derive("flag", tmp_path / "p").exit_code == 0
    assert "derive translate" in derive("worksheet", tmp_path / "p").stderr


def entry(ledger: Ledger, stage: str = "flag") -> None:
    ledger.append(stage, inputs={}, settings={}, outputs=[], counts={}, findings={})


def test_a_torn_ledger_line_is_dropped(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    entry(ledger)
    with ledger.path.open("a") as file:
        file.write('{"schema": 1, "sta')
    assert len(ledger.entries()) == 1
    entry(ledger, "check")
    assert [one["stage"] for one in ledger.entries()] == ["flag", "check"]


def test_a_changed_ledger_line_is_refused(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    entry(ledger)
    ledger.path.write_text("{}\n" + ledger.path.read_text())
    with pytest.raises(DeriveError) as caught:
        ledger.entries()
    assert "line 1" in str(caught.value.where)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "a.txt"
    files.write_text(path, "old")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DeriveError) as caught:
        files.write_text(path, "new")
    assert caught.value.where == str(path)
    assert caught.value.fix
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_status(tmp_path: Path, source: Path, derive: Callable[..., Result]) -> None:
    run(tmp_path / "p", source)
    opened = project.open_project(tmp_path / "p")
    told = status(opened)
    assert {one["state"] for one in told["stages"]} == {"done"}
    assert sum(row["items"] for row in told["routes"]) == 12
    assert sum(told["waiting"].values()) == told["stages"][-1]["counts"]["excluded"]
    assert json.loads(derive("status", tmp_path / "p", "--json").stdout)["routes"] == told["routes"]
    assert "waits for a person" in derive("status", tmp_path / "p").stdout
    (tmp_path / "p" / "work" / "routes.parquet").unlink()
    states = {one["stage"]: one["state"] for one in status(opened)["stages"]}
    assert states == {
        "release": "done", "check": "done", "flag": "stale", "translate": "stale",
        "worksheet": "stale", "build": "stale",
    }  # fmt: skip
