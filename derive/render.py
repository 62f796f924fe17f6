"""How results look: text for people (rich), one JSON document for programs. Called by cli.py."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from derive.findings import Findings
from derive.locales import LocalePack
from derive.progress import Report

PLAIN_EVERY = 5.0  # seconds between two plain progress lines


def document(content: Mapping[str, Any], found: Findings) -> None:
    """One JSON document on stdout."""
    whole = {
        "ok": not found.counts()["error"],
        **content,
        "findings": found.as_list(),
        "finding_counts": found.counts(),
    }
    click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


@contextmanager
def progress(shown: bool) -> Iterator[Report]:
    """A progress bar on a terminal, plain lines now and then otherwise; both on stderr."""
    if not shown:
        yield lambda what, done, total, unit: None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _plain()


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int, unit: str) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total, unit=unit)
            bar.update(tasks[what], completed=done, total=total)

        yield report


def _plain() -> Report:
    last: dict[str, float] = {}

    def report(what: str, done: int, total: int, unit: str) -> None:
        now = time.monotonic()
        first = last.setdefault(what, now)
        if done < total and now - first >= PLAIN_EVERY:
            last[what] = now
            click.echo(f"{what}: {done} of {total} {unit}", err=True)

    return report


def result(one: Any) -> None:
    """One line on what a stage did, on stderr."""
    counted = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in one.counts.items())
    note = "" if one.fresh else " (up to date)"
    click.echo(f"{one.stage}{note}: {counted}", err=True)


def findings(found: Findings, limit: int) -> None:
    """The findings by code, worst first, some of each with its place, and what to do."""
    for code, count, first in found.first_of_codes(max(limit, 1)):
        click.echo(f"\n{first[0].severity} {code} ({count}): {first[0].hint}")
        for one in first[:limit]:
            place = one.place()
            click.echo(f"  {place + ': ' if place else ''}{one.message}")
        if count > limit:
            click.echo(f"  … and {count - limit} more")
    click.echo(f"\n{_counted(found.counts())}")


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts.items())


def counts(of: Mapping[str, Mapping[str, int]], items: int) -> None:
    """Items by split, level and taxonomy path."""
    click.echo(f"{items} items")
    for name, values in of.items():
        click.echo(f"\nby {name}:")
        for key, count in values.items():
            click.echo(f"  {count:>6}  {key}")


def places(project: Any, results: Sequence[Any]) -> None:
    """Where everything is, after `run`."""
    click.echo(f"\nThe project is in {project.path}:")
    for one in results:
        if one.stage in ("worksheet", "build"):
            for path in one.outputs:
                click.echo(f"  {one.stage:<10} {path.relative_to(project.path)}")
    click.echo(f"Findings in full: {project.path / 'work'}/findings-*.jsonl")
    click.echo("Worksheets hold texts of the source: send them only to those who work on them.")


def coverage(rows: Sequence[Mapping[str, Any]], folder: Any) -> None:
    """What the variant covers of its source, a line a taxonomy path, and how to get the rest."""
    if not rows:
        return
    asked = rows[0]["wanted"] is not None
    names = ("source", "included", "new", "waiting", "removed", *("wanted", "missing") * asked)
    path = ("harm_type", "specific_harm")
    lines = []
    for row in rows:
        who = ", ".join(f"{count} {role}" for role, count in row["waiting_for"].items())
        labels = [row[f"{name}_en"] or row[name] or "-" for name in path]
        shown = {**row, "waiting": who or "0"}
        lines.append([*labels, *(str(shown[name]) for name in names)])
    totals = {name: sum(row[name] or 0 for row in rows) for name in names}
    lines.append(["", "all", *map(str, totals.values())])
    click.echo("")
    table(("harm type", "specific harm", *names), lines)
    if totals.get("missing"):
        click.echo(
            f"{totals['missing']} items are missing: finish what waits, or ask for new ones with"
            f" derive worksheet {folder} --coverage SHARE"
        )


def paths(written: Sequence[Any]) -> None:
    """The files that were written."""
    for path in written:
        click.echo(f"  {path}")


def agreement(rows: Sequence[Mapping[str, Any]]) -> None:
    """How far people agree, a line a group."""
    if not rows:
        click.echo("nobody has translated a unit that somebody else translated as well")
        return
    names = [name for name in rows[0] if not name.endswith("_interval")]
    lines = []
    for row in rows:
        cells = []
        for name in names:
            shown = _figure(row[name])
            if interval := row.get(f"{name}_interval"):
                shown += f" [{_figure(interval[0])}, {_figure(interval[1])}]"
            cells.append(shown)
        lines.append(cells)
    table([name.replace("_", " ") for name in names], lines)


def feedback(rows: Sequence[Mapping[str, Any]]) -> None:
    """Source items that countries gave up, a line an item."""
    names = ("removed", "replaced", "rejected", "held")
    table(
        ("item", *names, "countries", "reasons"),
        [
            [
                row["item"],
                *(str(row[name]) for name in names),
                ", ".join(row["countries"]),
                "; ".join(row["reasons"]),
            ]
            for row in rows
        ],
    )


def _figure(value: Any) -> str:
    return "-" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def terms(found: Sequence[Any]) -> None:
    """The project's terms."""
    rows = [
        [one.source, one.target, "forbidden" if one.forbidden else "", one.note] for one in found
    ]
    table(("source", "target", "", "note"), rows)


