"""The packs that are shipped to derive into: each is whole, and people of the locale can use it."""

from __future__ import annotations

from functools import cache

import pytest

from derive import languages, locales
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


@pytest.mark.parametrize("tag", PACKS)
@pytest.mark.parametrize("role", ["translator", "reviewer", "adjudicator"])
def test_guides_say_all_that_the_english_one_says(tag: str, role: str) -> None:
    values = {
        "title": "Invented", "worksheet": "ws-1", "name": "p", "dataset": "Invented",
        "version": "v1", "person": "Ana", "role": role, "attribution": "From Invented.",
        "purpose": "Tests.", "licence": "cc0", "left_out": 3, "originals_may_be_republished": False,
        "counts": {sheet: at + 11 for at, sheet in enumerate(SHEETS)},
    }  # fmt: skip
    pack, english = locales.complete(locales.load(tag)), locales.load("en")
    own, reference = (
        next(iter(render_guides(one, one, values).values())) for one in (pack, english)
    )
    for number in [*range(11, 11 + len(SHEETS)), 3]:
        assert str(number) in own
    assert own.count("\n## ") >= reference.count("\n## ")
    for word in ("ws-1", "Ana", "From Invented."):
        assert word in own
