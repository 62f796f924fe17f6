"""Every finding there is: its stable code, its usual severity, and what to do about it.

One table feeds the findings, their hints and the documentation. A code is never re-used.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """severity: error, warning or note; hint: what a person should do."""

    severity: str
    hint: str


CODES: dict[str, Code] = {
    # reading a release
    "row-unreadable": Code("error", "mend the row, or go on without it with --keep-going"),
    "row-invalid": Code("error", "mend the row, or go on without it with --keep-going"),
    "id-missing": Code("error", "give the row an ID, or go on without it with --keep-going"),
    "id-duplicate": Code(
        "error", "give every item an ID of its own, or go on without the later row (--keep-going)"
    ),
    "prompt-missing": Code("error", "fill the prompt, or go on without the row (--keep-going)"),
    "level-invalid": Code(
        "error", "levels are 0, 1, 2 or empty; mend it, or go on without the row (--keep-going)"
    ),
    "value-type": Code("error", "turn the value into text, or go on without it (--keep-going)"),
    "column-guessed": Code("note", "if the guess is wrong, say --map FIELD=COLUMN"),
    "column-extra": Code("note", "nothing to do: the column is kept in `extra`"),
    "file-ignored": Code("note", "nothing to do, unless the file holds items"),
    "id-made": Code("note", "map a column with --map id=COLUMN if the release has IDs"),
    # checking a release
    "response-missing": Code("warning", "fill the response, or leave it to the people who adapt"),
    "pivot-missing": Code("warning", "translate the prompt; without it the item gets no draft"),
    "level-missing": Code("warning", "tag the item; until then its level is suggested by marks"),
    "prompt-duplicate": Code("warning", "keep one of them, or tell them apart"),
    "prompt-near-duplicate": Code("warning", "look at both; keep one if they ask the same"),
    "prompt-across-splits": Code("error", "withdraw one: a test item must not be in another split"),
    "prompt-near-across-splits": Code("warning", "look at both: a test item may have leaked"),
    "taxonomy-missing": Code("warning", "fill the taxonomy path"),
    "taxonomy-once": Code("warning", "a path that occurs once is often a typo: check its spelling"),
    "taxonomy-two-parents": Code("warning", "give the label one parent"),
    "language-unexpected": Code("warning", "check the text: it may be in the wrong column"),
    "text-not-nfc": Code("warning", "normalise the release's texts to NFC"),
    "text-control": Code("warning", "remove the control characters"),
    "text-mojibake": Code("warning", "the text was decoded wrongly somewhere: restore it"),
    "text-surrogate": Code("error", "the text holds half a character: restore it"),
    "count-unexpected": Code("warning", "the official count differs: check that nothing is lost"),
    # flagging
    "level-0-marked": Code("warning", "look at the marks: level 1 may fit, or mute the entry"),
    "level-suggested": Code("note", "the release has no tag here; a person should confirm it"),
    "lexicon-none": Code("note", "items are routed by their tags only; a person looks for marks"),
    # translating
    "draft-none": Code("note", "a person writes this text, or choose a model for this language"),
    "draft-empty": Code("error", "a person translates this text"),
    "draft-same": Code("error", "a person translates this text: the draft repeats the input"),
    "draft-language": Code("error", "a person translates this text: wrong language or script"),
    "draft-repeats": Code("error", "a person corrects the draft: it repeats itself"),
    "draft-length": Code("warning", "a person compares draft and source: too short or too long"),
    "draft-truncated": Code("error", "a person completes the draft: it was cut"),
    "draft-end": Code("warning", "a person checks the end: the final punctuation is gone"),
    "draft-lost": Code("error", "a person puts back what the draft lost"),
    "draft-number": Code("error", "a person checks the numbers"),
    "draft-unknown": Code("error", "a person corrects the draft: the model had no word for a part"),
    "draft-fragments": Code("note", "a person checks the grammar: the sentence was cut in pieces"),
    # worksheets and variant
    "cell-unfit": Code("warning", "use the CSV file for this unit: a cell cannot hold its text"),
    "locale-no-guide": Code("note", "the guide is in English only: add a guide to the locale pack"),
    "worksheet-edited": Code("warning", "somebody filled this file in place: keep a copy of it"),
    "source-in-variant": Code("error", "the terms forbid it: translate or remove the row"),
}
