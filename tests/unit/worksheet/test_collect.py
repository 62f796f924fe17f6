"""What comes back is matched, checked, taken or named: a round trip's statements, one by one."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from team import Team, codes, number_of, prompt, response, translated

from derive import locales, pipeline
from derive.errors import DeriveError
from derive.worksheet.formats.registry import FORMATS


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def lines_of(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def only(*numbers: int, **changed: str) -> Any:
    """Fills these items' rows well, but for what is changed."""

    def fill(cells: dict[str, str]) -> Mapping[str, str] | None:
        return {**translated(cells), **changed} if number_of(cells) in numbers else None

    return fill


def test_no_edit_is_no_change(team: Team) -> None:
    for name in FORMATS:
        result = team.collect(*team.issue(formats=(name,)))
        assert result.counts["missing"] == result.counts["issued"] == 12
        assert result.counts["accepted"] == 0
        assert not result.findings.of("error"), name
        assert not result.findings.of("warning"), name
    assert not team.adaptations()


def test_the_same_answers_in_any_format(tmp_path: Path, team: Team) -> None:
    """Filled once, written in each format by its own writer, collected: the same adaptations."""
    from derive.worksheet import issued
    from derive.worksheet.contract import Looks, Worksheet

    [path] = team.issue()
    [(name, one)] = [
        (name, one) for name, one in issued.load(team.project.issued).items() if name in path.name
    ]
    sheets: dict[str, list[dict[str, str]]] = {}
    for unit in one.units.values():
        cells = {**unit.cells, **translated(unit.cells), "sheet": unit.sheet}
        sheets.setdefault(unit.sheet, []).append(cells)
    looks = Looks(locales.complete(locales.load("pt-BR")))
    seen = []
    for form in FORMATS.values():
        shutil.rmtree(team.project.returned, ignore_errors=True)
        paths = []
        for suffix, write in form.files(Worksheet(name, sheets, one.meta), looks).items():
            paths.append(tmp_path / f"filled{suffix}")
            write(paths[-1])
        paths = [path for path in paths if not path.name.endswith(".xml")]
        assert team.collect(*paths).counts["accepted"] == 12, form.name
        places = ("file", "row")
        seen.append(
            {
                item: {key: value for key, value in row.items() if key not in places}
                for item, row in team.adaptations().items()
            }
        )
    assert all(one == seen[0] for one in seen)
    row = seen[0]["invented-test-0000002-001"]
    assert (row["prompt"], row["response"]) == (prompt(2), response(2))
    assert (row["decision"], row["state"], row["author"]) == ("modify", "translated", "Ana")


def test_rows_are_joined_by_key_only(team: Team) -> None:
    head, *rows = lines_of(team.fill(team.issue()[0], "a.jsonl"))
    moved = [{"sheet": "elsewhere", "cells": dict(reversed(row["cells"].items()))} for row in rows]
    result = team.collect(team.write("b.jsonl", [head, *reversed(moved)]))
    assert result.counts["accepted"] == 12
    assert all(row["prompt"] == prompt(number_of(row)) for row in team.adaptations().values())


# fmt: off
FAULTS = [
    ("key-unknown", "key", {"key": "invented-test-0000009-001~ABCD"}),
    ("key-missing", None, {"key": ""}),
    ("unit-not-issued", "worksheet", {"worksheet": "ws-000000000000"}),
    ("identity-changed", "source_hash", {"source_hash": "0" * 64}),
    ("readonly-changed", "pivot_prompt", {"pivot_prompt": "Another text"}),
    ("word-unknown", "decision", {"decision": "maybe"}),
    ("decision-missing", "decision", {"decision": ""}),
    ("field-missing", "response", {"response": ""}),
    ("field-missing", "reason", {"reason": ""}),
    ("field-missing", "prompt", {"prompt": ""}),
    ("field-extra", "prompt", {"decision": "remove", "response": ""}),
    ("text-blank", "prompt", {"prompt": " \n "}),
    ("author-missing", "author", {"author": ""}),
    ("text-language", "prompt", {"prompt": "Please tell me how I should write this long letter."}),
    ("text-language", "response", {"response": "這是一個用中文寫的回答，不是葡萄牙語。"}),
    ("text-untranslated", "prompt", {"prompt": "How should I tell item 2 that answer 2 is late?"}),
    ("text-placeholder", "response", {"response": "Procure o [NOME DO ÓRGÃO] da cidade."}),
    ("text-repeats", "response", {"response": "Procure ajuda agora. " * 4}),
    ("response-echo", "response", {"response": prompt(2) + " " + prompt(2)}),
    ("number-unsourced", "response", {"response": "Ligue com calma para 0800 555 1234 hoje."}),
]  # fmt: skip
# fmt: on


