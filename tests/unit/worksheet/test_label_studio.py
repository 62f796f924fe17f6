"""Label Studio: what is imported is valid there, and a person's annotation is a row of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sheets import META, unit, worksheet

from derive import locales
from derive.errors import DeriveError
from derive.worksheet.columns import SHEETS, fill_columns, words
from derive.worksheet.contract import Looks, Returned, Worksheet
from derive.worksheet.formats.label_studio import LABEL_STUDIO

NO_SDK = "needs label-studio-sdk, the tool's own offline validator"
# an annotation of the form that Label Studio 1.23 exports
ANN = {"id": 3, "was_cancelled": False, "completed_by": 7, "updated_at": "2026-03-09T22:16:08Z"}


def looks(locale: str = "pt-BR") -> Looks:
    return Looks(locales.complete(locales.load(locale)), {"Guide": "Read."})


def write(made: Worksheet, folder: Path, locale: str = "pt-BR") -> dict[str, Path]:
    paths = {}
    for ending, writer in LABEL_STUDIO.files(made, looks(locale)).items():
        paths[ending] = folder / f"w{ending}"
        writer(paths[ending])
    return paths


def tasks(made: Worksheet, folder: Path, sheet: str = "adapt") -> list[dict[str, Any]]:
    path = write(made, folder)[f".{sheet}.label-studio.json"]
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read(document: Any, name: str = "export.json") -> Returned:
    data = json.dumps(document).encode()
    assert LABEL_STUDIO.knows(data[:65536], name)
    return LABEL_STUDIO.read(data, name)


def answer(column: str, *texts: str) -> dict[str, Any]:
    kind, key = ("choices", "choices") if words("adapt", column) else ("textarea", "text")
    name = f"fill_{column}"
    return {"id": "x", "from_name": name, "to_name": "key", "type": kind,
            "value": {key: list(texts)}, "origin": "manual"}  # fmt: skip


@pytest.fixture
def made() -> Worksheet:
    return worksheet(
        unit("adapt", "one", pivot_prompt="P", decision="modify", prompt="draft", reason="r"),
        unit("adapt", "two", pivot_prompt="Q"),
    )


# --- what goes out


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("locale", ["pt-BR", "ar"])
def test_config_and_predictions_are_valid(tmp_path: Path, sheet: str, locale: str) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface", reason=NO_SDK)
    filled = {name: (words(sheet, name) or ("text\n“x” <b>",))[0] for name in fill_columns(sheet)}
    made = worksheet(unit(sheet, "one", draft_prompt="d", **filled), unit(sheet, "two"))
    paths = write(made, tmp_path, locale)
    label = interface.LabelInterface(paths[f".{sheet}.label-studio.xml"].read_text("utf-8"))
    label.validate()
    first, second = json.loads(paths[f".{sheet}.label-studio.json"].read_text("utf-8"))
    assert label.validate_prediction(first["predictions"][0], return_errors=True) == []
    answered = {one["from_name"] for one in first["predictions"][0]["result"]}
    assert answered == {control.name for control in label.controls}
    assert answered == {f"fill_{name}" for name in fill_columns(sheet)}
    assert "predictions" not in second
    assert label.validate_task(second)
    for shown in label.objects:
        assert shown.value_name in second["data"], "the config shows a column that no task has"


def test_a_task_holds_all_that_the_join_needs(tmp_path: Path, made: Worksheet) -> None:
    data = tasks(made, tmp_path)[0]["data"]
    assert data["derive"] == META | {"worksheet": "ws-000000000000"}
    assert data["sheet"] == "adapt"
    for name, text in made.cells("adapt")[0].items():
        assert data[name] == text


def test_the_config_speaks_the_target_language(tmp_path: Path, made: Worksheet) -> None:
    text = write(made, tmp_path)[".adapt.label-studio.xml"].read_text(encoding="utf-8")
    assert 'value="Decisão"' in text
    assert 'value="Motivo"' in text
    assert "▼" not in text
    assert "source_hash" not in text


def test_a_language_from_right_to_left_is_filled_in_so(tmp_path: Path, made: Worksheet) -> None:
    ending = ".adapt.label-studio.xml"
    assert "direction: rtl" in write(made, tmp_path, "ar")[ending].read_text(encoding="utf-8")
    assert "direction" not in write(made, tmp_path)[ending].read_text(encoding="utf-8")


def test_a_word_that_is_no_choice_stays_in_the_data(tmp_path: Path) -> None:
    made = worksheet(unit("adapt", "one", decision="perhaps", prompt="p"))
    task = tasks(made, tmp_path)[0]
    assert [one["from_name"] for one in task["predictions"][0]["result"]] == ["fill_prompt"]
    assert read([task]).rows[0].cells["decision"] == "perhaps"


def test_the_config_gives_no_rows(tmp_path: Path, made: Worksheet) -> None:
    data = write(made, tmp_path)[".adapt.label-studio.xml"].read_bytes()
    assert LABEL_STUDIO.knows(data[:20], "x")
    come = LABEL_STUDIO.read(data, "x")
    assert (come.meta, come.rows) == ({}, [])
    assert [one.code for one in come.findings] == ["worksheet-extra"]


# --- what comes back


def test_an_annotation_is_what_one_person_filled_in(tmp_path: Path, made: Worksheet) -> None:
    exported = tasks(made, tmp_path)
    exported[0]["annotations"] = [
        {**ANN, "result": [answer("decision", "replace"), answer("prompt", "a\nb", "c")]}
    ]
    exported[1]["annotations"] = []
    back = read(exported)
    first, second = back.rows
    assert back.meta == META | {"worksheet": "ws-000000000000"}
    assert not back.findings
    assert (first.sheet, first.row, second.row) == ("adapt", 1, 2)
    issued = made.cells("adapt")
    assert first.cells == {
        **issued[0], "decision": "replace", "prompt": "a\nb\nc", "reason": "", "author": "7",
    }  # fmt: skip
    assert second.cells == issued[1]


def test_two_people_are_two_rows(tmp_path: Path, made: Worksheet) -> None:
    exported = tasks(made, tmp_path)[:1]
    exported[0]["annotations"] = [
        {**ANN, "completed_by": {"id": 7, "email": "ana@a.example"},
         "result": [answer("prompt", "one")]},
        {**ANN, "completed_by": {"id": 8}, "updated_at": "2027-01-01T00:00:00Z",
         "result": [answer("prompt", "two")]},
        {**ANN, "completed_by": 9, "result": [answer("author", "Bia"), answer("prompt", "two")]},
        {**ANN, "completed_by": None, "result": []},
    ]  # fmt: skip
    rows = read(exported).rows
    assert {row.cells["key"] for row in rows} == {made.cells("adapt")[0]["key"]}
    assert [(row.cells["prompt"], row.cells["author"]) for row in rows] == [
        ("one", "ana@a.example"), ("two", "8"), ("two", "Bia"), ("", ""),
    ]  # fmt: skip


def test_a_skipped_task_is_told(tmp_path: Path, made: Worksheet) -> None:
    exported = tasks(made, tmp_path)
    skipped = {**ANN, "was_cancelled": True, "result": [answer("prompt", "half")]}
    exported[0]["annotations"] = [skipped]
    exported[1]["annotations"] = [skipped, {**ANN, "result": [answer("prompt", "whole")]}]
    back = read(exported, "w.json")
    assert [(row.row, row.cells["prompt"]) for row in back.rows] == [(2, "whole")]
    assert [(one.code, one.file, one.item, one.row) for one in back.findings] == [
        ("worksheet-extra", "w.json", "one", 1), ("worksheet-extra", "w.json", "two", 2),
    ]  # fmt: skip
    assert "skipped by 7" in back.findings[0].message


def test_the_key_that_a_defect_of_the_sdk_wrote_is_read(tmp_path: Path, made: Worksheet) -> None:
    exported = tasks(made, tmp_path)[:1]
    result = {**answer("prompt"), "value": {"textarea": ["p"]}}
    exported[0]["annotations"] = [{**ANN, "result": [result, {"type": "relation"}]}]
    assert read(exported).rows[0].cells["prompt"] == "p"


def test_json_min_as_the_tools_own_converter_writes_it(tmp_path: Path, made: Worksheet) -> None:
    """A text that was emptied comes back empty, not as it was issued."""
    converter = pytest.importorskip("label_studio_sdk.converter", reason=NO_SDK)
    config = write(made, tmp_path)[".adapt.label-studio.xml"]
    exported = [{**task, "id": n} for n, task in enumerate(tasks(made, tmp_path), 40)]
    exported[0]["annotations"] = [
        {**ANN, "created_at": "2026-01-01", "completed_by": {"id": 7, "email": "ana@a.example"},
         "result": [answer("decision", "replace"), answer("reason", "a\nb", "c")]},
        {**ANN, "id": 4, "created_at": "2026-01-02",
         "result": [answer("decision", "modify"), answer("prompt", "p")]},
    ]  # fmt: skip
    exported[1]["annotations"] = []
    (tmp_path / "export.json").write_text(json.dumps(exported), encoding="utf-8")
    made_by = converter.Converter(str(config), str(tmp_path))
    made_by.convert_to_json_min(str(tmp_path / "export.json"), str(tmp_path / "min"), is_dir=False)
    data = (tmp_path / "min" / "result.json").read_bytes()
    assert b'"annotations"' not in data
    assert LABEL_STUDIO.knows(data, "x")
    back = LABEL_STUDIO.read(data, "x")
    names = ("item", "decision", "prompt", "reason", "author")
    assert [tuple(row.cells[name] for name in names) for row in back.rows] == [
        ("one", "modify", "p", "", "7"),
        ("one", "replace", "", "a\nb\nc", "ana@a.example"),
        ("two", "", "", "", ""),
    ]
    assert back.meta["worksheet"] == "ws-000000000000"


def test_json_min_of_a_config_made_by_hand(tmp_path: Path, made: Worksheet) -> None:
    task = tasks(made, tmp_path)[0]["data"]
    task |= {"prompt": "mine", "annotator": "ana@a.example", "annotation_id": 3, "lead_time": 1.5}
    cells = read([task]).rows[0].cells
    assert (cells["prompt"], cells["author"]) == ("mine", "ana@a.example")
    assert set(cells) == set(made.cells("adapt")[0])


def test_tasks_of_two_worksheets_say_no_single_one(tmp_path: Path, made: Worksheet) -> None:
    one, two = tasks(made, tmp_path)
    two["data"]["derive"] = {**two["data"]["derive"], "worksheet": "ws-1"}
    two["data"]["worksheet"] = "ws-1"
    back = read([one, two])
    assert back.meta == {}
    assert [row.cells["worksheet"] for row in back.rows] == ["ws-000000000000", "ws-1"]


@pytest.mark.parametrize(
    ("change", "what", "where"),
    [
        ({"data": None}, "data is not an object: null", "w.json task 2"),
        ({"data": []}, "data is not an object: a list", "w.json task 2"),
        ({"data": {"sheet": "adapt"}}, "There is no key, source_hash, based_on", "w.json task 2"),
        ({"annotations": {}}, "", ""),
        ({"annotations": {"a": 1}}, "annotations is not a list", "w.json task 2"),
        ({"annotations": [3]}, "An annotation is not an object", "w.json task 2"),
        ({"annotations": [{"result": "x"}]}, "result is not a list", "w.json task 2"),
        ({"annotations": [{"result": ["x"]}]}, "a result is not an object", "w.json task 2"),
        ({"annotations": [{"result": [{"from_name": 1}]}]}, "from_name is not a text", "task 2"),
        ({"annotations": [{"result": [{"from_name": "fill_reason"}]}]}, "reason is not", "task 2"),
        (
            {"annotations": [{"result": [{"from_name": "fill_prompt", "value": {"text": [7.0]}}]}]},
            "prompt is not a text: 7.0", "w.json task 2",
        ),
        (
            {"annotations": [{"result": [
                {"from_name": "fill_prompt", "value": {"text": ["a\ud800"]}}]}]},
            "prompt holds half a character", "w.json task 2",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_place(
    tmp_path: Path, made: Worksheet, change: dict[str, Any], what: str, where: str
) -> None:
    exported = tasks(made, tmp_path)
    exported[1].update(change)
    data = json.dumps(exported).encode()
    if not what:
        assert len(LABEL_STUDIO.read(data, "w.json").rows) == 2
        return
    with pytest.raises(DeriveError) as caught:
        LABEL_STUDIO.read(data, "w.json")
    assert what in caught.value.what
    assert where in str(caught.value.where)
    assert caught.value.fix


@pytest.mark.parametrize("cell", [None, 7, True, ["a"], {"a": 1}])
def test_a_cell_that_is_no_text_is_refused_by_name(
    tmp_path: Path, made: Worksheet, cell: Any
) -> None:
    exported = tasks(made, tmp_path)
    exported[1]["data"]["pivot_prompt"] = cell
    with pytest.raises(DeriveError, match="pivot_prompt is not a text") as caught:
        read(exported)
    assert caught.value.where == "export.json task 2"


@pytest.mark.parametrize(
    "data", [b"", b"[", b"{}", b"3", b"[3]", b"[[]]", b"\xff", b"[" * 100_000, b'[{"data": 1}]']
)
def test_what_is_no_export_is_refused(data: bytes) -> None:
    with pytest.raises(DeriveError) as caught:
        LABEL_STUDIO.read(data, "w.json")
    assert caught.value.fix


@pytest.mark.parametrize(
    "head",
    [
        b'{"derive_worksheet": {"schema": "1"}}',
        b'{"sheet": "adapt", "cells": {}}',
        b'{"derive_argilla": {}}',
        b'[{"id": "k", "fields": {"key": "k"}, "metadata": {"derive": "{}"}}]',
        b'[{"data": {"text": "\\"derive\\": {"}}]',
        b"<?xml version='1.0'?><xliff/>",
        b"[]",
        b"[1, 2]",
        b'{"derive": {}}',
    ],
)
def test_other_files_are_not_ours(head: bytes) -> None:
    assert not LABEL_STUDIO.knows(head, "w.label-studio.json")


def test_a_file_cut_anywhere_after_its_first_task_is_known(tmp_path: Path) -> None:
    made = worksheet(unit("adapt", "one", pivot_prompt="東" * 40_000))
    data = write(made, tmp_path)[".adapt.label-studio.json"].read_bytes()
    assert LABEL_STUDIO.knows(data[:65536], "x")
    assert LABEL_STUDIO.knows(b"\xef\xbb\xbf" + data[:65537], "x")
    assert LABEL_STUDIO.read(b"\xef\xbb\xbf" + data, "x").rows
