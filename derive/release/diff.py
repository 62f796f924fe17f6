"""What changed between two releases: items, their fields, columns, and leaks between the splits.

An item is the same where its ID is. An ID that only one release has is matched by equal texts,
then by an equal prompt in comparable form, one to one; nothing else is guessed. Texts are compared
in canonical form (NFC, LF), and a column that only one release has is told once, not item by item.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import PurePath
from typing import Any

import polars as pl

from derive.profiles import ITEM_FIELDS, TAXONOMY
from derive.release import near
from derive.release.changes import (
    Added,
    Changed,
    ColumnRenamed,
    Diff,
    FieldChange,
    Leak,
    Moved,
    Note,
    Removed,
    Renamed,
    Side,
    columns_only_in,
    extra_columns,
    field_changes,
)
from derive.release.read import Release
from derive.text import TEXT_FIELDS, comparable, content_hash

VALUES = (*TEXT_FIELDS, "level", *TAXONOMY)  # what an item says, but for its extra columns
PROMPTS = ("prompt", "prompt_pivot")
_CROWDED = (
    "{} new or changed prompts are variations of a template of which "
    f"{near.CROWD} are there already: near-equal ones of them in another split were not looked for"
)
ENOUGH = 20  # near-equal prompts to choose the nearest of

Split = tuple[dict[str, list[int]], set[str]]  # positions by form; forms that are new there
Forms = dict[str, tuple[list[str], list[str]]]  # by field: comparable forms, old and new


def diff(old: Release, new: Release) -> Diff:
    """The difference between two releases; the same releases always give the same one."""
    shared = [name for name in VALUES if (name in old.choices) == (name in new.choices)]
    has_ids = "id" in old.choices and "id" in new.choices
    columns_renamed = [
        ColumnRenamed(name, old.choices[name].column, new.choices[name].column)
        for name in ITEM_FIELDS
        if name in old.choices and name in new.choices
        if old.choices[name].column != new.choices[name].column
    ]
    extra = [extra_columns(one.items["extra"]) for one in (old, new)]
    pairs, ambiguous = _match(old.items, new.items, shared, has_ids)
    left, right = old.items[pairs["old"]], new.items[pairs["new"]]
    ids = list(zip(left["id"], right["id"], strict=True))
    moved = left["split"] != right["split"]
    changed = _changed(left, right, shared, sorted(extra[0].keys() & extra[1].keys()))
    renamed = (pairs["by"] != "id").arg_true().to_list() if has_ids else []
    touched = {*changed, *renamed, *moved.arg_true()}
    removed = _without(old.items, pairs["old"])
    added = _without(new.items, pairs["new"])
    notes = [*_notes(old, new, extra), *ambiguous]
    leaks: list[Leak] = []
    if touched or removed or added:
        forms = {name: _forms(old.items[name], new.items[name]) for name in PROMPTS}
        forms = {name: form for name, form in forms.items() if name in shared}
        leaks, crowded = _leaks(old.items, new.items, forms, pairs.filter(~moved))
        notes += [Note("leaks-bounded", _CROWDED.format(crowded))] * bool(crowded)
        if has_ids:
            notes += _renumbered(old.items["id"], new.items["id"], forms, pairs)
    return Diff(
        old=_side(old),
        new=_side(new),
        unchanged=pairs.height - len(touched),
        removed=tuple(Removed(*row) for row in removed),
        added=tuple(Added(*row) for row in added),
        renamed=tuple(Renamed(ids[at][0], ids[at][1], pairs["by"][at]) for at in renamed),
        moved=tuple(
            Moved(ids[at][0], ids[at][1], left["split"][at], right["split"][at])
            for at in moved.arg_true()
        ),
        changed=tuple(Changed(*ids[at], fields) for at, fields in changed.items()),
        columns_renamed=tuple(columns_renamed),
        columns_added=tuple(columns_only_in(new, old, extra[1], extra[0])),
        columns_removed=tuple(columns_only_in(old, new, extra[0], extra[1])),
        leaks=tuple(leaks),
        notes=tuple(notes),
        quotable=all(one.profile.terms["originals_may_be_republished"] for one in (old, new)),
        same_data=_same_data(old, new),
    )


def _side(release: Release) -> Side:
    # a changelog is published: it names no folder of somebody's machine
    name = PurePath(release.location).name or release.location
    label = f"{release.profile.title} {release.config}" if release.config else name
    pinned = f"{label} ({release.revision[:8]})" if release.revision else label
    height = release.items.height
    return Side(pinned, release.location, release.revision, release.content_hash, height)


def _same_data(old: Release, new: Release) -> bool:
    """Whether the files are the same; where only one is on the Hub, whether the items are."""
    if bool(old.revision) == bool(new.revision):
        return (old.revision, old.content_hash) == (new.revision, new.content_hash)
    return old.items.drop("file", "row").equals(new.items.drop("file", "row"))


def _without(items: pl.DataFrame, matched: pl.Series) -> list[tuple[str, str]]:
    """ID and split of the rows that are not among the matched positions, in order."""
    rest = items.select("id", "split").with_row_index("at")
    return (
        rest.join(matched.alias("at").to_frame(), on="at", how="anti", maintain_order="left")
        .select("id", "split")
        .rows()
    )


def _notes(old: Release, new: Release, extra: Sequence[Mapping[str, int]]) -> Iterator[Note]:
    """What makes the comparison less than it looks."""
    for word, one in (("old", old), ("new", new)):
        if one.left_out:
            message = f"{one.left_out} rows of the {word} release could not be read"
            yield Note("rows-left-out", message)
        if "id" not in one.choices:
            yield Note("ids-made", f"the {word} release has no IDs: items are matched by texts")
    if old.config and old.config == new.config and not _same_data(old, new):
        yield Note("version-same", f"both releases are called {old.config}, and they differ")
    if old.profile.name != new.profile.name:
        names = (old.profile.name,), (new.profile.name,)
        yield Note("profiles-differ", "the releases were read by two profiles", *names)
    for word, one, others in (("old", old, extra[1]), ("new", new, extra[0])):
        for name, choice in one.choices.items():
            if choice.column in others:
                message = f"a column is read as {name} in the {word} release only"
                yield Note("column-read-otherwise", message, (choice.column,), (choice.column,))


def _changed(
    left: pl.DataFrame, right: pl.DataFrame, shared: Sequence[str], extra: Sequence[str]
) -> dict[int, tuple[FieldChange, ...]]:
    """The fields that changed, by the pair's position; `left` and `right` are the pairs' items."""
    differs = pl.Series([False]).new_from_index(0, left.height)
    for name in (*shared, "extra"):
        differs |= left[name].ne_missing(right[name])
    rows = [side.filter(differs).iter_rows(named=True) for side in (left, right)]
    found = (
        (at, tuple(field_changes(one, other, shared, extra)))
        for at, one, other in zip(differs.arg_true(), *rows, strict=True)
    )
    return {at: fields for at, fields in found if fields}


# -- which item is which ------------------------------------------------------------------------


def _match(
    old: pl.DataFrame, new: pl.DataFrame, shared: Sequence[str], has_ids: bool
) -> tuple[pl.DataFrame, list[Note]]:
    """Positions `old` and `new` of what is one item, found `by` what; and what is unclear."""
    sides = {"old": old.with_row_index("old"), "new": new.with_row_index("new")}
    # an ID that was made of split and row says nothing, unless the texts are the same
    key = ["id"] if has_ids else ["id", "hash"]
    by_id = [table.select(side, *key) for side, table in sides.items()]
    pairs = by_id[0].join(by_id[1], on=key).select("old", "new", by=pl.lit("id"))
    unclear: dict[int, Note] = {}
    for by in ("text", "prompt"):
        groups = []
        for side, table in sides.items():
            rest = table.join(pairs, on=side, how="anti")
            keys = [_key(row, by, shared) for row in rest.iter_rows(named=True)]
            keyed = rest.select(side, key=pl.Series(keys, dtype=pl.String)).drop_nulls()
            groups.append(keyed.group_by("key").agg(pl.col(side).sort()))
        met = groups[0].join(groups[1], on="key").select("old", "new")
        single = (met["old"].list.len() == 1) & (met["new"].list.len() == 1)
        found = met.filter(single).select(pl.col("old", "new").list.first(), by=pl.lit(by))
        pairs = pl.concat([pairs, found])
        for olds, news in met.filter(~single).iter_rows():
            for at in olds:  # what has the same texts has the same prompt: told once
                unclear.pop(at, None)
            unclear[olds[0]] = Note(
                "match-ambiguous",
                f"{len(olds)} old and {len(news)} new items have the same {by}: removed and added",
                tuple(old["id"][olds]),
                tuple(new["id"][news]),
            )
    return pairs.sort("old"), [note for _, note in sorted(unclear.items())]


def _key(item: Mapping[str, Any], by: str, shared: Sequence[str]) -> str | None:
    """What an item without its like is matched by; only fields that both releases have."""
    texts = {name: item[name] if name in shared else None for name in TEXT_FIELDS}
    if by == "text":
        return content_hash(texts) if any(texts.values()) else None
    prompt = next((texts[name] for name in PROMPTS if texts[name]), None)
    return comparable(str(prompt)) or None if prompt else None


def _renumbered(old: pl.Series, new: pl.Series, forms: Forms, pairs: pl.DataFrame) -> list[Note]:
    """Whether IDs now stand for the prompt that another ID stood for."""
    olds, news = next((both for both in forms.values() if any(both[0])), ([], []))
    there: dict[str, int] = {}
    for at, form in enumerate(news):
        there.setdefault(form, at)
    found = [
        (a, there[olds[a]])
        for a, b in pairs.filter(pl.col("by") == "id").select("old", "new").iter_rows()
        if olds and olds[a] and olds[a] != news[b] and there.get(olds[a], b) != b
    ]
    if not found:
        return []
    message = f"{len(found)} IDs stand for another prompt now, theirs has another ID: renumbered?"
    here, others = zip(*found, strict=True)
    return [Note("ids-renumbered", message, tuple(old[list(here)]), tuple(new[list(others)]))]


# -- leaks --------------------------------------------------------------------------------------


def _forms(old: pl.Series, new: pl.Series) -> tuple[list[str], list[str]]:
    """Both sides' comparable forms; what both hold is worked out once."""
    known: dict[str | None, str] = {None: ""}
    for text in pl.concat([old, new]).drop_nulls().unique():
        known[text] = comparable(text)
    return [known[text] for text in old], [known[text] for text in new]