def inspection(seen: Mapping[str, Any]) -> None:
    """Columns and mapping of a release."""
    click.echo(f"{seen['source']}: {seen['rows']} rows, profile {seen['profile']}")
    languages = seen["languages"]
    click.echo(f"languages: source {languages['source']}, pivot {languages['pivot'] or 'none'}")
    click.echo(f"splits: {', '.join(f'{name} {count}' for name, count in seen['splits'].items())}")
    table(
        ("column", "field", "filled", "distinct", "type", "example"),
        [list(map(str, column.values())) for column in seen["columns"]],
    )
    click.echo("\nmapping:")
    for one in seen["mapping"]:
        click.echo(f"  {one['field']} ← {one['column']!r} (by {one['how']}: {one['why']})")
    click.echo(f"fields without a column: {', '.join(seen['missing']) or 'none'}")


def audit(files: Sequence[Mapping[str, Any]], items: int) -> None:
    """What became of a derivation's rows, a line a file."""
    click.echo(f"{items} items in the release")
    names = ("rows", "matched", "lost", "extra", "doubled")
    rows = []
    for one in files:
        how = ", ".join(f"{way} {count}" for way, count in one["how"].items()) or "not at all"
        sure = f" ({one['sure']})" if one["sure"] else ""
        counted = ["?" if one[name] is None else str(one[name]) for name in names]
        rows.append([one["file"], one["language"] or "?", *counted, how + sure])
    table(("file", "language", *names, "matched by"), rows)


def status(seen: Mapping[str, Any]) -> None:
    """The state of a project."""
    source = seen["source"]
    click.echo(
        f"{seen['project']}: {source.get('dataset', '?')} to {seen['locale']} in {seen['path']}"
    )
    rows = []
    for stage in seen["stages"]:
        counted = ", ".join(f"{key.replace('_', ' ')} {n}" for key, n in stage["counts"].items())
        found = _counted({key: n for key, n in stage["findings"].items() if n})
        rows.append([stage["stage"], stage["state"], stage["at"] or "", counted, found])
    table(("stage", "state", "at", "counts", "findings"), rows)
    if seen["routes"]:
        click.echo("\nitems by level and route:")
        for row in seen["routes"]:
            level = "untagged" if row["level"] is None else f"level {row['level']}"
            click.echo(f"  {row['items']:>6}  {level}, {row['route']}")
    _people(seen.get("people") or {})
    if leaked := seen["source_texts"]:
        click.echo(
            f"\n{leaked['items']} items of the variant hold texts of the source: {leaked['reason']}"
        )
    if out := seen.get("published"):
        later = "" if out["is_current"] else "; what is built since is another"
        click.echo(f"\npublished: {out['repo']} {out['version']}{later}")
    if seen["waiting"]:
        click.echo("\nnot in the variant:")
        for reason, count in seen["waiting"].items():
            click.echo(f"  {count:>6}  {reason}")


def _people(seen: Mapping[str, Any]) -> None:
    """How far the people are."""
    if not seen:
        return
    click.echo("\nunits that wait for:")
    for who, count in seen["waits_for"].items():
        click.echo(f"  {count:>6}  {who}")
    if seen["people"]:
        table(
            ("person", "issued", "handed in"),
            [[one["person"], str(one["issued"]), str(one["handed_in"])] for one in seen["people"]],
        )
    for name, days in seen["median_days"].items():
        if days is not None:
            click.echo(f"median days, {name.replace('_', ' ')}: {days}")
    if seen["blocks_build"]:
        click.echo("\nnot settled:")
    for status, keys in seen["blocks_build"].items():
        more = f" … and {len(keys) - 5} more" if len(keys) > 5 else ""
        click.echo(f"  {len(keys):>6}  {status}: {', '.join(keys[:5])}{more}")


def packs(found: Sequence[LocalePack], as_json: bool) -> int:
    """Locale packs, as a table or JSON."""
    parts = ("model", "guide", "counterparts", "lexicon")
    rows = [
        {
            "tag": pack.tag,
            "title": pack.title,
            "direction": pack.direction,
            **{part: str(path) if (path := getattr(pack, part)) else None for part in parts},
        }
        for pack in found
    ]
    if as_json:
        document({"locales": rows}, Findings())
        return 0
    head = ("tag", "title", "direction", *parts)
    table(
        head,
        [
            [str(row[k] or "-") if k not in parts else "yes" if row[k] else "-" for k in head]
            for row in rows
        ],
    )
    return 0


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on stdout."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*head, box=box.SIMPLE, pad_edge=False)
    for row in rows:
        shown.add_row(*map(Text, row))  # Text: brackets in data are no markup
    # off a terminal nothing is cut to a width
    Console(width=None if sys.stdout.isatty() else 200).print(shown)
