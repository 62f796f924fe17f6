"""How long work tells that it goes on. The stages report; the command line decides how it looks."""

from __future__ import annotations

from collections.abc import Callable

# what is being done, how much of it is done, how much there is, and the unit's name
Report = Callable[[str, int, int, str], None]


def silent(what: str, done: int, total: int, unit: str) -> None:
    """Reports nothing: the default of the Python API."""
