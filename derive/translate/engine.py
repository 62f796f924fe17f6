"""What a translation engine must offer. CTranslate2 is one (ct2.py); tests bring their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from derive.languages import distance

Tokens = list[str]
ANY = "mul"  # BCP-47 for several languages: here, all


@dataclass(frozen=True, slots=True)
class Output:
    """One sentence's translation.

    score: mean log-probability a token, 0 at best.  tokens: how many were made.
    truncated: it reached the model's longest output.  others: further hypotheses, best first.
    """

    text: str
    score: float
    tokens: int
    truncated: bool = False
    others: tuple[Output, ...] = ()


class Engine(Protocol):
    """Translates sentences from one of `source_languages` into `target_languages` (BCP-47).

    name: for people and for the drafts.  batch_tokens: what a batch holds, padding counted.
    max_input_tokens: a longer sentence is cut.  mask: see protect.mask.
    """

    name: str
    batch_tokens: int
    max_input_tokens: int
    mask: str

    @property
    def source_languages(self) -> Sequence[str]:
        """What it translates from."""

    @property
    def target_languages(self) -> Sequence[str]:
        """What it translates into."""

    @property
    def signature(self) -> Mapping[str, Any]:
        """All that can change an output."""

    def encode(self, sentences: Sequence[str], language: str) -> list[Tokens]:
        """The model's tokens of each sentence, all in one of the source languages (BCP-47)."""

    def translate(self, batches: Iterable[Sequence[Tokens]]) -> Iterator[list[Output]]:
        """The outputs of each batch, in the order of the batches."""


def closest(languages: Sequence[str], tag: str) -> str:
    """Which of a model's languages is the one asked for: en is for en-US, pt-BR is not for pt-PT.

    The most specific one wins: of zh and zh-Hant it is zh-Hant for zh-Hant-TW. Empty for none.
    """
    fitting = [
        one
        for one in languages
        if one in (tag, ANY) or tag.startswith(f"{one}-") or distance(tag, one) == 0
    ]
    return min(fitting, key=lambda one: (one != tag, distance(tag, one), -len(one)), default="")


def covers(languages: Sequence[str], tag: str) -> bool:
    """Whether one of a model's languages is the one asked for."""
    return bool(closest(languages, tag))
