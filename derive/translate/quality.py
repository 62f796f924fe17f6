"""What can be wrong with a draft, told without a reference. Every draft is looked at."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from derive.compare import end_lost, loop, numbers_lost, unusual_length
from derive.findings import Finding, finding
from derive.identify import identify
from derive.protect import lost
from derive.pseudo import is_pseudo
from derive.text import comparable, shown
from derive.translate.texts import Translated

_UNKNOWN = re.compile(r"<unk>|⁇")


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
    if is_pseudo(draft) and not is_pseudo(source):
        yield finding("draft-pseudo", f"no translation: {shown(draft)}")
        return  # it is in no language, and too long
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
    if repeated := loop(draft, source):
        yield finding("draft-repeats", f"repeats {shown(repeated)}")
    if length := unusual_length(source, draft):
        yield finding("draft-length", length)
    if end_lost(source, draft):
        yield finding("draft-end", f"ends with {shown(draft[-20:])}")
    gone = lost(source, draft)
    if gone:
        yield finding("draft-lost", f"not in the draft: {', '.join(map(shown, gone))}")
    if missing := numbers_lost(source, draft):
        # a number of one digit is often spelt out, rightly
        severity = "warning" if all(len(number) == 1 for number in missing) else None
        message = f"not in the draft: {', '.join(one[:30] for one in missing)}"
        yield finding("draft-number", message, severity=severity)
    if _UNKNOWN.search(draft) and not _UNKNOWN.search(source):
        yield finding("draft-unknown", "holds the mark for an unknown word")
    if made.fragments:
        yield finding("draft-fragments", "a sentence was too long or its protected parts got lost")
