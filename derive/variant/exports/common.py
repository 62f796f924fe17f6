"""What the exports share: who the variant is, its files by split, JSON that every reader splits."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

# json leaves these as they are, but some readers end a line at them, and YAML refuses some
_ENDS_A_LINE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


@dataclass(frozen=True)
class Context:
    """What an export says of the variant.

    name: the variant's short name. locale: BCP-47. title: of the source's profile.
    licence, attribution, purpose: the terms; purpose may be empty. repo: the variant's repository
    on the Hub (`owner/name`), whose card has a config `default` with the variant's splits; empty
    if the export brings the data itself.
    """

    name: str
    locale: str
    title: str
    licence: str
    attribution: str
    purpose: str
    repo: str = ""


@dataclass(frozen=True)
class Export:
    """One format. files: content by file name, from a variant's table with at least one row.

    use: how its reader is pointed at the files, {name} stands for the variant's name.
    needs_response: rows without one are of no use to the reader.
    """

    name: str
    files: Callable[[pl.DataFrame, Context], dict[str, bytes]]
    use: str
    needs_response: bool = False


def notice(context: Context, chosen: Export) -> bytes:
    """NOTICE: the terms, and how to use the files."""
    lines = [
        f"{context.name}: {context.title}, variant for {context.locale}",
        context.attribution,
        f"Licence: {context.licence}",
        f"Purpose: {context.purpose}" if context.purpose else "",
        "It holds risky questions, some of them hurtful to read.",
        f"Format: {chosen.name}. {chosen.use.format(name=slug(context.name))}",
    ]
    return ("\n\n".join(line for line in lines if line) + "\n").encode()


def slug(name: str, otherwise: str = "variant") -> str:
    """Letters, digits and single underscores, for the names of files, tasks and splits."""
    return re.sub(r"[\W_]+", "_", name).strip("_") or otherwise


def by_split(variant: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of each split in their order, under a name that is fit for a file and a task.

    `datasets` wants splits of letters, digits and `_`, and takes `all` for the splits together.
    Two splits whose names become the same get numbers.
    """
    found: dict[str, pl.DataFrame] = {}
    for split in sorted(variant["split"].unique().to_list()):
        plain, number = slug(split, "split"), 2
        plain = "all_items" if plain.casefold() == "all" else plain
        name = plain
        while name.casefold() in {one.casefold() for one in found}:
            name, number = f"{plain}_{number}", number + 1
        found[name] = variant.filter(pl.col("split") == split)
    return found


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON on one line (or indented), characters as they are but those that some take for the
    end of a line. It is YAML too."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _ENDS_A_LINE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def json_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON Lines."""
    return "".join(json_text(row) + "\n" for row in rows).encode()


def json_file(value: Any) -> bytes:
    """A JSON file for people and programs."""
    return (json_text(value, indent=2) + "\n").encode()


def parquet(rows: pl.DataFrame) -> bytes:
    """Parquet as the variant itself has it: columns keep their types even where all are empty."""
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=3)
    return buffer.getvalue()


def terms(context: Context) -> dict[str, str]:
    """The terms as metadata."""
    return {
        "licence": context.licence,
        "attribution": context.attribution,
        "purpose": context.purpose,
    }
