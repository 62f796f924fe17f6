"""The variant: the items that may go out with their lineage, and an account of all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from derive import schemas, tables
from derive.codes import CODES
from derive.errors import DeriveError
from derive.findings import Finding, Findings
from derive.profiles import TAXONOMY, UNKNOWN_TERMS
from derive.pseudo import is_pseudo
from derive.variant.coverage import coverage
from derive.variant.rows import (
    LEAKS,
    REMOVED,
    STANDING,
    STATES,
    UNKNOWN_LINEAGE,
    WAITING,
    WITHDRAWN,
    Drafts,
    Lineage,
    Reason,
    Row,
    adapted,
    drafted,
    excluded,
    new_item,
    path_of,
    waits,
    waits_for_person,
)
from derive.variant.terms import PIVOT_IS_ENGLISH, leaks

LEAK = "source-in-variant"
PSEUDO = "draft-pseudo"  # holds the source's text, legible, and is for nobody


@dataclass(frozen=True)
class Policy:
    """What may go in, as `[policy.variant]` of derive.toml says.

    drafts: machine translations that no person has read. state: the lowest state of what people
    wrote. blocking: codes of findings that keep an item out. coverage: the share of a taxonomy
    path's items that is wanted, 0 to 1. allow_source_texts: why texts of the source may be in what
    people wrote, against its terms; published. Raises DeriveError for a code that there is not.
    """

    drafts: bool = True
    state: str = "translated"
    blocking: Sequence[str] = ()
    coverage: float | None = None
    allow_source_texts: str = ""

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.blocking) - CODES.keys()):
            raise DeriveError(
                f"There is no finding {', '.join(map(repr, unknown))}",
                where="derive.toml, [policy.variant] blocking",
                fix="name codes as the findings show them, such as draft-length",
            )


@dataclass(frozen=True)
class Variant:
    """items: the table `variant`. excluded: every other source item, with the reason.

    items.height + excluded.height is the number of items of the release, of people's own ones and
    of those that the source had before.
    unread: how many of the items are drafts that no person has read.
    coverage: what is in, waits and is missing of each taxonomy path (derive.variant.coverage).
    """

    items: pl.DataFrame
    excluded: pl.DataFrame
    findings: Findings
    unread: int
    coverage: Sequence[Row] = ()


def build(
    items: pl.DataFrame,
    routes: pl.DataFrame,
    drafts: pl.DataFrame,
    *,
    name: str,
    locale: str,
    origin: Mapping[str, str | None],
    terms: Mapping[str, Any],
    languages: Mapping[str, str | None] = PIVOT_IS_ENGLISH,
    adaptations: pl.DataFrame | None = None,
    standings: pl.DataFrame | None = None,
    policy: Policy = Policy(),
    lineage: Lineage = UNKNOWN_LINEAGE,
    numbers: Mapping[str, int] | None = None,
    withdrawn: Sequence[str] = (),
) -> Variant:
    """Make the variant of what people have accepted, and of drafts without errors.

    name: begins the IDs. numbers: item to the number of its ID; by default its place in the
    release. origin: dataset, version and revision of the release. terms and languages: the
    profile's. adaptations, standings: what was collected. withdrawn: items of earlier releases
    that this one does not have. Texts go in as NFC with LF line ends.
    A draft that holds a text of the source waits for a person; a text that people wrote and that
    holds one is refused, or let in for the reason that the policy gives.
    Raises DeriveError if a text of the source would leave, or if an item is in a table twice.
    """
    _refuse_twice(items=items, routes=routes, adaptations=adaptations, standings=standings)
    _refuse_twice("field", drafts=drafts)
    rows = items.to_dicts()
    accepted = {} if adaptations is None else {row["item"]: row for row in adaptations.to_dicts()}
    status = dict(standings.select("item", "status").rows()) if standings is not None else {}
    route_of = dict(routes.select("item", "route").rows())
    made = {(draft["item"], draft["field"]): draft for draft in drafts.to_dicts()}
    known = {item["id"] for item in rows}
    paths = {path_of(row): row for row in rows}
    rows += [new_item(one, paths) for key, one in accepted.items() if key not in known]
    numbers = numbers or {row["id"]: number for number, row in enumerate(rows, 1)}
    included: list[dict[str, Any]] = []
    out: dict[str, Reason] = {}
    for item in rows:
        adaptation = accepted.get(item["id"])
        both = made.get((item["id"], "prompt")), made.get((item["id"], "response"))
        if adaptation:
            why = _keeps_out(adaptation, policy)
            row = {} if why else adapted(item, adaptation, both, paths, lineage)
        else:
            route = route_of.get(item["id"], "new")
            why = STANDING.get(status.get(item["id"], "")) or _reason_to_wait(route, both, policy)
            row = {} if why else drafted(item, both, lineage)
        if why:
            out[item["id"]] = why
        else:
            source = {"derived_from": {**origin, "id": item["id"]}, "licence": terms["licence"]}
            identity = {"id": f"{name}-{numbers[item['id']]:06d}", "locale": locale}
            included.append({**identity, **row, **source})
    findings = Findings()
    if without := _without_english(included):
        findings.add("taxonomy-no-english", f"{without} taxonomy labels have no English one")
    if terms["licence"] == UNKNOWN_TERMS["licence"]:
        findings.add("terms-unknown", "the profile states no terms: treated as the strictest")
    of_id = {row["id"]: row for row in included}
    if len(of_id) < len(included):
        raise DeriveError("Two items would have one ID", fix="give each a number of its own")
    for one in leaks(included, items, terms, languages=languages):
        item = of_id[one.item]["derived_from"]["id"]
        if one.severity != "error":
            findings.extend([one])
        elif item in accepted:
            findings.extend([_by_people(one, accepted[item], policy)])
            of_id[one.item]["checks"] = sorted({*of_id[one.item]["checks"], LEAK})
        else:
            findings.extend([replace(one, severity="warning", item=item)])
            out[item] = LEAKS
    findings.refuse_errors(
        "The variant would hold texts of the source, against its terms",
        "word them anew or remove these items; if you may publish them, say why with"
        " --allow-source-texts",
    )
    included = [row for row in included if row["derived_from"]["id"] not in out]
    for row in included:
        findings.extend(schemas.violations("variant-item", row, item=row["id"]))
    findings.refuse_errors("A row of the variant is not valid", "report this as a defect of derive")
    account = [
        excluded(item, route_of.get(item["id"], "new"), out[item["id"]])
        for item in rows
        if item["id"] in out
    ]
    if len(included) + len(account) != len(rows):
        raise AssertionError("the variant's items and the excluded ones do not add up")
    covered = coverage(rows[: items.height], included, account, policy.coverage, lineage)
    for gone in withdrawn:
        account.append(excluded({"id": gone, "split": None, "level": None}, "", WITHDRAWN))
    return Variant(
        tables.frame(
            ({column: row[column] for column in tables.VARIANT} for row in included), tables.VARIANT
        ),
        tables.frame(account, tables.EXCLUDED),
        findings,
        sum(row["derived_from"]["id"] not in accepted for row in included),
        covered,
    )


def _refuse_twice(*more: str, **given: pl.DataFrame | None) -> None:
    """Raise DeriveError if a table has two rows for one item. more: columns of the key besides."""
    for name, table in given.items():
        if table is None:
            continue
        key = "id" if name == "items" else "item"
        twice = table.filter(table.select(key, *more).is_duplicated())[key].unique().sort()
        if len(twice):
            raise DeriveError(
                f"The table {name} has {len(twice)} items twice",
                where=", ".join(twice[:10]),
                fix="run the stage that writes it again",
            )


def _reason_to_wait(route: str, drafts: Drafts, policy: Policy) -> Reason | None:
    """Why an item that nobody has written is not in the variant."""
    if route != "translate":
        return waits_for_person(WAITING[route])
    prompt = drafts[0]
    if prompt is None or prompt["text"] is None:
        return waits_for_person("no draft of the prompt")
    if not policy.drafts:
        return waits_for_person("the draft is not reviewed")
    errors = {
        found["code"]
        for draft in drafts
        if draft
        for found in draft["findings"]
        if found["severity"] == "error" or found["code"] in (PSEUDO, *policy.blocking)
    }
    why = f"{WAITING['translate']} ({', '.join(sorted(errors))})"
    return waits_for_person(why) if errors else None


def _keeps_out(adaptation: Row, policy: Policy) -> Reason | None:
    """Why an accepted adaptation is not in the variant."""
    if adaptation["decision"] == "remove":
        return REMOVED
    if is_pseudo(adaptation["prompt"]) or is_pseudo(adaptation["response"]):
        return waits_for_person(f"the text is a dry run's ({PSEUDO})")
    if STATES.index(adaptation["state"]) < STATES.index(policy.state):
        return waits(adaptation["waits_for"] or "reviewer", f"it is {adaptation['state']}")
    blocking = sorted(set(adaptation["checks"]) & set(policy.blocking))
    return waits_for_person(f"findings ({', '.join(blocking)})") if blocking else None


def _by_people(one: Finding, adaptation: Row, policy: Policy) -> Finding:
    """A leak in a text that people wrote; a warning if there is a reason to let it in."""
    message = f"{one.message}; written for {adaptation['item']} by {adaptation['author']}"
    allowed = "warning" if policy.allow_source_texts else "error"
    return replace(one, message=message, severity=allowed)


def _without_english(rows: Sequence[Row]) -> int:
    """How many taxonomy labels have no English one."""
    return len({row[one] for row in rows for one in TAXONOMY if row[one] and not row[f"{one}_en"]})
