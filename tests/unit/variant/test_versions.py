"""Versions of a published variant: their order, the next one, and their configs in the card."""

from __future__ import annotations

import polars as pl
import pytest
from huggingface_hub import DatasetCard
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.variant import versions

NUMBERS = st.tuples(*[st.integers(0, 30)] * 3)
ROWS = st.dictionaries(st.integers(0, 9), st.sampled_from("abc"), min_size=1)


def rows(texts: dict[int, str], **more: str) -> pl.DataFrame:
    return pl.DataFrame(
        [{"id": f"v-{number}", "prompt": text, **more} for number, text in texts.items()]
    )


@given(st.lists(NUMBERS, min_size=1))
def test_the_newest_is_the_highest(numbers: list[tuple[int, int, int]]) -> None:
    names = [f"v{major}.{minor}.{patch}" for major, minor, patch in numbers]
    assert versions.order(versions.newest(names)) == max(numbers)
    assert versions.newest([]) == ""


@pytest.mark.parametrize("given", ["", "1", "v1", "v1.x", "v1.0.0.0", "1.0-rc1", "v 1.0", "main"])
def test_what_is_no_version(given: str) -> None:
    assert not versions.is_one(given)
    with pytest.raises(DeriveError, match="Not a version"):
        versions.canonical(given)


def test_names_of_versions() -> None:
    assert versions.canonical("1.0") == versions.canonical("v1.0") == "v1.0"
    assert versions.order("v1.0") == versions.order("v1.0.0") < versions.order("v1.0.1")
    assert versions.order("v1.9") < versions.order("v1.10")


@given(ROWS, ROWS)
def test_the_next_version_follows_croissants_rules(
    old: dict[int, str], new: dict[int, str]
) -> None:
    kept = all(new.get(number) == text for number, text in old.items())
    expected = "v2.4" if kept else "v3.0"
    assert versions.following("v2.3", rows(old), rows(new)) == expected
    assert versions.following("v2.3.1", rows(old), rows(new, note="x")) == expected
    assert versions.following("v2.3", rows(old, note="x"), rows(new)) == "v3.0", "a column is gone"


def test_the_card_has_a_config_for_each_version() -> None:
    text = "---\nlicense: other\nlanguage:\n- 'no'\n---\n# Norsk\n\n---\nEnd\n"
    paths = [
        "README.md",
        "data/test.parquet",
        "data/dev.parquet",
        "data/dev.jsonl",
        "excluded.parquet",
        "v1.9/dev.parquet",
        "v1.10/dev.parquet",
        "x/y.parquet",
    ]
    told = versions.with_configs(text, paths)
    card = DatasetCard(told)
    assert card.text == "# Norsk\n\n---\nEnd\n"
    assert (card.data.license, card.data.language) == ("other", ["no"])
    assert [one["config_name"] for one in card.data["configs"]] == ["default", "v1.10", "v1.9"]
    assert card.data["configs"][0]["data_files"] == [
        {"split": "dev", "path": "data/dev.parquet"},
        {"split": "test", "path": "data/test.parquet"},
    ]
    assert versions.with_configs(told, reversed(paths)) == told
