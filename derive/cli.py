"""The command line: parses, calls, prints. The only place that prints or exits.

Data go to stdout, talk to stderr. With --json, stdout holds one JSON document, even
when something fails. Exit codes: 0 done; 1 done, with findings of severity error; 2 it could not
be done.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from derive import __version__, cli_locales, cli_models, cli_people, cli_publish, cli_releases
from derive.cli_errors import Commands
from derive.cli_flag import flag
from derive.cli_options import (
    asked,
    common,
    model_options,
    open_folder,
    options,
    show,
    source_options,
)


def main() -> None:
    """The entry point of the `derive` command."""
    for stream in (sys.stdout, sys.stderr):
        # texts in any script must not fail on a terminal of a narrow encoding
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    cli()


def _done(findings: Any) -> int:
    return 1 if findings.counts()["error"] else 0


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  derive run examples/sample-release --locale pt-BR -o brazil
  derive run llm-jp/AnswerCarefully@main:v2.2 --locale pt-BR -o brazil
  derive check examples/sample-release
  derive status brazil

SOURCE is a Hub dataset (namespace/name, …@revision, …:config), a folder saved by `datasets`,
a folder with a file a split, or one file: JSON, JSONL, CSV, TSV, Parquet, XLSX.""",
)
@click.version_option(__version__, prog_name="derive")
def cli() -> None:
    """From a safety dataset written for one country to a regional variant: check a release, flag
    what is culture-specific, translate the rest, hand worksheets to people, build the variant."""


@cli.command(
    epilog="Example: derive run questions.csv --map prompt=question --locale pt-BR -o brazil"
)
@click.argument("source")
@click.option("--locale", required=True, metavar="TAG", help="The variant's locale, as pt-BR.")
@click.option("-o", "--output", required=True, metavar="DIR", help="The project folder.")
@source_options
@model_options
@common
def run(source: str, locale: str, output: str, as_json: bool, **given: Any) -> int:
    """Do all that needs no people: init, check, flag, translate, worksheet, build."""
    from derive import render
    from derive.findings import Findings
    from derive.pipeline import run as run_all

    with render.progress(not as_json) as report:
        on_result = (lambda result: None) if as_json else render.result
        project, results = run_all(
            Path(output), asked(source, locale, given), report=report, on_result=on_result
        )
    findings = Findings.kept(lambda: (one for result in results for one in result.findings))
    if as_json:
        render.document(
            {"project": str(project.path), "stages": [one.as_dict() for one in results]}, findings
        )
    else:
        render.findings(findings, limit=3)
        render.places(project, results)
    return _done(findings)


@cli.command(epilog="Example: derive init brazil --source release.jsonl --locale pt-BR")
@click.argument("folder", metavar="DIR")
@click.option("--source", required=True, help="The release to derive from.")
@click.option("--locale", required=True, metavar="TAG", help="The variant's locale, as pt-BR.")
@source_options
@model_options
@common
def init(folder: str, source: str, locale: str, as_json: bool, **given: Any) -> int:
    """Make a project folder and pin the release in it."""
    from derive import render
    from derive.pipeline import init as init_project

    with render.progress(not as_json) as report:
        _, result = init_project(Path(folder), asked(source, locale, given), report=report)
    return show(result, as_json)


@cli.command(epilog="Example: derive check llm-jp/AnswerCarefully:v2.2")
@click.argument("source", metavar="SOURCE_OR_DIR")
@click.option("--limit", default=5, show_default=True, help="Findings shown of each kind.")
@source_options
@common
def check(source: str, limit: int, as_json: bool, **given: Any) -> int:
    """Validate a release, or a project's, and print the findings and counts."""
    from derive import render
    from derive.findings import Findings
    from derive.project import is_project, open_project
    from derive.release.check import check as check_items
    from derive.release.check import counts

    with render.progress(not as_json) as report:
        if is_project(Path(source)):
            from derive import tables
            from derive.pipeline import redo

            project = open_project(Path(source))
            findings = redo(project, "check", report).findings
            items = tables.read_parquet(project.items, tables.ITEMS)
        else:
            from dataclasses import replace

            from derive.release.read import read_release

            # a check shows all there is to mend, so it goes on where a run would refuse
            release = read_release(source, replace(options(given), keep_going=True))
            items = release.items
            findings = Findings(release.findings)
            findings.extend(
                check_items(items, release.profile, config=release.config, report=report)
            )
    if as_json:
        render.document({"items": items.height, "counts": counts(items)}, findings)
    else:
        render.counts(counts(items), items.height)
        render.findings(findings, limit)
    return _done(findings)


@cli.command(epilog="Example: derive inspect questions.csv --map prompt=question")
@click.argument("source")
@click.option("--write-profile", metavar="FILE", help="Save the mapping as a profile.")
@source_options
@common
def inspect(source: str, write_profile: str | None, as_json: bool, **given: Any) -> int:
    """Show a release's columns, which field each was taken for, and why."""
    from derive import render
    from derive.release import inspect as inspection

    seen, findings = inspection.inspect(source, options(given))
    if write_profile:
        inspection.write_profile(source, Path(write_profile), options(given))
    if as_json:
        render.document(seen, findings)
    else:
        render.inspection(seen)
        render.findings(findings, limit=5)
        if write_profile:
            click.echo(f"profile written: {write_profile}", err=True)
    return _done(findings)


def _stage_command(name: str, help_text: str) -> None:
    @common
    @click.argument("folder", metavar="DIR")
    def command(folder: str, as_json: bool) -> int:
        from derive import render
        from derive.pipeline import redo

        with render.progress(not as_json) as report:
            result = redo(open_folder(folder), name, report)
        return show(result, as_json)

    cli.command(name, help=help_text, epilog=f"Example: derive {name} brazil")(command)


_stage_command("translate", "Draft every text that the model can translate.")


@cli.command(
    epilog="""\b
Examples:
  derive build brazil
  derive build brazil --allow-source-texts "The authors agreed on 3 May, see docs/letter.pdf\""""
)
@click.argument("folder", metavar="DIR")
@click.option(
    "--allow-source-texts",
    "reason",
    metavar="REASON",
    help="Let in what people wrote that repeats the source; the reason is published.",
)
@common
def build(folder: str, reason: str | None, as_json: bool) -> int:
    """Write the variant of what needs no more people."""
    from derive import render
    from derive.building import allow_source_texts
    from derive.pipeline import redo

    project = open_folder(folder)
    if reason is not None:
        project = allow_source_texts(project, reason)
    with render.progress(not as_json) as report:
        result = redo(project, "build", report)
    code = show(result, as_json)
    if not as_json:
        render.coverage(result.details.get("coverage", ()), project.path)
    return code


cli.add_command(flag)
cli_models.add_commands(cli)
cli_locales.add_commands(cli)
cli_people.add_commands(cli)
cli_releases.add_commands(cli)
cli.add_command(cli_publish.publish)


@cli.command(epilog="Example: derive status brazil --json")
@click.argument("folder", metavar="DIR")
@common
def status(folder: str, as_json: bool) -> int:
    """Tell what is done, what is stale, and what waits for whom."""
    from derive import render
    from derive.findings import Findings
    from derive.status import status as status_of

    seen = status_of(open_folder(folder))
    if as_json:
        render.document(seen, Findings())
    else:
        render.status(seen)
    return 0
