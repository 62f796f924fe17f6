"""Many forms in many texts at once: polars' Aho-Corasick, and offsets into the texts as they are.

A text is searched in NFC, in lower case, with every hyphen and blank as a plain blank and every
apostrophe as the typewriter's. What is left to decide of a hit is whether it is a whole word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

_SAME = {
    **dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\t\n\r\u00a0\u202f\u3000"), " "),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
}


class View(NamedTuple):
    """A text and how it is searched. plain: NFC; folded: of the same length as plain, compared.

    back: where each character of plain, and its end, is in the text; None if plain is the text.
    """

    text: str
    plain: str
    folded: str
    back: Sequence[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of plain as one of the text, in code points."""
        return (start, end) if self.back is None else (self.back[start], self.back[end])


def view(text: str) -> View:
    """How a text is searched."""
    if unicodedata.is_normalized("NFC", text):
        return View(text, text, fold(text), None)
    plain, back = _composed(text)
    return View(text, plain, fold(plain), back)


def even(text: str) -> str:
    """With one kind of blank and apostrophe, a hyphen being a blank; of the same length."""
    return text.translate(_SAME)


def fold(text: str) -> str:
    """What forms and texts are compared by: even, in lower case; of the same length."""
    same = even(text)
    low = same.lower()
    # lower-casing may change a text's length (İ), and then offsets would point elsewhere
    return low if len(low) == len(same) else "".join(map(_lower_char, same))


def _lower_char(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


def _composed(text: str) -> tuple[str, list[int]]:
    """A text in NFC, cluster by cluster, and where each of its characters begins in the text."""
    pieces: list[str] = []
    back: list[int] = []
    start = 0
    for end in [*[*_starts(text)][1:], len(text)]:
        piece = unicodedata.normalize("NFC", text[start:end])
        pieces.append(piece)
        # of a cluster that stays several characters, each begins where it is, as far as they go
        back += [min(start + at, end - 1) for at in range(len(piece))]
        start = end
    return "".join(pieces), [*back, len(text)]


def _starts(text: str) -> Iterator[int]:
    """Where what NFC may join begins: no mark, and no vowel or final of Hangul, starts anything."""
    for at, char in enumerate(text):
        if at == 0 or not (
            unicodedata.category(char).startswith("M") or "\u1160" <= char <= "\u11ff"
        ):
            yield at


def whole_words(
    views: Sequence[View | None], forms: list[str]
) -> Iterator[list[tuple[int, int, str]]]:
    """For each view, the forms it holds as whole words: start and end in its plain text, form.

    forms: folded, of any number; the cost is of one pass over the texts. None gives nothing.
    """
    if not forms:
        yield from ([] for _ in views)
        return
    texts = pl.Series([one and one.folded for one in views], dtype=pl.String)
    hits = pl.DataFrame({"text": texts}).select(
        form=pl.col("text").str.extract_many(forms, overlapping=True),
        byte=pl.col("text").str.find_many(forms, overlapping=True),
    )
    found = zip(views, hits["form"].to_list(), hits["byte"].to_list(), strict=True)
    for one, found_forms, found_bytes in found:
        yield list(_spans(one, found_forms, found_bytes)) if one and found_forms else []


def _spans(
    one: View, forms: Sequence[str], starts: Sequence[int]
) -> Iterator[tuple[int, int, str]]:
    """Byte offsets as code points; only whole words."""
    if one.folded.isascii():
        offsets: Sequence[int] | dict[int, int] = range(len(one.folded) + 1)
    else:
        offsets, byte = {}, 0
        for at, char in enumerate(one.folded):
            offsets[byte] = at
            byte += len(char.encode())
    for form, byte in zip(forms, starts, strict=True):
        start = offsets[byte]
        end = start + len(form)
        if is_whole(one.plain, start, end):
            yield start, end, form


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on over either edge.

    In scripts without spaces a word's edge cannot be seen, but in a run of katakana: there a form
    must be the whole run. Hangul words take particles, so that only their beginning can be asked.
    """
    return not (
        (start > 0 and _joined(text[start - 1], text[start], ("letter", "katakana", "hangul")))
        or (end < len(text) and _joined(text[end - 1], text[end], ("letter", "katakana")))
    )


def _joined(left: str, right: str, kinds: Sequence[str]) -> bool:
    if right.isascii() and left.isascii():
        return left.isalnum() and right.isalnum()
    if unicodedata.category(right).startswith("M"):  # it changes the letter before it
        return True
    kind = _kind(left)
    return kind in kinds and kind == _kind(right)


def _kind(char: str) -> str:
    if not (char.isalnum() or unicodedata.category(char).startswith("M") or char == "ー"):
        return "other"
    name = unicodedata.name(char, "")
    if name.startswith("HANGUL"):
        return "hangul"
    if name.startswith(("KATAKANA", "HALFWIDTH KATAKANA")):
        return "katakana"
    if name.startswith(("CJK", "HIRAGANA", "THAI", "LAO", "KHMER", "MYANMAR", "IDEOGRAPHIC")):
        return "unspaced"
    return "letter"
