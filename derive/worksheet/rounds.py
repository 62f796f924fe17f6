"""What each role gets: the units as they stand, filled with what there is.

A translator gets every unit that is not final and does not wait for the adjudicator, and the
reviewers' changes to answer; a reviewer what was translated; an adjudicator what people disagree
on. Every row says what it is based on, so that what comes back is known to answer it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.text import canonical
from derive.worksheet.collect.contents import candidates, same_content
from derive.worksheet.collect.submissions import Content, Node, Standing, Submission
from derive.worksheet.columns import (
    BEFORE,
    CANDIDATES,
    ROLE_OF_SHEET,
    SHEET_OF_ROUTE,
    TRANSLATE,
)
from derive.worksheet.contract import cell
from derive.worksheet.keys import make_key
from derive.worksheet.units import Shown

Sheets = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Progress:
    """How far a project is.

    standings: by key. held: by key, the rows that findings hold, with the findings' texts.
    seen: key to the source hash of the worksheets that came back; empty if none did.
    reopened: IDs of final submissions that may be changed. sources: (worksheet, key) to the texts
    of the source that the worksheet showed, by column.
    """

    standings: Mapping[str, Standing] = field(default_factory=dict)
    held: Mapping[str, Sequence[tuple[Submission, str]]] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)
    reopened: Collection[str] = ()
    sources: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def held_in(self, key: str, sheets: Sequence[str]) -> tuple[Submission, str] | None:
        """The row of these sheets that a finding holds, and what the findings say."""
        return next((one for one in self.held.get(key, ()) if one[0].sheet in sheets), None)

    def is_final(self, one: Standing) -> bool:
        """Whether a unit is final, and not opened again."""
        ids = {node.submission.id for node in one.heads}
        return one.state == "final" and not ids & set(self.reopened)

    def of(self, key: str, item: str) -> Standing:
        """The unit's standing."""
        return self.standings.get(key) or Standing(key, item)


def units_for(role: str, shown: Shown, progress: Progress) -> Sheets:
    """The units of a role's sheets, in the order they are to be worked on."""
    made = {"translator": _translate, "reviewer": _review, "adjudicator": _adjudicate}[role]
    sheets: Sheets = {}
    for item in shown.items:
        standing = progress.of(make_key(item, shown.project), item)
        if (placed := made(item, standing, shown, progress)) is not None:
            sheet, more = placed
            # who translates the same unit independently is not to build on the other's
            based_on = "" if standing.status == "half" else standing.based_on()
            unit = shown.unit(item, sheet, based_on=based_on, **more)
            sheets.setdefault(sheet, []).append(unit)
    # the doubtful ones first; the sort is stable, so equal ones stay in the release's order
    for sheet in ("postedit", "review"):
        sheets.get(sheet, []).sort(key=lambda unit: -shown.review_priority(unit["item"]))
    return sheets


Placed = tuple[str, dict[str, Any]] | None


def _translate(item: str, one: Standing, shown: Shown, progress: Progress) -> Placed:
    if progress.is_final(one) or one.waits_for == "adjudicator" or one.status == "gone":
        return None
    if one.status == "accepted" and one.state == "reviewed" and one.waits_for == "translator":
        return "reply", {**_translation(_parent(one)), **_reviewed(one)}
    sheet = SHEET_OF_ROUTE[shown.routes[item]] if item in shown.routes else "new"
    filled: dict[str, Any] = {}
    if sheet == "postedit":
        filled = {name: shown.draft(item, name) for name in ("prompt", "response")}
    held = progress.held_in(one.key, TRANSLATE)
    content = one.content or (held[0].content if held else None)
    if content:
        filled = _filled(content)
        # a decision that stands may stand; where somebody must look again, it is to be made again
        if one.status != "accepted":
            filled["decision"] = ""
    written = _submission(one) or (held[0] if held else None)
    before = _before(written, shown.unit(item, "review"), progress) if written else {}
    filled |= {f"{BEFORE}{name}": text for name, text in before.items()}
    said = [*_said(one, before), held[1] if held else ""]
    if any(said):
        said.append(shown.unit(item, sheet)["findings"])
        filled["findings"] = "\n".join(filter(None, said))
    return sheet, {**filled, "change": _change(one, shown.items[item]["hash"], progress)}


def _change(one: Standing, hash: str, progress: Progress) -> str:
    if not progress.seen:
        return ""
    before = progress.seen.get(one.key)
    return "new" if before is None else "unchanged" if before == hash else "changed"


def _submission(one: Standing) -> Submission | None:
    """What a unit's texts were last written in; None if nobody has."""
    by = one.content.by if one.content else ""
    node = one.nodes.get(by) or next(iter(one.heads), None)
    return node.submission if node else None


