"""Submissions to standings: what stands for each unit, whatever came first.

Every submission names those its row showed (its parents), so the submissions of a unit form a
graph, and what nothing else is based on are its heads. One head stands; heads that differ are a
conflict, and none wins by the order in which files came. The result is a function of the set of
submissions: collecting twice, in another order or from many files gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from derive.findings import Finding, Findings, finding
from derive.worksheet.collect.contents import (
    authors_of,
    candidates,
    content_of,
    lineage,
    people_in,
    same_content,
    translators,
)
from derive.worksheet.collect.rules import broken_content
from derive.worksheet.collect.submissions import (
    STATES,
    Content,
    Node,
    Standing,
    Submission,
    by_key,
    merged_text,
)
from derive.worksheet.columns import CANDIDATES, ROLE_OF_SHEET, ROLES, TRANSLATE

Check = Callable[[Content, Submission], Sequence[Finding]]


def resolve(
    submissions: Iterable[Submission],
    hashes: Mapping[str, str],
    check: Check,
    reopened: Collection[str] = (),
    doubles: Mapping[str, Collection[str]] | None = None,
) -> tuple[dict[str, Standing], list[Submission], Findings]:
    """The standing of every unit that somebody handed in; submissions that are held; findings.

    hashes: item ID to the hash of its source as it is now. check: the findings on a content's
    texts; one of severity error holds the submission. reopened: IDs of final submissions that may
    be changed again. doubles: key to the people who were asked for it independently.
    """
    findings = Findings()
    held: list[Submission] = []
    standings: dict[str, Standing] = {}
    for key, of_key in sorted(by_key(list(submissions)).items()):
        nodes = _nodes(of_key, check, findings, held, hashes.get(of_key[0].item))
        standing = _standing(key, of_key[0].item, nodes, hashes, reopened, findings)
        standing = _whole_double(standing, (doubles or {}).get(key, ()))
        standings[key] = replace(standing, nodes=nodes)
    return standings, held, findings


def _nodes(
    submissions: Sequence[Submission],
    check: Check,
    findings: Findings,
    held: list[Submission],
    current: str | None,
) -> dict[str, Node]:
    """The unit's nodes by ID, parents first, each with its content. current: the source's hash."""
    groups: dict[str, list[Submission]] = {}
    for one in sorted(submissions, key=lambda one: (one.name, one.row, one.file)):
        groups.setdefault(one.id, []).append(one)
    nodes: dict[str, Node] = {}
    waiting = sorted(groups)
    while waiting:
        ready = [id for id in waiting if not set(groups[id][0].parents) & set(waiting)]
        for id in ready:
            same = [one for one in groups[id] if _may_stand(one, nodes, findings, held)]
            if not same:
                continue
            node = _merge(same)
            content = content_of(node, nodes)
            found: list[Finding] = []
            # what was written to another source is not to be judged by this one
            if content and _writes(node) and node.submission.source_hash == current:
                if node.submission.sheet in ("review", "reply"):
                    found += broken_content(_with_texts(content, same[0].content), same[0])
                found += check(content, same[0])
            findings.extend(found)
            if any(one.severity == "error" for one in found):
                held += same
            else:
                nodes[id] = replace(node, content=content)
        waiting = [id for id in waiting if id not in ready]
    return nodes


def _with_texts(content: Content, written: Content) -> Content:
    """What stands, with the texts that were written to it though its decision has none."""
    texts = {
        name: getattr(written, name) or getattr(content, name) for name in ("prompt", "response")
    }
    return replace(content, **texts)


def _merge(same: Sequence[Submission]) -> Node:
    first = same[0]
    content = replace(
        first.content,
        reason=merged_text([one.content.reason for one in same]),
        evidence=merged_text([one.content.evidence for one in same]),
    )
    return Node(
        replace(first, content=content),
        authors=tuple(sorted({one.author for one in same if one.author})),
        persons=tuple(sorted({one.person for one in same if one.person})),
        sources=tuple(sorted({one.spot() for one in same})),
        comments=merged_text([one.comment for one in same]),
    )


def _writes(node: Node) -> bool:
    """Whether the submission brings texts of its own."""
    content = node.submission.content
    return bool(content.prompt or content.response or content.decision)


def _may_stand(
    one: Submission, nodes: Mapping[str, Node], findings: Findings, held: list[Submission]
) -> bool:
    """Whether what a submission is based on is there, and a review is another person's."""
    if one.sheet in TRANSLATE:
        return True
    reason: Finding | None = None
    parents = [nodes[parent] for parent in one.parents if parent in nodes]
    if len(parents) < len(one.parents) or not parents:
        message = "what the row answers to is not among the files that were collected"
        reason = finding("base-missing", message, **one.where())
    elif one.sheet == "reply" and people_in(one.author) & authors_of(parents[0]):
        message = f"{one.author} reviewed it"
        reason = finding("review-same-person", message, field="author", **one.where())
    elif one.sheet == "review":
        known = translators(parents[0], nodes)
        if not known:
            message = "the translation says no author, so this may be the same person"
            reason = finding("review-same-person", message, field="author", **one.where())
        elif people_in(one.author) & known:
            message = f"{one.author} translated it"
            reason = finding("review-same-person", message, field="author", **one.where())
    if reason:
        findings.extend([reason])
        held.append(one)
    return reason is None