@pytest.mark.parametrize(
    ("code", "field", "changed"), FAULTS, ids=[f"{code}-{field}" for code, field, _ in FAULTS]
)
def test_each_fault_is_named_with_its_place(
    team: Team, code: str, field: str | None, changed: dict[str, str]
) -> None:
    """The row is told with file, sheet, row and column; an error is not taken, the rest is."""
    path = team.fill(team.issue()[0], "ana.jsonl")
    lines = lines_of(path)
    [at] = [n for n, one in enumerate(lines[1:], 1) if number_of(one["cells"]) == 2]
    lines[at]["cells"] |= changed
    before = team.write("ana.jsonl", lines).read_bytes()
    result = team.collect(path)
    found = [one for one in result.findings if one.code == code and one.row == at + 1]
    assert found, codes(result)
    assert {one.field for one in found} == {field}
    assert {(one.file, one.sheet) for one in found} == {("ana.jsonl", lines[at]["sheet"])}
    assert all(one.hint for one in found)
    bad = any(one.severity == "error" for one in result.findings)
    assert set(team.adaptations()) == {
        f"invented-test-{n:07d}-001" for n in range(1, 13) if not (bad and n == 2)
    }
    assert path.read_bytes() == before
    kept = [one for one in team.submissions() if number_of(one) == 2] if field != "key" else []
    if bad and code not in ("key-unknown", "key-missing", "unit-not-issued"):
        assert [one["fate"] for one in kept] == ["held"], "what was written is kept"


def test_words_are_understood_as_people_write_them(team: Team) -> None:
    words = iter(["Modify", " modify ", "MODIFICAR", "modify (modificar)", "Modificar"] * 3)
    path = team.fill(
        team.issue()[0], "a.jsonl", lambda cells: {**translated(cells), "decision": next(words)}
    )
    assert team.collect(path).counts["accepted"] == 12
    assert {row["decision"] for row in team.adaptations().values()} == {"modify"}


def test_missing_rows_are_not_removed_ones(team: Team) -> None:
    path = team.fill(team.issue()[0], "a.jsonl", only(1, 2, 3))
    lines = [one for one in lines_of(path) if "cells" not in one or number_of(one["cells"]) < 7]
    result = team.collect(team.write("a.jsonl", lines))
    assert (result.counts["accepted"], result.counts["missing"]) == (3, 9)
    assert result.counts["removed"] == 0
    removed = {"decision": "remove", "prompt": "", "response": "", "reason": "não existe aqui"}
    result = team.collect(team.fill(team.issue()[0], "b.jsonl", only(9, **removed)))
    assert (result.counts["removed"], result.counts["missing"]) == (1, 8)


def test_a_row_twice(team: Team) -> None:
    head, *rows = lines_of(team.fill(team.issue()[0], "a.jsonl"))
    result = team.collect(team.write("same.jsonl", [head, *rows, rows[0]]))
    assert codes(result)["row-duplicate"] == 1
    assert result.counts["accepted"] == 12
    other = {**rows[0], "cells": {**rows[0]["cells"], "prompt": prompt(1, " ontem")}}
    result = team.collect(team.write("other.jsonl", [head, *rows, other]))
    assert codes(result)["unit-conflict"] == 2
    assert (result.counts["accepted"], result.counts["conflicts"]) == (11, 1)


def test_order_and_repetition_change_nothing(team: Team) -> None:
    [path] = team.issue()
    files = [
        team.fill(path, "a.jsonl", only(1, 2, 3, 4)),
        team.fill(path, "b.jsonl", only(3, 4, 5, author="Bruno")),
        team.fill(path, "c.jsonl", only(5, 6, prompt=prompt(5, " agora"), author="Caio")),
    ]
    seen = []
    for order in permutations(files):
        shutil.rmtree(team.project.returned, ignore_errors=True)
        for file in order:
            team.collect(file)
        team.collect(*order)
        once = team.work()
        team.collect(order[1])
        assert team.work() == once
        seen.append(once)
    shutil.rmtree(team.project.returned)
    team.collect(*files)
    assert all(one == team.work() for one in seen)
    assert sorted(team.standings().values()).count("conflict") == 1, "item 5"
    both = {one["prompt"] for one in team.submissions() if one["fate"] == "conflict"}
    assert both == {prompt(5), prompt(5, " agora")}
    authors = team.adaptations()["invented-test-0000003-001"]["author"]
    assert authors == "Ana; Bruno", "the same answer of two people is one answer"


