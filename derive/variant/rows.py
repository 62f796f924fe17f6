"""The rows of the variant, of its account of what is not in it, and why something is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from derive.profiles import TAXONOMY
from derive.text import canonical

Row = Mapping[str, Any]
Drafts = tuple[Row | None, Row | None]  # of the prompt and of the response

STATES = ("translated", "reviewed", "final")
WAITING = {
    "translate": "the draft has errors",
    "adapt": "adapt",
    "rewrite": "rewrite",
    "new": "not routed yet",
}


class Reason(NamedTuple):
    """Why an item is not in the variant. status: waiting or removed. waits_for: a role, or none."""

    status: str
    waits_for: str | None
    text: str


def waits(role: str, why: str) -> Reason:
    """It waits for somebody of this role."""
    article = "an" if role == "adjudicator" else "a"
    return Reason("waiting", role, f"waits for {article} {role}: {why}")


def waits_for_person(why: str) -> Reason:
    """It waits for whoever takes it up: nobody has written anything yet."""
    return Reason("waiting", "translator", f"waits for a person: {why}")


WITHDRAWN = Reason("removed", None, "the source has withdrawn it")
REMOVED = Reason("removed", None, "removed by the people who adapted it")
LEAKS = waits_for_person("the draft repeats a text of the source (source-in-variant)")
# what a unit's standing says of why it is not in the variant
STANDING = {
    "conflict": waits("adjudicator", "two answers differ"),
    "double": waits("adjudicator", "two translations differ"),
    "disputed": waits("adjudicator", "translator and reviewer differ"),
    "rejected": waits("translator", "the review rejected it"),
    "stale": waits("translator", "the source has changed since"),
}


def _nobody(name: str) -> str:
    return ""


@dataclass(frozen=True)
class Lineage:
    """What the rows say of how they came about.

    signature: the engine's that made the drafts (derive.translate.engine). public_name: what may
    be published of a person's name. labels: taxonomy labels of the source to English ones; where
    is_english, a label is its own.
    """

    signature: Mapping[str, Any] = field(default_factory=dict)
    public_name: Callable[[str], str] = _nobody
    labels: Mapping[str, str] = field(default_factory=dict)
    is_english: bool = False

    def english(self, label: str | None) -> str | None:
        """A taxonomy label in English, None if the profile does not say."""
        return self.labels.get(label or "") or (label if self.is_english else None)

    def machine(self, model: str | None) -> dict[str, str | None]:
        """The columns that tell which model made a draft; empty where none did."""
        return {
            "model": model,
            "model_revision": self.signature.get("model_hash") if model else None,
            "engine": self.signature.get("engine") if model else None,
        }

    def people(self, adaptation: Row | None) -> dict[str, str | None]:
        """Who wrote, reviewed and adjudicated a text, as far as it may be published."""
        said = {}
        for role in ("author", "reviewer", "adjudicator"):
            names = (adaptation[role] or "").split("; ") if adaptation else []
            public = filter(None, (self.public_name(one) for one in names))
            said[role] = "; ".join(dict.fromkeys(public)) or None
        return said

    def classified(self, item: Row) -> dict[str, Any]:
        """The columns that say where an item belongs."""
        english = {f"{name}_en": self.english(item[name]) for name in TAXONOMY}
        return {name: item[name] for name in ("split", *TAXONOMY, "level")} | english


UNKNOWN_LINEAGE = Lineage()


def path_of(row: Row) -> str:
    """A taxonomy path as people write it."""
    return " / ".join(row[name] for name in TAXONOMY if row[name])


def new_item(adaptation: Row, paths: Mapping[str, Row]) -> dict[str, Any]:
    """The row that an item of people's own would have in the release, without texts."""
    like = paths.get(adaptation["taxonomy"])
    taxonomy = dict.fromkeys(TAXONOMY) | {"specific_harm": adaptation["taxonomy"] or None}
    if like:
        taxonomy = {name: like[name] for name in TAXONOMY}
    return {"id": adaptation["item"], "split": "new", "level": None, **taxonomy}


def adapted(
    item: Row, adaptation: Row, drafts: Drafts, paths: Mapping[str, Row], lineage: Lineage
) -> dict[str, Any]:
    """A row of what people wrote."""
    item = {**item}
    if adaptation["level"]:
        item["level"] = int(adaptation["level"])
    if like := paths.get(adaptation["taxonomy"]):
        item |= {name: like[name] for name in TAXONOMY}
    models = [draft["model"] for draft in drafts if draft and draft["model"]]
    origins = (adaptation["prompt_origin"], adaptation["response_origin"])
    from_machine = any(origin in ("mt", "mt+edit") for origin in origins)
    return {
        **lineage.classified(item),
        "prompt": canonical(adaptation["prompt"]),
        "response": canonical(adaptation["response"]) or None,
        "decision": adaptation["decision"],
        "prompt_origin": adaptation["prompt_origin"],
        "response_origin": adaptation["response_origin"],
        **lineage.machine(models[0] if models and from_machine else None),
        "evidence": [line for line in adaptation["evidence"].splitlines() if line.strip()],
        "checks": adaptation["checks"],
        "people": lineage.people(adaptation),
        "state": adaptation["state"],
    }


def drafted(item: Row, drafts: Drafts, lineage: Lineage) -> dict[str, Any]:
    """A row of machine drafts; there is one of the prompt."""
    prompt, response = drafts
    assert prompt is not None
    answer = response["text"] if response else None
    return {
        **lineage.classified(item),
        "prompt": prompt["text"],
        "response": answer,
        "decision": "transfer",
        "prompt_origin": "mt",
        "response_origin": "mt" if answer is not None else None,
        **lineage.machine(prompt["model"]),
        "evidence": [],
        "checks": sorted({one["code"] for draft in drafts if draft for one in draft["findings"]}),
        "people": lineage.people(None),
        "state": "translated",
    }


def excluded(item: Row, route: str, why: Reason) -> dict[str, Any]:
    """A row of the account: no text of the item is in it."""
    return {
        "item": item["id"],
        "split": item["split"],
        "level": item["level"],
        "route": route,
        "status": why.status,
        "waits_for": why.waits_for,
        "reason": why.text,
    }
