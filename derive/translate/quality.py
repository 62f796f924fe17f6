"""What can be wrong with a draft, told without a reference. Every draft is looked at.

The bounds of the length are those of Okapi CheckMate (45 to 200 % of the source; 30 to 350 % up to
20 characters), with combining marks not counted and a wide character (East Asian) counted as 2.5:
so measured, at most 2 of 315 of MultiJail's human translations into each of nine languages lie
outside. The repetition is OpusFilter's: three times the same 3 to 100 characters in a row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator
from unicodedata import category, east_asian_width

from derive.findings import Finding, finding
from derive.identify import identify
from derive.text import comparable, numbers, shown
from derive.translate.protect import lost
from derive.translate.texts import Translated

_REPEATED = re.compile(r"(.{3,100}?)\1\1", re.DOTALL)
_RULE = re.compile(r"[\W_]+")  # a line of dashes or dots is no loop
_END = re.compile(r"[.!?…。！？؟۔।॥։።។။:;,]['\"”’»）)\]]*\s*$")
_UNKNOWN = re.compile(r"<unk>|⁇")
WIDE = 2.5


def check_draft(
    source: str,
    made: Translated,
    source_tag: str,
    tag: str,
    originals: Container[str] = (),
) -> Iterator[Finding]:
    """The findings on the translation `made` of the text `source`; source_tag and tag: BCP-47.

    originals: the release's texts in comparable form; a draft must be none of them.
    """
    draft = made.text
    if not draft.strip():
        yield finding("draft-empty", "no text came out")
        return
    form = comparable(draft)
    if form == comparable(source):
        yield finding("draft-same", f"the draft is the input: {shown(draft)}")
    elif form in originals:
        yield finding("draft-same", f"the draft is another text of the release: {shown(draft)}")
    else:
        verdict = identify(draft, tag)
        if verdict.matches is False:
            yield finding("draft-language", f"looks like {verdict.seen}, not {tag}")
    if made.truncated:
        yield finding("draft-truncated", "the model's longest output was reached")
    loop = _loop(draft)
    if loop and not _loop(source):
        yield finding("draft-repeats", f"repeats {shown(loop)}")
    yield from _check_length(source, draft)
    if _END.search(source) and not _END.search(draft):
        yield finding("draft-end", f"ends with {shown(draft[-20:])}")
    gone = lost(source, draft)
    if gone:
        yield finding("draft-lost", f"not in the draft: {', '.join(map(shown, gone))}")
    missing = Counter(numbers(source)) - Counter(numbers(draft))
    if missing:
        # a number of one digit is often spelt out, rightly
        severity = "warning" if all(len(number) == 1 for number in missing) else None
        message = f"not in the draft: {', '.join(one[:30] for one in sorted(missing))}"
        yield finding("draft-number", message, severity=severity)
    if _UNKNOWN.search(draft) and not _UNKNOWN.search(source):
        yield finding("draft-unknown", "holds the mark for an unknown word")
    if made.fragments:
        yield finding("draft-fragments", "a sentence was too long or its protected parts got lost")


def _loop(text: str) -> str | None:
    for match in _REPEATED.finditer(text):
        if not _RULE.fullmatch(match[1]):
            return match[1]
    return None


def _check_length(source: str, draft: str) -> Iterator[Finding]:
    share = 100 * _size(draft) / max(_size(source), 1.0)
    low, high = (30, 350) if _size(source) <= 20 else (45, 200)
    if not low <= share <= high:
        yield finding(
            "draft-length", f"{share:.0f} % of the source's length, {low} to {high} usual"
        )


def _size(text: str) -> float:
    if text.isascii():
        return float(len(text.strip()))
    return sum(
        WIDE if east_asian_width(char) in "WF" else 1.0
        for char in text.strip()
        if not category(char).startswith("M")
    )
