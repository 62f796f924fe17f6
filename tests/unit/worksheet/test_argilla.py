"""Argilla: what goes out is what its SDK reads, and each person's response is a row of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from sheets import META, unit, worksheet

from derive import locales
from derive.errors import DeriveError
from derive.worksheet.columns import SHEETS, fill_columns, words
from derive.worksheet.contract import Looks, Returned, Worksheet
from derive.worksheet.formats.argilla import ARGILLA

ANA = "3f0e6f4e-0000-4000-8000-000000000001"
BIA = "3f0e6f4e-0000-4000-8000-000000000002"


def write(made: Worksheet, folder: Path, sheet: str = "adapt") -> Path:
    guides = {"Guia": "Leia.", "Guide": "Read.", "Long": "x" * 10_000}
    looks = Looks(locales.complete(locales.load("pt-BR")), guides)
    ending = f".{sheet}.argilla.jsonl"
    path = folder / f"w{ending}"
    ARGILLA.files(made, looks)[ending](path)
    return path


def lines(made: Worksheet, folder: Path, sheet: str = "adapt") -> list[dict[str, Any]]:
    text = write(made, folder, sheet).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def read(records: Any, name: str = "export.json") -> Returned:
    data = json.dumps(records).encode()
    assert ARGILLA.knows(data[:65536], name)
    return ARGILLA.read(data, name)


def by_question(user: str, **texts: str | None) -> dict[str, list[dict[str, Any]]]:
    """Responses as `dataset.records.to_json` writes them: without their status."""
    return {name: [{"value": text, "user_id": user}] for name, text in texts.items()}


def listed(user: str, status: str, **texts: str | None) -> list[dict[str, Any]]:
    """Responses as `Response.serialize` gives them."""
    return [
        {"question_name": name, "value": text, "user_id": user, "status": status}
        for name, text in texts.items()
    ]


@pytest.fixture
def made() -> Worksheet:
    return worksheet(
        unit("adapt", "one", pivot_prompt="P", decision="modify", prompt="draft", reason="r"),
        unit("adapt", "two", pivot_prompt="Q"),
    )


# --- what goes out


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Argilla's SDK, without a server."""
    argilla = pytest.importorskip("argilla", reason="needs argilla's SDK: it reads what we write")
    monkeypatch.setattr(argilla.Argilla, "_get_default", lambda *_: MagicMock())
    return argilla


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_sdk_reads_settings_and_records(sdk: Any, tmp_path: Path, sheet: str) -> None:
    filled = {name: (words(sheet, name) or ("text\n“x” <b>",))[0] for name in fill_columns(sheet)}
    made = worksheet(unit(sheet, "one", draft_prompt="d", **filled), unit(sheet, "two"))
    head, *records = lines(made, tmp_path, sheet)
    (tmp_path / "settings.json").write_text(json.dumps(head["settings"]), encoding="utf-8")
    settings = sdk.Settings.from_json(tmp_path / "settings.json")
    settings.validate()
    assert [one.name for one in settings.questions] == fill_columns(sheet)
    assert {one.name: one.labels for one in settings.questions if hasattr(one, "labels")} == {
        name: list(words(sheet, name)) for name in filled if len(words(sheet, name)) > 1
    }
    made_there = [sdk.Record.from_dict(record) for record in records]
    assert {name for one in made_there for name in one.fields} <= {
        one.name for one in settings.fields
    }
    # and what the SDK writes, we read
    exported = sdk.records._io.GenericIO.to_list(made_there)
    assert [row.cells for row in read(exported).rows] == made.cells(sheet)


def test_a_response_of_the_sdk_is_read(sdk: Any, tmp_path: Path, made: Worksheet) -> None:
    record = sdk.Record.from_dict(lines(made, tmp_path)[1])
    for name, text in (("decision", "replace"), ("prompt", "mine")):
        record.responses.add(sdk.Response(name, text, ANA, status="submitted"))
    exported = [{**record.to_dict(), "status": "completed"}]
    cells = read(exported).rows[0].cells
    assert [cells[name] for name in ("decision", "prompt", "reason", "author")] == [
        "replace", "mine", "", ANA,
    ]  # fmt: skip


@pytest.mark.parametrize("sheet", SHEETS)
def test_settings_that_the_server_takes(tmp_path: Path, sheet: str) -> None:
    """What its publication asks for: names of one use, a question to answer, choices of two."""
    made = worksheet(unit(sheet, "one"))
    head, record = lines(made, tmp_path, sheet)
    settings = head["settings"]
    names = [one["name"] for part in ("fields", "questions", "metadata") for one in settings[part]]
    assert len(names) == len(set(names))
    assert sum(one["required"] for one in settings["questions"]) == 1
    assert all(len(one["settings"].get("options", "ab")) > 1 for one in settings["questions"])
    assert [one["name"] for one in settings["fields"] if one["required"]] == ["key"]
    assert record["fields"] == {"key": record["id"]}
    assert settings["guidelines"] == "Leia.\nRead.\n"
    assert settings["allow_extra_metadata"]