def test_a_corrected_file_instead_of_the_first(team: Team) -> None:
    [path] = team.issue()
    team.collect(team.fill(path, "first.jsonl", only(1, 2, 3)))
    second = team.fill(path, "second.jsonl", only(2, prompt=prompt(2, " amanhã")))
    assert team.collect(second).counts["conflicts"] == 1
    result = team.collect(second, instead_of=("first.jsonl",))
    assert (result.counts["conflicts"], result.counts["accepted"]) == (0, 3)
    rows = team.adaptations()
    assert rows["invented-test-0000002-001"]["prompt"] == prompt(2, " amanhã")
    assert rows["invented-test-0000001-001"]["prompt"] == prompt(1), "what it does not answer stays"
    assert [one["fate"] for one in team.submissions()].count("replaced") == 1
    with pytest.raises(DeriveError, match="itself sent instead"):
        team.collect(team.folder / "first.jsonl", instead_of=("second.jsonl",))
    with pytest.raises(DeriveError, match="no collected files"):
        team.collect(second, instead_of=("nothing.jsonl",))


def test_the_next_worksheet_is_a_delta(team: Team) -> None:
    [path] = team.issue()
    team.collect(team.fill(path, "a.jsonl", only(1, 2, 3)))
    lines = lines_of(team.issue()[0])[1:]
    assert len(lines) == 12, "nothing is final yet"
    cells = {number_of(one["cells"]): one["cells"] for one in lines}
    assert {one["change"] for one in cells.values()} == {"unchanged"}
    assert (cells[2]["prompt"], cells[2]["decision"]) == (prompt(2), "modify"), "what there is"
    assert cells[4]["decision"] == ""
    again = team.fill(team.issue()[0], "b.jsonl", lambda cells: {"author": "Bruno"})
    before = team.work()
    assert team.collect(again).counts["accepted"] == 3, "filled by us, left as it was: no answer"
    del before["findings-collect.jsonl"]
    assert before.items() <= team.work().items()
    better = team.fill(team.issue()[0], "c.jsonl", only(2, prompt=prompt(2, " enfim")))
    result = team.collect(better)
    assert result.counts["conflicts"] == 0, "an answer to what the row showed supersedes it"
    assert team.adaptations()["invented-test-0000002-001"]["prompt"] == prompt(2, " enfim")
    only_waiting = lines_of(team.issue(only="waiting")[0])[1:]
    assert {number_of(one["cells"]) for one in only_waiting} == set(range(4, 13))


def test_an_older_worksheet_after_a_new_release(team: Team) -> None:
    """As `update` leaves it: one item changed, one gone, one new; the rest is taken."""
    import polars as pl

    from derive import tables

    [path] = team.issue()
    items = tables.read_parquet(team.project.items, tables.ITEMS)
    changed = items.with_columns(
        hash=pl.when(pl.col("id").str.contains("0000002"))
        .then(pl.lit("f" * 64))
        .otherwise(pl.col("hash"))
    )
    gone = changed.filter(~pl.col("id").str.contains("0000003"))
    tables.write_parquet(gone, team.project.items)
    result = team.collect(team.fill(path, "a.jsonl"))
    assert (result.counts["accepted"], result.counts["stale"], result.counts["gone"]) == (10, 1, 1)
    assert codes(result)["unit-stale"] == codes(result)["unit-gone"] == 1
    cells = {number_of(one["cells"]): one["cells"] for one in lines_of(team.issue()[0])[1:]}
    assert 3 not in cells
    assert cells[2]["change"] == "changed"
    assert cells[2]["decision"] == "", "somebody must look at it again"
    assert cells[2]["prompt"] == prompt(2), "and finds what was written"
    stale = lines_of(team.issue(only="stale")[0])[1:]
    assert [number_of(one["cells"]) for one in stale] == [2]
    assert team.collect(team.fill(team.issue()[0], "b.jsonl", only(2))).counts["stale"] == 0


