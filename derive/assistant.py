"""A refusal or a comment in place of a translation, or around it. The phrases are locale packs'."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from derive import locales
from derive.languages import same_language
from derive.text import comparable

HEAD = 160  # characters in which a refusal begins


@dataclass(frozen=True)
class Phrases:
    """What chat models say in some languages; None where no pack has phrases."""

    refusal: re.Pattern[str] | None
    comment: re.Pattern[str] | None

    def refuses(self, text: str) -> str:
        """The refusal that the text begins with, in comparable form; empty if there is none."""
        if self.refusal is None:
            return ""
        found = self.refusal.search(comparable(text[:HEAD]))
        return found[0] if found else ""

    def comments(self, text: str) -> str:
        """The comment that a line of the text begins with; empty if there is none."""
        found = self.comment.search(text) if self.comment else None
        return found[0].strip() if found else ""


def phrases(*tags: str) -> Phrases:
    """The phrases of these languages (BCP-47), of whichever region. Raises DeriveError if a pack
    cannot be read."""
    packs = [
        pack
        for tag in locales.tags()
        if any(same_language(tag, one) for one in tags) and (pack := locales.load(tag)).assistant
    ]
    refusals = {comparable(one) for pack in packs for one in pack.assistant["refusal"]}
    comments = {one for pack in packs for one in pack.assistant["comment"]}
    return Phrases(
        re.compile(_any_of(map(re.escape, refusals))) if refusals else None,
        # a line of a translation may begin with signs, `**Translation**: …`
        re.compile(rf"^[\W_]{{0,4}}(?:{_any_of(map(_comment, comments))})", re.I | re.M)
        if comments
        else None,
    )


def _comment(phrase: str) -> str:
    if phrase.endswith(":"):
        return re.escape(phrase[:-1].rstrip()) + r"[\s*_]{0,3}[:：]"
    return re.escape(phrase).replace("'", "['’]") + (r"\b" if phrase[-1].isascii() else "")


def _any_of(patterns: Iterable[str]) -> str:
    return "|".join(sorted(patterns, key=lambda one: (-len(one), one)))
