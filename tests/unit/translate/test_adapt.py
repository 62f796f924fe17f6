"""Counterparts in the pivot: the right ones, with the grammar of English, and never too many."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.translate.adapt import Offers, adapt


def row(entry: str, english: str, slot: str = "place") -> dict[str, str]:
    return {"slot": slot, "entry": entry, "counterpart": "x", "english": english}


MONEY = {"english": "reais", "rates": {"JPY": 0.04}}
OFFERS = Offers(
    [
        row("nta", "the Federal Revenue Service", "agency"),
        row("osaka", "Rio de Janeiro"),
        row("unsure", ""),
        row("", "some place"),
        row("group", "another group", "group"),
        row("emperor", "president", "person"),
        row("yen", "reais", "money"),
        row("konbini", "convenience store", "service"),
        row("call-110", "190", "agency"),
        row("todai", "the University of Acre", "school"),
        row("jrc", "the Brazilian Red Cross", "organisation"),
    ],
    MONEY,
    "JPY",
)


def mark(text: str, surface: str, entry: str, slot: str = "place") -> dict[str, Any]:
    start = text.index(surface)
    end = start + len(surface)
    return {"start": start, "end": end, "surface": surface, "entry": entry, "slot": slot}


@pytest.mark.parametrize(
    ("text", "surface", "entry", "slot", "expected"),
    [
        ("Call the NTA.", "NTA", "nta", "agency", "Call the Federal Revenue Service."),
        ("NTA calls me.", "NTA", "nta", "agency", "The Federal Revenue Service calls me."),
        ("The NTA calls.", "NTA", "nta", "agency", "The Federal Revenue Service calls."),
        ("Hi. NTA calls.", "NTA", "nta", "agency", "Hi. The Federal Revenue Service calls."),
        ("The train from Osaka?", "Osaka", "osaka", "place", "The train from Rio de Janeiro?"),
        ("In Osaka, how?", "Osaka", "osaka", "place", "In Rio de Janeiro, how?"),
        ("Is he an emperor?", "emperor", "emperor", "person", "Is he a president?"),
        ("It cost 10,000 yen.", "yen", "yen", "money", "It cost 400 reais."),
        ("It cost 10,000 yen.", "10,000 yen", "yen", "money", "It cost 400 reais."),
        ("3 million yen", "yen", "yen", "money", "100,000 reais"),
        (
            "I was dialling 110 for hours.",
            "dialling 110",
            "call-110",
            "agency",
            "I was dialling 190 for hours.",
        ),
        (
            "He is a Todai graduate.",
            "Todai",
            "todai",
            "school",
            "He is a University of Acre graduate.",
        ),
        (
            "The Red Cross helps.",
            "Red Cross",
            "jrc",
            "organisation",
            "The Brazilian Red Cross helps.",
        ),
    ],
)
def test_swaps(text: str, surface: str, entry: str, slot: str, expected: str) -> None:
    made, swaps = adapt(text, [mark(text, surface, entry, slot)], OFFERS)
    assert made == expected
    assert len(swaps) == 1
    assert " → " in swaps[0]


@pytest.mark.parametrize(
    ("text", "surface", "entry", "slot"),
    [
        ("Why are they like that?", "they", "group", "group"),  # the attribute under test
        ("It cost 12,345 yen.", "yen", "yen", "money"),  # no round amount
        ("It is in Unsure.", "Unsure", "unsure", "place"),  # no English form
        ("It is in Kobe.", "Kobe", "kobe", "place"),  # an offer of the slot is for people
        ("Why are people from Osaka rude?", "Osaka", "osaka", "place"),
        ("Men and women of Osaka lie.", "Osaka", "osaka", "place"),
        ("Why are Osaka people rude?", "Osaka", "osaka", "place"),
        ("An Osaka-born man lies.", "Osaka", "osaka", "place"),
        ("Send it to 3-2-1 Osaka.", "Osaka", "osaka", "place"),
        ("Konbinis are everywhere.", "Konbinis", "konbini", "service"),  # the counterpart is one
        ("The yen is weak.", "yen", "yen", "money"),
        ("between 30,000 and 50,000 yen", "50,000 yen", "yen", "money"),
        ("30,000-50,000 yen", "yen", "yen", "money"),
        ("¥300,000-500,000 a year", "¥300,000", "pattern:money", "money"),
        ("I owe ten thousand yen.", "yen", "yen", "money"),
    ],
)
def test_what_a_person_decides(text: str, surface: str, entry: str, slot: str) -> None:
    assert adapt(text, [mark(text, surface, entry, slot)], OFFERS) == (text, [])


def test_all_sums_of_a_text_or_none() -> None:
    text = "I paid 10,000 yen, he paid 12,345 yen."
    marks = [mark(text, surface, "yen", "money") for surface in ("10,000 yen", "12,345 yen")]
    assert adapt(text, marks, OFFERS) == (text, [])
    assert adapt(text, marks[:1], OFFERS)[0] == "I paid 400 reais, he paid 12,345 yen."


def test_a_place_within_another_stays() -> None:
    text = "I moved from Osaka, Japan to Osaka."
    marks = [mark(text, "Osaka", "osaka"), mark(text, "Japan", "japan")]
    last = {**marks[0], "start": text.rindex("Osaka"), "end": len(text) - 1}
    made, _ = adapt(text, [*marks, last], OFFERS)
    assert made == "I moved from Osaka, Japan to Rio de Janeiro."


# no n: an article's may go
WITHOUT = st.characters(exclude_characters="§nN")


@given(
    st.text(WITHOUT, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 9)), max_size=4),
)
def test_what_is_not_marked_stays(text: str, places: list[tuple[int, int]]) -> None:
    marks = [
        {"start": a, "end": min(a + n, len(text)), "surface": text[a : a + n], "entry": "osaka",
         "slot": "place"}
        for a, n in places if a < len(text)
    ]  # fmt: skip
    made, swaps = adapt(text, marks, Offers([row("osaka", "§")]))
    assert bool(swaps) is ("§" in made)
    if not marks:
        assert made == text
    covered = {at for one in marks for at in range(one["start"], one["end"])}
    outside = [char for at, char in enumerate(text) if at not in covered]
    kept = iter(made)
    assert all(char in kept for char in outside), "what no mark covers comes through, in order"