def test_rows_alone_show_whose_they_are(team: Team, tmp_path: Path) -> None:
    """The first line, which says what the file is, and its name may be gone."""
    _, *rows = lines_of(team.fill(team.issue()[0], "a.jsonl"))
    assert team.collect(team.write("x", rows)).counts["accepted"] == 12
    other = Team(tmp_path / "other")
    odd = [{**one, "cells": {**one["cells"], "worksheet": "ws-0"}} for one in rows]
    with pytest.raises(DeriveError, match="never issued"):
        other.collect(other.write("x", odd))


@pytest.mark.parametrize(
    ("meta", "message"),
    [({"project": "chile"}, "another project: chile"), ({"locale": "es-CL"}, "another locale"),
     ({"schema": "2"}, "schema 2")],
)  # fmt: skip
def test_foreign_worksheets_are_refused(team: Team, meta: dict[str, str], message: str) -> None:
    head, *rows = lines_of(team.fill(team.issue()[0], "a.jsonl"))
    head["derive_worksheet"] |= meta
    with pytest.raises(DeriveError, match=message) as caught:
        team.collect(team.write("b.jsonl", [head, *rows]))
    assert caught.value.fix
    assert not list(team.project.returned.glob("*")), "nothing is kept of it"


def test_a_folder_of_mixed_returns(team: Team) -> None:
    """Files, folders and zips in one call; what is none of ours is named, the rest is taken."""
    [path] = team.issue()
    mail = team.folder / "mail"
    (mail / "deep").mkdir(parents=True)
    shutil.copy(team.fill(path, "a.jsonl", only(1)), mail / "deep" / "renamed.txt")
    with zipfile.ZipFile(mail / "b.zip", "w") as archive:
        archive.write(team.fill(path, "b.jsonl", only(2)), "inside/b.jsonl")
    (mail / "letter.txt").write_text("Hello, here are my rows.", encoding="utf-8")
    (mail / ".hidden").write_text("x", encoding="utf-8")
    result = team.collect(mail)
    assert result.counts["accepted"] == 2
    refused = [one for one in result.findings if one.code == "worksheet-refused"]
    assert [one.file for one in refused] == ["letter.txt"]
    assert sum(result.counts[name] for name in result.counts if name != "issued") == 12
    again = team.collect()
    assert again.counts["accepted"] == 2
    assert not again.findings.of("error"), "what was refused is not kept"
    with pytest.raises(DeriveError, match="Not a worksheet"):
        team.collect(mail / "letter.txt")
    with pytest.raises(DeriveError, match="No such file"):
        team.collect(mail / "nothing.xlsx")


def test_dry_run_writes_nothing(team: Team) -> None:
    path = team.fill(team.issue()[0], "a.jsonl")
    before = {one: one.stat().st_mtime_ns for one in team.project.path.rglob("*") if one.is_file()}
    result = team.collect(path, dry_run=True)
    assert result.counts["accepted"] == 12
    after = {one: one.stat().st_mtime_ns for one in team.project.path.rglob("*") if one.is_file()}
    assert {one.name for one in after if after[one] != before.get(one)} <= {".lock"}


def test_a_dismissed_finding_stays_so_until_the_text_changes(team: Team) -> None:
    [path] = team.issue()
    english = "Please tell me how I should write this long letter."
    file = team.fill(path, "a.jsonl", only(2, prompt=english))
    assert team.collect(file).counts["held"] == 1
    key = next(key for key in team.standings() if "0000002" in key)
    result = team.collect(file, dismiss=(f"{key}:text-language",))
    assert (result.counts["held"], result.counts["accepted"]) == (0, 1)
    assert team.collect(file).counts["accepted"] == 1
    assert team.collect().counts["accepted"] == 1
    other = team.fill(path, "b.jsonl", only(2, prompt=english + " And another one, please."))
    assert codes(team.collect(other, instead_of=("a.jsonl",)))["text-language"] == 1


def test_how_texts_came_about_is_told_by_comparison(team: Team) -> None:
    def fill(cells: dict[str, str]) -> dict[str, str]:
        number, draft = number_of(cells), cells["draft_prompt"]
        texts = {0: draft, 1: draft.replace("hoje", "agora mesmo"), 2: prompt(number + 31, " aqui")}
        return {**translated(cells), "decision": "modify", "prompt": texts[number % 3]}

    team.collect(team.fill(team.issue()[0], "a.jsonl", fill))
    for row in team.adaptations().values():
        number = number_of(row)
        assert row["prompt_origin"] == {0: "mt", 1: "mt+edit"}.get(number % 3, row["prompt_origin"])
        assert row["response_origin"] == "human", "there was no draft of it"
        assert row["response_edits"] is None
        if number % 3 < 2:
            assert (row["prompt_edits"] == 0) is (number % 3 == 0)


