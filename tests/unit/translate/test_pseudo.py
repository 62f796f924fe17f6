"""A dry run goes through the whole flow, and nothing of it can get into a variant."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SAMPLE
from hypothesis import given
from hypothesis import strategies as st
from team import Team, number_of, translated

from derive import pipeline, tables
from derive.pipeline import Asked
from derive.progress import silent
from derive.project import open_project
from derive.protect import lost
from derive.pseudo import is_pseudo, pseudo
from derive.release.read import Options
from derive.translate.cache import Cache
from derive.translate.pseudo import PseudoEngine
from derive.translate.texts import translate_texts

TEXTS = [
    "Go to https://a.example/b?c=1, now.",
    "{name} owes 5 kg; is `x = 1` right?",
    "😀 One. Two!",
]


@given(st.one_of(st.text(), st.sampled_from(TEXTS)), st.sampled_from(["pt-BR", "ar-EG", "th-TH"]))
def test_what_is_protected_and_every_sentence_come_through(text: str, target: str) -> None:
    engine = PseudoEngine(target)
    made = [one for _, one in translate_texts([text], "en", engine, Cache(None, {}), silent)]
    assert len(made) == 1
    assert not lost(text, made[0].text)
    assert is_pseudo(made[0].text) or not any(map(str.isalpha, text)) or "`" in text or "~" in text
    assert not made[0].fragments
    assert not made[0].truncated


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("pt-BR", "[!!! Ĥéļļó, {name}! ěẋṗ !!!]"),
        ("ja-JP", "[!!! Ĥéļļó, {name}! あいう !!!]"),
        ("ar-EG", "[!!! ابت Ĥéļļó, {name}! !!!]"),  # the first letter tells the direction
    ],
)
def test_longer_and_in_the_script_of_the_target(target: str, expected: str) -> None:
    assert pseudo("Hello, {name}!", target) == expected


def test_nothing_of_a_dry_run_gets_into_a_variant(tmp_path: Path) -> None:
    """Not a draft, not what a person took over as it is; what they wrote instead does."""
    asked = Asked(str(SAMPLE), "pt-BR", Options(), model="pseudo")
    project, results = pipeline.run(tmp_path / "brazil", asked)
    assert not any(result.findings.counts()["error"] for result in results)
    drafts = tables.read_parquet(project.work("drafts.parquet"), tables.DRAFTS).to_dicts()
    assert drafts
    for draft in drafts:
        assert draft["model"].startswith("pseudo-localisation")
        assert [found["code"] for found in draft["findings"]] == ["draft-pseudo"]
    assert results[-1].counts["items"] == 0
    excluded = tables.read_parquet(project.variant / "excluded.parquet", tables.EXCLUDED)
    assert "draft-pseudo" in "".join(excluded["reason"])


def test_what_a_person_left_of_a_dry_run_waits(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.project = open_project(team.project.path)
    with team.project.locked():
        pipeline.run_stage(team.project, "translate", engine=PseudoEngine("pt-BR"))

    def fill(cells: dict[str, str]) -> dict[str, str]:
        good = translated(cells)
        half = f"{good['prompt']} {pseudo('And what now?', 'pt-BR')}"
        return {**good, "prompt": half} if number_of(cells) == 4 else good

    team.collect(team.fill(team.issue()[0], "a.jsonl", fill))
    pipeline.redo(team.project, "build")
    excluded = tables.read_parquet(team.project.variant / "excluded.parquet", tables.EXCLUDED)
    [waits] = [row for row in excluded.to_dicts() if number_of(row) == 4]
    assert waits["reason"] == "waits for a person: the text is a dry run's (draft-pseudo)"
    assert excluded.height == 1, "what they wrote themselves is in the variant"
