"""A difference between two releases told: as text for a terminal, as a changelog to publish."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from derive.files import canonical_json
from derive.profiles import TAXONOMY
from derive.release.changes import (
    WHY,
    Changed,
    Column,
    Diff,
    FieldChange,
    Leak,
    Moved,
    Note,
    Reclassified,
    Retagged,
)
from derive.text import canonical
from derive.wordiff import SIGNS, escape, pieces, word_diff

AROUND = 30  # characters of what stayed, shown on either side of a change
LONGEST = 160  # characters of a change shown in a line
NAMED = 10  # IDs named in a note

Entry = tuple[str, Sequence[FieldChange]]  # a line, and what it may show besides


def to_text(diff: Diff, limit: int = 5) -> str:
    """For a terminal, `limit` entries a section. It quotes the releases: for internal use."""
    lines = [f"{safe(diff.old.label)} → {safe(diff.new.label)}", *summary(diff)]
    for title, entries in _sections(diff, safe):
        lines += ["", f"{title} ({len(entries)})"]
        for line, changes in entries[:limit]:
            lines += [f"  {line}", *(f"      {_in_a_line(one)}" for one in changes)]
        if len(entries) > limit:
            lines.append(f"  … and {len(entries) - limit} more")
    return "\n".join(lines) + "\n"


def to_markdown(diff: Diff, *, quote: bool = False) -> str:
    """A changelog to publish: IDs and fields, and the releases' texts if their terms allow it.

    quote: with the texts whatever the terms say, which makes it for internal use only.
    """
    lines = [f"# {code_span(diff.old.label)} → {code_span(diff.new.label)}", "", *summary(diff)]
    for title, entries in _sections(diff, code_span):
        lines += ["", f"## {title} ({len(entries)})", ""]
        for line, changes in entries:
            lines.append(f"- {line}")
            for one in changes if quote or diff.quotable else ():
                lines += [f"  {part}" if part else "" for part in _in_a_block(one)]
    return "\n".join(lines) + "\n"


def summary(diff: Diff) -> list[str]:
    """How many items of each fate, and the suggested bump, in lines."""
    counts = diff.counts()
    told = ("unchanged", "changed", "moved", "renamed", "removed", "added")
    return [
        f"{counts['old']} items before, {counts['new']} now: "
        + ", ".join(f"{counts[name]} {name}" for name in told),
        "",
        f"Suggested version bump: {diff.bump} ({WHY[diff.bump]})",
    ]


def _sections(diff: Diff, code: Callable[[str], str]) -> Iterator[tuple[str, list[Entry]]]:
    """Title and entries of what there is; code shows what comes from a release."""

    def item(one: Moved | Changed | Retagged | Reclassified) -> str:
        return code(one.id) if one.id == one.new_id else f"{code(one.id)}, now {code(one.new_id)}"

    def column(one: Column) -> str:
        return f"{code(one.field)} in column {code(one.column)}, filled in {one.filled} items"

    def changes(one: Changed | Reclassified, fields: Sequence[FieldChange]) -> Entry:
        return f"{item(one)}: {', '.join(code(field.name) for field in fields)}", fields

    def leak(one: Leak) -> str:
        return (
            f"{code(one.old_id)} of the old {code(one.old_split)} is in the new "
            f"{code(one.new_split)}: {code(one.new_id)} ({code(one.field)}, {one.share:g} %)"
        )

    def note(one: Note) -> str:
        sides = [
            f"{word} {', '.join(map(code, names[:NAMED]))}{' …' * (len(names) > NAMED)}"
            for word, names in (("old", one.old), ("new", one.new))
            if names
        ]
        return "; ".join([one.message, *sides])

    def plain(lines: Iterable[str]) -> list[Entry]:
        return [(line, ()) for line in lines]

    rest = [
        (one, [field for field in one.fields if field.name not in ("level", *TAXONOMY)])
        for one in diff.changed
    ]
    sections = {
        "Columns renamed": plain(
            f"{code(one.field)}: column {code(one.old)} is {code(one.new)} now"
            for one in diff.columns_renamed
        ),
        "Columns added": plain(map(column, diff.columns_added)),
        "Columns removed": plain(map(column, diff.columns_removed)),
        "Items removed": plain(f"{code(one.id)} from {code(one.split)}" for one in diff.removed),
        "Items added": plain(f"{code(one.id)} to {code(one.split)}" for one in diff.added),
        "Moved to another split": plain(
            f"{item(one)}: {code(one.old_split)} to {code(one.new_split)}" for one in diff.moved
        ),
        "IDs renamed": plain(
            f"{code(one.old_id)} is {code(one.new_id)} now (same {one.by})" for one in diff.renamed
        ),
        "Texts and other columns changed": [changes(*both) for both in rest if both[1]],
        "Levels changed": plain(
            f"{item(one)}: {_level(one.old)} to {_level(one.new)}" for one in diff.retagged
        ),
        "Taxonomy changed": [changes(one, one.steps) for one in diff.reclassified],
        "Leaks between splits": plain(map(leak, diff.leaks)),
        "Notes": plain(map(note, diff.notes)),
    }
    return ((title, entries) for title, entries in sections.items() if entries)


def _level(level: int | None) -> str:
    return "untagged" if level is None else str(level)


def _values(change: FieldChange) -> tuple[str, str]:
    """Both values as texts, in canonical form: what does not count as a change is not shown."""
    old, new = (
        "" if one is None else one if isinstance(one, str) else canonical_json(one)
        for one in (change.old, change.new)
    )
    return canonical(old), canonical(new)


def _in_a_line(change: FieldChange) -> str:
    """The word diff in one line, without most of what stayed and the middle of long changes."""
    found = pieces(*_values(change))
    shown = ""
    for at, (sign, text) in enumerate(found):
        most, least = (2 * AROUND, AROUND) if sign == "=" else (LONGEST, LONGEST // 2)
        if len(text) > most:
            head = text[:least] if at or sign != "=" else ""
            tail = text[-least:] if at < len(found) - 1 or sign != "=" else ""
            text = f"{head}…{tail}"
        shown += SIGNS[sign].format(escape(text))
    return f"{safe(change.name)}: {safe(shown)}"


def _in_a_block(change: FieldChange) -> list[str]:
    """The whole word diff in a code block that it cannot end itself."""
    lines = [safe(line) for line in word_diff(*_values(change)).split("\n")]
    fence = "`" * max(3, 1 + max(map(_longest_run, lines)))
    return ["", f"{code_span(change.name)}:", "", f"{fence}text", *lines, fence, ""]


def code_span(text: str) -> str:
    """A code span, which Markdown takes for nothing else."""
    line = safe(text)
    ticks = "`" * (1 + _longest_run(line))
    space = " " if line[:1] in ("`", " ", "") or line[-1:] in ("`", " ") else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def safe(text: str) -> str:
    """In one line, and nothing in it that a terminal acts on or that turns the text round."""
    kept = "\u3000\u200c\u200d"
    return "".join(
        char if char.isprintable() or char in kept else char.encode("unicode_escape").decode()
        for char in text
    )
