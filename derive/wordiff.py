"""What differs between two texts: word by word, as pieces, as spans, and as one marked text.

A word diff marks what is gone as [-removed-] and what has come as {+added+}. Where a text itself
holds the two characters of such a mark, a backslash stands between them (one more, if there are
some already), so that `versions` gives both texts back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

LARGEST = 4_000_000_000  # tokens of one text times those of the other: half a gigabyte of bits
SIGNS = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}

# Thai, Lao, Burmese, Khmer, kana, Han: words are not set off by blanks
_NO_BLANKS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[^\W{_NO_BLANKS}]+|\n|[^\S\n]+|.", re.DOTALL)
_WORD = re.compile(rf"[^\W{_NO_BLANKS}]")
_MARK = r"(?<=\[){0}(?=-)|(?<=-){0}(?=\])|(?<=\{{){0}(?=\+)|(?<=\+){0}(?=\}})"
_HELD = re.compile(_MARK.format(r"\\*"))
_ESCAPED = re.compile(_MARK.format(r"\\+"))
_MARKED = re.compile(r"\[-(.*?)-\]|\{\+(.*?)\+\}", re.DOTALL)


def word_diff(old: str, new: str) -> str:
    """Both texts in one, with [-removed-] and {+added+} words, or characters where the script sets
    no blanks between words."""
    return "".join(SIGNS[sign].format(escape(text)) for sign, text in pieces(old, new))


def versions(marked: str) -> tuple[str, str]:
    """The old and the new text of a word diff."""
    old, new, at = [], [], 0
    for match in _MARKED.finditer(marked):
        stayed = _unescape(marked[at : match.start()])
        old += [stayed, _unescape(match[1] or "")]
        new += [stayed, _unescape(match[2] or "")]
        at = match.end()
    rest = _unescape(marked[at:])
    return "".join([*old, rest]), "".join([*new, rest])


def pieces(old: str, new: str) -> list[tuple[str, str]]:
    """What stayed ("="), what is gone ("-") and what has come ("+"), in order, none empty."""
    found: list[tuple[str, str, str]] = []
    for stayed, gone, come in _hunks(_tokens(old), _tokens(new)):
        # a word or two that happen to stay between longer changes only make them hard to read
        while found and len(stayed) <= min(_size(found[-1]), max(len(gone), len(come))):
            before, gone_before, come_before = found.pop()
            gone, come = gone_before + stayed + gone, come_before + stayed + come
            stayed = before
        found.append((stayed, gone, come))
    return [(sign, text) for hunk in found for sign, text in zip("=-+", hunk, strict=True) if text]


def spans(old: str, new: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Where in the old text what is gone stands, and where in the new one what has come."""
    gone: list[tuple[int, int]] = []
    come: list[tuple[int, int]] = []
    before = after = 0
    for sign, text in pieces(old, new):
        if sign == "-":
            gone.append((before, before + len(text)))
        elif sign == "+":
            come.append((after, after + len(text)))
        before += len(text) * (sign != "+")
        after += len(text) * (sign != "-")
    return gone, come


def _size(hunk: tuple[str, str, str]) -> int:
    return max(len(hunk[1]), len(hunk[2]))


def _tokens(text: str) -> list[str]:
    """Words, blanks, single characters; a combining mark stays with what it is set on."""
    tokens: list[str] = []
    for token in _TOKEN.findall(text):
        last = tokens[-1] if tokens else ""
        inside = _is_mark(last[-1:]) and _WORD.match(last) and _WORD.match(token)
        if last and (inside or _is_mark(token)):
            tokens[-1] += token
        else:
            tokens.append(token)
    return tokens


def _is_mark(char: str) -> bool:
    return len(char) == 1 and (char == "\u200d" or unicodedata.category(char)[0] == "M")


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What stayed, what is gone after it, and what has come in its place."""
    from rapidfuzz.distance import Indel

    if len(old) * len(new) > LARGEST:
        start = _common(old, new)
        end = _common(old[start:][::-1], new[start:][::-1])
        gone, come = old[start : len(old) - end], new[start : len(new) - end]
        yield "".join(old[:start]), "".join(gone), "".join(come)
        yield "".join(old[len(old) - end :]), "", ""
        return
    # rapidfuzz takes hashes for the tokens: numbers are their own
    numbers: dict[str, int] = {}
    coded = [[numbers.setdefault(token, len(numbers)) for token in one] for one in (old, new)]
    stayed = removed = added = ""
    for step in Indel.opcodes(*coded):
        if step.tag == "equal":
            if removed or added:
                yield stayed, removed, added
                removed = added = ""
            stayed = "".join(old[step.src_start : step.src_end])
        else:
            removed += "".join(old[step.src_start : step.src_end])
            added += "".join(new[step.dest_start : step.dest_end])
    yield stayed, removed, added


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many first tokens are the same."""
    same = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(same) if a != b), min(len(one), len(other)))


def escape(text: str) -> str:
    """A text as it stands in a word diff."""
    return _HELD.sub(lambda match: match[0] + "\\", text)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: match[0][:-1], text)
