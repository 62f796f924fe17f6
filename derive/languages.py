"""Language tags: canonical BCP-47, names, direction, script. Data: IANA registry and CLDR."""

from __future__ import annotations

from functools import cache

from derive.errors import DeriveError


@cache
def canonical(tag: str) -> str:
    """The canonical form of a BCP-47 tag: `pt_br` becomes `pt-BR`, `iw` becomes `he`.

    Raises DeriveError for a malformed tag and for a subtag that the IANA registry does not have.
    """
    from langcodes import Language, tag_is_valid
    from langcodes.tag_parser import LanguageTagError

    try:
        standard = str(Language.get(tag.strip(), normalize=True).to_tag())
    except LanguageTagError:
        raise DeriveError(
            f"{tag!r} is not a language tag",
            fix="use a BCP-47 tag such as pt-BR, ko-KR, zh-Hant-TW",
        ) from None
    if not tag_is_valid(standard) or standard == "und":
        raise DeriveError(
            f"{tag!r} is not a known language tag",
            fix="use a BCP-47 tag such as pt-BR, ko-KR, zh-Hant-TW (language, script, region)",
        )
    return standard


def is_tag(text: str) -> bool:
    """Whether it is a known language tag."""
    try:
        return bool(canonical(text))
    except DeriveError:
        return False


def shortest(tag: str) -> str:
    """The canonical form without a script that goes without saying, and of the macrolanguage where
    that is what people mean: `por-Latn` becomes `pt`, `cmn-Hant` `zh-Hant`.

    Raises DeriveError as `canonical` does.
    """
    from langcodes import Language

    return str(Language.get(canonical(tag)).prefer_macrolanguage().simplify_script().to_tag())


def name(tag: str, in_language: str = "en") -> str:
    """The language's name from CLDR: `Portuguese (Brazil)`, or `português (Brasil)`."""
    from babel import Locale, UnknownLocaleError

    try:
        shown = Locale.parse(in_language, sep="-")
        return Locale.parse(tag, sep="-").get_display_name(shown) or tag
    except (UnknownLocaleError, ValueError):
        from langcodes import Language

        return str(Language.get(tag).display_name())


@cache
def script(tag: str) -> str:
    """The ISO 15924 script the language is most likely written in: `Latn`, `Jpan`, `Arab`."""
    from langcodes import Language

    return str(Language.get(tag).maximize().script)


@cache
def territory(tag: str) -> str:
    """The ISO 3166 region the language is most likely written in: `BR`, `JP`."""
    from langcodes import Language

    return str(Language.get(tag).maximize().territory)


def territory_name(tag: str, in_language: str = "en") -> str:
    """The name of the region from CLDR: `Brazil`, or `Brasil`."""
    from babel import Locale, UnknownLocaleError

    try:
        names = Locale.parse(in_language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        names = Locale.parse("en").territories
    return str(names.get(territory(tag), territory(tag)))


def countries(but: str, in_language: str = "en") -> list[str]:
    """The names of all regions with an ISO 3166 code in CLDR, but that of a tag."""
    from babel import Locale

    names = Locale.parse(in_language).territories
    return sorted(
        str(name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code != territory(but)
    )


def direction(tag: str) -> str:
    """`rtl` or `ltr`."""
    right_to_left = {"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"}
    return "rtl" if script(tag) in right_to_left else "ltr"


@cache
def distance(tag: str, other: str) -> int:
    """How far apart two languages are for a reader, 0 (the same) to 134 (langcodes)."""
    from langcodes import tag_distance

    return int(tag_distance(tag, other))


def same_language(tag: str, other: str) -> bool:
    """Whether two tags share the primary language: pt and pt-BR do, pt and es do not."""
    return tag.split("-")[0] == other.split("-")[0]
