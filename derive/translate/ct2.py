"""The CTranslate2 engine: the thinnest wrapper that keeps every worker busy."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.files import hash_json
from derive.translate import tuning
from derive.translate.engine import Output, Tokens, closest
from derive.translate.pool import Pool, out_of_memory
from derive.translate.tokenizing import tokenizers_of

# CPU seconds measured: of the embedded model (20 MB), 512 and 1,024 padded tokens take the same,
# larger batches more; of one of OPUS-MT's size (62 MB), 512 take 4 to 15 % more than 1,024, 256 a
# third more, and 2,048 5 to 12 % less, but they leave workers idle where there is little to do
CPU_BATCH_TOKENS = 512
CPU_BATCH_TOKENS_LARGE = 1024
LARGE = 50_000_000  # bytes of weights
LOWEST = -100.0  # a score: e to this is no chance at all
CUDA_TYPES = ("float16", "int8_float16", "int8_float32", "float32")  # the first that there is
SAMPLE = "I would like to know how my neighbours celebrate the first day of summer, {}."


@dataclass(frozen=True)
class Settings:
    """How to run a model. device: auto, cpu or cuda. compute_type: CTranslate2's, or "default".

    threads: how many batches are translated side by side, by a core each; 0 for all cores.
    alternatives: hypotheses wanted of each sentence; the beam is at least as wide.
    """

    device: str = "auto"
    compute_type: str = "default"
    beam_size: int = 1
    threads: int = 0
    alternatives: int = 0

    @property
    def beam(self) -> int:
        """How wide the search is."""
        return max(self.beam_size, self.alternatives)


class CTranslate2Engine:
    """An Engine over a model folder whose descriptor has been checked (see models.load_model).

    All GPUs that CTranslate2 sees are used, or all cores. The outputs do not depend on how many.
    """

    def __init__(
        self, path: Path, descriptor: dict[str, Any], settings: Settings, target: str
    ) -> None:
        import ctranslate2

        # it would tell of compute types that it chooses by itself; the signature says which
        ctranslate2.set_log_level(logging.ERROR)
        self._path = path
        self._descriptor = descriptor
        self._target = target
        self._settings = settings
        self._device = choose_device(settings.device)
        on_cpu = self._device == "cpu"
        self._open(settings.threads or tuning.cores(), 1)
        self._source, self._pieces = tokenizers_of(path, descriptor["tokenizer"])
        self.name = f"{descriptor['name']} {descriptor['version']}"
        self.source_languages = descriptor["source_languages"]
        self.target_languages = descriptor["target_languages"]
        self.max_input_tokens = int(descriptor["max_input_tokens"])
        self.mask = descriptor["mask"]
        self.about = {key: descriptor[key] for key in ("name", "version", "licence", "origin")}
        self.signature = {
            "engine": f"ctranslate2 {ctranslate2.__version__}",
            **identity(descriptor),
            "target": target,
            "device": self._device,
            "compute_type": self._translator.compute_type,
            "beam_size": settings.beam,
            **({"alternatives": settings.alternatives} if settings.alternatives > 1 else {}),
        }
        large = (path / "model.bin").stat().st_size >= LARGE
        on_cpu_tokens = CPU_BATCH_TOKENS_LARGE if large else CPU_BATCH_TOKENS
        self.batch_tokens = on_cpu_tokens if on_cpu else self._largest_batch()
        self.signature["batch_tokens"] = self.batch_tokens

    def _open(self, workers: int, threads: int) -> None:
        """Load the model for so many workers of so many threads; on GPUs, one worker for each."""
        import ctranslate2

        self._translator: Any = None  # never two of them in memory
        self._translator, working = open_model(
            ctranslate2.Translator, self._path, self._device, self._settings, workers, threads
        )
        self._pool = Pool(self._submit, 3 * working)

    def tune(self) -> None:
        """Choose how many workers of how many threads are fastest here, by trying each way once;
        it takes seconds the first time (see tuning.py). On a GPU, or with `threads`, nothing."""
        if self._device != "cpu" or self._settings.threads:
            return
        number = tuning.cores()
        choices = tuning.thread_choices(number)
        sample = [self._sample(self.batch_tokens) for _ in range(2 * number)]

        def seconds(choice: tuple[int, int]) -> float:
            self._open(*choice)
            list(self._pool.run(sample[:number]))
            begin = time.perf_counter()
            list(self._pool.run(sample))
            return time.perf_counter() - begin

        key = {**self.signature, "cores": number}
        self._open(*tuning.remembered(key, lambda: tuning.fastest(choices, seconds)))

    def _largest_batch(self) -> int:
        """The tokens of a batch that this GPU is worth."""

        def rate(size: int) -> float:
            batch = self._sample(size)
            try:
                for _ in range(2):  # the first time, memory is got
                    begin = time.perf_counter()
                    done = [one.result() for one in self._submit(batch)]
            except (RuntimeError, MemoryError) as error:
                if out_of_memory(error):
                    return 0.0
                raise
            return sum(len(one.hypotheses[0]) for one in done) / (time.perf_counter() - begin)

        key = {**self.signature, "cores": 0}
        return int(tuning.remembered(key, lambda: tuning.largest(tuning.CUDA_SIZES, rate)))

    def _sample(self, size: int) -> list[Tokens]:
        """A batch of so many tokens."""
        [tokens] = self.encode([SAMPLE.format(0)], self.source_languages[0])
        number = max(size // len(tokens), 1)
        sentences = [SAMPLE.format(at % 10) for at in range(number)]
        return self.encode(sentences, self.source_languages[0])

    def encode(self, sentences: Sequence[str], language: str) -> list[Tokens]:
        """The model's tokens, with what its family puts before and after them."""
        prefix = self._special("source_prefix", language)
        suffix = self._special("source_suffix", language)
        return [[*prefix, *tokens, *suffix] for tokens in self._source.encode(list(sentences))]

    def _special(self, name: str, language: str = "") -> Tokens:
        """Tokens of the descriptor, with the model's codes of the pair in them."""
        codes = self._descriptor.get("codes", {})
        source, target = (code_of(codes, tag) for tag in (language, self._target))
        return [
            token.replace("{source}", source).replace("{target}", target)
            for token in self._descriptor.get(name, [])
        ]

    def translate(self, batches: Iterable[Sequence[Tokens]]) -> Iterator[list[Output]]:
        """Translate batch by batch; enough of them wait in line that no worker idles."""
        try:
            yield from map(self._outputs, self._pool.run(batches))
        except (RuntimeError, MemoryError) as error:
            raise failed(error) from error

    def score(self, sources: Sequence[Tokens], texts: Sequence[str]) -> list[list[float]]:
        """The log-probabilities of the tokens of each text as the translation of its source.

        sources: as `encode` gives them. A pair is scored whatever its neighbours are; one that is
        longer than the model can take, or whose numbers ran over, gets no scores.
        """
        prefix = self._special("target_prefix")
        targets = [[*prefix, *tokens] for tokens in self._pieces.encode(list(texts))]
        fitting = [
            at
            for at, target in enumerate(targets)
            if len(sources[at]) <= self.max_input_tokens
            and len(target) < self._descriptor["max_output_tokens"]
        ]
        order = sorted(fitting, key=lambda at: len(sources[at]) + len(targets[at]))
        try:
            scored = self._translator.score_batch(
                [sources[at] for at in order],
                [targets[at] for at in order],
                max_batch_size=self.batch_tokens,
                batch_type="tokens",
                max_input_length=0,
            )
        except (RuntimeError, MemoryError) as error:
            raise failed(error) from error
        found = {
            at: list(one.log_probs)
            for at, one in zip(order, scored, strict=True)
            if all(map(math.isfinite, one.log_probs))
        }
        return [found.get(at, []) for at in range(len(targets))]

    def _submit(self, batch: Sequence[Tokens]) -> Any:
        prefix = self._special("target_prefix")
        return self._translator.translate_batch(
            list(batch),
            target_prefix=[prefix] * len(batch) if prefix else None,
            beam_size=self._settings.beam,
            num_hypotheses=max(1, self._settings.alternatives),
            max_input_length=0,  # its own limit would cut silently; segments.shorten sees to it
            max_decoding_length=self._descriptor["max_output_tokens"],
            return_scores=True,
            asynchronous=True,
        )

    def _outputs(self, done: Sequence[Any]) -> list[Output]:
        prefix = len(self._descriptor["target_prefix"])
        hypotheses = [(result.hypotheses, result.scores) for result in done]
        made = [tokens[prefix:] for of_one, _ in hypotheses for tokens in of_one]
        longest = self._descriptor["max_output_tokens"]
        return outputs_of(hypotheses, self._pieces.decode(made), longest)


