"""What must come over from a source, its numbers; and what must not: its culture's residue.

The residue is the marked spans, the money, the addresses. Nothing of one culture is written here:
marks come from the release's own, money and the top-level domain from the region of the source's
locale pack, words for large numbers from the target's (CLDR through Babel, ISO 3166).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from derive.languages import territory
from derive.words import UNSPACED, spaced

# ISO 3166 and the country-code domains differ here only
_DOMAINS = {"GB": "uk"}
_LATIN = "0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_ROMANIZED = str.maketrans("āēīōūĀĒĪŌŪ", "aeiouAEIOU")  # Kyōto is Kyoto
# of words as short as this many may, or must, be words of the target's language too
NAME, NOUN = 4, 3


@dataclass(frozen=True)
class Residue:
    """surfaces: item ID to the marked spans of its texts. signs, words: of the money of the
    source's region; hosts: its addresses. capitals: the target writes each noun with a capital."""

    surfaces: Mapping[str, Sequence[str]] = field(default_factory=dict)
    signs: re.Pattern[str] | None = None
    words: re.Pattern[str] | None = None
    hosts: re.Pattern[str] | None = None
    capitals: bool = False

    def check(
        self, item: str, text: str, sources: Sequence[str] = ()
    ) -> Iterator[tuple[str, str, str | None]]:
        """(code, message, severity) for what still stands in a text of the item; sources: what
        the item's texts translate. The severity is None for the usual one, note where all that
        was found may as well be words of the target's language.

        A word for money is looked for only where a source speaks of money: `yen` is "if" in
        Javanese, `yên` is "still" in Vietnamese.
        """
        text = unicodedata.normalize("NFKC", text)
        plain = text.translate(_ROMANIZED)
        found = {one: _holds(plain, one, self.capitals) for one in self.surfaces.get(item, ())}
        patterns = [self.signs, self.hosts if "." in text else None]
        spoken = list(self.words.finditer(text)) if self.words else []
        if spoken and any(map(self._of_money, sources)):
            found |= {
                match[0]: len(match[0]) > NOUN or _beside_number(text, match) for match in spoken
            }
        for pattern in patterns:
            found |= {match[0]: True for match in pattern.finditer(text)} if pattern else {}
        seen = {one: sure for one, sure in found.items() if sure is not None}
        if seen:
            severity = None if any(seen.values()) else "note"
            yield "text-residue", f"of the source culture: {', '.join(seen)}", severity

    def _of_money(self, source: str) -> bool:
        source = unicodedata.normalize("NFKC", source)
        return any(one.search(source) for one in (self.signs, self.words) if one)


def residue_of(source: str | None, target: str, surfaces: Mapping[str, Sequence[str]]) -> Residue:
    """The residue of a source culture in texts for a target; source: the tag of its locale pack,
    None where there is none: then only the marks are looked for."""
    region = territory(source) if source else ""
    if not source or not region or region == territory(target):
        return Residue(surfaces)
    tags = (source, target, "en")
    signs, words = (
        mine - theirs
        for mine, theirs in zip(money(region, tags), money(territory(target), tags), strict=True)
    )
    domain = re.escape(_DOMAINS.get(region, region.lower()))
    return Residue(
        surfaces,
        _any_of(signs),
        _any_of(words),
        re.compile(
            rf"(?<![\w-])[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,8}}\.{domain}(?!\.?[\w-])",
            re.ASCII | re.IGNORECASE,
        ),
        target.split("-")[0] in ("de", "lb"),
    )


