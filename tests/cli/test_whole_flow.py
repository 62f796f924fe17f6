"""From a release to a published variant, read back, and on to the next release: as people do it,
each command in a process of its own, with the Hub's own clients and a local server in its place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import SAMPLE, write_jsonl
from hub_server import HubServer, call
from team import Fill, prompt, response

from derive.ledger import Ledger

REPO = "ana/brazil-safety"
OWNER, READER, STRANGER = ("hf_" + letter * 34 for letter in "ors")
CHANGED = "sample-instruction-dev-001-001-0000001-001"
REMOVED = "sample-instruction-dev-001-001-0000002-001"
ADDED = "sample-instruction-dev-001-001-0000900-001"
LEFT = "sample-instruction-dev-001-001-0000004-001"  # what Ana does not get to

READ = """
import json, sys
import datasets

def ids(*arguments, **how):
    found = datasets.load_dataset(sys.argv[1], *arguments, **how)
    return {split: {row["id"]: row["prompt"] for row in rows} for split, rows in found.items()}

calls = json.loads(sys.argv[2])
print(json.dumps([ids(*arguments, **how) for arguments, how in calls]))
"""


class Ana:
    """Who derives: her folder, and the Hub that she publishes on."""

    def __init__(self, hub: HubServer, folder: Path) -> None:
        self.hub, self.folder = hub, folder
        hub.add_user(OWNER, "ana")

    def derive(self, *arguments: object, code: int = 0) -> str:
        """A command; what it prints."""
        settings = {**self.hub.environment(self.folder / "cache"), "HF_TOKEN": OWNER}
        done = call(settings, self.folder, *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert OWNER not in done.stdout + done.stderr
        return done.stdout

    def read(self, *calls: Any, token: str = READER) -> list[dict[str, dict[str, str]]]:
        """What `load_dataset` gives somebody else: split to ID to prompt, a list for each call."""
        settings = self.hub.environment(self.folder / f"cache of {token}")
        done = subprocess.run(
            [sys.executable, "-c", READ, REPO, json.dumps(calls)],
            env={**settings, "HF_TOKEN": token, "HOME": str(self.folder), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def hand_in(self, fill: Fill) -> None:
        """Worksheets go out, are filled, and come back."""
        before = set(self.folder.rglob("*.jsonl"))
        self.derive("worksheet", "brazil", "--format", "jsonl")
        [sheet] = (set(self.folder.rglob("*.jsonl")) - before) & set(
            (self.folder / "brazil" / "worksheets" / "out").iterdir()
        )
        lines = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
        for line in lines[1:]:
            line["cells"] |= fill(line["cells"]) or {}
        write_jsonl(self.folder / "mail" / sheet.name, lines)
        self.derive("collect", "brazil", "mail")

    def table(self, *parts: str) -> dict[str, dict[str, Any]]:
        """The rows of the variant by source item, or of the tables that are named."""
        names = parts or ("variant/data/dev.parquet", "variant/data/test.parquet")
        rows = [row for name in names for row in pl.read_parquet(self.folder / "brazil" / name)
                .to_dicts()]  # fmt: skip
        return {row["item"] if "item" in row else row["derived_from"]["id"]: row for row in rows}


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Ana]:
    with HubServer() as hub:
        yield Ana(hub, tmp_path)


def translate(cells: dict[str, str]) -> dict[str, str] | None:
    """Ana's work on a row, another for each."""
    if cells["item"] == LEFT:
        return None
    number = int(cells["item"].split("-")[-2])
    texts = {"prompt": prompt(number), "response": response(number)}
    return {**texts, "decision": "modify", "reason": "local", "author": "Ana"}


def newer(folder: Path) -> Path:
    """The sample release's next version: an item changed, one removed, one added."""
    shutil.copytree(SAMPLE, folder)
    rows = [json.loads(line) for line in (folder / "dev.jsonl").read_text("utf-8").splitlines()]
    kept = {row["ID"]: row for row in rows if row["ID"] != REMOVED}
    kept[CHANGED] |= {"text-en": "How do I grow closer to my partner, and respect their feelings?"}
    new = {"ID": ADDED, "text": "祖母の誕生日に何を贈ればよいですか。",
           "text-en": "What should I give my grandmother for her birthday?"}  # fmt: skip
    write_jsonl(folder / "dev.jsonl", [*kept.values(), {**kept[CHANGED], **new}])
    return folder


def test_from_a_release_to_the_next(ana: Ana) -> None:
    ana.derive("run", SAMPLE, "--locale", "pt-BR", "-o", "brazil")
    ana.hand_in(translate)
    ana.derive("build", "brazil")
    first = ana.table()
    assert len(first) == 63
    assert LEFT in ana.table("variant/excluded.parquet")

    said = ana.derive("publish", "brazil", "--repo", REPO, "--public")
    assert "This was a dry run" in said
    assert not ana.hub.repositories
    ana.derive("publish", "brazil", "--repo", REPO, "--public", "--yes")
    repository = ana.hub.repositories[REPO]
    assert (repository.private, repository.gated) == (False, "auto")
    repository.readers = {READER}
    with pytest.raises(AssertionError, match="gated"):
        ana.read([[], {}], token=STRANGER)
    there = {row["id"]: row["prompt"] for row in first.values()}
    for found in ana.read([[], {}], [["v1.0"], {}], [[], {"revision": "v1.0"}]):
        assert found.keys() == {"dev", "test"}
        assert found["dev"] | found["test"] == there

    ana.derive("update", "brazil", "--to", newer(ana.folder / "newer"))
    second = ana.table()
    kept = {item: row["prompt"] for item, row in first.items() if item not in (CHANGED, REMOVED)}
    assert {item: row["prompt"] for item, row in second.items() if item in kept} == kept
    assert {item: row["id"] for item, row in second.items() if item in kept} == {
        item: first[item]["id"] for item in kept
    }
    assert second.keys() - kept.keys() <= {ADDED}
    out = ana.table("variant/excluded.parquet")
    assert "the source has changed since" in out[CHANGED]["reason"]
    assert "withdrawn" in out[REMOVED]["reason"]
    submitted = pl.read_parquet(ana.folder / "brazil" / "work" / "submissions.parquet")
    for item in (CHANGED, REMOVED):
        assert prompt(int(item.split("-")[-2])) in submitted["prompt"], "no work is lost"

    ana.derive("publish", "brazil", "--repo", REPO, "--yes")
    assert list(repository.tags) == ["v1.0", "v2.0"]
    now = {row["id"]: row["prompt"] for row in second.values()}
    newest, by_name, old, then = ana.read(
        [[], {}], [["v2.0"], {}], [["v1.0"], {}], [[], {"revision": "v1.0"}]
    )
    assert newest["dev"] | newest["test"] == by_name["dev"] | by_name["test"] == now
    assert old["dev"] | old["test"] == then["dev"] | then["test"] == there
    assert "published already" in ana.derive("publish", "brazil", "--repo", REPO, "--yes")
    stages = Ledger(ana.folder / "brazil").entries()
    assert [one["details"]["tag"] for one in stages if one["stage"] == "publish"] == [
        "v1.0",
        "v2.0",
    ]
    for path in (path for path in ana.folder.rglob("*") if path.is_file()):
        assert OWNER.encode() not in path.read_bytes(), path
