"""What needs nobody's work any more: rows that another file replaced, findings that were set aside,
errors in rows whose unit is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from derive.findings import Finding, Findings, finding
from derive.identify import is_long_enough
from derive.text import canonical
from derive.worksheet.collect.checks import FIELDS
from derive.worksheet.collect.returns import Kept
from derive.worksheet.collect.submissions import Content, Standing, Submission
from derive.worksheet.issued import Issued

_TAMPERED = ("row-shifted", "identity-changed")  # what a row says is then not its own


def unchecked(standings: Mapping[str, Standing], locale: str, residue: bool) -> Iterator[Finding]:
    """What could not be checked, so that nobody takes silence for a pass.

    residue: whether the source culture's money and addresses are known.
    """
    texts = [
        getattr(one.content, name)
        for one in standings.values()
        if one.status == "accepted" and one.content
        for name in FIELDS
    ]
    short = sum(1 for text in texts if text and not is_long_enough(text, locale))
    if short:
        yield finding("check-off", f"{short} texts are too short to tell their language")
    if not residue and any(texts):
        message = "no locale pack of the source's culture: its money and addresses are not known"
        yield finding("check-off", message)


def replaced(rows: Sequence[Submission], files: Mapping[str, Kept]) -> set[tuple[str, str]]:
    """(file, key) of the rows of a file that another was sent instead of, and answers as well."""
    answered: dict[str, set[str]] = {}
    for one in rows:
        answered.setdefault(one.file, set()).add(one.key)
    return {
        (old, key)
        for hash, kept in files.items()
        for old in kept.instead_of
        for key in answered.get(hash, ())
    }


def dismissed(rows: Sequence[Submission], files: Mapping[str, Kept]) -> set[tuple[str, str, str]]:
    """(key, code, text) of findings that were set aside: they come back with another text."""
    return {
        (one.key, code, canonical(text))
        for one in rows
        for key, _, code in (said.rpartition(":") for said in files[one.file].dismiss)
        if key == one.key
        for text in (one.content.prompt, one.content.response)
        if text
    }


def settle(
    findings: Findings,
    held: Sequence[Submission],
    replaced: Sequence[Submission],
    standings: Mapping[str, Standing],
    issued: Mapping[str, Issued],
) -> Findings:
    """An error in a row needs nobody's work once the unit stands beyond what the row showed, or
    says the same, or its answer was given to a worksheet that showed the row, or another file was
    sent instead."""
    answered = {one.spot() for one in replaced} | {
        one.spot()
        for one in held
        if (standing := standings.get(one.key))
        and any(
            (head.submission.parents and head.submission.id not in one.parents)
            or _same_texts(head.content, one.content)
            or _showed(issued.get(head.submission.worksheet), one)
            for head in standing.heads
        )
    }
    return Findings(
        replace(one, severity="note", message=f"{one.message}; the unit is answered since")
        if one.severity == "error" and one.code not in _TAMPERED and one.spot() in answered
        else one
        for one in findings
    )


def _showed(issued: Issued | None, one: Submission) -> bool:
    """Whether a worksheet was filled with what a held row says."""
    unit = (
        issued.units.get(one.key) if issued and issued.meta["worksheet"] != one.worksheet else None
    )
    texts = (
        [(getattr(one.content, name), unit.cells.get(name, "")) for name in FIELDS] if unit else []
    )
    return any(text for text, _ in texts) and all(
        canonical(text) == canonical(shown) for text, shown in texts
    )


def _same_texts(one: Content | None, two: Content) -> bool:
    """Whether both have texts, and the same."""
    return (
        one is not None
        and any(getattr(two, name) for name in FIELDS)
        and all(canonical(getattr(one, name)) == canonical(getattr(two, name)) for name in FIELDS)
    )
