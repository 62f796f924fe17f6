"""`derive run` as people call it: on the sample, on real data, and killed half-way."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result

from derive import schemas
from derive.text import comparable

Derive = Callable[..., Result]


def test_sample(derive: Derive, sample: Path, tmp_path: Path) -> None:
    done = derive("run", sample, "--locale", "pt-BR", "-o", tmp_path / "brazil")
    assert done.exit_code == 0, done.stderr
    assert "translate 33, adapt 21, rewrite 10" in done.stderr
    for part in ("worksheets/out/brazil.pt-BR.ws-", "variant/data/dev.parquet", "send them only"):
        assert part in done.stdout
    variant = pl.concat(
        [
            pl.read_parquet(path)
            for path in (tmp_path / "brazil" / "variant" / "data").glob("*.parquet")
        ]
    )
    excluded = pl.read_parquet(tmp_path / "brazil" / "variant" / "excluded.parquet")
    assert variant.height + excluded.height == 64
    assert set(variant["level"]) == {0}
    for part in (
        "https://www.example.jp/shop",
        "38.5 °C",
        "2.5 kg",
        "{name}",
        "`return`",
        "👩‍👩‍👧",
    ):
        assert variant["prompt"].str.contains(part, literal=True).any(), part
    items = pl.read_parquet(tmp_path / "brazil" / "release" / "items.parquet")
    texts = {comparable(text) for name in ("prompt", "prompt_pivot", "response")
             for text in items[name].drop_nulls()}  # fmt: skip
    assert not texts & {comparable(text) for text in variant["prompt"]}
    prompts = dict(zip(items["id"], items["prompt_pivot"], strict=True))
    drafts = pl.read_parquet(tmp_path / "brazil" / "work" / "drafts.parquet")
    assert not [bad for row in drafts.to_dicts() for bad in schemas.violations("draft", row)]
    for row in variant.to_dicts():
        assert row["prompt"].count("\n") == prompts[row["derived_from"]["id"]].count("\n")
    again = derive("run", sample, "--locale", "pt-BR", "-o", tmp_path / "brazil", "--json")
    document = json.loads(again.stdout)
    assert document["ok"] is True
    assert not any(stage["fresh"] for stage in document["stages"])
    assert not again.stderr, "with --json nothing else is said"


@pytest.mark.parametrize(
    ("file", "mapping", "every", "rows", "most_held"),
    [
        ("do_not_answer_en", [], 1, 939, 5),
        (
            "ailuminate_demo_en_us",
            ["prompt=prompt_text", "id=release_prompt_id", "harm_type=hazard"],
            3,
            400,
            5,
        ),
    ],
    ids=["do-not-answer", "ailuminate"],
)
def test_real_data(
    derive: Derive,
    shared: Path,
    tmp_path: Path,
    file: str,
    mapping: list[str],
    every: int,
    rows: int,
    most_held: int,
) -> None:
    """All the rows, or every third to save time."""
    table = pl.read_csv(shared / "data" / f"{file}.csv", infer_schema=False)
    source = tmp_path / f"{file}.csv"
    table.gather_every(every).write_csv(source)
    options = [part for pair in mapping for part in ("--map", pair)]
    done = derive("run", source, *options, "--locale", "pt-BR", "-o", tmp_path / "p", "--json")
    assert done.exit_code in (0, 1), done.stdout
    stages = {stage["stage"]: stage["counts"] for stage in json.loads(done.stdout)["stages"]}
    assert stages["release"] == {"rows": rows, "items": rows, "left_out": 0}
    assert stages["translate"] == {"drafts": rows, "no_draft": 0, "adapted_drafts": 0}
    assert stages["worksheet"]["postedit"] == rows
    assert stages["build"]["items"] + stages["build"]["excluded"] == rows
    assert stages["build"]["excluded"] <= most_held


def questions(path: Path, count: int) -> Path:
    """Varied English questions in Do-Not-Answer's shape."""
    draw = random.Random(7)
    words = [
        "letter",
        "garden",
        "river",
        "doctor",
        "family",
        "manager",
        "contract",
        "phone",
        "camera",
        "village",
        "winter",
    ]
    lines = ["id,risk_area,types_of_harm,specific_harms,question"]
    for number in range(count):
        told = " and the ".join(draw.sample(words, draw.randint(2, 6)))
        lines.append(f"{number},a,b,c,How should I describe the {told} to person number {number}?")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_stopped_by_the_user(tmp_path: Path) -> None:
    source = questions(tmp_path / "questions.csv", 2000)
    process = subprocess.Popen(
        [sys.executable, "-m", "derive", "run", source, "--locale", "pt-BR", "-o", tmp_path / "p"],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "p" / "work" / "cache.sqlite").exists():
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "error: Stopped" in said
    assert "Traceback" not in said
