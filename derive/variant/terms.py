"""The source's terms as code: no text of the original leaves, unless its licence lets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from derive.findings import Finding, finding
from derive.text import TEXT_FIELDS, comparable, shown


def leaks(
    variant: Sequence[Mapping[str, Any]], items: pl.DataFrame, terms: Mapping[str, Any]
) -> Iterator[Finding]:
    """A finding for each variant text that reads the same as any text of the source or pivot.

    Compared in comparable form (NFKC, case folded, letters and digits only), each against all.
    """
    if terms["originals_may_be_republished"]:
        return
    originals = {
        comparable(text): (item, field)
        for field in TEXT_FIELDS
        for item, text in items.select("id", field).drop_nulls().rows()
    }
    originals.pop("", None)
    for row in variant:
        for field in ("prompt", "response"):
            found = originals.get(comparable(row[field] or ""))
            if found:
                item, source_field = found
                message = f"equals the {source_field} of {item}: {shown(row[field])}"
                yield finding("source-in-variant", message, item=row["id"], field=field)
