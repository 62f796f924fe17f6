"""What a person handed in for one unit, and what it is worth: the words of collecting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from derive.files import hash_json
from derive.text import canonical

STATES = ("initial", "translated", "reviewed", "final")


@dataclass(frozen=True, slots=True)
class Content:
    """What a unit is to be: the decision and its texts. level, taxonomy: empty if unchanged.

    by: the ID of the submission that last wrote any of it.
    """

    decision: str = ""
    prompt: str = ""
    response: str = ""
    reason: str = ""
    evidence: str = ""
    level: str = ""
    taxonomy: str = ""
    by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """A row that somebody filled in.

    id: made of what was decided and written, and on what it is based; not of who and where, so
    that the same answer given twice is one. parents: the IDs of the submissions that the row
    showed. file: the hash of the returned file; name: as it was called.
    """

    key: str
    item: str
    sheet: str
    parents: tuple[str, ...]
    verdict: str
    intervention: str
    content: Content
    comment: str
    author: str
    source_hash: str
    worksheet: str
    person: str
    double: bool
    file: str
    name: str
    place: str
    row: int
    id: str = ""

    def identified(self) -> Submission:
        """The same with its ID."""
        content = self.content
        made = [self.key, self.sheet, self.parents, self.verdict, self.intervention]
        made += [content.decision, canonical(content.prompt), canonical(content.response)]
        made += [content.level, content.taxonomy, self.source_hash]
        return replace(self, id=hash_json(made)[:16])

    def where(self) -> dict[str, Any]:
        """For a finding: the file, the sheet and the row as people see them, and the item."""
        row = self.row or None
        place = {"file": self.name, "sheet": self.place, "row": row, "item": self.item}
        return {**place, "origin": self.file}

    def spot(self) -> tuple[str, str, int]:
        """As a finding's: the file's hash, the sheet, the row."""
        return self.file, self.place, self.row


@dataclass(frozen=True, slots=True)
class Node:
    """All submissions of one ID as one: who handed it in, and the unit's content by it.

    content is None where the submission says only that it is not to be as it was (a rejection).
    """

    submission: Submission
    authors: tuple[str, ...]
    persons: tuple[str, ...]
    sources: tuple[tuple[str, str, int], ...]  # (file hash, sheet, row) of each
    content: Content | None = None
    comments: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands.

    status: none, accepted, half (of a double translation; the other is not in yet), conflict,
    double (two translations that differ), disputed (the
    translator declined the reviewer's change), rejected (by the reviewer), stale (the source has
    changed), gone (it is no item of the release any more).
    state: XLIFF's. waits_for: translator, reviewer, adjudicator, or empty.
    heads: what nothing else is based on; those that agree, the furthest first, or disagree.
    content: what stands; None if nothing does. nodes: all there are of the unit, by ID.
    """

    key: str
    item: str
    status: str = "none"
    state: str = "initial"
    waits_for: str = "translator"
    heads: tuple[Node, ...] = ()
    content: Content | None = None
    translators: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    adjudicators: tuple[str, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)

    def based_on(self) -> str:
        """What a new worksheet's row is based on."""
        return " ".join(sorted(node.submission.id for node in self.heads))


def merged_text(texts: list[str]) -> str:
    """Different texts under one another, each once, in a fixed order."""
    return "\n".join(sorted({text for text in texts if text.strip()}))


def by_key(submissions: list[Submission]) -> Mapping[str, list[Submission]]:
    """The submissions of each unit."""
    found: dict[str, list[Submission]] = {}
    for one in submissions:
        found.setdefault(one.key, []).append(one)
    return found
