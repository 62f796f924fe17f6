"""What a filled row must hold: each decision and verdict has its required and forbidden fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.findings import Finding, finding
from derive.text import shown
from derive.worksheet.collect.submissions import Content, Submission
from derive.worksheet.columns import TRANSLATE, words
from derive.worksheet.issued import Unit

# decision to the fields it needs, and those it must not have; transfer's response: see below
_NEEDS = {
    "transfer": ("prompt",),
    "modify": ("prompt", "response", "reason"),
    "replace": ("prompt", "response", "reason"),
    "remove": ("reason",),
    "new": ("prompt", "response"),
}
_FORBIDS = {"remove": ("prompt", "response")}
LEVELS = ("0", "1", "2")


def broken_rules(one: Submission, unit: Unit, cells: Mapping[str, str]) -> Iterator[Finding]:
    """Findings on a submission's fields. cells: the row as it came, for blanks and typing."""
    for name in ("prompt", "response"):
        if cells.get(name, "") and not cells[name].strip():
            yield finding("text-blank", "blanks only: taken as empty", field=name, **one.where())
    given = {
        "verdict": one.verdict,
        "intervention": one.intervention,
        "decision": one.content.decision,
        "level": one.content.level,
    }
    for name, text in given.items():
        allowed = LEVELS if name == "level" else words(one.sheet, name)
        if text and text not in allowed and not (text == "new" and is_new(unit)):
            message = f"{shown(text)} is none of: {', '.join(allowed)}"
            yield finding("word-unknown", message, field=name, **one.where())
            return
    if one.sheet in TRANSLATE:
        yield from _translation(one, unit)
    elif one.sheet == "review":
        yield from _review(one)
    elif one.sheet == "reply":
        yield from _reply(one)
    else:
        yield from _adjudication(one, unit)


def is_new(unit: Unit) -> bool:
    """Whether the unit has no source item."""
    return unit.cells["item"].startswith("new-")


def _translation(one: Submission, unit: Unit) -> Iterator[Finding]:
    if not one.content.decision:
        yield finding(
            "decision-missing", "texts without a decision", field="decision", **one.where()
        )
        return
    yield from broken_content(one.content, one)
    if one.content.decision == "transfer" and not one.content.response and _answered(unit):
        yield finding(
            "response-missing-yet", "the prompt has no response", field="response", **one.where()
        )
    if not one.author:
        yield finding("author-missing", "nobody says who wrote it", field="author", **one.where())
    if one.content.decision == "replace" and (one.content.level or one.content.taxonomy):
        changed = ", ".join(filter(None, (one.content.level, one.content.taxonomy)))
        yield finding("reclassified", f"now {changed}", field="taxonomy", **one.where())


def broken_content(content: Content, one: Submission) -> Iterator[Finding]:
    """Findings on a content that lacks what its decision needs, or has what it forbids.

    content: of the submission, or what stands once it is laid over another's.
    """
    for name in _NEEDS.get(content.decision, ()):
        if not getattr(content, name):
            message = f"{content.decision} needs a {name}"
            yield finding("field-missing", message, field=name, **one.where())
    for name in _FORBIDS.get(content.decision, ()):
        if getattr(content, name):
            message = f"{content.decision} has no {name}: {shown(getattr(content, name))}"
            yield finding("field-extra", message, field=name, **one.where())


def _answered(unit: Unit) -> bool:
    """Whether the source item has a response at all."""
    return any(unit.cells.get(name) for name in ("source_response", "pivot_response"))


def _review(one: Submission) -> Iterator[Finding]:
    yield from _has_verdict(one)
    yield from _signed(one)
    if one.verdict == "change":
        if not any((one.content.prompt, one.content.response, one.content.decision)):
            yield finding(
                "field-missing", "change needs a text or a decision", field="prompt", **one.where()
            )
        if not one.intervention:
            yield finding(
                "field-missing", "change needs an intervention", field="intervention", **one.where()
            )
    else:
        yield from _no_texts(one)
    if one.verdict == "reject" and not one.comment:
        yield finding("field-missing", "reject needs a comment", field="comment", **one.where())


def _reply(one: Submission) -> Iterator[Finding]:
    yield from _has_verdict(one)
    yield from _signed(one)
    if one.verdict == "accept":
        yield from _no_texts(one)
    if one.verdict == "decline" and not one.content.reason:
        yield finding("field-missing", "decline needs a reason", field="reason", **one.where())


def _adjudication(one: Submission, unit: Unit) -> Iterator[Finding]:
    yield from _has_verdict(one)
    yield from _signed(one)
    if one.verdict == "own":
        if one.content.decision:
            yield from broken_content(one.content, one)
        else:
            yield finding("decision-missing", "own needs one", field="decision", **one.where())
    elif one.verdict:
        yield from _no_texts(one)
        if not any(unit.cells.get(f"{one.verdict}_{part}") for part in ("prompt", "note")):
            message = f"there is no candidate {one.verdict.upper()}"
            yield finding("word-unknown", message, field="verdict", **one.where())


def _has_verdict(one: Submission) -> Iterator[Finding]:
    if not one.verdict:
        yield finding("verdict-missing", "texts without a verdict", field="verdict", **one.where())


def _signed(one: Submission) -> Iterator[Finding]:
    if not one.author:
        message = "nobody says who decided it"
        yield finding("author-missing", message, severity="error", field="author", **one.where())


def _no_texts(one: Submission) -> Iterator[Finding]:
    for name in ("prompt", "response"):
        if getattr(one.content, name):
            message = f"{one.verdict or 'no verdict'} has no {name} of its own"
            yield finding("field-extra", message, field=name, **one.where())
