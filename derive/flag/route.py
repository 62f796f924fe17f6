"""Which way each item goes: translate, adapt or rewrite; from its tag, or from its marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl

from derive.findings import Findings
from derive.flag.level import LevelModel
from derive.text import TEXT_FIELDS, fields_of


def route_items(
    items: pl.DataFrame, marks: pl.DataFrame, policy: Mapping[str, Any], model: LevelModel
) -> tuple[list[dict[str, Any]], Findings]:
    """Rows of the table `routes`, one an item, and findings.

    policy: `routes`, level to route; `untagged`, "suggested" or the route of items without a tag.
    model: suggests a level by the item's marks, see derive.flag.level. A tag is never changed.
    """
    marked: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for mark in marks.to_dicts():
        marked[mark["item"]].append(mark)
    routes: list[dict[str, Any]] = []
    findings = Findings()
    untagged = 0
    for item in items.select("id", "level", "file", "row", *TEXT_FIELDS).to_dicts():
        of_item = marked[item["id"]]
        suggested = model.suggest(of_item, fields_of(item)).level
        surfaces = ", ".join(dict.fromkeys(mark["surface"] for mark in of_item))
        if item["level"] is not None:
            route, reason = policy["routes"][str(item["level"])], f"tagged {item['level']}"
        elif policy["untagged"] == "suggested":
            route = policy["routes"][str(suggested)]
            reason = f"untagged, {suggested} suggested by {surfaces or 'no marks'}"
        else:
            route, reason = policy["untagged"], "untagged"
        untagged += item["level"] is None
        if item["level"] == 0 and suggested:
            findings.add(
                "level-0-marked",
                f"tagged 0 but holds {surfaces}",
                item=item["id"],
                file=item["file"],
                row=item["row"],
            )
        routes.append(
            {
                "item": item["id"],
                "route": route,
                "level": item["level"],
                "level_suggested": suggested,
                "reason": reason,
            }
        )
    if untagged:
        findings.add("level-suggested", f"{untagged} of {items.height} items carry no level")
    return routes, findings
