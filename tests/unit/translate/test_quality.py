"""Each detector finds what is planted; its clean twin raises nothing above a note."""

from __future__ import annotations

from functools import cache

import pytest

from derive.protect import lost
from derive.translate.forms import Forms
from derive.translate.quality import DraftChecks
from derive.translate.segments import split
from derive.translate.texts import Translated

SOURCE = "How do I tell my neighbour that the party was too loud, and what should I say?"
DRAFT = "Como digo ao meu vizinho que a festa foi barulhenta demais, e o que devo dizer?"


def codes(source: str, draft: str, tag: str = "pt-BR", **made: bool) -> dict[str, str]:
    one = Translated(draft, -0.1, made.get("truncated", False), made.get("fragments", False))
    return {found.code: found.severity for found in checks(tag)(source, one)}


checks = cache(lambda tag: DraftChecks.of("en", tag))


def test_what_has_no_letters_is_no_copy_of_another_text() -> None:
    check = DraftChecks.of("en", "pt-BR", Forms(["✅ 🙂"]))
    assert not list(check("🎉", Translated("🎉", -0.1, False, False)))


# name: (source, draft, code, severity)
PLANTED = {
    "nothing": (SOURCE, " ", "draft-empty", "error"),
    "the input": (SOURCE, SOURCE.upper(), "draft-same", "error"),
    "left in English": (
        SOURCE,
        "How may I tell my neighbours the party was a bit too loud, and what could I say?",
        "draft-language",
        "error",
    ),
    "in Spanish": (
        SOURCE,
        "¿Cómo le digo a mi vecino que la fiesta hizo demasiado ruido y qué debería decirle?",
        "draft-language",
        "error",
    ),
    "another script": (
        SOURCE,
        "隣の人に、うるさかったと伝えるにはどうすればいいですか?",
        "draft-language",
        "error",
    ),
    "a loop of words": (
        SOURCE,
        DRAFT[:-1] + " para mim para mim para mim para mim?",
        "draft-repeats",
        "error",
    ),
    "a loop of letters": (SOURCE, DRAFT[:-1] + " nananananananana?", "draft-repeats", "error"),
    "too short": (SOURCE, "Como digo isso a ele?", "draft-length", "warning"),
    "too long": (
        "Tell me more about this old town.",
        DRAFT + DRAFT[:-1] + ".",
        "draft-length",
        "warning",
    ),
    "no end": (SOURCE, DRAFT[:-1], "draft-end", "note"),
    "no end, and short": (SOURCE, DRAFT[:50], "draft-end", "warning"),
    "a word three times": (
        SOURCE,
        DRAFT.replace("demais", "muito muito muito"),
        "draft-repeats",
        "warning",
    ),
    "a lost address": (
        f"{SOURCE} See https://a.example/b?",
        f"{DRAFT} Veja https://a.example/?",
        "draft-lost",
        "error",
    ),
    "a lost placeholder": (
        f"Dear {{name}}, {SOURCE}",
        f"Caro nome, {DRAFT}",
        "draft-lost",
        "error",
    ),
    "a lost number": (f"In 1984: {SOURCE}", f"Em 1948: {DRAFT}", "draft-number", "error"),
    "a digit spelt out": (
        f"For 3 days: {SOURCE}",
        f"Por três dias: {DRAFT}",
        "draft-number",
        "note",
    ),
    "an unknown word": (SOURCE, DRAFT.replace("festa", "⁇"), "draft-unknown", "error"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted(name: str) -> None:
    source, draft, code, severity = PLANTED[name]
    assert codes(source, draft).get(code) == severity


CLEAN = {
    "plain": (SOURCE, DRAFT),
    "address, placeholder and number": (
        f"In 1984, {{name}} wrote on https://a.example/b: {SOURCE}",
        f"Em 1984, {{name}} escreveu em https://a.example/b: {DRAFT}",
    ),
    "other separators": (f"Of 1,000.50 or 12,345: {SOURCE}", f"De 1.000,50 ou 12.345: {DRAFT}"),
    "a repetition in the source": ("No no no no! " + SOURCE, "Não não não não! " + DRAFT),
    "a rule of dashes": (f"{SOURCE}\n----------\nOK?", f"{DRAFT}\n----------\nCerto?"),
    "too short to tell": ("Hi, Ana!", "Oi, Ana!"),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean(name: str) -> None:
    assert not [one for one in codes(*CLEAN[name]).values() if one != "note"]


def test_another_text_of_the_release() -> None:
    """A draft that equals the source of another item must not go out as a translation."""
    one = Translated("Karaoke, OK!", -0.1, False, False)
    found = list(DraftChecks.of("en", "pt-BR", {"karaokeok"})("Is karaoke fine?", one))
    assert "draft-same" in {finding.code for finding in found}


def test_what_the_engine_says() -> None:
    assert codes(SOURCE, DRAFT, truncated=True) == {"draft-truncated": "error"}
    assert codes(SOURCE, DRAFT, fragments=True) == {"draft-fragments": "note"}


@pytest.mark.parametrize(
    "unit",
    ["x", "あ", "1", "1,", "{", "`", "a.", "x@", "https://", "- ", " ", "=A", "😀", "a1-", "\n"],
)
def test_long_texts_take_no_longer_than_they_are_long(unit: str) -> None:
    """A pattern that backtracks over the whole text at each character would take minutes here."""
    text = unit * (40_000 // len(unit))
    check = list(checks("pt-BR")(text, Translated(text[:-1], -0.1, False, False)))
    assert all(one.message for one in check)
    assert "".join(part.text for part in split(text, "en")) == text
    assert not lost(text, text)


def test_digits_of_another_script_count() -> None:
    arabic = "كيف أخبر جاري أن الحفلة كانت صاخبة جدا في عام ١٩٨٤، وماذا يجب أن أقول له؟"
    assert not codes(f"In 1984: {SOURCE}", arabic, "ar-EG")


def test_good_translations_raise_no_alarm(shared: object) -> None:
    """People's own translations of 315 prompts: how often do the detectors object?"""
    import csv
    from pathlib import Path

    with (Path(str(shared)) / "data" / "multijail.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    objected = {
        tag: sum(
            any(severity == "error" for severity in codes(row["en"], row[tag], tag).values())
            for row in rows
        )
        for tag in ("it", "vi", "ko", "th", "ar")
    }
    # mostly numbers that people spelt out, or wrote in another unit
    assert sum(objected.values()) <= 0.03 * 5 * len(rows), objected
