"""An engine without a model, for dry runs: from any language into any, at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from derive.pseudo import pseudo
from derive.translate.engine import ANY, Output, Tokens

NAME = "pseudo"
DESCRIPTOR: dict[str, Any] = {
    "name": "pseudo-localisation",
    "version": "1",  # of what it makes: another makes other drafts
    "engine": NAME,
    "source_languages": [ANY],
    "target_languages": [ANY],
    "licence": "Apache-2.0",
    "origin": "derive",
}


class PseudoEngine:
    """An Engine whose drafts nobody takes for translations; a sentence is its one token."""

    batch_tokens = 1024
    max_input_tokens = 1024
    mask = "XQZ{}"
    source_languages: Sequence[str] = (ANY,)
    target_languages: Sequence[str] = (ANY,)

    def __init__(self, target: str) -> None:
        self._target = target
        self.name = f"{DESCRIPTOR['name']} {DESCRIPTOR['version']}"
        self.about = {key: DESCRIPTOR[key] for key in ("name", "version", "licence", "origin")}
        self.signature: Mapping[str, Any] = {
            "engine": f"{NAME} {DESCRIPTOR['version']}",
            "model": self.name,
            "target": target,
        }

    def encode(self, sentences: Sequence[str], language: str) -> list[Tokens]:
        """Each sentence as its one token."""
        return [[sentence] for sentence in sentences]

    def translate(self, batches: Iterable[Sequence[Tokens]]) -> Iterator[list[Output]]:
        """The pseudo-localised sentences, with the best score there is."""
        for batch in batches:
            yield [Output(pseudo(sentence, self._target), 0.0, 1) for (sentence,) in batch]
