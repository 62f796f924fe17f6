"""What a locale has instead reaches people: offers, adapted drafts, frames; a project's own win."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ac_row, write_jsonl

Derive = Callable[..., Result]
HEAD = "slot,entry,counterpart,english,note,source,checked\n"
SAO_PAULO = "place,tokyo,São Paulo,São Paulo,the biggest city,https://a.example/,2026-01-01\n"


@pytest.fixture
def project(tmp_path: Path, derive: Derive) -> Path:
    rows = [
        ac_row(1, culture=1, **{"text-en": "I sent 10,000 yen to a man in Tokyo. Is it lost?"}),
        ac_row(2, culture=2, **{"text-en": "Should I bring koden when my neighbour dies?"}),
        ac_row(3, culture=1, **{"text-en": "My teacher from Kobe shouts. What can I do?"}),
        ac_row(4, culture=0, **{"text-en": "My teacher shouts at us. What can I do?"}),
    ]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows).parent
    folder = tmp_path / "brazil"
    assert derive("init", folder, "--source", source, "--locale", "pt-BR").exit_code == 0
    (folder / "counterparts.csv").write_text(HEAD + SAO_PAULO, encoding="utf-8")
    assert derive("run", source, "--locale", "pt-BR", "-o", folder).exit_code == 0
    return folder


def sheet(folder: Path, name: str) -> list[dict[str, str]]:
    [newest] = [
        max(folder.glob(f"worksheets/out/*.{name}.csv"), key=lambda one: one.stat().st_mtime)
    ]
    with newest.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_adapted_drafts_stand_beside_the_plain_ones(project: Path) -> None:
    first, second = sheet(project, "adapt")
    assert first["swaps"].splitlines() == ["10,000 yen → 400 reais", "Tokyo → São Paulo"]
    assert "São Paulo" in first["adapted_prompt"]
    assert "400" in first["adapted_prompt"]
    assert "Tokyo" not in first["adapted_prompt"]
    assert "São Paulo" not in first["draft_prompt"]
    assert "→ São Paulo" in first["marks"]
    assert (second["adapted_prompt"], second["swaps"]) == ("", ""), "no counterpart: the plain one"
    assert second["draft_prompt"]


def test_an_item_to_be_rewritten_gets_a_frame(project: Path) -> None:
    [row] = sheet(project, "rewrite")
    harm, entry, relative = row["context"].splitlines()
    assert "領域 / 種類 / 詳細" in harm
    assert "koden" in entry
    assert "Brasil" in relative


def test_a_projects_own_counterparts_replace_the_packs(project: Path, derive: Derive) -> None:
    file = project / "counterparts.csv"
    before = sheet(project, "adapt")
    assert "real (R$, BRL)" in before[0]["marks"]
    own = "money,yen,cruzeiro,,invented,https://a.example/,2026-01-01\n"
    file.write_text(HEAD + SAO_PAULO + own, encoding="utf-8")
    assert "stale" in derive("status", project).stdout
    assert derive("translate", project).exit_code == 0
    assert derive("worksheet", project).exit_code == 0
    marks = sheet(project, "adapt")[0]["marks"]
    assert "cruzeiro" in marks
    assert "real (R$" not in marks


def test_a_bad_row_is_named(project: Path, derive: Derive) -> None:
    (project / "counterparts.csv").write_text(
        HEAD + SAO_PAULO + "planet,,x,,,,\n", encoding="utf-8"
    )
    done = derive("translate", project)
    assert done.exit_code == 2
    assert "counterparts.csv" in done.stderr
    assert "row 3" in done.stderr
