"""The templates of the variant's documents, and how a text is put into them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_URL = re.compile(r"(https?://[^\s<>()|]*[^\s<>()|.,;:!?])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]#|~$])")


def fill(template: str, **values: Any) -> str:
    """A template of this folder with its values; a value that is missing is a defect."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["inline"] = inline
    return made


def inline(text: object) -> str:
    """A text for one line or table cell of Markdown that shows as it is: no markup, no HTML.

    Addresses become links, control characters the sign for what cannot be shown.
    """
    parts = _URL.split(_CONTROL.sub("\ufffd", " ".join(str(text).split())))
    return "".join(f"<{part}>" if at % 2 else _plain(part) for at, part in enumerate(parts))


def _plain(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MEANS_SOMETHING.sub(r"\\\1", text)
