"""What each role gets: the units as they stand, filled with what there is.

A translator gets every unit that is not final and does not wait for the adjudicator, and the
reviewers' changes to answer; a reviewer what was translated; an adjudicator what people disagree
on. Every row says what it is based on, so that what comes back is known to answer it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.worksheet.collect.resolve import candidates
from derive.worksheet.collect.submissions import Content, Node, Standing, Submission
from derive.worksheet.columns import CANDIDATES, SHEET_OF_ROUTE, TRANSLATE
from derive.worksheet.keys import make_key
from derive.worksheet.units import Shown

Sheets = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Progress:
    """How far a project is.

    standings: by key. held: by key, the last row that a finding holds, with the findings' texts.
    seen: key to the source hash of the worksheets that came back; empty if none did.
    """

    standings: Mapping[str, Standing] = field(default_factory=dict)
    held: Mapping[str, tuple[Submission, str]] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)

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
            unit = shown.unit(item, sheet, based_on=standing.based_on(), **more)
            sheets.setdefault(sheet, []).append(unit)
    # the worst first; the sort is stable, so equally bad ones stay in the release's order
    if "postedit" in sheets:
        sheets["postedit"].sort(key=lambda unit: shown.badness(unit["item"]))
    return sheets


Placed = tuple[str, dict[str, Any]] | None


def _translate(item: str, one: Standing, shown: Shown, progress: Progress) -> Placed:
    if one.state == "final" or one.waits_for == "adjudicator" or one.status == "gone":
        return None
    if one.status == "accepted" and one.state == "reviewed" and one.waits_for == "translator":
        return "reply", {**_translation(_parent(one)), **_reviewed(one)}
    sheet = SHEET_OF_ROUTE[shown.routes[item]] if item in shown.routes else "new"
    filled: dict[str, Any] = {}
    if sheet == "postedit":
        filled = {name: shown.draft(item, name) for name in ("prompt", "response")}
    held = progress.held.get(one.key)
    if held and held[0].sheet not in TRANSLATE:
        held = None
    content = one.content or (held[0].content if held else None)
    if content:
        filled = _filled(content)
        # a decision that stands may stand; where somebody must look again, it is to be made again
        if one.status != "accepted":
            filled["decision"] = ""
    said = _said(one, held[1] if held and one.status == "none" else "")
    if said:
        shown_findings = shown.unit(item, sheet)["findings"]
        filled["findings"] = "\n".join(filter(None, (said, shown_findings)))
    return sheet, {**filled, "change": _change(one, shown.items[item]["hash"], progress)}


def _change(one: Standing, hash: str, progress: Progress) -> str:
    if not progress.seen:
        return ""
    before = progress.seen.get(one.key)
    return "new" if before is None else "unchanged" if before == hash else "changed"


def _said(one: Standing, held: str) -> str:
    """What people must know before they fill the row again."""
    if one.status == "rejected":
        node = one.heads[0]
        return f"{', '.join(node.authors)}: {node.comments}"
    return "the source has changed since this was written" if one.status == "stale" else held


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
    held = progress.held.get(one.key)
    if held and held[0].sheet == "review":
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
    agreed = one.status == "accepted" and one.state == "reviewed" and not one.waits_for
    if one.waits_for != "adjudicator" and not agreed:
        return None
    cells: dict[str, Any] = {}
    offered = candidates(one.heads, one.nodes)
    for letter, (node, content) in zip(CANDIDATES, offered, strict=False):
        cells[f"{letter}_prompt"] = content.prompt
        cells[f"{letter}_response"] = content.response
        cells[f"{letter}_note"] = _note(node, content)
    return "adjudicate", cells


def _note(node: Node, content: Content) -> str:
    one = node.submission
    reply = one.content.reason if one.sheet == "reply" else ""
    lines = [
        f"{'; '.join(node.authors) or '?'}: {content.decision}",
        content.reason,
        one.intervention,
        node.comments,
        reply,
        content.evidence,
    ]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def wanted(sheets: Sheets, only: str, routes: Sequence[str], progress: Progress) -> Sheets:
    """The units of these routes and of this kind: waiting (for this worksheet's role), stale, held;
    empty for all."""
    kept: Sheets = {}
    names = {SHEET_OF_ROUTE[route] for route in routes}
    for sheet, units in sheets.items():
        if routes and sheet in SHEET_OF_ROUTE.values() and sheet not in names:
            continue
        chosen = [unit for unit in units if not only or _is(only, sheet, unit, progress)]
        if chosen:
            kept[sheet] = chosen
    return kept


def _is(only: str, sheet: str, unit: Mapping[str, Any], progress: Progress) -> bool:
    standing = progress.of(unit["key"], unit["item"])
    if only == "held":
        return unit["key"] in progress.held and standing.status == "none"
    if only == "stale":
        return standing.status == "stale"
    if sheet == "review":
        return standing.waits_for == "reviewer"
    if sheet == "adjudicate":
        return standing.waits_for == "adjudicator"
    return standing.waits_for == "translator"
