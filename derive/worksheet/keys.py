"""The key of a unit: the item's ID, and letters that show a key which nobody issued."""

from __future__ import annotations

import base64
import hashlib


def make_key(item: str, project: str) -> str:
    """The item's ID and four letters that only this ID in this project has.

    A spreadsheet's fill-down makes other numbers; the letters then do not fit. They are letters
    so that fill-down does not count them up.
    """
    digest = hashlib.sha256(f"{project}\n{item}".encode("utf-8", "surrogatepass")).digest()
    letters = base64.b32encode(digest).decode().translate({ord(str(n)): None for n in range(2, 8)})
    return f"{item}~{letters[:4]}"


def item_of(key: str, project: str) -> str | None:
    """The item of a key that this project made; None for any other text."""
    item, mark, _ = key.rpartition("~")
    return item if mark and make_key(item, project) == key else None
