"""Translation end to end against bare CTranslate2 and others, in one run.

    python tests/benchmarks/translate.py [FILE.csv] [--column question] [--rounds 5] [--times 1]
        [--beam 1] [--device cpu|cuda] [--model FOLDER] [--checkpoint FOLDER]

ours               derive.translate from the table `items` to the table `drafts`: cutting,
                   protecting, translating, putting together, and every check of every draft
bare CTranslate2   one call of Translator.translate_batch on the same sentences, cut, tokenized and
                   sorted by length before the clock starts: the limit
one by one         the same call with one sentence at a time, all cores at work on it
argostranslate     itself, one text at a time as it does, with a package made from the same model
                   (SentencePiece models only). Its sentence splitter is left out, as it would
                   have to be downloaded: it gets sentences
transformers       `generate` on the same weights (the checkpoint, in fp32; fp16 on a GPU) in
                   batches of 32 sorted by length

All with the same sentences, model and beam, and all cores, or all GPUs, that each can use; each is
left out where its package or model is missing. All run once before the clock starts, so that
loading models (of translation and of language identification) is not counted; rounds alternate.
CPU seconds are those of all threads: on a machine with other work they compare better than the wall
clock. The slow ways translate every SLOW-th sentence. --times: each text so many times, with a
number put after it. On a GPU, its utilisation (mean while the way runs) and peak memory are read
from nvidia-smi.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from derive import tables
from derive.translate import tuning
from derive.translate.ct2 import CTranslate2Engine, Settings
from derive.translate.models import find_model, load_engine
from derive.translate.segments import split
from derive.translate.stage import translate

SHARED = Path(__file__).parents[3] / "shared"
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


class Seen(NamedTuple):
    """What one round of a way took; GPU: mean utilisation in %, peak memory in MB, 0 without."""

    wall: float
    cpu: float
    gpu: float
    memory: float


def measured(work: Callable[[], object], share: int, gpu: bool) -> Seen:
    """Run it once. share: it does one of so many sentences, so that all would take longer."""
    seen: list[tuple[float, float]] = []
    over = threading.Event()

    def watch() -> None:
        query = "--query-gpu=utilization.gpu,memory.used"
        while not over.wait(0.1):
            told = subprocess.run(
                ["nvidia-smi", query, "--format=csv,noheader,nounits"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            lines = [line.split(",") for line in told.stdout.splitlines()]
            seen.append((statistics.mean(float(one[0]) for one in lines),
                         sum(float(one[1]) for one in lines)))  # fmt: skip

    watcher = threading.Thread(target=watch, daemon=True)
    if gpu:
        watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    over.set()
    if not gpu:
        return Seen(wall * share, cpu * share, 0, 0)
    watcher.join()
    used, memory = zip(*(seen or [(0.0, 0.0)]), strict=True)
    return Seen(wall * share, cpu * share, statistics.mean(used), max(memory))


def by_transformers(
    path: Path, sentences: list[str], device: str, beam: int
) -> Callable[[], None] | None:
    """A way to translate with transformers; None where it, or the checkpoint, is missing."""
    try:
        import torch
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
    except ImportError:
        return None
    if not path.is_dir() or (device == "cuda" and not torch.cuda.is_available()):
        return None
    tokenizer = AutoTokenizer.from_pretrained(path)
    dtype = torch.float16 if device == "cuda" else torch.float32
    model = AutoModelForSeq2SeqLM.from_pretrained(path, dtype=dtype).eval().to(device)

    def translate_all() -> None:
        with torch.inference_mode():
            for at in range(0, len(sentences), 32):
                batch = tokenizer(sentences[at : at + 32], return_tensors="pt", padding=True)
                how = {"num_beams": beam, "do_sample": False, "max_new_tokens": 256}
                model.generate(**batch.to(device), **how)

    return translate_all


def by_argos(
    model: Path, folder: Path, sentences: list[str], device: str, beam: int
) -> Callable[[], None] | None:
    """A way to translate with argostranslate; None where it is missing, or cannot run the model."""
    try:
        from argostranslate import package, settings
        from argostranslate import translate as argos
    except ImportError:
        return None
    if not (model / "sentencepiece.model").is_file():
        return None
    settings.beam_size, settings.device = beam, device
    shutil.copytree(model, folder / "model")
    shutil.copy(model / "sentencepiece.model", folder)
    about = {"from_code": "en", "from_name": "English", "to_code": "pt", "to_name": "Portuguese"}
    (folder / "metadata.json").write_text(json.dumps(about))
    pair = argos.Language("en", "English"), argos.Language("pt", "Portuguese")
    way = argos.PackageTranslation(*pair, package.Package(folder))
    way.sentencizer = SimpleNamespace(split_sentences=lambda text: [text])

    def translate_all() -> None:
        for sentence in sentences:
            way.translate(sentence)

    return translate_all


def ways_of(
    engine: CTranslate2Engine, model: Path, texts: list[str], folder: Path, checkpoint: Path
) -> tuple[int, dict[str, tuple[Callable[[], object], int]]]:
    """How many different sentences there are; each way, and of how many sentences it does one."""
    items = as_items(texts)
    sentences = list(
        dict.fromkeys(part.text for text in texts for part in split(text, "en") if part.translate)
    )
    ordered = sorted(sentences, key=len, reverse=True)
    tokens = sorted(engine.encode(sentences, "en"), key=len, reverse=True)
    device, beam = str(engine.signature["device"]), int(engine.signature["beam_size"])

    def ours(cache: Path | None = None) -> None:
        translate(items, LANGUAGES, "pt-BR", engine, cache=cache)

    def cached() -> None:
        with tempfile.TemporaryDirectory() as name:
            ours(Path(name) / "cache.sqlite")

    def bare() -> None:
        engine._translator.translate_batch(
            tokens,
            beam_size=beam,
            max_batch_size=engine.batch_tokens,
            batch_type="tokens",
            max_input_length=0,
            max_decoding_length=512,
            return_scores=True,
        )

    single = load_engine(model, "pt-BR", Settings(device=device, beam_size=beam))
    assert isinstance(single, CTranslate2Engine)
    single._open(1, tuning.cores())

    def one_by_one() -> None:
        for sentence in tokens[::SLOW]:
            single._translator.translate_batch([sentence], beam_size=beam, max_input_length=0)

    ways: dict[str, tuple[Callable[[], object], int]] = {
        "bare CTranslate2 (the limit)": (bare, 1),
        "ours": (ours, 1),
        "ours, cache on disk": (cached, 1),
        "one by one": (one_by_one, SLOW),
    }
    if argos := by_argos(model, folder, ordered[::SLOW], device, beam):
        ways["argostranslate"] = (argos, SLOW)
    if peer := by_transformers(checkpoint, ordered[::SLOW], device, beam):
        ways["transformers"] = (peer, SLOW)
    return len(sentences), ways


def main() -> None:
    """Print one table: seconds and sentences a second, and the ratios to the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path,
                        default=SHARED / "data" / "do_not_answer_en.csv")  # fmt: skip
    parser.add_argument("--column", default="question")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--model", default="")
    parser.add_argument("--checkpoint", type=Path, default=SHARED / "models" / "en-pt_BR-tiny-hf")
    options = parser.parse_args()

    texts = read_texts(options.file, options.column)
    texts += [f"{text} ({n})" for n in range(1, options.times) for text in texts]
    model = find_model("pt-BR", options.model)
    engine = load_engine(model, "pt-BR", Settings(device=options.device, beam_size=options.beam))
    gpu = engine.signature["device"] == "cuda" and shutil.which("nvidia-smi") is not None
    with tempfile.TemporaryDirectory() as name:
        number, ways = ways_of(engine, model, texts, Path(name), options.checkpoint)
        for way, _ in ways.values():
            way()
        seen: dict[str, list[Seen]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, (way, share) in ways.items():
                seen[name].append(measured(way, share, gpu))
    print(f"{len(texts)} texts, {number} different sentences, {engine.signature}")
    print(f"{'':29} {'wall s':>8} {'sentences/s':>12} {'of limit':>9} {'CPU s':>8} {'of limit':>9}"
          + (f" {'GPU %':>6} {'GPU MB':>7}" if gpu else ""))  # fmt: skip
    medians = {
        name: Seen(*map(statistics.median, zip(*rounds, strict=True)))
        for name, rounds in seen.items()
    }
    limit = next(iter(medians.values()))
    for name, one in medians.items():
        print(f"{name:29} {one.wall:8.2f} {number / one.wall:12.0f} {limit.wall / one.wall:9.2f}"
              f" {one.cpu:8.2f} {limit.cpu / one.cpu:9.2f}"
              + (f" {one.gpu:6.0f} {one.memory:7.0f}" if gpu else ""))  # fmt: skip


if __name__ == "__main__":
    main()
