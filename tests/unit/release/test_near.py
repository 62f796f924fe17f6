"""Variations of one template: compared as far as a bound allows, and what was not is said."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from conftest import ac_row, write_jsonl

from derive.release import near
from derive.release.check import check
from derive.release.diff import diff
from derive.release.duplicates import alike
from derive.release.read import Options, Release, read_release

WORDS = """
alpha bravo carrot delta engine forest garden hotel island jungle kettle lemon mirror needle orange
planet quartz river saddle tunnel umbrella violin window yellow zebra
"""


def variation(number: int) -> str:
    """One of a template's texts: near to the others, and not like them."""
    draw = random.Random(number)
    one, other = (" ".join(draw.sample(WORDS.split(), 4)) for _ in "ab")
    return (
        f"When somebody at work asks me again and again about the plans for our {one}, what would"
        f" be a kind and honest way to answer them that {other} keeps?"
    )


def released(folder: Path, **splits: list[dict[str, Any]]) -> Release:
    for split, rows in splits.items():
        write_jsonl(folder / f"{split}.jsonl", rows)
    return read_release(str(folder), Options(profile="answercarefully"))


def rows(numbers: range, first: int = 0) -> list[dict[str, Any]]:
    return [ac_row(first + n, text=f"問い{n}番。", **{"text-en": variation(n)}) for n in numbers]


@pytest.mark.parametrize("crowd", [5, 500])
def test_what_was_not_compared_is_counted(monkeypatch: pytest.MonkeyPatch, crowd: int) -> None:
    monkeypatch.setattr(near, "CROWD", crowd)
    texts = [variation(n) for n in range(40)]
    again = [texts[0] + " please", texts[39] + " please"]
    found = alike([*texts, *again])
    close = {(pair.first, pair.second) for pair in found.pairs}
    assert ((0, 40) in close, (39, 41) in close) == (True, crowd == 500)
    assert bool(found.crowded) is (crowd == 5)
    assert len(found.crowded) <= 35


def test_equal_ones_are_found_in_any_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "CROWD", 1)
    texts = [variation(n) for n in range(20)]
    found = alike([*texts, *texts], ["dev"] * 20 + ["test"] * 20)
    equal = {(pair.first, pair.second) for pair in found.pairs if pair.similarity == 100.0}
    assert equal == {(n, n + 20) for n in range(20)}


def test_check_and_diff_say_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(near, "CROWD", 5)
    old = released(tmp_path / "old", dev=rows(range(30)), test=rows(range(30, 60), 100))
    new = released(tmp_path / "new", dev=rows(range(60, 90)), test=rows(range(90, 120), 100))
    [one] = [one for one in check(old.items, old.profile) if one.code == "prompt-crowded"]
    assert one.field == "prompt_pivot"
    assert "near to 5 others of their split" in one.message
    assert one.item
    [note] = [note for note in diff(old, new).notes if note.code == "leaks-bounded"]
    assert note.message[0].isdigit()
    assert not [one for one in diff(old, old).notes if one.code == "leaks-bounded"]
    monkeypatch.setattr(near, "CROWD", 500)
    assert not [one for one in check(old.items, old.profile) if one.code == "prompt-crowded"]
    assert not [one for one in diff(old, new).notes if one.code == "leaks-bounded"]
