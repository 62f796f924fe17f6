"""A release made ready for others: what is written, what is kept, and what is refused."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from conftest import ac_row, write_jsonl
from huggingface_hub import metadata_load

from derive.errors import DeriveError
from derive.release import normalise
from derive.release.card import BEGIN, END
from derive.release.prepare import Prepared, prepare
from derive.release.read import Options, read_release

Derive = Callable[..., Result]
Rows = list[dict[str, Any]]
TOPICS = ("旅行の荷物", "朝食の味噌汁", "合唱の服装", "洗濯物の干し方", "図書館の席", "夜に読む本")


def row(number: int, **changed: Any) -> dict[str, Any]:
    """A row whose prompt is like no other's."""
    text = f"{TOPICS[number]}について、{TOPICS[number][:2]}の達人ならどう答えますか。"
    english = f"What would a master say about {TOPICS[number].encode().hex()}?"
    return ac_row(number, **{"text": text, "text-en": english, **changed})


def source(folder: Path, dev: Rows, test: Rows) -> str:
    for split, rows in (("dev", dev), ("test", test)):
        write_jsonl(folder / f"{split}.jsonl", rows)
    return str(folder)


DEV, TEST = [row(n) for n in range(4)], [row(4), row(5)]


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A folder with the version v1.0."""
    done = go(source(tmp_path / "one", DEV, TEST), tmp_path / "dataset", version="v1.0")
    assert done.state == "written"
    return tmp_path / "dataset"


def go(given: str, folder: Path, **how: Any) -> Prepared:
    return prepare(given, folder, Options(), **how)


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def codes(done: Prepared) -> dict[str, int]:
    return {code: len(found) for code, found in done.findings.by_code().items()}


def test_datasets_reads_it(tmp_path: Path, sample: Path) -> None:
    go(str(sample), tmp_path / "d", version="v2.2")
    loaded = datasets.load_dataset(str(tmp_path / "d"), cache_dir=str(tmp_path / "cache"))
    for split, table in loaded.items():
        lines = (sample / f"{split}.jsonl").read_text("utf-8").splitlines()
        assert list(table) == [json.loads(line) for line in lines]
        assert table.features["meta"]["culture-specificity"] == datasets.Value("int64")
    again = datasets.load_dataset(str(tmp_path / "d"), "v2.2", cache_dir=str(tmp_path / "cache"))
    assert again["dev"].num_rows == 51


def test_a_dataset_without_splits_and_versions(tmp_path: Path, shared: Path) -> None:
    given = shared / "data" / "do_not_answer_en.csv"
    go(str(given), tmp_path / "d")
    loaded = datasets.load_dataset(str(tmp_path / "d"), cache_dir=str(tmp_path / "cache"))
    with given.open(encoding="utf-8-sig", newline="") as file:
        assert list(loaded["train"]) == list(csv.DictReader(file))
    items = [read_release(str(one)).items.drop("file", "row") for one in (given, tmp_path / "d")]
    assert items[0].equals(items[1])


def test_the_card_counts(first: Path) -> None:
    card = (first / "README.md").read_text("utf-8")
    assert "6 items. Prompts in Japanese and English; responses in Japanese." in card
    for line in (
        "| `dev` | 4 |",
        "| `1` | 2 |",
        "| `領域 / 種類 / 詳細` | 6 |",
        "answer-carefully",
    ):
        assert line in card
    assert "| `meta.risk-area` | string | risk area |" in card


def test_again_does_nothing(first: Path, tmp_path: Path) -> None:
    before = tree(first)
    assert go(str(tmp_path / "one"), first, version="v1.0").state == "unchanged"
    assert tree(first) == before
    go(str(tmp_path / "one"), tmp_path / "other", version="v1.0")
    assert {k: v[0] for k, v in tree(tmp_path / "other").items()} == {
        k: v[0] for k, v in before.items()
    }


def test_released_is_released(first: Path, tmp_path: Path, derive: Derive) -> None:
    before = tree(first)
    changed = source(tmp_path / "two", [*DEV[:3], row(3, output="別の答えです。")], TEST)
    done = derive("release", changed, "-o", first, "--version", "v1.0")
    assert done.exit_code == 2
    assert "released already, with other content: dev.parquet" in done.stderr
    assert "raise the version" in done.stderr
    assert tree(first) == before
    more = source(tmp_path / "three", DEV, TEST)
    write_jsonl(
        tmp_path / "three" / "train.jsonl",
        [row(0, ID="x", text="新しい質問です。", **{"text-en": "Is this new?"})],
    )
    with pytest.raises(DeriveError, match=r"other content: train\.parquet"):
        go(more, first, version="v1.0")


def newer(tmp_path: Path) -> str:
    """0 withdrawn, 1 moved to test, 2 retagged, 3 changed; a column is new."""
    dev = [row(2, culture=0, note="a"), row(3, output="別の答えです。", note="b")]
    return source(tmp_path / "newer", dev, [*TEST, row(1)])


def test_against_the_version_before(first: Path, tmp_path: Path) -> None:
    done = go(newer(tmp_path), first, version="v1.1", previous=f"{first}:v1.0")
    assert done.difference
    assert done.difference.bump == "major"
    assert codes(done)["version-low"] == 1
    leaks = done.findings.by_code()["prompt-across-versions"]
    assert [one.item for one in leaks] == [row(1)["ID"]]
    gone = row(0)["ID"]
    about = first / "changes" / "v1.1"
    assert [one["id"] for one in json.loads((about / "withdrawn.json").read_text("utf-8"))] == [
        gone
    ]
    assert (about / "withdrawn.csv").read_text("utf-8").split("\n")[1].startswith(f"{gone},dev,")
    changes = (about / "CHANGES.md").read_text("utf-8")
    assert "# `AnswerCarefully v1.0` → `AnswerCarefully v1.1`" in changes
    assert f"- `{row(1)['ID']}`: `dev` to `test`" in changes
    assert "別の答え" not in changes, "the terms forbid quoting"
    card = (first / "README.md").read_text("utf-8")
    assert card.count(BEGIN) == card.count(END) == 1
    assert "## Release v1.1" in card
    assert "(changes/v1.1/withdrawn.csv)" in card
    configs = metadata_load(first / "README.md")["configs"]
    assert [(one["config_name"], one.get("default")) for one in configs] == [
        ("v1.0", None),
        ("v1.1", True),
    ]
    assert read_release(str(first)).config == "v1.1"
    assert read_release(f"{first}:v1.0").items.height == 6
    # the older version once more does not make it the one that is read
    before = tree(first)
    assert go(str(tmp_path / "one"), first, version="v1.0").state == "unchanged"
    assert tree(first) == before


def test_no_version_beside_data_without_one(tmp_path: Path) -> None:
    given = source(tmp_path / "one", DEV, TEST)
    go(given, tmp_path / "d")
    before = tree(tmp_path / "d")
    with pytest.raises(DeriveError, match="a config called 'default'"):
        go(given, tmp_path / "d", version="v2.0")
    assert tree(tmp_path / "d") == before


@pytest.mark.parametrize(
    ("version", "low"),
    [("v2.0", 0), ("2", 0), ("v1.0.1", 1), ("v0.9", 1), ("borderline-v1.0", 0), ("v2.0-rc1", 0)],
)
def test_the_version_is_compared(first: Path, tmp_path: Path, version: str, low: int) -> None:
    done = go(newer(tmp_path), first, version=version, previous=f"{first}:v1.0")
    assert codes(done).get("version-low", 0) == low


def test_the_command_line(first: Path, tmp_path: Path, derive: Derive) -> None:
    arguments = ["release", newer(tmp_path), "-o", first, "--version", "v2.0"]
    done = derive(*arguments, "--previous", f"{first}:v1.0")
    assert done.exit_code == 0
    assert "5 items" in done.stdout
    assert "warning prompt-across-versions (1)" in done.stdout
    assert "suggested version bump: major" in done.stderr
    assert f"written: {first}" in done.stderr
    document = json.loads(derive(*arguments, "--previous", f"{first}:v1.0", "--json").stdout)
    assert (document["state"], document["bump"], document["items"]) == ("unchanged", "major", 5)
    assert document["withdrawn"] == [row(0)["ID"]]
    assert {Path(path).name for path in document["files"]} == {
        "dev.parquet", "test.parquet", "CHANGES.md", "withdrawn.csv", "withdrawn.json", "README.md"
    }  # fmt: skip


def test_errors_are_shown_and_nothing_is_written(tmp_path: Path, derive: Derive) -> None:
    leaked = source(tmp_path / "leak", DEV, [*TEST, {**row(0), "ID": "x"}, {**row(1), "ID": ""}])
    done = derive("release", leaked, "-o", tmp_path / "d", "--version", "v1.0")
    assert done.exit_code == 1
    for code in ("prompt-across-splits", "id-missing"):
        assert f"error {code} (1)" in done.stdout
    assert "refused" in done.stderr
    assert not (tmp_path / "d").exists()
    document = json.loads(derive("release", leaked, "-o", tmp_path / "d", "--json").stdout)
    assert (document["ok"], document["state"], document["files"]) == (False, "refused", [])


MIXED: dict[str, tuple[Any, Any, str]] = {
    "a number and a text": (1, "a", "not of one type"),
    "a number and a truth value": (1, True, "not of one type"),
    "a list and a text": (["a"], "a", "not of one type"),
    "a struct and a text": ({"a": 1}, "a", "not of one type"),
    "inside a struct": ({"a": 1}, {"a": "x"}, "not of one type"),
    "too large": (1, 2**70, "not of one type"),
    "not exact as a float": (0.5, 2**60, "not of one type"),
    "half a character": ("a", "\ud800", "not of one type"),
}


@pytest.mark.parametrize("name", MIXED)
def test_values_that_do_not_fit_one_type(tmp_path: Path, name: str) -> None:
    one, other, said = MIXED[name]
    given = source(tmp_path / "s", [row(0, note=one), row(1, note=other)], TEST)
    done = go(given, tmp_path / "d")
    [found] = done.findings.by_code()["column-mixed"]
    assert said in found.message
    assert found.field == "note"
    assert done.state == "refused"


def test_what_is_the_same_in_one_type_is_kept(tmp_path: Path) -> None:
    dev = [row(0, n=1, s={}, l=[], e=None), row(1, n=0.5, s={"a": [{}], "b": {}}, l=[1], e="")]
    done = go(source(tmp_path / "s", dev, TEST), tmp_path / "d")
    assert done.state == "written"
    table = pq.read_table(tmp_path / "d" / "data" / "dev.parquet")
    assert table.column("n").to_pylist() == [1, 0.5]
    assert table.column("l").to_pylist() == [[], [1]]
    assert table.column("e").to_pylist() == [None, ""]
    assert all(not pa.types.is_null(field.type) for field in table.schema)


def test_a_date_is_no_moment(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="would be"):
        normalise._array([datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1, 12)], None)


def test_splits_that_datasets_cannot_name(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "s" / "dev-2024.jsonl", DEV)
    write_jsonl(tmp_path / "s" / "all.jsonl", TEST)
    done = go(str(tmp_path / "s"), tmp_path / "d")
    messages = [one.message for one in done.findings.by_code()["split-invalid"]]
    assert [message.split("called ")[1] for message in messages] == ["'all'", "'dev-2024'"]


def test_declared_types_stay(tmp_path: Path) -> None:
    kinds = pa.schema([("culture", pa.int8()), ("when", pa.timestamp("ms", "UTC"))])
    table = pa.Table.from_pylist(DEV)
    at = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    table = table.append_column(kinds.field("when"), pa.array([at] * 4, kinds.field("when").type))
    place = table.schema.get_field_index("culture")
    table = table.set_column(place, kinds.field("culture"), table["culture"].cast(pa.int8()))
    (tmp_path / "s").mkdir()
    pq.write_table(table, tmp_path / "s" / "dev.parquet")
    go(str(tmp_path / "s"), tmp_path / "d")
    written = pq.read_table(tmp_path / "d" / "data" / "dev.parquet")
    assert written.schema.remove_metadata() == table.schema.remove_metadata()
    assert written.replace_schema_metadata() == table.replace_schema_metadata()


def test_labels_of_classes_stay(tmp_path: Path) -> None:
    saved = datasets.Dataset.from_list(DEV)
    names = datasets.ClassLabel(names=["anywhere", "swap", "local"])
    saved.cast_column("culture", names).save_to_disk(str(tmp_path / "s"))
    go(str(tmp_path / "s"), tmp_path / "d")
    loaded = datasets.load_dataset(str(tmp_path / "d"), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"].features["culture"] == names


CARD = """---
license: other  # a remark
language: [ja, en]
configs:
- config_name: v0.9
  data_files: v0.9/*.parquet
  default: true
---
# Ours

A word of the makers.
"""


def test_what_people_wrote_stays(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    (folder / "LICENSE").write_text("Be kind.", encoding="utf-8")
    go(source(tmp_path / "s", DEV, TEST), folder, version="v1.0")
    card = (folder / "README.md").read_text("utf-8")
    assert "# Ours\n\nA word of the makers.\n\n<!--" in card
    data = metadata_load(folder / "README.md")
    assert (data["license"], data["language"]) == ("other", ["ja", "en"])
    assert data["configs"][0] == {"config_name": "v0.9", "data_files": "v0.9/*.parquet"}
    (folder / "README.md").write_text(card + "\nAnother word.\n", encoding="utf-8")
    go(source(tmp_path / "t", DEV[:3], TEST), folder, version="v2.0")
    again = (folder / "README.md").read_text("utf-8")
    assert again.endswith(f"{END}\n\nAnother word.\n")
    assert "## Release v2.0" in again
    assert "## Release v1.0" not in again


BAD_CARDS = {
    "one mark": (f"# Ours\n{BEGIN}\ntext\n", "not one pair"),
    "marks turned round": (f"{END}\n{BEGIN}\n", "not one pair"),
    "twice": (f"{BEGIN}{END}{BEGIN}{END}", "not one pair"),
    "no YAML": ("---\na: [\n---\n", "metadata cannot be read"),
    "a list": ("---\n- a\n---\n", "metadata cannot be read"),
    "configs of a shape of its own": ("---\nconfigs: [a, b]\n---\n", "metadata cannot be read"),
}


@pytest.mark.parametrize("name", BAD_CARDS)
def test_cards_that_cannot_be_merged(tmp_path: Path, name: str) -> None:
    text, said = BAD_CARDS[name]
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(DeriveError, match=said) as caught:
        go(source(tmp_path / "s", DEV, TEST), folder, version="v1.0")
    assert str(folder / "README.md") in str(caught.value)
    assert (folder / "README.md").read_text("utf-8") == text
    assert [path.name for path in folder.iterdir()] == ["README.md"], "nothing is half released"


@pytest.mark.parametrize("version", ["data", "../v1", "v 1", "-v1", "changes"])
def test_names_that_are_no_version(tmp_path: Path, version: str) -> None:
    with pytest.raises(DeriveError, match="no name for a version"):
        go(source(tmp_path / "s", DEV, TEST), tmp_path / "d", version=version)


def test_folders_that_are_no_datasets(tmp_path: Path) -> None:
    given = source(tmp_path / "s", DEV, TEST)
    with pytest.raises(DeriveError, match=r"data files that are of no version: dev\.jsonl"):
        go(given, Path(given))
    (tmp_path / "file").touch()
    with pytest.raises(DeriveError, match="a file of that name"):
        go(given, tmp_path / "file")


def test_a_killed_run_leaves_no_half_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = source(tmp_path / "s", DEV, TEST)
    whole = tmp_path / "whole"
    go(given, whole, version="v1.0")
    real, folder = pq.write_table, tmp_path / "d"
    for stop in range(2):
        left = [stop]

        def killed(*how: Any, left: list[int] = left, **more: Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            real(*how, **more)

        monkeypatch.setattr(pq, "write_table", killed)
        with pytest.raises(KeyboardInterrupt):
            go(given, folder, version="v1.0")
        assert not (folder / "v1.0").exists()
    monkeypatch.setattr(pq, "write_table", real)
    (folder / ".v1.0.left.derive.tmp").mkdir(parents=True)
    assert go(given, folder, version="v1.0").state == "written"
    assert {k: v[0] for k, v in tree(folder).items()} == {k: v[0] for k, v in tree(whole).items()}
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "v1.0"]
    # killed between the data and the card
    (folder / "README.md").unlink()
    assert go(given, folder, version="v1.0").state == "written"
    assert {k: v[0] for k, v in tree(folder).items()} == {k: v[0] for k, v in tree(whole).items()}


def test_it_can_be_derived_from(first: Path, tmp_path: Path, derive: Derive) -> None:
    done = derive("init", tmp_path / "p", "--source", first, "--locale", "pt-BR", "--json")
    assert json.loads(done.stdout)["details"]["config"] == "v1.0"
    items = pl.read_parquet(tmp_path / "p" / "release" / "items.parquet")
    assert items["split"].to_list() == ["dev"] * 4 + ["test"] * 2


def test_a_network_that_is_not_there(
    first: Path, tmp_path: Path, derive: Derive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", refuse)
    derive("init", tmp_path / "p", "--source", first, "--locale", "pt-BR")
    before = tree(tmp_path)
    hub = "acme/sample"
    for arguments in (
        ["release", hub, "-o", tmp_path / "new", "--version", "v1.0"],
        ["release", tmp_path / "one", "-o", first, "--version", "v1.1", "--previous", hub],
        ["update", tmp_path / "p", "--to", hub],
        ["diff", hub, first],
    ):
        done = derive(*arguments)
        assert done.exit_code == 2, arguments
        assert "The Hub cannot be reached" in done.stderr
        assert "check the network" in done.stderr
    assert tree(tmp_path) == before
