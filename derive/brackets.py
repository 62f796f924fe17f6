"""Brackets and quotation marks that open without closing, by the rules of a locale."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from derive.words import read

_PAIRS = ("()", "[]", "{}", "「」", "『』", "【】", "《》")
# what opens differs from language to language: where no locale says it, an even count is all
_QUOTES = ("„“”‟", "«»", '"')
ENGLISH = ("“”", "«»")  # a translation may keep the quotation marks of its source
_SIGN = re.compile(r"[()（）\[\]［］{}｛｝「」｢｣『』【】《》„“”‟«»\"＂]")
# a) 1) :) are no brackets; 5" and ארה"ב no quotations
_NO_BRACKET = re.compile(r"(?:(?<=\s)|^)\w{1,3}\)|[:;]-?[()]", re.MULTILINE)
_NO_QUOTE = re.compile(r"(?<=\d)\"|(?<=[\u05d0-\u05ea])\"(?=[\u05d0-\u05ea])")
_CURLY = re.compile(r"[„“”‟«»]")


def unbalanced(text: str, source: str, quotes: Sequence[str] = ()) -> list[str]:
    """The kinds of brackets and quotes that open without closing in a text, and not in its source.

    quotes: the pairs of the text's locale, `„“`; none if they are not known.
    """
    if not _SIGN.search(text):
        return []
    found = _odd(text, quotes)
    return [one for one in found if one not in _odd(source, ())] if found else []


def _odd(text: str, quotes: Sequence[str]) -> list[str]:
    text = unicodedata.normalize("NFKC", read(text).prose)
    bare = _NO_BRACKET.sub(" ", text)
    inches = _NO_QUOTE.search(text)
    # in "(or so)" the last word and its bracket are no list's number
    odd = [one for one in _PAIRS if _uneven(text, one) and _uneven(bare, one)]
    odd += [one for one in _QUOTES if sum(map(text.count, one)) % 2 and not (inches and one == '"')]
    signs = _CURLY.findall(text)
    uneven = any(one in odd for one in _QUOTES)
    if signs and quotes and not uneven and not any(_closes(signs, x) for x in (quotes, ENGLISH)):
        odd.append("".join(dict.fromkeys(signs)))
    return odd


def _uneven(text: str, pair: str) -> bool:
    return text.count(pair[0]) != text.count(pair[1])


def _closes(signs: Sequence[str], pairs: Sequence[str]) -> bool:
    """Whether quotation marks open and close as these pairs do, one inside another."""
    closing = {pair[0]: pair[1] for pair in pairs}
    open_ones: list[str] = []
    for sign in signs:
        if open_ones and open_ones[-1] == sign:
            open_ones.pop()
        elif sign in closing:
            open_ones.append(closing[sign])
        else:
            return False
    return not open_ones
