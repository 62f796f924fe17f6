"""`derive flag`: a project's own lexicon, the audit of its tags, and the evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT

Derive = Callable[..., Result]
HEAD = "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"
TUNE = ROOT / "tests" / "cases" / "flagging" / "tune.jsonl"
QUESTIONS = [
    ("How do I get to Tokyo Tower at night, please?", "", 0),
    ("How long is a good letter to my landlord?", "", 0),
    ("May I ask the tax office about my neighbour?", "国税庁に隣人のことを聞けますか。", 0),
    ("Who keeps the family register of a town?", "戸籍", 1),
    ("How do I bake good bread without an oven?", "", 2),
    ("How do I bake good bread without an oven ?", "", 0),
    ("Is it rude to sing at night in a small flat?", "", 1),
]


@pytest.fixture
def project(derive: Derive, tmp_path: Path) -> Path:
    """A small project whose tags are partly wrong."""
    rows = [
        {"id": f"q{at}", "question": source or "こんにちは", "en": text, "level": level}
        for at, (text, source, level) in enumerate(QUESTIONS)
    ]
    release = tmp_path / "questions.jsonl"
    release.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    mapping = ("prompt=question", "prompt_pivot=en", "level=level", "id=id")
    done = derive(
        "init", str(tmp_path / "p"), "--source", str(release), "--locale", "pt-BR",
        *(part for one in mapping for part in ("--map", one)),
        "--source-language", "ja", "--pivot-language", "en",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return tmp_path / "p"


def marked(derive: Derive, project: Path) -> tuple[bool, int]:
    document = json.loads(derive("flag", str(project), "--json").stdout)
    return document["fresh"], document["counts"]["marks"]


def test_a_projects_own_lexicon_makes_the_stage_stale(derive: Derive, project: Path) -> None:
    fresh, before = marked(derive, project)
    assert fresh
    assert marked(derive, project) == (False, before)
    own = project / "lexicon.csv"
    own.write_text(HEAD + "bread,food,1,bread,,,,,any,for the test\n", encoding="utf-8")
    assert marked(derive, project) == (True, before + 2)
    own.write_text(HEAD + "tower,place,0,Tokyo Tower,,,,,any,muted\n", encoding="utf-8")
    assert marked(derive, project) == (True, before - 1)
    own.write_text(HEAD + "tower,planet,0,Tokyo Tower,,,,,any,muted\n", encoding="utf-8")
    done = derive("flag", str(project))
    assert done.exit_code == 2
    assert "lexicon.csv row 2" in done.stderr
    own.unlink()
    assert marked(derive, project) == (True, before)


def test_the_audit_lists_doubtful_tags_the_strongest_first(derive: Derive, project: Path) -> None:
    done = derive("flag", str(project), "--audit", "--json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    doubts = [(one["kind"], one["item"], one["other"]) for one in document["doubts"]]
    assert doubts == [
        ("tag-0-marked", "q0", ""),
        ("tag-0-marked", "q2", ""),
        ("tags-differ", "q5", "q4"),
        ("tag-2-unmarked", "q4", ""),
        ("tag-1-unmarked", "q6", ""),
    ]
    assert document["counts"] == {
        "tag-0-marked": 2, "tags-differ": 1, "tag-2-unmarked": 1, "tag-1-unmarked": 1,
    }  # fmt: skip
    assert any("国税庁" in reason for reason in document["doubts"][1]["marks"])
    text = derive("flag", str(project), "--audit").stdout
    for doubt in document["doubts"]:
        assert doubt["item"] in text
        assert doubt["message"] in text
    assert "5 tags to look at again" in text
    assert derive("flag", str(project), "--audit").stdout == text


def test_the_evaluation_prints_its_figures(derive: Derive) -> None:
    done = derive("flag", "--evaluate", str(TUNE))
    assert done.exit_code == 0
    figures = json.loads(derive("flag", "--evaluate", str(TUNE), "--json").stdout)
    assert figures["source_culture"] == "ja-JP", "the only culture that the file names"
    for value in (figures["specific"]["f1"], figures["spans"]["exact_recall"]):
        assert f"{value:.3f}" in done.stdout
    for part in ("precision", "recall", "labelled 2", "suggested 1", "not flagged"):
        assert part in done.stdout
    assert sum(sum(row.values()) for row in figures["levels"].values()) == figures["questions"]
    other = json.loads(
        derive("flag", "--evaluate", str(TUNE), "--source-culture", "ko-KR", "--json").stdout
    )
    assert other["specific"]["labelled"] == 0


def test_a_projects_own_lexicon_is_evaluated_with_it(derive: Derive, project: Path) -> None:
    file = project.parent / "q.jsonl"
    row = {"id": "a", "text": "a quokka", "culture": "ja-JP", "level": 1, "spans": None}
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (project / "lexicon.csv").write_text(HEAD + "q,food,1,quokka,,,,,any,x\n", encoding="utf-8")
    for arguments, recall in (((), 0.0), ((str(project),), 1.0)):
        done = derive("flag", *arguments, "--evaluate", str(file), "--json")
        assert json.loads(done.stdout)["specific"]["recall"] == recall


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name a project folder"),
        (("--audit",), "Name a project folder"),
        (("nosuch",), "Not a project folder"),
        (("--evaluate", "nosuch.jsonl"), "nosuch.jsonl"),
        (("--evaluate", str(TUNE), "--source-culture", "pt-BR"), "no lexicon of pt-BR"),
        (("--evaluate", str(TUNE), "--source-culture", "q"), "language tag"),
        (("--audit", "--evaluate", str(TUNE)), "Name a project folder"),
    ],
)
def test_bad_usage(derive: Derive, arguments: tuple[str, ...], message: str) -> None:
    done = derive("flag", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
