"""The parts of the card that people write: `<!-- people: NAME -->` … `<!-- /people -->`.

A rebuild writes the card anew around them. What stands outside the marks is derive's; whoever
changes it finds their file kept beside the new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from derive.errors import DeriveError
from derive.files import hash_text, read_text

NAMES = ("about", "limitations", "cite", "who-to-ask")
_MARK = re.compile(r"<!--\s*(?:people:\s*([\w-]*)|(/)\s*people)\s*-->")


def section(name: str, text: str) -> str:
    """A part with its marks."""
    return f"<!-- people: {name} -->\n{text}{chr(10) if text else ''}<!-- /people -->"


def read(path: Path) -> dict[str, str]:
    """What people wrote into each part of a card, without blank lines around it.

    Raises DeriveError, naming the line, if the marks are damaged, doubled, gone or unknown: then
    nobody can tell whose text is whose.
    """
    text = _plain(read_text(path))
    found: dict[str, str] = {}
    problems = []
    opened: tuple[str, int] | None = None
    for mark in _MARK.finditer(text):
        name, line = mark[1], text[: mark.start()].count("\n") + 1
        if mark[2]:
            if opened is None:
                problems.append(f"line {line}: an end without a beginning")
            else:
                found[opened[0]] = text[opened[1] : mark.start()].strip()
            opened = None
            continue
        if opened is not None:
            problems.append(f"line {line}: {opened[0]} has not ended yet")
        if name not in NAMES:
            problems.append(f"line {line}: there is no part {name!r}")
        elif name in found:
            problems.append(f"line {line}: {name} for the second time")
        opened = name, mark.end()
    if opened is not None:
        problems.append(f"{opened[0]} does not end")
    problems += [f"no part {name!r}" for name in NAMES if name not in found]
    if problems:
        raise DeriveError(
            "The marks around the parts of the card that people write are damaged:"
            f" {'; '.join(dict.fromkeys(problems))}",
            where=path,
            fix=f"put {section('NAME', 'TEXT').replace(chr(10), ' ')} back around each of"
            f" {', '.join(NAMES)}; or keep a copy of the file, delete it, and build again",
        )
    return found


def outer_hash(card: str) -> str:
    """SHA-256 of what is not people's in a whole card."""
    parts = _MARK.split(_plain(card))
    # split gives text, the two groups of the mark, text …: every second text is people's
    return hash_text("\n".join(part.strip() for part in parts[::6]))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def filled(people: Mapping[str, str]) -> dict[str, str]:
    """Every part without blanks around it, empty where nobody has written."""
    return {name: people.get(name, "").strip() for name in NAMES}
