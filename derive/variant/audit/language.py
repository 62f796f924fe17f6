"""The language a part says it is in, the one its texts are in, and whether the two agree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import PurePath

from derive.errors import DeriveError
from derive.findings import Finding, finding
from derive.languages import canonical, script
from derive.languages import name as language_name
from derive.variant.audit.columns import MOST, in_language, language_of
from derive.variant.audit.parts import Part, named

# what ends a file's name as a word of English is no code: how-to.csv, part-no.tsv
_ENGLISH = {
    "am", "as", "be", "do", "he", "id", "in", "is", "me", "my", "no", "or", "qa", "so", "to",
}  # fmt: skip
_CHINESE = {"Hans": ("gb2312", "big5"), "Hant": ("big5", "gb2312")}


def tag_of(code: str) -> str:
    """The canonical tag of a code as people write it, or empty if it is none."""
    try:
        return canonical(code.replace("_", "-"))
    except DeriveError:
        return ""


@cache
def spoken_in(code: str) -> str:
    """The tag of the language most spoken in a country, if the code is one: kr gives ko-KR."""
    from langcodes import Language, tag_is_valid

    territory = code.upper()
    if len(code) != 2 or not tag_is_valid(f"und-{territory}"):
        return ""
    language = Language.get(f"und-{territory}").maximize().language
    return f"{language}-{territory}" if language else ""


def agrees(texts: Sequence[str], tag: str) -> bool | None:
    """Whether most of the texts are in the language of a tag; None if that cannot be told."""
    share = in_language(texts, tag)
    if script(tag) in _CHINESE and language_of(texts).startswith("zh"):
        own, other = _CHINESE[script(tag)]  # the witnesses confuse the two scripts
        return sum(_only(text, own, other) - _only(text, other, own) for text in texts) >= 0
    return None if share is None else share >= MOST


def _only(text: str, code: str, other: str) -> int:
    """How many characters the one code for Chinese has and the other has not."""
    return sum(bool(c.encode(code, "ignore")) and not c.encode(other, "ignore") for c in text)


def resolve(part: Part, texts: Sequence[str]) -> tuple[str, Finding | None]:
    """The part's language as a canonical tag (empty if nothing tells), and what is wrong with the
    code that it bears. texts: those that should be in it."""
    codes = [(part.told_by, part.code)] if part.told_by else _named(part.file)
    seen = language_of(texts)
    other: set[str] = set()
    for told_by, code in codes:
        tag = tag_of(code)
        if tag and agrees(texts, tag) and tag.split("-")[0] not in other:
            plain = code.replace("_", "-").casefold() == tag.casefold()
            return tag, None if plain else _wrong(part, told_by, code, tag, "")
        other.add(tag.split("-")[0])  # zh-TW that is not is no zh either
    for told_by, code in codes:
        if (tag := spoken_in(code)) and agrees(texts, tag):
            return tag, _wrong(part, told_by, code, tag, seen)
    for told_by, code in codes[:1]:
        said = tag_of(code)
        if told_by == "file" and not _is_meant(code, PurePath(part.file).stem):
            break
        if said and (not seen or agrees(texts, said) is None):
            return said, None
        return seen or said, _wrong(part, told_by, code, seen, seen)
    return seen, None


def _is_meant(code: str, stem: str) -> bool:
    """Whether a part of a file's name that does not fit the texts is meant as a code all the same.

    Three letters are a word as often as not; two are one if the name is longer and ends so.
    """
    return code[2:3] in ("", "-", "_") and (code == stem or code.casefold() not in _ENGLISH)


def _named(file: str) -> list[tuple[str, str]]:
    """(told_by, code) of what in a file's path is a language's code or a country's."""
    return [(by, code) for by, code in named(file) if tag_of(code) or spoken_in(code)]


def _wrong(part: Part, told_by: str, code: str, tag: str, seen: str) -> Finding:
    """A finding on a code. tag: what it should be. seen: what the texts are in, if that matters."""
    says = {
        "file": "the file's name says",
        "folder": "the folder's name says",
        "column": "the column's name says",
        "values": f"the column {part.column!r} says",
        "sheet": "the sheet's name says",
        "asked": "--locale says",
    }[told_by]
    meaning = language_name(tag_of(code)) if tag_of(code) else "no language"
    texts = f"; the texts are in {language_name(seen)}" if seen else ""
    use = f": use {tag}" if tag else ""
    return finding(
        "language-code",
        f"{says} {code!r}, which is {meaning}{texts}{use}",
        file=part.file,
        field=part.column or None,
        row=part.rows[0][0] if told_by == "values" else None,
    )
