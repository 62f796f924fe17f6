"""JSON Schema 2020-12, compiled once; what does not fit becomes findings, not exceptions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from derive.errors import DeriveError
from derive.files import parse_toml, read_text
from derive.findings import Finding, finding
from derive.resources import folder


def names() -> list[str]:
    """The schemas there are: item, mark, draft …"""
    return sorted(path.name.removesuffix(".schema.json") for path in _paths())


def _paths() -> Iterator[Any]:
    return folder("schema").glob("*.schema.json")


@cache
def _registry() -> Registry[Any]:
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in _paths()]
    return Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )


@cache
def validator(name: str) -> Draft202012Validator:
    """The compiled schema of that name, formats not asserted."""
    schema = json.loads((folder("schema") / f"{name}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, registry=_registry())


def violations(name: str, instance: Any, **where: Any) -> list[Finding]:
    """What in `instance` does not fit the schema `name`; empty if it is valid.

    where: file, row, item, as in Finding.
    """
    check = validator(name)
    # most rows are valid, and the yes-or-no question is answered faster than the full one
    if check.is_valid(instance):
        return []
    return [
        finding("row-invalid", _message(error), path=error.json_path, **where)
        for error in sorted(check.iter_errors(instance), key=lambda one: one.json_path)
    ]


def require(name: str, instance: Any, where: object, fix: str) -> None:
    """Raise one DeriveError with the first violation, if there is one."""
    found = violations(name, instance)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise DeriveError(
            f"{found[0].path}: {found[0].message}{more}",
            where=f"{where}, against the schema {name!r}",
            fix=fix,
        )


def read_toml(path: Path, schema: str, fix: str) -> Mapping[str, Any]:
    """A TOML file that fits its schema. Read again, it is checked only if it has changed: locale
    packs are asked for all the time. Raises DeriveError."""
    return _checked(path, read_text(path), schema, fix)


@lru_cache(maxsize=64)
def _checked(path: Path, text: str, schema: str, fix: str) -> Mapping[str, Any]:
    document = parse_toml(text, path)
    require(schema, document, path, fix)
    return document


def _message(error: ValidationError) -> str:
    text = str(error.message)
    if len(text) > 300:  # jsonschema quotes the whole instance
        text = f"{text[:140]} … {text[-140:]}"
    title = error.schema.get("title") if isinstance(error.schema, dict) else None
    return f"{text} ({title})" if title else text
