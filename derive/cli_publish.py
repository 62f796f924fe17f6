"""The command `publish`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from derive.cli_options import common, open_folder

if TYPE_CHECKING:
    from derive.publishing import Published


@click.command(
    epilog="""\b
Examples:
  derive publish brazil --repo my-team/brazil-safety
  derive publish brazil --repo my-team/brazil-safety --yes
  derive publish brazil --repo my-team/brazil-safety --public --yes

The token is taken from HF_TOKEN, or from the login (hf auth login). Readers then say
load_dataset("my-team/brazil-safety", "v1.0"), or revision="v1.0"."""
)
@click.argument("folder", metavar="DIR")
@click.option("--repo", default="", metavar="NS/NAME", help="Default: as derive.toml says.")
@click.option("--yes", "go", is_flag=True, help="Do it; without it, only tell what would be done.")
@click.option("--version", default="", metavar="V", help="As v1.0. Default: the next one.")
@click.option(
    "--private/--public", default=None, help="Default: as the terms ask, or as the dataset is."
)
@common
def publish(
    folder: str, repo: str, go: bool, version: str, private: bool | None, as_json: bool
) -> int:
    """Publish the variant on the Hub; a dry run unless --yes is given."""
    from derive import render
    from derive.publishing import publish as publish_variant

    def tell(line: str) -> None:
        if not as_json:
            click.echo(line, err=True)

    done = publish_variant(
        open_folder(folder), repo, version=version, private=private, go=go, tell=tell
    )
    if as_json:
        render.document({"dry_run": not go, **done.as_dict()}, done.findings)
        return 0
    _show(done, go)
    if len(done.findings):
        render.findings(done.findings, limit=5)
    if not go and not done.plan.nothing_to_do:
        click.echo("\nThis was a dry run: nothing went up. To publish, add --yes")
    return 0


def _show(done: Published, go: bool) -> None:
    plan = done.plan
    address = f"https://huggingface.co/datasets/{plan.repo}"
    if plan.nothing_to_do:
        click.echo(f"{plan.version} is published already, as it is here: {address}")
        return
    what = "a new dataset" if plan.state is None else "a dataset that is there"
    click.echo(f"{plan.repo}: {what}")
    click.echo(f"  visibility  {'private' if plan.private else 'public'}")
    click.echo(f"  gating      {_GATING[plan.gated]}")
    click.echo(f"  version     {plan.version}: tag, and config beside `default`")
    if plan.commit:
        click.echo(f"{plan.version} is there; its settings change")
    else:
        click.echo("\nfiles (bytes, SHA-256):")
        for one in plan.uploads:
            fate = plan.fate(one)
            click.echo(f"  {fate:<8}  {one.path:<28} {one.size:>12,}  {one.sha256}")
        for title, paths in (("deleted", plan.deleted), ("stays", plan.stays)):
            for path in paths:
                click.echo(f"  {title:<8}  {path}")
    for path in done.left:
        click.echo(f"  left out  {path}: not written by derive build")
    if go:
        click.echo(f"\npublished: {address}/tree/{plan.version} (commit {done.commit})")


_GATING = {
    "": "none",
    "auto": "readers accept the terms",
    "manual": "readers ask, and you let them in",
}
