"""No text of the original leaves, in whichever field, and nothing is written outside the folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import FakeEngine, ac_row, write_jsonl
from hypothesis import given
from hypothesis import strategies as st

from derive import pipeline, profiles, schemas, tables
from derive.errors import DeriveError
from derive.pipeline import Asked
from derive.release.read import Options
from derive.text import TEXT_FIELDS
from derive.variant.build import Variant, build
from derive.variant.terms import leaks

CLOSED = profiles.load("answercarefully").terms
ORIGINALS = {
    "prompt": "敬語の使い方を教えてください。", "response": "はい、敬語には三つの種類があります。",
    "prompt_pivot": "Please tell me how to use honorifics.", "response_pivot": "There are 3 kinds.",
}  # fmt: skip


def make_item(name: str, **changed: Any) -> dict[str, Any]:
    row = {**dict.fromkeys(tables.ITEMS), "id": name, "split": "dev", "extra": '{"x": "敬語"}'}
    row |= {"hash": "0" * 64, "file": "f", "row": 1, "level": 0}
    return {**row, **changed}


def make(
    drafts: dict[tuple[str, str], str], *items: dict[str, Any], terms: Any = CLOSED
) -> Variant:
    routes = [
        {"item": one["id"], "route": "translate", "level": 0, "level_suggested": 0, "reason": ""}
        for one in items
    ]
    made = [
        {"item": item, "field": field, "text": text, "model": "m", "score": 0.0,
         "state": "translated", "findings": [], "swaps": []}
        for (item, field), text in drafts.items()
    ]  # fmt: skip
    return build(
        tables.frame(items, tables.ITEMS), tables.frame(routes, tables.ROUTES),
        tables.frame(made, tables.DRAFTS), name="v", locale="pt-BR",
        origin={"dataset": "d", "version": None, "revision": None}, terms=terms,
    )  # fmt: skip


REFORMATTED = {
    "as it is": lambda text: text,
    "spaced": lambda text: f"\n {' '.join(text)}\t",
    "upper case": str.upper,
    "without punctuation": lambda text: text.rstrip("。."),
    "in quotes": lambda text: f"«{text}»!",
    "full width": lambda text: "".join(
        chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text
    ),
    "markdown": lambda text: f"**{text}**",
}


@pytest.mark.parametrize("how", REFORMATTED)
@pytest.mark.parametrize("original", TEXT_FIELDS)
@pytest.mark.parametrize("field", ["prompt", "response"])
def test_any_original_in_any_field(original: str, field: str, how: str) -> None:
    """Also an original of an item that is not in the variant itself."""
    drafts = {("a", "prompt"): "Como vai?", ("a", "response"): "Bem, obrigado."}
    drafts["a", field] = REFORMATTED[how](ORIGINALS[original])
    items = make_item("a", prompt="元気？"), make_item("b", **ORIGINALS)
    with pytest.raises(DeriveError, match="against its terms") as caught:
        make(drafts, *items)
    for part in ("v-000001", field, f"the {original} of b", "source-in-variant"):
        assert part in str(caught.value.where)
    free = {**CLOSED, "originals_may_be_republished": True}
    assert make(drafts, *items, terms=free).items.height == 1


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_what_differs_only_in_form_is_found(texts: list[str]) -> None:
    items = tables.frame(
        [make_item(f"i{n}", prompt=text) for n, text in enumerate(texts)], tables.ITEMS
    )
    told = [text for text in texts if any(char.isalnum() for char in text)]
    # the letters of some (ı, ẞ) are others in the other case
    told = [text for text in told if text.swapcase().casefold() == text.casefold()]
    rows = [{"id": "v", "prompt": f" {text.swapcase()}… ", "response": None} for text in told]
    assert len(list(leaks(rows, items, CLOSED))) == len(rows)


@pytest.mark.parametrize(
    "split", ["../../outside", "/outside", "a/b", "a\\b", "..", ".hidden", "a\x00b", "a\nb"]
)
def test_a_split_is_no_path(split: str) -> None:
    """Files are named by splits; a release names its splits as it likes."""
    with pytest.raises(DeriveError) as caught:
        make({("a", "prompt"): "Como vai?"}, make_item("a", prompt="元気？", split=split))
    assert "split" in f"{caught.value.what} {caught.value.where}"
    for good in ("dev", "v2.2-test_a", "検証", "my data"):
        made = make({("a", "prompt"): "Como vai?"}, make_item("a", prompt="元気？", split=good))
        assert made.items["split"].to_list() == [good]


def test_a_run_refuses_a_split_that_is_a_path(tmp_path: Path) -> None:
    rows = [ac_row(n, split="../../../outside") for n in range(1, 10)]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows)
    asked = Asked(str(source), "pt-BR", Options(overrides={"split": "split"}))
    with pytest.raises(DeriveError) as caught:
        pipeline.run(tmp_path / "p", asked, engine=FakeEngine())
    assert "split" in f"{caught.value.what} {caught.value.where}"
    assert "outside" in f"{caught.value.what} {caught.value.where}"
    assert not (tmp_path / "p").exists()
    assert not list(tmp_path.rglob("outside*"))


def test_what_leaves_the_project_holds_no_original(tmp_path: Path) -> None:
    """Every file of variant/, as bytes and as tables: no source, no pivot text, no extra."""
    rows = [
        ac_row(n, secret=f"SECRET{n}", **{"text-en": f"Honorific number {'x' * n}?"})
        for n in range(1, 13)
    ]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows)
    engine = FakeEngine(lambda sentence: f"Como se diz {sentence[-4:]}")
    _, results = pipeline.run(tmp_path / "p", Asked(str(source), "pt-BR", Options()), engine=engine)
    assert results[-1].counts["items"] + results[-1].counts["excluded"] == 12
    excluded = tables.read_parquet(tmp_path / "p/variant/excluded.parquet", tables.EXCLUDED)
    shown = [str(value) for row in excluded.rows() for value in row]
    for path in (tmp_path / "p" / "variant").rglob("*.*"):
        shown.append(path.read_bytes().decode("utf-8", "replace"))
    for row in rows:
        for text in (row["text"], row["output"], row["text-en"], row["secret"]):
            assert not [one for one in shown if str(text) in one]
    variant = tables.read_parquet(tmp_path / "p/variant/data/dev.parquet", tables.VARIANT)
    assert all(not schemas.violations("variant-item", row) for row in variant.to_dicts())
    assert not set(variant["id"]) & {row["ID"] for row in rows}, "IDs are the variant's own"


def test_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\nfrom derive.variant.write import write_variant\n"
        "from derive import profiles\nfrom derive.variant.about import About\n"
        "import test_terms as t\n"
        "items = [t.make_item(n, prompt='日本 ' + n, split=s) for n, s in zip('abcd', 'xyxy')]\n"
        "variant = t.make({(n, 'prompt'): 'Pergunta ' + n for n in 'abc'}, *items)\n"
        "about = About('b', 'pt-BR', profiles.load('answercarefully'), 'acme/sample')\n"
        "write_variant(variant, Path(sys.argv[1]), about)"
    )
    here = Path(__file__).parent
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", script, tmp_path / seed, here, here.parents[1]],
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONUTF8": "1"},
            check=True,
        )
    first, second = (
        {one.relative_to(tmp_path / seed): one.read_bytes()
         for one in (tmp_path / seed).rglob("*") if one.is_file()}
        for seed in ("1", "2")
    )  # fmt: skip
    assert first == second
    assert len(first) == 9
