"""The commands around translation models: models list, show, add, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from derive.cli_options import common


def add_commands(cli: click.Group) -> None:
    """Put the commands of this module under `derive`."""
    cli.add_command(models)


@click.group()
def models() -> None:
    """What there is to translate with."""


@models.command("list")
@common
def models_list(as_json: bool) -> int:
    """List the models that come with locale packs, and those that were added."""
    from derive import render
    from derive.locales import load, tags
    from derive.translate import store
    from derive.translate.models import load_model

    paths = [path for tag in tags() if (path := load(tag).model)]
    paths += [store.home() / name for name in store.names()]
    return render.models([load_model(path) for path in paths], as_json)


@models.command("show")
@click.argument("model", metavar="MODEL")
@common
def models_show(model: str, as_json: bool) -> int:
    """Show a model's descriptor, after comparing its files with it.

    MODEL is the tag of a locale that brings one, a folder, or the name of one that was added.
    """
    from derive import render
    from derive.translate import store
    from derive.translate.models import find_model, load_model

    path = Path(model) if Path(model).is_dir() else store.path_of(model) or find_model(model)
    return render.models([load_model(path)], as_json)


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
@click.option("--licence", default="", help="Where the model's card does not say.")
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
    from derive.translate.models import try_out

    target = given.pop("into")
    asked = store.Asked(source=given.pop("from_"), target=target, **given)
    added = store.add(source, asked)
    tried = try_out(added, asked.source, target)
    size = sum(file.stat().st_size for file in added.path.iterdir())
    if as_json:
        content = {"name": added.path.name, "bytes": size, "tried": tried, **added.descriptor}
        render.document(content, Findings())
        return 0
    click.echo(f"{added.path.name}: {added.descriptor['family']}, {size / 1e6:,.0f} MB")
    click.echo(f"licence: {added.descriptor['licence']}")
    click.echo(f"in {added.path}")
    click.echo(tried or "not tried: say --from TAG --into TAG to see a sentence of it")
    click.echo(f"use it with: derive run … --model {added.path.name}", err=True)
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
