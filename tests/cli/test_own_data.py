"""A project's own lexicon.csv and counterparts.csv: what is wrong in them is said, file and row."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ac_row, write_jsonl

from derive.own_data import check_own_counterparts, check_own_lexicon
from derive.project import open_project

Derive = Callable[..., Result]
LEXICON = "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"
COUNTERPARTS = "slot,entry,counterpart,english,note,source,checked\n"
TOWN = "town-hall,place,1,town hall,,,,,any,for the test\n"


@pytest.fixture
def project(derive: Derive, tmp_path: Path) -> Path:
    rows = [ac_row(1, **{"text-en": "Is the tower of Osaka open?"}), ac_row(2)]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows).parent
    done = derive("init", tmp_path / "p", "--source", source, "--locale", "pt-BR")
    assert done.exit_code == 0, done.output
    return tmp_path / "p"


BAD_LEXICONS = {
    "a regular expression": (r"soju,food,1,soju\s+drink.*,,,,,any,x", ["row 3", "regular"]),
    "a choice": ("soju,food,1,[Ss]oju,,,,,any,x", ["row 3", "[Ss]oju"]),
    "a form at two levels": ("hall,place,2,town hall,,,,,any,x", ["row 3", "town-hall", "row 2"]),
    "a doubled entry": ("town-hall,place,1,hall,,,,,any,x", ["row 3", "row 2"]),
    "an unknown slot": ("hall,planet,2,hall,,,,,any,x", ["row 3", "planet"]),
}


@pytest.mark.parametrize("name", BAD_LEXICONS)
def test_a_bad_lexicon_is_refused(derive: Derive, project: Path, name: str) -> None:
    row, parts = BAD_LEXICONS[name]
    (project / "lexicon.csv").write_text(f"{LEXICON}{TOWN}{row}\n", encoding="utf-8")
    done = derive("flag", project)
    assert done.exit_code == 2
    for part in ("The project's own lexicon.csv has bad rows", "[own-invalid]", *parts):
        assert part in done.stderr
    assert not (project / "work" / "marks.parquet").exists()


BAD_COUNTERPARTS = {
    "no such entry": ("place,tokyoo,Recife,Recife,,,", ["row 2", "tokyoo"]),
    "another slot": ("food,osaka,Recife,Recife,,,", ["row 2", "'place'"]),
    "a swap of a group": ("group,,gente,people,,,", ["row 2", "machine"]),
    "the same again": ("place,osaka,Recife,,,,\nplace,osaka,Recife,,,,", ["row 3", "row 2"]),
    "a source that is no address": ("place,osaka,Recife,Recife,,a book,", ["row 2", "a book"]),
}


@pytest.mark.parametrize("name", BAD_COUNTERPARTS)
def test_bad_counterparts_are_refused(derive: Derive, project: Path, name: str) -> None:
    assert derive("flag", project).exit_code == 0
    rows, parts = BAD_COUNTERPARTS[name]
    (project / "counterparts.csv").write_text(f"{COUNTERPARTS}{rows}\n", encoding="utf-8")
    done = derive("translate", project)
    assert done.exit_code == 2
    for part in ("The project's own counterparts.csv has bad rows", "counterparts.csv", *parts):
        assert part in done.stderr
    assert not (project / "work" / "drafts.parquet").exists()


def test_good_rows_stand_and_a_missing_source_is_a_warning(derive: Derive, project: Path) -> None:
    (project / "lexicon.csv").write_text(LEXICON + TOWN, encoding="utf-8")
    rows = "place,osaka,Recife,Recife,,,\nplace,town-hall,prefeitura,city hall,,,\n"
    (project / "counterparts.csv").write_text(
        f"{COUNTERPARTS}{rows}law,,uma lei,,,,\n", encoding="utf-8"
    )
    assert not check_own_lexicon(project / "lexicon.csv")
    found = [(one.code, one.row) for one in check_own_counterparts(open_project(project))]
    assert found == [("own-unsourced", 4), ("pack-unchecked", None)]
    assert derive("flag", project).exit_code == 0
    done = derive("translate", project, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["codes"]["own-unsourced"] == 1
    assert "own-unsourced" in derive("worksheet", project).output
