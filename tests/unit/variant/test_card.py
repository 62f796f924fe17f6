"""The card as its readers see it: the Hub's metadata, `datasets`, and people who read Markdown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import variants
from huggingface_hub import DatasetCard
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from derive.variant import counts, licence
from derive.variant.card import card
from derive.variant.write import write_variant


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache outside of the test's folder, and nothing asked of the network."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def read_tables(markdown: str) -> dict[str, list[list[str]]]:
    """The cells of each table as a reader sees them, by the first cell of its head."""
    body = markdown.split("\n---\n", 1)[1]
    tables: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(body):
        if token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level >= 4 and rows:
            rows[-1].append("".join(one.content for one in token.children or []))
        elif token.type == "table_close":
            tables[rows[0][0]] = rows[1:]
    return tables


def test_the_hub_and_datasets_read_the_metadata(tmp_path: Path) -> None:
    from datasets.utils.metadata import MetadataConfigs

    write_variant(variants.variant(), tmp_path, variants.about())
    data = DatasetCard.load(tmp_path / "README.md").data
    said = data.to_dict()
    assert (said["language"], said["language_details"]) == (["pt"], ["pt-BR"])
    assert (said["license"], said["license_link"]) == ("other", "LICENSE")
    assert said["license_name"] == "answer-carefully-dataset-tou"
    assert said["source_datasets"] == ["llm-jp/AnswerCarefully"]
    assert said["annotations_creators"] == ["machine-generated", "expert-generated"]
    assert said["size_categories"] == ["n<1K"]
    assert said["task_categories"] == ["text-generation"]
    assert said["pretty_name"] == "AnswerCarefully for Portuguese (Brazil)"
    assert "nothing else" in said["extra_gated_prompt"]
    assert set(said["extra_gated_fields"].values()) == {"checkbox"}
    configs = MetadataConfigs.from_dataset_card_data(data)
    assert configs.get_default_config_name() == "default"
    assert "&id" not in (tmp_path / "README.md").read_text(encoding="utf-8"), "a YAML anchor"


@pytest.mark.usefixtures("offline")
def test_datasets_loads_the_folder(tmp_path: Path) -> None:
    import datasets

    splits = ("dev", "a b", "a-b", "ทดสอบ", "all")
    rows = [variants.row(n, split=splits[n % 5]) for n in range(10)]
    write_variant(variants.variant(rows), tmp_path / "v", variants.about())
    found = datasets.load_dataset(str(tmp_path / "v"))
    assert len(found) == 5
    loaded = {one["id"]: one for split in found.values() for one in split}
    assert loaded == {one["id"]: one for one in rows}
    lines = [line for path in (tmp_path / "v" / "data").glob("*.jsonl")
             for line in path.read_bytes().decode().split("\n") if line]  # fmt: skip
    assert {one["id"]: one for one in map(json.loads, lines)} == loaded


label = st.one_of(st.sampled_from(variants.LABELS), st.text(min_size=1, max_size=8), st.none())
kinds = st.fixed_dictionaries(
    {
        "risk_area": label,
        "harm_type": label,
        "level": st.sampled_from([0, 1, 2, None]),
        "decision": st.sampled_from(["transfer", "modify", "replace", "new"]),
        "prompt_origin": st.sampled_from(["mt", "mt+edit", "human"]),
        "response_origin": st.sampled_from(["mt", "mt+edit", "human", None]),
        "state": st.sampled_from(["translated", "reviewed", "final"]),
    }
)


@settings(deadline=None, max_examples=60)
@given(st.lists(kinds, max_size=9), st.lists(st.sampled_from(["waits", "removed"]), max_size=5))
def test_every_table_adds_up_and_shows_labels_as_they_are(
    rows: list[dict[str, Any]], reasons: list[str]
) -> None:
    made = variants.variant([variants.row(n, **kind) for n, kind in enumerate(rows)], reasons)
    seen = read_tables(card(made, variants.about(), {}))
    for head in ("split", "level of the source item", "decision", "state"):
        assert sum(int(cells[1]) for cells in seen[head]) == len(rows), head
    ways = seen["how a text came about"]
    assert [sum(int(cells[at]) for cells in ways) for at in (1, 2)] == [len(rows)] * 2
    assert sum(int(cells[1]) for cells in seen.get("why", [])) == len(reasons)
    kinds_seen = seen.get("kind of harm", [])
    assert sum(int(cells[1]) for cells in kinds_seen) in (0, len(rows))
    assert all(len(cells) == 3 for cells in kinds_seen)
    shown = {cells[0] for cells in kinds_seen}
    for row in rows:
        path = " › ".join(one for one in (row["risk_area"], row["harm_type"]) if one)
        if path and kinds_seen:
            assert re.sub(r"[\x00-\x1f\x7f-\x9f]", "\ufffd", " ".join(path.split())) in shown | {""}


def test_a_label_that_looks_like_a_mark_is_none(tmp_path: Path) -> None:
    rows = [variants.row(n, harm_type="<!-- people: about -->x") for n in range(3)]
    write_variant(variants.variant(rows), tmp_path, variants.about())
    write_variant(variants.variant(rows), tmp_path, variants.about())  # reads the marks back


def test_the_chart() -> None:
    assert counts.bar(0, 9) == ""
    assert counts.bar(9, 9) == "█" * counts.WIDTH
    assert counts.bar(1, 10_000) == "▏", "what is there is seen"
    lengths = [len(counts.bar(n, 50)) for n in range(51)]
    assert lengths == sorted(lengths)
    many = variants.variant([variants.row(n, harm_type=f"kind {n}") for n in range(100)])
    rows = counts.taxonomy(many.items)
    assert len(rows) == counts.MOST
    assert rows[-1].value == f"{101 - counts.MOST} more kinds"
    assert sum(row.count for row in rows) == 100


def test_labels_in_english_stand_first() -> None:
    import polars as pl

    items = variants.variant(4).items.with_columns(
        pl.lit("Misuse").alias("risk_area_en"), pl.lit("Fraud").alias("harm_type_en")
    )
    rows = counts.taxonomy(items)
    assert {row.value for row in rows} == {"Misuse › Fraud"}
    assert [row for row in rows if row.meaning.startswith("領域")]
    own = items.with_columns(risk_area_en="risk_area", harm_type_en="harm_type")
    assert not any(row.meaning for row in counts.taxonomy(own)), "English is not said twice"


def test_sizes() -> None:
    sizes = {0: "n<1K", 999: "n<1K", 1000: "1K<n<10K", 99_999: "10K<n<100K", 10**6: "1M<n<10M"}
    assert {rows: counts.size_category(rows) for rows in sizes} == sizes


def test_the_body_tells_how_it_was_made() -> None:
    made = variants.variant(8, ["waits for a person: adapt"])
    text = card(made, variants.about(config="v2.2", revision="c" * 40), {})
    told = read_tables(text)
    stages = {cells[0]: cells[1] for cells in told["stage"]}
    assert "6 items of acme/sample, config v2.2, revision " + "c" * 40 in stages["release"]
    assert "9 spans" in stages["flag"]
    assert "5 texts were drafted by machine; 7 have no draft; 2 more" in stages["translate"]
    assert "of 6 units that people were given, 4 are accepted, 1 removed" in stages["collect"]
    [model] = told["model that drafted"]
    assert model[0] == "m 1"
    assert model[2:] == ["MPL-2.0", "Distilled from n"]
    assert {cells[0] for cells in told["finding"]} == {"draft-end", "text-length"}
    assert text.count("```bibtex") == 2
    assert "arXiv" in text
    assert not re.search(r"\{\{|\{%|None", text)
    assert "{Acme}" in card(made, variants.about(said={"creators": ["Acme"]}), {})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"prompt_origin": "mt", "state": "translated"}, "**Unreviewed machine translation."),
        ({"prompt_origin": "human"}, "**People have translated, adapted or read every item."),
        ({}, "**2 of 8 items are machine translations that no person has read."),
    ],
)
def test_what_no_person_has_read_is_said_first(changed: dict[str, str], words: str) -> None:
    origins = [
        {"prompt_origin": "mt" if n < 2 else "human", "state": "translated"} for n in range(8)
    ]
    rows = [variants.row(n, **(changed or origins[n])) for n in range(8)]
    text = card(variants.variant(rows), variants.about(), {})
    assert words in text
    assert text.index(words) < text.index("## ")


def test_the_terms_of_open_and_of_unknown_licences(tmp_path: Path) -> None:
    write_variant(variants.variant(), tmp_path / "open", variants.about("do-not-answer"))
    data = DatasetCard.load(tmp_path / "open" / "README.md").data.to_dict()
    assert data["license"] == "cc-by-nc-sa-4.0"
    assert not [name for name in data if name.startswith(("extra_gated", "license_"))]
    text = (tmp_path / "open" / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("cc-by-nc-sa-4.0\nhttps://creativecommons.org/licenses/by-nc-sa/4.0/\n")
    write_variant(variants.variant(), tmp_path / "plain", variants.about("plain"))
    data = DatasetCard.load(tmp_path / "plain" / "README.md").data.to_dict()
    assert (data["license"], data["license_name"]) == ("other", "unknown")
    assert "Licence: unknown" in data["extra_gated_prompt"]
    assert data["pretty_name"] == "acme/sample for Portuguese (Brazil)"
    assert "Nobody has stated" in (tmp_path / "plain" / "LICENSE").read_text(encoding="utf-8")
    assert "source_datasets" not in data


def test_texts_of_the_source_are_owned_up_to() -> None:
    rows = [variants.row(n, checks=["source-in-variant"] if n < 2 else []) for n in range(5)]
    text = card(
        variants.variant(rows), variants.about(allowed="The owner agreed | in writing."), {}
    )
    assert "**2 items hold texts of the source, which its terms forbid.**" in text
    assert "The owner agreed \\| in writing." in text
    assert "which its terms forbid" not in card(variants.variant(5), variants.about(), {})


def test_the_licence_states_the_terms_and_where_they_are() -> None:
    text = licence.licence_file(variants.about())
    for part in ("summary", "no licence text", "https://huggingface.co/datasets/llm-jp/AnswerCarefully",
                 "strictly prohibited", "does not contain the original data", "inherits the terms",
                 "Derived from AnswerCarefully by LLM-jp"):  # fmt: skip
        assert part in text


def test_a_variant_with_nothing_in_it(tmp_path: Path) -> None:
    made = variants.variant(0, ["waits for a person: adapt"])
    write_variant(made, tmp_path, variants.about(stages={}, models=[]))
    card_there = DatasetCard.load(tmp_path / "README.md")
    assert "configs" not in card_there.data.to_dict()
    assert "Unreviewed" in card_there.text
