"""The guide sheets: Jinja templates of the locale pack, in its language and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive import languages
from derive.errors import DeriveError
from derive.files import read_text
from derive.locales import LocalePack

_ISOLATE, _END = "\u2068", "\u2069"  # a text with a direction of its own (Unicode, UAX #9)


def render_guides(
    pack: LocalePack, english: LocalePack, values: Mapping[str, Any]
) -> dict[str, str]:
    """Sheet name to guide text; the target's language first. Raises DeriveError.

    values: what the template may use: project, worksheet, counts by sheet, terms …
    """
    guides: dict[str, str] = {}
    for one in {pack.tag: pack, english.tag: english}.values():
        if one.guide:
            sheet = one.sheets["guide"]
            name = languages.name(pack.tag, one.tag)
            about = {"locale": pack.tag, "locale_name": name, "address": pack.address}
            sheets = dict(pack.sheets)
            if one.direction != pack.direction:  # or what follows a name would stand before it
                sheets = {key: f"{_ISOLATE}{name}{_END}" for key, name in sheets.items()}
            guides[f"{sheet} ({one.tag})" if sheet in guides else sheet] = _render(
                one.guide, {**values, **about, "sheets": sheets}
            )
    return guides


def _render(path: Path, values: Mapping[str, Any]) -> str:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # a pack may come from anywhere: its template must not reach beyond the values
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    text = read_text(path)
    try:
        shown = environment.from_string(text).render(values)
    except Exception as error:  # a template can fail in any way that an expression can
        raise DeriveError(
            f"The guide's template is wrong: {error}", where=path, fix="mend the locale pack"
        ) from None
    return re.sub(r"\n{3,}", "\n\n", shown)  # where a condition left a line empty