def _leaks(
    old: pl.DataFrame, new: pl.DataFrame, forms: Forms, stayed: pl.DataFrame
) -> tuple[list[Leak], int]:
    """Old prompts that are in another split of the new release, equal or nearly so; and how many
    were not looked up for the near-equal ones, because there are too many like them.

    stayed: the pairs whose split is the same. What two items have in common that both stayed and
    kept their prompts is not news: `check` finds it in either release.
    """
    best: dict[tuple[int, int], tuple[float, str]] = {}
    crowded: set[str] = set()
    for name, (olds, news) in forms.items():
        same = [(a, b) for a, b in stayed.select("old", "new").iter_rows() if olds[a] == news[b]]
        kept = {a for a, _ in same}, {b for _, b in same}
        sides = _by_split(old["split"], olds, kept[0]), _by_split(new["split"], news, kept[1])
        is_fresh = any(fresh for side in sides for _, fresh in side.values())
        sketches = near.sketches({*olds, *news}) if is_fresh else {}
        for (split, here), (other, there) in product(sides[0].items(), sides[1].items()):
            for one, two, share in _alike(here, there, sketches, crowded) if split != other else ():
                for a, b in _crossed(here[0][one], there[0][two]):
                    news_to = a not in kept[0] or b not in kept[1]
                    if news_to and share > best.get((a, b), (0.0, ""))[0]:
                        best[a, b] = (share, name)
    leaks = [
        Leak(old["id"][a], old["split"][a], new["id"][b], new["split"][b], name, round(share, 1))
        for (a, b), (share, name) in sorted(best.items())
    ]
    return leaks, len(crowded)


