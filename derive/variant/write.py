"""The variant on disk: data/<split>.parquet and .jsonl, and excluded.parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from derive import tables
from derive.errors import explain_os_errors
from derive.files import write_text
from derive.variant.build import Variant


def write_variant(variant: Variant, folder: Path, card: str) -> list[Path]:
    """Write the variant's files; the same variant gives the same bytes. Returns their paths.

    card: the text of README.md.

    Files of splits that the variant no longer has are removed.
    """
    outputs: list[Path] = []
    for split in sorted(variant.items["split"].unique().to_list()):
        rows = variant.items.filter(pl.col("split") == split)
        outputs += [folder / "data" / f"{split}.parquet", folder / "data" / f"{split}.jsonl"]
        tables.write_parquet(rows, outputs[-2])
        tables.write_jsonl(rows, outputs[-1])
    outputs += [folder / "excluded.parquet", folder / "README.md"]
    tables.write_parquet(variant.excluded, outputs[-2])
    write_text(outputs[-1], card)
    with explain_os_errors("removing old files", folder):
        for path in (folder / "data").glob("*.*") if (folder / "data").is_dir() else ():
            if path not in outputs and path.suffix in (".parquet", ".jsonl"):
                path.unlink()
    return outputs
