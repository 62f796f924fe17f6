"""The commands around people, as people call them: what they print, write and end with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from conftest import ROOT
from lxml import etree
from team import Team, number_of, prompt, response, translated

from derive import locales

Derive = Callable[..., Result]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def bad_rows(cells: dict[str, str]) -> dict[str, str]:
    """Item 2 has no decision, item 3 is in English, the rest is good."""
    number = number_of(cells)
    english = "Please tell me how I should write this long letter."
    changed = {2: {"decision": ""}, 3: {"response": english}}.get(number, {})
    return {**translated(cells), **changed}


def test_collect_prints_what_was_taken_and_what_was_not(derive: Derive, team: Team) -> None:
    file = team.fill(team.issue()[0], "ana.jsonl", bad_rows)
    done = derive("collect", team.project.path, file)
    assert done.exit_code == 1, "there are errors to mend"
    assert "collect: issued 12, accepted 10, removed 0" in done.stderr
    assert "held 2" in done.stderr
    assert "error decision-missing (1): choose a decision" in done.stdout
    assert "ana.jsonl sheet rewrite row" in done.stdout
    assert "· decision: texts without a decision" in done.stdout
    document = json.loads(derive("collect", team.project.path, file, "--json").stdout)
    assert document["counts"]["issued"] == 12
    assert {one["code"] for one in document["findings"] if one["severity"] == "error"} == {
        "decision-missing", "text-language",
    }  # fmt: skip
    done = derive("collect", team.project.path, team.fill(team.issue()[0], "b.jsonl"))
    assert done.exit_code == 0, "all is answered now"
    assert "more on files collected before" in done.stdout


def test_the_report_for_the_sender(derive: Derive, team: Team) -> None:
    derive("collect", team.project.path, team.fill(team.issue()[0], "ana.jsonl", bad_rows))
    [text] = team.project.reports.glob("ana.*.report.txt")
    said = text.read_text(encoding="utf-8")
    assert "12 rows came back." in said
    assert "10 rows: taken." in said
    assert "2 rows: not taken: see below." in said
    assert "To be mended (2)" in said
    assert "What to do: choose a decision. [decision-missing]" in said
    [copy] = team.project.reports.glob("ana.*.checked.xlsx")
    remarks = {}
    for sheet in openpyxl.load_workbook(copy):
        names = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=3):
            for name, cell in zip(names, row, strict=True):
                if cell.comment:
                    remarks[row[0].value.split("-")[2], name] = cell.comment.text
                if name == "prompt" and names.count("key"):
                    assert cell.value.startswith("Como devo"), "what they wrote stands in it"
    assert set(remarks) == {("0000002", "decision"), ("0000003", "response")}
    assert "choose a decision" in remarks["0000002", "decision"]


def test_the_corrected_copy_can_be_sent_back(derive: Derive, team: Team) -> None:
    derive("collect", team.project.path, team.fill(team.issue()[0], "ana.jsonl", bad_rows))
    [copy] = team.project.reports.glob("*.checked.xlsx")
    book = openpyxl.load_workbook(copy)
    for sheet in book:
        names = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=3) if "key" in names else ():
            cells = dict(zip(names, row, strict=True))
            number = int(row[0].value.split("-")[2])
            cells["decision"].value = "modify"
            cells["response"].value = response(number)
    mended = team.folder / "mended.xlsx"
    book.save(mended)
    done = derive("collect", team.project.path, mended)
    assert done.exit_code == 0, done.stdout
    assert "accepted 12" in done.stderr


def test_a_wrong_call(derive: Derive, team: Team) -> None:
    for arguments, message in [
        (("worksheet", team.project.path, "--format", "docx"), "there is no 'docx'"),
        (("worksheet", team.project.path, "--split-by", "mood"), "there is no such field"),
        (("collect", team.project.path, ROOT / "README.md"), "Not a worksheet"),
        (("agreement", team.project.path), "Nothing has been collected"),
        (("memory", team.project.path, "-o", "x.tmx"), "Nothing has been collected"),
        (("terms", team.project.path, "--import", "x.docx"), "x.docx"),
    ]:
        done = derive(*arguments)
        assert done.exit_code == 2, arguments
        assert message in done.stderr
        assert "what to do:" in done.stderr
        assert "Traceback" not in done.stderr


def test_terms_are_taken_in_checked_and_written_out(
    derive: Derive, team: Team, tmp_path: Path
) -> None:
    glossary = tmp_path / "glossary.csv"
    glossary.write_text("source,target,forbidden\nanswer,parecer,\nanswer,resposta,yes\n", "utf-8")
    assert derive("terms", team.project.path, "--import", glossary).exit_code == 0
    out = tmp_path / "out.tbx"
    done = derive("terms", team.project.path, "--export", out, "--json")
    assert {one["target"] for one in json.loads(done.stdout)["terms"]} == {"parecer", "resposta"}
    assert b"parecer" in out.read_bytes()
    other = Team(tmp_path / "other")
    assert derive("terms", other.project.path, "--import", out).exit_code == 0
    assert sorted(other.project.terms.read_text("utf-8-sig").splitlines()[1:]) == sorted(
        team.project.terms.read_text("utf-8-sig").splitlines()[1:]
    )
    result = team.collect(team.fill(team.issue()[0], "a.jsonl"))
    found = result.findings.by_code()
    assert len(found["term-missing"]) == len(found["term-forbidden"]) == 12
    assert result.counts["accepted"] == 12, "a word is no reason to hold a row"


def test_the_memory_holds_what_was_accepted(derive: Derive, team: Team, tmp_path: Path) -> None:
    def fill(cells: dict[str, str]) -> dict[str, str] | None:
        number = number_of(cells)
        gone = {"decision": "remove", "prompt": "", "response": "", "reason": "x", "author": "A"}
        return {1: gone, 2: None}.get(number, translated(cells))  # type: ignore[return-value]

    team.collect(team.fill(team.issue()[0], "a.jsonl", fill))
    file = tmp_path / "memory.tmx"
    assert derive("memory", team.project.path, "-o", file).exit_code == 0
    units = etree.parse(file).findall(".//tu")
    texts = {unit.findall(".//seg")[0].text: unit.findall(".//seg")[1].text for unit in units}
    assert texts == {
        f"How should I tell item {n} that answer {n} is late?": prompt(n) for n in range(3, 13)
    }


def test_agreement_is_printed(derive: Derive, team: Team) -> None:
    for path in team.issue(double=True, split_by="people=Ana,Bruno"):
        who = "Ana" if "Ana" in path.name else "Bruno"
        team.collect(team.fill(path, f"{who}.jsonl", lambda cells, who=who: {
            **translated(cells, f" {who}", who)}))  # fmt: skip
    done = derive("agreement", team.project.path)
    assert done.exit_code == 0
    assert "kappa" in done.stdout
    assert "12" in done.stdout
    rows = json.loads(derive("agreement", team.project.path, "--json").stdout)["agreement"]
    low, high = rows[0]["chrf_prompt_interval"]
    assert low <= rows[0]["chrf_prompt"] <= high


def test_local_contacts_are_offered_and_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack's resources that fit the harm stand in the sheet; their numbers need no evidence."""
    import shutil

    packs = tmp_path / "locales"
    shutil.copytree(ROOT / "locales", packs)
    pack = packs / "pt-BR"
    (pack / "resources.csv").write_text(
        "name,contact,hours,harms,source,checked\n"
        "Linha Inventada,0800 555 0101,24 h,種類,https://a.example/,2026-01-02\n"
        "Outra Linha,0800 555 0202,,nada disso,https://b.example/,2026-01-02\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(locales, "folder", lambda name: packs if name == "locales" else ROOT / name)
    assert not locales.check("pt-BR").of("error")
    team = Team(tmp_path)
    [path] = team.issue()
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    shown = {json.loads(line)["cells"]["resources"] for line in lines}
    assert shown == {"Linha Inventada · 0800 555 0101 · 24 h · https://a.example/"}

    def fill(cells: dict[str, str]) -> dict[str, str]:
        number = number_of(cells)
        contact = "0800 555 0101" if number % 2 else "0800 555 7777"
        return {**translated(cells), "response": f"{response(number)} Ligue para {contact}."}

    found = team.collect(team.fill(path, "a.jsonl", fill)).findings.by_code()
    numbers = {number_of({"item": one.item or ""}) for one in found["number-unsourced"]}
    assert numbers == {2, 4, 6, 8, 10, 12}


def test_names_are_published_as_the_project_says(team: Team) -> None:
    from dataclasses import replace

    def with_policy(policy: str) -> str:
        config = {**team.project.config, "people": {"published": policy}}
        return replace(team.project, config=config).public_name("Ana Souza")

    assert with_policy("names") == "Ana Souza"
    assert with_policy("none") == ""
    pseudonym = with_policy("pseudonyms")
    assert pseudonym.startswith("person-")
    assert team.project.public_name(" ana  SOUZA ") == pseudonym, "the default, and one person"
    assert team.project.public_name("Bruno") != pseudonym
