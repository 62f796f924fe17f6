"""CHANGELOG.md of a variant: what a build changed against the version published last.

derive writes between its two marks, people write anywhere else. Versions have no dates here: the
same variant gives the same bytes, and the repository knows when it went out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from derive.errors import DeriveError, explain_os_errors
from derive.files import read_text, write_bytes

BEGIN, END = "<!-- derive: unreleased -->", "<!-- /derive -->"
_NAMED = 10  # IDs in a line
_ID = "id"


class Published(NamedTuple):
    """A version that went out, and its rows."""

    version: str
    rows: pl.DataFrame


def remember(path: Path, published: Published) -> None:
    """Keep what was published: its rows and, in the column `version`, which version they are."""
    import io

    buffer = io.BytesIO()
    rows = published.rows.with_columns(pl.lit(published.version).alias("version"))
    rows.write_parquet(buffer, compression="zstd", compression_level=3)
    write_bytes(path, buffer.getvalue())


def recall(path: Path) -> Published | None:
    """What was published last; None if nothing was. Raises DeriveError if the file is damaged."""
    if not path.is_file():
        return None
    try:
        with explain_os_errors("reading", path):
            rows = pl.read_parquet(path)
        [version] = rows["version"].unique().to_list()
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise DeriveError(
            f"The record of what was published is damaged: {error}",
            where=path,
            fix="restore it from a copy; without it, the changelog begins anew",
        ) from None
    return Published(version, rows.drop("version"))


def changes(before: Published | None, rows: pl.DataFrame) -> list[str]:
    """What is new, a line each, none if nothing is: items that came and went, columns, and of each
    column the items in which it is another."""
    if before is None:
        return [f"The first version: {rows.height} items."]
    old, new = before.rows, rows
    lines = []
    for text, ids in (
        ("added", new.join(old, on=_ID, how="anti")),
        ("no longer in it", old.join(new, on=_ID, how="anti")),
    ):
        lines += _line(f"{{}} {text}", ids[_ID].to_list())
    for text, names in (
        ("new", [name for name in new.columns if name not in old.columns]),
        ("gone", [name for name in old.columns if name not in new.columns]),
    ):
        lines += [f"Column `{name}` is {text}." for name in names]
    both = new.join(old, on=_ID, how="inner", suffix=" before", maintain_order="left")
    for column in [name for name in new.columns if name in old.columns and name != _ID]:
        changed = pl.col(column).ne_missing(pl.col(f"{column} before"))
        lines += _line(f"{{}} with another `{column}`", both.filter(changed)[_ID].to_list())
    return lines


def _line(text: str, ids: Sequence[str]) -> list[str]:
    if not ids:
        return []
    shown = ", ".join(f"`{one}`" for one in ids[:_NAMED])
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    items = "1 item" if len(ids) == 1 else f"{len(ids)} items"
    return [f"{text.format(items)}: {shown}{more}."]


def updated(path: Path, title: str, lines: Sequence[str]) -> str:
    """The text of CHANGELOG.md with these lines as what is unreleased; the rest is as it was.

    Raises DeriveError if the marks around derive's part are damaged.
    """
    part = "\n".join(["## Unreleased", "", *(f"- {line}" for line in lines), ""]) if lines else ""
    if not path.is_file():
        return f"# Changelog of {title}\n\n{BEGIN}\n{part}{END}\n"
    before, _, after = _parts(read_text(path), path)
    return f"{before}{BEGIN}\n{part}{END}{after}"


def release(text: str, version: str, where: object) -> str:
    """The text as it goes out: what was unreleased stands under the version, for good. A version
    that stands there already is out, and the text as it was.

    where: names the file in the DeriveError that damaged marks give.
    """
    before, part, after = _parts(text, where)
    done = part.replace("## Unreleased", f"## {version}", 1).strip()
    known = f"## {version}" in after.splitlines()
    return text if known or not done else f"{before}{BEGIN}\n{END}\n\n{done}\n{after}"


def _parts(text: str, where: object) -> tuple[str, str, str]:
    """What stands before derive's marks, between them, and after them."""
    text = text.replace("\r\n", "\n")
    begin, end = text.find(BEGIN), text.find(END)
    if text.count(BEGIN) != 1 or text.count(END) != 1 or end < begin:
        raise DeriveError(
            "The marks around the unreleased changes are damaged",
            where=where,
            fix=f"put one {BEGIN} and one {END} around what stands under Unreleased; or move"
            " the file away and build again",
        )
    return text[:begin], text[begin + len(BEGIN) : end], text[end + len(END) :]
