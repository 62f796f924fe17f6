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
    "pack-unchecked": Code("note", "look at the sources, and write the date into `checked`"),
    "pack-invalid": Code("error", "mend the file of the locale pack"),
    "pack-unsourced": Code("error", "say where the fact can be looked up"),
    "pack-english": Code("note", "put them into the locale's language"),
    "pack-few": Code("note", "add what people of the locale would miss"),
    # a project's own lexicon and counterparts
    "own-invalid": Code("error", "mend the file in the project folder"),
    "own-unsourced": Code("warning", "say where the fact can be looked up"),
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
    "prompt-crowded": Code("warning", "look at them: they may be variations of one template"),
    "taxonomy-missing": Code("warning", "fill the taxonomy path"),
    "taxonomy-once": Code("warning", "a path that occurs once is often a typo: check its spelling"),
    "taxonomy-two-parents": Code("warning", "give the label one parent"),
    "language-unexpected": Code("warning", "check the text: it may be in the wrong column"),
    "text-not-nfc": Code("warning", "normalise the release's texts to NFC"),
    "text-control": Code("warning", "remove the control characters"),
    "text-mojibake": Code("warning", "the text was decoded wrongly somewhere: restore it"),
    "check-off": Code("note", "a person looks at it; nothing else is missing"),
    "text-surrogate": Code("error", "the text holds half a character: restore it"),
    "count-unexpected": Code("warning", "the official count differs: check that nothing is lost"),
    # a release for others
    "column-mixed": Code("error", "give every value of the column one type"),
    "split-invalid": Code("error", "rename the split: letters, digits, _ and dots between them"),
    "prompt-across-versions": Code(
        "warning", "who tuned on the one version knows the other's test: withdraw it, or say so"
    ),
    "version-low": Code("warning", "raise the version: who derives from it relies on the number"),
    # flagging
    "level-0-marked": Code("warning", "look at the marks: level 1 may fit, or mute the entry"),
    "level-suggested": Code("note", "the release has no tag here; a person should confirm it"),
    "lexicon-none": Code("note", "items are routed by their tags only; a person looks for marks"),
    # translating
    "cache-damaged": Code("warning", "nothing to do; if it happens again, check the disk"),
    "draft-none": Code("note", "a person writes this text, or choose a model for this language"),
    "draft-pseudo": Code("warning", "a dry run's text: translate with a model, derive models list"),
    "draft-empty": Code("error", "a person translates this text"),
    "draft-same": Code("error", "a person translates this text: the draft repeats the input"),
    "draft-language": Code("error", "a person translates this text: wrong language or script"),
    "draft-copied": Code("warning", "a person translates the part left in the source language"),
    "draft-variety": Code("note", "a person looks whether the word is used in the locale"),
    "draft-repeats": Code("error", "a person corrects the draft: it repeats itself"),
    "draft-length": Code("warning", "a person compares draft and source: too short or too long"),
    "draft-truncated": Code("error", "a person completes the draft: it was cut"),
    "draft-end": Code("warning", "a person checks the end: the final punctuation is gone"),
    "draft-sentences": Code("warning", "a person looks for the sentence that is missing"),
    "draft-lost": Code("error", "a person puts back what the draft lost"),
    "draft-number": Code("error", "a person checks the numbers"),
    "draft-name": Code("warning", "a person puts back the name, or its usual form here"),
    "draft-quotes": Code("warning", "a person closes the bracket or quotation"),
    "draft-refusal": Code("error", "a person translates this text: the model refused to"),
    "draft-comment": Code("error", "a person takes out what the model said about its translation"),
    "draft-unknown": Code("error", "a person corrects the draft: the model had no word for a part"),
    "draft-shared": Code("warning", "a person compares the sources: one draft for several of them"),
    "round-trip-none": Code("note", "choose a model of the round trip into that language"),
    "draft-via": Code("note", "two models made this draft; look at both steps if it is odd"),
    "draft-other-text": Code("note", "nothing to do, if the draft is good"),
    "draft-omission": Code(
        "warning", "a heuristic: a person looks whether the draft says it, and as strongly"
    ),
    "draft-score": Code("warning", "a person looks at the draft: the model doubted it"),
    "draft-fragments": Code("note", "a person checks the grammar: the sentence was cut in pieces"),
    # worksheets and variant
    "cell-unfit": Code("warning", "use the CSV file for this unit: a cell cannot hold its text"),
    "locale-no-guide": Code("note", "the guide is in English only: add a guide to the locale pack"),
    "worksheet-edited": Code("warning", "somebody filled this file in place: keep a copy of it"),
    # worksheets that came back: the file
    "worksheet-refused": Code("error", "send the file that derive wrote for this project"),
    "worksheet-extra": Code("note", "nothing to do: it is kept in the file, and not read"),
    "worksheet-empty": Code("note", "nothing to do"),
    "column-gone": Code("error", "put the column back; its cells are read as they were handed out"),
    "sheet-unread": Code("error", "show the hidden row 1 and put it back from the sheet as it was"),
    "row-duplicate": Code("warning", "delete one of the two rows"),
    "key-missing": Code("error", "copy the key from the worksheet as it was; it is never typed"),
    "key-unknown": Code("error", "restore the key; filling down or typing makes keys of no unit"),
    "unit-not-issued": Code("error", "restore the hidden columns from the worksheet as it was"),
    "identity-changed": Code("error", "restore the hidden columns from the worksheet as it was"),
    "row-shifted": Code("error", "the row's texts were moved: sort whole rows, or start over"),
    "readonly-changed": Code("warning", "write what should change into the white columns"),
    "cell-not-text": Code("error", "type the text again into a cell of the format Text"),
    # what people filled in
    "text-blank": Code("warning", "write the text, or empty the cell"),
    "word-unknown": Code("error", "choose one of the words in the cell's list"),
    "decision-missing": Code("error", "choose a decision"),
    "verdict-missing": Code("error", "choose a verdict"),
    "field-missing": Code("error", "fill the cell"),
    "field-extra": Code("error", "empty the cell, or choose another decision"),
    "response-missing-yet": Code("warning", "write the response in a later worksheet"),
    "author-missing": Code("warning", "write your name or alias into the column, or use --author"),
    "reclassified": Code("note", "a reviewer should confirm it"),
    "base-missing": Code("error", "collect the file that holds it as well"),
    "review-same-person": Code("error", "another person reviews it"),
    "unit-stale": Code("warning", "look at the new source; the next worksheet shows both"),
    "unit-gone": Code("warning", "nothing to do: the text is kept, and not in the variant"),
    "unit-final": Code("warning", "nothing to do; or collect the file again with --reopen KEY"),
    "unit-conflict": Code(
        "error", "write a worksheet with --role adjudicator, or use --instead-of"
    ),
    "unit-crowded": Code("error", "settle some of them with --instead-of"),
    "unit-double": Code("note", "write a worksheet with --role adjudicator"),
    # people's texts
    "text-untranslated": Code("error", "translate it; the source's own text may not be published"),
    "text-language": Code("error", "write it in the target language; if it is, use --dismiss"),
    "text-copied": Code("warning", "translate the part that was left in the source language"),
    "text-repeats": Code("error", "take out what repeats; if it is meant, use --dismiss"),
    "text-placeholder": Code("error", "fill the gap; if it is meant, use --dismiss"),
    "text-quotes": Code("warning", "close the bracket or quotation"),
    "text-lost": Code("error", "put it back, or choose modify; if it is meant, use --dismiss"),
    "text-number": Code("error", "put it back, or choose modify; if it is meant, use --dismiss"),
    "number-changed": Code("note", "look whether it was changed on purpose"),
    "text-length": Code("warning", "compare with the source: too short or too long"),
    "text-end": Code("warning", "look at the end: was it cut?"),
    "text-residue": Code("warning", "replace it with what the place has, or give the reason"),
    "text-swapped": Code("warning", "look whether prompt and response stand in the wrong cells"),
    "text-reused": Code("warning", "look whether a text was copied into a second row"),
    "text-other-answer": Code("warning", "look whether the response stands in the wrong row"),
    "response-unchanged": Code("warning", "write a response to the prompt as it is now"),
    "response-echo": Code("note", "look whether the response needs to say it"),
    "counterpart-unused": Code("note", "look whether another counterpart fits better"),
    "number-unsourced": Code("note", "check the number, and put an address into Evidence"),
    "term-missing": Code("warning", "use the project's term, or change the list of terms"),
    "term-forbidden": Code("warning", "use another word; the list of terms rules this one out"),
    "draft-unchanged": Code("note", "nothing to do, if it was read"),
    "xliff-incomplete": Code("warning", "open the unit in your tool and complete its target"),
    "po-fuzzy": Code("warning", "take off the mark “fuzzy” when the text is done"),
    "export-left-out": Code("note", "write a response, or use an export that needs none"),
    "document-edited": Code(
        "warning", "move what you wrote between the marks of people in README.md, and build again"
    ),
    "source-in-variant": Code("error", "the terms forbid it: word it anew, or remove the row"),
    "terms-unknown": Code("warning", "name the terms in the profile before you publish"),
    "taxonomy-no-english": Code("note", "add them to taxonomy_labels in the profile"),
    "variant-edited": Code(
        "warning", "put the change into a worksheet: every build writes variant/ anew"
    ),
    # auditing a derivation: files and columns
    "file-unreadable": Code("error", "mend the file; what cannot be read was not looked at"),
    "file-encoding": Code("error", "save the file as UTF-8"),
    "file-differs": Code("warning", "make both files from one table, or delete one of them"),
    "column-meaning": Code("error", "let a column mean the same in every file"),
    "column-name": Code("warning", "call it the same in every file"),
    "language-code": Code("error", "use the BCP-47 tag of the language"),
    "translation-missing": Code("error", "add the translation, or take the file out"),
    # auditing a derivation: rows beside items
    "id-lost": Code("error", "put the release's ID into every row: it holds them together"),
    "id-empty": Code("error", "put the release's ID into the row"),
    "id-changed": Code("error", "restore the ID letter by letter; open CSV files as text"),
    "id-unknown": Code("error", "restore the ID of the item that the row is derived from"),
    "id-doubled": Code("error", "delete one of the rows, or restore its own ID"),
    "id-wrong": Code("error", "bring IDs and texts together again: columns were sorted apart"),
    "row-lost": Code("error", "restore the row, or say why the item was left out"),
    "row-extra": Code("warning", "name the item it is derived from, or say that it is new"),
    "row-empty": Code("warning", "delete the row, or restore it"),
    "rows-unmatched": Code("error", "add the IDs; until then nobody can tell what is missing"),
    "split-lost": Code("note", "nothing to do, if it was left out on purpose"),
    "split-moved": Code("error", "put it back: a test item in another split is a leak"),
    "level-changed": Code("warning", "restore the tag, or say why it changed"),
    "taxonomy-changed": Code("warning", "restore the label, or translate it as everywhere else"),
    # auditing a derivation: texts and terms
    "text-missing": Code("error", "translate it, or leave the row out and say so"),
    "text-cut": Code("error", "restore the end of the text"),
    "text-escaped": Code("warning", "take away the apostrophe that a spreadsheet's export added"),
    "language-wrong": Code("error", "translate it, or move it to the file of its language"),
    "typo-carried": Code("warning", "translate what was meant, and tell the release's maintainers"),
    "machine-residue": Code("error", "take out what the machine left"),
    "card-missing": Code("error", "add a README.md that says what it is and under which terms"),
    "licence-missing": Code("error", "name the licence in the card"),
    "licence-other": Code("error", "inherit the release's licence, as its terms ask"),
    "attribution-missing": Code("error", "name the release in the card"),
    "variant-unread": Code("warning", "have them reviewed first: derive worksheet --role reviewer"),
    "hub-changed": Code("warning", "keep what you need of it, then publish over it with --yes"),
    "gate-by-hand": Code("warning", "switch on access requests there, then use --public"),
}
