"""Checks over many rows: one text for two units, and a response that answers another's question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from derive.findings import Finding, finding
from derive.text import comparable
from derive.worksheet.collect.checks import overlap, pieces
from derive.worksheet.collect.submissions import Content, Standing

SHORTEST = 8  # letters from which two equal texts are worth a word
OTHER = 0.6  # of a response's words in another row's draft …
OWN = 0.2  # … and at most so many in its own
RARE = 3  # a word that so few drafts hold tells which one is meant


def across_rows(
    standings: Iterable[Standing],
    drafts: Mapping[tuple[str, str], str],
    source: Callable[[str, str], str],
) -> Iterator[Finding]:
    """Findings on accepted texts beside one another. drafts: texts by (item, field). source: what
    a field of an item translates."""
    accepted = [one for one in standings if one.status == "accepted" and one.content is not None]
    yield from _reused(accepted, source)
    yield from _answers_another(accepted, drafts)


def _content(one: Standing) -> Content:
    return one.content or Content()


def _reused(accepted: Iterable[Standing], source: Callable[[str, str], str]) -> Iterator[Finding]:
    for name in ("prompt", "response"):
        same: defaultdict[str, list[Standing]] = defaultdict(list)
        for one in accepted:
            same[comparable(getattr(_content(one), name))].append(one)
        for form, group in same.items():
            if len(form) < SHORTEST:
                continue
            first = comparable(source(group[0].item, name))
            for one in group[1:]:
                if comparable(source(one.item, name)) == first:
                    continue
                where = one.heads[0].submission.where()
                message = f"the same text as for {group[0].item}"
                # a short refusal may well answer two questions
                severity = "note" if name == "response" else None
                yield finding("text-reused", message, severity=severity, field=name, **where)


def _answers_another(
    accepted: Iterable[Standing], drafts: Mapping[tuple[str, str], str]
) -> Iterator[Finding]:
    """By the rare words of the drafts of responses: an index, so that it is no matter of pairs."""
    responses = {
        item: text for (item, field), text in drafts.items() if field == "response" and text
    }
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for item, text in responses.items():
        for piece in set(pieces(text)):
            owners[piece].append(item)
    for one in accepted:
        response = _content(one).response
        own = responses.get(one.item, "")
        if not response or not own or overlap(response, own) > OWN:
            continue
        others: defaultdict[str, int] = defaultdict(int)
        for piece in set(pieces(response)):
            if len(owners[piece]) <= RARE:
                for item in owners[piece]:
                    others[item] += 1
        for item, _ in sorted(others.items(), key=lambda pair: (-pair[1], pair[0]))[:3]:
            if item != one.item and overlap(response, responses[item]) >= OTHER:
                message = f"reads like the response to {item}"
                where = one.heads[0].submission.where()
                yield finding("text-other-answer", message, field="response", **where)
                break
