"""What changed between two invented releases, and how it is told."""

from __future__ import annotations

import json
import re
import unicodedata
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from conftest import ac_row, write_jsonl

from derive import wordiff
from derive.release.changelog import to_markdown, to_text
from derive.release.changes import Changed, Column, ColumnRenamed, Diff, FieldChange, Moved
from derive.release.diff import diff
from derive.release.read import Options, Release, read_release
from derive.wordiff import spans, versions, word_diff

Rows = list[dict[str, Any]]
TOPICS = (
    "旅行の荷物を軽くするには、何から減らすのがよいでしょうか",
    "朝食に合う味噌汁の具を、季節ごとに教えてください",
    "はじめて合唱を聴きに行く人へ、服装の助言をお願いします",
    "梅雨の時期に洗濯物を早く乾かす工夫はありますか",
    "図書館で静かに過ごせる席を選ぶこつを知りたいです",
    "眠りが浅い夜に読む本として、どんな物語が向きますか",
    "玄関の掃除を五分で済ませる順番を考えてください",
    "犬と散歩に出る前に、確かめておくことは何ですか",
)


def row(number: int, **changed: Any) -> dict[str, Any]:
    """A row whose prompt is like no other's."""
    texts = {"text": f"{TOPICS[number]}。", "text-en": None}
    return ac_row(number, **{**texts, **changed})


ROWS = [row(n) for n in range(8)]


def item_id(number: int) -> str:
    return f"invented-test-{number:07d}-001"


def released(folder: Path, test: Rows, dev: Rows | None = None, **options: Any) -> Release:
    write_jsonl(folder / "test.jsonl", test)
    if dev:
        write_jsonl(folder / "dev.jsonl", dev)
    return read_release(str(folder), Options(profile="answercarefully", **options))


@pytest.fixture
def between(tmp_path: Path) -> Any:
    """The difference between two releases: each test's rows, or (test, dev)."""
    folders = (tmp_path / str(n) for n in count())

    def call(*given: Any) -> Diff:
        sides = [one if isinstance(one, tuple) else (one,) for one in given]
        old, new = [released(next(folders), *side) for side in sides]
        return diff(old, new)

    return call


def counted(found: Diff) -> dict[str, int]:
    """The counts that are not 0."""
    return {name: count for name, count in found.counts().items() if count}


def with_row(number: int, **changed: Any) -> Rows:
    return [row(n, **changed) if n == number else one for n, one in enumerate(ROWS)]


# -- items --------------------------------------------------------------------------------------


def test_a_release_does_not_differ_from_itself(sample: Path) -> None:
    release = read_release(str(sample), Options())
    found = diff(release, release)
    assert counted(found) == {"old": 64, "new": 64, "unchanged": 64}
    assert found.bump == "none"
    assert not found.notes


def test_added_and_removed(between: Any) -> None:
    found = between(ROWS[:6], ROWS[1:7])
    assert [(one.id, one.split) for one in found.removed] == [(item_id(0), "test")]
    assert [(one.id, one.split) for one in found.added] == [(item_id(6), "test")]
    assert counted(found) == {"old": 6, "new": 6, "unchanged": 5, "removed": 1, "added": 1}


def test_items_withdrawn_because_they_leaked(between: Any) -> None:
    """As AnswerCarefully did: two test items of v1 stood in v2's dev split."""
    leaked = [row(6, ID="d-1"), row(7, ID="d-2", text=f"{TOPICS[7]}？")]
    found = between((ROWS, [row(0, text="別の質問です。", ID="d")]), (ROWS[:6], leaked))
    assert [(one.id, one.new_id, one.new_split) for one in found.moved] == [
        (item_id(6), "d-1", "dev"),
        (item_id(7), "d-2", "dev"),
    ]
    assert [(one.new_id, one.old_split, one.new_split, one.share) for one in found.leaks] == [
        ("d-1", "test", "dev", 100.0),
        ("d-2", "test", "dev", 100.0),
    ]
    withdrawn = between(ROWS, ROWS[:6])
    assert counted(withdrawn) == {"old": 8, "new": 6, "unchanged": 6, "removed": 2}
    assert withdrawn.bump == found.bump == "major"


