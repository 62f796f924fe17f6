"""Texts cut into sentences and what stands between them, so that nothing but sentences changes.

"".join(part.text for part in split(text, language)) == text, for every text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sentencex import segment

_LINE_END = re.compile(r"(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])")
_LEAD = re.compile(
    r"""\s*(?:(?:[-*+•‣◦·・●○■□–—]|\d{1,3}[.)）、]|[(（]\w{1,3}[)）]|[A-Za-z][.)]|\#{1,6}|>)(?:\s+|$))*""",
    re.VERBOSE,
)
_BLANK = re.compile(r"\s")
_FENCE = re.compile(r"\s*(?:(`)``[^`]*|(~)~~.*)$", re.DOTALL)  # ```print(1)``` is no fence
_BLOCK = 5_000  # characters


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; `translate` is False for what is kept as it is."""

    text: str
    translate: bool


def split(text: str, language: str) -> list[Part]:
    """Sentences, and between them line ends, list markers, blanks, fenced code, bare symbols."""
    parts: list[Part] = []
    fence = ""  # the sign of the fence that is open
    for at, line in enumerate(_LINE_END.split(text)):
        if at % 2 == 1:
            parts.append(Part(line, False))
            continue
        match = _FENCE.match(line)
        sign = (match[1] or match[2]) if match else ""
        if fence or sign:
            parts.append(Part(line, False))
        else:
            parts.extend(_split_line(line, language))
        if not fence:
            fence = sign
        elif sign == fence:
            fence = ""
    return [part for part in parts if part.text]


def one_line(text: str) -> str:
    """A sentence's translation without line ends: the sentence has none, so the model made them."""
    return _LINE_END.sub(" ", text)


def _split_line(line: str, language: str) -> Iterator[Part]:
    lead = _LEAD.match(line)
    start = lead.end() if lead else 0
    yield Part(line[:start], False)
    for sentence in _sentences(line[start:], language):
        yield from trim(sentence)


def _sentences(line: str, language: str) -> Iterator[str]:
    """The line's sentences. The library is given plain blanks: it stumbles over others; and no
    more than a block of a very long line: its time grows with the square of the length."""
    plain = _BLANK.sub(" ", line)
    start = 0
    while start < len(line):
        block = plain[start : start + _BLOCK]
        sentences = list(segment(language.split("-")[0], block))
        if start + len(block) < len(line):  # the last one goes on in the next block
            sentences = sentences[:-1] or [block[: block.rfind(" ") + 1] or block]
        before = start
        for sentence in sentences:
            yield line[start : start + len(sentence)]
            start += len(sentence)
        if start == before:
            yield line[start:]
            return


def trim(piece: str) -> Iterator[Part]:
    """What is to be translated of a piece of a line, and the blanks around it."""
    core = piece.strip()
    if not any(char.isalpha() for char in core):
        yield Part(piece, False)
        return
    start = piece.index(core)
    yield Part(piece[:start], False)
    yield Part(core, True)
    yield Part(piece[start + len(core) :], False)


def shorten(part: Part, fits: Callable[[str], bool]) -> list[Part]:
    """A sentence too long for the model, cut in two until every piece fits.

    The cut is made after a clause's punctuation or at a blank near the middle, and only in a word
    without either inside it.
    """
    text = part.text
    if not part.translate or fits(text) or len(text) < 2:
        return [part]
    middle = len(text) // 2
    cuts = [m.end() for m in re.finditer(r"[,;:、，；：]\s*", text)] or []
    if not any(len(text) // 4 < cut < len(text) * 3 // 4 for cut in cuts):
        cuts = [m.end() for m in re.finditer(r"\s+", text)]
    cuts = [cut for cut in cuts if 0 < cut < len(text)]
    cut = min(cuts, key=lambda at: abs(at - middle)) if cuts else middle
    halves = [piece for half in (text[:cut], text[cut:]) for piece in trim(half) if piece.text]
    return [piece for half in halves for piece in shorten(half, fits)]
