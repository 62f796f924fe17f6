"""Review, reply, adjudication, double translation, coverage: who gets what, and what it gives."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from team import Team, codes, number_of, prompt, response, translated

from derive import exchange, status
from derive.errors import DeriveError

CHANGE = {"verdict": "change", "intervention": "not-natural", "comment": "soa estranho"}


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """All twelve items are translated, by Ana."""
    made = Team(tmp_path)
    made.collect(made.fill(made.issue()[0], "ana.jsonl"))
    return made


def rows_of(path: Path) -> dict[int, dict[str, str]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {number_of(one["cells"]): {**one["cells"], "sheet": one["sheet"]} for one in lines[1:]}


def answer(team: Team, name: str, rows: Mapping[int, Mapping[str, str]], **ask: Any) -> Any:
    """What somebody answers to the rows of a fresh worksheet, by the items' numbers."""
    [path] = team.issue(**ask)
    return team.collect(team.fill(path, name, lambda cells: rows.get(number_of(cells))))


def test_a_review_worksheet_shows_translation_beside_draft_and_source(team: Team) -> None:
    rows = rows_of(team.issue(role="reviewer")[0])
    assert set(rows) == set(range(1, 13))
    for number, cells in rows.items():
        assert cells["sheet"] == "review"
        assert cells["translation_prompt"] == prompt(number)
        assert cells["translation_response"] == response(number)
        assert cells["translation_author"] == "Ana"
        assert cells["draft_prompt"] == prompt(number, " hoje")
        assert f"answer {number} is late" in cells["pivot_prompt"]
        assert cells["verdict"] == cells["prompt"] == ""


def test_verdicts(team: Team) -> None:
    bruno = {"author": "Bruno"}
    result = answer(team, "bruno.jsonl", {
        1: {"verdict": "accept", **bruno},
        2: {**CHANGE, **bruno, "prompt": prompt(2, " melhor")},
        3: {"verdict": "reject", "comment": "não é daqui", **bruno},
        4: {**CHANGE, **bruno, "decision": "remove"},
    }, role="reviewer")  # fmt: skip
    assert not result.findings.of("error")
    rows = team.adaptations()
    by = {number_of(row): row for row in rows.values()}
    assert (by[1]["state"], by[1]["prompt"], by[1]["reviewer"]) == ("reviewed", prompt(1), "Bruno")
    assert (by[2]["prompt"], by[2]["response"]) == (prompt(2, " melhor"), response(2))
    assert (by[2]["state"], by[2]["waits_for"]) == ("reviewed", "translator")
    assert 3 not in by
    assert (by[4]["decision"], by[4]["prompt"], by[4]["response"]) == ("remove", "", "")
    assert by[5]["state"] == "translated"
    assert result.counts["rejected"] == 1
    delta = rows_of(team.issue()[0])
    assert delta[3]["findings"].startswith("Bruno: não é daqui")
    assert (delta[3]["prompt"], delta[3]["decision"]) == (prompt(3), "")
    assert (delta[2]["sheet"], delta[2]["review_prompt"]) == ("reply", prompt(2, " melhor"))
    assert delta[2]["review_comment"] == "soa estranho"
    assert set(rows_of(team.issue(role="reviewer")[0])) == set(range(5, 13))


FAULTS = [
    ("author-missing", {"verdict": "accept"}),
    ("review-same-person", {"verdict": "accept", "author": " ana "}),
    ("verdict-missing", {"prompt": "Como devo escrever isto?", "author": "Bruno"}),
    ("word-unknown", {"verdict": "maybe", "author": "Bruno"}),
    ("field-missing", {"verdict": "reject", "author": "Bruno"}),
    ("field-missing", {**CHANGE, "author": "Bruno"}),
    ("field-missing", {**CHANGE, "intervention": "", "author": "Bruno", "prompt": prompt(50)}),
    ("word-unknown", {**CHANGE, "intervention": "ugly", "author": "Bruno", "prompt": prompt(50)}),
    ("field-extra", {"verdict": "accept", "prompt": prompt(50), "author": "Bruno"}),
    ("text-language", {**CHANGE, "author": "Bruno",
                       "prompt": "Please tell me how I should write this long letter."}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "given"), FAULTS)
