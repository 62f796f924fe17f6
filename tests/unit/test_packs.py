"""The packs that are shipped to derive into: each is whole, and people of the locale can use it."""

from __future__ import annotations

import re
from functools import cache

import pytest

from derive import languages, locales
from derive.languages import script
from derive.worksheet.columns import COLUMNS, SHEETS
from derive.worksheet.guide import render_guides

PACKS = [
    tag for tag in locales.tags() if tag != locales.ENGLISH and not locales.load(tag).lexicon
] + [tag for tag in locales.tags() if (pack := locales.load(tag)).lexicon and pack.counterparts]
# what every locale has something for
SLOTS = {"agency", "money", "document", "law", "exam", "school", "place", "app", "person",
         "crime", "group", "holiday", "service"}  # fmt: skip


@cache
def rows(tag: str) -> list[dict[str, str]]:
    return locales.rows_of(locales.load(tag).counterparts, "counterpart")


@pytest.mark.parametrize("tag", PACKS)
def test_counterparts_are_enough_to_begin_with(tag: str) -> None:
    assert len(rows(tag)) >= 60
    assert {row["slot"] for row in rows(tag)} >= SLOTS
    assert all(row["note"] for row in rows(tag)), "each says when it fits"
    assert sum(bool(row["entry"]) for row in rows(tag)) >= 20
    assert sum(bool(row["english"]) for row in rows(tag)) >= 15


@pytest.mark.parametrize("tag", PACKS)
def test_facts_are_stated(tag: str) -> None:
    pack = locales.load(tag)
    assert pack.money["rates"].keys() >= {"JPY"}
    assert pack.punctuation["quotes"]
    assert pack.guide
    assert pack.direction == languages.direction(tag)


@pytest.mark.parametrize("tag", [tag for tag in PACKS if not tag.startswith("en")])
def test_a_worksheet_is_in_the_locales_words(tag: str) -> None:
    pack, english = locales.load(tag), locales.load("en")
    assert set(pack.labels) == {one.name for one in COLUMNS}
    assert set(pack.sheets) == {"guide", *SHEETS}
    same = [name for name, label in pack.labels.items() if label == english.labels[name]]
    assert len(same) <= 12, f"left in English: {same}"
    assert len(set(pack.words.values())) == len(pack.words) >= 10


# the columns that a guide has to speak of
TOLD = {
    "translator": ("decision", "prompt", "response", "reason", "evidence", "author"),
    "reviewer": ("verdict", "intervention", "prompt", "response", "comment", "author"),
    "adjudicator": ("verdict", "decision", "prompt", "response", "reason", "author"),
}


def guides(tag: str, role: str, **more: bool) -> list[str]:
    """The texts of a worksheet's guides: the pack's, and the English one. more: what it has of
    `alternatives` and `round_trip`."""
    values = {
        "title": "Invented", "worksheet": "ws-1", "name": "p", "dataset": "Invented",
        "version": "v1", "person": "Ana", "role": role, "attribution": "From Invented.",
        "purpose": "Tests.", "licence": "cc0", "left_out": 3, "originals_may_be_republished": False,
        "counts": {sheet: at + 11 for at, sheet in enumerate(SHEETS)},
        "alternatives": False, "round_trip": False, **more,
    }  # fmt: skip
    pack, english = locales.complete(locales.load(tag)), locales.load("en")
    return list(render_guides(pack, english, values).values())


@pytest.mark.parametrize("tag", [*PACKS, "en"])
@pytest.mark.parametrize("role", TOLD)
def test_guides_name_sheets_and_columns_as_they_are_headed(tag: str, role: str) -> None:
    pack, own = locales.complete(locales.load(tag)), guides(tag, role)[0]
    # a head ends with what to do in its cells: "Decision ▼", "Evidence (addresses)"
    heads = {re.split(r" ▼| ?[(（]", pack.labels[name])[0] for name in TOLD[role]}
    assert not {head for head in heads if head.casefold() not in own.casefold()}
    assert not {name for name in pack.sheets if name != "guide" and pack.sheets[name] not in own}


@pytest.mark.parametrize("tag", [*PACKS, "en"])
@pytest.mark.parametrize("role", TOLD)
def test_guides_explain_what_the_machine_adds(tag: str, role: str) -> None:
    """In a line each, where the worksheet has them, beginning with words of the columns' heads."""
    labels = locales.complete(locales.load(tag)).labels
    lines = guides(tag, role)[0].splitlines()
    for name in ("alternatives", "round_trip"):
        whole = guides(tag, role, **{name: True})[0].splitlines()
        [added] = [line for line in whole if line not in lines]
        assert len(whole) == len(lines) + 1
        said = re.findall(r"\w+", re.split("[:：]", added.casefold())[0])
        if script(tag) == "Thai":  # no blanks between its words
            said = list("".join(said))
        for field in ("prompt", "response"):
            head = labels[f"{name}_{field}"].casefold()
            assert not {word for word in said if word not in head}, added


def test_names_of_sheets_keep_their_place_in_a_text_of_the_other_direction() -> None:
    name = locales.load("ar-EG").sheets["adapt"]
    own, english = guides("ar-EG", "translator")
    assert f"\u2068{name}\u2069" in english
    assert f"«{name}»" in own
    assert "\u2068" not in guides("fr-FR", "translator")[1]


@pytest.mark.parametrize("tag", PACKS)
def test_the_form_of_address_is_said(tag: str) -> None:
    pack = locales.load(tag)
    assert pack.address
    assert pack.address in guides(tag, "translator")[1]


@pytest.mark.parametrize("tag", PACKS)
@pytest.mark.parametrize("role", TOLD)
def test_guides_say_all_that_the_english_one_says(tag: str, role: str) -> None:
    own, reference = guides(tag, role)
    for number in [*range(11, 11 + len(SHEETS)), 3]:
        assert str(number) in own
    assert own.count("\n## ") >= reference.count("\n## ")
    for word in ("ws-1", "Ana", "From Invented."):
        assert word in own


@pytest.mark.parametrize("tag", PACKS)
def test_emergency_numbers_are_put_in_as_numbers(tag: str) -> None:
    """Only the number is swapped, whatever verb stands before it, so only a number is offered."""
    calls = [row["english"] for row in rows(tag) if row["entry"] in ("call-110", "call-119")]
    assert calls
    assert all(not english or english.isdecimal() for english in calls)


# what the guides' example makes of 500,000 yen, and how much that is
AMOUNTS = {
    "ar-EG": ("200 ألف جنيه", 200_000), "de-DE": ("3.000 Euro", 3_000), "en-SG": ("$4,000", 4_000),
    "es-MX": ("50 mil pesos", 50_000), "fr-FR": ("3\u202f000 euros", 3_000),
    "hi-IN": ("3 लाख रुपये", 300_000), "id-ID": ("50 juta", 50_000_000),
    "ko-KR": ("500만 원", 5_000_000), "pt-BR": ("R$ 20 mil", 20_000),
    "th-TH": ("เงินแสนนึง", 100_000), "vi-VN": ("80 triệu", 80_000_000),
    "zh-Hant-TW": ("10 萬塊", 100_000),
}  # fmt: skip


@pytest.mark.parametrize("tag", PACKS)
def test_the_example_goes_by_the_packs_own_rate(tag: str) -> None:
    shown, amount = AMOUNTS[tag]
    assert shown in guides(tag, "translator")[0]
    assert 0.7 < amount / (500_000 * locales.load(tag).money["rates"]["JPY"]) < 1.3
