"""A release read whole: every row becomes an item or a finding that accounts for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from derive import profiles, schemas, tables
from derive.errors import DeriveError
from derive.files import canonical_json, hash_json, hash_path
from derive.findings import Finding, Findings
from derive.identify import majority_language
from derive.languages import canonical
from derive.profiles import ITEM_FIELDS, TAXONOMY, Profile
from derive.release import columns, formats, hub, source
from derive.release.columns import Choice
from derive.release.formats import Row
from derive.text import TEXT_FIELDS, content_hash, has_lone_surrogate, shown


@dataclass(frozen=True)
class Options:
    """How a release is to be read; every field may stay empty.

    profile: a name or a path.  overrides: item field to column.  splits: only these.
    source_language, pivot_language: BCP-47, for a release that no profile fits.
    keep_going: leave out rows that cannot be items, each with a finding, instead of refusing.
    """

    config: str = ""
    revision: str = ""
    profile: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    splits: tuple[str, ...] = ()
    source_language: str = ""
    pivot_language: str = ""
    keep_going: bool = False


@dataclass(frozen=True)
class Release:
    """One pinned release.

    items: the table `items`.  findings: what reading found; rows left out are its errors.
    rows: rows read, of the splits asked for; rows == items.height + left_out always holds.
    revision: the Hub's commit, or empty.  content_hash: SHA-256 of the local files or of the items.
    """

    items: pl.DataFrame
    findings: Findings
    profile: Profile
    choices: dict[str, Choice]
    rows: int
    left_out: int
    location: str
    config: str
    revision: str
    content_hash: str


@dataclass(frozen=True)
class RawRelease:
    """Rows as they came, flattened, with what was found on the way.

    features: `datasets.Features` of a source that `datasets` reads, if all splits have the same.
    """

    rows: list[tuple[str, Row, dict[str, Any]]]  # split, row, flattened data
    findings: Findings
    unreadable: int
    source: source.Source
    revision: str
    profile: Profile
    choices: dict[str, Choice]
    features: Any = None

    def split_of(self, split: str, data: Mapping[str, Any]) -> str:
        """The split of a row's item: its own column's, or the file's, as the profile calls it."""
        named = (
            _as_text(data.get(self.choices["split"].column)) if "split" in self.choices else None
        )
        return self.profile.splits.get(named or split, named or split)


def read_release(given: str, options: Options | None = None) -> Release:
    """Read a release from the Hub, a folder or a file. See DESIGN's SOURCE for the forms.

    Raises DeriveError for what cannot be read, for columns that cannot be told, and, unless
    options.keep_going, if any row cannot be an item.
    """
    options = options or Options()
    return release_of(read_raw(given, options), options)


def release_of(raw: RawRelease, options: Options) -> Release:
    """The release of rows that were read as these options say. Raises DeriveError as above."""
    given = raw.source.given
    findings = Findings(raw.findings)
    items, left_out, skipped = _items(raw, options.splits, findings)
    if not options.keep_going:
        findings.refuse_errors(
            "Some rows of the release cannot be items",
            "mend these rows, or leave them out with --keep-going",
        )
    if not items:
        findings.refuse_errors("No row of the release can be an item", "mend the rows")
        raise DeriveError("The release holds no items", where=given, fix="check the files")
    rows = len(raw.rows) + raw.unreadable - skipped
    if rows != len(items) + left_out:
        raise AssertionError(f"{rows} rows in, {len(items)} items and {left_out} left out")
    # by split, so that the order does not depend on how files and folders are named
    table = tables.frame(items, tables.ITEMS).sort("split", maintain_order=True)
    local = raw.source.kind != "hub"
    return Release(
        items=table,
        findings=findings,
        profile=raw.profile,
        choices=raw.choices,
        rows=rows,
        left_out=left_out,
        location=given,
        config=raw.source.config,
        revision=raw.revision,
        content_hash=hash_path(raw.source.path) if local else hash_json(table["hash"].to_list()),
    )