def test_what_is_wrong_with_a_review(team: Team, code: str, given: dict[str, str]) -> None:
    result = answer(team, "b.jsonl", {2: given}, role="reviewer")
    found = [one for one in result.findings if one.code == code]
    assert [one.severity for one in found] == ["error"]
    assert found[0].file == "b.jsonl"
    assert team.adaptations()["invented-test-0000002-001"]["state"] == "translated"
    assert [one["fate"] for one in team.submissions() if one["sheet"] == "review"] == ["held"]


def test_a_reply_accepts_or_says_why_not(team: Team) -> None:
    better = {n: {**CHANGE, "author": "Bruno", "prompt": prompt(n, " melhor")} for n in (1, 2, 3)}
    answer(team, "bruno.jsonl", better, role="reviewer")
    result = answer(team, "ana2.jsonl", {
        1: {"verdict": "accept", "author": "Ana"},
        2: {"verdict": "decline", "reason": "muda o sentido", "author": "Ana"},
        3: {"verdict": "decline", "author": "Ana"},
    })  # fmt: skip
    assert codes(result)["field-missing"] == 1, "declining needs a reason"
    row = team.adaptations()["invented-test-0000001-001"]
    assert (row["prompt"], row["state"], row["waits_for"]) == (prompt(1, " melhor"), "reviewed", "")
    assert "invented-test-0000002-001" not in team.adaptations()
    waiting = rows_of(team.issue(role="adjudicator", only="waiting")[0])
    assert set(waiting) == {2}
    offered = {waiting[2]["a_prompt"], waiting[2]["b_prompt"]}
    assert offered == {prompt(2), prompt(2, " melhor")}
    assert "muda o sentido" in waiting[2]["a_note"] + waiting[2]["b_note"]


def test_an_adjudicator_has_the_last_word(team: Team) -> None:
    team.collect(team.fill(_first_worksheet(team), "caio.jsonl", _other))
    assert set(team.standings().values()) == {"conflict"}
    rows = rows_of(team.issue(role="adjudicator")[0])
    letters = {n: next(c for c in "ab" if rows[n][f"{c}_prompt"] == prompt(n)) for n in rows}
    carla = {"author": "Carla"}
    own = {"verdict": "own", "decision": "replace", "prompt": prompt(99), "response": response(99)}
    result = answer(team, "carla.jsonl", {
        1: {"verdict": letters[1].upper(), **carla}, 2: {**own, **carla, "reason": "nova"},
        3: {"verdict": "f", **carla}, 4: {**own, **carla}, 5: {"verdict": "a"},
    }, role="adjudicator")  # fmt: skip
    wrong = Counter(one.code for one in result.findings.of("error") if one.file == "carla.jsonl")
    assert wrong == {"word-unknown": 1, "field-missing": 1, "author-missing": 1}
    by = {number_of(row): row for row in team.adaptations().values()}
    assert set(by) == {1, 2}
    assert (by[1]["prompt"], by[1]["state"], by[1]["adjudicator"]) == (prompt(1), "final", "Carla")
    assert (by[2]["decision"], by[2]["prompt"]) == ("replace", prompt(99))


def _first_worksheet(team: Team) -> Path:
    """The one Ana filled: it was written before all others."""
    return min(team.project.worksheets.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)


def _other(cells: dict[str, str]) -> dict[str, str]:
    return translated(cells, " porém", "Caio")


def test_what_is_final_stays_unless_it_is_opened_by_name(team: Team) -> None:
    accept = {n: {"verdict": "accept", "author": "Bruno"} for n in (1, 2)}
    answer(team, "bruno.jsonl", accept, role="reviewer")
    last = {n: {"verdict": "a", "author": "Carla"} for n in (1, 2)}
    answer(team, "carla.jsonl", last, role="adjudicator")
    late = team.fill(_first_worksheet(team), "late.jsonl", _other)
    result = team.collect(late)
    assert codes(result)["unit-final"] == 2
    rows = team.adaptations()
    assert rows["invented-test-0000001-001"]["prompt"] == prompt(1)
    kept = [one["prompt"] for one in team.submissions() if one["fate"] == "set-aside"]
    assert sorted(kept) == sorted([prompt(1, " porém"), prompt(2, " porém")])
    assert not team.issue(), "the others are in conflict, these are final"
    key = next(key for key in team.standings() if "0000001" in key)
    team.collect(late, reopen=(key,))
    assert team.standings()[key] == "conflict"