def test_only_spelled_otherwise_in_unicode_or_line_ends(between: Any) -> None:
    old = with_row(3, text="ガギグ、\nは\nどれですか。", note="が\nぎ")
    new = with_row(
        3, text=unicodedata.normalize("NFD", "ガギグ、\r\nは\rどれですか。"), note="が\r\nぎ"
    )
    found = between(old, new)
    assert counted(found) == {"old": 8, "new": 8, "unchanged": 8}
    assert found.bump == "patch"


def test_level_where_there_was_none(between: Any) -> None:
    found = between(with_row(4, culture=None), with_row(4, culture=1))
    assert [(one.id, one.old, one.new) for one in found.retagged] == [(item_id(4), None, 1)]
    assert counted(found) == {"old": 8, "new": 8, "unchanged": 7, "changed": 1, "retagged": 1}
    assert "untagged to 1" in to_text(found)


def test_another_place_in_the_taxonomy(between: Any) -> None:
    meta = {"risk-area": "領域", "harm-type": "別の種類", "specific-harm": "詳細"}
    [one] = between(ROWS, with_row(2, meta=meta)).reclassified
    assert one.steps == (FieldChange("harm_type", "種類", "別の種類"),)


def test_splits_swapped(between: Any) -> None:
    found = between((ROWS[:3], ROWS[3:]), (ROWS[3:], ROWS[:3]))
    assert counted(found) == {"old": 8, "new": 8, "moved": 8, "leaks": 8}
    assert found.moved[0] == Moved(item_id(3), item_id(3), "dev", "test")
    assert all(one.old_id == one.new_id for one in found.leaks)
    assert found.bump == "major"


def test_moved_renamed_and_changed_at_once(between: Any) -> None:
    new = [row(1, ID="neu", output="別の答えです。"), *ROWS[2:5]]
    found = between((ROWS[:3], ROWS[3:5]), (ROWS[:1], new))
    counts = found.counts()
    assert counts["renamed"] == counts["moved"] == 1  # the renamed one is in dev as well
    assert (counts["also_moved"], counts["also_changed"], counts["unchanged"]) == (1, 1, 3)
    assert [(one.old_id, one.new_id, one.by) for one in found.renamed] == [
        (item_id(1), "neu", "prompt")
    ]
    assert found.changed == (
        Changed(item_id(1), "neu", (FieldChange("response", ROWS[1]["output"], "別の答えです。"),)),
    )


# -- which item is which ------------------------------------------------------------------------


def test_renamed_with_equal_texts_then_with_an_equal_prompt(between: Any) -> None:
    new = [
        row(0, ID="a"),
        row(1, ID="b", text=f"{TOPICS[1]} ？", output="別の答え。"),
        row(2, ID="c", text="まったく別の質問です。"),
        *ROWS[3:],
    ]
    found = between(ROWS, new)
    assert [(one.new_id, one.by) for one in found.renamed] == [("a", "text"), ("b", "prompt")]
    assert [one.id for one in found.removed] == [item_id(2)]
    assert [one.id for one in found.added] == ["c"]


def test_an_id_that_stays_is_never_matched_by_its_text(between: Any) -> None:
    found = between(ROWS[:2], [row(0, text=ROWS[1]["text"]), row(1, text=ROWS[0]["text"])])
    assert not found.renamed
    assert [one.id for one in found.changed] == [item_id(0), item_id(1)]
    [note] = found.notes
    assert (note.code, note.old) == ("ids-renumbered", (item_id(0), item_id(1)))
    assert note.new == (item_id(1), item_id(0))


def test_one_question_with_several_answers(between: Any) -> None:
    def answers(*numbers: int, name: str = "q") -> Rows:
        return [row(1, ID=f"{name}-{n:03d}", output=f"{n}番目の答え。") for n in numbers]

    found = between([*answers(1, 2, 3), row(2)], [*answers(1, 3), row(2)])
    assert [one.id for one in found.removed] == ["q-002"]
    assert counted(found) == {"old": 4, "new": 3, "unchanged": 3, "removed": 1}
    renamed = between([*answers(1, 2, 3), row(2)], [*answers(3, 1, 2, name="r"), row(2)])
    assert [(one.old_id, one.new_id) for one in renamed.renamed] == [
        (f"q-{n:03d}", f"r-{n:03d}") for n in (1, 2, 3)
    ]


