"""Pseudo-localised text: readable, longer, in brackets; a dry run's stand-in for a translation.

As the localisation tools of Android and Microsoft do it: letters with accents show what a font or
an encoding loses, filler shows what is too narrow, brackets show what was cut or glued together.
It holds the source's text, so it is never published.
"""

from __future__ import annotations

import re
from itertools import cycle, islice

from derive import protect
from derive.languages import direction, script

_ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçďéƒǧĥíĵķļɱñóþɋřšţúṽŵẋýžÁƁÇĎÉƑǦĤÍĴĶĻṀÑÓÞɊŘŠŢÚṼŴẊÝŽ",
)
_GROWTH = 0.3  # of a short English text's translation, by W3C's article on text size
_LATIN = "ěẋṗǎñšǐöñ"
_FILLERS = {
    "Arab": "ابتثجحخدذرز", "Cyrl": "абвгдежзийк", "Deva": "कखगघचछजझटठड", "Grek": "αβγδεζηθικλ",
    "Hans": "文字语言样本长短宽窄", "Hant": "文字語言樣本長短寬窄", "Hebr": "אבגדהוזחטיכ",
    "Jpan": "あいうえおアイウエオ", "Kore": "가나다라마바사아자차", "Thai": "กขคงจฉชซญดต",
}  # fmt: skip
_FRAMED = re.compile(r"\[!!! .* !!!\]", re.DOTALL)


def pseudo(text: str, target: str) -> str:
    """The text as a dry run's translation into `target` (BCP-47): `[!!! Ĥéļļó ěẋ !!!]`.

    What must come through a translation unchanged (see protect.py) does. The filler is in the
    target's script, and first for one that is written from right to left.
    """
    accented = "".join(
        part.translate(_ACCENTS) if plain else part for part, plain in protect.fragments(text)
    )
    size = round(sum(map(str.isalpha, text)) * _GROWTH) or 1
    filler = "".join(islice(cycle(_FILLERS.get(script(target), _LATIN)), size))
    first, second = (filler, accented) if direction(target) == "rtl" else (accented, filler)
    return f"[!!! {first} {second} !!!]"


def is_pseudo(text: str | None) -> bool:
    """Whether there is a pseudo-localised sentence in the text."""
    return bool(text and _FRAMED.search(text))
