"""Every check: planted once it is found, in its place; the clean twin raises nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ac_row, write_jsonl

from derive.findings import Finding, Findings
from derive.profiles import TAXONOMY
from derive.release.check import check, counts
from derive.release.read import Options, read_release

TOPICS = ("旅行", "料理", "音楽", "天気", "読書", "睡眠", "掃除", "散歩")
TOPICS_EN = ("travel", "cooking", "music", "weather", "reading", "sleep", "cleaning", "walking")


def clean_rows() -> list[dict[str, Any]]:
    """Rows that no check objects to; each asks something of its own."""
    return [
        ac_row(
            n + 1,
            text=f"{topic}について友人に話すとき、{topic * 2}のどんな点に気をつけますか。",
            **{
                "text-en": f"When I talk to a friend about {en}, what {en} mistakes matter to {en}?"
            },
        )
        for n, (topic, en) in enumerate(zip(TOPICS, TOPICS_EN, strict=True))
    ]


def findings_of(tmp_path: Path, files: dict[str, list[dict[str, Any]]], **options: Any) -> Findings:
    for name, rows in files.items():
        write_jsonl(tmp_path / f"{name}.jsonl", rows)
    release = read_release(str(tmp_path), Options(keep_going=True, **options))
    findings = Findings(release.findings)
    findings.extend(check(release.items, release.profile, config=release.config))
    return findings


def found(findings: Findings, code: str) -> list[Finding]:
    return [one for one in findings if one.code == code]


def test_clean_rows_are_clean(tmp_path: Path) -> None:
    assert not findings_of(tmp_path, {"dev": clean_rows()}).as_list()


META = ac_row(1)["meta"]
PLANTED: dict[str, tuple[dict[str, Any], str, str]] = {
    # name: (what row 3 gets, the code, the field)
    "no answer": ({"output": ""}, "response-missing", "response"),
    "blanks for an answer": ({"output": " \u3000\n"}, "response-missing", "response"),
    "no English": ({"text-en": None}, "pivot-missing", "prompt_pivot"),
    "no tag": ({"culture": None}, "level-missing", "level"),
    "no prompt but English": ({"text": None}, "prompt-missing", "prompt"),
    "no prompt at all": ({"text": " ", "text-en": ""}, "prompt-missing", "prompt"),
    "no ID": ({"ID": None}, "id-missing", "id"),
    "the ID of row 1": ({"ID": ac_row(1)["ID"]}, "id-duplicate", "id"),
    "level 3": ({"culture": 3}, "level-invalid", "level"),
    "level x": ({"culture": "x"}, "level-invalid", "level"),
    "level true": ({"culture": True}, "level-invalid", "level"),
    "a number with a fraction": ({"output": 1.5}, "value-type", "response"),
    "a list": ({"text": ["a"]}, "value-type", "prompt"),
    "half a character": ({"output": "\ud83d"}, "text-surrogate", "response"),
    "taxonomy typo": ({"meta": {**META, "harm-type": "種顔"}}, "taxonomy-once", "specific_harm"),
    "no taxonomy": (
        {"meta": dict.fromkeys(META)},
        "taxonomy-missing",
        "harm_type",
    ),
    "English in the Japanese column": (
        {"text": "Is this question really written in Japanese?"},
        "language-unexpected",
        "prompt",
    ),
    "Japanese in the English column": (
        {"text-en": "この質問は英語ではありませんが、どうしますか。"},
        "language-unexpected",
        "prompt_pivot",
    ),
    "German in the English column": (
        {"text-en": "Welche Fehler sind beim Wandern mit Freunden besonders gefährlich?"},
        "language-unexpected",
        "prompt_pivot",
    ),
    "decomposed": (
        {"output": "か\u3099っこうの時間を友人に聞きます。"},
        "text-not-nfc",
        "response",
    ),
    "control character": ({"output": "専門家に\x0b相談してください。"}, "text-control", "response"),
    "mojibake": (
        {"text-en": "When I talk about the caf\u00c3\u00a9 menu, what mistakes matter to guests?"},
        "text-mojibake",
        "prompt_pivot",
    ),
    "replacement character": ({"output": "専門家に\ufffd相談を。"}, "text-mojibake", "response"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted(tmp_path: Path, name: str) -> None:
    change, code, field = PLANTED[name]
    rows = clean_rows()
    rows[2] = {**rows[2], **change}
    [one] = found(findings_of(tmp_path, {"dev": rows}), code)
    assert (one.file, one.row, one.field) == ("dev.jsonl", 3, field)
    assert one.hint
    if change.get("ID", "") is not None:
        assert one.item == rows[2]["ID"]


def test_short_texts_are_not_judged_by_language(tmp_path: Path) -> None:
    rows = clean_rows()
    rows[2] = {**rows[2], "text-en": "Ist es gut?"}
    assert not found(findings_of(tmp_path, {"dev": rows}), "language-unexpected")


def duplicate_of(row: dict[str, Any], number: int, **change: Any) -> dict[str, Any]:
    return {**row, "ID": ac_row(number)["ID"], **change}


def test_the_same_prompt(tmp_path: Path) -> None:
    rows = clean_rows()
    same = duplicate_of(rows[0], 90, **{"text-en": rows[0]["text-en"].upper() + " !"})
    within = findings_of(tmp_path / "a", {"dev": [*rows, same]})
    assert [one.row for one in found(within, "prompt-duplicate")] == [9]
    across = findings_of(tmp_path / "b", {"dev": rows, "test": [same]})
    [one] = found(across, "prompt-across-splits")
    assert one.severity == "error"
    assert rows[0]["ID"] in one.message


@pytest.mark.parametrize("field", ["text", "text-en"])
def test_nearly_the_same_prompt(tmp_path: Path, field: str) -> None:
    rows = clean_rows()
    other = {
        "text": "英語の質問で何を料理しますか、教えてほしいです。",
        "text-en": "Which songs do bakers hum at dawn?",
    }
    change = {field: rows[0][field][:-1] + "!?", **{k: v for k, v in other.items() if k != field}}
    change[field] = rows[0][field].replace("友人", "知人").replace("friend", "fiend")
    near = duplicate_of(rows[0], 90, **change)
    within = findings_of(tmp_path / "a", {"dev": [*rows, near]})
    assert [one.row for one in found(within, "prompt-near-duplicate")] == [9]
    across = findings_of(tmp_path / "b", {"dev": rows, "test": [near]})
    assert [one.file for one in found(across, "prompt-near-across-splits")] == ["test.jsonl"]


def test_two_answers_to_one_question_are_no_duplicates(tmp_path: Path) -> None:
    rows = clean_rows()
    second = {
        **rows[0],
        "ID": rows[0]["ID"][:-1] + "2",
        "output": "別の答えとして、休むことも大切です。",
    }
    findings = findings_of(tmp_path, {"dev": [*rows, second]})
    assert not findings.as_list()


def test_a_label_under_two_parents(tmp_path: Path) -> None:
    rows = clean_rows()
    for n in (0, 1):
        rows[n]["meta"] = {**META, "harm-type": "別の種類"}
    [one] = found(findings_of(tmp_path, {"dev": rows}), "taxonomy-two-parents")
    assert "別の種類" in one.message


def test_official_counts(tmp_path: Path) -> None:
    folder = tmp_path / "v2.2"
    findings = findings_of(folder, {"dev": clean_rows()}, config="")
    assert not found(findings, "count-unexpected")
    release = read_release(f"{tmp_path}:v2.2")
    findings = check(release.items, release.profile, config=release.config)
    assert [one.message for one in found(findings, "count-unexpected")] == [
        "AnswerCarefully v2.2 dev: 8 items, officially 1464",
        "AnswerCarefully v2.2 test: 0 items, officially 336",
    ]


def test_counts(sample: Path) -> None:
    items = read_release(str(sample)).items
    told = counts(items)
    assert told["split"] == {"dev": 51, "test": 13}
    assert told["level"] == {"0": 33, "1": 21, "2": 10}
    assert sum(told["taxonomy"].values()) == items.height
    assert all(path.count(" / ") == len(TAXONOMY) - 1 for path in told["taxonomy"])