def test_double_translation(tmp_path: Path) -> None:
    team = Team(tmp_path)
    paths = team.issue(double=True, split_by="people=Ana,Bruno,Caio")
    held = {path: set(rows_of(path)) for path in paths}
    twice = Counter(n for numbers in held.values() for n in numbers)
    assert twice == dict.fromkeys(range(1, 13), 2)
    assert {len(numbers) for numbers in held.values()} == {8}
    for path in paths:
        person = next(name for name in ("Ana", "Bruno", "Caio") if name in path.name)
        rows = rows_of(path)
        assert {cells["author"] for cells in rows.values()} == {person}

        def fill(cells: dict[str, str], person: str = person) -> dict[str, str]:
            same = number_of(cells) % 3 == 0
            return translated(cells, "" if same else f" {person}", person)

        result = team.collect(team.fill(path, f"{person}.jsonl", fill))
    assert Counter(team.standings().values()) == {"double": 8, "accepted": 4}
    assert codes(result)["unit-double"] == 16
    assert "unit-conflict" not in codes(result)
    rows = exchange.agreement_of(team.project)
    assert (rows[0]["group"], rows[0]["units"], rows[0]["agreed"]) == ("all", 12, 1.0)
    assert {row["value"] for row in rows if row["group"] == "person"} == {"Ana", "Bruno", "Caio"}
    assert 50 < rows[0]["chrf_prompt"] < 100
    assert set(rows_of(team.issue(role="adjudicator")[0])) == {1, 2, 4, 5, 7, 8, 10, 11}


def test_slices_are_balanced_and_nobody_gets_a_unit_twice(team: Team) -> None:
    paths = team.issue(split_by="people=3")
    shares = [rows_of(path) for path in paths]
    assert sorted(n for share in shares for n in share) == list(range(1, 13))
    assert {len(share) for share in shares} == {4}
    for share in shares:
        sheets = Counter(cells["sheet"] for cells in share.values())
        assert max(sheets.values()) - min(sheets.values()) <= 1, "a share of each sheet"
    by_level = team.issue(split_by="level")
    assert [{cells["level"] for cells in rows_of(path).values()} for path in by_level] == [
        {"0"}, {"1"}, {"2"},
    ]  # fmt: skip
    assert {cells["sheet"] for cells in rows_of(team.issue(routes=("adapt",))[0]).values()} == {
        "adapt"
    }
    again = team.issue(split_by="people=3")
    assert [set(rows_of(path)) for path in again] == [set(share) for share in shares]


@pytest.mark.parametrize(
    ("ask", "message"),
    [({"split_by": "people=0"}, "different people"), ({"split_by": "people=Ana,ana"}, "different"),
     ({"split_by": "colour"}, "no such field"), ({"double": True, "split_by": "people=1"}, "two"),
     ({"role": "reviewer", "split_by": "people=Ana"}, "Nobody is left")],
)  # fmt: skip
def test_slices_that_cannot_be(team: Team, ask: dict[str, Any], message: str) -> None:
    with pytest.raises(DeriveError, match=message) as caught:
        team.issue(**ask)
    assert caught.value.fix


def test_who_translated_does_not_review(team: Team) -> None:
    [path] = team.issue(role="reviewer", split_by="people=Ana,Bruno")
    assert "Bruno" in path.name


def test_coverage(team: Team) -> None:
    """All items have one taxonomy path; three of twelve are removed, so 0.9 of them wants two."""
    removed = {"decision": "remove", "prompt": "", "response": "", "reason": "não existe"}
    answer(team, "b.jsonl", {n: {**removed, "author": "Ana"} for n in (1, 2, 3)})
    [path] = team.issue(coverage=0.9)
    new = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()][1:]
    new = [one["cells"] for one in new if one["sheet"] == "new"]
    assert len(new) == 2
    assert all("12 in the source, 3 removed, 9 left, 2 wanted" in one["context"] for one in new)
    assert {one["taxonomy"] for one in new} == {"領域 / 種類 / 詳細"}
    assert len({one["key"] for one in new}) == 2

    def fill(cells: dict[str, str]) -> dict[str, str] | None:
        if not cells["item"].startswith("new-"):
            return None
        number = 200 + int(cells["item"][-1])
        texts = {"prompt": prompt(number), "response": response(number)}
        return {**texts, "decision": "new", "author": "Ana"}

    result = team.collect(team.fill(path, "new.jsonl", fill))
    assert not result.findings.of("error")
    made = [row for row in team.adaptations().values() if row["item"].startswith("new-")]
    assert {row["decision"] for row in made} == {"new"}
    again = team.issue(coverage=0.9)[0].read_text(encoding="utf-8").splitlines()[1:]
    cells = [json.loads(one)["cells"] for one in again if json.loads(one)["sheet"] == "new"]
    assert {one["prompt"] for one in cells} == {prompt(201), prompt(202)}, "they are there"
    assert "new-" in team.issue(role="reviewer")[0].read_text(encoding="utf-8")


