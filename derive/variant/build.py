"""The variant: the items that may go out with their lineage, and an account of all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from derive import schemas, tables
from derive.findings import Findings
from derive.profiles import TAXONOMY
from derive.text import canonical
from derive.variant.terms import leaks

WAITING = {
    "translate": "waits for a person: the draft has errors",
    "adapt": "waits for a person: adapt",
    "rewrite": "waits for a person: rewrite",
}
# what a unit's standing says of why it is not in the variant
STANDING = {
    "conflict": "waits for an adjudicator: two answers differ",
    "double": "waits for an adjudicator: two translations differ",
    "disputed": "waits for an adjudicator: translator and reviewer differ",
    "rejected": "waits for a translator: the review rejected it",
    "stale": "waits for a translator: the source has changed since",
}
STATES = ("translated", "reviewed", "final")


@dataclass(frozen=True)
class Policy:
    """What may go in. drafts: machine translations that no person has read. state: the lowest
    state of what people wrote. blocking: codes of findings that keep an item out."""

    drafts: bool = True
    state: str = "translated"
    blocking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variant:
    """items: the table `variant`. excluded: every other source item, with the reason.

    items.height + excluded.height is the number of items of the release, of people's own ones and
    of those that the source had before.
    unread: how many of the items are drafts that no person has read.
    """

    items: pl.DataFrame
    excluded: pl.DataFrame
    findings: Findings
    unread: int


def build(
    items: pl.DataFrame,
    routes: pl.DataFrame,
    drafts: pl.DataFrame,
    *,
    name: str,
    locale: str,
    origin: Mapping[str, str | None],
    terms: Mapping[str, Any],
    adaptations: pl.DataFrame | None = None,
    standings: pl.DataFrame | None = None,
    policy: Policy = Policy(),
    numbers: Mapping[str, int] | None = None,
    withdrawn: Sequence[str] = (),
) -> Variant:
    """Make the variant of what people have accepted, and of drafts without errors.

    name: begins the IDs. numbers: item to the number of its ID; by default its place in the
    release. origin: dataset, version and revision of the release. terms: the profile's.
    adaptations, standings: what was collected. withdrawn: items of earlier releases that this one
    does not have. Texts go in as NFC with LF line ends.
    Raises DeriveError if a text of the source would leave against the terms.
    """
    rows = items.to_dicts()
    accepted = {} if adaptations is None else {row["item"]: row for row in adaptations.to_dicts()}
    status = dict(standings.select("item", "status").rows()) if standings is not None else {}
    route_of = dict(routes.select("item", "route").rows())
    made = {(draft["item"], draft["field"]): draft for draft in drafts.to_dicts()}
    known = {item["id"] for item in rows}
    paths = {" / ".join(row[one] for one in TAXONOMY if row[one]): row for row in rows}
    rows += [_new_item(one, paths) for key, one in accepted.items() if key not in known]
    numbers = numbers or {row["id"]: number for number, row in enumerate(rows, 1)}
    included: list[dict[str, Any]] = []
    excluded: list[dict[str, Any]] = []
    for item in rows:
        adaptation = accepted.get(item["id"])
        both = made.get((item["id"], "prompt")), made.get((item["id"], "response"))
        route = route_of.get(item["id"], "new")
        if adaptation:
            why = _keeps_out(adaptation, policy)
            row = _adapted(item, adaptation, both, paths)
        else:
            why = STANDING.get(status.get(item["id"], "")) or _reason_to_wait(route, *both, policy)
            row = _drafted(item, *both) if not why else {}
        if why:
            removed = why.startswith("removed")
            excluded.append(_excluded(item, route, "removed" if removed else "waiting", why))
        else:
            lineage = {"derived_from": {**origin, "id": item["id"]}, "licence": terms["licence"]}
            identity = {"id": f"{name}-{numbers[item['id']]:06d}", "locale": locale}
            included.append({**identity, **row, **lineage})
    findings = Findings(leaks(included, items, terms))
    findings.refuse_errors(
        "The variant would hold texts of the source, against its terms",
        "translate or remove these items",
    )
    for row in included:
        findings.extend(schemas.violations("variant-item", row, item=row["id"]))
    findings.refuse_errors("A row of the variant is not valid", "report this as a defect of derive")
    if len(included) + len(excluded) != len(rows):
        raise AssertionError("the variant's items and the excluded ones do not add up")
    ordered = [{column: row[column] for column in tables.VARIANT} for row in included]
    excluded += [
        _excluded(
            {"id": item, "split": None, "level": None}, "", "removed", "the source has withdrawn it"
        )
        for item in withdrawn
    ]
    unread = sum(row["derived_from"]["id"] not in accepted for row in included)
    return Variant(
        tables.frame(ordered, tables.VARIANT),
        tables.frame(excluded, tables.EXCLUDED),
        findings,
        unread,
    )


def _new_item(
    adaptation: Mapping[str, Any], paths: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The row that an item of people's own would have in the release, without texts."""
    like = paths.get(adaptation["taxonomy"], {})
    taxonomy = {one: like.get(one) for one in TAXONOMY} if like else {
        **dict.fromkeys(TAXONOMY), "specific_harm": adaptation["taxonomy"] or None,
    }  # fmt: skip
    return {"id": adaptation["item"], "split": "new", "level": None, **taxonomy}