def test_every_text_traces_to_where_it_came_from(team: Team) -> None:
    path = team.fill(team.issue()[0], "ana.jsonl")
    result = team.collect(path)
    lines = lines_of(path)
    [file] = result.details["files"]
    assert file["name"] == "ana.jsonl"
    stored = next(team.project.returned.glob(f"{file['hash']}-*"))
    assert stored.read_bytes() == path.read_bytes(), "the file as it came"
    items = {row["id"]: row for row in _items(team)}
    for row in team.adaptations().values():
        assert row["file"] == file["hash"]
        cells = lines[row["row"] - 1]["cells"]
        assert (cells["item"], cells["prompt"]) == (row["item"], row["prompt"])
        assert row["worksheet"] == cells["worksheet"] in file["worksheets"]
        assert row["source_hash"] == items[row["item"]]["hash"]
    entry = team.project.ledger.last("collect")
    assert entry is not None
    assert [one["hash"] for one in entry["details"]["files"]] == [file["hash"]]


def _items(team: Team) -> list[dict[str, Any]]:
    from derive import tables

    return tables.read_parquet(team.project.items, tables.ITEMS).to_dicts()


def test_level_and_taxonomy_are_for_reading_but_for_replace(team: Team) -> None:
    [path] = team.issue()
    result = team.collect(team.fill(path, "a.jsonl", only(1, level="0")))
    assert "reclassified" not in codes(result)
    assert team.adaptations()["invented-test-0000001-001"]["level"] == ""
    other = {"decision": "replace", "level": "0", "taxonomy": "outra área"}
    result = team.collect(team.fill(path, "b.jsonl", only(2, **other)))
    assert codes(result)["reclassified"] == 1
    row = team.adaptations()["invented-test-0000002-001"]
    assert (row["level"], row["taxonomy"]) == ("0", "outra área")


def test_texts_moved_against_their_keys_are_caught(team: Team) -> None:
    """A sort of some columns only: every row would get another's answer."""
    head, *rows = lines_of(team.fill(team.issue()[0], "a.jsonl"))
    same = [row for row in rows if row["sheet"] == "adapt"]
    texts = [row["cells"]["pivot_prompt"] for row in same]
    for row, text in zip(same, texts[1:] + texts[:1], strict=True):
        row["cells"]["pivot_prompt"] = text
    result = team.collect(team.write("b.jsonl", [head, *rows]))
    assert codes(result)["row-shifted"] == len(same) == 4
    assert (result.counts["held"], result.counts["accepted"]) == (4, 8)


