"""What two places say of the same thing is the same: schemas, tables, codes, options, help."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import polars as pl
import pytest
from conftest import ROOT, FakeEngine
from jsonschema import Draft202012Validator

from derive import locales, pipeline, profiles, schemas, tables
from derive.cli import cli
from derive.cli_people import ONLY, ROLES, ROUTES
from derive.codes import CODES
from derive.ledger import STAGES
from derive.pipeline import Asked
from derive.release.read import Options
from derive.stages import REQUESTS, WORK
from derive.worksheet import columns
from derive.worksheet.columns import COLUMNS, DECISIONS, SHEET_OF_ROUTE, SHEETS
from derive.worksheet.formats.registry import DEFAULT, FORMATS

SCHEMAS = sorted((ROOT / "schema").glob("*.schema.json"))
MODULES = sorted((ROOT / "derive").rglob("*.py"))


CONDITIONS = {"if", "then", "else", "anyOf", "allOf", "oneOf", "not"}


def properties(schema: dict[str, Any], path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of a schema and of those inside it; conditions declare none."""
    schema = {key: one for key, one in schema.items() if key not in CONDITIONS}
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}", inner
    for key, inner in schema.items():
        if isinstance(inner, dict):
            if key == "properties":
                for name, one in inner.items():
                    yield from properties(one, f"{path}.{name}")
            else:
                yield from properties(inner, f"{path}.{key}")


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_property_says_what_it_is(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    found = dict(properties(schema))
    assert found
    said = {"title", "description", "$ref"}
    assert not [name for name, one in found.items() if not one.keys() & said]


def test_identifiers_are_unique() -> None:
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS]
    for key in ("$id", "title", "description"):
        assert len({one[key] for one in loaded}) == len(loaded) == len(schemas.names())
    assert {one["$schema"] for one in loaded} == {Draft202012Validator.META_SCHEMA["$id"]}


def test_profiles_fit_their_schema() -> None:
    assert len(profiles.names()) >= 2
    for name in profiles.names():
        assert profiles.load(name).name == name


TYPES = {
    pl.String: {"string"}, pl.Int8: {"integer"}, pl.Int64: {"integer"}, pl.Float64: {"number"},
    pl.Boolean: {"boolean"}, pl.List: {"array"}, pl.Struct: {"object"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "columns"),
    [("item", tables.ITEMS), ("mark", tables.MARKS), ("draft", tables.DRAFTS),
     ("adaptation", tables.ADAPTATIONS), ("submission", tables.SUBMISSIONS),
     ("variant-item", tables.VARIANT)],
)  # fmt: skip
def test_columns_have_the_type_of_their_schema(name: str, columns: tables.Columns) -> None:
    for column, kind in columns.items():
        schema = schemas.validator(name).schema["properties"][column]
        said = schema.get("type", [])
        said = {said} if isinstance(said, str) else set(said)
        python = {str: "string", int: "integer", type(None): "null"}
        said |= {python[type(one)] for one in schema.get("enum", ())}
        assert said - {"null"} == TYPES[type(kind)], column


def enum(name: str, *path: str) -> list[Any]:
    schema = schemas.validator(name).schema
    for step in path:
        schema = schema[step]
    return list(schema["enum"])


def test_lists_agree() -> None:
    unit = schemas.validator("unit").schema
    assert {one.name for one in COLUMNS} | {"sheet"} == set(unit["properties"])
    assert enum("unit", "properties", "decision") == ["", *DECISIONS, "new"]
    assert enum("unit", "properties", "sheet") == list(SHEETS)
    assert set(SHEET_OF_ROUTE.values()) < set(SHEETS) == set(columns.ROLE_OF_SHEET)
    assert ROLES == columns.ROLES
    assert set(ROUTES) == set(SHEET_OF_ROUTE)
    assert ONLY == ("waiting", "stale", "held")
    slots = [enum(name, "properties", "slot") for name in ("mark", "lexicon-entry", "counterpart")]
    assert slots[0] == slots[1] == slots[2]
    assert len(slots[0]) == 22
    stages = [*STAGES[:-1], "handout", STAGES[-1], "publish"]
    assert enum("ledger-entry", "properties", "stage") == stages
    assert set(STAGES) - {"release"} == set(REQUESTS) == set(WORK)
    english = locales.load("en")
    assert set(english.labels) == {one.name for one in COLUMNS}
    assert set(english.sheets) == {"guide", *SHEETS}
    assert set(DEFAULT) <= set(FORMATS)


