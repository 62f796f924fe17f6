"""The tables that flow between the stages: their columns, and their way to disk and back.

Polars frames in memory, Parquet on disk. Each table's row has a JSON Schema under schema/.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from derive.errors import DeriveError, explain_os_errors
from derive.files import replacing, write_bytes, write_text

Columns = dict[str, pl.DataType]

_TEXT = pl.String()
_FINDINGS = pl.List(pl.Struct({"code": _TEXT, "severity": _TEXT, "message": _TEXT}))

ITEMS: Columns = {
    "id": _TEXT,
    "split": _TEXT,
    "prompt": _TEXT,
    "response": _TEXT,
    "prompt_pivot": _TEXT,
    "response_pivot": _TEXT,
    "level": pl.Int8(),
    "risk_area": _TEXT,
    "harm_type": _TEXT,
    "specific_harm": _TEXT,
    "extra": _TEXT,
    "hash": _TEXT,
    "file": _TEXT,
    "row": pl.Int64(),
}
MARKS: Columns = {
    "item": _TEXT,
    "field": _TEXT,
    "start": pl.Int64(),
    "end": pl.Int64(),
    "surface": _TEXT,
    "slot": _TEXT,
    "entry": _TEXT,
    "level": pl.Int8(),
    "reason": _TEXT,
}
ROUTES: Columns = {
    "item": _TEXT,
    "route": _TEXT,
    "level": pl.Int8(),
    "level_suggested": pl.Int8(),
    "reason": _TEXT,
}
DRAFTS: Columns = {
    "item": _TEXT,
    "field": _TEXT,
    "source_field": _TEXT,
    "text": _TEXT,
    "model": _TEXT,
    "score": pl.Float64(),
    "via": _TEXT,
    "alternatives": pl.List(pl.Struct({"text": _TEXT, "score": pl.Float64()})),
    "round_trip": _TEXT,
    "round_trip_chrf": pl.Float64(),
    "state": _TEXT,
    "findings": _FINDINGS,
    "review_priority": pl.Float64(),
    "swaps": pl.List(_TEXT),
    "signature": _TEXT,
}
SUBMISSIONS: Columns = {
    "id": _TEXT,
    "key": _TEXT,
    "item": _TEXT,
    "sheet": _TEXT,
    "parents": pl.List(_TEXT),
    "verdict": _TEXT,
    "intervention": _TEXT,
    "decision": _TEXT,
    "prompt": _TEXT,
    "response": _TEXT,
    "reason": _TEXT,
    "comment": _TEXT,
    "evidence": _TEXT,
    "level": _TEXT,
    "taxonomy": _TEXT,
    "author": _TEXT,
    "source_hash": _TEXT,
    "worksheet": _TEXT,
    "person": _TEXT,
    "double": pl.Boolean(),
    "file": _TEXT,
    "name": _TEXT,
    "place": _TEXT,
    "row": pl.Int64(),
    "fate": _TEXT,
}
STANDINGS: Columns = {
    "key": _TEXT,
    "item": _TEXT,
    "status": _TEXT,
    "state": _TEXT,
    "waits_for": _TEXT,
    "heads": pl.List(_TEXT),
    "authors": pl.List(_TEXT),
}
ADAPTATIONS: Columns = {
    "item": _TEXT,
    "decision": _TEXT,
    "prompt": _TEXT,
    "response": _TEXT,
    "level": _TEXT,
    "taxonomy": _TEXT,
    "reason": _TEXT,
    "evidence": _TEXT,
    "author": _TEXT,
    "reviewer": _TEXT,
    "adjudicator": _TEXT,
    "state": _TEXT,
    "waits_for": _TEXT,
    "source_hash": _TEXT,
    "prompt_origin": _TEXT,
    "response_origin": _TEXT,
    "prompt_edits": pl.Float64(),
    "response_edits": pl.Float64(),
    "worksheet": _TEXT,
    "file": _TEXT,
    "row": pl.Int64(),
    "submission": _TEXT,
    "checks": pl.List(_TEXT),
}
VARIANT: Columns = {
    "id": _TEXT,
    "split": _TEXT,
    "locale": _TEXT,
    "prompt": _TEXT,
    "response": _TEXT,
    "risk_area": _TEXT,
    "harm_type": _TEXT,
    "specific_harm": _TEXT,
    "risk_area_en": _TEXT,
    "harm_type_en": _TEXT,
    "specific_harm_en": _TEXT,
    "level": pl.Int8(),
    "decision": _TEXT,
    "derived_from": pl.Struct({"dataset": _TEXT, "version": _TEXT, "revision": _TEXT, "id": _TEXT}),
    "prompt_origin": _TEXT,
    "response_origin": _TEXT,
    "model": _TEXT,
    "model_revision": _TEXT,
    "engine": _TEXT,
    "evidence": pl.List(_TEXT),
    "checks": pl.List(_TEXT),
    "people": pl.Struct({"author": _TEXT, "reviewer": _TEXT, "adjudicator": _TEXT}),
    "state": _TEXT,
    "licence": _TEXT,
}
EXCLUDED: Columns = {
    "item": _TEXT,
    "split": _TEXT,
    "level": pl.Int8(),
    "route": _TEXT,
    "status": _TEXT,
    "waits_for": _TEXT,
    "reason": _TEXT,
}


def frame(rows: Iterable[Mapping[str, Any]], columns: Columns) -> pl.DataFrame:
    """A frame of exactly these columns. A row with another column, or without one, is an error."""
    collected = list(rows)
    for row in collected:
        if row.keys() != columns.keys():
            odd = sorted(row.keys() ^ columns.keys())
            raise ValueError(f"columns do not fit the table: {', '.join(odd)}")
    return pl.DataFrame(collected, schema=columns, orient="row")


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Write a table; the same rows give the same bytes. Raises DeriveError."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd", compression_level=3)
    write_bytes(path, buffer.getvalue())


def write_slices(slices: Iterable[pl.DataFrame], path: Path, columns: Columns) -> None:
    """Write a table that comes slice by slice, a row group each; the same slices give the same
    bytes. Only one slice is in memory. Raises DeriveError."""
    from pyarrow.parquet import ParquetWriter

    schema = pl.DataFrame(schema=columns).to_arrow().schema
    compression = {"compression": "zstd", "compression_level": 3}
    with (
        replacing(path) as temporary,
        temporary.open("wb") as file,
        ParquetWriter(file, schema, **compression) as writer,
    ):
        for table in slices:
            writer.write_table(table.to_arrow().cast(schema))


@dataclass(frozen=True)
class Slices:
    """A table on disk that is read some rows at a time, anew whenever it is iterated over.

    names: the columns wanted. Raises DeriveError like `read_parquet`.
    """

    path: Path
    columns: Columns
    names: tuple[str, ...]
    rows: int = 1000

    def __iter__(self) -> Iterator[pl.DataFrame]:
        from pyarrow.parquet import ParquetFile

        read_parquet(self.path, self.columns, rows=0)
        with ParquetFile(self.path) as file:
            for batch in file.iter_batches(self.rows, columns=list(self.names)):
                yield pl.DataFrame(pl.from_arrow(batch))


def write_jsonl(table: pl.DataFrame, path: Path) -> None:
    """Write a table as one JSON object a line, UTF-8, characters as they are."""
    write_text(path, table.write_ndjson())


def read_parquet(path: Path, columns: Columns, *, rows: int | None = None) -> pl.DataFrame:
    """Read a table back, or its first rows.

    Raises DeriveError if it is missing, damaged or of other columns.
    """
    with explain_os_errors("reading", path):
        if not path.exists():
            raise DeriveError(
                "A stage's table is missing", where=path, fix="run the stage that writes it"
            )
        try:
            table = pl.read_parquet(path, n_rows=rows)
        except pl.exceptions.PolarsError as error:
            raise DeriveError(
                f"Not a readable Parquet file: {error}",
                where=path,
                fix="delete it and run the stage that writes it",
            ) from None
    if dict(table.schema) != columns:
        odd = sorted(set(table.schema.items()) ^ set(columns.items()), key=str)
        raise DeriveError(
            f"The table's columns are not this version's: {', '.join(str(one[0]) for one in odd)}",
            where=path,
            fix="delete it and run the stage that writes it",
        )
    return table
