"""The CTranslate2 engine: the thinnest wrapper that keeps every worker busy."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.files import hash_json
from derive.translate.engine import Output, Tokens, closest

# embedded model, 2 cores: 512 and 1,024 padded tokens are equally fast, larger batches slower
CPU_BATCH_TOKENS = 512
CUDA_BATCH_TOKENS = 16384


@dataclass(frozen=True)
class Settings:
    """How to run a model. device: auto, cpu or cuda. compute_type: CTranslate2's, or "default".

    threads: how many sentences' batches are translated side by side; 0 for one a core.
    """

    device: str = "auto"
    compute_type: str = "default"
    beam_size: int = 1
    threads: int = 0


class CTranslate2Engine:
    """An Engine over a model folder whose descriptor has been checked (see models.load_model).

    Each worker uses one core, so that the result does not depend on how many there are.
    """

    def __init__(
        self, path: Path, descriptor: dict[str, Any], settings: Settings, target: str
    ) -> None:
        import ctranslate2

        # it would tell of compute types that it chooses by itself; the signature says which
        ctranslate2.set_log_level(logging.ERROR)
        self._descriptor = descriptor
        self._target = target
        self._settings = settings
        self._device = choose_device(settings.device)
        on_cpu = self._device == "cpu"
        self._workers = (settings.threads or _cores()) if on_cpu else 1
        compute_type = settings.compute_type
        if compute_type == "default" and not on_cpu:
            compute_type = "auto"  # the fastest that the GPU supports
        try:
            self._translator = ctranslate2.Translator(
                str(path),
                device=self._device,
                compute_type=compute_type,
                inter_threads=self._workers,
                intra_threads=1,
            )
        except (RuntimeError, ValueError) as error:
            raise DeriveError(
                f"CTranslate2 cannot load the model: {error}",
                where=path,
                fix="check --device and --compute-type, or get the model again",
            ) from error
        self._source, self._pieces = _tokenizers(path, descriptor["tokenizer"])
        self.name = f"{descriptor['name']} {descriptor['version']}"
        self.source_languages = descriptor["source_languages"]
        self.target_languages = descriptor["target_languages"]
        self.max_input_tokens = int(descriptor["max_input_tokens"])
        self.batch_tokens = CPU_BATCH_TOKENS if on_cpu else CUDA_BATCH_TOKENS
        self.mask = descriptor["mask"]
        self.about = {key: descriptor[key] for key in ("name", "version", "licence", "origin")}
        self.signature = {
            "engine": f"ctranslate2 {ctranslate2.__version__}",
            "model": self.name,
            "model_hash": hash_json(descriptor),
            "target": target,
            "device": self._device,
            "compute_type": self._translator.compute_type,
            "beam_size": settings.beam_size,
            "batch_tokens": self.batch_tokens,
        }

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
        pending: deque[Any] = deque()
        for batch in batches:
            pending.append(self._submit(batch))
            if len(pending) > 3 * self._workers:
                yield self._outputs(pending.popleft())
        while pending:
            yield self._outputs(pending.popleft())

    def _submit(self, batch: Sequence[Tokens]) -> Any:
        prefix = self._special("target_prefix")
        return self._translator.translate_batch(
            list(batch),
            target_prefix=[prefix] * len(batch) if prefix else None,
            beam_size=self._settings.beam_size,
            max_input_length=0,  # its own limit would cut silently; segments.shorten sees to it
            max_decoding_length=self._descriptor["max_output_tokens"],
            return_scores=True,
            asynchronous=True,
        )

    def _outputs(self, results: Sequence[Any]) -> list[Output]:
        prefix = len(self._descriptor["target_prefix"])
        outputs = []
        try:
            done = [result.result() for result in results]
        except RuntimeError as error:
            raise DeriveError(
                f"CTranslate2 failed: {error}",
                fix="run again to go on from here; if memory ran out, use --device cpu",
            ) from error
        texts = self._pieces.decode([result.hypotheses[0][prefix:] for result in done])
        for result, text in zip(done, texts, strict=True):
            count = len(result.hypotheses[0])
            outputs.append(
                Output(
                    text,
                    round(float(result.scores[0]), 6),
                    count,
                    count >= self._descriptor["max_output_tokens"],
                )
            )
        return outputs


def _cores() -> int:
    """The cores this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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


class _SentencePiece:
    """One thread: its own pool would wait for the cores that translate."""

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_file=str(path))

    def encode(self, sentences: list[str]) -> list[Tokens]:
        return list(self._processor.encode(sentences, out_type=str, num_threads=1))

    def decode(self, tokens: list[Tokens]) -> list[str]:
        return list(self._processor.decode(tokens, num_threads=1))


class _Tokenizers:
    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, sentences: list[str]) -> list[Tokens]:
        encoded = self._tokenizer.encode_batch(sentences, add_special_tokens=False)
        return [list(one.tokens) for one in encoded]

    def decode(self, tokens: list[Tokens]) -> list[str]:
        known = self._tokenizer.get_vocab(with_added_tokens=True)
        ids = [[known[token] for token in one if token in known] for one in tokens]
        return list(self._tokenizer.decode_batch(ids))


def _tokenizers(path: Path, described: dict[str, str]) -> tuple[Any, Any]:
    """The source's and the target's tokenizer, often the same."""
    if described["kind"] == "tokenizers":
        both = _Tokenizers(path / described["file"])
        return both, both
    source = _SentencePiece(path / described["source"])
    if described["target"] == described["source"]:
        return source, source
    return source, _SentencePiece(path / described["target"])
