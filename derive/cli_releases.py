"""The commands around releases and variants: diff, release, update, export, audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from derive.cli_options import common, open_folder, options, reading_options, source_options


def add_commands(cli: click.Group) -> None:
    """Put the commands of this module under `derive`."""
    for command in (diff, release, update, export, audit):
        cli.add_command(command)


@click.command(
    epilog="""\b
Examples:
  derive diff release-v1/ release-v2/
  derive diff llm-jp/AnswerCarefully:v2.0 llm-jp/AnswerCarefully:v2.2 --markdown"""
)
@click.argument("old")
@click.argument("new")
@click.option("--markdown", is_flag=True, help="A changelog to publish; it quotes no text.")
@click.option("--quote", is_flag=True, help="With texts, for internal use.")
@click.option("--limit", default=5, show_default=True, help="Items shown of each kind.")
@source_options
@common
def diff(
    old: str, new: str, markdown: bool, quote: bool, limit: int, as_json: bool, **given: Any
) -> int:
    """Tell what changed between two releases, and which version the newer one should have."""
    from dataclasses import replace

    from derive import render
    from derive.findings import Findings
    from derive.release.changelog import to_markdown, to_text
    from derive.release.diff import diff as compare
    from derive.release.read import read_release

    asked = replace(options(given), keep_going=True)
    with render.progress(not as_json):
        releases = [read_release(source, asked) for source in (old, new)]
        found = compare(*releases)
    findings = Findings(one for release in releases for one in release.findings.of("error"))
    if as_json:
        render.document(found.as_dict(), findings)
    else:
        click.echo(to_markdown(found, quote=quote) if markdown else to_text(found, limit))
        if len(findings):
            render.findings(findings, limit)
    return 1 if findings.of("error") else 0


@click.command(
    epilog="""\b
Examples:
  derive release raw/ -o dataset --version v2.2
  derive release raw/ -o dataset --version v2.3 --previous dataset:v2.2"""
)
@click.argument("source")
@click.option("-o", "--output", required=True, metavar="FOLDER", help="The dataset's folder.")
@click.option("--version", default="", metavar="V", help="As v2.3: a config of its own.")
@click.option("--previous", default="", metavar="SOURCE", help="The version before.")
@click.option("--limit", default=5, show_default=True, help="Findings shown of each kind.")
@reading_options
@common
def release(
    source: str,
    output: str,
    version: str,
    previous: str,
    limit: int,
    as_json: bool,
    **given: Any,
) -> int:
    """Make a release ready for others: checked, Parquet, card, changelog, withdrawn IDs."""
    from derive import render
    from derive.release.prepare import prepare

    with render.progress(not as_json) as report:
        done = prepare(
            source,
            Path(output),
            options(given),
            version=version,
            previous=previous,
            report=report,
        )
    if as_json:
        render.document(done.as_dict(), done.findings)
    else:
        render.counts(done.counts, done.items)
        render.findings(done.findings, limit)
        if done.difference:
            counted = [f"{n} {name}" for name, n in done.difference.counts().items() if n]
            click.echo(f"against the version before: {', '.join(counted)}", err=True)
            click.echo(f"suggested version bump: {done.difference.bump}", err=True)
        click.echo(f"{done.state}: {output}", err=True)
        render.paths(done.files)
    return 1 if done.findings.of("error") else 0


@click.command(
    epilog="""\b
Examples:
  derive update brazil --to llm-jp/AnswerCarefully:v3.0
  derive update brazil --undo"""
)
@click.argument("folder", metavar="DIR")
@click.option("--to", "source", metavar="SOURCE", help="The newer release.")
@click.option("--undo", is_flag=True, help="Back to the release before the last update.")
@click.option("--config", default="", help="Config of a dataset with several, as v2.2.")
@click.option("--revision", default="", help="Branch, tag or commit on the Hub.")
@click.option("--keep-going", is_flag=True, help="Leave out rows that cannot be items.")
@common
def update(folder: str, source: str | None, undo: bool, as_json: bool, **given: Any) -> int:
    """Take a newer release: unchanged items keep people's work, changed ones become stale."""
    from derive import render
    from derive.errors import DeriveError
    from derive.findings import Findings
    from derive.release.read import Options
    from derive.update import undo as undo_update
    from derive.update import update as update_project

    if bool(source) is undo:
        raise DeriveError("Say either --to or --undo", fix="see: derive update --help")
    project = open_folder(folder)
    with render.progress(not as_json) as report:
        if undo:
            done = undo_update(project, report=report)
        else:
            asked = project.config["source"]
            known = Options(
                profile=asked["profile"],
                overrides=asked["map"],
                splits=tuple(asked["splits"]),
                source_language=asked["language"],
                pivot_language=asked["pivot"],
                **given,
            )
            done = update_project(project, str(source), known, report=report)
    findings = Findings(one for result in done.results for one in result.findings)
    difference = done.difference
    if as_json:
        content: dict[str, Any] = {"stages": [one.as_dict() for one in done.results]}
        content["difference"] = difference.counts() if difference else None
        render.document(content, findings)
    else:
        for result in done.results:
            render.result(result)
        if difference:
            counted = [f"{count} {name}" for name, count in difference.counts().items() if count]
            click.echo(f"against the release before: {', '.join(counted) or 'nothing changed'}")
            for note in difference.notes:
                click.echo(f"  {note.message}")
        render.findings(findings, limit=3)
    return 1 if findings.of("error") else 0


@click.command(epilog="Example: derive export brazil --to messages -o messages/")
@click.argument("folder", metavar="DIR")
@click.option("--to", required=True, metavar="NAME", help="The harness: see the error for names.")
@click.option("-o", "--output", required=True, metavar="OUT", help="The folder to write into.")
@click.option("--repo", default="", metavar="NS/NAME", help="Where the variant is on the Hub.")
@common
def export(folder: str, to: str, output: str, repo: str, as_json: bool) -> int:
    """Write the variant in the shape of an evaluation or fine-tuning harness."""
    from derive import render
    from derive.exchange import export_variant

    paths, findings = export_variant(open_folder(folder), to, Path(output), repo)
    if as_json:
        render.document({"files": [str(path) for path in paths]}, findings)
    else:
        render.paths(paths)
        render.findings(findings, limit=5)
    return 0


@click.command(
    epilog="""\b
Examples:
  derive audit translations/ --against llm-jp/AnswerCarefully:v2.2
  derive audit korean.csv --against release.jsonl --locale ko-KR"""
)
@click.argument("variant")
@click.option("--against", required=True, metavar="SOURCE", help="The release it was made from.")
@click.option("--locale", default="", metavar="TAG", help="Its language, where it has only one.")
@click.option("--limit", default=5, show_default=True, help="Findings shown of each kind.")
@source_options
@common
def audit(variant: str, against: str, locale: str, limit: int, as_json: bool, **given: Any) -> int:
    """Tell what is wrong with somebody's derivation: IDs, rows, columns, texts, terms."""
    from derive import render
    from derive.auditing import audit_derivation

    with render.progress(not as_json) as report:
        done, release = audit_derivation(
            variant, against, options(given), locale=locale, report=report
        )
    if as_json:
        render.document({"items": release.items.height, "files": list(done.files)}, done.findings)
    else:
        render.audit(done.files, release.items.height)
        render.findings(done.findings, limit)
    return 1 if done.findings.of("error") else 0