def open_model(
    kind: Callable[..., Any],
    path: Path,
    device: str,
    settings: Settings,
    workers: int,
    threads: int,
) -> tuple[Any, int]:
    """A ctranslate2.Translator or Generator, and how many workers it has: on a CPU as asked, of so
    many threads (0: all) each; of GPUs, one on each. Raises DeriveError."""
    import ctranslate2

    types = [settings.compute_type]
    where: dict[str, Any] = {"inter_threads": workers, "intra_threads": threads}
    if device == "cuda":
        workers = ctranslate2.get_cuda_device_count()
        where = {"device_index": list(range(workers))}
        if settings.compute_type == "default":
            there = ctranslate2.get_supported_compute_types("cuda")
            types = [one for one in CUDA_TYPES if one in there]

    def load(first: str, *others: str) -> Any:
        try:
            return kind(str(path), device=device, compute_type=first, **where)
        except (RuntimeError, ValueError) as error:
            if others and out_of_memory(error):
                return load(*others)  # the next type takes less
            raise not_loaded(error, path) from error

    return load(*types), workers


def identity(descriptor: Mapping[str, Any]) -> dict[str, str]:
    """Which model it is, for a signature. model_hash: over the descriptor, which holds the hashes
    of all files; tokenizer_hash: of those that cut texts into tokens and put them together."""
    files = descriptor["files"]
    tokenizer = {name for key, name in descriptor["tokenizer"].items() if key != "kind"}
    return {
        "model": f"{descriptor['name']} {descriptor['version']}",
        "revision": descriptor.get("revision", ""),
        "model_hash": hash_json(descriptor),
        "tokenizer_hash": hash_json({name: files[name] for name in sorted(tokenizer)}),
    }


