"""Terms, alternatives and the round trip, as people ask for them, with the embedded model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import SAMPLE
from python_calamine import CalamineWorkbook
from sheets import read_csv
from team import Team

from derive import tables
from derive.terminology import TermChecker
from derive.translate.models import find_model
from derive.translate.round_trip import chrf
from derive.worksheet.terms_list import read_terms

Derive = Callable[..., Result]


@pytest.fixture(scope="module")
def reverse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model, described as one that translates the other way; it makes rubbish."""
    folder = tmp_path_factory.mktemp("reverse") / "model"
    shutil.copytree(find_model("pt-BR"), folder, copy_function=shutil.copyfile)
    return described(folder, source_languages=["pt-BR"], target_languages=["en"])


def described(folder: Path, **changed: Any) -> Path:
    file = folder / "model.json"
    content = {**json.loads(file.read_text("utf-8")), **changed}
    file.write_text(json.dumps(content), encoding="utf-8")
    return folder


def drafts(project: Path) -> list[dict[str, Any]]:
    table = tables.read_parquet(project / "work" / "drafts.parquet", tables.DRAFTS)
    return table.to_dicts()


def sheet(project: Path, name: str) -> list[dict[str, str]]:
    [file] = (project / "worksheets" / "out").glob(f"*.{name}.csv")
    return read_csv(file)


def guide(project: Path) -> str:
    [file] = (project / "worksheets" / "out").glob("*.xlsx")
    book = CalamineWorkbook.from_path(file)
    return "\n".join(str(row[0]) for row in book.get_sheet_by_index(0).to_python())


def test_alternatives_and_round_trip(derive: Derive, tmp_path: Path, reverse: Path) -> None:
    project = tmp_path / "brazil"
    given = ("--locale", "pt-BR", "-o", project, "--alternatives", "3", "--round-trip", reverse)
    assert derive("run", SAMPLE, *given).exit_code == 0
    made = [one for one in drafts(project) if one["text"] is not None]
    with_some = [one for one in made if one["alternatives"]]
    assert len(with_some) > len(made) / 2
    for one in with_some:
        some = one["alternatives"]
        assert (some[0]["text"], some[0]["score"]) == (one["text"], one["score"])
        assert 2 <= len(some) <= 3
        assert len({other["text"] for other in some}) == len(some)
        assert all(a["score"] >= b["score"] for a, b in pairwise(some))
    items = tables.read_parquet(project / "release" / "items.parquet", tables.ITEMS)
    pivots = dict(items.select("id", "prompt_pivot").rows())
    for one in made:
        if one["field"] == "prompt":
            assert one["round_trip_chrf"] == chrf(one["round_trip"], pivots[one["item"]])
    by_item = {one["item"]: one for one in made if one["field"] == "prompt"}
    rows = [*sheet(project, "adapt"), *sheet(project, "postedit")]
    assert rows
    for row in rows:
        draft = by_item[row["item"]]
        assert row["round_trip_prompt"] == draft["round_trip"]
        others = [one["text"] for one in draft["alternatives"][1:]]
        shown = "\n".join(f"{number}. {text}" for number, text in enumerate(others, 2))
        assert row["alternatives_prompt"] == shown
    assert "alternatives_prompt" not in sheet(project, "rewrite")[0]
    assert "Outros rascunhos (máquina)" in guide(project)

    again = derive("run", SAMPLE, "--locale", "pt-BR", "-o", project)
    assert "translate (up to date)" in again.stderr + again.stdout
    # another model of the same name is another round trip
    described(reverse, version="2")
    result = json.loads(derive("translate", project, "--json").stdout)
    assert result["fresh"]


def test_without_them_the_sheets_are_as_they_were(derive: Derive, tmp_path: Path) -> None:
    assert derive("run", SAMPLE, "--locale", "pt-BR", "-o", tmp_path / "p").exit_code == 0
    assert all(one["alternatives"] == [] for one in drafts(tmp_path / "p"))
    for name in ("adapt", "postedit"):
        columns = sheet(tmp_path / "p", name)[0]
        assert not {one for one in columns if one.startswith(("alternatives", "round_trip"))}
    assert "Outros rascunhos" not in guide(tmp_path / "p")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--round-trip", "nowhere"), "No such model"),
        (("--round-trip", "MODEL"), "not from pt-BR"),
        (("--alternatives", "11"), "alternatives"),
        (("--alternatives", "-1"), "alternatives"),
        (("--alternatives", "many"), "--alternatives"),
    ],
)
def test_what_cannot_be_is_said_at_once(
    derive: Derive, tmp_path: Path, option: tuple[str, str], said: str
) -> None:
    given = [str(find_model("pt-BR")) if one == "MODEL" else one for one in option]
    done = derive("run", SAMPLE, "--locale", "pt-BR", "-o", tmp_path / "p", *given)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "p").exists()


