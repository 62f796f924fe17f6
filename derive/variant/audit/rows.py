"""Rows beside items: lost, extra, doubled and empty ones, and what was changed beside the texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from derive.findings import Finding, finding
from derive.profiles import TAXONOMY
from derive.variant.audit.matched import Matching
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading, as_text, is_own

Matched = tuple[Reading, Matching]
SAME = 0.8  # share of a label's rows that have one translation of it, for another to be odd


def lost(
    group: Sequence[Matched], originals: Originals, accounted: Collection[str]
) -> Iterator[tuple[Finding, int | None]]:
    """Findings on items that no row of a language's parts is derived from, each with the part's
    number that should hold it; a split of which nothing is there is one finding without a part.

    accounted: IDs of the items that the derivation itself says it leaves out.
    """
    has: defaultdict[str, Counter[int]] = defaultdict(Counter)
    there: set[int] = set()
    for number, (_, matching) in enumerate(group):
        for place in matching.taken():
            has[originals.items[place]["split"]][number] += 1
            there.add(place)
    missing: defaultdict[str, list[str]] = defaultdict(list)
    for place, item in enumerate(originals.items):
        if place not in there and item["id"] not in accounted:
            missing[item["split"]].append(item["id"])
    locale = group[0][0].locale or "the derivation"
    for split, items in missing.items():
        if split not in has:
            if there:
                message = f"{locale}: none of the {len(items)} items of {split} is there"
                yield finding("split-lost", message), None
            continue
        number = has[split].most_common(1)[0][0]
        spot = group[number][0].where()
        severity = "warning" if group[number][1].sure() == "guess" else None
        message = "no row is derived from this item" + (", by the order only" if severity else "")
        for lost_item in items:
            yield finding("row-lost", message, severity=severity, item=lost_item, **spot), number


def doubled_across(group: Sequence[Matched], originals: Originals) -> Iterator[Finding]:
    """Items that stand in two files of one language; one finding where most of a file does."""
    first: dict[int, tuple[int, int]] = {}
    for number, (reading, matching) in enumerate(group):
        again = [
            (row, place, first[place])
            for row, place in enumerate(matching.places)
            if place is not None and first.setdefault(place, (number, row))[0] != number
        ]
        if again and 2 * len(again) > len(matching.taken()):
            other = group[again[0][2][0]][0].part.file
            message = f"{other} and others have {len(again)} of its items already"
            yield finding("id-doubled", message, **reading.where())
            continue
        for row, place, (holder, at) in again:
            part = group[holder][0].part
            message = f"{part.file} row {part.rows[at][0]} has the item already"
            item = originals.items[place]["id"]
            yield finding("id-doubled", message, item=item, **reading.where(row))


def extra(reading: Reading, matching: Matching) -> Iterator[Finding]:
    """Rows that are derived from no item, as far as can be told; and empty ones."""
    rows = reading.part.rows
    left = []
    for row, place in enumerate(matching.places):
        if not any(as_text(value).strip() for value in rows[row][1].values()):
            yield finding("row-empty", "every cell is empty", **reading.where(row))
        elif place is None and not (
            row in matching.doubled or row in matching.unknown or is_own(rows[row][1])
        ):
            left.append(row)
    if left and len(left) == len(rows):
        message = "no row can be matched to an item: neither IDs, originals nor the order tell it"
        yield finding("rows-unmatched", message, **reading.where())
        return
    for row in left:
        yield finding("row-extra", "no item of the release is like it", **reading.where(row))


def changed(reading: Reading, matching: Matching, originals: Originals) -> Iterator[Finding]:
    """Splits, levels and taxonomy labels that are not those of the row's item."""
    yield from _split(reading, matching, originals)
    level = reading.column("level")
    for row, place in matching.pairs() if level else ():
        item = originals.items[place]
        said, was = reading.cell(row, "level").strip(), item["level"]
        meant = originals.profile.level_values.get(said)
        if (said or was is not None) and meant != was:
            message = f"{said or 'nothing'}, in the release {'none' if was is None else was}"
            where = reading.where(row, level)
            yield finding("level-changed", message, item=item["id"], **where)
    for name in TAXONOMY:
        if reading.column(name):
            yield from _labels(reading, matching, originals, name)


def _split(reading: Reading, matching: Matching, originals: Originals) -> Iterator[Finding]:
    column, named = reading.column("split"), reading.part.split
    known = originals.labels["split"]
    names = originals.profile.splits
    for row, place in matching.pairs():
        said = (reading.cell(row, "split").strip() if column else "") or named
        said = names.get(said, said)
        item = originals.items[place]
        if said in known and said != item["split"]:
            message = f"in {said}, in the release in {item['split']}"
            yield finding("split-moved", message, item=item["id"], **reading.where(row, column))


def _labels(
    reading: Reading, matching: Matching, originals: Originals, name: str
) -> Iterator[Finding]:
    """Labels that differ from the item's, or, where labels are translated, from the translation
    that nearly all rows of the same label have."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    cells = []
    for row, place in matching.pairs():
        was, said = originals.items[place][name] or "", reading.cell(row, name).strip()
        used[was][said] += 1
        cells.append((row, place, was, said))
    usual = {was: counts.most_common(1)[0] for was, counts in used.items()}
    for row, place, was, said in cells:
        meant, times = usual[was]
        if said != was and (said in originals.labels[name] or was in used[was]):
            message = f"{said!r}, in the release {was!r}"
        elif said != meant and times >= max(2, SAME * sum(used[was].values())):
            message = f"{said!r}, in {times} other rows of {was!r} {meant!r}"
        else:
            continue
        item = originals.items[place]["id"]
        yield finding(
            "taxonomy-changed", message, item=item, **reading.where(row, reading.column(name))
        )
