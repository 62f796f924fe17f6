"""The versions of a published variant: their names, which comes next, and their configs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import polars as pl

from derive.errors import DeriveError

FIRST = "v1.0"
_NAME = re.compile(r"v(\d+)\.(\d+)(?:\.(\d+))?")


def is_one(name: str) -> bool:
    """Whether the name is a version's, as v1.0 or v1.0.2 are."""
    return bool(_NAME.fullmatch(name))


def order(name: str) -> tuple[int, ...]:
    """What versions are ordered by; v1.0 and v1.0.0 are one."""
    found = _NAME.fullmatch(name)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def canonical(given: str) -> str:
    """A version as its tag is called: `1.0` is v1.0. Raises DeriveError."""
    name = given if given.startswith("v") else f"v{given}"
    if not is_one(name):
        raise DeriveError(f"Not a version: {given!r}", fix="write it as v1.0 or v1.0.2")
    return name


def newest(names: Iterable[str]) -> str:
    """The highest version, empty if there is none."""
    return max(names, key=order, default="")


def following(last: str, old: pl.DataFrame, new: pl.DataFrame) -> str:
    """The next version by Croissant's rules: an item edited or gone, or a column gone, is major;
    more of them, or the same data described otherwise, is minor.

    old, new: the rows of the last version and of this one, with `id`.
    """
    major, minor, _ = order(last)
    row = pl.struct(old.columns).struct.json_encode()
    kept = set(old.columns) <= set(new.columns) and (
        set(old.select(row).to_series()) <= set(new.select(row).to_series())
    )
    return f"v{major}.{minor + 1}" if kept else f"v{major + 1}.0"


def with_configs(text: str, paths: Iterable[str]) -> str:
    """The card with a config for each version, the newest first; `default` is what is in data/.

    text: README.md as it was built. paths: all that the repository will hold; a version's Parquet
    files are in a folder of its name, a file a split.
    """
    from huggingface_hub import DatasetCard

    files: dict[str, list[dict[str, str]]] = {}
    for path in map(PurePosixPath, sorted(paths)):
        if path.suffix == ".parquet":
            listed = {"split": path.stem, "path": str(path)}
            files.setdefault(str(path.parent), []).append(listed)
    released = sorted(filter(is_one, files), key=order, reverse=True)
    card = DatasetCard(text)
    card.data["configs"] = [
        {"config_name": name, "data_files": files[folder]}
        for name, folder in (("default", "data"), *zip(released, released, strict=True))
    ]
    return str(card)