def test_terms_get_into_drafts(derive: Derive, tmp_path: Path) -> None:
    project = tmp_path / "brazil"
    assert derive("run", SAMPLE, "--locale", "pt-BR", "-o", project).exit_code == 0
    before = {(one["item"], one["field"]): one for one in drafts(project)}
    terms = tmp_path / "terms.csv"
    terms.write_text(
        "source,target\nfriend,companheiro\nphone,celular\nxyzzy,nada\n", encoding="utf-8"
    )
    assert derive("terms", project, "--import", terms).exit_code == 0
    assert derive("translate", project).exit_code == 0
    items = tables.read_parquet(project / "release" / "items.parquet", tables.ITEMS)
    pivots = dict(items.select("id", "prompt_pivot").rows())
    checker = TermChecker(read_terms(terms))
    changed = 0
    for one in drafts(project):
        pivot = pivots[one["item"]] or ""
        if one["field"] == "prompt" and checker.check(pivot, ""):
            codes = [found["code"] for found in one["findings"]]
            assert bool(checker.check(pivot, one["text"])) == ("term-missing" in codes)
            changed += one["text"] != before[one["item"], "prompt"]["text"]
        elif not one["field"].endswith("_adapted"):
            # its peers, with which it is compared, are others; the draft is not
            was = before[one["item"], one["field"]]
            assert (one["text"], one["score"]) == (was["text"], was["score"])
    assert changed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,target\nbank,banco\nbank,\n", "row 3"),
        ("word,target\nbank,banco\n", "row 1"),
        ("source,target,forbidden\nbank,banco,perhaps\n", "row 2"),
    ],
)
def test_a_bad_list_of_terms_stops_the_stage(
    derive: Derive, tmp_path: Path, text: str, said: str
) -> None:
    project = tmp_path / "brazil"
    derive("init", project, "--source", SAMPLE, "--locale", "pt-BR")
    derive("flag", project)
    (project / "terms.csv").write_text(text, encoding="utf-8")
    done = derive("translate", project)
    assert done.exit_code == 2
    assert "terms.csv" in done.stderr
    assert said in done.stderr
    assert not (project / "work" / "drafts.parquet").exists()


def test_an_alternative_that_is_taken_is_the_machines_text(tmp_path: Path) -> None:
    team = Team(tmp_path, 12, alternatives=3)
    [sheet] = team.issue()

    def take(cells: dict[str, str]) -> dict[str, str] | None:
        if not cells.get("alternatives_prompt"):
            return None
        second = cells["alternatives_prompt"].splitlines()[0].removeprefix("2. ")
        texts = {"prompt": second, "response": "Procure alguém que saiba.", "author": "Ana"}
        return {**texts, "decision": "modify", "reason": "local"}

    team.collect(team.fill(sheet, "back.jsonl", take))
    origins = {one["prompt_origin"] for one in team.adaptations().values()}
    assert origins == {"mt"}


def test_drafts_of_the_source_text_are_translated_back_into_its_language(
    derive: Derive, tmp_path: Path
) -> None:
    """The embedded model as one that reads Japanese, and as one that writes it."""
    forth, back, wrong = (
        described(
            shutil.copytree(find_model("pt-BR"), tmp_path / name, copy_function=shutil.copyfile),
            source_languages=source,
            target_languages=target,
        )
        for name, source, target in (
            ("forth", ["en", "ja"], ["pt-BR"]),
            ("back", ["pt-BR"], ["ja"]),
            ("wrong", ["pt-BR"], ["fr"]),
        )
    )
    asked = ("run", SAMPLE, "--locale", "pt-BR", "--model", forth, "--from", "source")
    done = derive(*asked, "--round-trip", back, "-o", tmp_path / "p")
    assert done.exit_code in (0, 1), done.stderr
    assert all(
        one["round_trip"] for one in drafts(tmp_path / "p") if one["source_field"] == "prompt"
    )
    refused = derive(*asked, "--round-trip", wrong, "-o", tmp_path / "q")
    assert refused.exit_code == 2
    assert "--round-trip" in refused.stderr


def test_what_the_folder_was_not_made_for_is_named_with_its_value(
    derive: Derive, tmp_path: Path
) -> None:
    project = tmp_path / "brazil"
    assert derive("run", SAMPLE, "--locale", "pt-BR", "-o", project).exit_code == 0
    done = derive("run", SAMPLE, "--locale", "pt-BR", "-o", project, "--omissions")
    assert done.exit_code == 2
    assert "translate.omissions = False, not True" in done.stderr
