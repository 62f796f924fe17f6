"""What a variant says of itself: where it comes from, under which terms, and what it is not."""

from __future__ import annotations

from derive.languages import name as language_name
from derive.profiles import Profile
from derive.variant.build import Variant


def first_card(variant: Variant, name: str, locale: str, profile: Profile) -> str:
    """README.md of a variant, in Markdown."""
    terms = profile.terms
    link = f" ({terms['licence_link']})" if terms["licence_link"] else ""
    lines = [
        f"# {name}: {profile.title} for {language_name(locale)} ({locale})",
        _warning(variant),
        f"{variant.items.height} items are in it; {variant.excluded.height} are not: why is in"
        " excluded.parquet. Every row says which item it was derived from and how each text came"
        " about.",
        "It holds risky questions, some of them hurtful to read.",
        f"Source: {terms['attribution']}",
        f"Licence: {terms['licence']}{link}"
        + (", inherited from the source." if terms["inherit_licence"] else "."),
    ]
    if terms["purpose"]:
        lines.append(f"Purpose: {terms['purpose']}")
    return "\n\n".join(lines) + "\n"


def _warning(variant: Variant) -> str:
    if not variant.items.height or variant.unread == variant.items.height:
        return "**Unreviewed machine translation. A person must read it before it is published.**"
    if not variant.unread:
        return "People have translated, adapted or read every item."
    return (
        f"**{variant.unread} of {variant.items.height} items are machine translations that no"
        " person has read.**"
    )
