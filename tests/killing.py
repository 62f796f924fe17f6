"""A hundred runs of the stage `translate`, killed before one of their calls into C.

Run as a program: python killing.py FOLDER KILLS SEED. It imports once and forks a process a run.
Prints one JSON document: what the runs asked the engine for, where they were killed, what was left.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import filelock  # noqa: F401
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet  # noqa: F401
from conftest import FakeEngine, ac_row, write_jsonl

import derive
import derive.translate.adapt
import derive.translate.stage
from derive import pipeline, stages
from derive.identify import identify
from derive.pipeline import Asked
from derive.project import open_project
from derive.release.read import Options
from derive.translate.engine import Output

TRANSLATE = str(Path(derive.translate.stage.__file__).parent)
WRITES = (
    *("execute", "executemany", "open", "write", "flush", "fsync", "truncate", "close", "chmod"),
    *("replace", "rename", "unlink", "mkstemp"),
)
TEXTS = (
    "This is number {n} of the questions. How {more}should it be answered?",
    "Who is {{name}}? I met {more}them on day {n}.",
    "Say it to {{a}}, and {more}to the person of number {n}!",
)


def losing(sentence: str) -> str:
    """An engine's work that keeps some placeholders, some only as masks, and some not at all."""
    return sentence.upper().replace("{NAME}", "").replace("{A}", "").replace("XQZ1 ", "Z ")


class Telling(FakeEngine):
    """Writes down every batch that it is asked for, before it begins it."""

    def __init__(self, log: Path) -> None:
        super().__init__(losing)
        self.log = log

    def translate(self, batches: Iterable[Sequence[list[str]]]) -> Iterator[list[Output]]:
        def told() -> Iterator[Sequence[list[str]]]:
            for batch in batches:
                with self.log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([" ".join(tokens) for tokens in batch]) + "\n")
                yield batch

        return super().translate(told())


def prepare(folder: Path) -> None:
    """A project whose next stage is `translate`."""
    rows = (
        ac_row(n, **{"text-en": TEXTS[n % 3].format(n=n, more="really " * (n % 5))})
        for n in range(36)
    )
    source = write_jsonl(folder.parent / "release" / "dev.jsonl", rows).parent
    project, _ = pipeline.init(folder, Asked(str(source), "pt-BR", Options()))
    with project.locked():
        for stage in ("check", "flag"):
            pipeline.run_stage(project, stage)


def work(folder: Path, log: Path) -> None:
    """The stage, as `derive translate` does it."""
    project = open_project(folder)
    with project.locked():
        pipeline.run_stage(project, "translate", engine=Telling(log))


def forked(task: Callable[[], object]) -> tuple[int, str]:
    """Do it in a process of its own: how that ended, and what it told last."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 3)
        try:
            task()
        except BaseException as error:  # whatever it is, this process ends here
            os.write(3, repr(error).encode())
            os._exit(2)
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading, encoding="utf-8") as file:
        return os.waitstatus_to_exitcode(status), file.read()


def watched(call: int, writes: bool, task: Callable[[], object]) -> None:
    """Do it, and die before the n-th call into C from derive/translate, or that writes.

    0: never; how many there were is told instead.
    """
    calls = 0

    def watch(frame: FrameType, event: str, function: Any) -> None:
        nonlocal calls
        if event != "c_call":
            return
        file, name = frame.f_code.co_filename, function.__name__
        plain = function.__qualname__ != "str.replace"
        if (plain and name in WRITES) if writes else file.startswith(TRANSLATE):
            calls += 1
            if calls == call:
                os.write(3, f"{Path(file).name} {name}".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)
    task()
    sys.setprofile(None)
    os.write(3, str(calls).encode())


def remains(folder: Path) -> dict[str, Any]:
    """What a run leaves that has ended."""
    texts = {
        name: (folder / name).read_bytes().hex()
        for name in ("work/drafts.parquet", "work/findings-translate.jsonl")
    }
    ledger = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    entries = [one for one in ledger if one["stage"] == "translate"]
    for one in entries:
        one.pop("at")
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return {"texts": texts, "entries": entries, "files": left}


def main(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Two runs that nobody disturbs; then projects of ten kills at most, then left alone."""
    identify("All that is heavy is loaded before the first fork.", "pt-BR")
    # read and checked by every run, which takes longer than the rest of it
    vars(stages)["counterparts_hash"] = lambda project: "0" * 64
    vars(stages)["read_counterparts"] = lambda project: []
    whole = folder / "prepared" / "p"
    code, said = forked(lambda: prepare(whole))
    assert code == 0, said
    draw = random.Random(seed)
    projects: list[dict[str, Any]] = []
    places: list[str] = []
    calls = {True: 0, False: 0}

    def run(project: Path, runs: list[Any], call: int, writes: bool) -> tuple[int, str]:
        log = project.parent / f"{len(runs)}.log"
        log.touch()
        code, said = forked(lambda: watched(call, writes, lambda: work(project, log)))
        assert code in (0, -signal.SIGKILL), said
        runs.append([json.loads(line) for line in log.read_text().splitlines()])
        return code, said

    while len(places) < kills:
        project = folder / str(len(projects)) / "p"
        shutil.copytree(whole, project)
        runs: list[list[list[str]]] = []
        if len(projects) < len(calls):  # nobody disturbs the first ones
            writes = not projects
            calls[writes] = int(run(project, runs, 0, writes)[1])
        while len(projects) >= len(calls) and len(runs) < 10:
            writes = draw.random() < 0.7
            code, said = run(project, runs, draw.randrange(1, calls[writes]), writes)
            if code == 0:
                break
            places.append(said)
        else:
            run(project, runs, 0, False)  # to its end; or once more, which does nothing
        projects.append({"runs": runs, **remains(project)})
    return {"projects": projects, "places": places}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