def test_every_row_of_a_run_fits_its_schema(tmp_path: Path, sample: Path) -> None:
    engine = FakeEngine(lambda sentence: f"Pergunta {len(sentence)} sobre {sentence[-9:]}")
    _, results = pipeline.run(tmp_path / "p", Asked(str(sample), "pt-BR", Options()), engine=engine)
    folder, checked = tmp_path / "p", 0
    for name, pattern in [
        ("item", "release/items.parquet"), ("mark", "work/marks.parquet"),
        ("draft", "work/drafts.parquet"), ("variant-item", "variant/data/*.parquet"),
    ]:  # fmt: skip
        for path in folder.glob(pattern):
            for row in pl.read_parquet(path).to_dicts():
                assert not schemas.violations(name, row), row
                checked += 1
    for line in (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines():
        assert not schemas.violations("ledger-entry", json.loads(line))
    assert checked > 64 * 3
    for path in folder.glob("variant/data/*.jsonl"):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert rows == pl.read_parquet(path.with_suffix(".parquet")).to_dicts()
    assert {one.stage for one in results} == set(STAGES) - {"collect"}


def commands(group: click.Group, name: str = "derive") -> Iterator[tuple[str, click.Command]]:
    yield name, group
    for key, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {key}")
        else:
            yield f"{name} {key}", command


COMMANDS = dict(commands(cli))
OPTIONS = {
    option for command in COMMANDS.values() for one in command.params
    for option in (*one.opts, *one.secondary_opts)
} | {"--help", "-h", "--version"}  # fmt: skip


def strings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_messages_name_options_and_commands_that_there_are(path: Path) -> None:
    if "exports" in path.parts:
        return  # they tell of other programs' options
    for line, text in strings(path):
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
            assert option in OPTIONS, f"{path.name}:{line}: {text}"
        for command in re.findall(r"\brun:? derive (\w+)", text):
            assert f"derive {command}" in COMMANDS, f"{path.name}:{line}: {text}"


def _words(option: click.Parameter) -> list[str]:
    return [*option.opts, *option.secondary_opts]


def test_epilogs_show_commands_that_there_are() -> None:
    shown = 0
    for name, command in COMMANDS.items():
        for line in (command.epilog or "").splitlines():
            call = re.search(r"(?:^|Example: )\s*(derive .+)", line)
            if not call:
                continue
            shown += 1
            words = call[1].split()
            used = next(
                COMMANDS[" ".join(words[:n])] for n in (3, 2) if " ".join(words[:n]) in COMMANDS
            )
            if name != "derive":
                assert used is command, line
            known = {option for one in used.params for option in _words(one)}
            assert {word for word in words if word.startswith("-")} <= known, line
    assert shown >= 10
    leaves = {name for name, one in COMMANDS.items() if not isinstance(one, click.Group)}
    without = {name for name in leaves if not COMMANDS[name].epilog}
    assert not {name for name in without if len(name.split()) == 2}, "every stage has an example"


def test_codes_are_said_and_what_is_said_is_a_code() -> None:
    """Every text in derive/ that looks like one of these codes' families is a code."""
    families = {code.split("-")[0] for code in CODES}
    said: set[str] = set()
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or path.name == "codes.py":
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("finding", "add") and node.args:
                for one in ast.walk(node.args[0]):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        said.add(one.value)
    said = {one for one in said if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", one)}
    assert {one for one in said if one.split("-")[0] in families} <= set(CODES)
    assert len(said & set(CODES)) > 30
