"""The variant: the items that may go out with their lineage, and an account of all the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from derive import schemas, tables
from derive.findings import Findings
from derive.variant.terms import leaks

WAITING = {
    "translate": "waits for a person: the draft has errors",
    "adapt": "waits for a person: adapt",
    "rewrite": "waits for a person: rewrite",
}


@dataclass(frozen=True)
class Variant:
    """items: the table `variant`. excluded: every other source item, with the reason.

    items.height + excluded.height is the number of items of the release.
    """

    items: pl.DataFrame
    excluded: pl.DataFrame
    findings: Findings


def build(
    items: pl.DataFrame,
    routes: pl.DataFrame,
    drafts: pl.DataFrame,
    *,
    name: str,
    locale: str,
    origin: Mapping[str, str | None],
    terms: Mapping[str, Any],
) -> Variant:
    """Make the variant of what needs no person: translated items whose drafts have no error.

    name: begins the IDs; the number is the item's place in the release, so that a rebuild keeps
    it. origin: dataset, version and revision of the release. terms: the profile's.
    Raises DeriveError if a text of the source would leave against the terms.
    """
    route_of = dict(routes.select("item", "route").rows())
    made = {(draft["item"], draft["field"]): draft for draft in drafts.to_dicts()}
    included: list[dict[str, Any]] = []
    excluded: list[dict[str, Any]] = []
    for number, item in enumerate(items.to_dicts(), 1):
        prompt, response = made.get((item["id"], "prompt")), made.get((item["id"], "response"))
        reason = _reason_to_wait(route_of[item["id"]], prompt, response)
        if reason:
            excluded.append(_excluded(item, route_of[item["id"]], reason))
        else:
            row = _included(item, prompt or {}, response, origin, terms)
            included.append({"id": f"{name}-{number:06d}", "locale": locale, **row})
    findings = Findings(leaks(included, items, terms))
    findings.refuse_errors(
        "The variant would hold texts of the source, against its terms",
        "translate or remove these items",
    )
    for row in included:
        findings.extend(schemas.violations("variant-item", row, item=row["id"]))
    findings.refuse_errors("A row of the variant is not valid", "report this as a defect of derive")
    if len(included) + len(excluded) != items.height:
        raise AssertionError("the variant's items and the excluded ones do not add up")
    ordered = [{column: row[column] for column in tables.VARIANT} for row in included]
    return Variant(
        tables.frame(ordered, tables.VARIANT), tables.frame(excluded, tables.EXCLUDED), findings
    )


def _reason_to_wait(
    route: str, prompt: Mapping[str, Any] | None, response: Mapping[str, Any] | None
) -> str | None:
    if route != "translate":
        return WAITING[route]
    if prompt is None or prompt["text"] is None:
        return "waits for a person: no draft of the prompt"
    errors = {
        found["code"]
        for draft in (prompt, response)
        if draft
        for found in draft["findings"]
        if found["severity"] == "error"
    }
    return f"{WAITING['translate']} ({', '.join(sorted(errors))})" if errors else None


def _excluded(item: Mapping[str, Any], route: str, reason: str) -> dict[str, Any]:
    return {
        "item": item["id"],
        "split": item["split"],
        "level": item["level"],
        "route": route,
        "status": "waiting",
        "reason": reason,
    }


def _included(
    item: Mapping[str, Any],
    prompt: Mapping[str, Any],
    response: Mapping[str, Any] | None,
    origin: Mapping[str, str | None],
    terms: Mapping[str, Any],
) -> dict[str, Any]:
    answered = response is not None and response["text"] is not None
    open_codes = {
        found["code"] for draft in (prompt, response) if draft for found in draft["findings"]
    }
    return {
        "split": item["split"],
        "prompt": prompt["text"],
        "response": response["text"] if response else None,
        "risk_area": item["risk_area"],
        "harm_type": item["harm_type"],
        "specific_harm": item["specific_harm"],
        "level": item["level"],
        "decision": "transfer",
        "derived_from": {**origin, "id": item["id"]},
        "prompt_origin": "mt",
        "response_origin": "mt" if answered else None,
        "model": prompt["model"],
        "evidence": [],
        "checks": sorted(open_codes),
        "state": "translated",
        "licence": terms["licence"],
    }
