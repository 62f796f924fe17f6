"""The commands around translation models: models list, show, add, remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.cli_options import common

if TYPE_CHECKING:
    from derive.translate.models import Model


def add_commands(cli: click.Group) -> None:
    """Put the commands of this module under `derive`."""
    cli.add_command(models)


@click.group()
def models() -> None:
    """What there is to translate with."""


@models.command("list")
@click.option("--for", "locale", default="", metavar="TAG", help="Only what translates into it.")
@common
def models_list(locale: str, as_json: bool) -> int:
    """List the models there are: of locale packs, those that were added, and the one of dry runs.

    With --for also those that the locale's pack recommends, with their licences.
    """
    from derive import render
    from derive.languages import canonical
    from derive.locales import load, tags
    from derive.translate import store
    from derive.translate.engine import covers
    from derive.translate.models import PSEUDO_MODEL, load_model

    paths = [path for tag in tags() if (path := load(tag).model)]
    paths += [store.home() / name for name in store.names()]
    found = [*map(load_model, paths), PSEUDO_MODEL]
    if not locale:
        return _show(found, as_json)
    tag = canonical(locale)
    found = [one for one in found if covers(one.descriptor["target_languages"], tag)]
    recommended = load(tag).models
    _show(found, as_json, {"recommended": list(recommended)})
    if not as_json and recommended:
        click.echo(f"The pack of {tag} recommends; take one in with: derive models add REPO")
        keys = ("repo", "family", "licence")
        render.table(keys, [[one[key] for key in keys] for one in recommended])
    return 0


@models.command("show")
@click.argument("model", metavar="MODEL")
@common
def models_show(model: str, as_json: bool) -> int:
    """Show a model's descriptor, after comparing its files with it.

    MODEL is the tag of a locale that brings one, a folder, or the name of one that was added.
    """
    from derive.translate import store
    from derive.translate.models import find_model, load_model

    path = Path(model) if Path(model).is_dir() else store.path_of(model) or find_model(model)
    return _show([load_model(path)], as_json)


def _show(found: Sequence[Model], as_json: bool, more: Mapping[str, Any] = {}) -> int:
    """Models, as a table or JSON with `more` in it."""
    from derive import render
    from derive.findings import Findings

    rows = [{"path": str(one.path), **one.descriptor} for one in found]
    if as_json:
        render.document({"models": rows, **more}, Findings())
        return 0
    render.table(
        ("name", "version", "from", "into", "licence", "folder"),
        [
            [
                row["name"],
                row["version"],
                _few(row["source_languages"]),
                _few(row["target_languages"]),
                row["licence"],
                row["path"],
            ]
            for row in rows
        ],
    )
    return 0


def _few(languages: Sequence[str]) -> str:
    return ", ".join(languages) if len(languages) <= 4 else f"{len(languages)} languages"


@models.command(
    "add",
    epilog="""\b
Examples:
  derive models add Helsinki-NLP/opus-mt-en-fr
  derive models add facebook/nllb-200-distilled-600M --from en --into pt-BR
  derive models add my-finetuned-model/ --from en --into id-ID --quantization float16""",
)
@click.argument("source", metavar="REPO_OR_FOLDER")
@click.option("--quantization", default="int8", show_default=True, help="Of a model to convert.")
@click.option("--from", "from_", default="", metavar="TAG", help="The language it is tried from.")
@click.option("--into", default="", metavar="TAG", help="The language it is tried into.")
@click.option("--licence", default="", help="Instead of what the model's card says.")
@click.option("--name", default="", help="To find it by; by default as the repository or folder.")
@common
def models_add(source: str, as_json: bool, **given: Any) -> int:
    """Take a model in: a CTranslate2 model, or a checkpoint to convert (extra `convert`).

    REPO_OR_FOLDER is a Hub repository (owner/name@revision) or a folder. Code of a repository is
    never run.
    """
    from derive import render
    from derive.findings import Findings
    from derive.translate import store

    asked = store.Asked(source=given.pop("from_"), target=given.pop("into"), **given)
    with render.progress(not as_json) as report:
        added, tried = store.add(source, asked, report)
    described, name = added.descriptor, added.path.name
    size = sum(file.stat().st_size for file in added.path.iterdir())
    if as_json:
        render.document({"name": name, "bytes": size, "tried": tried, **described}, Findings())
        return 0
    click.echo(f"{name}: {described['family']}, {size / 1e6:,.0f} MB")
    if commit := described.get("revision"):
        click.echo(f"commit: {commit}")
    click.echo(f"licence: {described['licence']}")
    click.echo(f"in {added.path}")
    click.echo(tried)
    if described["licence"] in (store.UNKNOWN, "other"):
        click.echo("The card does not say under which terms: see it, and add --licence", err=True)
    click.echo(f"use it with: derive run … --model {name}", err=True)
    return 0


@models.command("remove")
@click.argument("name")
@common
def models_remove(name: str, as_json: bool) -> int:
    """Remove a model that was added."""
    from derive import render
    from derive.findings import Findings
    from derive.translate import store

    store.remove(name)
    if as_json:
        render.document({"removed": name}, Findings())
    else:
        click.echo(f"removed: {name}")
    return 0