def read_raw(given: str, options: Options) -> RawRelease:
    """The rows as they are, the profile and the mapping; what `derive inspect` shows."""
    where = source.parse(given, config=options.config, revision=options.revision)
    findings = Findings()
    revision = hub.resolve_revision(where) if where.kind == "hub" else ""
    got, features = _read_rows(where, revision, findings)
    good = [(split, row) for split, row in got if isinstance(row, Row)]
    if not good:
        findings.refuse_errors(f"No row of {given} can be read", "mend the file")
        raise DeriveError("The release is empty", where=given, fix="check the file")
    profile = _profile((columns.flatten(row.data) for _, row in good), where, options)
    rows = [(split, row, columns.flatten(row.data, profile.containers)) for split, row in good]
    flat = [data for _, _, data in rows]
    choices = columns.detect(flat, profile, options.overrides, strict=bool(options.profile))
    if profile.name == "plain":
        profile = _plain_profile(flat, choices, options, findings)
    for choice in choices.values():
        if choice.how == "content":
            findings.add(
                "column-guessed",
                f"{choice.field} is read from {choice.column!r}: {choice.why}",
                field=choice.field,
            )
    unreadable = len(got) - len(good)
    return RawRelease(rows, findings, unreadable, where, revision, profile, choices, features)


def _read_rows(
    where: source.Source, revision: str, findings: Findings
) -> tuple[list[tuple[str, Row | Finding]], Any]:
    """(split, row or finding) of every row, and the features if `datasets` reads it; the findings
    are also in `findings`."""
    got: list[tuple[str, Row | Finding]] = []
    if where.kind != "files":
        is_hub = where.kind == "hub"
        name = f"{where.repo}@{revision[:12]}" if is_hub else where.path.name
        loaded = hub.load_hub(where, revision) if is_hub else hub.load_saved(where.path)
        rows = [(row.group or "all", row) for row in hub.rows(loaded, name)]
        return [*rows], hub.features(loaded)
    for split, files in source.files_by_split(where.path, findings).items():
        for path in files:
            read = list(formats.READERS[path.suffix.lower()](path))
            if not read:
                raise DeriveError("The file holds no rows", where=path, fix="check the file")
            for one in read:
                got.append((getattr(one, "group", None) or split, one))
    findings.extend(row for _, row in got if isinstance(row, Finding))
    return got, None


def _profile(plain: Iterable[Mapping[str, Any]], where: source.Source, options: Options) -> Profile:
    if options.profile:
        return profiles.load(options.profile)
    found = columns.choose_profile(columns.column_names(plain), where.repo)
    return found or profiles.plain("mul")


