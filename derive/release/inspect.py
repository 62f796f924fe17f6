"""What a release's columns are, which field each was taken for, and why."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from derive.files import write_text
from derive.findings import Findings
from derive.profiles import ITEM_FIELDS
from derive.release import columns
from derive.release.read import Options, RawRelease, read_raw, refuse_missing_splits
from derive.text import shown


def inspect(given: str, options: Options | None = None) -> tuple[dict[str, Any], Findings]:
    """A JSON object: rows, splits, profile, columns (filled, distinct, an example), mapping.

    With it, the findings of reading: guesses, rows that cannot be read.

    Raises DeriveError as read_release does, but for rows that cannot be items.
    """
    options = options or Options()
    raw = read_raw(given, options)
    found = [(raw.split_of(of_file, data), data) for of_file, _, data in raw.rows]
    refuse_missing_splits(options.splits, {split for split, _ in found}, given)
    rows = [one for one in found if one[0] in options.splits or not options.splits]
    flat = [data for _, data in rows]
    splits = dict(Counter(split for split, _ in rows))
    taken = {choice.column: field for field, choice in raw.choices.items()}
    seen = {
        "source": given,
        "kind": raw.source.kind,
        "config": raw.source.config,
        "revision": raw.revision,
        "rows": len(rows) + raw.unreadable,
        "unreadable": raw.unreadable,
        "splits": splits,
        "profile": raw.profile.name,
        "languages": {"source": raw.profile.source_language, "pivot": raw.profile.pivot_language},
        "columns": [_column(flat, name, taken.get(name)) for name in columns.column_names(flat)],
        "mapping": [
            {"field": field, "column": choice.column, "how": choice.how, "why": choice.why}
            for field in ITEM_FIELDS
            if (choice := raw.choices.get(field))
        ],
        "missing": [field for field in ITEM_FIELDS if field not in raw.choices],
    }
    return seen, raw.findings


def _column(flat: list[dict[str, Any]], name: str, field: str | None) -> dict[str, Any]:
    filled = [row[name] for row in flat if row.get(name) not in (None, "")]
    return {
        "column": name,
        "field": field or "extra",
        "filled": len(filled),
        "distinct": len({json.dumps(value, default=repr, sort_keys=True) for value in filled}),
        "type": "/".join(sorted({type(value).__name__ for value in filled})),
        "example": shown(str(filled[0])) if filled else "",
    }


def write_profile(given: str, path: Path, options: Options | None = None) -> None:
    """Save the mapping that `inspect` shows as a profile, to be used with --profile PATH."""
    raw: RawRelease = read_raw(given, options or Options())
    document = {
        **raw.profile.document,
        "name": path.stem.lower().replace("_", "-").replace(".", "-"),
        "columns": {
            field: {"names": [choice.column], "required": True}
            for field, choice in raw.choices.items()
        },
    }
    type(raw.profile).from_document(document, path)
    write_text(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