def _reason_to_wait(
    route: str,
    prompt: Mapping[str, Any] | None,
    response: Mapping[str, Any] | None,
    policy: Policy,
) -> str | None:
    if route != "translate":
        return WAITING[route]
    if prompt is None or prompt["text"] is None:
        return "waits for a person: no draft of the prompt"
    if not policy.drafts:
        return "waits for a person: the draft is not reviewed"
    errors = {
        found["code"]
        for draft in (prompt, response)
        if draft
        for found in draft["findings"]
        if found["severity"] == "error" or found["code"] in policy.blocking
    }
    return f"{WAITING['translate']} ({', '.join(sorted(errors))})" if errors else None


def _keeps_out(adaptation: Mapping[str, Any], policy: Policy) -> str | None:
    """Why an accepted adaptation is not in the variant."""
    if adaptation["decision"] == "remove":
        return "removed by the people who adapted it"
    if STATES.index(adaptation["state"]) < STATES.index(policy.state):
        return f"waits for a {adaptation['waits_for'] or 'reviewer'}: it is {adaptation['state']}"
    blocking = sorted(set(adaptation["checks"]) & set(policy.blocking))
    return f"waits for a person: findings ({', '.join(blocking)})" if blocking else None


def _excluded(item: Mapping[str, Any], route: str, status: str, reason: str) -> dict[str, Any]:
    return {
        "item": item["id"],
        "split": item["split"],
        "level": item["level"],
        "route": route,
        "status": status,
        "reason": reason,
    }


def _classified(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("split", *TAXONOMY, "level")}


def _adapted(
    item: Mapping[str, Any],
    adaptation: Mapping[str, Any],
    drafts: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    paths: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """A row of what people wrote."""
    classified = _classified(item)
    if adaptation["level"]:
        classified["level"] = int(adaptation["level"])
    if like := paths.get(adaptation["taxonomy"]):
        classified |= {name: like[name] for name in TAXONOMY}
    models = [draft["model"] for draft in drafts if draft and draft["model"]]
    from_machine = "mt" in (adaptation["prompt_origin"] or "") + (
        adaptation["response_origin"] or ""
    )
    return {
        **classified,
        "prompt": canonical(adaptation["prompt"]),
        "response": canonical(adaptation["response"]) or None,
        "decision": adaptation["decision"],
        "prompt_origin": adaptation["prompt_origin"],
        "response_origin": adaptation["response_origin"],
        "model": models[0] if models and from_machine else None,
        "evidence": [line for line in adaptation["evidence"].splitlines() if line.strip()],
        "checks": adaptation["checks"],
        "state": adaptation["state"],
    }


def _drafted(
    item: Mapping[str, Any], prompt: Mapping[str, Any] | None, response: Mapping[str, Any] | None
) -> dict[str, Any]:
    """A row of machine drafts."""
    prompt = prompt or {}
    answer = response["text"] if response else None
    return {
        **_classified(item),
        "prompt": prompt["text"],
        "response": answer,
        "decision": "transfer",
        "prompt_origin": "mt",
        "response_origin": "mt" if answer is not None else None,
        "model": prompt["model"],
        "evidence": [],
        "checks": sorted(
            {one["code"] for draft in (prompt, response) if draft for one in draft["findings"]}
        ),
        "state": "translated",
    }
