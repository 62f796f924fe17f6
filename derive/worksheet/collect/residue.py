"""What of the source culture still stands in a text: its marks, its money, its addresses.

Nothing of one culture is written here: marks come from the release's own, money and the top-level
domain from the region of the source's locale pack (CLDR through Babel, ISO 3166).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width

from derive.languages import territory

# ISO 3166 and the country-code domains differ here only
_DOMAINS = {"GB": "uk"}


@dataclass(frozen=True)
class Residue:
    """surfaces: item ID to the marked spans of its texts. money, hosts: of the source's region."""

    surfaces: Mapping[str, Sequence[str]] = field(default_factory=dict)
    money: re.Pattern[str] | None = None
    hosts: re.Pattern[str] | None = None

    def check(self, item: str, text: str) -> Iterator[tuple[str, str]]:
        """(code, message) for what still stands in a text of the item."""
        found = [one for one in self.surfaces.get(item, ()) if _holds(text, one)]
        for pattern in (self.money, self.hosts):
            if pattern is not None:
                found += [match[0] for match in pattern.finditer(text)]
        if found:
            yield "text-residue", f"of the source culture: {', '.join(dict.fromkeys(found))}"


def residue_of(source: str | None, target: str, surfaces: Mapping[str, Sequence[str]]) -> Residue:
    """The residue of a source culture in texts for a target; source: the tag of its locale pack,
    None where there is none: then only the marks are looked for."""
    region = territory(source) if source else ""
    if not source or not region or region == territory(target):
        return Residue(surfaces)
    signs = sorted(_money(source, region, target), key=lambda one: (-len(one), one.casefold()))
    domain = re.escape(_DOMAINS.get(region, region.lower()))
    return Residue(
        surfaces,
        re.compile("|".join(map(_bounded, signs)), re.IGNORECASE) if signs else None,
        re.compile(rf"[\w-]+(?:\.[\w-]+)*\.{domain}(?![\w.-]*\w)", re.ASCII | re.IGNORECASE),
    )


def _money(source: str, region: str, target: str) -> set[str]:
    """The signs and names of a region's currency, but those that the target's region uses too."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_currency_name, get_currency_symbol, get_territory_currencies

    def signs(of: str) -> set[str]:
        found: set[str] = set()
        for code in get_territory_currencies(of):
            found.add(code)
            for tag in (source, target, "en"):
                try:
                    locale = Locale.parse(tag, sep="-")
                except (UnknownLocaleError, ValueError):
                    continue
                found.add(get_currency_symbol(code, locale=locale))
                # "iene japonês", "Japanese yen": the shorter word is the money, the other the land
                for count in (None, 2):
                    word = min(get_currency_name(code, count, locale=locale).split(), key=len)
                    if len(word) >= 3 or east_asian_width(word[0]) in "WF":
                        found.add(word)
        return found

    return signs(region) - signs(territory(target))


def _bounded(sign: str) -> str:
    """A sign as a pattern: a word is a whole word."""
    letters = sign[0].isalpha() and east_asian_width(sign[0]) not in "WF"
    return rf"\b{re.escape(sign)}s?\b" if letters else re.escape(sign)


def _holds(text: str, surface: str) -> bool:
    """Whether the text has the surface as a word of its own."""
    if len(surface) < 2:
        return False
    if surface.isascii():
        pattern = rf"(?<!\w){re.escape(surface)}(?!\w)"
        return re.search(pattern, text, re.IGNORECASE) is not None
    return surface in text
