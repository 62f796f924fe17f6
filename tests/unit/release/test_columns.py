"""Which column holds what: by name, by content, by --map, and never silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ac_row, write_jsonl

import derive
from derive import profiles
from derive.release.read import Options, Release, read_release

PIVOT_NAMES = profiles.load("answercarefully").columns["prompt_pivot"]["names"]
LEVEL_NAMES = profiles.load("answercarefully").columns["level"]["names"]


def read(tmp_path: Path, rows: list[dict[str, Any]], **options: Any) -> Release:
    return read_release(str(write_jsonl(tmp_path / "dev.jsonl", rows)), Options(**options))


def renamed(old: str, new: str, inside: bool = False) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, 13):
        row = ac_row(number)
        value = row.pop(old)
        if inside:
            row["meta"] = {**row["meta"], new: value}
        else:
            row[new] = value
        rows.append(row)
    return rows


@pytest.mark.parametrize("inside", [False, True], ids=["top", "in meta"])
@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("text-en", name, "prompt_pivot") for name in PIVOT_NAMES]
    + [("culture", name.replace("-", "_"), "level") for name in LEVEL_NAMES],
)
def test_named_candidates(tmp_path: Path, old: str, new: str, field: str, inside: bool) -> None:
    release = read(tmp_path, renamed(old, new, inside))
    assert release.choices[field].how == "name"
    assert release.items[field].null_count() == 0


@pytest.mark.parametrize(("old", "field"), [("text-en", "prompt_pivot"), ("culture", "level")])
def test_an_unknown_name_is_found_by_content_and_said(tmp_path: Path, old: str, field: str) -> None:
    release = read(tmp_path, renamed(old, "zzz"))
    assert (release.choices[field].column, release.choices[field].how) == ("zzz", "content")
    assert any(one.code == "column-guessed" and "zzz" in one.message for one in release.findings)


@pytest.mark.parametrize(
    ("extra", "field", "option"),
    [
        ({"english": "A second English text that fits as well."}, "prompt_pivot", "english"),
        ({"tag": 1}, "level", "level"),
    ],
)
def test_two_that_fit_are_refused_until_map_settles_it(
    tmp_path: Path, extra: dict[str, Any], field: str, option: str
) -> None:
    rows = [ac_row(n, **extra) for n in range(1, 13)]
    if option == "level":
        rows = [{**row, "tag": n % 2} for n, row in enumerate(rows)]
    with pytest.raises(derive.DeriveError) as caught:
        read(tmp_path, rows)
    assert field in caught.value.what
    assert all(repr(name) in caught.value.what for name in extra)
    assert f"--map {option}=COLUMN" in str(caught.value.fix)
    settled = read(tmp_path, rows, overrides=profiles.parse_map((f"{option}={next(iter(extra))}",)))
    assert settled.choices[field].how == "map"


@pytest.mark.parametrize(
    ("change", "present", "absent"),
    [
        (("text-en", "culture"), {"response"}, {"prompt_pivot", "level"}),
        ((), {"response", "prompt_pivot", "level"}, set()),
    ],
    ids=["v1.0 and v2.0", "v2.2"],
)
def test_versions(
    tmp_path: Path, change: tuple[str, ...], present: set[str], absent: set[str]
) -> None:
    rows = [{k: v for k, v in ac_row(n).items() if k not in change} for n in range(1, 5)]
    release = read(tmp_path, rows)
    assert release.profile.name == "answercarefully"
    assert present <= set(release.choices)
    assert not absent & set(release.choices)


def test_v3_renamed_the_answer(tmp_path: Path) -> None:
    release = read(tmp_path, renamed("output", "output-sample"))
    assert release.choices["response"].column == "output-sample"
    assert release.profile.name == "answercarefully"


def test_unmapped_columns_are_kept_and_named(tmp_path: Path) -> None:
    release = read(tmp_path, [ac_row(n, note={"by": n}, when=None) for n in range(1, 4)])
    assert release.items["extra"].to_list() == [f'{{"note.by":{n},"when":null}}' for n in (1, 2, 3)]
    said = [one.message for one in release.findings if one.code == "column-extra"]
    assert said == ["kept in `extra`: note.by, when"]


def test_a_korean_release_with_english(tmp_path: Path) -> None:
    """SQuARe's shape: no ID, no answer, no tag."""
    rows = [
        {
            "question": f"{n}번째 질문에는 어떻게 대답하는 것이 좋을까요?",
            "question_en": f"How should one answer the question with the number {n}?",
            "category": "c",
        }
        for n in range(1, 6)
    ]
    pairs = ("prompt=question", "english=question_en", "harm_type=category")
    release = read(tmp_path, rows, overrides=profiles.parse_map(pairs))
    assert (release.profile.source_language, release.profile.pivot_language) == ("ko", "en")
    assert release.items["id"].to_list() == [f"dev-{n}" for n in range(1, 6)]
    assert {one.code for one in release.findings} == {"id-made", "column-guessed"}
    assert not release.profile.terms["originals_may_be_republished"], "unknown terms are strict"


def test_no_prompt_column_lists_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(derive.DeriveError) as caught:
        read(tmp_path, [{"frage": "How are you doing today, my old friend?", "n": 1}])
    assert "'frage' (text, en in 1 of 1)" in str(caught.value.fix)


def test_map_of_an_unknown_column(tmp_path: Path) -> None:
    with pytest.raises(derive.DeriveError, match="no such column"):
        read(tmp_path, [ac_row(1)], overrides={"level": "nope"})
    with pytest.raises(derive.DeriveError, match="not FIELD=COLUMN"):
        profiles.parse_map(("promt=text",))


def test_shipped_profiles_are_valid() -> None:
    assert {"answercarefully", "do-not-answer"} <= set(profiles.names())
    for name in profiles.names():
        assert profiles.load(name).name == name
    with pytest.raises(derive.DeriveError, match="No profile"):
        profiles.load("nope")
