"""What a submission makes of a unit, given what it is based on; and who had a hand in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from derive.text import canonical
from derive.worksheet.collect.submissions import Content, Node
from derive.worksheet.columns import CANDIDATES, TRANSLATE

_BETWEEN = re.compile(r"[;,/&+]|\s(?:e|y|et|und|and)\s")  # names in one cell


def people_in(names: str) -> set[str]:
    """The people that a cell names, in a form to compare."""
    return {" ".join(name.split()).casefold() for name in _BETWEEN.split(names) if name.strip()}


def authors_of(node: Node) -> set[str]:
    """Who handed a submission in, in a form to compare."""
    return {person for name in node.authors for person in people_in(name)}


def translators(node: Node, nodes: Mapping[str, Node]) -> set[str]:
    """Who had a hand in the translation that a node stands for."""
    line = lineage(node, nodes)
    return {
        person for one in line if one.submission.sheet in TRANSLATE for person in authors_of(one)
    }


def lineage(node: Node, nodes: Mapping[str, Node]) -> list[Node]:
    """A node and all that what it says comes from: of an adjudication only what it chose."""
    found, line = [], [node]
    while line:
        one = line.pop()
        found.append(one)
        submission = one.submission
        parents = [nodes[id] for id in submission.parents if id in nodes]
        if submission.sheet == "adjudicate":
            offered = candidates(parents, nodes)
            at = (
                CANDIDATES.index(submission.verdict)
                if submission.verdict != "own"
                else len(offered)
            )
            parents = [offered[at][0]] if at < len(offered) else []
        line += [parent for parent in parents if parent not in found]
    return found


def content_of(node: Node, nodes: Mapping[str, Node]) -> Content | None:
    """What the unit is to be by this node; None if only that it is not to be as it was."""
    one = node.submission
    if one.sheet in TRANSLATE:
        return replace(one.content, by=one.id)
    parents = [nodes[parent] for parent in one.parents]
    if one.sheet == "adjudicate":
        if one.verdict == "own":
            return replace(one.content, by=one.id)
        offered = candidates(parents, nodes)
        at = CANDIDATES.index(one.verdict)
        return offered[at][1] if at < len(offered) else None
    base = parents[0]
    if one.verdict == "reject":
        return None
    if one.verdict == "decline":
        before = [nodes[parent] for parent in base.submission.parents if parent in nodes]
        return _overlaid(before[0].content if before else None, node)
    return _overlaid(base.content, node)


def _overlaid(base: Content | None, node: Node) -> Content:
    """A content with what a later person wrote in its place."""
    base = base or Content()
    change = node.submission.content
    decision = change.decision or base.decision
    if base.decision == "new" and decision != "remove":
        decision = "new"  # it has no source that it could be a translation of
    laid = replace(base, decision=decision)
    for name in ("prompt", "response"):
        text = "" if decision == "remove" else getattr(change, name) or getattr(base, name)
        laid = replace(laid, **{name: text})
    if decision != base.decision:  # the reason for another decision is another one
        laid = replace(laid, reason=node.comments or change.reason or base.reason)
    return laid if same_content(laid, base) else replace(laid, by=node.submission.id)


def candidates(heads: Sequence[Node], nodes: Mapping[str, Node]) -> list[tuple[Node, Content]]:
    """The contents an adjudicator chooses from, in an order that only they decide.

    Where a translator declined a reviewer's change, both stand to choice.
    """
    found: list[tuple[Node, Content]] = []
    for head in sorted(heads, key=lambda node: node.submission.id):
        offered = [head]
        if head.submission.verdict == "decline":
            offered += [nodes[one] for one in head.submission.parents if one in nodes]
        for node in offered:
            known = [same_content(node.content, content) for _, content in found]
            if node.content and not any(known):
                found.append((node, node.content))
    return found


def same_content(one: Content | None, two: Content | None) -> bool:
    """Whether two contents say the same, line ends and Unicode's forms of a letter apart."""
    if one is None or two is None:
        return one is two
    return _form(one) == _form(two)


def _form(one: Content) -> list[str]:
    texts = [one.decision, one.prompt, one.response, one.level, one.taxonomy]
    return [canonical(text) for text in texts]
