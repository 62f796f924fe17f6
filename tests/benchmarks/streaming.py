"""Memory and time of the stage `translate`, from items.parquet to drafts.parquet.

    python tests/benchmarks/streaming.py [--rows 10000 100000 1000000] [--model]

Each size runs in a process of its own; memory is its peak resident set, "before" what Python and
the libraries take. Without --model an engine that does nothing stands for the model, so that the
figures are those of all the rest: cutting, checking every draft, the cache, the tables. With
--model it is the embedded model of pt-BR.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from derive import tables
from derive.translate.engine import Output
from derive.translate.models import find_model, load_engine
from derive.translate.stage import Task, translate_file

ENGLISH = """
government school hospital teacher winter summer letter house garden river mountain doctor patient
advice question answer medicine travel bread water family friend neighbour office manager salary
"""
PORTUGUESE = "casa escola jardim professor médico pergunta resposta conselho"
LANGUAGES = {"prompt": "ja", "response": "ja", "prompt_pivot": "en", "response_pivot": "en"}


class Nothing:
    """An engine that puts a Portuguese word for each English one."""

    name = "nothing 1"
    source_languages = ("en",)
    target_languages = ("pt-BR",)
    signature: dict[str, Any] = {"engine": "nothing"}  # noqa: RUF012
    batch_tokens = 4096
    max_input_tokens = 512
    mask = "XQZ{}"

    def encode(self, sentences: Sequence[str], language: str) -> list[list[str]]:
        """Words are its tokens."""
        return [sentence.split(" ") for sentence in sentences]

    def translate(self, batches: Iterable[Sequence[list[str]]]) -> Iterator[list[Output]]:
        """Words for words; the last one, the question's number, stays."""
        words = PORTUGUESE.split()
        for batch in batches:
            yield [
                Output(" ".join([*(words[len(one) % 8] for one in tokens[:-1]), tokens[-1]]),
                       -0.5, len(tokens))
                for tokens in batch
            ]  # fmt: skip


def slices(rows: int) -> Iterator[tables.pl.DataFrame]:
    """Invented items, all different."""
    draw = random.Random(0)
    words, empty = ENGLISH.split(), dict.fromkeys(tables.ITEMS)

    def item(at: int) -> dict[str, Any]:
        said = " ".join(draw.choices(words, k=draw.randint(5, 15)))
        return {
            **empty,
            "id": f"invented-{at:07d}",
            "prompt": f"これは{at}番目の質問ですか。",
            "prompt_pivot": f"What should I tell my {said} {at}?",
        }

    for start in range(0, rows, 10_000):
        ids = range(start, min(start + 10_000, rows))
        yield tables.frame(map(item, ids), tables.ITEMS)


def peak() -> float:
    """The peak resident set of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_size(rows: int, model: bool) -> None:
    """Translate so many items and print a line."""
    engine = load_engine(find_model("pt-BR"), "pt-BR") if model else Nothing()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables.write_slices(slices(rows), folder / "items.parquet", tables.ITEMS)
        before, begin = peak(), time.perf_counter()
        task = Task(LANGUAGES, "pt-BR", engine, cache=folder / "cache.sqlite")
        translate_file(folder / "items.parquet", folder / "drafts.parquet", task)
        seconds = time.perf_counter() - begin
        made = sum(one.height for one in tables.Slices(folder / "drafts.parquet", tables.DRAFTS,
                                                       ("item",)))  # fmt: skip
        print(f"{made:10,} {seconds:8.0f} {1e6 * seconds / rows:9.0f} {before:10.0f} {peak():8.0f}")


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        one_size(options.rows[0], options.model)
        return
    print(f"{'drafts':>10} {'seconds':>8} {'µs/draft':>9} {'before MB':>10} {'peak MB':>8}")
    for rows in options.rows:
        more = ["--model"] if options.model else []
        subprocess.run(
            [sys.executable, __file__, "--here", "--rows", str(rows), *more], check=True
        )  # fmt: skip


if __name__ == "__main__":
    main()
