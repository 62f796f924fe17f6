"""A run that is stopped by Ctrl-C, by a batch system or by its model says so, and goes on later."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import ac_row, write_jsonl

COUNT = 400


@pytest.fixture
def project(tmp_path: Path, derive: Callable[..., Result]) -> Path:
    """A project whose next stage is `translate`."""
    rows = (
        ac_row(n, **{"text-en": f"Where did person {n} {'and their friends ' * (n % 7)}go?"})
        for n in range(COUNT)
    )
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows).parent
    assert derive("init", tmp_path / "p", "--source", source, "--locale", "pt-BR").exit_code == 0
    assert derive("flag", tmp_path / "p").exit_code == 0
    return tmp_path / "p"


def cached(folder: Path) -> int:
    try:
        with closing(sqlite3.connect(folder / "work" / "cache.sqlite", timeout=0)) as database:
            return int(database.execute("SELECT COUNT(*) FROM outputs").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_a_signal(
    sent: signal.Signals, project: Path, derive: Callable[..., Result]
) -> None:
    (project / "work").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "derive", "translate", str(project)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not cached(project):
            time.sleep(0.002)
        process.send_signal(sent)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 2, said
    assert "error: Stopped" in said
    assert "run the same command again to go on from here" in said
    assert "Traceback" not in said
    assert not (project / "work" / "drafts.parquet").exists()
    before = cached(project)
    assert 0 < before < COUNT
    assert derive("translate", project).exit_code in (0, 1)
    assert cached(project) >= COUNT
    assert not list(project.rglob(".*.tmp"))


def test_stopped_by_the_model(
    project: Path, derive: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CTranslate2 fails in the middle: what was done is kept."""
    import ctranslate2

    class Failed:
        def result(self) -> None:
            raise RuntimeError("failed to allocate memory")

    class Failing(ctranslate2.Translator):  # type: ignore[misc]
        batches = 0

        def translate_batch(self, batch: list[Any], *given: Any, **settings: Any) -> Any:
            Failing.batches += 1
            if Failing.batches > 3:
                return [Failed()] * len(batch)
            return super().translate_batch(batch, *given, **settings)

    with monkeypatch.context() as patch:
        patch.setattr(ctranslate2, "Translator", Failing)
        done = derive("translate", project)
    assert done.exit_code == 2
    assert "failed to allocate memory" in done.stderr
    assert "run again to go on from here" in done.stderr
    assert not (project / "work" / "drafts.parquet").exists()
    assert 0 < cached(project) < COUNT
    assert derive("translate", project).exit_code in (0, 1)
    assert cached(project) >= COUNT
