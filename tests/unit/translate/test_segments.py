"""What is no sentence stays as it is: a table of texts and of what is translated in them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import FakeEngine

from derive.progress import silent
from derive.protect import protected_spans
from derive.translate.cache import Cache
from derive.translate.models import find_model, load_engine
from derive.translate.segments import split
from derive.translate.texts import translate_texts

# text: what is translated in it
SENTENCES: dict[str, list[str]] = {
    "": [],
    "  \t\n": [],
    "123 - 456!": [],
    "One. Two?": ["One.", "Two?"],
    "Dr. Smith paid 2.5 kg. He left.": ["Dr. Smith paid 2.5 kg.", "He left."],
    " - One\n * Two\n1. Three\n2) Four": ["One", "Two", "Three", "Four"],
    "> # A title": ["A title"],
    "(a) One\n（b）Two\nA. Three": ["One", "（b）Two", "Three"],
    "-5 degrees": ["-5 degrees"],
    "One\r\nTwo\u2028Three": ["One", "Two", "Three"],
    "Before\n```python\nx = 1  # a note\n```\nAfter": ["Before", "After"],
    "~~~\ncode here\n~~~\nAfter": ["After"],
    "```\ncode here\n~~~\nmore code\n```\nAfter": ["After"],
    "Before\n```\nnever closed\nstill code": ["Before"],
    "```print(1)``` shows one.\nAfter": ["```print(1)``` shows one.", "After"],
    "Is it plan B\u00a0. So be it.": ["Is it plan B\u00a0.", "So be it."],
}


@pytest.mark.parametrize("text", SENTENCES)
def test_what_is_translated(text: str) -> None:
    assert [part.text for part in split(text, "en") if part.translate] == SENTENCES[text]


@pytest.mark.parametrize("language", ["en", "ja", "pt-BR", "zh-Hant-TW", "kk", "ar", "tlh"])
def test_no_blank_stops_the_segmenter(language: str) -> None:
    """sentencex 1.0.32 panics at a letter, a blank beyond ASCII and a full stop."""
    for blank in "\u00a0\u2009\u202f\u3000\t ":
        for text in (f"Plan B{blank}. So", f"1{blank}km. X{blank}.", f"А.{blank}Б. Қазақ{blank}."):
            assert "".join(part.text for part in split(text, language)) == text


LONG = {
    "address": "https://www.example.com/" + "a1b2/" * 150 + "end",
    "code": "`" + "x = foo(bar) + " * 60 + "1`",
}


@pytest.mark.parametrize("name", LONG)
def test_what_is_protected_is_not_cut_with_its_sentence(name: str) -> None:
    engine = load_engine(find_model("pt-BR"), "pt-BR")
    text = f"Please tell me what you think of {LONG[name]} and of all the rest of it."
    assert protected_spans(text) == [LONG[name]]
    assert len(engine.encode([LONG[name]], "en")[0]) > engine.max_input_tokens
    cache = Cache(None, engine.signature)
    [(_, done)] = translate_texts([text], "en", engine, cache, silent)
    assert LONG[name] in done.text
    assert done.fragments
    assert not done.text.startswith("Please")


LONG_UNITS = [
    "x",
    "のはをが",
    "これは質問です。",
    "a.",
    "a@",
    "- ",
    "`{<[",
    "`a` ",
    "{a} ",
    "$1",
    "\n",
]


@pytest.mark.parametrize("unit", LONG_UNITS)
def test_two_hundred_thousand_characters_take_no_time(unit: str) -> None:
    """What takes the square of the length takes a minute here."""
    engine = FakeEngine(lambda sentence: sentence.replace("{a}", "").replace("$1", ""))
    text = unit * (200_000 // len(unit))
    begin = time.process_time()
    [(_, done)] = translate_texts([text], "en", engine, Cache(None, {}), silent)
    assert done.text == text
    assert time.process_time() - begin < 8


def test_a_very_long_line_is_cut_between_its_sentences() -> None:
    sentences = [
        f"This is sentence number {n} of a line {'that goes on ' * 40}." for n in range(90)
    ]
    parts = split(" ".join(sentences), "en")
    assert [part.text for part in parts if part.translate] == sentences


def test_a_text_without_sentences_needs_no_engine(tmp_path: Path) -> None:
    engine = FakeEngine(str)
    [(_, done)] = translate_texts(["1 + 1\n----"], "en", engine, Cache(None, {}), silent)
    assert (done.text, done.score, engine.asked) == ("1 + 1\n----", None, [])
