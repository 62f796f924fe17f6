"""Drafts translated back: what came back, how much of it, and where there is no way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import FakeEngine

from derive import tables
from derive.terminology import Term, TermChecker
from derive.translate.round_trip import Reverse, chrf
from derive.translate.stage import translate

LANGUAGES = {"prompt": "ja", "response": "ja", "prompt_pivot": "en", "response_pivot": "en"}
TEXT = "How are you today, my old friend?"


def item(name: str, **texts: str) -> dict[str, Any]:
    return {**dict.fromkeys(tables.ITEMS), "id": name, "prompt": "質問", "extra": "{}", **texts}


def backwards(text: str) -> str:
    """Letters in the reverse order, word by word: it undoes itself."""
    return " ".join(word[::-1] for word in text.split(" "))


def made(reverse: FakeEngine, *items: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    engine = FakeEngine(backwards, source_languages=("en", "ja"))
    back = Reverse(reverse, "en")
    table = tables.frame(items, tables.ITEMS)
    return translate(table, LANGUAGES, "pt-BR", engine, reverse=back, **more).drafts.to_dicts()


def reverse(way: Any = backwards) -> FakeEngine:
    engine = FakeEngine(way, source_languages=("pt-BR",), target_languages=("en",))
    engine.signature = {"engine": "fake back"}
    return engine


def test_what_comes_back_whole_scores_100() -> None:
    [draft] = made(reverse(), item("a", prompt_pivot=TEXT))
    assert (draft["text"], draft["round_trip"]) == (backwards(TEXT), TEXT)
    assert draft["round_trip_chrf"] == 100


def test_the_less_comes_back_the_lower() -> None:
    ways = (lambda text: "How are you today?", lambda text: "Yes.")
    half, nothing = (
        made(reverse(way), item("a", prompt_pivot=TEXT))[0]["round_trip_chrf"] for way in ways
    )
    assert 100 > half > nothing >= 0
    assert (chrf("", TEXT), chrf(TEXT, TEXT)) == (0, 100)


def test_a_draft_from_another_language_has_no_way_back_and_says_so() -> None:
    drafts = made(reverse(), item("a", prompt_pivot=TEXT), item("b"))
    assert [draft["round_trip"] for draft in drafts] == [TEXT, None]
    assert [draft["round_trip_chrf"] for draft in drafts] == [100, None]
    assert "round-trip-none" in [one["code"] for one in drafts[1]["findings"]]
    assert "round-trip-none" not in [one["code"] for one in drafts[0]["findings"]]


@pytest.mark.parametrize("count", [0, 3])
def test_nothing_is_translated_back_twice(tmp_path: Path, count: int) -> None:
    back = reverse()
    more = {"cache": tmp_path / "cache.sqlite", "alternatives": count}
    first = made(back, item("a", prompt_pivot=TEXT), item("b", prompt_pivot=TEXT), **more)
    assert back.asked == [backwards(TEXT)]
    assert made(back, item("a", prompt_pivot=TEXT), item("b", prompt_pivot=TEXT), **more) == first
    assert back.asked == [backwards(TEXT)]


def test_terms_are_checked_in_drafts() -> None:
    terms = TermChecker([Term("friend", "amigo"), Term("old", "dlo", forbidden=True)])
    [draft] = made(reverse(), item("a", prompt_pivot=TEXT), terms=terms)
    found = {one["code"]: one for one in draft["findings"]}
    assert found["term-missing"]["severity"] == found["term-forbidden"]["severity"] == "warning"
    assert "amigo" in found["term-missing"]["message"]
