"""The variant: nothing of the original leaves, and every item is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import profiles, schemas, tables
from derive.errors import DeriveError
from derive.variant.about import About
from derive.variant.build import Variant, build
from derive.variant.write import write_variant

CLOSED = profiles.load("answercarefully").terms
OPEN = profiles.load("do-not-answer").terms
ORIGIN = {"dataset": "acme/sample", "version": "v2.2", "revision": "a" * 40}


def item(number: int, **changed: Any) -> dict[str, Any]:
    row = dict.fromkeys(tables.ITEMS)
    row |= {"id": f"s{number}", "split": "dev" if number % 2 else "test", "extra": "{}"}
    row |= {"prompt": f"{number}番目の質問", "prompt_pivot": f"The question number {number}"}
    return {**row, "hash": "0" * 64, "file": "f", "row": number + 1, "level": 0, **changed}


def draft(
    number: int, text: str | None, severity: str = "", field: str = "prompt"
) -> dict[str, Any]:
    found = [{"code": "draft-x", "severity": severity, "message": "m"}] if severity else []
    return {
        "item": f"s{number}",
        "field": field,
        "text": text,
        "model": text and "m 1",
        "score": -0.1 if text else None,
        "state": "translated" if text else "initial",
        "findings": found,
        "swaps": [],
    }


def make(
    routes: list[str], drafts: list[dict[str, Any]], terms: Any = CLOSED, **changed: Any
) -> Variant:
    rows = [item(n, **changed) for n in range(len(routes))]
    routed = [
        {"item": row["id"], "route": route, "level": 0, "level_suggested": 0, "reason": ""}
        for row, route in zip(rows, routes, strict=True)
    ]
    return build(
        tables.frame(rows, tables.ITEMS),
        tables.frame(routed, tables.ROUTES),
        tables.frame(drafts, tables.DRAFTS),
        name="brazil",
        locale="pt-BR",
        origin=ORIGIN,
        terms=terms,
    )


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["translate", "adapt", "rewrite"]),
            st.sampled_from(["text", "none", "missing"]),
            st.sampled_from(["", "note", "warning", "error"]),
        ),
        min_size=1,
    )
)
def test_every_item_is_in_or_accounted_for(plan: list[tuple[str, str, str]]) -> None:
    drafts = [
        draft(n, f"A pergunta {n}" if there == "text" else None, severity)
        for n, (_, there, severity) in enumerate(plan)
        if there != "missing"
    ]
    variant = make([route for route, _, _ in plan], drafts)
    included = {row["derived_from"]["id"] for row in variant.items.to_dicts()}
    excluded = set(variant.excluded["item"])
    assert included | excluded == {f"s{n}" for n in range(len(plan))}
    assert not included & excluded
    assert included == {
        f"s{n}"
        for n, (route, there, severity) in enumerate(plan)
        if (route, there) == ("translate", "text") and severity != "error"
    }
    for row in variant.items.to_dicts():
        assert not schemas.violations("variant-item", row)
    assert all(reason.startswith("waits for a person") for reason in variant.excluded["reason"])


def test_lineage() -> None:
    variant = make(["translate"], [draft(0, "A pergunta", "warning")])
    [row] = variant.items.to_dicts()
    assert row["derived_from"] == {**ORIGIN, "id": "s0"}
    assert (row["prompt_origin"], row["response_origin"], row["model"]) == ("mt", None, "m 1")
    assert (row["decision"], row["state"], row["checks"]) == ("transfer", "translated", ["draft-x"])
    assert row["licence"] == "answer-carefully-dataset-tou"


def test_an_answer_is_held_with_its_prompt() -> None:
    drafts = [draft(0, "A pergunta"), draft(0, "A resposta", field="response")]
    drafts += [draft(1, "A pergunta 1"), draft(1, "A resposta 1", "error", "response")]
    variant = make(["translate"] * 2, drafts)
    [row] = variant.items.to_dicts()
    assert (row["response"], row["response_origin"]) == ("A resposta", "mt")
    assert variant.excluded["reason"].to_list() == [
        "waits for a person: the draft has errors (draft-x)"
    ]


@pytest.mark.parametrize(
    "leaked",
    ["1番目の質問", " 1番目の質問。\n", "The question number 1", "«the QUESTION number １»"],
)
def test_originals_do_not_leave(leaked: str) -> None:
    drafts = [draft(0, leaked), draft(1, "A pergunta")]
    with pytest.raises(DeriveError, match="against its terms") as caught:
        make(["translate"] * 2, drafts)
    assert "brazil-000001 · prompt" in str(caught.value.where)
    assert "of s1" in str(caught.value.where)
    assert make(["translate"] * 2, drafts, OPEN).items.height == 2, (
        "an open source is not held back"
    )


def test_ids_stay_when_other_drafts_change() -> None:
    whole = make(["translate"] * 3, [draft(n, f"A pergunta {n}") for n in range(3)])
    part = make(["translate"] * 3, [draft(2, "A pergunta 2")])
    assert whole.items["id"].to_list() == ["brazil-000001", "brazil-000002", "brazil-000003"]
    assert part.items["id"].to_list() == ["brazil-000003"]


def test_files(tmp_path: Path) -> None:
    variant = make(["translate"] * 4 + ["adapt"], [draft(n, f"A pergunta {n}") for n in range(4)])
    about = About("brazil", "pt-BR", profiles.load("answercarefully"), "acme/sample")
    first = write_variant(variant, tmp_path / "a", about).outputs
    (tmp_path / "b" / "data").mkdir(parents=True)
    (tmp_path / "b" / "data" / "gone.parquet").write_text("of a split that is no more")
    second = write_variant(variant, tmp_path / "b", about).outputs
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    there = [path for path in (tmp_path / "b").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(tmp_path / "b").as_posix() for path in there) == [
        "CHANGELOG.md", "LICENSE", "README.md", "croissant.json", "data/dev.jsonl",
        "data/dev.parquet", "data/test.jsonl", "data/test.parquet", "excluded.parquet",
    ]  # fmt: skip
    both = pl.concat([pl.read_parquet(path) for path in first if path.parent.name == "data"
                      and path.suffix == ".parquet"])  # fmt: skip
    assert both.sort("id").equals(variant.items.sort("id"))
    text = "".join(path.read_bytes().decode("utf-8", "ignore") for path in first)
    assert "番目" not in text
    assert "The question number" not in text
    card = (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    for part in ("Unreviewed", "4 items are", "1 are not", CLOSED["licence"], "inherited"):
        assert part in card