def _by_split(splits: pl.Series, forms: Sequence[str], kept: set[int]) -> dict[str, Split]:
    found: dict[str, Split] = {}
    for at, (split, form) in enumerate(zip(splits, forms, strict=True)):
        if form:
            positions, fresh = found.setdefault(split, (defaultdict(list), set()))
            positions[form].append(at)
            if at not in kept:
                fresh.add(form)
    return found


def _crossed(olds: Sequence[int], news: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each with the other side's first: all are named, and copies do not multiply."""
    yield from ((at, news[0]) for at in olds)
    yield from ((olds[0], at) for at in news[1:])


def _alike(
    old: Split, new: Split, sketches: Mapping[str, Any], crowded: set[str]
) -> Iterator[tuple[str, str, float]]:
    """Forms of both that are equal, fresh or not; and the nearest to each other fresh one."""
    equal = old[0].keys() & new[0].keys()
    yield from ((form, form, 100.0) for form in sorted(equal))
    told = equal & (old[1] | new[1])
    yield from _nearest(old[1] - told, new[0].keys() - told, sketches, crowded)
    for one, other, share in _nearest(new[1] - told, old[0].keys() - told, sketches, crowded):
        yield other, one, share


def _nearest(
    fresh: set[str], among: set[str], sketches: Mapping[str, Any], crowded: set[str]
) -> Iterator[tuple[str, str, float]]:
    """Each fresh form with the nearest of the others, of those that are near enough.

    The fresh ones are few and go into the index; the others are looked up in it, each time among
    those only that are not settled yet, lest a thousand variations of one prompt meet them all.
    crowded: takes the fresh ones that have too many like them to go into the index.
    """
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    index = near.index()
    forms = sorted(fresh & sketches.keys())
    for at, form in enumerate(forms if among else ()):
        if len(index.query(sketches[form])) < near.CROWD:
            index.insert(at, sketches[form])
        else:
            crowded.add(form)
    unsettled = set(range(len(forms)))
    found: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for form in sorted(among & sketches.keys()) if forms else ():
        some = sorted(unsettled.intersection(index.query(sketches[form])))
        for _, share, which in process.extract(
            form, [forms[at] for at in some], scorer=ratio, score_cutoff=near.SIMILAR, limit=None
        ):
            found[some[which]].append((share, form))
            if len(found[some[which]]) == ENOUGH:
                unsettled.remove(some[which])
        if not unsettled:
            break
    for at, others in sorted(found.items()):
        share, form = max(others)
        yield forms[at], form, share
