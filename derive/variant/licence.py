"""The terms of a variant as files and metadata: LICENSE, the card's licence, the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.variant.about import About
from derive.variant.templates import fill

# of data and texts, from https://huggingface.co/docs/hub/repositories-licenses; any other licence
# is `other` there, with a name and the file LICENSE
_ON_THE_HUB = """
apache-2.0 mit cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0
cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0
cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0
cdla-permissive-2.0 c-uda etalab-2.0 gfdl odc-by odbl pddl
"""
ON_THE_HUB = frozenset(_ON_THE_HUB.split())


def licence_file(about: About) -> str:
    """LICENSE: the name, link and summary of the terms, and where they come from."""
    return fill("LICENSE.j2", about=about, terms=about.profile.terms)


def licence_metadata(terms: Mapping[str, Any]) -> dict[str, str]:
    """The card's license, and its license_name and license_link if the Hub has no word for it."""
    name = terms["licence"].casefold()
    if name in ON_THE_HUB:
        return {"license": name}
    return {"license": "other", "license_name": terms["licence"], "license_link": "LICENSE"}


def gate(about: About) -> dict[str, Any]:
    """The card's extra_gated_* texts: the profile's; where it has none and the terms forbid to
    hand on the originals, the terms themselves; else nothing.

    They word the form. Whether there is one is a setting of the repository:
    https://huggingface.co/docs/hub/datasets-gated
    """
    terms, given = about.profile.terms, about.profile.gate
    if given is None:
        if terms["originals_may_be_republished"]:
            return {}
        link = f" ({terms['licence_link']})" if terms["licence_link"] else ""
        given = {
            "heading": f"This dataset is derived from {about.source} and comes under its terms",
            "prompt": [
                f"Licence: {terms['licence']}{link}.",
                *([f"Purpose: {terms['purpose']}"] if terms["purpose"] else []),
                "Some of its texts are hurtful to read.",
            ],
            "fields": {"I have read these terms and keep to them": "checkbox"},
        }
    texts = {
        "extra_gated_heading": given["heading"],
        "extra_gated_prompt": "\n\n".join(given["prompt"]),
        "extra_gated_button_content": given.get("button"),
        "extra_gated_fields": dict(given.get("fields", {})),
    }
    return {name: text for name, text in texts.items() if text}
