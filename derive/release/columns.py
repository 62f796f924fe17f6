"""Which column of a release holds which field of an item: named candidates, then the content.

Nothing is guessed silently: each choice says how it was made and why, and where two columns fit
equally well, or a needed one is missing, the error lists the columns that were found.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive import profiles
from derive.errors import DeriveError
from derive.identify import identify, majority_language
from derive.profiles import Profile

NEARLY_ALL = 0.9  # share of rows that must fit for a column to be found by its content alone
MOST = 0.5  # share below which a column's name is not believed
SAMPLE = 200  # texts looked at to tell a column's language


@dataclass(frozen=True, slots=True)
class Choice:
    """One item field's column; how: "map", "name" or "content"; why: for people."""

    field: str
    column: str
    how: str
    why: str


def flatten(data: Mapping[str, Any], containers: Sequence[str] = ()) -> dict[str, Any]:
    """Structs as `meta.risk-area`. A container that a CSV holds as text is read back first.

    Raises DeriveError if a column is called as a struct's field is.
    """
    flat: dict[str, Any] = {}
    for name, value in unpacked(data, containers).items():
        inside = flatten(value) if isinstance(value, dict) and value else {}
        found = {f"{name}.{key}": one for key, one in inside.items()} or {name: value}
        if both := found.keys() & flat.keys():
            raise DeriveError(
                f"Two columns are called {min(both)!r}: one is inside of another",
                fix="rename one of them",
            )
        flat.update(found)
    return flat


def unpacked(data: Mapping[str, Any], containers: Sequence[str]) -> dict[str, Any]:
    """A row in which the containers that a CSV holds as text are structs."""
    return {
        name: _parsed(value) if name in containers and isinstance(value, str) else value
        for name, value in data.items()
    }


def _parsed(text: str) -> Any:
    """A struct as JSON, or as Python writes it (what pandas leaves in a CSV); else the text."""
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(text)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return value
    return text


