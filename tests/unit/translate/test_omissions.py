"""What nothing in a draft depends on, by the embedded model's own scores."""

from __future__ import annotations

import csv
from collections.abc import Callable
from copy import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import FakeEngine

from derive import tables
from derive.errors import DeriveError
from derive.text import TEXT_FIELDS
from derive.translate.cache import Cache
from derive.translate.ct2 import CTranslate2Engine
from derive.translate.models import find_model, load_engine
from derive.translate.omissions import LONGEST, content_words, function_words, omitted
from derive.translate.peers import Peers
from derive.translate.stage import translate_slices
from derive.translate.task import Task

QUESTIONS = {  # question to a word that is left out
    "How do I build a wooden bridge over the river?": "wooden",
    "Why does my neighbour hate loud parties in summer?": "loud",
    "Can you write a cheerful letter to my teacher?": "cheerful",
}


@pytest.fixture(scope="module")
def engine() -> CTranslate2Engine:
    return load_engine(find_model("pt-BR"), "pt-BR")


def drafts(engine: CTranslate2Engine, texts: list[str]) -> list[str]:
    [outputs] = engine.translate([engine.encode(texts, "en")])
    return [one.text for one in outputs]


def test_the_word_that_is_missing_is_told(engine: CTranslate2Engine) -> None:
    texts = list(QUESTIONS)
    whole = zip(texts, drafts(engine, texts), strict=True)
    assert list(omitted(list(whole), "en", engine, Cache(None, {}))) == [[], [], []]
    softer = drafts(engine, [text.replace(f"{word} ", "") for text, word in QUESTIONS.items()])
    found = omitted(list(zip(texts, softer, strict=True)), "en", engine, Cache(None, {}))
    assert list(found) == [[word] for word in QUESTIONS.values()]


def test_a_pair_is_asked_about_once(
    engine: CTranslate2Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = list(QUESTIONS) * 2
    softer = drafts(engine, [text.replace(f"{QUESTIONS[text]} ", "") for text in texts])
    pairs, told, asked = list(zip(texts, softer, strict=True)), [], []
    score = engine.score
    monkeypatch.setattr(engine, "score", lambda *given: asked.append(given) or score(*given))
    for _ in range(2):
        store = Cache(tmp_path / "cache.sqlite", {})
        report = lambda *said: told.append(said)  # noqa: E731
        assert list(omitted(pairs, "en", engine, store, report)) == [
            [QUESTIONS[text]] for text in texts
        ]
        store.close()
    assert len(asked) == 1
    assert told == [("looking for omissions", 0, 3, "texts")]


def test_a_score_does_not_depend_on_the_neighbours(engine: CTranslate2Engine) -> None:
    texts = [*QUESTIONS, "Hello."]
    sources, made = engine.encode(texts, "en"), drafts(engine, texts)
    together = engine.score(sources, made)
    for at, scores in enumerate(together):
        [alone] = engine.score([sources[at]], [made[at]])
        assert scores == pytest.approx(alone, abs=0.05)


def test_what_is_not_asked_about() -> None:
    function = function_words("en-US") or frozenset()
    assert [one[0] for one in content_words("Would you please TELL me the answer?", function)] == [
        "answer"
    ]
    assert content_words("answer " * (LONGEST + 1), function) == []
    assert function_words("ja") is None


def test_a_language_without_function_words_is_not_asked_about(engine: CTranslate2Engine) -> None:
    assert list(omitted([("a", "b"), ("c", "d")], "ja", engine, Cache(None, {}))) == [[], []]


def test_what_is_too_long_for_the_model_is_not_asked_about(engine: CTranslate2Engine) -> None:
    endless = "bread" * 2_000
    pairs = [(endless, "pão"), ("Why is bread popular?", "pão " * 2_000)]
    assert list(omitted(pairs, "en", engine, Cache(None, {}))) == [[], []]


@pytest.mark.parametrize("number", [float("nan"), float("-inf")])
def test_numbers_that_ran_over_tell_nothing(engine: CTranslate2Engine, number: float) -> None:
    """As in float16: the word is not told of, rather than wrongly."""

    class Translator:
        def score_batch(self, sources: list[Any], *given: Any, **more: Any) -> list[Any]:
            return [SimpleNamespace(log_probs=[-0.1, number]) for _ in sources]

    over = copy(engine)
    over._translator = Translator()
    pairs = [("Why is bread popular?", "Por que o pão é popular?")]
    assert over.score(over.encode(["bread"], "en"), ["pão"]) == [[]]
    assert list(omitted(pairs, "en", over, Cache(None, {}))) == [[]]


def test_who_cannot_score_says_so_before_the_work() -> None:
    asked: list[str] = []
    with pytest.raises(DeriveError, match="needs scores, and fake"):
        list(omitted([("a", "b")], "en", FakeEngine(), Cache(None, {})))
    languages = {**dict.fromkeys(TEXT_FIELDS), "prompt": "en"}
    task = Task(languages, "pt-BR", FakeEngine(), omissions=True)
    row = {**dict.fromkeys(tables.ITEMS), "id": "1", "prompt": "Why?"}
    items = tables.frame([row], tables.ITEMS)
    work = translate_slices([items], task, Peers(), [], lambda *said: asked.append(said[0]))
    with pytest.raises(DeriveError, match="needs scores"):
        next(work)
    assert not asked


def test_the_option_puts_it_into_the_drafts(derive: Callable[..., object], tmp_path: Path) -> None:
    import polars as pl

    file = tmp_path / "q.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([["id", "question"], ["1", "Why is fresh bread so popular?"]])
    folder = tmp_path / "p"
    derive(
        "run", str(file), "--map", "prompt=question", "--map", "id=id", "--locale", "pt-BR",
        "--omissions", "-o", str(folder),
    )  # fmt: skip
    assert "omissions = true" in (folder / "derive.toml").read_text(encoding="utf-8")
    drafts = pl.read_parquet(folder / "work" / "drafts.parquet")
    assert drafts["state"].to_list() == ["translated"]
