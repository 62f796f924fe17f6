"""The same rows give the same items, whatever file they come in."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import polars as pl
import pytest
import xlsxwriter

import derive
from derive.release.columns import flatten

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    folder = Path(__file__).parents[3] / "examples" / "sample-release"
    return {
        split: [
            json.loads(line) for line in (folder / f"{split}.jsonl").read_text("utf-8").splitlines()
        ]
        for split in ("dev", "test")
    }


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def write_csv(
    path: Path, rows: list[dict[str, Any]], change: Callable = flatten, **how: Any
) -> None:
    flat = [change(row) for row in rows]
    with path.open("w", encoding=how.pop("encoding", "utf-8"), newline="") as file:
        writer = csv.DictWriter(file, flat[0], **how)
        writer.writeheader()
        writer.writerows(flat)


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    pl.DataFrame(rows).write_parquet(path)


def write_xlsx(path: Path, sheets: Rows) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            flat = [flatten(row) for row in rows]
            sheet.write_row(2, 1, list(flat[0]))  # people leave blank rows and columns
            for at, row in enumerate(flat, 3):
                for column, value in enumerate(row.values(), 1):
                    write = sheet.write_number if isinstance(value, int) else sheet.write_string
                    assert write(at, column, value) == 0


def split_files(suffix: str, write: Callable, **how: Any) -> Callable[[Path, Rows], Path]:
    def make(folder: Path, rows: Rows) -> Path:
        for split, of_split in rows.items():
            write(folder / f"{split}{suffix}", of_split, **how)
        return folder

    return make


def shards(folder: Path, rows: Rows) -> Path:
    for split, of_split in rows.items():
        for number in range(2):
            half = of_split[number * 10 :] if number else of_split[:10]
            write_parquet(folder / f"{split}-{number:05}-of-00002.parquet", half)
    return folder


def one_workbook(folder: Path, rows: Rows) -> Path:
    write_xlsx(folder / "release.xlsx", rows)
    return folder / "release.xlsx"


def saved_by_datasets(folder: Path, rows: Rows) -> Path:
    whole = {split: datasets.Dataset.from_list(of_split) for split, of_split in rows.items()}
    datasets.DatasetDict(whole).save_to_disk(folder / "saved")
    return folder / "saved"


def validation_in_data(folder: Path, rows: Rows) -> Path:
    """As the Hub's repository has it: data/validation-00000-of-00001.parquet."""
    (folder / "data").mkdir()
    (folder / "README.md").write_text("---\n---\n", encoding="utf-8")
    write_parquet(folder / "data" / "validation-00000-of-00001.parquet", rows["dev"])
    write_parquet(folder / "data" / "test-00000-of-00001.parquet", rows["test"])
    return folder


FORMATS: dict[str, Callable[[Path, Rows], Path]] = {
    "json": split_files(".json", write_json),
    "jsonl, escaped": split_files(".jsonl", write_jsonl),
    "csv": split_files(".csv", write_csv),
    "csv for Excel": split_files(".csv", write_csv, encoding="utf-8-sig", delimiter=";"),
    "csv, meta as JSON": split_files(
        ".csv", write_csv, change=lambda row: {**row, "meta": json.dumps(row["meta"])}
    ),
    "csv, meta as pandas writes it": split_files(".csv", write_csv, change=dict),
    "tsv": split_files(".tsv", write_csv, delimiter="\t"),
    "parquet": split_files(".parquet", write_parquet),
    "parquet shards": shards,
    "workbook": one_workbook,
    "saved by datasets": saved_by_datasets,
    "validation in data/": validation_in_data,
}


@pytest.mark.parametrize("name", FORMATS)
def test_same_items(name: str, rows: Rows, sample: Path, tmp_path: Path) -> None:
    expected = derive.read_release(str(sample))
    read = derive.read_release(str(FORMATS[name](tmp_path, rows)))
    assert read.items.drop("file", "row").equals(expected.items.drop("file", "row"))
    assert (read.rows, read.left_out) == (64, 0)


@pytest.mark.parametrize(
    ("file", "row"), [("test.jsonl", 2), ("test.csv", 3), ("test.json", 2), ("test.xlsx", 5)]
)
def test_rows_count_as_people_count_them(file: str, row: int, rows: Rows, tmp_path: Path) -> None:
    path = tmp_path / file
    write = {"jsonl": write_jsonl, "csv": write_csv, "json": write_json}.get(file.split(".")[1])
    if write:
        write(path, rows["test"])
    else:
        write_xlsx(path, {"Sheet1": rows["test"]})
    items = derive.read_release(str(path)).items
    assert items.row(1, named=True)["row"] == row
    assert items["file"].unique().to_list() == [file]


def test_only_one_split(sample: Path) -> None:
    from derive.release.read import Options

    items = derive.read_release(str(sample), Options(splits=("test",))).items
    assert items["split"].unique().to_list() == ["test"]
    with pytest.raises(derive.DeriveError, match="No split 'train'") as caught:
        derive.read_release(str(sample), Options(splits=("train",)))
    assert "dev, test" in str(caught.value.fix)