def _before(written: Submission, now: Mapping[str, Any], progress: Progress) -> dict[str, str]:
    """The texts of the source as they were when the unit was written, by column, where they have
    changed since; empty where there was none. now: the unit's cells."""
    if written.source_hash == now["source_hash"]:
        return {}
    seen = progress.sources.get((written.worksheet, written.key), {})
    return {
        name: text for name, text in seen.items() if canonical(text) != canonical(cell(now, name))
    }


def _said(one: Standing, before: Mapping[str, str]) -> list[str]:
    """What people must know before they fill the row again."""
    said = []
    if before:
        changed = [name.replace("_", " ") + " (new)" * (not text) for name, text in before.items()]
        said.append(f"the source has changed since this was written: {', '.join(changed)}")
    if one.status == "stale":
        said += [
            "\n".join(filter(None, (f"{_who(node)} wrote:", content.prompt, content.response)))
            for node, content in candidates(one.heads, one.nodes)
            if not same_content(content, one.content)
        ]
    if one.status in ("rejected", "stale"):
        said += [
            f"{_who(node)}: {node.comments}"
            for node in one.heads
            if node.submission.verdict == "reject"
        ]
    return said


def _who(node: Node) -> str:
    return "; ".join(node.authors) or "?"


def _filled(content: Content) -> dict[str, Any]:
    """A content as the cells that people fill."""
    names = ("decision", "prompt", "response", "reason", "evidence")
    return {name: getattr(content, name) for name in names}


def _parent(one: Standing) -> Node | None:
    return next((one.nodes[id] for id in one.heads[0].submission.parents if id in one.nodes), None)


def _translation(node: Node | None) -> dict[str, Any]:
    content = (node.content if node else None) or Content()
    return {
        "translation_decision": content.decision,
        "translation_prompt": content.prompt,
        "translation_response": content.response,
        "translation_reason": content.reason,
        "translation_author": "; ".join(node.authors) if node else "",
    }


def _reviewed(one: Standing) -> dict[str, Any]:
    """What the reviewer changed: only that, so that it is seen at once."""
    node = one.heads[0]
    change = node.submission.content
    return {
        "review_intervention": node.submission.intervention,
        "review_decision": change.decision,
        "review_prompt": change.prompt,
        "review_response": change.response,
        "review_comment": node.comments,
        "review_author": "; ".join(node.authors),
    }


def _review(item: str, one: Standing, shown: Shown, progress: Progress) -> Placed:
    if one.status != "accepted" or one.state != "translated":
        return None
    filled = _translation(one.heads[0])
    if held := progress.held_in(one.key, ("review",)):
        filled |= {**_written(held[0]), "findings": held[1]}
    return "review", filled


def _written(one: Submission) -> dict[str, Any]:
    """What a reviewer wrote, but for the verdict, which is to be given again."""
    content = one.content
    return {
        "intervention": one.intervention,
        "decision": content.decision,
        "prompt": content.prompt,
        "response": content.response,
        "comment": one.comment,
    }


def _adjudicate(item: str, one: Standing, shown: Shown, progress: Progress) -> Placed:
    agreed = one.status == "accepted" and one.state in ("reviewed", "final") and not one.waits_for
    if one.waits_for != "adjudicator" and (not agreed or progress.is_final(one)):
        return None
    cells: dict[str, Any] = {}
    offered = candidates(one.heads, one.nodes)
    for letter, (node, content) in zip(CANDIDATES, offered, strict=False):
        cells[f"{letter}_prompt"] = content.prompt
        cells[f"{letter}_response"] = content.response
        cells[f"{letter}_note"] = _note(node, content)
    # who only rejected has no text to choose, but a word to say
    rejected = [
        f"{_who(node)} rejected it: {node.comments}" for node in one.heads if node.content is None
    ]
    if rejected:
        cells["findings"] = "\n".join(rejected)
    return "adjudicate", cells


def _note(node: Node, content: Content) -> str:
    one = node.submission
    reply = one.content.reason if one.sheet == "reply" else ""
    lines = [
        f"{_who(node)}: {content.decision}",
        content.reason,
        one.intervention,
        node.comments,
        reply,
        content.evidence,
    ]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def wanted(
    sheets: Sheets, only: str, routes: Sequence[str], shown: Shown, progress: Progress
) -> Sheets:
    """The units of these routes and of this kind: waiting (for this worksheet's role), stale, held;
    empty for all."""
    kept = {
        sheet: [
            unit
            for unit in units
            if (not routes or shown.routes.get(unit["item"]) in routes)
            and (not only or _is(only, sheet, unit, progress))
        ]
        for sheet, units in sheets.items()
    }
    return {sheet: units for sheet, units in kept.items() if units}


def _is(only: str, sheet: str, unit: Mapping[str, Any], progress: Progress) -> bool:
    standing = progress.of(unit["key"], unit["item"])
    if only == "held":
        sheets = TRANSLATE if sheet in TRANSLATE else (sheet,)
        return progress.held_in(unit["key"], sheets) is not None
    if only == "stale":
        return standing.status == "stale"
    return standing.waits_for == ROLE_OF_SHEET[sheet]
