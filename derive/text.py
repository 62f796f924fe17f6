"""What texts are compared by: canonical and comparable forms, hashes, characters that do harm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from derive.files import hash_json

TEXT_FIELDS = ("prompt", "response", "prompt_pivot", "response_pivot")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# digits with what groups them: . , ' and the no-break spaces, never a plain space
_DIGITS = re.compile(r"\d+(?:[.,'\u2019\u00a0\u202f]\d+)*")


def canonical(text: str) -> str:
    """NFC with LF line ends: the form that hashes are taken of. The text itself stays as it is."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def comparable(text: str) -> str:
    """NFKC, case folded, letters and digits only: equal for texts that read the same."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def fields_of(item: Mapping[str, object]) -> set[str]:
    """Which of TEXT_FIELDS an item has."""
    return {name for name in TEXT_FIELDS if item[name] is not None}


def content_hash(item: Mapping[str, object]) -> str:
    """SHA-256 over the item's four texts in canonical form, with their names."""
    texts = [
        [name, None if item[name] is None else canonical(str(item[name]))] for name in TEXT_FIELDS
    ]
    return hash_json(texts)


def shown(text: str, limit: int = 60) -> str:
    """A short form for messages: one line, escapes visible, cut in the middle."""
    line = repr(text)
    return line if len(line) <= limit else f"{line[: limit // 2]} … {line[-limit // 2 :]}"


def control_characters(text: str) -> list[str]:
    """The control characters in it but tab, LF and CR, as U+XXXX, each once."""
    return sorted({f"U+{ord(char):04X}" for char in _CONTROL.findall(text)})


def has_lone_surrogate(text: str) -> bool:
    """Whether it holds half a surrogate pair, which UTF-8 cannot carry."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def numbers(text: str) -> Iterator[str]:
    """The numbers in it: `1,000`, `1.000` and `١٠٠٠` give `1000`, `3.5` and `3,5` give `3.5`.

    What three digits follow is taken for a mark of thousands, any other last mark for a decimal.
    """
    for match in _DIGITS.finditer(text):
        plain = "".join(
            str(unicodedata.digit(char)) if char.isdigit() else " " for char in match.group()
        )
        whole, _, last = plain.rpartition(" ")
        yield (
            plain.replace(" ", "")
            if len(last) == 3 or not whole
            else (f"{whole.replace(' ', '')}.{last}")
        )
