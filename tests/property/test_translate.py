"""Laws of cutting, protecting and putting together: nothing is lost, whatever the text."""

from __future__ import annotations

import re

from conftest import FakeEngine
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive import protect
from derive.progress import silent
from derive.translate.cache import Cache
from derive.translate.quality import DraftChecks
from derive.translate.segments import Part, shorten, split
from derive.translate.texts import Translated, translate_texts

SEPARATOR = "¦"
PIECES = st.sampled_from(
    "Hello there. ¦It is 5 km. ¦\n¦\r\n¦- ¦1. ¦  ¦\t¦```\ncode here\n```\n¦https://a.example/x?y=1¦"
    "a@example.com¦`x = 1`¦{name}¦38.5 °C¦👩‍👩‍👧¦XQZ1¦=SUM(A1:A3)¦これは質問です。¦¿Qué?¦$1,200¦"
    "\u2028¦e\u0301¦\u200f¦()¦%s".split(SEPARATOR)
)
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.lists(PIECES, max_size=12).map("".join)
)


@given(TEXT)
def test_parts_make_up_the_text(text: str) -> None:
    assert "".join(part.text for part in split(text, "en")) == text


@given(TEXT, st.integers(1, 40))
def test_shortened_parts_make_up_the_text_and_fit(text: str, longest: int) -> None:
    parts = shorten(Part(text, True), lambda piece: len(piece) <= longest)
    assert "".join(part.text for part in parts) == text
    assert all(len(part.text) <= longest for part in parts if part.translate)


@given(TEXT)
def test_masks_come_off_again(text: str) -> None:
    masked, masks = protect.mask(text, "XQZ{}")
    longest = "|".join(sorted(masks, key=len, reverse=True))  # XQZ10 is not XQZ1 before a 0
    touching = bool(masks) and bool(re.search(rf"(?>{longest})\d", masked))
    assert protect.unmask(masked, masks) == (None if touching else text)
    for key in () if touching else masks:
        assert protect.unmask(re.sub(rf"{key}(?!\d)", "", masked), masks) is None
        assert protect.unmask(f"{masked} {key}", masks) is None


@given(TEXT)
def test_fragments_make_up_the_text(text: str) -> None:
    parts = protect.fragments(text)
    assert "".join(part for part, _ in parts) == text
    assert [part for part, translate in parts if not translate] == protect.protected_spans(text)


def translated(engine: FakeEngine, *texts: str) -> list[Translated]:
    done = dict(translate_texts(texts, "en", engine, Cache(None, engine.signature), silent))
    return [done[at] for at in range(len(texts))]


@settings(deadline=None)
@given(st.lists(TEXT, max_size=4))
def test_an_engine_that_changes_nothing_changes_nothing(texts: list[str]) -> None:
    done = translated(FakeEngine(lambda sentence: sentence), *texts)
    assert [one.text for one in done] == texts


@settings(deadline=None)
@given(TEXT)
def test_protected_spans_survive_an_engine_that_keeps_nothing(text: str) -> None:
    [done] = translated(FakeEngine(lambda sentence: "palavra"), text)
    for part in split(text, "en"):
        assume(len(part.text.split(" ")) < 60)
        # a code span that a sentence's end cuts in two is none in either
        assume({*protect.protected_spans(part.text)} <= {*protect.protected_spans(text)})
        assert not protect.lost(part.text, done.text)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["- ", "  * ", "3) ", "", "> "]), st.booleans()), min_size=1)
)
def test_lines_markers_and_blanks_stay(lines: list[tuple[str, bool]]) -> None:
    text = "\n".join(f"{lead}{'Some words here.' if words else ''}" for lead, words in lines)
    [done] = translated(FakeEngine(lambda sentence: "Umas palavras aqui."), text)
    assert done.text == text.replace("Some words here.", "Umas palavras aqui.")


NASTY = st.lists(
    st.one_of(
        PIECES,
        st.sampled_from(
            "\u200b¦\ufeff¦\u202e¦\u2067¦\0¦\u0301\u0316¦ﬀ¦ß¦İ¦Ｈｉ。¦XQZ2 ¦🇧🇷¦👍🏽¦{{a}}{b}"
            "¦([{¦```¦~~~¦`¦\x85¦\n\r¦мир ¦مرحبا ¦9¦.".split(SEPARATOR)
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=25,
).map("".join)
LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
ENGINES = {
    "upper case": str.upper,
    "nothing": lambda sentence: "",
    "line ends": lambda sentence: sentence.replace(" ", "\n") + "\r\n",
    "without marks": lambda sentence: re.sub(r"[^\w\s]", "", sentence),
}


@settings(deadline=None)
@given(NASTY, st.sampled_from(sorted(ENGINES)))
def test_lines_and_what_is_protected_survive_any_engine(text: str, name: str) -> None:
    if name == "nothing":  # a CR and an LF with a sentence between them would meet
        text = text.replace("\r", "\n")
    [done] = translated(FakeEngine(ENGINES[name]), text)
    assert [done] == translated(FakeEngine(ENGINES[name]), text)
    assert LINE_END.findall(done.text) == LINE_END.findall(text)
    for line in zip(LINE_END.split(text), LINE_END.split(done.text), strict=True):
        for part in split(line[0], "en"):
            assume(len(part.text.split(" ")) < 60)
            # `a` after another ` is no code in its line, and need not be in the draft's
            gone = set(protect.lost(part.text, line[1]))
            assert gone <= set(protect.lost(part.text, line[0]))
    for found in DraftChecks.of("en", "pt-BR")(text, done):
        found.message.encode()
