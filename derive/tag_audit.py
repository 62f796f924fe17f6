"""A release's tags against what the flagger finds: the maintainer's report on a project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from derive import locales, tables
from derive.project import Project
from derive.stage import inputs, read_profile
from derive.text import fields_of, shown

KINDS = {
    "tag-0-marked": "tagged 0, and something of the source culture is in it",
    "tags-differ": "prompts that say the same, or nearly so, with different tags",
    "tag-2-unmarked": "tagged 2, and nothing of the source culture was found",
    "tag-1-unmarked": "tagged 1, and nothing of the source culture was found",
}


@dataclass(frozen=True)
class Doubt:
    """A tag to look at again. strength: how much speaks against it, to sort by.

    other: of two prompts that say the same, the other item; empty else. marks: what was found, with
    the reasons.
    """

    kind: str
    strength: float
    item: str
    level: int
    suggested: int
    other: str
    message: str
    marks: tuple[str, ...]
    prompt: str

    def as_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return {**asdict(self), "marks": list(self.marks)}


def audit(project: Project) -> list[Doubt]:
    """Tags to look at again, by kind and strength; flag has been run. Raises DeriveError."""
    from derive.flag.patterns import load_patterns

    inputs(project, "marks", "routes")
    items = tables.read_parquet(project.items, tables.ITEMS).to_dicts()
    marks: dict[str, list[dict[str, Any]]] = {}
    for mark in tables.read_parquet(project.work("marks.parquet"), tables.MARKS).to_dicts():
        marks.setdefault(mark["item"], []).append(mark)
    model = load_patterns(locales.source_pack(read_profile(project).source_language)).level
    doubts = [*_unlike(items)]
    for item in items:
        if item["level"] is None:
            continue
        of_item = marks.get(item["id"], [])
        said = model.suggest(of_item, fields_of(item))
        reasons = tuple(dict.fromkeys(mark["reason"] for mark in of_item))
        if item["level"] == 0 and said.level:
            kind, strength = "tag-0-marked", said.local + said.premise
            message = f"level {said.level} suggested"
        elif item["level"] and not said.level:
            kind = f"tag-{item['level']}-unmarked"
            # the less was found, the stronger the doubt
            strength = item["level"] - said.local
            message = "no marks" if not of_item else "weak marks only"
        else:
            continue
        doubts.append(
            Doubt(
                kind, round(strength, 2), item["id"], item["level"], said.level, "", message,
                reasons, shown(_text(item), 160),
            )
        )  # fmt: skip
    order = list(KINDS)
    return sorted(doubts, key=lambda one: (order.index(one.kind), -one.strength, one.item))


def _unlike(items: Sequence[Mapping[str, Any]]) -> Iterator[Doubt]:
    """Prompts that say the same and are tagged differently; what differs may be the reason."""
    from derive.release.duplicates import alike

    tagged = [item for item in items if item["level"] is not None]
    # each level is a group, so that a prompt is compared with those of other levels too
    found = alike([_text(item) for item in tagged], [str(item["level"]) for item in tagged])
    for pair in found.pairs:
        first, second = tagged[pair.first], tagged[pair.second]
        if first["level"] != second["level"]:
            apart = abs(first["level"] - second["level"])
            yield Doubt(
                "tags-differ",
                round(apart * pair.similarity / 100, 2),
                second["id"],
                second["level"],
                first["level"],
                first["id"],
                f"tagged {second['level']}, and {first['id']} {first['level']}; "
                f"{pair.similarity:.0f} % alike: {shown(_text(first), 160)}",
                (),
                shown(_text(second), 160),
            )


def _text(item: Mapping[str, Any]) -> str:
    return str(item["prompt_pivot"] or item["prompt"])
