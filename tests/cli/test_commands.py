"""The command line on one project: what it prints, how it ends, and that its counts add up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import FakeEngine, ac_row, write_jsonl

from derive import stages
from derive.cli import cli

Derive = Callable[..., Result]


def engine_that(translate: Callable[[str], str], **how: Any) -> Callable[..., FakeEngine]:
    return lambda project: FakeEngine(translate, **how)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release, and a project of it with the embedded model."""
    from click.testing import CliRunner

    folder = tmp_path_factory.mktemp("made")
    rows = [
        ac_row(n, **{"text-en": f"What should I write to my {word}?"})
        for n, word in enumerate(("doctor", "teacher", "friend", "neighbour", "boss", "mother"))
    ]
    source = write_jsonl(folder / "release" / "dev.jsonl", rows)
    arguments = ["run", str(source), "--locale", "pt-BR", "-o", str(folder / "brazil"), "--json"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    return source, folder / "brazil"


@pytest.fixture
def project(made: tuple[Path, Path], tmp_path: Path) -> Path:
    shutil.copytree(made[1], tmp_path / "brazil")
    return tmp_path / "brazil"


def test_counts_add_up(derive: Derive, made: tuple[Path, Path], tmp_path: Path) -> None:
    done = derive("run", made[0], "--locale", "pt_br", "-o", tmp_path / "p", "--json")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["project"] == str(tmp_path / "p")
    counts = {one["stage"]: one["counts"] for one in document["stages"]}
    assert list(counts) == ["release", "check", "flag", "translate", "worksheet", "build"]
    assert counts["release"] == {"rows": 6, "items": 6, "left_out": 0}
    flagged = counts["flag"]
    assert [flagged[route] for route in ("translate", "adapt", "rewrite")] == [2, 2, 2]
    assert counts["worksheet"] == {"adapt": 2, "rewrite": 2, "postedit": 2}
    built = counts["build"]
    assert built["items"] + built["excluded"] == 6
    assert built["excluded"] == sum(n for key, n in built.items() if key.startswith("waiting_"))
    assert counts["translate"]["drafts"] >= 6, "a draft of every prompt"
    for one in document["stages"]:
        assert one["fresh"] is True
        assert all(Path(path).is_file() for path in one["outputs"])
        assert sum(one["findings"].values()) == sum(one["codes"].values())
    total = {
        key: sum(one["findings"][key] for one in document["stages"])
        for key in ("error", "warning", "note")
    }
    assert document["finding_counts"] == total
    assert len(document["findings"]) == sum(total.values())
    status = json.loads(derive("status", tmp_path / "p", "--json").stdout)
    assert {one["stage"]: one["state"] for one in status["stages"]} == dict.fromkeys(counts, "done")
    assert sum(one["items"] for one in status["routes"]) == 6
    assert sum(status["waiting"].values()) == built["excluded"]


COMMANDS = [
    ["status", "{project}"], ["check", "{project}"], ["check", "{source}"], ["inspect", "{source}"],
    ["flag", "{project}"], ["translate", "{project}"], ["worksheet", "{project}"],
    ["build", "{project}"], ["locales", "list"], ["locales", "show", "pt-BR"],
    ["locales", "show", "ko-KR"], ["locales", "check"], ["locales", "check", "ja-JP"],
    ["models", "list"], ["models", "show", "pt-BR"],
    ["init", "{new}", "--source", "{source}", "--locale", "pt-BR"],
    ["run", "{source}", "--locale", "pt-BR", "-o", "{project}"],
]  # fmt: skip
FAILURES = [
    ["status", "{new}"], ["flag", "{new}"], ["locales", "show", "xx-YY"], ["flag", "{source}"],
    ["models", "show", "ko-KR"], ["models", "show", "{new}"],
    ["run", "{new}", "--locale", "pt-BR", "-o", "{new}"], ["nosuch"],
    ["status"], ["run", "{source}", "--locale", "ja", "-o", "{new}"],
    ["init", "{new}", "--source", "{source}", "--locale", "pt-BR", "--beam-size", "x"],
    ["run", "{source}", "--locale", "pt-BR", "-o", "{new}", "--device", "tpu"],
]  # fmt: skip


def filled(words: Sequence[str], made: tuple[Path, Path], project: Path) -> list[str]:
    return [one.format(source=made[0], project=project, new=project / "new") for one in words]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_json_is_one_document(
    derive: Derive, made: tuple[Path, Path], project: Path, words: list[str]
) -> None:
    done = derive(*filled(words, made, project), "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == (0 if document["ok"] else 1)
    assert done.exit_code == 0
    assert done.stderr == "", "with --json nothing else is said"
    assert document["finding_counts"]["error"] == 0
    plain = derive(*filled(words, made, project))
    assert plain.exit_code == 0
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        json.loads(plain.stdout)


@pytest.mark.parametrize("words", FAILURES, ids=" ".join)
def test_failures_are_one_document_too(
    derive: Derive, made: tuple[Path, Path], project: Path, words: list[str]
) -> None:
    done = derive(*filled(words, made, project), "--json")
    document = json.loads(done.stdout)
    assert (done.exit_code, document["ok"]) == (2, False)
    assert document["error"].keys() == {"what", "where", "fix"}
    assert document["error"]["what"]
    assert document["error"]["fix"]
    plain = derive(*filled(words, made, project))
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert plain.stderr.startswith("error: ")
    assert "Traceback" not in plain.stderr
    assert not (project / "new").exists()


@pytest.mark.parametrize("stop", [0, 1])
def test_ctrl_c(
    derive: Derive, made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    stop: int,
) -> None:  # fmt: skip
    """At the first batch, and later: a message, exit code 2, and the next run goes on."""

    def translate(sentence: str) -> str:
        return f"O que devo escrever ao meu {sentence[-9:-1]}?"

    monkeypatch.setattr(stages, "_load_engine", engine_that(translate, fail_after=stop))
    arguments = ("run", made[0], "--locale", "pt-BR", "-o", tmp_path / "p")
    done = derive(*arguments)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-2] == "error: Stopped"
    assert "run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "p").rglob("*.tmp"))
    monkeypatch.setattr(stages, "_load_engine", engine_that(translate, fail_after=0))
    document = json.loads(derive(*arguments, "--json").stdout)
    assert document["error"]["what"] == "Stopped"
    status = json.loads(derive("status", tmp_path / "p", "--json").stdout)
    states = [one["state"] for one in status["stages"]]
    assert states == ["done", "done", "done", "not run", "not run", "not run"]
    monkeypatch.setattr(stages, "_load_engine", engine_that(translate))
    assert derive(*arguments).exit_code in (0, 1)
    status = json.loads(derive("status", tmp_path / "p", "--json").stdout)
    assert {one["state"] for one in status["stages"]} == {"done"}


def test_errors_in_findings_end_with_one(
    derive: Derive, made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drafts that repeat the input: all is written, exit code 1, and the items wait."""
    monkeypatch.setattr(stages, "_load_engine", engine_that(lambda sentence: sentence))
    done = derive("run", made[0], "--locale", "pt-BR", "-o", tmp_path / "p")
    assert done.exit_code == 1
    assert "draft-same" in done.stdout
    status = json.loads(derive("status", tmp_path / "p", "--json").stdout)
    assert status["stages"][-1]["counts"]["items"] == 0
    assert status["stages"][-1]["counts"]["waiting_translate"] == 2
    assert sum(status["waiting"].values()) == 6
    assert not list((tmp_path / "p" / "variant").glob("data/*"))
    assert derive("run", made[0], "--locale", "pt-BR", "-o", tmp_path / "p").exit_code == 1


def test_stages_one_by_one_are_the_same_as_a_run(
    derive: Derive, made: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "brazil"
    words = ["init", folder, "--source", made[0], "--locale", "pt-BR"]
    assert derive(*words).exit_code == 0
    for stage in ("check", "flag", "translate", "worksheet", "build"):
        status = json.loads(derive("status", folder, "--json").stdout)
        assert {one["stage"]: one["state"] for one in status["stages"]}[stage] == "not run"
        assert derive(stage, folder).exit_code == 0
    for path in made[1].rglob("*"):
        if path.is_file() and path.name not in ("ledger.jsonl", "cache.sqlite", "derive.toml"):
            assert (folder / path.relative_to(made[1])).read_bytes() == path.read_bytes(), path


def test_brackets_in_data_are_no_markup(derive: Derive, tmp_path: Path) -> None:
    rows = [ac_row(n, ID=f"[red]{n}[/red]", output="[bold]" if n else "") for n in range(6)]
    source = write_jsonl(tmp_path / "r" / "dev.jsonl", rows)
    assert "[red]0[/red]" in derive("check", source).stdout
    assert "[red]0[/red]" in derive("inspect", source).stdout