def test_duplicates_are_not_matched_by_chance(between: Any) -> None:
    old = [row(1, ID="a"), row(1, ID="b"), row(2)]
    found = between(old, [row(1, ID="c"), row(2)])
    assert [one.id for one in found.removed] == ["a", "b"]
    assert [one.id for one in found.added] == ["c"]
    [note] = found.notes
    assert (note.code, note.old, note.new) == ("match-ambiguous", ("a", "b"), ("c",))
    assert "old a, b; new c" in to_text(found)


def test_what_is_unclear_is_told_once(between: Any) -> None:
    """Two with the same texts are among three with the same prompt."""
    other = row(1, ID="first", output="別の答え。")
    copies = [row(1, ID=name) for name in "abcd"]
    found = between([other, *copies[:2], row(2)], [*copies[2:], row(2)])
    [note] = found.notes
    assert (note.old, note.new) == (("first", "a", "b"), ("c", "d"))


def test_without_a_source_text_the_english_is_the_prompt(between: Any) -> None:
    def english(number: int, **changed: Any) -> dict[str, Any]:
        return ac_row(number, **{"text": None, "output": None, **changed})

    old, rest = english(1), [english(n) for n in range(2, 7)]
    new = english(1, ID="neu", output="答えが加わりました。")
    [renamed] = between([old, *rest], [new, *rest]).renamed
    assert (renamed.new_id, renamed.by) == ("neu", "prompt")


def test_prompts_without_letters_are_not_alike(between: Any) -> None:
    found = between(
        [row(1, ID="a", text="？？？"), row(2)], [row(1, ID="b", text="！！！"), row(2)]
    )
    assert (found.counts()["removed"], found.counts()["added"]) == (1, 1)


def test_without_ids_items_are_matched_by_their_texts(tmp_path: Path) -> None:
    sides = []
    for name, rows in (
        ("old", ROWS),
        ("new", [row(0, text="はじめに置いた質問です。"), *ROWS[1:], ROWS[1]]),
    ):
        plain = [{key: value for key, value in one.items() if key != "ID"} for one in rows]
        write_jsonl(tmp_path / name / "test.jsonl", plain)
        options = Options(overrides={"prompt": "text", "response": "output"}, source_language="ja")
        sides.append(read_release(str(tmp_path / name), options))
    found = diff(*sides)
    assert not found.renamed
    assert {one.code for one in found.notes} == {"ids-made"}
    assert counted(found) == {
        "old": 8, "new": 9, "unchanged": 7, "removed": 1, "added": 2, "notes": 2,
    }  # fmt: skip


# -- columns ------------------------------------------------------------------------------------


def test_a_column_renamed_as_in_v3(between: Any) -> None:
    new = [{"output-sample" if key == "output" else key: one[key] for key in one} for one in ROWS]
    found = between(ROWS, new)
    assert found.columns_renamed == (ColumnRenamed("response", "output", "output-sample"),)
    assert counted(found) == {"old": 8, "new": 8, "unchanged": 8, "columns_renamed": 1}
    assert found.bump == "major"


def test_columns_added_as_in_v2_2(between: Any) -> None:
    """A field for all items is one statement; an item is matched by what both releases have."""
    new = [{**ac_row(n), "text": ROWS[n]["text"], "author": "x" if n else ""} for n in range(8)]
    old = [
        {k: v for k, v in one.items() if k not in ("text-en", "culture", "author")} for one in new
    ]
    new[5]["ID"] = "neu"
    found = between(old, new)
    assert found.columns_added == (
        Column("prompt_pivot", "text-en", 8),
        Column("level", "culture", 8),
        Column("extra.author", "author", 7),
    )
    assert [(one.new_id, one.by) for one in found.renamed] == [("neu", "text")]
    assert not found.changed
    new[5]["ID"] = old[5]["ID"]
    assert between(old, new).bump == "minor"
    assert between(new, old).bump == "major"


def test_extra_columns(between: Any) -> None:
    old = [{**one, "n": 1, "note": "alt", "empty": None, "flag": True} for one in ROWS]
    new = [{**one, "n": 1.0, "note": "alt", "empty": "", "flag": True} for one in ROWS]
    new[2]["note"], new[3]["flag"], new[4]["empty"] = "neu", 1, ["x"]
    del old[5]["empty"]
    found = between(old, new)
    assert [(one.id, one.fields) for one in found.changed] == [
        (item_id(2), (FieldChange("extra.note", "alt", "neu"),)),
        (item_id(3), (FieldChange("extra.flag", True, 1),)),
        (item_id(4), (FieldChange("extra.empty", None, ["x"]),)),
    ]