def _plain_profile(
    flat: Sequence[Mapping[str, Any]],
    choices: Mapping[str, Choice],
    options: Options,
    findings: Findings,
) -> Profile:
    """The plain profile with its languages: as said, or as nearly all texts show."""

    def language(said: str, field: str, option: str) -> str | None:
        if said:
            return canonical(said)
        if field not in choices:
            return None
        column = choices[field].column
        texts = [row[column] for row in flat if isinstance(row.get(column), str)]
        tag, count, told = majority_language(texts[:: len(texts) // columns.SAMPLE + 1])
        if not told or count < told * columns.NEARLY_ALL:
            raise DeriveError(
                f"The language of the column {column!r} is not clear", fix=f"say {option} TAG"
            )
        message = f"{column!r} is in {tag}: {count} of {told} texts looked at"
        findings.add("column-guessed", message, field=field)
        return tag

    pivot = language(options.pivot_language, "prompt_pivot", "--pivot-language")
    source_language = language(options.source_language, "prompt", "--source-language")
    return profiles.plain(source_language or pivot or "mul", pivot)


def _items(
    raw: RawRelease, splits: tuple[str, ...], findings: Findings
) -> tuple[list[dict[str, Any]], int, int]:
    """Items of the rows; how many rows were left out, each with an error finding; and how many
    were skipped, because they are in no split that was asked for."""
    columns_of = {name: choice.column for name, choice in raw.choices.items()}
    mapped = set(columns_of.values())
    extra = [name for name in columns.column_names([d for *_, d in raw.rows]) if name not in mapped]
    if extra:
        findings.add("column-extra", f"kept in `extra`: {', '.join(extra)}")
    if "id" not in columns_of:
        findings.add("id-made", "the release has no ID column: IDs are made of split and row")
    items: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    left_out, skipped = raw.unreadable, 0
    there: set[str] = set()
    for split, row, data in raw.rows:
        found = Findings()
        item = _item(raw, split, row, data, columns_of, mapped, found)
        there.add(item["split"])
        if splits and item["split"] not in splits:
            skipped += 1
            continue
        where = {"file": row.file, "row": row.row, "item": item["id"]}
        if item["id"] in seen:
            message = f"{item['id']!r} is the ID of {seen[item['id']]} already"
            found.add("id-duplicate", message, field="id", **where)
        if not found.of("error"):
            found.extend(schemas.violations("item", item, **where))
        findings.extend(found)
        if found.of("error"):
            left_out += 1
            continue
        seen[item["id"]] = f"{row.file} row {row.row}"
        items.append(item)
    refuse_missing_splits(splits, there, raw.source.given)
    return items, left_out, skipped


def refuse_missing_splits(wanted: Iterable[str], there: Collection[str], given: str) -> None:
    """Raise DeriveError if a split that was asked for is none of those that are there."""
    if missing := sorted(set(wanted) - set(there)):
        raise DeriveError(
            f"No split {missing[0]!r}", where=given, fix=f"there are: {', '.join(sorted(there))}"
        )


def _item(
    raw: RawRelease,
    split: str,
    row: Row,
    data: Mapping[str, Any],
    columns_of: Mapping[str, str],
    mapped: set[str],
    found: Findings,
) -> dict[str, Any]:
    values = {
        name: data.get(columns_of[name]) if name in columns_of else None for name in ITEM_FIELDS
    }
    shown_id = _as_text(values["id"])
    if shown_id and has_lone_surrogate(shown_id):  # a finding must be printable
        shown_id = shown(shown_id)
    where = {"file": row.file, "row": row.row, "item": shown_id}
    item: dict[str, Any] = {}
    for name in ("id", "split", *TEXT_FIELDS, *TAXONOMY):
        item[name] = _as_text(values[name])
        if isinstance(item[name], _NotText):
            found.add("value-type", f"{item[name]} where a text should be", field=name, **where)
            item[name] = None
        elif item[name] and has_lone_surrogate(item[name]):
            found.add("text-surrogate", shown(item[name]), field=name, **where)
            item[name] = None
    if item["id"] is None:
        if "id" in columns_of and not found.of("error"):
            found.add("id-missing", "the ID is empty", field="id", **where)
        item["id"] = f"{split}-{row.row}"
    item["split"] = raw.split_of(split, data)
    if not (item["prompt"] or "").strip() and not (item["prompt_pivot"] or "").strip():
        found.add("prompt-missing", "the prompt is empty", field="prompt", **where)
    try:
        item["level"] = columns.level_of(values["level"], raw.profile.level_values)
    except ValueError:
        message = f"{shown(str(values['level']))} is no level"
        found.add("level-invalid", message, field="level", **where)
        item["level"] = None
    rest = {name: value for name, value in data.items() if name not in mapped}
    try:
        item["extra"] = canonical_json(rest)
    except (TypeError, ValueError):  # dates, bytes, keys of two types
        item["extra"] = json.dumps(rest, ensure_ascii=True, sort_keys=True, default=repr)
    if has_lone_surrogate(item["extra"]):
        item["extra"] = json.dumps(rest, ensure_ascii=True, sort_keys=True, default=repr)
    item["hash"] = content_hash(item)
    item["file"], item["row"] = row.file, row.row
    return {name: item[name] for name in tables.ITEMS}


class _NotText(str):
    """What stands in a cell that should hold text, in words."""


def _as_text(value: Any) -> str | None:
    """A cell as text: whole numbers as digits, empty as None, anything else is not text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _NotText(f"{type(value).__name__} {shown(str(value))}")
