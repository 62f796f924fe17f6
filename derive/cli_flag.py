"""The command `flag`, its audit of tags and its evaluation on labelled questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from derive.cli_options import common, open_folder, show


@click.command(
    epilog="""\b
Examples:
  derive flag brazil
  derive flag brazil --audit
  derive flag --evaluate questions.jsonl --source-culture ja-JP"""
)
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--audit", is_flag=True, help="Report tags that the marks speak against.")
@click.option("--evaluate", metavar="FILE", help="Measure on labelled questions instead (JSONL).")
@click.option(
    "--source-culture", default="", metavar="TAG", help="To evaluate. Default: the file's own."
)
@click.option("--limit", default=10, show_default=True, help="Tags or errors shown of each kind.")
@common
def flag(
    folder: str | None,
    audit: bool,
    evaluate: str | None,
    source_culture: str,
    limit: int,
    as_json: bool,
) -> int:
    """Mark what is tied to the source culture and route every item."""
    from derive import render
    from derive.errors import DeriveError
    from derive.pipeline import redo

    if evaluate and not audit:
        return _evaluate(Path(evaluate), folder, source_culture, limit, as_json)
    if folder is None or evaluate or source_culture:
        raise DeriveError(
            "Name a project folder, or a file of labelled questions",
            fix="derive flag DIR, derive flag DIR --audit, or derive flag --evaluate FILE",
        )
    project = open_folder(folder)
    with render.progress(not as_json) as report:
        result = redo(project, "flag", report)
    if not audit:
        return show(result, as_json)
    from derive.findings import Findings
    from derive.tag_audit import KINDS
    from derive.tag_audit import audit as audit_tags

    doubts = audit_tags(project)
    counts = {kind: sum(one.kind == kind for one in doubts) for kind in KINDS}
    if as_json:
        render.document({"counts": counts, "doubts": [one.as_dict() for one in doubts]}, Findings())
        return 0
    for kind, of_kind in groupby(doubts, key=lambda one: one.kind):
        listed = list(of_kind)
        click.echo(f"\n{KINDS[kind]} ({len(listed)}):")
        for one in listed[:limit]:
            click.echo(f"  {one.strength:5.2f}  {one.item}: {one.message}\n         {one.prompt}")
            for reason in one.marks:
                click.echo(f"         - {reason}")
        _more(listed, limit)
    click.echo(f"\n{len(doubts)} tags to look at again, the strongest doubts of each kind first")
    return 0


def _evaluate(
    file: Path, folder: str | None, source_culture: str, limit: int, as_json: bool
) -> int:
    from derive import render
    from derive.errors import DeriveError
    from derive.findings import Findings
    from derive.flag.evaluate import judge, measure, read_labelled
    from derive.flag.lexicon import load_lexicon
    from derive.flag.patterns import load_patterns
    from derive.locales import ENGLISH, load
    from derive.own_data import check_own_lexicon

    rows = read_labelled(file)
    own = Path(folder) / "lexicon.csv" if folder else None
    named = sorted({row["culture"] for row in rows} - {"other", "universal"})
    pack = load(source_culture or (named[0] if len(named) == 1 else ENGLISH))
    if pack.lexicon is None:
        raise DeriveError(
            f"There is no lexicon of {source_culture or ', '.join(named) or 'the file’s culture'}",
            where=file,
            fix="say --source-culture TAG, one that has a lexicon: see derive locales list",
        )
    check_own_lexicon(own)
    lexicon = load_lexicon(pack.lexicon, own if own and own.is_file() else None)
    figures = measure(judge(rows, pack.tag, lexicon, load_patterns(pack)))
    if as_json:
        render.document({"file": str(file), "source_culture": pack.tag, **figures}, Findings())
    else:
        _figures(figures, pack.tag, limit)
    return 0


def _figures(figures: Mapping[str, Any], culture: str, limit: int) -> None:
    specific, spans = figures["specific"], figures["spans"]
    click.echo(f"{figures['questions']} labelled questions, against {culture}\n")
    click.echo(f"specific to {culture} or not:")
    click.echo(f"  {_rates(specific)}  F1 {_rate(specific['f1'])}")
    for name, one in figures["flagged_by_culture"].items():
        click.echo(f"  flagged of {name}: {one['flagged']} of {one['questions']}")
    click.echo(f"\nlevels, {_rate(figures['levels_right'])} of them right:")
    columns = list(next(iter(figures["levels"].values())))
    click.echo(f"  {'':12}" + "".join(f"{name:>14}" for name in columns))
    for name, row in figures["levels"].items():
        click.echo(f"  {name:12}" + "".join(f"{row[column]:14}" for column in columns))
    click.echo(f"\nspans, {spans['labelled']} labelled and {spans['marked']} marked:")
    click.echo(f"  overlapping: {_rates(spans)}")
    exact = {"precision": spans["exact_precision"], "recall": spans["exact_recall"]}
    click.echo(f"  exact:       {_rates(exact)}")
    click.echo(f"  slot right:  {_rate(spans['slot_right_of_found'])} of the spans found")
    for kind, title in (
        ("false_flags", f"flagged, and not of {culture}"),
        ("missed", f"of {culture}, and not flagged"),
        ("level_errors", "flagged with another level"),
    ):
        click.echo(f"\n{title} ({len(figures[kind])}):")
        for one in figures[kind][:limit]:
            levels = f"{one['level']} as {one['suggested']}"
            marks = ", ".join(one["marks"]) or "no marks"
            click.echo(f"  {one['id']}: {levels}: {one['text']}\n      {marks}")
        _more(figures[kind], limit)
    missed = [f"{one['surface']} [{one['slot']}]" for one in figures["missed_spans"]]
    if missed:
        click.echo(f"\nspans not marked ({len(missed)}): {', '.join(missed[:limit])}")
        _more(missed, limit)


def _rates(of: Mapping[str, float | None]) -> str:
    return f"precision {_rate(of['precision'])}  recall {_rate(of['recall'])}"


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _more(listed: Sequence[Any], limit: int) -> None:
    if len(listed) > limit:
        click.echo(f"  … and {len(listed) - limit} more")
