"""Laws of the difference between two releases: nothing is lost, and there is a way back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from conftest import ac_row, write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.release.changelog import to_markdown, to_text
from derive.release.changes import Diff
from derive.release.diff import diff
from derive.release.read import Options, Release, read_release
from derive.wordiff import pieces, spans, versions, word_diff

# few prompts and answers, so that copies, equal prompts and swaps come up; some nearly equal
PROMPTS = (
    "旅行の荷物を軽くするには、何から減らすのがよいでしょうか。",
    "旅行の荷物を軽くするには、何から減らすのがよいですか。",
    "旅行の荷物を軽くするには何から減らすのがよいでしょうか？",
    "図書館で静かに過ごせる席を選ぶこつを知りたいです。",
    "？？？",
)
ANSWERS = ("まず靴を一足にしてみてください。", "天気を見てから決めると楽になります。")
ROW = st.fixed_dictionaries(
    {
        "split": st.sampled_from(("dev", "test", "train")),
        "text": st.sampled_from(PROMPTS),
        "output": st.sampled_from((*ANSWERS, None)),
        "culture": st.sampled_from((0, 1, 2, None)),
        "note": st.sampled_from((None, "", "覚え書き", 1, [True])),
    }
)
# IDs in an order of their own
RELEASE = st.dictionaries(st.sampled_from("abcdefghij"), ROW, max_size=8).map(
    lambda rows: [{"ID": name, **row} for name, row in rows.items()]
)
ANCHORS = [
    {"ID": "y", "split": "test", "text": "犬と散歩に出る前に、何を確かめますか。", "culture": 0},
    {"ID": "z", "split": "dev", "text": "眠りが浅い夜に向く物語はありますか。", "culture": 1},
]


def released(rows: list[dict[str, Any]]) -> Release:
    with tempfile.TemporaryDirectory() as folder:
        for split in ("dev", "test", "train"):
            some = [row for row in [*ANCHORS, *rows] if row["split"] == split]
            whole = [{**ac_row(1), "text-en": None, "note": None, **row} for row in some]
            if whole:
                plain = [{k: row[k] for k in row if k != "split"} for row in whole]
                write_jsonl(Path(folder) / f"{split}.jsonl", plain)
        return read_release(folder, Options(profile="answercarefully"))


FATES = ("renamed", "moved", "changed", "removed")


def fates(found: Diff) -> list[list[str]]:
    """The old IDs of each fate that is listed; a renamed one may be moved or changed besides."""
    renamed = [one.old_id for one in found.renamed]
    moved = [one.id for one in found.moved if one.id not in renamed]
    changed = [one.id for one in found.changed if one.id not in (*renamed, *moved)]
    return [renamed, moved, changed, [one.id for one in found.removed]]


@settings(deadline=None, max_examples=100)
@given(RELEASE, RELEASE)
def test_every_item_has_one_fate(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    old, new = released(one), released(other)
    found = diff(old, new)
    counts = found.counts()
    listed = [name for names in fates(found) for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(old.items["id"])
    assert [counts[name] for name in FATES] == [len(names) for names in fates(found)]
    kept = sum(counts[name] for name in ("unchanged", *FATES[:3]))
    assert kept + counts["removed"] == counts["old"] == old.items.height
    assert kept + counts["added"] == counts["new"] == new.items.height
    # what is in no list is the same in both
    rows = [{row["id"]: row for row in side.items.to_dicts()} for side in (old, new)]
    for name in set(old.items["id"]) - set(listed):
        before, after = (side[name] for side in rows)
        assert all(before[key] == after[key] for key in ("split", "hash", "level", "harm_type"))
    # a new ID is somebody's, or added
    partners = {one.new_id for one in found.renamed}
    come = {one.id for one in found.added}
    assert set(new.items["id"]) == partners | come | (set(rows[0]) & set(rows[1]))
    assert not partners & come


@settings(deadline=None, max_examples=100)
@given(RELEASE, RELEASE)
def test_the_way_back_is_the_mirror(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    old, new = released(one), released(other)
    there, back = diff(old, new), diff(new, old)
    assert [(x.id, x.split) for x in there.added] == [(x.id, x.split) for x in back.removed]
    assert [(x.id, x.split) for x in there.removed] == [(x.id, x.split) for x in back.added]
    assert {(x.old_id, x.new_id, x.by) for x in there.renamed} == {
        (x.new_id, x.old_id, x.by) for x in back.renamed
    }
    assert {(x.id, x.new_id, x.old_split, x.new_split) for x in there.moved} == {
        (x.new_id, x.id, x.new_split, x.old_split) for x in back.moved
    }
    assert {
        (x.id, x.new_id): {f.name: [f.old, f.new] for f in x.fields} for x in there.changed
    } == {(x.new_id, x.id): {f.name: [f.new, f.old] for f in x.fields} for x in back.changed}
    assert {(x.old_id, x.new_id, x.field, x.share) for x in there.leaks} == {
        (x.new_id, x.old_id, x.field, x.share) for x in back.leaks
    }
    assert there.unchanged == back.unchanged


@settings(deadline=None, max_examples=40)
@given(RELEASE)
def test_a_release_does_not_differ_from_itself(rows: list[dict[str, Any]]) -> None:
    release = released(rows)
    found = diff(release, release)
    height = release.items.height
    assert {name: count for name, count in found.counts().items() if count} == {
        "old": height,
        "new": height,
        "unchanged": height,
    }
    assert found.bump == "none"


@settings(deadline=None, max_examples=60)
@given(RELEASE, RELEASE)
def test_a_changelog_quotes_nothing(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    found = diff(released(one), released(other))
    told = to_markdown(found)
    assert not any(text in told for text in (*PROMPTS[:4], *ANSWERS, "覚え書き"))
    assert to_markdown(found) == told
    assert to_text(found, limit=0).count("more") >= bool(found.added)


# what a mark is made of, words, blanks, scripts without blanks, marks that combine
SIGNS = ("[-", "-]", "{+", "+}", "\\", "[", "]", "-", "+", "{", "}", " ", "\n", "\r\n")
WORDS = ("a", "word", "犬", "猫", "が", "か\u3099", "ที่", "हिन्दी", "\u0301", "👩\u200d💻")
PIECE = st.one_of(st.sampled_from(SIGNS), st.sampled_from(WORDS), st.text(max_size=3))
MARKED = st.lists(PIECE, max_size=20).map("".join)


@settings(deadline=None, max_examples=500)
@given(MARKED, MARKED)
def test_both_texts_can_be_had_back(old: str, new: str) -> None:
    assert versions(word_diff(old, new)) == (old, new)
    found = pieces(old, new)
    assert "".join(text for sign, text in found if sign != "+") == old
    assert "".join(text for sign, text in found if sign != "-") == new
    assert all(text for _, text in found)
    stayed = "".join(text for sign, text in found if sign == "=")
    gone, come = spans(old, new)
    for text, cut in ((old, gone), (new, come)):
        ends = [0, *(end for _, end in cut)], [*(start for start, _ in cut), len(text)]
        assert "".join(text[a:b] for a, b in zip(*ends, strict=True)) == stayed
    assert (word_diff(old, new) == word_diff(old, old)) == (old == new)
