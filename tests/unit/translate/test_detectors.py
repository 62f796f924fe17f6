"""Each detector says what it should of each case in tests/cases/drafts, and nothing else loudly."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.codes import CODES
from derive.translate.quality import DraftChecks
from derive.translate.texts import Translated

FILE = Path(__file__).parents[2] / "cases" / "drafts" / "detectors.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
# what no text shows: test_stage.py, test_peers.py, test_omissions.py
ELSEWHERE = {
    "draft-none",
    "draft-shared",
    "draft-score",
    "draft-omission",
    "draft-pseudo",
    "draft-via",
    "draft-other-text",
}

checks = cache(lambda tag: DraftChecks.of("en", tag))


def told(case: dict[str, Any]) -> set[str]:
    made = Translated(
        case["draft"], -0.1, case.get("truncated", False), case.get("fragments", False)
    )
    found = checks(case["tag"])(case["source"], made, case.get("marks", ()))
    return {f"{one.code}:{one.severity}" for one in found}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['tag']} {case['case']}")
def test_case(case: dict[str, Any]) -> None:
    said, expected = told(case), set(case["codes"])
    assert expected <= said
    # a cut or doubled text is also of an odd length; a good one is nothing
    if not expected:
        assert not {one for one in said if "exactly" in case or not one.endswith(":note")}


def test_every_detector_has_cases() -> None:
    drafts = {code for code in CODES if code.startswith("draft-")} - ELSEWHERE - {"draft-unchanged"}
    assert {one.split(":")[0] for case in CASES for one in case["codes"]} == drafts
    for tag in ("pt-BR", "th-TH", "ar-EG", "zh-Hant-TW", "ko-KR"):
        assert sum(case["tag"] == tag for case in CASES) > 20


GOOD = [case for case in CASES if case["case"] == "good"]
of_good = pytest.mark.parametrize("case", GOOD, ids=lambda case: case["tag"])


@of_good
@given(times=st.integers(2, 6), blank=st.sampled_from([" ", "\n", "  "]))
def test_a_text_said_again_is_a_loop(case: dict[str, Any], times: int, blank: str) -> None:
    draft = blank.join([case["draft"]] * times)
    assert "draft-repeats:error" in told({**case, "draft": draft})


@of_good
@given(st.integers(1, 12))
def test_a_long_source_is_not_in_a_short_draft(case: dict[str, Any], times: int) -> None:
    source = " ".join(f"In {year} I asked again." for year in range(1950, 1950 + 3 * times))
    assert told({**case, "source": f"{case['source']} {source}"}) & {
        "draft-length:warning", "draft-number:error",
    }  # fmt: skip


@of_good
@given(st.text(max_size=300))
def test_any_text_gets_an_answer(case: dict[str, Any], text: str) -> None:
    told({**case, "draft": text})
    told({**case, "source": text})
