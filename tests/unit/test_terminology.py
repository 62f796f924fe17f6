"""Where a text has terms, and what is put in their place."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import TEXT

from derive.terminology import Term, TermChecker

BANK = [Term("bank", "banco"), Term("bank account", "conta"), Term("account", "perfil")]


@pytest.mark.parametrize(
    ("source", "put"),
    [
        ("my bank account", "my conta"),
        ("my bank  account", "my conta"),
        ("my bank\naccount.", "my conta."),
        ("my bank, my account", "my banco, my perfil"),
        ("Bank? bank!", "Banco? banco!"),
        ("A Bank", "A banco"),
        ("banks, embankment", "banks, embankment"),
        ("see https://bank.example or `bank` or bank@b.example", None),
        ("a ｂａｎｋ ａｃｃｏｕｎｔ here", "a conta here"),
        ("", ""),
    ],
)
def test_targets_are_put(source: str, put: str | None) -> None:
    assert TermChecker(BANK).put(source) == (source if put is None else put)


def test_of_several_targets_the_first_is_put_and_a_forbidden_one_never() -> None:
    terms = [
        Term("boss", "chefão", forbidden=True),
        Term("boss", "patrão"),
        Term("boss", "chefe"),
        Term("MP", "deputado", case=True),
    ]
    checker = TermChecker(terms)
    assert checker.put("my boss, an mp, an MP") == "my patrão, an mp, an deputado"
    assert checker.put("my boss", lambda target: f"<{target}>") == "my <patrão>"
    assert not TermChecker([])
    assert TermChecker(terms[:1])


def test_in_scripts_without_spaces() -> None:
    checker = TermChecker([Term("警察", "polícia"), Term("警察署", "delegacia")])
    assert checker.put("この警察署と警察") == "このdelegaciaとpolícia"
    assert checker.check("この警察署", "Esta delegacia") == []
    assert [kind for kind, _ in checker.check("警察署と警察", "Esta delegacia")] == ["term-missing"]


def test_a_term_within_a_longer_one_is_not_asked_for() -> None:
    checker = TermChecker(BANK)
    assert checker.check("my bank account", "minha conta") == []
    [(_, message)] = checker.check("my bank account at the bank", "minha conta")
    assert "“bank” is to be “banco”" in message
    assert [kind for kind, _ in checker.check("my bank account", "banco, perfil")] == [
        "term-missing"
    ]


def test_a_part_of_what_is_protected_is_no_term() -> None:
    checker = TermChecker([*BANK, Term("24 h line", "linha 24 h"), Term("km", "quilômetro")])
    text = "see https://bank.example, `bank` and bank@b.example, 5 km away"
    assert checker.check(text, "") == []
    assert checker.put("the 24 h line") == "the linha 24 h"
    assert [kind for kind, _ in checker.check("a 24 h line, a km", "")] == ["term-missing"] * 2


@given(TEXT, TEXT)
def test_what_stands_around_a_term_stays_to_the_last_character(before: str, after: str) -> None:
    # a private-use sign that no text holds, between blanks so that it is a word
    before, after = (text.replace("\ue0ff", "") for text in (before, after))
    before, after = (text.replace("`", "").replace("{", "") for text in (before, after))
    text = f"{before} \n\ue0ff x\t{after}"
    assert TermChecker([Term("\ue0ff x", "Z")]).put(text) == f"{before} \nZ\t{after}"


@given(st.lists(st.sampled_from("aéＡ각ﬁß \t\u0301\u00a8가이"), max_size=12).map("".join))
def test_whatever_the_normal_form(around: str) -> None:
    checker = TermChecker([Term("straße", "rua")])
    for form in ("NFC", "NFD", "NFKC"):
        text = unicodedata.normalize(form, around)  # type: ignore[arg-type]
        assert checker.put(f"{text} STRASSE") == f"{text} rua".replace(
            " rua", " Rua" if not text.strip() else " rua"
        )


def test_a_text_made_to_be_slow_is_not() -> None:
    checker = TermChecker([Term("a", "b")])
    begin = time.process_time()
    for text in (
        "é" + "\u0301" * 40_000 + " a",
        "\u1100\u1161\u11a8" * 13_000 + " a",
        "a " * 20_000,
    ):
        assert checker.put(text).endswith("b" if text[-1] == "a" else "b ")
    assert time.process_time() - begin < 5