def column_names(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The columns of all rows, in the order they first occur."""
    return list(dict.fromkeys(name for row in rows for name in row))


def level_of(value: Any, values: Mapping[str, int]) -> int | None:
    """A release's value as a level. None for an empty one; raises ValueError for any other."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or str(value).strip() not in values:
        raise ValueError(value)
    return values[str(value).strip()]


def choose_profile(columns: Sequence[str], repo: str = "") -> Profile | None:
    """The one profile that knows the Hub repository, or whose required columns are all there."""
    known = [profiles.load(name) for name in profiles.names()]
    by_repo = [one for one in known if repo and repo in one.datasets]
    fitting = by_repo or [
        one
        for one in known
        if all(
            _named(columns, wanted["names"], one.containers)
            for wanted in one.columns.values()
            if wanted.get("required")
        )
    ]
    if len(fitting) > 1:
        raise DeriveError(
            f"Several profiles fit: {', '.join(one.name for one in fitting)}",
            fix="name one with --profile",
        )
    return fitting[0] if fitting else None


def detect(
    rows: Sequence[Mapping[str, Any]],
    profile: Profile,
    overrides: Mapping[str, str],
    strict: bool = False,
) -> dict[str, Choice]:
    """The column of every field that has one. `rows` are flattened. Raises DeriveError.

    strict: refuse a release that lacks a column which the profile requires.
    """
    columns = column_names(rows)
    choices: dict[str, Choice] = {}
    for field, column in overrides.items():
        if column not in columns:
            raise DeriveError(
                f"--map {field}={column}: there is no such column", fix=_listing(columns)
            )
        choices[field] = Choice(field, column, "map", "as --map says")
    for field, wanted in profile.columns.items():
        if field not in choices:
            taken = {choice.column for choice in choices.values()}
            named = [
                c for c in _named(columns, wanted["names"], profile.containers) if c not in taken
            ]
            choice = _by_name(rows, field, named, profile)
            if choice:
                choices[field] = choice
    for field, wanted in profile.columns.items():
        if field not in choices and wanted.get("by_content"):
            taken = {choice.column for choice in choices.values()}
            choice = _by_content(rows, field, [c for c in columns if c not in taken], profile)
            if choice:
                choices[field] = choice
    if strict:
        _refuse_missing(profile, choices, columns)
    if "prompt" not in choices and "prompt_pivot" not in choices:
        raise DeriveError(
            "No column is known to hold the prompts",
            fix=f"say --map prompt=COLUMN. {_listing(columns, rows)}",
        )
    return choices


def _refuse_missing(
    profile: Profile, choices: Mapping[str, Choice], columns: Sequence[str]
) -> None:
    needed = {name: one for name, one in profile.columns.items() if one.get("required")}
    missing = [name for name in needed if name not in choices]
    if missing:
        named = "; ".join(
            f"{name} (a column {' or '.join(map(repr, needed[name]['names']))})" for name in missing
        )
        raise DeriveError(
            f"The profile {profile.name!r} needs what this release does not have: {named}",
            fix=f"name another profile, or say --map {missing[0]}=COLUMN. {_listing(columns)}",
        )


def _simple(name: str) -> str:
    return re.sub(r"[-_\s]+", "-", name.strip().casefold())


def _named(columns: Sequence[str], names: Sequence[str], containers: Sequence[str]) -> list[str]:
    wanted = {_simple(name) for name in names}
    wanted |= {f"{_simple(outer)}.{name}" for outer in containers for name in set(wanted)}
    return [column for column in columns if _simple(column) in wanted]


def _by_name(
    rows: Sequence[Mapping[str, Any]], field: str, named: list[str], profile: Profile
) -> Choice | None:
    if field not in ("prompt_pivot", "response_pivot", "level"):
        believed = dict.fromkeys(named, "its name")
    else:
        shares = {column: _fit(rows, field, column, profile) for column in named}
        believed = {
            column: f"its name, and {why}"
            for column, (share, why) in shares.items()
            if share >= MOST
        }
    if len(believed) > 1:
        raise _ambiguous(field, believed)
    return next((Choice(field, column, "name", why) for column, why in believed.items()), None)


def _by_content(
    rows: Sequence[Mapping[str, Any]], field: str, columns: list[str], profile: Profile
) -> Choice | None:
    fits = {column: _fit(rows, field, column, profile) for column in columns}
    good = {column: why for column, (share, why) in fits.items() if share >= NEARLY_ALL}
    if len(good) > 1:
        raise _ambiguous(field, good)
    return next((Choice(field, column, "content", why) for column, why in good.items()), None)


def _ambiguous(field: str, found: Mapping[str, str]) -> DeriveError:
    listed = "; ".join(f"{column!r} ({why})" for column, why in found.items())
    name = "english" if field == "prompt_pivot" else field
    return DeriveError(
        f"More than one column could be {field}: {listed}", fix=f"say --map {name}=COLUMN"
    )


def _fit(
    rows: Sequence[Mapping[str, Any]], field: str, column: str, profile: Profile
) -> tuple[float, str]:
    """The share of the column's filled rows that fit the field, and that in words."""
    values = [row[column] for row in rows if row.get(column) not in (None, "")]
    if not values:
        return 0.0, "empty"
    if field == "level":
        fitting = [value for value in values if _is_level(value, profile)]
        distinct = {str(value) for value in fitting}
        share = len(fitting) / len(values) if len(distinct) > 1 else 0.0
        return share, f"{len(fitting)} of {len(values)} values are levels"
    language = profile.languages()[field]
    texts = [value for value in values if isinstance(value, str)]
    if language is None or len(texts) < len(values):
        return 0.0, "not text"
    verdicts = [identify(text, language).matches for text in texts[:: len(texts) // SAMPLE + 1]]
    told = [verdict for verdict in verdicts if verdict is not None]
    share = sum(told) / len(told) if told else 0.0
    return share, f"{sum(told)} of {len(told)} texts looked at are in {language}"


def _is_level(value: Any, profile: Profile) -> bool:
    try:
        return level_of(value, profile.level_values) is not None
    except ValueError:
        return False


def _listing(columns: Sequence[str], rows: Sequence[Mapping[str, Any]] = ()) -> str:
    described = [f"{column!r}{_language_note(rows, column)}" for column in columns]
    return f"columns found: {', '.join(described)}"


def _language_note(rows: Sequence[Mapping[str, Any]], column: str) -> str:
    texts = [row[column] for row in rows[:SAMPLE] if isinstance(row.get(column), str)]
    tag, count, told = majority_language(texts) if texts else ("", 0, 0)
    return f" (text, {tag} in {count} of {told})" if told and count >= told * MOST else ""
