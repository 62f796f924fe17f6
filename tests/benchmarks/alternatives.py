"""What alternatives and the round trip cost, in processor time against the drafts alone.

    python tests/benchmarks/alternatives.py [FILE.csv] [--column en]

The embedded model translates the column to pt-BR. For the way back it is described as a model from
pt-BR to English: the texts are rubbish, the work is that of a model of its size. `same` is the
share of the drafts that a wider beam leaves as they were; `kept` how many translations a text has
on average, itself among them.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import polars as pl

from derive import tables
from derive.progress import silent
from derive.translate.ct2 import Settings
from derive.translate.models import find_model, load_engine
from derive.translate.peers import Peers
from derive.translate.round_trip import Reverse
from derive.translate.stage import Task, translate_slices

SHARED = Path(__file__).parents[3] / "shared" / "data" / "multijail.csv"
LANGUAGES = {"prompt": "en", "response": None, "prompt_pivot": None, "response_pivot": None}


def backwards(folder: Path) -> Path:
    """A copy of the embedded model that says it translates into English."""
    shutil.copytree(find_model("pt-BR"), folder, copy_function=shutil.copyfile)
    described = json.loads((folder / "model.json").read_text("utf-8"))
    described |= {"source_languages": ["pt-BR"], "target_languages": ["en"]}
    (folder / "model.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--column", default="en")
    options = parser.parse_args()
    with options.file.open(encoding="utf-8-sig", newline="") as file:
        texts = [row[options.column] for row in csv.DictReader(file)]
    empty = dict.fromkeys(tables.ITEMS)
    rows = ({**empty, "id": str(n), "prompt": text} for n, text in enumerate(texts))
    items = tables.frame(rows, tables.ITEMS)

    def drafted(of: pl.DataFrame, count: int, reverse: Reverse | None = None) -> pl.DataFrame:
        engine = load_engine(find_model("pt-BR"), "pt-BR", Settings(alternatives=count))
        task = Task(LANGUAGES, "pt-BR", engine, alternatives=count, reverse=reverse)
        return pl.concat(translate_slices([of], task, Peers(), silent))

    print(f"{len(texts)} texts\n{'':16}{'time':>6}{'same':>8}{'kept':>6}")
    with tempfile.TemporaryDirectory() as folder:
        back = Reverse(load_engine(backwards(Path(folder) / "model"), "en"), "en")
        drafted(items.head(20), 0, back)
        alone, first = 0.0, items
        for name, count, reverse in (
            ("drafts alone", 0, None),
            *((f"N = {count}", count, None) for count in (2, 3, 5, 10)),
            ("round trip", 0, back),
        ):
            begin = time.process_time()
            made = drafted(items, count, reverse)
            spent = time.process_time() - begin
            alone, first = (spent, made) if not alone else (alone, first)
            same = statistics.fmean(made["text"] == first["text"])
            kept = statistics.fmean(max(1, len(one)) for one in made["alternatives"])
            print(f"{name:16}{spent / alone:6.1f}{same:8.1%}{kept:6.1f}")


if __name__ == "__main__":
    main()
