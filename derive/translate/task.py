"""What the stage `translate` is asked: what is translated, into what, with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from derive.terminology import TermChecker
from derive.translate.adapt import Offers
from derive.translate.engine import Engine, covers
from derive.translate.hops import Chain, Hop
from derive.translate.round_trip import Reverse
from derive.translate.texts import NO_TERMS


@dataclass(frozen=True)
class Via:
    """A model for the texts that the task's engine cannot read: it translates them into `language`
    (BCP-47), which that engine reads."""

    engine: Engine
    language: str


@dataclass(frozen=True)
class Task:
    """What is translated, into what, with what.

    languages: text field to its language (BCP-47). The pivot is translated where it is there and
    its language can be, the source text otherwise; the other way round with source_first. target:
    BCP-47. marks: the table `marks`; where `offers` has counterparts for marks of an English text,
    a second draft is made of it with these in their place (fields prompt_adapted,
    response_adapted). cache: the file that keeps sentences; None for one that is gone afterwards.
    terms: those that drafts are to hold. alternatives: how many translations of each text are
    kept. reverse: what translates drafts back. via: the first of two models, where one will not do.
    omissions: whether the engine is asked for words that it did not translate.
    """

    languages: Mapping[str, str | None]
    target: str
    engine: Engine
    marks: pl.LazyFrame | None = None
    offers: Offers | None = None
    cache: Path | None = None
    terms: TermChecker = NO_TERMS
    alternatives: int = 0
    reverse: Reverse | None = None
    via: Via | None = None
    source_first: bool = False
    omissions: bool = False

    def chain(self, language: str) -> Chain | None:
        """The way from a language to the target; None if there is none. One model is better than
        two."""
        if covers(self.engine.source_languages, language):
            return Chain((Hop(self.engine, language, self.target),))
        if self.via and covers(self.via.engine.source_languages, language):
            first = Hop(self.via.engine, language, self.via.language)
            return Chain((first, Hop(self.engine, self.via.language, self.target)))
        return None

    def known(self) -> dict[str, str]:
        """The text fields in a language that can be translated, with it."""
        return {
            field: language
            for field, language in self.languages.items()
            if language and self.chain(language)
        }

    def from_(self) -> str:
        """The languages that can be translated, for people."""
        more = self.via.engine.source_languages if self.via else ()
        return ", ".join(dict.fromkeys([*self.engine.source_languages, *more]))

    def signature(self, chain: Chain) -> dict[str, Any]:
        """All that can change a draft beside the texts and their counterparts."""
        return {
            **chain.signature,
            "terms": self.terms.signature,
            "alternatives": self.alternatives,
        }
