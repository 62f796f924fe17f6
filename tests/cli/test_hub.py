"""Releases from the Hub, with its real clients and a local server in its place."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import ac_row
from hub_server import CUT, HubServer, call

CARD = """\
---
configs:
- config_name: v2.2
  default: true
  data_files:
  - {split: validation, path: v2.2/validation-*.parquet}
  - {split: test, path: v2.2/test-*.parquet}
- config_name: v2.0
  data_files:
  - {split: test, path: v2.0/test-*.parquet}
---
"""
TOKEN = "hf_" + "x" * 34


def parquet(*numbers: int, **changed: Any) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame([ac_row(n, **changed) for n in numbers]).write_parquet(buffer)
    return buffer.getvalue()


FILES = {
    "README.md": CARD.encode(),
    "v2.2/validation-00000-of-00001.parquet": parquet(1, 2, 3, 4),
    "v2.2/test-00000-of-00001.parquet": parquet(5, 6),
    "v2.0/test-00000-of-00001.parquet": parquet(5),
}


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


def test_a_pinned_release(hub: HubServer, tmp_path: Path) -> None:
    old = hub.add_dataset("llm-jp/AnswerCarefully", FILES)
    newer = {**FILES, "v2.2/test-00000-of-00001.parquet": parquet(5, 6, 7)}
    new = hub.add_dataset("llm-jp/AnswerCarefully", newer)
    for name, source, sha, rows in [
        ("old", f"llm-jp/AnswerCarefully@{old}:v2.2", old, 6),
        ("new", "llm-jp/AnswerCarefully@main", new, 7),
        ("v2.0", "llm-jp/AnswerCarefully:v2.0", new, 1),
    ]:
        done = call(hub, tmp_path, "init", name, "--source", source, "--locale", "pt-BR", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["counts"]["rows"] == rows
        lines = (tmp_path / name / "ledger.jsonl").read_text().splitlines()
        details = json.loads(lines[0])["details"]
        assert (details["revision"], details["dataset"]) == (sha, "llm-jp/AnswerCarefully")
        assert details["profile"] == "answercarefully"
        items = pl.read_parquet(tmp_path / name / "release" / "items.parquet")
        assert set(items["split"]) == ({"test"} if name == "v2.0" else {"dev", "test"})
    asked = len(hub.requests)
    again = call(hub, tmp_path, "init", "old", "--source", f"llm-jp/AnswerCarefully@{old}:v2.2",
                 "--locale", "pt-BR")  # fmt: skip
    assert again.returncode == 0
    assert len(hub.requests) == asked, "what is pinned is not asked for again"


def test_a_gated_release(hub: HubServer, tmp_path: Path) -> None:
    hub.add_dataset("llm-jp/AnswerCarefully", FILES, token=TOKEN)
    settings = hub.environment(tmp_path / "cache")
    arguments = ["init", "p", "--source", "llm-jp/AnswerCarefully", "--locale", "pt-BR"]
    for token in ({}, {"HF_TOKEN": "hf_" + "y" * 34}):
        done = call({**settings, **token}, tmp_path, *arguments)
        assert done.returncode == 2
        assert "gated" in done.stderr
        assert "accept its terms at https://huggingface.co/datasets/llm-jp" in done.stderr
        assert "HF_TOKEN" in done.stderr
        assert not (tmp_path / "p").exists()
    done = call({**settings, "HF_TOKEN": TOKEN}, tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    written = b"".join(path.read_bytes() for path in (tmp_path / "p").rglob("*") if path.is_file())
    assert TOKEN not in done.stdout + done.stderr
    assert TOKEN.encode() not in written


def test_a_gated_release_by_config_and_revision(hub: HubServer, tmp_path: Path) -> None:
    old = hub.add_dataset("llm-jp/AnswerCarefully", FILES, token=TOKEN)
    newer = {**FILES, "v2.0/test-00000-of-00001.parquet": parquet(5, 6, 7)}
    hub.add_dataset("llm-jp/AnswerCarefully", newer, token=TOKEN)
    hub.repositories["llm-jp/AnswerCarefully"].tags["v2.0"] = old
    settings = {**hub.environment(tmp_path / "cache"), "HF_TOKEN": TOKEN}
    for name, source in (
        ("by-tag", "llm-jp/AnswerCarefully@v2.0:v2.0"),
        ("by-commit", f"llm-jp/AnswerCarefully@{old}:v2.0"),
    ):
        done = call(settings, tmp_path, "run", source, "--locale", "pt-BR", "-o", name, "--json")
        assert done.returncode in (0, 1), done.stdout
        assert not done.stderr, "with --json nothing else is said"
        release = json.loads(done.stdout)["stages"][0]
        assert release["counts"]["items"] == 1
        assert (release["details"]["config"], release["details"]["revision"]) == ("v2.0", old)


@pytest.mark.parametrize(
    ("method", "part", "what", "headers"),
    [
        ("GET", "/api/datasets/acme/sample", 500, {}),
        ("GET", "/resolve/", 429, {"Retry-After": "1"}),
        ("GET", "/tree/", 429, {"RateLimit": '"api";r=0;t=1'}),
        ("GET", "/resolve/", CUT, {}),
    ],
)
def test_faults_that_pass(
    hub: HubServer, tmp_path: Path, method: str, part: str, what: Any, headers: dict[str, str]
) -> None:
    hub.add_dataset("acme/sample", FILES)
    hub.fail(method, part, what, headers=headers)
    done = call(hub, tmp_path, "check", "acme/sample", "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["items"] == 6
    told = "" if what == CUT else f"the Hub answers {what}; trying again in 1 s"
    assert done.stderr.strip() == told
    assert not [one for one in hub.faults if one.times]


@pytest.mark.parametrize(
    ("part", "what", "headers", "message"),
    [
        ("/resolve/", 403, {}, "The Hub refused (403): made to fail"),
        ("/resolve/", 404, {}, "The Hub refused (404): made to fail"),
        ("/resolve/", 429, {"Retry-After": "86400"}, "run the same command again in 86400 seconds"),
        ("/resolve/", CUT, {}, "The connection to the Hub was lost half-way"),
        ("/api/datasets/acme/sample", CUT, {}, "The connection to the Hub was lost half-way"),
    ],
)
def test_faults_that_stay(
    hub: HubServer, tmp_path: Path, part: str, what: Any, headers: dict[str, str], message: str
) -> None:
    hub.add_dataset("acme/sample", FILES)
    hub.fail("GET", part, what, headers=headers, times=99)
    done = call(hub, tmp_path, "check", "acme/sample")
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert done.stderr.startswith("error: "), "and nothing else is said"
    assert "Traceback" not in done.stderr


def test_a_token_that_the_hub_does_not_know(hub: HubServer, tmp_path: Path) -> None:
    hub.add_dataset("acme/sample", FILES)
    hub.revoked.add(TOKEN)
    settings = {**hub.environment(tmp_path / "cache"), "HF_TOKEN": TOKEN}
    done = call(settings, tmp_path, "check", "acme/sample", "--debug")
    assert "The Hub knows no such token" in done.stderr
    assert "https://huggingface.co/settings/tokens" in done.stderr
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("acme/nothing", "No such dataset"),
        ("acme/sample@nosuch", "No revision 'nosuch'"),
        ("acme/sample:v9", "v9"),
    ],
)
def test_what_is_not_there(hub: HubServer, tmp_path: Path, source: str, message: str) -> None:
    hub.add_dataset("acme/sample", FILES)
    done = call(hub, tmp_path, "check", source)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_no_network(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HOME": str(tmp_path / "cache")}
    done = call(settings, tmp_path, "check", "acme/sample")
    assert done.returncode == 2
    assert "cannot be reached" in done.stderr
    done = call({**settings, "HF_HUB_OFFLINE": "1"}, tmp_path, "check", "acme/sample")
    assert done.returncode == 2
    assert "HF_HUB_OFFLINE" in done.stderr
