"""The guide sheets: Jinja templates of the locale pack, in its language and in English."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive import languages
from derive.errors import DeriveError, explain_os_errors
from derive.locales import LocalePack


def render_guides(
    pack: LocalePack, english: LocalePack, values: Mapping[str, Any]
) -> dict[str, str]:
    """Sheet name to guide text; the target's language first. Raises DeriveError.

    values: what the template may use: project, worksheet, counts by sheet, terms …
    """
    guides: dict[str, str] = {}
    for one in (pack, english):
        if one.guide and one.sheets["guide"] not in guides:
            name = languages.name(pack.tag, one.tag)
            guides[one.sheets["guide"]] = _render(
                one.guide,
                {**values, "locale": pack.tag, "locale_name": name, "sheets": pack.sheets},
            )
    return guides


def _render(path: Path, values: Mapping[str, Any]) -> str:
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    # a pack may come from anywhere: its template must not reach beyond the values
    environment = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    with explain_os_errors("reading", path):
        try:
            return environment.from_string(path.read_text(encoding="utf-8")).render(values)
        except (TemplateError, UnicodeDecodeError) as error:
            raise DeriveError(
                f"The guide's template is wrong: {error}", where=path, fix="mend the locale pack"
            ) from None
