"""Releases from the Hub, with its real clients and a local server in its place."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import ROOT, ac_row
from hub_server import HubServer

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


def call(
    hub: HubServer | dict[str, str], folder: Path, *arguments: object
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: the clients read their settings once."""
    settings = hub if isinstance(hub, dict) else hub.environment(folder / "cache")
    settings = {"PYTHONPATH": str(ROOT), **settings}  # this checkout's, wherever it is run
    return subprocess.run(
        [sys.executable, "-m", "derive", *map(str, arguments)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONUTF8": "1", **settings},
        capture_output=True,
        text=True,
        check=False,
    )


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
