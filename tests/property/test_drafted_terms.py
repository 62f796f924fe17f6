"""Laws of terms in drafts: a term gets in or is missed aloud, and nothing else pays for it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from conftest import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import protect
from derive.progress import silent
from derive.terminology import Term, TermChecker
from derive.translate.cache import Cache
from derive.translate.texts import Translated, translate_texts

TERMS = [
    Term("bank account", "conta corrente"),
    Term("bank", "banco"),
    Term("phone", "celular"),
    Term("phone", "telefone móvel"),
    Term("MP", "deputado", case=True),
    Term("boss", "patrão"),
    Term("boss", "chefão", forbidden=True),
]
CHECKER = TermChecker(TERMS)
WORDS = st.sampled_from(
    ["bank", "account", "bank account", "phone", "phones", "Phone", "MP", "mp", "boss", "the", "my",
     "asks", "5 km", "a@bank.com", "https://bank.example/phone", "{phone}", "XQZ1", "`bank`",
     "banking"]
)  # fmt: skip
SENTENCE = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
TEXT = st.lists(SENTENCE, min_size=1, max_size=3).map(". \n".join)


def draft(engine: FakeEngine, text: str, terms: TermChecker = CHECKER) -> Translated:
    cache = Cache(None, engine.signature)
    [(_, made)] = translate_texts([text], "en", engine, cache, silent, terms)
    return made


def keeps(pattern: str) -> Callable[[str], str]:
    """A translation that keeps what the pattern finds, and makes a word of every other."""
    return lambda text: re.sub(
        r"\S+", lambda word: word[0] if re.fullmatch(pattern, word[0]) else "palavra", text
    )


@settings(deadline=None)
@given(TEXT)
def test_a_term_is_in_the_draft_of_an_engine_that_keeps_masks(text: str) -> None:
    # what is protected is masked, too; where the sentence must be cut around it, the term is too
    made = draft(FakeEngine(keeps(r"XQZ\d+[.]?")), text)
    if not made.fragments:
        assert CHECKER.check(text, made.text) == []


@settings(deadline=None)
@given(TEXT)
def test_a_term_is_in_the_draft_of_an_engine_that_copies(text: str) -> None:
    assert CHECKER.check(text, draft(FakeEngine(str), text).text) == []


@settings(deadline=None)
@given(TEXT, st.sampled_from(["", r"XQZ1[.]?", r"XQZ[2-9][.]?", "banco|celular", r"\W*"]))
def test_terms_cost_nothing_that_is_protected(text: str, kept: str) -> None:
    with_terms = draft(FakeEngine(keeps(kept)), text)
    assert not protect.lost(text, with_terms.text)
    without = draft(FakeEngine(keeps(kept)), text, TermChecker([]))
    # where the terms do not get in, the draft is the one without terms
    found = [len(CHECKER.check(text, one.text)) for one in (with_terms, without)]
    assert found[0] < found[1] or with_terms == without


@settings(deadline=None)
@given(st.lists(SENTENCE, unique=True, max_size=5))
def test_a_changed_list_of_terms_asks_for_its_sentences_only(sentences: list[str]) -> None:
    engine = FakeEngine()
    cache = Cache(None, engine.signature)
    dict(translate_texts(sentences, "en", engine, cache, silent))
    engine.asked.clear()
    dict(translate_texts(sentences, "en", engine, cache, silent, CHECKER))
    concerned = [one for one in sentences if CHECKER.check(one, "")]
    assert len(engine.asked) <= 2 * len(concerned)
    assert not set(engine.asked) & set(sentences)


@pytest.mark.parametrize(
    ("others", "text"),
    [
        (("O meu patrão.", "O patrão."), "O meu patrão."),
        (("O senhor.", "O patrão.", "Um patrão."), "O patrão."),
        (("O chefão.",), "O chefe."),
    ],
)
def test_the_first_hypothesis_that_holds_the_terms(others: tuple[str, ...], text: str) -> None:
    engine = FakeEngine(lambda sentence: "O chefe.", others=lambda sentence: others)
    made = draft(engine, "The boss.")
    assert made.text == text
    assert len(engine.asked) == (1 if "patrão" in text else 3)
