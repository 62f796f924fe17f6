"""Chat models that translate: decoder-only, asked in words, in the form they were trained on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from derive.languages import name
from derive.translate.ct2 import (
    CPU_BATCH_TOKENS,
    Settings,
    choose_device,
    failed,
    identity,
    open_model,
    outputs_of,
)
from derive.translate.engine import Output, Tokens
from derive.translate.pool import Pool
from derive.translate.tokenizing import Tokenizers

CUDA_BATCH_TOKENS = 16384


class Form(NamedTuple):
    """How a family of chats is asked. begin: the token that tells the family by. stop: the one that
    ends an answer. prompt: with {source}, {target}, their codes and {text} in it."""

    begin: str
    stop: str
    prompt: str


FORMS = (
    # TranslateGemma's model card: one user turn, two blank lines before the text
    Form(
        "<start_of_turn>",
        "<end_of_turn>",
        "<start_of_turn>user\nYou are a professional {source} ({source_code}) to {target}"
        " ({target_code}) translator. Your goal is to accurately convey the meaning and nuances of"
        " the original {source} text while adhering to {target} grammar, vocabulary, and cultural"
        " sensitivities.\nProduce only the {target} translation, without any additional"
        " explanations or commentary. Please translate the following {source} text into {target}:"
        "\n\n\n{text}<end_of_turn>\n<start_of_turn>model\n",
    ),
    # ChatML, with the words of Tower's model card
    Form(
        "<|im_start|>",
        "<|im_end|>",
        "<|im_start|>user\nTranslate the following text from {source} into {target}.\n"
        "{source}: {text}\n{target}:<|im_end|>\n<|im_start|>assistant\n",
    ),
)


class ChatEngine:
    """An Engine over a decoder-only model (see models.load_model). The answer is the translation;
    what else it may be is for the checks of drafts to tell."""

    def __init__(
        self, path: Path, descriptor: dict[str, Any], settings: Settings, target: str
    ) -> None:
        import ctranslate2
        from tokenizers import Tokenizer

        ctranslate2.set_log_level(logging.ERROR)
        self._descriptor, self._settings, self._target = descriptor, settings, target
        device = choose_device(settings.device)
        self._generator, working = open_model(
            ctranslate2.Generator, path, device, settings, 1, settings.threads
        )
        self._pool = Pool(self._submit, 2 * working - 1)
        file = path / descriptor["tokenizer"]["file"]
        self._pieces, self._plain = Tokenizers(file), Tokenizer.from_file(str(file))
        self._plain.encode_special_tokens = True
        added = self._plain.get_added_tokens_decoder().values()
        self._special = [one.content for one in added if one.special]
        self.name = f"{descriptor['name']} {descriptor['version']}"
        self.source_languages: Sequence[str] = descriptor["source_languages"]
        self.target_languages: Sequence[str] = descriptor["target_languages"]
        self.max_input_tokens = int(descriptor["max_input_tokens"])
        self.batch_tokens = CPU_BATCH_TOKENS if device == "cpu" else CUDA_BATCH_TOKENS
        self.mask = descriptor["mask"]
        self.about = {key: descriptor[key] for key in ("name", "version", "licence", "origin")}
        self.signature: Mapping[str, Any] = {
            "engine": f"ctranslate2 {ctranslate2.__version__}",
            **identity(descriptor),
            "target": target,
            "device": device,
            "compute_type": self._generator.compute_type,
            "beam_size": settings.beam,
            "batch_tokens": self.batch_tokens,
            "alternatives": settings.alternatives,
        }

    def encode(self, sentences: Sequence[str], language: str) -> list[Tokens]:
        """The tokens of the whole question, a sentence each."""
        said = self._descriptor["prompt"]
        for key, tag in (("source", language), ("target", self._target)):
            said = said.replace(f"{{{key}}}", name(tag)).replace(f"{{{key}_code}}", tag)
        before, _, after = said.partition("{text}")
        return [self._question(before, sentence, after) for sentence in sentences]

    def _question(self, before: str, sentence: str, after: str) -> Tokens:
        if not any(token in sentence for token in self._special):
            return self._pieces.whole(before + sentence + after)
        # a text that holds the marks of a turn must not end its own
        inside = list(self._plain.encode(sentence, add_special_tokens=False).tokens)
        return [*self._pieces.whole(before), *inside, *self._pieces.encode([after])[0]]

    def translate(self, batches: Iterable[Sequence[Tokens]]) -> Iterator[list[Output]]:
        """Answer batch by batch; for each worker one waits in line."""
        try:
            yield from map(self._outputs, self._pool.run(batches))
        except (RuntimeError, MemoryError) as error:
            raise failed(error) from error

    def _submit(self, batch: Sequence[Tokens]) -> Any:
        return self._generator.generate_batch(
            list(batch),
            max_length=self._descriptor["max_output_tokens"],
            beam_size=self._settings.beam,
            num_hypotheses=max(1, self._settings.alternatives),
            sampling_topk=1,
            include_prompt_in_result=False,
            end_token=self._descriptor["stop"],
            return_scores=True,
            asynchronous=True,
        )

    def _outputs(self, done: Sequence[Any]) -> list[Output]:
        made = self._pieces.decode([tokens for one in done for tokens in one.sequences])
        answers = [(one.sequences, one.scores) for one in done]
        longest = self._descriptor["max_output_tokens"]
        return outputs_of(answers, map(str.strip, made), longest)
