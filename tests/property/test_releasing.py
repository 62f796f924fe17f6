"""The law of a release made ready: its folder gives what its source gave."""

from __future__ import annotations

import json
import math
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl
from conftest import ac_row, write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.release.prepare import prepare
from derive.release.read import Options, read_release

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.one_of(st.integers(-(2**40), 2**40), st.floats(allow_infinity=False))
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "t": TEXT,
    "i": st.integers(-(2**63), 2**63 - 1),
    "n": NUMBER,
    "b": st.booleans(),
}
STRUCT = st.fixed_dictionaries({}, optional={f"in-{k}": st.none() | v for k, v in SIMPLE.items()})
EXTRA = {
    **SIMPLE,
    "list": st.lists(TEXT, max_size=3),
    "struct": STRUCT,
    "structs": st.lists(STRUCT, max_size=2),
    "meta": st.fixed_dictionaries({}, optional={"harm-type": TEXT, "more": STRUCT}),
    "never": st.none(),
}
ROW = st.tuples(
    st.sampled_from(("dev", "test", "train")),
    st.fixed_dictionaries(
        {"output": st.none() | TEXT, "culture": st.sampled_from((0, 1, 2, None))},
        optional={name: st.none() | values for name, values in EXTRA.items()},
    ),
)


def without_empty(value: Any) -> Any:
    """What a struct does not have is empty, and a whole number among others the same number."""
    if isinstance(value, dict):
        found = {name: without_empty(one) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not None} or None
    if isinstance(value, list):
        return [without_empty(one) for one in value]
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def content(items: pl.DataFrame) -> list[dict[str, Any]]:
    rows = items.drop("file", "row").to_dicts()
    for row in rows:
        nested: dict[str, Any] = {}
        for name, value in json.loads(row.pop("extra")).items():
            *outer, last = name.split(".")  # structs are flattened on their way into `extra`
            place = nested
            for one in outer:
                place = place.setdefault(one, {})
            place[last] = value
        row["extra"] = without_empty(nested)
    return rows


@settings(deadline=None, max_examples=30)
@given(st.lists(ROW, min_size=1, max_size=6), st.booleans())
def test_what_is_read_back_is_what_was_read(
    rows: list[tuple[str, dict[str, Any]]], versioned: bool
) -> None:
    by_split: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, (split, extra) in enumerate(rows):
        by_split[split].append(ac_row(number, **extra))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for split, of_split in by_split.items():
            write_jsonl(folder / "source" / f"{split}.jsonl", of_split)
        options = Options(profile="answercarefully", overrides={"level": "culture"})
        given_, out = str(folder / "source"), folder / "dataset"
        done = prepare(given_, out, options, version="v1.0" if versioned else "")
        assert done.state == "written", done.findings.as_list()
        back = read_release(str(out), options)
        assert content(back.items) == content(read_release(given_, options).items)
        assert back.config == ("v1.0" if versioned else "")
        again = prepare(given_, out, options, version="v1.0" if versioned else "")
        assert again.state == "unchanged"
        # and what was written is a release that gives the same files once more
        source = f"{out}:v1.0" if versioned else str(out)
        prepare(source, folder / "again", options, version="v1.0" if versioned else "")
        for path in out.rglob("*.parquet"):
            assert path.read_bytes() == (folder / "again" / path.relative_to(out)).read_bytes()
