"""`derive audit` as people call it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import ROOT
from hub_server import HubServer
from test_hub import TOKEN, call

Derive = Callable[..., Result]
CASES = ROOT / "tests" / "cases" / "audit"
RELEASE = CASES / "release"


def seen(done: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_person_reads_what_is_wrong(derive: Derive) -> None:
    done = derive("audit", CASES / "broken", "--against", RELEASE)
    assert done.exit_code == 1
    for text in (
        "20 items in the release",
        "text 19 (certain)",
        "kr.jsonl: the file's name says 'kr', which is Kanuri; the texts are in Korean",
        "kr.jsonl · text: holds the release's own prompt (Japanese); in ar.json and 2 more",
        "br.csv row 14 · 1000000 · ID: '1e+06' for '1000000': a spreadsheet made a number of it",
        "'goverment', misspelt in the release's English: 'government'?",
    ):
        assert text in done.stdout, done.stdout


def test_a_program_reads_the_same(derive: Derive) -> None:
    done = derive("audit", CASES / "broken", "--against", RELEASE, "--json")
    document = seen(done)
    assert (done.exit_code, document["ok"], document["items"]) == (1, False, 20)
    assert {one["file"] for one in document["files"]} == {
        "ar.json", "br.csv", "cn.jsonl", "fr.csv", "kr.jsonl", "th.tsv",
    }  # fmt: skip
    assert len(document["findings"]) == sum(document["finding_counts"].values()) == 57
    assert all(one["hint"] for one in document["findings"])


def test_the_same_twice(derive: Derive) -> None:
    both = [derive("audit", CASES / "broken", "--against", RELEASE, "--json") for _ in range(2)]
    assert both[0].stdout == both[1].stdout


def test_what_derive_builds_has_no_findings(derive: Derive, tmp_path: Path, sample: Path) -> None:
    project = tmp_path / "brazil"
    assert derive("run", sample, "--locale", "pt-BR", "-o", project).exit_code == 0
    for path in (project, project / "variant"):
        done = derive("audit", path, "--against", sample, "--json")
        assert (done.exit_code, seen(done)["findings"]) == (0, [])
        assert sum(one["matched"] for one in seen(done)["files"]) == 33
    (project / "variant" / "excluded.parquet").unlink()
    done = derive("audit", project, "--against", sample, "--json")
    lost = [one for one in seen(done)["findings"] if one["code"] == "row-lost"]
    assert len(lost) == len(seen(done)["findings"]) == 31


def test_the_locale_that_is_asked_for_decides(derive: Derive, tmp_path: Path) -> None:
    shutil.copy(CASES / "clean" / "ko.jsonl", tmp_path / "table.jsonl")
    shutil.copy(CASES / "clean" / "README.md", tmp_path)
    good = derive("audit", tmp_path, "--against", RELEASE, "--locale", "ko-KR", "--json")
    assert (good.exit_code, seen(good)["files"][0]["language"]) == (0, "ko-KR")
    other = derive("audit", tmp_path, "--against", RELEASE, "--locale", "fr", "--json")
    assert [one["code"] for one in seen(other)["findings"]] == ["language-code"]
    none = derive("audit", tmp_path, "--against", RELEASE, "--locale", "korean!")
    assert none.exit_code == 2
    assert "not a language tag" in none.stderr


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "The derivation holds no rows"),
        ({"README.md": b"x"}, "The derivation holds no rows"),
        ({"ko.csv": b""}, "The derivation holds no rows"),
        ({"ko.csv": b"ID,text\n"}, "The derivation holds no rows"),
        ({"ko.csv": bytes(range(256)) * 9}, "Not UTF-8"),
        ({"ko.json": b'{"data": []}'}, "a list of rows should be"),
        ({"ko.json": b"[" * 100_000}, "Not JSON"),
        ({"ko.csv": b"ID,ID\n1,2\n"}, "Two columns are called 'ID'"),
        ({"ko.parquet": b"PAR1"}, "Not a readable Parquet"),
        ({"ko.xlsx": b"PK\x03\x04"}, "Not a readable workbook"),
    ],
)
def test_nothing_to_read(
    derive: Derive, tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = derive("audit", tmp_path, "--against", RELEASE)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    # the same beside a good file is a finding, and the good file is looked at
    shutil.copy(CASES / "clean" / "fr.csv", tmp_path)
    shutil.copy(CASES / "clean" / "README.md", tmp_path)
    done = derive("audit", tmp_path, "--against", RELEASE, "--json")
    assert seen(done)["files"][-1]["matched"] == 20 or seen(done)["files"][0]["matched"] == 20
    told = {one["code"] for one in seen(done)["findings"]}
    assert told <= {"file-unreadable", "row-unreadable"}
    assert bool(told) == ("holds no rows" not in said)


def test_no_release_no_audit(derive: Derive, tmp_path: Path) -> None:
    done = derive("audit", CASES / "clean", "--against", tmp_path / "nothing")
    assert (done.exit_code, "No such file or folder" in done.stderr) == (2, True)
    done = derive("audit", tmp_path / "nothing", "--against", RELEASE)
    assert (done.exit_code, "No such file or folder" in done.stderr) == (2, True)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


def test_a_derivation_on_the_hub(hub: HubServer, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in (CASES / "broken").iterdir()}
    hub.add_dataset("acme/questions", {**files, "big.bin": b"never fetched"})
    done = call(hub, tmp_path, "audit", "acme/questions", "--against", RELEASE, "--json")
    assert done.returncode == 1, done.stderr
    local = {one["code"] for one in json.loads(done.stdout)["findings"]}
    expected = (CASES / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    assert local == {json.loads(line)["code"] for line in expected}
    assert not [path for _, path, _ in hub.requests if "big.bin" in path]


def test_a_config_on_the_hub_has_the_card_of_the_whole(hub: HubServer, tmp_path: Path) -> None:
    files = {f"v1/{path.name}": path.read_bytes() for path in (CASES / "clean").glob("*.jsonl")}
    files |= {
        f"v0/{path.name}": b'{"ID": "x", "text": "x"}' for path in CASES.glob("clean/*.jsonl")
    }
    card = (CASES / "clean" / "README.md").read_bytes()
    hub.add_dataset("acme/configs", {**files, "README.md": card})
    done = call(hub, tmp_path, "audit", "acme/configs:v1", "--against", RELEASE, "--json")
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])
    done = call(hub, tmp_path, "audit", "acme/configs", "--against", RELEASE, "--json")
    ignored = {one["file"] for one in json.loads(done.stdout)["findings"]}
    assert ignored == {"v0/ko.jsonl", "v0/zh.jsonl"}


def test_a_gated_derivation_is_refused_with_what_to_do(hub: HubServer, tmp_path: Path) -> None:
    hub.add_dataset("acme/gated", {"ko.csv": b"ID,text\n1,x\n"}, token=TOKEN)
    done = call(hub, tmp_path, "audit", "acme/gated", "--against", RELEASE)
    assert done.returncode == 2
    assert "gated" in done.stderr
    assert "HF_TOKEN" in done.stderr