@cache
def money(region: str, tags: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The signs and codes of a region's money, and its words, in the languages of the tags.

    CLDR has "ienes japoneses", "日本円", "Japanese yen": what names the land is taken off.
    """
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_currency_name, get_currency_symbol, get_territory_currencies

    signs: set[str] = set()
    words: set[str] = set()
    for code in get_territory_currencies(region):
        signs.add(code)
        for tag in tags:
            try:
                locale = Locale.parse(tag, sep="-")
            except (UnknownLocaleError, ValueError):
                continue
            sign = unicodedata.normalize("NFKC", get_currency_symbol(code, locale=locale))
            # R$, ¥ and JP¥ are signs; "kr", "Rp" and 円 are words
            (words if sign.isalpha() and sign != code else signs).add(sign.casefold())
            land = locale.territories.get(region, "")
            for count in (1, 2):
                name = get_currency_name(code, count, locale=locale).replace("\u200b", "")
                words.add(_noun(name, land.replace("\u200b", "")))
    return frozenset(one.casefold() for one in signs), frozenset(words - {""})


def _noun(name: str, land: str) -> str:
    """The word of a currency's name that does not name the land, case folded.

    Of several, one in small letters, as CLDR writes nouns in a count, then the longest.
    """
    if " " not in name:
        return name.replace(land, "").casefold()
    lands = land.casefold().split()
    left = [one for one in name.split() if not any(_akin(one.casefold(), land) for land in lands)]
    noun = max(left, key=lambda word: (word[0].islower(), len(word)), default="").casefold()
    return noun.removesuffix("화") or noun  # Korean for "currency"


def _akin(word: str, other: str) -> bool:
    """Whether the words share a part as long as two thirds of the shorter (Japan, japonês)."""
    least = max(2, round(min(len(word), len(other)) * 2 / 3))
    return any(word[at : at + least] in other for at in range(len(word) - least + 1))


def _any_of(forms: set[str] | frozenset[str]) -> re.Pattern[str] | None:
    """Any of the forms, as a word with at most two letters more (yenes), whatever the case."""
    ordered = sorted(forms, key=lambda one: (-len(one), one))
    return re.compile("|".join(map(_bounded, ordered)), re.IGNORECASE) if ordered else None


def _bounded(form: str) -> str:
    before, after = "", ""
    if spaced(form[0]):
        before = r"(?<![^\W\d_])"
        if "\u0600" <= form[0] <= "\u06ff":
            before = rf"(?:{before}|(?<=\bال)|(?<=\bوال)|(?<=\bبال))"  # the article
    elif "\uac00" <= form[0] <= "\ud7a3":
        before = r"(?<![\uac00-\ud7a3])|(?<=[십백천만억조])"  # 10만엔, but not 유엔
        before = f"(?:{before})"
    if spaced(form[-1]):
        after = r"(?![^\W\d_]{3})" if len(form) > 3 else r"(?![^\W\d_]{2})"
    return before + re.escape(form) + after


def spellings(written: str) -> set[str]:
    """What a counterpart may be written as: `real (R$, BRL)` is `real`, `R$` or `BRL`."""
    head, _, rest = written.partition(" (")
    return {one for one in (head, *re.split(r"[,;/)]", rest)) if one.strip()}


def speaks_of(text: str, form: str) -> bool:
    """Whether the text has the form, with up to three letters more at its end (polícias)."""
    form = re.escape(form.strip())
    if form[-1:].isalpha() and not UNSPACED.match(form[-1]):
        form += r"(?![^\W\d_]{4})"
    # an article or particle may be written onto the front
    start = r"(?<![^\W\d_])" if form < "\u0590" and form[0].isalpha() else ""
    return re.search(start + form, text, re.IGNORECASE) is not None


def _beside_number(text: str, match: re.Match[str]) -> bool:
    near = text[max(0, match.start() - 16) : match.start()] + text[match.end() : match.end() + 4]
    return any(char.isnumeric() for char in near)


def _holds(text: str, surface: str, capitals: bool) -> bool | None:
    """Whether the text has the surface as a word of its own; False: but it may be another word.

    A name is a name only with its capital: Date and Nara are, `date` and `nara` are words. A short
    one where a sentence begins may be either (Italian "Mie care …").
    """
    surface = unicodedata.normalize("NFKC", surface).translate(_ROMANIZED)
    if len(surface) < 2:
        return None
    if not (surface[0] + surface[-1]).isascii():
        return True if surface in text else None
    name = surface[0].isupper() and surface.isalpha()
    pattern = rf"(?<![{_LATIN}]){re.escape(surface)}(?![{_LATIN}])"
    sure: bool | None = None
    for match in re.finditer(pattern, text, re.IGNORECASE):
        if name and not (match[0] == surface or match[0].isupper()):
            continue
        if name and len(surface) <= NAME:
            begins = capitals or re.search(r"(?:^|[.!?…:\n])[\W_]*$", text[: match.start()])
            sure = sure or not begins
        else:
            sure = sure or len(surface) > NOUN or not surface.islower()
    return sure