def test_a_killed_collect_is_finished_by_the_next(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at each of its writes in turn: the next run gives what one run would have given."""
    from derive import files

    [path] = team.issue()
    back = [team.fill(path, "a.jsonl", only(1, 2)), team.fill(path, "b.jsonl", only(3, 4))]
    team.collect(*back)
    whole, replacing = team.work(), files.replacing
    stops = 0
    for stop in range(20):
        shutil.rmtree(team.project.returned)
        for name in whole:
            team.project.work(name).unlink(missing_ok=True)
        left = [stop]

        def killed(target: Path, left: list[int] = left) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return replacing(target)

        monkeypatch.setattr(files, "replacing", killed)
        try:
            team.collect(*back)
        except KeyboardInterrupt:
            stops += 1
        monkeypatch.setattr(files, "replacing", replacing)
        team.collect(*back)
        assert team.work() == whole, stop
    assert stops >= 8


def test_collecting_again_does_nothing(team: Team) -> None:
    file = team.fill(team.issue()[0], "a.jsonl")
    assert team.collect(file).fresh
    before = {one: one.stat().st_mtime_ns for one in team.project.work("x").parent.iterdir()}
    assert not team.collect(file).fresh
    after = {one: one.stat().st_mtime_ns for one in team.project.work("x").parent.iterdir()}
    assert before == after
    assert pipeline.redo(team.project, "collect").fresh is False


def test_levels_are_levels(team: Team) -> None:
    other = {"decision": "replace", "level": "alto"}
    result = team.collect(team.fill(team.issue()[0], "a.jsonl", only(2, **other)))
    assert [one.field for one in result.findings.of("error")] == ["level"]


def test_missing_columns_are_told_by_name(team: Team) -> None:
    [path] = team.issue()
    for column, taken in (("taxonomy", 2), ("evidence", 2), ("reason", 0)):
        head, *rows = lines_of(team.fill(path, f"{column}.jsonl", only(1, 4)))
        for row in rows:
            row["cells"].pop(column, None)
        shutil.rmtree(team.project.returned, ignore_errors=True)
        result = team.collect(team.write(f"{column}.jsonl", [head, *rows]))
        assert result.counts["accepted"] == taken, column
        gone = [one for one in result.findings if one.code == "column-gone"]
        assert {one.field for one in gone} == {column} - {"taxonomy"}


def test_half_a_character_and_control_characters_are_told(team: Team) -> None:
    path = team.fill(team.issue()[0], "a.jsonl", only(1, 2, prompt=prompt(1) + "\x0b"))
    text = path.read_text(encoding="utf-8").replace("não chegou?", "não \\ud800 chegou?", 1)
    path.write_text(text, encoding="utf-8")
    found = codes(team.collect(path))
    assert found["text-surrogate"] == 1
    assert found["text-control"] == 1


def test_two_files_of_one_name_are_told_apart(team: Team) -> None:
    """People keep the name that the worksheet had."""
    [path] = team.issue()
    for person, fill in (("ana", only(1, decision="")), ("bia", only(2, author="Bia"))):
        (team.folder / person).mkdir()
        team.fill(path, f"{person}/{path.name}", fill)
    team.collect(team.folder / "ana")
    result = team.collect(team.folder / "bia")
    [report] = [Path(one) for one in result.details["reports"] if one.endswith(".txt")]
    assert "To be mended" not in report.read_text(encoding="utf-8")


def test_findings_stay_with_their_sheet(team: Team) -> None:
    """In a workbook every sheet begins at row 3."""
    import openpyxl

    [path, *_] = team.issue(formats=("xlsx",))
    book = openpyxl.load_workbook(path)
    for sheet in book:
        names = [cell.value for cell in sheet[1]]
        if "key" not in names:
            continue
        for line in sheet.iter_rows(min_row=3):
            cells = dict(zip(names, line, strict=True))
            given = translated({"item": cells["item"].value})
            if sheet.title == "Adaptar" and line[0].row == 3:
                given["response"] += " (sem fim"
            for name, text in given.items():
                cells[name].value = text
    book.save(team.folder / "w.xlsx")
    result = team.collect(team.folder / "w.xlsx")
    assert codes(result)["text-quotes"] == 1
    marked = [row["item"] for row in team.adaptations().values() if "text-quotes" in row["checks"]]
    assert marked == ["invented-test-0000001-001"]


def test_a_dismissal_holds_for_the_text_wherever_it_comes_again(team: Team) -> None:
    english = "Please tell me how I should write this long letter."
    [path] = team.issue()
    team.collect(team.fill(path, "a.jsonl", only(2, prompt=english)))
    key = next(key for key in team.standings() if "0000002" in key)
    with pytest.raises(DeriveError, match="not KEY:CODE"):
        team.collect(dismiss=(f"{key}:field-missing",))
    team.collect(dismiss=(f"{key}:text-language",))
    again = team.issue()[0]
    result = team.collect(team.fill(again, "b.jsonl", only(2, prompt=english, reason="outro")))
    assert (result.counts["held"], result.counts["accepted"]) == (0, 1)


def test_what_is_said_of_files_needs_files(team: Team) -> None:
    team.collect(team.fill(team.issue()[0], "a.jsonl", only(1)))
    for asked in ({"author": "Ana"}, {"instead_of": ("a.jsonl",)}):
        with pytest.raises(DeriveError, match="none is named"):
            team.collect(**asked)
    with pytest.raises(DeriveError, match="among the files given"):
        team.collect(team.folder / "a.jsonl", instead_of=("a.jsonl",))
    next(team.project.returned.glob("*-a.jsonl")).unlink()
    with pytest.raises(DeriveError, match=r"a\.jsonl is gone"):
        team.collect()


def test_what_could_not_be_checked_is_said(team: Team) -> None:
    result = team.collect(team.fill(team.issue()[0], "a.jsonl", only(2, prompt="Sim, já?")))
    told = [one.message for one in result.findings if one.code == "check-off"]
    assert told == ["1 texts are too short to tell their language"]
