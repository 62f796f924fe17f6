"""Texts beside other texts: a prompt beside its response, and many rows at once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import exp, log
from statistics import median
from typing import Any

from rapidfuzz.fuzz import ratio

from derive.compare import end_lost, unusual_length
from derive.findings import Finding, finding
from derive.text import comparable
from derive.words import UNSPACED, Text, overlap, read, weight
from derive.worksheet.collect.submissions import Content, Standing

_FIELDS = ("prompt", "response")
SHORTEST = 8  # letters from which two equal texts are worth a word
ALIKE = 80  # of 100 (rapidfuzz): two sources that may well have one translation
OTHER = 0.6  # of a response's words in another row's draft …
OWN = 0.2  # … and at most so many in its own
RARE = 3  # a word that so few drafts hold tells which one is meant
ENOUGH = 30  # texts from which the usual length of this language can be told
SPREAD = 0.17  # of the logarithm of the length, at least; measured are 0.15 to 0.23
SHORT, SHORTER, LONGER = 1.5, 3.0, 5.0  # spreads: shorter with its end lost, in any case; longer
HABIT = 0.1  # of texts without a mark at their end: then it tells nothing

_QUESTION = re.compile(r"[?？؟][\"'”’»」)]*\s*$")


def swapped(prompt: str, response: str, draft_prompt: str, draft_response: str) -> bool:
    """Whether each text is clearly nearer to the other's draft than to its own."""
    if not all((prompt, response, draft_prompt, draft_response)):
        return False
    across = overlap(prompt, draft_response)
    if across <= 0.5:  # nearly always, and this is quick
        return False
    across = min(across, overlap(response, draft_prompt))
    straight = max(overlap(prompt, draft_prompt), overlap(response, draft_response))
    return across > 0.5 and across > straight + 0.25


def crossed(prompt: str, response: str, source_prompt: str, source_response: str) -> bool:
    """Whether length, or a question mark at the end, fits the other's source far better."""
    texts = (prompt, response, source_prompt, source_response)
    if not all(texts):
        return False
    asks = tuple(bool(_QUESTION.search(one)) for one in texts)
    one, two, three, four = (log(max(weight(one), 1)) for one in texts)
    nearer = abs(one - three) + abs(two - four) - abs(one - four) - abs(two - three)
    return nearer > (0 if asks == (False, True, True, False) else log(4))


def across_rows(
    standings: Iterable[Standing],
    drafts: Mapping[tuple[str, str], str],
    source: Callable[[str, str], str],
) -> Iterator[Finding]:
    """Findings on accepted texts beside one another. drafts: texts by (item, field). source: what
    a field of an item translates."""
    accepted = [one for one in standings if one.status == "accepted" and one.content is not None]
    yield from _reused(accepted, source)
    yield from _much_shorter(accepted, source)
    yield from _answers_another(accepted, drafts)


def _content(one: Standing) -> Content:
    return one.content or Content()


def _where(one: Standing) -> dict[str, Any]:
    return one.heads[0].submission.where()


def _reused(accepted: Iterable[Standing], source: Callable[[str, str], str]) -> Iterator[Finding]:
    for name in _FIELDS:
        same: defaultdict[str, list[Standing]] = defaultdict(list)
        for one in accepted:
            same[comparable(getattr(_content(one), name))].append(one)
        for form, group in same.items():
            if weight(form) < SHORTEST:
                continue
            first = source(group[0].item, name)
            for one in group[1:]:
                other = source(one.item, name)
                if comparable(other) == comparable(first):
                    continue
                message = f"the same text as for {group[0].item}"
                # a short refusal may well answer two questions, and a text two like sources
                alike = ratio(comparable(first), comparable(other)) >= ALIKE
                severity = "note" if name == "response" or alike else None
                yield finding("text-reused", message, severity=severity, field=name, **_where(one))


def _much_shorter(
    accepted: Iterable[Standing], source: Callable[[str, str], str]
) -> Iterator[Finding]:
    """Translations far from the length that is usual between these two languages.

    How long a translation is beside its source differs between languages, and less within one:
    so a text is compared with the others, by the median and the median absolute deviation.
    """
    shares: defaultdict[tuple[str, bool, bool], list[tuple[float, Standing, str, str]]]
    shares = defaultdict(list)
    for one in accepted:
        content = _content(one)
        for name in _FIELDS if content.decision == "transfer" else ():
            text, origin = getattr(content, name), source(one.item, name)
            letters = len(comparable(origin))
            if text and letters >= SHORTEST:
                share = log(max(len(comparable(text)), 1) / letters)
                kind = name, bool(UNSPACED.search(origin)), bool(_QUESTION.search(origin))
                shares[kind].append((share, one, text, origin))
    for (name, *_), group in shares.items():
        if len(group) < ENOUGH:
            continue
        usual = median(share for share, *_ in group)
        spread = max(SPREAD, 1.4826 * median(abs(share - usual) for share, *_ in group))
        habit = sum(end_lost(origin, text) for *_, text, origin in group) > HABIT * len(group)
        for share, one, text, origin in group:
            far = (share - usual) / spread
            cut = far < -SHORTER or (far < -SHORT and not habit and end_lost(origin, text))
            # what is unusual anywhere has been said already
            if (cut or far > LONGER) and not unusual_length(origin, text):
                part = f"{exp(share - usual):.0%} of the length that is usual beside such a source"
                yield finding("text-length", part, field=name, **_where(one))


def _answers_another(
    accepted: Iterable[Standing], drafts: Mapping[tuple[str, str], str]
) -> Iterator[Finding]:
    """By the rare pieces of the drafts of responses: an index, so that it is no matter of pairs."""
    responses = {
        item: text for (item, field), text in drafts.items() if field == "response" and text
    }
    astray = [
        (one, response)
        for one in accepted
        if (response := _content(one).response)
        and one.item in responses
        and overlap(response, responses[one.item]) <= OWN
    ]
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for item, text in responses.items() if astray else ():
        for piece in Text(text).pieces:
            owners[piece].append(item)
    for one, response in astray:
        others: Counter[str] = Counter()
        for piece in read(response).pieces:
            if len(owners.get(piece, ())) <= RARE:
                others.update(owners.get(piece, ()))
        for item, _ in sorted(others.items(), key=lambda pair: (-pair[1], pair[0]))[:3]:
            if item != one.item and overlap(response, responses[item]) >= OTHER:
                message = f"reads like the response to {item}"
                yield finding("text-other-answer", message, field="response", **_where(one))
                break