def outputs_of(
    hypotheses: Iterable[tuple[Sequence[Tokens], Sequence[float]]],
    texts: Iterable[str],
    longest: int,
) -> list[Output]:
    """An output for each sentence: its best hypothesis, with the others.

    hypotheses: each sentence's, best first, with their scores. texts: of all of them, in this
    order. longest: tokens at which the model stops by itself.
    """
    text = iter(texts)
    outputs = []
    for of_one, scores in hypotheses:
        first, *others = [
            Output(next(text), _finite(score), len(tokens), len(tokens) >= longest)
            for tokens, score in zip(of_one, scores, strict=True)
        ]
        outputs.append(replace(first, others=tuple(others)) if others else first)
    return outputs


def _finite(score: float) -> float:
    """A score; the lowest there is where a model's numbers ran over, as float16 may."""
    return round(float(score), 6) if math.isfinite(score) else LOWEST


def not_loaded(error: Exception, path: Path) -> DeriveError:
    """What is told of a model that CTranslate2 does not open."""
    return DeriveError(
        f"CTranslate2 cannot load the model: {error}",
        where=path,
        fix="check --device and --compute-type, or get the model again",
    )


def failed(error: Exception) -> DeriveError:
    """What is told of a model that stopped in the middle."""
    return DeriveError(
        f"CTranslate2 failed: {error}",
        fix="run again to go on from here; if memory ran out, use --device cpu",
    )


def code_of(codes: Mapping[str, str], tag: str) -> str:
    """A model's own code of a language; empty for a model that has none."""
    return codes.get(closest(list(codes), tag), "") if tag else ""


def choose_device(wanted: str) -> str:
    """cpu or cuda for auto, cpu or cuda. Raises DeriveError if there is no such device."""
    import ctranslate2

    there = ctranslate2.get_cuda_device_count() > 0
    if wanted == "cuda" and not there:
        raise DeriveError(
            "CTranslate2 sees no CUDA device", fix="use --device cpu, or check the driver"
        )
    return ("cuda" if there else "cpu") if wanted == "auto" else wanted
