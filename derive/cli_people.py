"""The commands around people: worksheets out, worksheets back, terms, memory, agreement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from derive.cli_options import common, open_folder, show

ROLES = ("translator", "reviewer", "adjudicator")
ROUTES = ("translate", "adapt", "rewrite")
ONLY = ("waiting", "stale", "held")


def add_commands(cli: click.Group) -> None:
    """Put the commands of this module under `derive`."""
    for command in (worksheet, collect, agreement, feedback, terms, memory):
        cli.add_command(command)


@click.command(
    epilog="""\b
Examples:
  derive worksheet brazil
  derive worksheet brazil --format xliff --split-by people=Ana,Bruno
  derive worksheet brazil --role reviewer
  derive worksheet brazil --double --split-by people=2 --route adapt"""
)
@click.argument("folder", metavar="DIR")
@click.option("--format", "formats", default="", metavar="NAMES", help="Default: xlsx,csv.")
@click.option("--role", type=click.Choice(ROLES), default="translator", help="Whom it is for.")
@click.option(
    "--route", "routes", multiple=True, type=click.Choice(ROUTES), help="May be repeated."
)
@click.option("--only", type=click.Choice(ONLY), default=None, help="Only units of this kind.")
@click.option(
    "--split-by", default="", metavar="HOW", help="people=3, people=Ana,Bruno, harm_type, level …"
)
@click.option("--double", is_flag=True, help="Each unit goes to two people.")
@click.option(
    "--coverage",
    default=0.0,
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Add blank units where less than this share of a taxonomy path's items is left.",
)
@common
def worksheet(folder: str, formats: str, as_json: bool, **given: Any) -> int:
    """Write the worksheets for people: translators, reviewers or adjudicators."""
    from derive import render
    from derive.errors import DeriveError
    from derive.pipeline import redo, write_worksheets
    from derive.worksheet.formats.registry import DEFAULT, FORMATS
    from derive.worksheet.stage import Ask

    wanted = tuple(name.strip() for name in formats.split(",") if name.strip()) or DEFAULT
    unknown = set(wanted) - set(FORMATS)
    if unknown:
        raise DeriveError(
            f"--format {formats}: there is no {min(unknown)!r}", fix=f"use {', '.join(FORMATS)}"
        )
    ask = Ask(**{**given, "formats": wanted, "only": given["only"] or ""})
    project = open_folder(folder)
    with render.progress(not as_json) as report:
        if ask == Ask() and not formats:
            result = redo(project, "worksheet", report)
        else:
            result = write_worksheets(project, ask, report)
    code = show(result, as_json)
    if not as_json:
        render.paths(result.outputs)
    return code


@click.command(
    epilog="""\b
Examples:
  derive collect brazil ana.xlsx bruno.csv
  derive collect brazil mails/ --dry-run
  derive collect brazil ana-2.xlsx --instead-of ana.xlsx"""
)
@click.argument("folder", metavar="DIR")
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken in.")
@click.option("--author", default="", metavar="NAME", help="Who filled rows that name nobody.")
@click.option(
    "--instead-of", multiple=True, metavar="FILE", help="The collected file that these replace."
)
@click.option("--reopen", multiple=True, metavar="KEY", help="A final unit that may be changed.")
@click.option(
    "--dismiss", multiple=True, metavar="KEY:CODE", help="A finding on a text to set aside."
)
@click.option("--limit", default=5, show_default=True, help="Findings shown of each kind.")
@common
def collect(folder: str, files: tuple[str, ...], limit: int, as_json: bool, **given: Any) -> int:
    """Read filled worksheets back: files, folders or zips, in any format derive writes."""
    from derive import render
    from derive.findings import Findings
    from derive.intake import Taken
    from derive.pipeline import collect as collect_files

    with render.progress(not as_json) as report:
        result = collect_files(
            open_folder(folder), [Path(file) for file in files], Taken(**given), report
        )
    if as_json:
        return show(result, as_json)
    # what was said of files that came before has been said
    names = set(result.details.get("taken", ()))
    found = result.findings
    shown = Findings(one for one in found if not names or one.file in names)
    render.result(result)
    render.findings(shown, limit)
    if len(shown) < len(found):
        click.echo(f"{len(found) - len(shown)} more on files collected before: work/findings-*")
    render.paths([Path(path) for path in result.details.get("reports", ())])
    return 1 if found.counts()["error"] else 0


@click.command(epilog="Example: derive agreement brazil --json")
@click.argument("folder", metavar="DIR")
@common
def agreement(folder: str, as_json: bool) -> int:
    """Tell how far people agree who translated the same units."""
    from derive import render
    from derive.exchange import agreement_of
    from derive.findings import Findings

    rows = agreement_of(open_folder(folder))
    if as_json:
        render.document({"agreement": rows}, Findings())
    else:
        render.agreement(rows)
    return 0


@click.command(epilog="Example: derive feedback brazil korea france --json")
@click.argument("folders", nargs=-1, required=True, metavar="DIR…")
@common
def feedback(folders: tuple[str, ...], as_json: bool) -> int:
    """Tell which source items several countries removed, replaced or rejected, and why."""
    from derive import render
    from derive.exchange import feedback as feedback_of
    from derive.findings import Findings

    rows = feedback_of([open_folder(folder) for folder in folders])
    if as_json:
        render.document({"items": rows}, Findings())
    else:
        render.feedback(rows)
    return 0


@click.command(epilog="Example: derive terms brazil --import glossary.tbx")
@click.argument("folder", metavar="DIR")
@click.option("--import", "source", metavar="FILE", help="CSV or TBX to take in, instead of all.")
@click.option("--export", "target", metavar="FILE", help="CSV or TBX to write.")
@common
def terms(folder: str, source: str | None, target: str | None, as_json: bool) -> int:
    """Show, take in or write out the project's terms, for drafts and checks."""
    from dataclasses import asdict

    from derive import render
    from derive.exchange import exchange_terms
    from derive.findings import Findings

    found = exchange_terms(
        open_folder(folder), Path(source) if source else None, Path(target) if target else None
    )
    if as_json:
        render.document({"terms": [asdict(one) for one in found]}, Findings())
    else:
        render.terms(found)
    return 0


@click.command(epilog="Example: derive memory brazil -o brazil.tmx")
@click.argument("folder", metavar="DIR")
@click.option("-o", "--output", required=True, metavar="FILE", help="The TMX file to write.")
@common
def memory(folder: str, output: str, as_json: bool) -> int:
    """Write the accepted translations as a translation memory (TMX). It holds source texts."""
    from derive import render
    from derive.exchange import write_memory

    count, findings = write_memory(open_folder(folder), Path(output))
    if as_json:
        render.document({"pairs": count, "output": output}, findings)
    else:
        click.echo(f"{count} pairs written: {output}", err=True)
        render.findings(findings, limit=5)
    return 0
