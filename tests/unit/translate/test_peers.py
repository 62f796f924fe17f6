"""What only shows beside the other drafts of a run, and the number that orders them."""

from __future__ import annotations

import pytest
from conftest import NO_DRAFT
from hypothesis import given
from hypothesis import strategies as st

from derive import tables
from derive.translate.peers import ENOUGH, Peers, remarked
from derive.translate.priority import WEIGHTS, review_priority
from derive.translate.texts import Translated

WORDS = [
    "bread",
    "cheese",
    "garden",
    "river",
    "window",
    "letter",
    "winter",
    "summer",
    "table",
    "song",
]
PALAVRAS = [
    "pão",
    "queijo",
    "jardim",
    "rio",
    "janela",
    "carta",
    "inverno",
    "verão",
    "mesa",
    "canção",
]


def pair(number: int) -> tuple[str, str]:
    """A source and its draft, of lengths that differ a little."""
    at = [(number // 10**power) % 10 for power in range(3)]
    source = " ".join(WORDS[n] for n in at)
    return f"Tell me of {source}, please.", f"Conte de {' '.join(PALAVRAS[n] for n in at)}, viu?"


def run(*odd: tuple[str, str, float | None], size: int = 60) -> dict[int, set[str]]:
    """The codes found by row; the odd ones (source, draft, score) come after `size` good rows."""
    peers = Peers()
    good = [(*pair(n), -0.1 - 0.001 * (n % 7)) for n in range(size)]
    for source, draft, score in (*good, *odd):
        peers.put(peers.reserve(1), source, Translated(draft, score, False, False))
    return {row: {one.code for one in found} for row, found in peers.findings().items()}


def test_good_drafts_are_not_remarked() -> None:
    assert run() == {}


def test_one_draft_for_several_sources() -> None:
    draft = pair(990)[1]
    assert run((pair(970)[0], draft, -0.1), (pair(980)[0], draft.upper(), -0.1)) == {
        60: {"draft-shared"}, 61: {"draft-shared"},
    }  # fmt: skip
    same = pair(970)[0]
    assert run((same, draft, -0.1), (same.upper(), draft, -0.1)) == {}, "the same question twice"
    assert run(("Yes?", "Sim!", -0.1), ("Yeah?", "Sim!", -0.1)) == {}, "too short to wonder at"


def test_a_score_far_below_those_of_its_length() -> None:
    assert run((*pair(970), -0.9)) == {60: {"draft-score"}}
    assert run((*pair(970), None)) == {}
    assert run((*pair(970), -0.9), size=ENOUGH - 2) == {}, "too few to tell what is usual"


def test_a_length_unusual_in_the_run() -> None:
    source, draft = pair(970)
    assert run((source, draft[: len(draft) // 2], -0.1)) == {60: {"draft-length"}}
    assert "draft-length" in run((source, draft + draft.upper(), -0.1))[60]


def test_a_row_without_a_draft_is_no_peer() -> None:
    peers = Peers()
    peers.reserve(60)
    assert peers.findings() == {}
    peers.put(30, pair(30)[0], Translated("", None, False, False))
    assert peers.findings() == {}


def test_remarks_come_once_and_raise_the_priority() -> None:
    told = {"code": "draft-length", "severity": "warning", "message": "m"}
    row = {**NO_DRAFT, "item": "i", "field": "prompt", "text": "t", "model": "m", "score": -0.1}
    row |= {"state": "translated", "review_priority": 0.1}
    table = tables.frame([{**row, "findings": []}, {**row, "findings": [told]}], tables.DRAFTS)
    peers = Peers()
    for source, draft in [pair(n) for n in range(60)] + [("Tell me. " * 40, "Conte.")]:
        peers.put(peers.reserve(1), source, Translated(draft, -0.1, False, False))
    remarks = peers.findings()[60]
    assert [one.code for one in remarks] == ["draft-length"]
    [first, second] = next(remarked([table], {0: remarks, 1: remarks})).to_dicts()
    assert [one["code"] for one in first["findings"]] == ["draft-length"]
    assert second["findings"] == [told], "what has been said is not said again"
    assert first["review_priority"] == second["review_priority"] > 0.5


# --- the number

severities = st.lists(st.sampled_from(sorted(WEIGHTS)), max_size=6)
scores = st.none() | st.floats(-5, 0)


def number(score: float | None, found: list[str]) -> float:
    priority = review_priority("t", score, [{"severity": one} for one in found])
    assert priority is not None
    return priority


@given(scores, severities, st.sampled_from(sorted(WEIGHTS)))
def test_a_finding_never_lowers_it(score: float | None, found: list[str], more: str) -> None:
    assert 0 <= number(score, found) <= number(score, [*found, more]) <= 1


@given(st.floats(-5, 0), st.floats(-5, 0), severities)
def test_nor_does_a_lower_score(one: float, two: float, found: list[str]) -> None:
    low, high = sorted((one, two))
    assert number(low, found) >= number(high, found)


@pytest.mark.parametrize("worse", ["error", "warning"])
def test_an_error_weighs_more_than_warnings_and_these_more_than_notes(worse: str) -> None:
    milder = {"error": "warning", "warning": "note"}[worse]
    assert number(-0.1, [worse]) > number(-0.1, [milder] * 3)


def test_nothing_to_review_without_a_text() -> None:
    assert review_priority(None, None, [{"severity": "note"}]) is None
    assert review_priority("t", None, []) == 0


def test_what_is_said_of_the_run_does_not_change_the_order() -> None:
    told = [{"code": "round-trip-none", "severity": "note"}]
    assert review_priority("t", -0.1, told) == review_priority("t", -0.1, [])