def test_a_column_that_only_one_release_was_read_from(between: Any) -> None:
    found = between([{**one, "culture": None} for one in ROWS], ROWS)
    assert found.columns_added == (Column("level", "culture", 8),)
    assert not found.columns_removed
    [note] = found.notes
    assert (note.code, note.new) == ("column-read-otherwise", ("culture",))


def test_rows_left_out_are_told(tmp_path: Path) -> None:
    old = released(tmp_path / "a", ROWS)
    new = released(tmp_path / "b", [*ROWS[:-1], row(7, culture=9)], keep_going=True)
    found = diff(old, new)
    assert [one.id for one in found.removed] == [item_id(7)]
    assert [one.code for one in found.notes] == ["rows-left-out"]


# -- leaks --------------------------------------------------------------------------------------


def test_a_nearly_equal_prompt_in_the_other_split(between: Any) -> None:
    near = row(1, ID="neu", text=f"{TOPICS[1]}ませんか。")
    [leak] = between((ROWS[:4], ROWS[4:]), (ROWS[:4], [*ROWS[4:], near])).leaks
    assert (leak.old_id, leak.old_split) == (item_id(1), "test")
    assert (leak.new_id, leak.new_split, leak.field) == ("neu", "dev", "prompt")
    assert 90 <= leak.share < 100


def test_each_copy_is_named_but_not_each_pair(between: Any) -> None:
    copies = [row(1, ID=f"neu-{n}") for n in range(30)]
    found = between((ROWS[:4], ROWS[4:]), (ROWS[:4], [*ROWS[4:], *copies]))
    assert {one.new_id for one in found.leaks} == {one["ID"] for one in copies}
    assert len(found.leaks) == 30


def test_what_was_so_before_is_no_news(between: Any) -> None:
    old = (ROWS[:4], [row(1, ID="copy"), *ROWS[4:7]])
    assert not between(old, (with_row(0, culture=2)[:4], [row(1, ID="copy"), *ROWS[4:]])).leaks
    withdrawn = between(old, ([ROWS[0], *ROWS[2:4]], old[1])).leaks
    assert [(one.old_id, one.new_id) for one in withdrawn] == [(item_id(1), "copy")]


def test_near_to_what_was_in_both_splits_before(between: Any) -> None:
    old = (ROWS[:4], [row(1, ID="copy"), *ROWS[4:]])
    near = row(1, ID="neu", text=f"{TOPICS[1]}ませんか。")
    [leak] = between(old, (old[0], [*old[1], near])).leaks
    assert (leak.old_id, leak.new_id) == (item_id(1), "neu")


def test_equal_in_english_only(between: Any) -> None:
    def both(n: int, **changed: Any) -> dict[str, Any]:
        return row(n, **{"text-en": ac_row(0)["text-en"].replace("0", "xyzabc"[n] * 30), **changed})

    rows = [both(n) for n in range(6)]
    stolen = both(5, ID="neu", text="似ていない日本語の文です。", **{"text-en": rows[0]["text-en"]})
    [leak] = between((rows[:3], rows[3:5]), (rows[:3], [*rows[3:5], stolen])).leaks
    assert (leak.old_id, leak.field, leak.share) == (item_id(0), "prompt_pivot", 100.0)


# -- how it is told -----------------------------------------------------------------------------


def big(between: Any) -> Diff:
    new = [
        row(0, text=f"{TOPICS[0]}。`<b>`\x1b[31m\n# 題\n```\n終わり"),
        row(1, culture=0),
        row(2, ID="neu"),
        row(3, note="ひみつの覚え書き"),
        *ROWS[5:],
    ]
    return between(
        [{**one, "note": "もとの覚え書き"} for one in ROWS],
        [{"note": "もとの覚え書き", **one} for one in new],
    )


def test_a_changelog_without_texts(between: Any) -> None:
    found = big(between)
    told = to_markdown(found)
    assert not found.quotable
    assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", told)
    for name in (item_id(0), item_id(4), "neu", "prompt", "extra.note", "major"):
        assert f"`{name}`" in told or name == "major"
    assert found.old.location not in told


