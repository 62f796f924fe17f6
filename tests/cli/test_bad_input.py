"""Bad input gets one message: what, where, what to do; exit code 2; and nothing is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import ROOT, ac_row, write_jsonl

Derive = Callable[..., Result]


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


GOOD = [ac_row(n) for n in range(1, 4)]
CSV = "ID,text,output\n"

# name: (the file's name, its bytes, what the message must hold)
FILES: dict[str, tuple[str, bytes, list[str]]] = {
    "empty": ("r.jsonl", b"", ["no rows", "r.jsonl"]),
    "blank lines only": ("r.jsonl", b"\n\n", ["no rows"]),
    "empty list": ("r.json", b"[]", ["no rows"]),
    "header only": ("r.csv", CSV.encode(), ["no rows"]),
    "not UTF-8": ("r.jsonl", b'{"ID":"a"}\n{"ID":"\xe9"}', ["Not UTF-8", "0xE9", "line 2"]),
    "truncated JSON": ("r.json", json.dumps(GOOD).encode()[:200], ["Not JSON", "line 1 column"]),
    "object for list": ("r.json", json.dumps(GOOD[0]).encode(), ["object where a list"]),
    "bad line": (
        "r.jsonl",
        (lines(*GOOD) + '{"ID":').encode(),
        ["row 4", "not JSON", "keep-going"],
    ),
    "a key twice": (
        "r.jsonl",
        (lines(*GOOD) + '{"ID": "9", "text": "a", "text": "b", "output": "c"}\n').encode(),
        ["r.jsonl row 4", "the key 'text' is there twice"],
    ),
    "a key twice inside": (
        "r.json",
        f'[{json.dumps(GOOD[0])}, {{"ID": "9", "meta": [{{"a": 1, "a": 1}}]}}]'.encode(),
        ["r.json row 2", "the key 'a' is there twice"],
    ),
    "list in a line": ("r.jsonl", (lines(*GOOD) + "[1]\n").encode(), ["row 4", "list"]),
    "doubled ID": ("r.jsonl", lines(GOOD[0], GOOD[0]).encode(), ["row 2", "r.jsonl row 1 already"]),
    "level 3": (
        "r.jsonl",
        lines(*GOOD, ac_row(9, culture=3)).encode(),
        ["row 4", "'3' is no level"],
    ),
    "level x": ("r.jsonl", lines(*GOOD, ac_row(9, culture="x")).encode(), ["row 4", "'x' is no"]),
    "no prompt": ("r.jsonl", lines(ac_row(1, text="", **{"text-en": ""})).encode(), ["row 1"]),
    "two English columns": (
        "r.jsonl",
        lines(
            *(ac_row(n, english=f"An English text of number {n}, no more.") for n in (1, 2))
        ).encode(),
        ["prompt_pivot", "'text-en'", "'english'", "--map english=COLUMN"],
    ),
    "ragged row": ("r.csv", (CSV + "a,b,c\nd,e\n").encode(), ["row 3", "2 cells", "has 3"]),
    "open quote": ("r.csv", (CSV + 'a,"b,c\n').encode(), ["Not CSV", "row 2", "quotes"]),
    "doubled column": ("r.csv", b"ID,text,text,output\na,b,c,d\n", ["'text'", "rename"]),
    "no Parquet": ("r.parquet", b"PAR1 nonsense", ["Not a readable Parquet"]),
    "no workbook": ("r.xlsx", b"PK nonsense", ["Not a readable workbook"]),
    "unknown ending": ("r.docx", b"x", [".docx cannot be read", ".jsonl"]),
    "unknown columns": ("r.csv", b"frage,n\nHow are you today?,1\n", ["prompts", "'frage'"]),
}


@pytest.mark.parametrize("name", FILES)
def test_files(derive: Derive, tmp_path: Path, name: str) -> None:
    file, content, expected = FILES[name]
    (tmp_path / file).write_bytes(content)
    refused(derive, tmp_path, expected, "run", tmp_path / file, "--locale", "pt-BR")


def refused(derive: Derive, tmp_path: Path, expected: list[str], *arguments: object) -> None:
    """Run with -o, as text and as JSON: both say it, and no folder is left behind."""
    folder = tmp_path / "project"
    done = derive(*arguments, "-o", folder)
    assert done.exit_code == 2, done.stdout
    assert done.stderr.startswith("error: ")
    assert "what to do: " in done.stderr
    assert "Traceback" not in done.stderr
    for part in expected:
        assert part in done.stderr
    assert not folder.exists()
    done = derive(*arguments, "-o", folder, "--json")
    document = json.loads(done.stdout)
    assert (done.exit_code, document["ok"]) == (2, False)
    assert document["error"]["what"]
    assert document["error"]["fix"]


SOURCES: dict[str, tuple[list[str], list[str]]] = {
    "missing file": (["nosuch.csv"], ["No such file", "nosuch.csv"]),
    "missing split": (["{sample}", "--split", "train"], ["No split 'train'", "dev, test"]),
    "unknown profile": (
        ["{sample}", "--profile", "nope"],
        ["No profile 'nope'", "answercarefully"],
    ),
    "another dataset's profile": (
        ["{sample}", "--profile", "do-not-answer"],
        ["'do-not-answer' needs", "prompt (a column 'question')", "--map prompt=", "'text-en'"],
    ),
    "unknown map field": (["{sample}", "--map", "promt=text"], ["promt=text", "prompt_pivot"]),
    "unknown map column": (["{sample}", "--map", "level=foo"], ["level=foo", "'text-en'"]),
    "malformed tag": (["{sample}", "--locale", "pt-"], ["'pt-' is not a language tag"]),
    "unknown tag": (["{sample}", "--locale", "xx-YY"], ["'xx-YY' is not a known language tag"]),
    "no model": (
        ["{sample}", "--locale", "ko-KR"],
        [
            "ko-KR brings no model",
            "--model",
            "pt-BR",
            "derive models add facebook/nllb-200-distilled-600M (cc-by-nc-4.0)",
        ],
    ),
    "model of another language": (
        ["{sample}", "--locale", "ko-KR", "--model", "{model}"],
        ["into pt-BR, not into ko-KR"],
    ),
    "no such model": (["{sample}", "--model", "/nosuch"], ["No such model", "/nosuch"]),
    "not a model": (["{sample}", "--model", "{sample}"], ["no model.json"]),
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources(derive: Derive, tmp_path: Path, sample: Path, name: str) -> None:
    given, expected = SOURCES[name]
    model = ROOT / "locales" / "pt-BR" / "model"
    arguments = [one.format(sample=sample, model=model) for one in given]
    if "--locale" not in arguments:
        arguments += ["--locale", "pt-BR"]
    refused(derive, tmp_path, expected, "run", *arguments)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda folder: (folder / "model.bin").unlink(), "is missing"),
        (
            lambda folder: (folder / "config.json").write_text("{}"),
            "not the one that was described",
        ),
        (lambda folder: (folder / "model.json").write_text("{"), "Not JSON"),
        (lambda folder: (folder / "model.json").write_text('{"schema": 1}'), "required property"),
    ],
    ids=["missing file", "altered file", "descriptor cut", "descriptor incomplete"],
)
def test_damaged_model(
    derive: Derive, tmp_path: Path, sample: Path, damage: Callable[[Path], Any], expected: str
) -> None:
    shutil.copytree(ROOT / "locales" / "pt-BR" / "model", tmp_path / "model")
    damage(tmp_path / "model")
    arguments = ["run", sample, "--locale", "pt-BR", "--model", tmp_path / "model"]
    refused(derive, tmp_path, [expected, str(tmp_path / "model")], *arguments)


def test_parts_and_doubles_of_a_split(derive: Derive, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a" / "test-00000-of-00002.jsonl", GOOD)
    expected = ["'test' has 1 of its 2 parts"]
    refused(derive, tmp_path, expected, "run", tmp_path / "a", "--locale", "pt-BR")
    write_jsonl(tmp_path / "a" / "test-00003-of-00002.jsonl", GOOD)
    expected = ["'test' has 2 of its 2 parts", "test-00003-of-00002.jsonl", "from 00000"]
    refused(derive, tmp_path, expected, "run", tmp_path / "a", "--locale", "pt-BR")
    write_jsonl(tmp_path / "s" / "dev-00000-of-00002.jsonl", GOOD)
    write_jsonl(tmp_path / "s" / "dev-00000-of-00003.jsonl", GOOD)
    expected = ["'dev' is there in sets of 2 and of 3 parts"]
    refused(derive, tmp_path, expected, "run", tmp_path / "s", "--locale", "pt-BR")
    write_jsonl(tmp_path / "b" / "dev.jsonl", GOOD)
    (tmp_path / "b" / "dev.json").write_text(json.dumps(GOOD))
    expected = ["'dev' is there more than once", "dev.json, dev.jsonl"]
    refused(derive, tmp_path, expected, "run", tmp_path / "b", "--locale", "pt-BR")
    (tmp_path / "c" / "v2.2").mkdir(parents=True)
    expected = ["No data files", ":v2.2"]
    refused(derive, tmp_path, expected, "run", tmp_path / "c", "--locale", "pt-BR")


def test_inspect_knows_the_splits(derive: Derive, sample: Path) -> None:
    assert "splits: dev 51\n" in derive("inspect", sample, "--split", "dev").stdout
    done = derive("inspect", sample, "--split", "train")
    assert (done.exit_code, "No split 'train'" in done.stderr) == (2, True)
    assert "there are: dev, test" in done.stderr


def test_keep_going_accounts_for_every_row(derive: Derive, tmp_path: Path) -> None:
    rows = lines(*GOOD, GOOD[0], ac_row(8, culture=7)) + "{\n"
    (tmp_path / "dev.jsonl").write_text(rows, encoding="utf-8")
    done = derive("init", tmp_path / "p", "--source", tmp_path / "dev.jsonl", "--locale", "pt-BR",
                  "--keep-going", "--json")  # fmt: skip
    assert done.exit_code == 1, "findings of severity error"
    document = json.loads(done.stdout)
    assert document["counts"] == {"rows": 6, "items": 3, "left_out": 3}
    errors = {
        (one["code"], one["row"]) for one in document["findings"] if one["severity"] == "error"
    }
    assert errors == {("id-duplicate", 4), ("level-invalid", 5), ("row-unreadable", 6)}


def test_check_shows_everything_to_mend_at_once(derive: Derive, tmp_path: Path) -> None:
    (tmp_path / "dev.jsonl").write_text(lines(*GOOD, GOOD[0]) + "{\n", encoding="utf-8")
    done = derive("check", tmp_path / "dev.jsonl")
    assert done.exit_code == 1
    for part in ("id-duplicate", "row-unreadable", "dev.jsonl row 5", "3 items"):
        assert part in done.stdout


@pytest.mark.parametrize("arguments", [["nosuch"], ["run"], ["status"], ["check", "--split"]])
def test_bad_usage(derive: Derive, arguments: list[str]) -> None:
    done = derive(*arguments)
    assert (done.exit_code, done.stderr.startswith("error: ")) == (2, True)


def test_debug_shows_the_traceback(derive: Derive) -> None:
    done = derive("status", "nosuch", "--debug")
    assert type(done.exception).__name__ == "DeriveError"