def _standing(
    key: str,
    item: str,
    nodes: Mapping[str, Node],
    hashes: Mapping[str, str],
    reopened: Collection[str],
    findings: Findings,
) -> Standing:
    live = {
        name: node
        for name, node in nodes.items()
        if node.submission.source_hash == hashes.get(item)
    }
    if not live:
        heads = _heads(nodes)
        known = item in hashes
        for node in heads:
            code, message = (
                ("unit-stale", "the source has changed since this was written")
                if known
                else ("unit-gone", "the release has no such item any more")
            )
            findings.add(code, message, **node.submission.where())
        status = "gone" if not known else "stale" if heads else "none"
        waits_for = "" if status == "gone" else "translator"
        written = [content for node in heads if (content := _written(node, nodes))]
        last = written[0] if written else None
        return Standing(key, item, status, "initial", waits_for, tuple(heads), last)
    for node in _heads(nodes):
        if node.submission.id not in live:
            message = "the source has changed since this was written"
            findings.add("unit-stale", message, severity="note", **node.submission.where())
    heads = _heads(live)
    final = [
        node
        for node in heads
        if node.submission.sheet == "adjudicate" and node.submission.id not in reopened
    ]
    if final:
        for node in heads:
            if node not in final and not any(
                same_content(node.content, one.content) for one in final
            ):
                message = "the unit is final; this is kept, and changes nothing"
                findings.add("unit-final", message, **node.submission.where())
        heads = final
    if all(same_content(heads[0].content, node.content) for node in heads):
        return _settled(key, item, sorted(heads, key=_rank, reverse=True), nodes)
    double = _is_double(heads)
    for node in heads:
        others = [
            f"{' and '.join(one.authors) or '?'} ({one.submission.name} sheet"
            f" {one.submission.place} row {one.submission.row})"
            for one in heads
            if one is not node
        ]
        code = "unit-double" if double else "unit-conflict"
        findings.add(code, f"differs from {', '.join(others)}", **node.submission.where())
    if len(candidates(heads, nodes)) > len(CANDIDATES):
        message = f"only {len(CANDIDATES)} of {len(candidates(heads, nodes))} answers can be shown"
        findings.add("unit-crowded", message, **heads[0].submission.where())
    status = "double" if double else "conflict"
    state = "reviewed" if all(_rank(node)[0] >= 2 for node in heads) else "translated"
    return Standing(key, item, status, state, "adjudicator", tuple(heads), None)


def _heads(nodes: Mapping[str, Node]) -> list[Node]:
    """The nodes that nothing else is based on, in a fixed order."""
    parents = {parent for node in nodes.values() for parent in node.submission.parents}
    return [nodes[name] for name in sorted(nodes) if name not in parents]


def _rank(node: Node) -> tuple[int, str]:
    sheet, verdict = node.submission.sheet, node.submission.verdict
    if sheet == "adjudicate":
        state = "final"
    elif (sheet == "review" and verdict != "reject") or verdict == "accept":
        state = "reviewed"
    else:
        state = "initial" if verdict == "reject" else "translated"
    return STATES.index(state), node.submission.id


def _settled(key: str, item: str, heads: Sequence[Node], nodes: Mapping[str, Node]) -> Standing:
    """The standing of a unit with one answer; the heads that give it, the furthest first."""
    node = heads[0]
    state = STATES[_rank(node)[0]]
    verdict = node.submission.verdict
    content = node.content
    status, waits_for = "accepted", "reviewer" if state == "translated" else ""
    if verdict == "reject":
        status, waits_for, content = "rejected", "translator", _written(node, nodes)
    elif verdict == "decline":
        status, waits_for = "disputed", "adjudicator"
    elif verdict == "change":
        waits_for = "translator"
    people: dict[str, set[str]] = {role: set() for role in ROLES}
    for one in {two.submission.id: two for head in heads for two in lineage(head, nodes)}.values():
        people[ROLE_OF_SHEET[one.submission.sheet]] |= set(one.authors)
    return Standing(
        key,
        item,
        status,
        state,
        waits_for,
        tuple(heads),
        content,
        translators=tuple(sorted(people["translator"])),
        reviewers=tuple(sorted(people["reviewer"])),
        adjudicators=tuple(sorted(people["adjudicator"])),
    )


def _written(node: Node, nodes: Mapping[str, Node]) -> Content | None:
    """A node's content; of a rejection, that of what it rejects."""
    before = [nodes[one].content for one in node.submission.parents if one in nodes]
    return node.content or (before[0] if before else None)


def _whole_double(one: Standing, asked: Collection[str]) -> Standing:
    """A double translation stands when all are in who were asked: until then nobody sees it."""
    people = {person for node in one.heads for person in node.persons}
    halves = all(
        node.submission.sheet in TRANSLATE and node.submission.double for node in one.heads
    )
    if one.status != "accepted" or not halves or not set(asked) - people:
        return one
    return replace(one, status="half", waits_for="translator", state="initial", content=None)


def _is_double(heads: Sequence[Node]) -> bool:
    """Whether the heads are the translations of different people who were asked for them."""
    people = [person for node in heads for person in node.persons]
    return all(
        node.submission.sheet in TRANSLATE and node.submission.double for node in heads
    ) and len(people) == len(set(people)) >= len(heads)
