"""Spans of a text that tie it to the source culture, found in one pass over many patterns.

polars' Aho-Corasick finds every form of the lexicon at once; what is left to decide per hit is
whether it is a whole word, in the right case, and the longest one at its place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from derive.flag.lexicon import Entry, Lexicon

Forms = Mapping[str, Sequence[tuple[str, Entry]]]


def find_marks(items: pl.DataFrame, lexicon: Lexicon) -> Iterator[dict[str, Any]]:
    """Rows of the table `marks` for the texts of `items`, in the items' order.

    Pivot fields are searched for the lexicon's pivot forms, source fields for its source forms
    and, since such texts quote foreign names, for the pivot forms too. Entries of level 0 take
    their place (Tokyo Disneyland is not Tokyo) and give no mark.
    """
    both = {**lexicon.pivot}
    for form, owners in lexicon.source.items():
        both[form] = [*both.get(form, ()), *owners]
    found: dict[str, list[list[dict[str, Any]]]] = {
        field: _search(items[field], forms)
        for field, forms in (
            ("prompt", both),
            ("response", both),
            ("prompt_pivot", lexicon.pivot),
            ("response_pivot", lexicon.pivot),
        )
    }
    for at, item in enumerate(items["id"].to_list()):
        for field, marks in found.items():
            for mark in marks[at]:
                yield {"item": item, "field": field, **mark}


def _search(texts: pl.Series, forms: Forms) -> list[list[dict[str, Any]]]:
    """For each text, its marks without item and field, by position."""
    marks: list[list[dict[str, Any]]] = [[] for _ in range(len(texts))]
    if not forms or texts.null_count() == len(texts):
        return marks
    patterns = list(forms)
    # lower-casing may change a text's length (İ), and then offsets would point elsewhere
    lowered = [None if text is None else _lower(text) for text in texts.to_list()]
    hits = pl.DataFrame({"text": pl.Series(lowered, dtype=pl.String)}).select(
        form=pl.col("text").str.extract_many(patterns, overlapping=True),
        byte=pl.col("text").str.find_many(patterns, overlapping=True),
    )
    found = zip(
        texts.to_list(), lowered, hits["form"].to_list(), hits["byte"].to_list(), strict=True
    )
    for at, (text, low, found_forms, found_bytes) in enumerate(found):
        if text and low and found_forms:
            spans = _spans(text, low, found_forms, found_bytes)
            marks[at] = list(_longest(text, spans, forms))
    return marks


def _lower(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else "".join(_lower_char(char) for char in text)


def _lower_char(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


def _spans(
    text: str, low: str, forms: Sequence[str], starts: Sequence[int]
) -> Iterator[tuple[int, int, str]]:
    """Byte offsets as code points; only whole words."""
    if len(low.encode()) == len(low):
        offsets: Sequence[int] | dict[int, int] = range(len(low) + 1)
    else:
        offsets, byte = {}, 0
        for at, char in enumerate(low):
            offsets[byte] = at
            byte += len(char.encode())
    for form, byte in zip(forms, starts, strict=True):
        start = offsets[byte]
        end = start + len(form)
        if _is_whole(text, start, end):
            yield start, end, form


def _longest(
    text: str, spans: Iterator[tuple[int, int, str]], forms: Forms
) -> Iterator[dict[str, Any]]:
    """The leftmost longest spans that do not overlap, as marks."""
    last = 0
    for start, end, form in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if start < last:
            continue
        surface = text[start:end]
        fitting = [entry for spelt, entry in forms[form] if not entry.exact or spelt == surface]
        if not fitting:
            continue
        entry = max(fitting, key=lambda one: (one.level, one.entry))
        last = end
        if entry.level:
            yield {
                "start": start,
                "end": end,
                "surface": surface,
                "slot": entry.slot,
                "entry": entry.entry,
                "level": entry.level,
                "reason": entry.reason(),
            }


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on over either edge.

    In scripts without spaces a word's edge cannot be seen, but in a run of katakana: there a form
    must be the whole run.
    """
    return not (
        (start > 0 and _joined(text[start - 1], text[start]))
        or (end < len(text) and _joined(text[end - 1], text[end]))
    )


def _joined(left: str, right: str) -> bool:
    if unicodedata.category(right).startswith("M"):  # it changes the letter before it
        return True
    kinds = _kind(left), _kind(right)
    return kinds[0] == kinds[1] and kinds[0] in ("letter", "katakana")


def _kind(char: str) -> str:
    if not (char.isalnum() or unicodedata.category(char).startswith("M") or char == "ー"):
        return "other"
    name = unicodedata.name(char, "")
    if name.startswith(("KATAKANA", "HALFWIDTH KATAKANA")):
        return "katakana"
    if name.startswith(("CJK", "HIRAGANA", "THAI", "LAO", "KHMER", "MYANMAR", "IDEOGRAPHIC")):
        return "unspaced"
    return "letter"
