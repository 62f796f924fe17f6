"""Schemas, tables and codes agree with each other and with the code."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import derive
from derive import schemas, tables
from derive.codes import CODES
from derive.findings import SEVERITIES, Findings

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "schema").glob("*.schema.json"))


def test_there_are_schemas() -> None:
    assert set(schemas.names()) >= {
        "profile", "item", "mark", "draft", "unit", "variant-item", "locale-pack", "project",
        "ledger-entry", "model", "lexicon-entry", "counterpart",
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_schema(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    name = path.name.removesuffix(".schema.json")
    assert document["$id"] == f"urn:derive:schema:{name}:1"
    assert document["title"]
    assert document["description"]
    for key, value in document["properties"].items():
        assert "title" in value or "const" in value or "enum" in value, key


@pytest.mark.parametrize(
    ("schema", "columns"),
    [
        ("item", tables.ITEMS),
        ("mark", tables.MARKS),
        ("draft", tables.DRAFTS),
        ("variant-item", tables.VARIANT),
    ],
)
def test_tables_have_the_columns_of_their_schemas(schema: str, columns: tables.Columns) -> None:
    document = schemas.validator(schema).schema
    assert list(columns) == list(document["properties"])
    assert set(document["required"]) == set(columns)


def strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_code_is_used_and_registered() -> None:
    used: set[str] = set()
    called: set[str] = set()
    for path in (ROOT / "derive").rglob("*.py"):
        if path.name == "codes.py":
            continue
        used |= strings(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name == "finding" or (name == "add" and "-" in str(node.args[0].value)):
                    called.add(node.args[0].value)
    assert set(CODES) <= used, "a code that nothing says"
    assert called <= set(CODES), "a code that is not registered"
    assert len(called) > 20
    assert all(code.severity in SEVERITIES and code.hint for code in CODES.values())


def test_findings_count_sort_and_come_back(tmp_path: Path) -> None:
    findings = Findings()
    findings.add("column-extra", "a note")
    findings.add("id-duplicate", "an error", item="x", file="f", row=3, field="id")
    findings.add("level-missing", "a warning")
    assert findings.counts() == {"error": 1, "warning": 1, "note": 1}
    assert list(findings.by_code()) == ["id-duplicate", "level-missing", "column-extra"]
    findings.save(tmp_path / "f.jsonl")
    assert list(Findings.load(tmp_path / "f.jsonl")) == list(findings)
    assert findings.of("error")[0].place() == "f row 3 · x · id"
    with pytest.raises(derive.DeriveError, match="Bad: 1 found") as caught:
        findings.refuse_errors("Bad", "mend it")
    assert "f row 3 · x · id: an error [id-duplicate]" in str(caught.value.where)


ITEM: dict[str, Any] = {
    "id": "a", "split": "dev", "prompt": "p", "response": None, "prompt_pivot": None,
    "response_pivot": None, "level": 1, "risk_area": None, "harm_type": None,
    "specific_harm": None, "extra": "{}", "hash": "0" * 64, "file": "f", "row": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"level": 3}, "$.level"),
        ({"prompt": None}, "$"),
        ({"id": ""}, "$.id"),
        ({"row": 0}, "$.row"),
        ({"hash": "x"}, "$.hash"),
        ({"more": 1}, "$"),
    ],
)
def test_violations_say_where(change: dict[str, Any], path: str) -> None:
    assert not schemas.violations("item", ITEM)
    found = schemas.violations("item", {**ITEM, **change}, file="f", row=7, item="a")
    assert path in {one.path for one in found}
    assert {(one.code, one.file, one.row, one.item) for one in found} == {
        ("row-invalid", "f", 7, "a")
    }


def test_tables_refuse_other_columns(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more"):
        tables.frame([{**ITEM, "more": 1}], tables.ITEMS)
    table = tables.frame([ITEM], tables.ITEMS)
    tables.write_parquet(table, tmp_path / "a.parquet")
    assert tables.read_parquet(tmp_path / "a.parquet", tables.ITEMS).equals(table)
    with pytest.raises(derive.DeriveError, match="columns are not this version's"):
        tables.read_parquet(tmp_path / "a.parquet", tables.MARKS)
    (tmp_path / "b.parquet").write_bytes(b"no")
    with pytest.raises(derive.DeriveError, match="Not a readable Parquet"):
        tables.read_parquet(tmp_path / "b.parquet", tables.ITEMS)


def test_the_api_is_there() -> None:
    for name in derive.__all__:
        assert getattr(derive, name)
    with pytest.raises(AttributeError):
        derive.nosuch  # noqa: B018
