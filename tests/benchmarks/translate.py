"""Translation end to end against bare CTranslate2, in one run.

    python tests/benchmarks/translate.py [FILE.csv] [--column question] [--rounds 5]

"ours" is derive.translate from the table `items` to the table `drafts`: cutting, protecting,
translating, putting together, and every check of every draft. "bare" is one call of
Translator.translate_batch on the same sentences, already cut, tokenized and sorted by length, with
the same beam, threads and batch size. "one by one" is the same call with one sentence at a time, as
argos-translate calls CTranslate2. "transformers" is `generate` on the same weights (the checkpoint
in shared/models, in fp32) in batches of 32 sorted by length, on as many threads. All are warmed up
on the first 50 texts, so that loading models (of translation and of language identification) is
not counted; rounds alternate. The slow ways translate every SLOW-th sentence.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from derive import tables
from derive.translate.engine import Engine
from derive.translate.models import find_model, load_engine
from derive.translate.segments import split
from derive.translate.stage import translate

SHARED = Path(__file__).parents[3] / "shared" / "data" / "do_not_answer_en.csv"
CHECKPOINT = Path(__file__).parents[3] / "shared" / "models" / "en-pt_BR-tiny-hf"
SLOW = 4
LANGUAGES = {"prompt": "en", "response": None, "prompt_pivot": None, "response_pivot": None}


def read_texts(path: Path, column: str) -> list[str]:
    """The texts of one column; invented ones if there is no such file."""
    if not path.is_file():
        return [f"What should I tell my neighbour about the party number {n}?" for n in range(900)]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def as_items(texts: list[str]) -> tables.pl.DataFrame:
    """The table `items` with these prompts."""
    empty = dict.fromkeys(tables.ITEMS)
    return tables.frame(
        ({**empty, "id": str(n), "prompt": text} for n, text in enumerate(texts)), tables.ITEMS
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def by_transformers(sentences: list[str]) -> Callable[[], None] | None:
    """A way to translate with transformers; None where it, or the checkpoint, is missing."""
    try:
        import torch
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
    except ImportError:
        return None
    if not CHECKPOINT.is_dir():
        return None
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
    model = AutoModelForSeq2SeqLM.from_pretrained(CHECKPOINT, dtype=torch.float32).eval()

    def translate_all() -> None:
        with torch.inference_mode():
            for at in range(0, len(sentences), 32):
                batch = tokenizer(sentences[at : at + 32], return_tensors="pt", padding=True)
                model.generate(**batch, num_beams=1, do_sample=False, max_new_tokens=256)

    return translate_all


def main() -> None:
    """Print one table: texts and sentences a second, and the ratio to the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--column", default="question")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    texts = read_texts(options.file, options.column)
    items = as_items(texts)
    engine = load_engine(find_model("pt-BR"), "pt-BR")
    sentences = list(
        dict.fromkeys(part.text for text in texts for part in split(text, "en") if part.translate)
    )
    tokens = sorted(engine.encode(sentences, "en"), key=len, reverse=True)

    def ours(cache: Path | None = None, of: tables.pl.DataFrame = items) -> None:
        known: Engine = engine
        translate(of, LANGUAGES, "pt-BR", known, cache=cache)

    def cached() -> None:
        with tempfile.TemporaryDirectory() as folder:
            ours(Path(folder) / "cache.sqlite")

    def bare() -> None:
        engine._translator.translate_batch(
            tokens,
            beam_size=1,
            max_batch_size=engine.batch_tokens,
            batch_type="tokens",
            max_input_length=0,
            max_decoding_length=512,
            return_scores=True,
        )

    def one_by_one() -> None:
        for sentence in tokens[::SLOW]:
            engine._translator.translate_batch([sentence], beam_size=1, max_input_length=0)

    ours(of=items.head(50))
    bare()
    ways = {"bare CTranslate2 (the limit)": bare, "ours": ours, "ours, cache on disk": cached}
    ways["one by one"] = one_by_one
    if peer := by_transformers(sorted(sentences, key=len, reverse=True)[::SLOW]):
        ways["transformers"] = peer
    slow = {"one by one": SLOW, "transformers": SLOW}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            seconds[name].append(timed(way) * slow.get(name, 1))
    limit = statistics.median(seconds["bare CTranslate2 (the limit)"])
    print(f"{len(texts)} texts, {len(sentences)} different sentences, {engine.signature}")
    print(f"{'':30} {'median s':>9} {'sentences/s':>12} {'of the limit':>13}")
    for name, took in seconds.items():
        median = statistics.median(took)
        print(f"{name:30} {median:9.2f} {len(sentences) / median:12.0f} {limit / median:13.2f}")


if __name__ == "__main__":
    main()