def test_the_questions_speak_the_target_language(tmp_path: Path, made: Worksheet) -> None:
    questions = lines(made, tmp_path)[0]["settings"]["questions"]
    assert [one["title"] for one in questions][:2] == ["Decisão", "Pergunta"]


def test_a_record(tmp_path: Path, made: Worksheet) -> None:
    record = lines(made, tmp_path)[1]
    key = made.cells("adapt")[0]["key"]
    assert record["id"] == record["fields"]["key"] == record["metadata"]["key"] == key
    assert record["fields"]["pivot_prompt"] == "P"
    assert "" not in record["fields"].values()
    assert record["suggestions"]["prompt"] == {"value": "draft", "score": None, "agent": "derive"}
    assert record["metadata"]["source_hash"] == "a" * 64
    assert record["metadata"]["level"] == "1"
    assert all(isinstance(value, str) for value in record["metadata"].values())


def test_a_word_that_is_no_choice_is_no_suggestion(tmp_path: Path) -> None:
    made = worksheet(unit("adapt", "one", decision="perhaps", prompt="p"))
    record = lines(made, tmp_path)[1]
    assert set(record["suggestions"]) == {"prompt"}
    assert read([record]).rows[0].cells == made.cells("adapt")[0]


# --- what comes back


def test_our_own_file_comes_back_from_lines_and_from_a_list(
    tmp_path: Path, made: Worksheet
) -> None:
    path = write(made, tmp_path)
    for back in (
        ARGILLA.read(b"\xef\xbb\xbf" + path.read_bytes(), "x"),
        read(lines(made, tmp_path)[1:]),
    ):
        assert [row.cells for row in back.rows] == made.cells("adapt")
        assert [list(row.cells) for row in back.rows] == [list(one) for one in made.cells("adapt")]
        assert back.meta == META | {"worksheet": "ws-000000000000"}
    assert [row.row for row in ARGILLA.read(path.read_bytes(), "x").rows] == [2, 3]


@pytest.mark.parametrize(
    "shape",
    [
        by_question,
        lambda user, **texts: {k: v[0] for k, v in by_question(user, **texts).items()},
        lambda user, **texts: listed(user, "submitted", **texts),
    ],
    ids=["lists by question", "by question", "list"],
)
def test_a_response_is_what_one_person_filled_in(
    tmp_path: Path, made: Worksheet, shape: Callable[..., Any]
) -> None:
    records = lines(made, tmp_path)[1:]
    records[0]["responses"] = shape(ANA, decision="replace", prompt="a\nb", comment=None)
    records[1]["responses"] = None
    first, second = read(records).rows
    issued = made.cells("adapt")
    assert (first.sheet, first.row, second.row) == ("adapt", 1, 2)
    assert first.cells == {
        **issued[0], "decision": "replace", "prompt": "a\nb", "reason": "", "author": ANA,
    }  # fmt: skip
    assert second.cells == issued[1]


def test_two_people_are_two_rows(tmp_path: Path, made: Worksheet) -> None:
    record = lines(made, tmp_path)[1]
    record["status"] = "completed"
    record["responses"] = {
        "decision": [{"value": "replace", "user_id": ANA}, {"value": "modify", "user_id": BIA}],
        "prompt": [{"value": "mine", "user_id": BIA}],
        "author": [{"value": "Bia", "user_id": BIA}],
    }
    rows = read([record]).rows
    names = ("key", "decision", "prompt", "author")
    assert [tuple(row.cells[name] for name in names) for row in rows] == [
        (record["id"], "replace", "", ANA), (record["id"], "modify", "mine", "Bia"),
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["draft", "discarded"])
def test_what_is_not_submitted_is_told(tmp_path: Path, made: Worksheet, status: str) -> None:
    records = lines(made, tmp_path)[1:]
    records[0]["responses"] = [
        *listed(ANA, "submitted", prompt="mine"), *listed(BIA, status, prompt="half"),
    ]  # fmt: skip
    records[1]["responses"] = listed(ANA, status, prompt=None)
    back = read(records, "w.json")
    assert [(row.row, row.cells["prompt"]) for row in back.rows] == [(1, "mine")]
    assert [(one.code, one.file, one.item, one.row) for one in back.findings] == [
        ("worksheet-extra", "w.json", "one", 1), ("worksheet-extra", "w.json", "two", 2),
    ]  # fmt: skip
    assert f"{BIA} is not submitted: {status}" in back.findings[0].message


