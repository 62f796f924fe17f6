"""The commands around locale packs: locales list, show, check, new."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.cli_options import common

if TYPE_CHECKING:
    from derive.locales import LocalePack


def add_commands(cli: click.Group) -> None:
    """Put the commands of this module under `derive`."""
    cli.add_command(locales)


@click.group()
def locales() -> None:
    """What there is to translate into, and from which cultures."""


@locales.command("list")
@common
def locales_list(as_json: bool) -> int:
    """List the locale packs."""
    from derive import render
    from derive.locales import load, tags

    packs = [load(tag) for tag in tags()]
    return render.packs(packs, as_json)


@locales.command("show")
@click.argument("tag")
@common
def locales_show(tag: str, as_json: bool) -> int:
    """Show what one locale pack brings."""
    from derive import render
    from derive.findings import Findings
    from derive.locales import check, load

    pack = load(tag)
    findings = check(pack.tag) if pack.path else Findings()
    about = _about(pack)
    if as_json:
        render.document({"locales": [about]}, findings)
        return 0
    for key, value in about.items():
        for line in _lines(value):
            click.echo(f"{key:14}{line}".rstrip())
            key = ""  # one name for several lines
    render.findings(findings, limit=5)
    return 0


def _about(pack: LocalePack) -> dict[str, Any]:
    from derive import languages
    from derive.locales import rows_of

    parts = ("model", "guide", "counterparts", "resources", "lexicon")
    schemas = {"counterparts": "counterpart", "resources": "resource", "lexicon": "lexicon-entry"}
    return {
        "tag": pack.tag,
        "title": pack.title,
        "name": pack.name,
        "script": languages.script(pack.tag),
        "direction": pack.direction,
        "numbers": dict(pack.numbers),
        "punctuation": dict(pack.punctuation),
        "money": dict(pack.money),
        "address": pack.address,
        "models": [dict(one) for one in pack.models],
        **{part: str(path) if (path := getattr(pack, part)) else None for part in parts},
        "rows": {part: len(rows_of(getattr(pack, part), schemas[part])) for part in schemas},
    }


def _lines(value: object) -> list[str]:
    """How a fact is shown: a table on one line, a list with an entry a line."""
    if isinstance(value, list):
        return [" ".join(_lines(one)) for one in value] or ["-"]
    if isinstance(value, Mapping):
        return ["; ".join(f"{key}: {' '.join(_lines(one))}" for key, one in value.items()) or "-"]
    return ["-" if value in (None, "") else str(value)]


@locales.command("check")
@click.argument("tag", required=False)
@common
def locales_check(tag: str | None, as_json: bool) -> int:
    """Check one locale pack, or all of them."""
    from derive import render
    from derive.findings import Findings
    from derive.locales import tags
    from derive.pipeline import check_locale

    wanted = [tag] if tag else tags()
    findings = Findings(one for name in wanted for one in check_locale(name))
    if as_json:
        render.document({"checked": wanted}, findings)
    else:
        click.echo(f"checked: {', '.join(wanted)}", err=True)
        render.findings(findings, limit=20)
    return 1 if findings.of("error") else 0


@locales.command("new")
@click.argument("tag")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="locales",
    envvar="DERIVE_LOCALES",
    show_default=True,
    show_envvar=True,
    help="Folder of the packs.",
)
@common
def locales_new(tag: str, output: Path, as_json: bool) -> int:
    """Make a new locale pack, with what CLDR knows filled in."""
    from derive import render
    from derive.findings import Findings
    from derive.locale_new import new_pack

    files = [str(path) for path in new_pack(tag, output.expanduser())]
    if as_json:
        render.document({"files": files}, Findings())
    else:
        click.echo("\n".join(files))
        click.echo(
            f"Fill in what says FILL IN, then: DERIVE_LOCALES={output} derive locales check {tag}",
            err=True,
        )
    return 0