def test_status_says_who_waits_and_how_far_each_is(team: Team) -> None:
    told = status.status(team.project)["people"]
    assert told["waits_for"] == {"reviewer": 12}
    assert told["people"] == [{"person": "Ana", "issued": 0, "handed_in": 12}]
    team.collect(team.fill(_first_worksheet(team), "caio.jsonl", _other))
    told = status.status(team.project)["people"]
    assert told["waits_for"] == {"adjudicator": 12}
    assert len(told["blocks_build"]["conflict"]) == 12
    assert told["states"] == {"translated": 12}


def test_feedback_counts_countries(tmp_path: Path) -> None:
    teams = [Team(tmp_path / tag, 6, tag) for tag in ("pt-BR", "pt-PT")]
    gone = {"decision": "remove", "prompt": "", "response": "", "reason": "só no Japão"}
    for number, team in enumerate(teams):
        answer(team, "a.jsonl", {n: {**gone, "author": "A"} for n in (1, 2 + number)})
    rows = exchange.feedback([team.project for team in teams])
    assert [(number_of(row), row["removed"], row["countries"]) for row in rows] == [
        (1, 2, ["pt-BR", "pt-PT"]), (2, 1, ["pt-BR"]), (3, 1, ["pt-PT"]),
    ]  # fmt: skip
    assert rows[0]["reasons"][0] == "pt-BR: só no Japão"


def test_slices_by_a_field_are_for_nobody_in_particular(team: Team) -> None:
    paths = team.issue(split_by="harm_type")
    assert {cells["author"] for path in paths for cells in rows_of(path).values()} == {""}
    assert status.status(team.project)["people"]["people"] == [
        {"person": "Ana", "issued": 0, "handed_in": 12}
    ]


def test_a_review_leaves_nothing_half_done(team: Team) -> None:
    """A removed unit is not brought back without its texts."""
    gone = {"decision": "remove", "prompt": "", "response": "", "reason": "só lá", "author": "Ana"}
    answer(team, "b.jsonl", {1: gone, 2: gone})
    back = {**CHANGE, "decision": "modify", "author": "Bruno"}
    result = answer(team, "bruno.jsonl", {
        1: back, 2: {**back, "prompt": prompt(2), "response": response(2)},
    }, role="reviewer")  # fmt: skip
    assert {one.field for one in result.findings.of("error")} == {"prompt", "response"}
    lost = {**CHANGE, "decision": "", "prompt": prompt(1), "author": "Caio"}
    result = answer(team, "lost.jsonl", {1: lost}, role="reviewer")
    assert codes(result)["field-extra"] == 1, "a text to a removed unit needs a decision"
    rows = team.adaptations()
    assert rows["invented-test-0000001-001"]["decision"] == "remove"
    assert rows["invented-test-0000002-001"]["prompt"] == prompt(2)
    why = {**CHANGE, "decision": "remove", "author": "Caio", "comment": "não existe"}
    answer(team, "caio.jsonl", {4: why}, role="reviewer")
    assert team.adaptations()["invented-test-0000004-001"]["reason"] == "não existe"


def test_two_reviews_that_agree_are_one(team: Team) -> None:
    """Both stand behind what follows, and their comments reach the translator."""
    [path] = team.issue(role="reviewer")
    for name, why in (("Bruno", "muito formal"), ("Caio", "falta a rua")):
        given = {"verdict": "reject", "comment": why, "author": name}
        kind = {"Bruno": "register", "Caio": "meaning-changed"}[name]
        team.collect(team.fill(path, f"{name}.jsonl", lambda cells, given=given, kind=kind: (
            {**given, "intervention": kind} if number_of(cells) == 1 else None)))  # fmt: skip
    told = rows_of(team.issue()[0])[1]
    assert "muito formal" in told["findings"]
    assert "falta a rua" in told["findings"]
    result = answer(team, "ana2.jsonl", {1: translated({"item": "a-b-0000001"}, " novo")})
    assert result.counts["conflicts"] == 0
    assert team.adaptations()["invented-test-0000001-001"]["prompt"] == prompt(1, " novo")


