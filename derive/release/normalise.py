"""A release's rows as tables that `datasets` reads: a table a split, every column of one type.

Columns, structs and values stay as the release has them. A source that declares types keeps them,
any other gets those that Arrow finds in all its values. A value that would not be the same in its
column's type is a finding, never changed.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from derive.findings import Findings
from derive.release import columns, formats, source
from derive.release.read import RawRelease
from derive.text import shown

UNSPLIT = "all"  # what is read as a split of its own where there is none
_SPLIT = re.compile(r"\w+(\.\w+)*")  # what `datasets` takes for the name of a split


def normalise(raw: RawRelease, findings: Findings) -> dict[str, Any]:
    """Split to pyarrow.Table, in the order of their names; all have the same columns and types.

    A column whose values are not of one type is a finding of severity error; then there are none.
    """
    import datasets
    import pyarrow as pa

    by_split: dict[str, list[dict[str, Any]]] = {}
    for split, row, data in raw.rows:
        unpacked = columns.unpacked(row.data, raw.profile.containers)
        by_split.setdefault(raw.split_of(split, data), []).append(unpacked)
    for split in by_split:
        if not _SPLIT.fullmatch(split) or (split == UNSPLIT and len(by_split) > 1):
            findings.add("split-invalid", f"`datasets` takes no split called {shown(split)}")
    rows = [row for split in sorted(by_split) for row in by_split[split]]
    declared = _declared(raw)
    arrays = {}
    for name in columns.column_names(rows):
        values = [row.get(name) for row in rows]
        try:
            arrays[name] = _array(values, declared.field(name).type if declared else None)
        except (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError) as error:
            message = f"the values of {shown(name)} are not of one type: {error}"
            findings.add("column-mixed", message.splitlines()[0], field=name)
    if len(arrays) < len(columns.column_names(rows)):
        return {}
    table = pa.table(arrays)
    schema = declared or datasets.Features.from_arrow_schema(table.schema).arrow_schema
    table = table.select(schema.names).cast(schema)
    tables, start = {}, 0
    for split in sorted(by_split):
        tables[split] = table.slice(start, len(by_split[split]))
        start += len(by_split[split])
    return tables


def _declared(raw: RawRelease) -> Any:
    """The Arrow schema with the features that the source declares; None if it does not."""
    features = raw.features
    if raw.source.kind == "files":
        files = source.files_by_split(raw.source.path, Findings())
        features = formats.features([path for paths in files.values() for path in paths])
    return features.arrow_schema if features is not None else None


def _array(values: Sequence[Any], declared: Any) -> Any:
    """A column; raises one of Arrow's errors, or TypeError, if a value would not be the same."""
    import pyarrow as pa

    if declared is None:
        declared = _filled(pa.array(values).type)
    array = pa.array([_without_empty(value) for value in values], declared)
    for value, kept in zip(values, array.to_pylist(), strict=True):
        if not _same(value, kept):
            raise TypeError(f"{shown(repr(value))} would be {shown(repr(kept))}")
    return array


def _filled(found: Any) -> Any:
    """A type in which nothing is empty: what has no value, or no field, is taken for text."""
    import pyarrow as pa

    if pa.types.is_struct(found) and found.num_fields:
        return pa.struct([(one.name, _filled(one.type)) for one in found.fields])
    if pa.types.is_list(found):
        return pa.list_(_filled(found.value_type))
    return pa.string() if pa.types.is_null(found) or pa.types.is_struct(found) else found


def _without_empty(value: Any) -> Any:
    """A struct without any field holds nothing."""
    if isinstance(value, dict):
        return {name: _without_empty(one) for name, one in value.items()} or None
    return [_without_empty(one) for one in value] if isinstance(value, list) else value


def _same(value: Any, kept: Any) -> bool:
    """Whether a value came through; what a struct does not have is empty."""
    if isinstance(value, dict):
        names = value.keys() | (kept or {}).keys()
        return all(_same(value.get(name), (kept or {}).get(name)) for name in names)
    if isinstance(value, list):
        return isinstance(kept, list) and len(value) == len(kept) and all(map(_same, value, kept))
    if isinstance(value, float) and math.isnan(value):
        return isinstance(kept, float) and math.isnan(kept)
    # a whole number among others is the same number
    kinds = type(value), type(kept)
    return bool(value == kept) and (kinds[0] is kinds[1] or kinds == (int, float))


def encoded(table: Any) -> bytes:
    """A table as a Parquet file; the same table gives the same bytes."""
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def holds(path: Path, table: Any) -> bool:
    """Whether a file holds the same columns, types and values, whatever wrote it."""
    import datasets
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.read_bytes() == encoded(table):
        return True
    try:
        there = pq.read_table(path)
        kinds = [datasets.Features.from_arrow_schema(one.schema) for one in (there, table)]
        # encoded, because in Arrow NaN is not NaN; cast, because it names what is in lists anew
        return bool(kinds[0] == kinds[1] and encoded(there.cast(table.schema)) == encoded(table))
    except (pa.ArrowException, ValueError):
        return False
