"""Is a text in the language it should be in? Script first, then up to three witnesses.

A text is called wrong only if no witness agrees with the expected language or a near relative
(langcodes.tag_distance of 14 or less either way, so that Indonesian and Malay, or Norwegian and
Danish, do not accuse each other). The witnesses are pycld2, py3langid and langdetect, asked in that
order until one agrees; each brings its model in its wheel. langdetect draws at random and is
seeded; it is asked last, and believed only where it is sure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from derive.languages import canonical, distance, script
from derive.words import weight

NEAR = 14
SHORTEST = 12  # letters; below it the detectors' answers are chance
SHORTEST_WIDE = 6  # the same for scripts whose letters are syllables or words, and for the script

LONG = 40  # letters from which langdetect is asked
SURE = 0.99  # its probability from which it is believed

# an address begins where its characters begin: tried at each of them, a long text takes for ever
_NOT_PROSE = re.compile(
    r"https?://[!-~]+|(?<![\w.+-])[\w.+-]+@[\w.-]+|`[^`]*`|\{[^{}]*\}|[\d_]+", re.ASCII
)

# what unicodedata.name() of a letter begins with, by ISO 15924 script
_NAMES = {
    "Latn": ("LATIN",),
    "Cyrl": ("CYRILLIC",),
    "Grek": ("GREEK",),
    "Arab": ("ARABIC",),
    "Hebr": ("HEBREW",),
    "Thai": ("THAI",),
    "Deva": ("DEVANAGARI",),
    "Beng": ("BENGALI",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Khmr": ("KHMER",),
    "Laoo": ("LAO",),
    "Mymr": ("MYANMAR",),
    "Ethi": ("ETHIOPIC",),
    "Geor": ("GEORGIAN",),
    "Armn": ("ARMENIAN",),
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK", "KATAKANA-HIRAGANA", "HALFWIDTH", "IDEOGRAPHIC"),
    "Kore": ("HANGUL", "CJK"),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
}
_CODES = {"Hans": ("gb2312", "big5"), "Hant": ("big5", "gb2312")}
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]+")
_WIDE = {"Jpan", "Kore", "Hans", "Hant"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """matches: True, False, or None when the text is too short to tell; seen: what was found."""

    matches: bool | None
    seen: str


def is_long_enough(text: str, expected: str) -> bool:
    """Whether a text has letters enough for its language to be told."""
    letters = sum(map(str.isalpha, _NOT_PROSE.sub(" ", text)))
    return letters >= (SHORTEST_WIDE if script(expected) in _WIDE else SHORTEST)


@lru_cache(maxsize=4)  # several checks in a row ask of the same text
def identify(text: str, expected: str) -> Verdict:
    """Whether `text` is in the language `expected` (a BCP-47 tag)."""
    prose = _NOT_PROSE.sub(" ", text)
    letters = sum(map(str.isalpha, prose))
    if letters < SHORTEST_WIDE:
        return Verdict(None, "too short to tell")
    wanted = _NAMES.get(script(expected))
    # counted letter by letter only where a glance does not do
    if wanted and not (wanted == _NAMES["Latn"] and 2 * _latin_letters(prose) >= letters):
        writings: Counter[str] = Counter()
        for char, count in Counter(prose).items():
            if char.isalpha():
                writings[_writing(char)] += count
        if sum(writings[name] for name in wanted) * 2 < letters:
            return Verdict(False, f"{writings.most_common(1)[0][0].title()} script")
    if letters < SHORTEST and script(expected) not in _WIDE:
        return Verdict(None, "too short to tell")
    seen: list[str] = []
    for witness in (_cld2, _langid, _langdetect):
        if witness is _langdetect and seen and not _known_to_langdetect(seen):
            break  # who has never seen Galician takes it for Portuguese
        tag = witness(prose)
        if tag is None:
            continue
        if _far(tag, expected) <= NEAR:
            return Verdict(True, tag)
        seen.append(tag)
    if not seen:
        return Verdict(None, "no witness can tell")
    return Verdict(False, "/".join(dict.fromkeys(seen)))


def _latin_letters(text: str) -> int:
    return sum(map(len, _LATIN_WORD.findall(text)))


@cache
def _writing(char: str) -> str:
    return unicodedata.name(char, "UNKNOWN").split()[0]


_ALIASES = {"iw": "he", "jw": "jv", "xxx": "", "un": "", "zh-cn": "zh-Hans", "zh-tw": "zh-Hant"}


def _tag(code: str) -> str | None:
    return _ALIASES.get(code.lower(), code) or None


def _cld2(text: str) -> str | None:
    import pycld2

    try:
        _, _, details = pycld2.detect(text.encode("utf-8", "ignore"), bestEffort=True)
    except pycld2.error:  # characters it does not take
        return None
    code = str(details[0][1])
    return None if code.startswith(("xx", "zz")) else _tag(code)  # scripts, and toys


@cache
def _langid_model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


def _langid(text: str) -> str | None:
    return _tag(str(_langid_model().classify(text)[0]))


@cache
def _langdetect_languages() -> frozenset[str]:
    from langdetect import detector_factory

    detector_factory.init_factory()
    return frozenset(detector_factory._factory.langlist)


def _known_to_langdetect(tags: list[str]) -> bool:
    return any(tag.split("-")[0] in _langdetect_languages() for tag in tags)


def _langdetect(text: str) -> str | None:
    """langdetect's answer where it is sure and the text long enough.

    On MultiJail's prompts its unsure answers excused 10 English texts of 2,826 that should have
    been another language, and spared one false alarm of 2,877; its sure ones excused none.
    """
    from langdetect import DetectorFactory, detect_langs
    from langdetect.lang_detect_exception import LangDetectException

    if sum(map(str.isalpha, text)) < LONG:
        return None
    DetectorFactory.seed = 0
    try:
        best = detect_langs(text)[0]
    except LangDetectException:
        return None
    return _tag(str(best.lang)) if best.prob >= SURE else None


def other_language(text: str, source: str, locale: str) -> tuple[str, bool] | None:
    """What a text is in, if it is not the locale's language or script, and whether that is sure.

    Names that the source has too say nothing of a text's language, and are left out if it looks
    wrong. In Chinese the witnesses do not tell the scripts apart, but the characters do.
    """
    written = script(locale)
    verdict = identify(text, locale)
    if written in _CODES:
        own, other = _CODES[written]
        if sum(_only(char, other, own) - _only(char, own, other) for char in text) > 0:
            return f"another script than {written}", True
        if verdict.seen.split("/")[0].split("-")[0] == "zh":
            return None
    if verdict.matches is not False:
        return None
    known = set(map(str.casefold, _LATIN_WORD.findall(source)))

    def name(match: re.Match[str]) -> str:
        word = match[0]  # short ones stand within names: University of the Arts
        mine = written != "Latn" or word[0].isupper() or len(word) < 4
        return " " if mine and word.casefold() in known else word

    rest = _LATIN_WORD.sub(name, text)
    again = identify(rest, locale) if rest != text else verdict
    if again.matches is None:  # hardly anything but names: what is left may be of the locale
        foreign = written != "Latn" and _LATIN_WORD.search(rest)
        return (verdict.seen, True) if foreign or not weight(rest) else None
    sure = verdict.seen.endswith("script") or weight(text) >= LONG
    return None if again.matches else (verdict.seen, sure)


@cache
def _only(char: str, code: str, other: str) -> bool:
    """Whether the one code for Chinese has the character and the other has not."""
    return bool(char.encode(code, "ignore")) and not char.encode(other, "ignore")


def close_relative(text: str, expected: str) -> str:
    """The near relative of the language `expected` that a text is in, by a second opinion: pycld2
    and py3langid both say so, and the text is long. Empty if it is not, or cannot be told."""
    seen = identify(text, expected).seen
    if len(text) < LONG or seen in ("", expected) or seen[:2] == expected[:2]:
        return ""
    prose = _NOT_PROSE.sub(" ", text)
    both = seen == _cld2(prose) == _langid(prose)
    return seen if both and 0 < _far(seen, expected) <= NEAR else ""


def _far(tag: str, other: str) -> int:
    """The distance for readers of the one language or of the other, whichever is less."""
    return min(distance(canonical(tag), other), distance(other, canonical(tag)))


def majority_language(texts: list[str]) -> tuple[str, int, int]:
    """The language most of the texts are in (pycld2), in how many of how many that could be told.

    Returns ("", 0, n) if none could be told.
    """
    seen = Counter(tag for text in texts if (tag := _cld2(_NOT_PROSE.sub(" ", text))))
    if not seen:
        return "", 0, len(texts)
    tag, count = seen.most_common(1)[0]
    return canonical(tag), count, seen.total()
