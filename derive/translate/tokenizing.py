"""Sentences into a model's tokens and back, with the library that the model was made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from derive.translate.engine import Tokens


class SentencePiece:
    """One sentence at a time: the library's own threads would wait for the cores that translate."""

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_file=str(path))

    def encode(self, sentences: list[str]) -> list[Tokens]:
        """The tokens of each sentence."""
        return [self._processor.encode(one, out_type=str) for one in sentences]

    def decode(self, tokens: list[Tokens]) -> list[str]:
        """The texts that tokens stand for."""
        return [self._processor.decode(one) for one in tokens]


class Tokenizers:
    """A tokenizer.json, as it is but for its own limit on length."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def whole(self, text: str) -> Tokens:
        """The tokens of an input, with what it begins with."""
        return list(self._tokenizer.encode(text).tokens)

    def encode(self, sentences: list[str]) -> list[Tokens]:
        """The tokens of each sentence alone."""
        encoded = self._tokenizer.encode_batch(sentences, add_special_tokens=False)
        return [list(one.tokens) for one in encoded]

    def decode(self, tokens: list[Tokens]) -> list[str]:
        """The texts that tokens stand for."""
        known = self._tokenizer.get_vocab(with_added_tokens=True)
        ids = [[known[token] for token in one if token in known] for one in tokens]
        return list(self._tokenizer.decode_batch(ids))


def tokenizers_of(path: Path, described: dict[str, str]) -> tuple[Any, Any]:
    """The source's and the target's tokenizer, often the same."""
    if described["kind"] == "tokenizers":
        both = Tokenizers(path / described["file"])
        return both, both
    source = SentencePiece(path / described["source"])
    if described["target"] == described["source"]:
        return source, source
    return source, SentencePiece(path / described["target"])
