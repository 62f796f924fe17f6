"""What each column of a variant is, in words: from the JSON Schema of its row."""

from __future__ import annotations

from typing import Any

from derive import schemas


def described(column: str, part: str = "") -> str:
    """What a column is, or a part of one that is a struct."""
    known: dict[str, Any] = schemas.validator("variant-item").schema["properties"].get(column, {})
    if part:
        known = known.get("properties", {}).get(part, {})
    title, more = known.get("title", part or column), known.get("description", "")
    if title.casefold().replace(" ", "_") == column and more:
        return str(more).rstrip(".")
    return ". ".join(text.rstrip(".") for text in (title, more) if text)