def test_a_pending_record_has_no_submitted_response(tmp_path: Path, made: Worksheet) -> None:
    """to_json writes no status of a response; the record's says that nobody has submitted one."""
    record = {**lines(made, tmp_path)[1], "status": "pending"}
    record["responses"] = by_question(ANA, prompt="half")
    back = read([record])
    assert not back.rows
    assert len(back.findings) == 1
    assert read([{**record, "status": "completed"}]).rows[0].cells["prompt"] == "half"


def test_suggestions_in_a_list_are_read(tmp_path: Path, made: Worksheet) -> None:
    record = lines(made, tmp_path)[1]
    for word in ("question", "question_name"):
        suggestions = [{word: name, **one} for name, one in record["suggestions"].items()]
        back = read([{**record, "suggestions": suggestions}])
        assert back.rows[0].cells == made.cells("adapt")[0]


def test_records_of_two_worksheets_say_no_single_one(tmp_path: Path, made: Worksheet) -> None:
    one, two = lines(made, tmp_path)[1:]
    two["metadata"]["derive"] = json.dumps({**META, "worksheet": "ws-1"})
    assert read([one, two]).meta == {}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"fields": None}, "fields is not an object"),
        ({"metadata": []}, "metadata is not an object"),
        ({"metadata": {}}, "metadata.columns is not a text: null"),
        ({"metadata": {"columns": 3}}, "metadata.columns is not a text"),
        ({"metadata": {"columns": "key"}}, "There is no sheet, source_hash, based_on, worksheet"),
        ({"suggestions": 3}, "is not a list"),
        ({"suggestions": {"prompt": 3}}, "prompt is not an object"),
        ({"suggestions": {"prompt": {"value": 3}}}, "prompt is not a text: 3"),
        ({"responses": "x"}, "is not a list"),
        ({"responses": [3]}, "A response is not an object"),
        ({"responses": [{"value": "x"}]}, "question_name is not a text"),
        ({"responses": [{"question_name": "prompt", "status": 3}]}, "status is not a text: 3"),
        ({"responses": {"prompt": [3]}}, "prompt is not an object"),
        ({"responses": {"prompt": [{"value": 7.0, "user_id": ANA}]}}, "prompt is not a text"),
        ({"responses": {"prompt": [{"value": "\ud800", "user_id": ANA}]}}, "half a character"),
    ],
)
def test_bad_input_is_refused_with_its_place(
    tmp_path: Path, made: Worksheet, change: dict[str, Any], what: str
) -> None:
    records = lines(made, tmp_path)[1:]
    records[1].update(change)
    with pytest.raises(DeriveError) as caught:
        ARGILLA.read(json.dumps(records).encode(), "w.json")
    assert what in caught.value.what
    assert caught.value.where == "w.json record 2"
    assert caught.value.fix


@pytest.mark.parametrize("part", ["fields", "metadata"])
@pytest.mark.parametrize("cell", [7, True, ["a"], {"a": 1}])
def test_a_cell_that_is_no_text_is_refused_by_name(
    tmp_path: Path, made: Worksheet, part: str, cell: Any
) -> None:
    records = lines(made, tmp_path)
    records[2][part]["taxonomy"] = cell
    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    with pytest.raises(DeriveError, match="taxonomy is not a text") as caught:
        ARGILLA.read(data, "w.jsonl")
    assert caught.value.where == "w.jsonl line 3"


@pytest.mark.parametrize(
    "data", [b"{}", b"3", b"[", b"[3]", b"{\n", b"\xff", b"[" * 100_000, b"{}\n{}"]
)
def test_what_is_no_export_is_refused(data: bytes) -> None:
    with pytest.raises(DeriveError) as caught:
        ARGILLA.read(data, "w.json")
    assert caught.value.fix


@pytest.mark.parametrize(
    "head",
    [
        b'{"derive_worksheet": {"schema": "1"}}',
        b'{"sheet": "adapt", "cells": {"key": "\\"fields\\": {"}}',
        b'[{"data": {"derive": {"schema": "1"}}}]',
        b'[{"id": 1, "data": {"key": "\\"fields\\": {"}, "annotations": []}]',
        b"<View/>",
        b"[]",
        b"",
    ],
)
def test_other_files_are_not_ours(head: bytes) -> None:
    assert not ARGILLA.knows(head, "w.argilla.jsonl")


def test_a_long_file_is_known_by_its_head(tmp_path: Path) -> None:
    made = worksheet(unit("adapt", "one", pivot_prompt="東" * 40_000))
    data = write(made, tmp_path).read_bytes()
    assert ARGILLA.knows(data[:65536], "x")
    listed_there = json.dumps(lines(made, tmp_path)[1:], ensure_ascii=False).encode()
    assert ARGILLA.knows(listed_there[:65536], "x")