def test_a_changelog_with_texts_is_data_only(between: Any) -> None:
    told = to_markdown(big(between), quote=True)
    assert "{+ひみつ+}" in told
    [block] = re.findall(r"\n  (````+)text\n(.*?)\n  \1\n", told, re.DOTALL)
    assert "```\n  終わり" in block[1]
    assert "\\x1b[31m" in block[1]
    assert "\x1b" not in told
    assert sum(line.startswith("#") for line in told.split("\n")) == 1 + len(
        re.findall("^## ", told, re.MULTILINE)
    )


def test_open_terms_let_texts_be_quoted(tmp_path: Path) -> None:
    def questions(name: str, text: str) -> Release:
        path = write_jsonl(
            tmp_path / name / "all.jsonl",
            [
                {"id": n, "question": text.format(n), "risk_area": "a", "types_of_harm": "b"}
                | {"specific_harms": "c"}
                for n in range(3)
            ],
        )
        return read_release(str(path), Options(profile="do-not-answer"))

    told = to_markdown(diff(questions("a", "How old is {}?"), questions("b", "How big is {}?")))
    assert "How [-old-]{+big+} is 0?" in told


def test_text_for_a_terminal(between: Any) -> None:
    found = big(between)
    told = to_text(found)
    assert "\x1b" not in told
    assert "extra.note: [-もと-]{+ひみつ+}の覚え書き" in told
    assert "Suggested version bump: major" in told
    few = to_text(between(ROWS, ROWS[:1]), limit=2)
    assert few.count("from test") == 2
    assert "… and 5 more" in few


def test_long_texts_are_shown_around_their_changes(between: Any) -> None:
    long = "あいう" * 10_000
    found = between(with_row(1, text=f"{long}犬{long}"), with_row(1, text=f"{long}猫{long}"))
    [line] = [one for one in to_text(found).splitlines() if "[-" in one]
    assert "…" in line
    assert "[-犬-]{+猫+}" in line
    assert len(line) < 100


def test_json(between: Any) -> None:
    found = big(between)
    document = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert document["counts"] == found.counts()
    assert document["bump"] == "major"
    assert [one["id"] for one in document["retagged"]] == [item_id(1)]
    assert document["changed"][0]["fields"][0]["old"] == ROWS[0]["text"]


def test_one_version_with_two_contents_is_told(tmp_path: Path) -> None:
    releases = []
    for name, rows in (("a", ROWS), ("b", with_row(1, output="別の答えです。"))):
        released(tmp_path / name / "v2.2", rows)
        releases.append(read_release(f"{tmp_path / name}:v2.2", Options()))
    [note] = [one for one in diff(*releases).notes if one.code == "version-same"]
    assert note.message == "both releases are called v2.2, and they differ"
    assert not diff(releases[0], releases[0]).notes


# -- word diffs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("", "", ""),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("the red dog", "the blue dog", "the [-red-]{+blue+} dog"),
        ("a word", "another word", "[-a-]{+another+} word"),
        ("犬を飼う方法", "猫を飼う方法", "[-犬-]{+猫+}を飼う方法"),
        ("ที่บ้าน", "ที่วัด", "ที่[-บ้าน-]{+วัด+}"),
        ("हिन्दी में", "हिन्दू में", "[-हिन्दी-]{+हिन्दू+} में"),
        ("one\ntwo", "one\n\ntwo", "one\n{+\n+}two"),
        ("[-x-] {+y+}", "[-x-] y", "[\\-x-\\] [-{\\+y+\\}-]{+y+}"),
    ],
)
def test_word_diffs(old: str, new: str, marked: str) -> None:
    assert word_diff(old, new) == marked
    assert versions(marked) == (old, new)


def test_spans_are_of_either_text() -> None:
    old, new = "the red dog sleeps", "the blue dog sleeps now"
    gone, come = spans(old, new)
    assert [old[start:end] for start, end in gone] == ["red"]
    assert [new[start:end] for start, end in come] == ["blue", " now"]
    assert spans("same", "same") == ([], [])


def test_texts_too_long_to_lay_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordiff, "LARGEST", 10)
    old, new = "one two three four", "one 2 3 four"
    assert word_diff(old, new) == "one [-two three-]{+2 3+} four"
    assert versions(word_diff("a b c a b", "a b")) == ("a b c a b", "a b")


def test_a_long_text_of_one_character() -> None:
    marked = word_diff("あ" * 40_000, "あい" * 20_000)
    assert versions(marked) == ("あ" * 40_000, "あい" * 20_000)
