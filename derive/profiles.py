"""Profiles: how a release's columns map onto items, and under which terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derive import schemas
from derive.errors import DeriveError, explain_os_errors
from derive.languages import canonical
from derive.resources import folder

ITEM_FIELDS = (
    "id",
    "split",
    "prompt",
    "response",
    "prompt_pivot",
    "response_pivot",
    "level",
    "risk_area",
    "harm_type",
    "specific_harm",
)
TAXONOMY = ("risk_area", "harm_type", "specific_harm")
FIELD_ALIASES = {"english": "prompt_pivot"}

# Terms nobody stated are treated as the strictest.
UNKNOWN_TERMS: dict[str, Any] = {
    "licence": "unknown",
    "licence_link": None,
    "originals_may_be_republished": False,
    "inherit_licence": True,
    "attribution": "Source unknown: name it before you publish.",
    "purpose": "",
    "source": "no profile: treated as the strictest terms",
    "checked": "2026-11-21",
}


@dataclass(frozen=True)
class Profile:
    """A profile as a typed value; `document` is the JSON it was read from."""

    name: str
    title: str
    source_language: str
    pivot_language: str | None
    columns: Mapping[str, Mapping[str, Any]]
    terms: Mapping[str, Any]
    datasets: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    splits: Mapping[str, str] = field(default_factory=dict)
    level_values: Mapping[str, int] = field(default_factory=lambda: {"0": 0, "1": 1, "2": 2})
    question_id: str | None = None
    official_counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    citation: str | None = None
    gate: Mapping[str, Any] | None = None
    taxonomy_labels: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], where: object) -> Profile:
        """Check a profile's JSON against its schema; no terms are the strictest. Raises
        DeriveError."""
        schemas.require("profile", document, where, "mend the profile")
        pivot = document.get("pivot_language")
        optional = (
            *("splits", "level_values", "question_id", "official_counts", "citation", "gate"),
            "taxonomy_labels",
        )
        return cls(
            name=document["name"],
            title=document["title"],
            source_language=canonical(document["source_language"]),
            pivot_language=canonical(pivot) if pivot else None,
            columns=document["columns"],
            terms=document.get("terms", UNKNOWN_TERMS),
            datasets=tuple(document.get("datasets", ())),
            containers=tuple(document.get("containers", ())),
            **{key: document[key] for key in optional if key in document},
            document=document,
        )

    def languages(self) -> dict[str, str | None]:
        """The language each text field should be in."""
        return {
            "prompt": self.source_language,
            "response": self.source_language,
            "prompt_pivot": self.pivot_language,
            "response_pivot": self.pivot_language,
        }


def load(name_or_path: str) -> Profile:
    """A profile by its name, or from a JSON file. Raises DeriveError."""
    shipped = folder("schema") / "profiles" / f"{name_or_path}.json"
    path = shipped if name_or_path in names() else Path(name_or_path)
    if not path.is_file():
        raise DeriveError(
            f"No profile {name_or_path!r}",
            fix=f"use one of {', '.join(names())}, or the path of a profile's JSON file",
        )
    with explain_os_errors("reading", path):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise DeriveError(f"Not JSON: {error}", where=path, fix="mend the profile") from None
    return Profile.from_document(document, path)


def names() -> list[str]:
    """The profiles that come with the package."""
    return sorted(path.stem for path in (folder("schema") / "profiles").glob("*.json"))


def plain(source_language: str, pivot_language: str | None = None) -> Profile:
    """The profile of a release that no profile fits: everything comes from --map."""
    return Profile.from_document(
        {
            "schema": 1,
            "name": "plain",
            "title": "A release without a profile",
            "source_language": source_language,
            "pivot_language": pivot_language,
            "columns": {},
            "terms": UNKNOWN_TERMS,
        },
        "the plain profile",
    )


def parse_map(pairs: tuple[str, ...]) -> dict[str, str]:
    """`FIELD=COLUMN` options as a mapping. Raises DeriveError for an unknown field."""
    mapping: dict[str, str] = {}
    for pair in pairs:
        name, _, column = pair.partition("=")
        name = FIELD_ALIASES.get(name.strip(), name.strip())
        if not column or name not in ITEM_FIELDS:
            raise DeriveError(
                f"--map {pair}: not FIELD=COLUMN with a field of an item",
                fix=f"fields are {', '.join(ITEM_FIELDS)} (and english for prompt_pivot)",
            )
        if mapping.get(name, column) != column:
            raise DeriveError(
                f"--map {name}: both {mapping[name]!r} and {column!r}",
                fix="name one column a field",
            )
        mapping[name] = column
    return mapping