def test_the_author_is_who_wrote_what_was_chosen(team: Team) -> None:
    team.collect(team.fill(_first_worksheet(team), "caio.jsonl", _other))
    rows = rows_of(team.issue(role="adjudicator")[0])
    letter = next(one for one in "ab" if rows[1][f"{one}_prompt"] == prompt(1, " porém"))
    answer(team, "carla.jsonl", {1: {"verdict": letter, "author": "Carla"}}, role="adjudicator")
    row = team.adaptations()["invented-test-0000001-001"]
    assert (row["author"], row["adjudicator"]) == ("Caio", "Carla")
    [file] = [one["file"] for one in team.submissions() if one["prompt"] == row["prompt"]]
    assert row["file"] == file, "the file that holds the text"


def test_double_translations_are_independent(tmp_path: Path) -> None:
    """With one in, nothing stands, nobody reviews it, and the other does not see it."""
    team = Team(tmp_path)
    first, second = team.issue(double=True, split_by="people=Ana,Bruno")
    ana, bruno = (first, second) if "Ana" in first.name else (second, first)
    result = team.collect(team.fill(ana, "ana.jsonl", lambda cells: translated(cells, "", "Ana")))
    assert set(team.standings().values()) == {"half"}
    assert (result.counts["accepted"], result.counts["missing"]) == (0, 12)
    assert not team.issue(role="reviewer")
    again = team.issue(double=True, split_by="people=Ana,Bruno")
    reminded = next(path for path in again if "Bruno" in path.name)
    assert {cells["prompt"] for cells in rows_of(reminded).values()} & {
        prompt(n) for n in range(1, 13)
    } == set()
    team.collect(team.fill(bruno, "b.jsonl", lambda cells: translated(cells, " x", "Bruno")))
    assert set(team.standings().values()) == {"double"}


def test_a_reopened_unit_is_handed_out_again(team: Team) -> None:
    answer(team, "b.jsonl", {1: {"verdict": "accept", "author": "Bruno"}}, role="reviewer")
    answer(team, "c.jsonl", {1: {"verdict": "a", "author": "Carla"}}, role="adjudicator")
    key = next(key for key in team.standings() if "0000001" in key)
    other = next(key for key in team.standings() if "0000002" in key)
    with pytest.raises(DeriveError, match="no final unit"):
        team.collect(reopen=(other,))
    assert 1 not in rows_of(team.issue()[0])
    team.collect(reopen=(key,))
    assert rows_of(team.issue()[0])[1]["prompt"] == prompt(1)
    answer(team, "ana3.jsonl", {1: translated({"item": "a-b-0000001"}, " enfim")})
    row = team.adaptations()["invented-test-0000001-001"]
    assert (row["prompt"], row["state"]) == (prompt(1, " enfim"), "translated")


def test_a_reply_is_not_the_reviewers(team: Team) -> None:
    better = {1: {**CHANGE, "author": "Bruno", "prompt": prompt(1, " melhor")}}
    answer(team, "bruno.jsonl", better, role="reviewer")
    result = answer(team, "reply.jsonl", {1: {"verdict": "accept", "author": "bruno"}})
    assert codes(result)["review-same-person"] == 1
    assert team.adaptations()["invented-test-0000001-001"]["waits_for"] == "translator"


def test_routes_and_held_rows_of_reviewers(team: Team) -> None:
    adapt = rows_of(team.issue(role="reviewer", routes=("adapt",))[0])
    assert {number % 3 for number in adapt} == {1}
    answer(team, "b.jsonl", {2: {"verdict": "reject", "author": "Bruno"}}, role="reviewer")
    held = rows_of(team.issue(role="reviewer", only="held")[0])
    assert set(held) == {2}
    assert "needs a comment" in held[2]["findings"]


def test_nothing_to_do_is_said(team: Team) -> None:
    from derive import pipeline
    from derive.worksheet.stage import Ask

    result = pipeline.write_worksheets(team.project, Ask(role="adjudicator"))
    assert codes(result) == {"worksheet-empty": 1}
    assert not result.outputs
