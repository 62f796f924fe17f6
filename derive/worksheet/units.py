"""What a unit shows of its item, and how units become a worksheet with an identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from derive.files import hash_json
from derive.profiles import TAXONOMY
from derive.worksheet.columns import SHEETS, columns_of
from derive.worksheet.contract import SCHEMA, Offer, Worksheet
from derive.worksheet.keys import make_key

# the empty cell says it; the others speak of the run
UNTOLD = {"draft-none", "round-trip-none", "draft-other-text"}
LONGEST, MOST_LINES = 8_000, 100  # of a cell with alternatives: it must not keep the unit out


@dataclass(frozen=True)
class Shown:
    """All that a worksheet may show of a project's items, by item ID.

    items: rows of the table `items`, in the release's order. drafts: by (item, field).
    resources: rows of the locale pack's resources, in its order. labels: taxonomy label to the one
    that people read, where there is one.
    """

    project: str
    items: Mapping[str, Mapping[str, Any]]
    marks: Mapping[str, Sequence[Mapping[str, Any]]]
    routes: Mapping[str, str]
    drafts: Mapping[tuple[str, str], Mapping[str, Any]]
    counterparts: Sequence[Mapping[str, str]] = ()
    resources: Sequence[Mapping[str, str]] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def draft(self, item: str, field: str, column: str = "text") -> str:
        """A text of the draft (or its back-translation), empty if there is none."""
        draft = self.drafts.get((item, field))
        return (draft and draft[column]) or ""

    def taxonomy(self, item: str) -> str:
        """The item's taxonomy path, as people see it."""
        return taxonomy_path(self.items[item], self.labels)

    def unit(self, item: str, sheet: str, **more: Any) -> dict[str, Any]:
        """The unit of an item in a sheet: what people read; all they fill in is empty."""
        row = self.items[item]
        texts = {
            "key": make_key(item, self.project),
            "item": item,
            "source_hash": row["hash"],
            "level": row["level"],
            "taxonomy": self.taxonomy(item),
            "source_prompt": row["prompt"],
            "pivot_prompt": row["prompt_pivot"],
            "source_response": row["response"],
            "pivot_response": row["response_pivot"],
            "marks": "\n".join(_mark_line(offer, level) for offer, level in self._marked(item)),
            "draft_prompt": self.draft(item, "prompt"),
            "draft_response": self.draft(item, "response"),
            "alternatives_prompt": self._alternatives(item, "prompt"),
            "alternatives_response": self._alternatives(item, "response"),
            "round_trip_prompt": self.draft(item, "prompt", "round_trip"),
            "round_trip_response": self.draft(item, "response", "round_trip"),
            "adapted_prompt": self.draft(item, "prompt_adapted"),
            "adapted_response": self.draft(item, "response_adapted"),
            "swaps": "\n".join(self._swaps(item)),
            "resources": "\n".join(self._fitting_resources(item)),
            "findings": "\n".join(self._draft_findings(item)),
        }
        empty = {column.name: "" for column in columns_of(sheet)}
        return {
            **empty,
            **{name: text for name, text in texts.items() if name in empty},
            **more,
            "sheet": sheet,
        }

    def offers(self, item: str) -> list[Offer]:
        """What the locale has for the item's marks, one an entry."""
        return [offer for offer, _ in self._marked(item)]

    def frame(self, item: str, words: Mapping[str, str], place: str) -> str:
        """What is said of an item to be rewritten: its harm, what is local in it, what to find.

        words: the pack's `frame`, with an English one filled in. place: the target's, by name.
        """
        path = self.taxonomy(item)
        lines = [words["harm"].replace("{taxonomy}", path)] if path else []
        for offer, _ in self._marked(item):
            lines.append(words["entry"].replace("{reason}", offer.reason))
        lines.append(words["relative"].replace("{place}", place))
        return "\n".join(lines)

    def _alternatives(self, item: str, field: str) -> str:
        """The hypotheses behind the draft, which is the first; no longer than a cell may be."""
        draft = self.drafts.get((item, field))
        others = draft["alternatives"][1:] if draft else ()
        lines = [f"{number}. {one['text']}" for number, one in enumerate(others, 2)]
        while len("\n".join(lines)) > LONGEST or "\n".join(lines).count("\n") > MOST_LINES:
            lines.pop()
        return "\n".join([*lines, *(["…"] if len(lines) < len(others) else [])])

    def _swaps(self, item: str) -> Iterator[str]:
        made = (self.drafts.get((item, f"{field}_adapted")) for field in ("prompt", "response"))
        yield from dict.fromkeys(swap for draft in made if draft for swap in draft["swaps"])

    def review_priority(self, item: str) -> float:
        """That of the item's more doubtful draft; 0 if it has none, and nothing to review."""
        drafts = (self.drafts.get((item, field)) for field in ("prompt", "response"))
        return max((one and one["review_priority"]) or 0.0 for one in drafts)

    def _draft_findings(self, item: str) -> list[str]:
        """What is said of the drafts; of an adapted one, what is not of the plain one, too."""
        lines: list[str] = []
        for name in ("prompt", "response"):
            plain = self._findings(item, name)
            adapted = [one for one in self._findings(item, f"{name}_adapted") if one not in plain]
            lines += [f"{name}: {one}" for one in plain]
            lines += [f"{name}, adapted: {one}" for one in adapted]
        return lines

    def _findings(self, item: str, name: str) -> list[str]:
        draft = self.drafts.get((item, name))
        return [
            f"{one['message']} [{one['code']}]"
            for one in (draft["findings"] if draft else ())
            if one["code"] not in UNTOLD
        ]

    def _marked(self, item: str) -> list[tuple[Offer, int]]:
        """One an entry: people who adapt mostly read the pivot, so its surface is the one shown."""
        marked: dict[str, tuple[Offer, int]] = {}
        marks = self.marks.get(item, ())
        for mark in sorted(marks, key=lambda mark: not mark["field"].endswith("_pivot")):
            own = self._offered.get(("entry", mark["entry"]), ())
            # any person will do for a person; an office of its own is not any office
            wide = mark["slot"] == "person" or not own
            offered = own + (self._offered.get(("slot", mark["slot"]), ()) if wide else ())
            offer = Offer(mark["surface"], mark["slot"], mark["reason"], offered)
            # the same entry in the other language or field says nothing new
            marked.setdefault(mark["entry"], (offer, mark["level"]))
        return list(marked.values())

    @cached_property
    def _offered(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The locale's counterparts by ("entry", which) or, of a whole slot, ("slot", which)."""
        found: defaultdict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
        for row in self.counterparts:
            column = "entry" if row["entry"] else "slot"
            found[column, row[column]] += (row["counterpart"],)
        return dict(found)

    def _fitting_resources(self, item: str) -> list[str]:
        path = f"{taxonomy_path(self.items[item])} {self.taxonomy(item)}".casefold()
        return [
            " · ".join(filter(None, (row["name"], row["contact"], row["hours"], row["source"])))
            for row in self.resources
            if not row["harms"]
            or any(harm.strip().casefold() in path for harm in row["harms"].split("|"))
        ]


def taxonomy_path(row: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> str:
    """risk area / harm type / specific harm, without the empty ones; as `labels` has them."""
    known = labels or {}
    return " / ".join(known.get(row[name], row[name]) for name in TAXONOMY if row[name])


def gather(
    project: str,
    items: pl.DataFrame,
    marks: pl.DataFrame,
    routes: pl.DataFrame,
    drafts: pl.DataFrame,
    counterparts: Sequence[Mapping[str, str]] = (),
    resources: Sequence[Mapping[str, str]] = (),
    labels: Mapping[str, str] | None = None,
) -> Shown:
    """The tables of DESIGN, by item."""
    of_item: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for mark in marks.to_dicts():
        of_item[mark["item"]].append(mark)
    return Shown(
        project,
        {item["id"]: item for item in items.to_dicts()},
        of_item,
        dict(routes.select("item", "route").rows()),
        {(draft["item"], draft["field"]): draft for draft in drafts.to_dicts()},
        counterparts,
        resources,
        labels or {},
    )


def finish(
    sheets: Mapping[str, Sequence[dict[str, Any]]], meta: Mapping[str, str], shown: Shown
) -> Worksheet:
    """A worksheet of these units. Its ID is made of all it holds: the same content has the same."""
    meta = {"schema": SCHEMA, **meta}
    units = {sheet: list(sheets.get(sheet, ())) for sheet in SHEETS}
    worksheet = f"ws-{hash_json([meta, units])[:12]}"
    spans: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    offers: dict[str, Sequence[Offer]] = {}
    for unit in (unit for of_sheet in units.values() for unit in of_sheet):
        unit["worksheet"] = worksheet
        for mark in shown.marks.get(unit["item"], ()):
            spans[mark["item"], mark["field"]].append((mark["start"], mark["end"]))
        if found := shown.offers(unit["item"]):
            offers[unit["item"]] = found
    # one item may stand in two sheets; its spans are the same in both
    spans = defaultdict(list, {place: sorted(set(of_place)) for place, of_place in spans.items()})
    return Worksheet(worksheet, units, {**meta, "worksheet": worksheet}, spans, offers)


def _mark_line(offer: Offer, level: int) -> str:
    line = f"{offer.surface} [{offer.slot}, {level}] {offer.reason}"
    return line + (f" → {'; '.join(offer.counterparts)}" if offer.counterparts else "")
