"""What several commands share: options, what they stand for, how a result is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from derive.pipeline import Asked
    from derive.release.read import Options

Command = Callable[..., Any]


def common(command: Command) -> Command:
    """--json and --debug, which every command has."""
    command = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(
        command
    )
    return click.option("--debug", is_flag=True, help="Show a traceback.", expose_value=False)(
        command
    )


def reading_options(command: Command) -> Command:
    """How a SOURCE's columns are told, and which of a dataset's configs and revisions it is."""
    for option in reversed(
        (
            click.option(
                "--profile", default="", metavar="P", help="Profile: a name or a JSON file."
            ),
            click.option(
                "--map",
                "overrides",
                multiple=True,
                metavar="FIELD=COLUMN",
                help="The column of a field, as in --map prompt=question. May be repeated.",
            ),
            click.option("--config", default="", help="Config of a dataset with several, as v2.2."),
            click.option("--revision", default="", help="Branch, tag or commit on the Hub."),
            click.option(
                "--source-language", default="", metavar="TAG", help="Where no profile fits."
            ),
            click.option(
                "--pivot-language", default="", metavar="TAG", help="Where no profile fits."
            ),
        )
    ):
        command = option(command)
    return command


def source_options(command: Command) -> Command:
    """How a SOURCE is read."""
    for option in reversed(
        (
            click.option(
                "--split", "splits", multiple=True, help="Only this split. May be repeated."
            ),
            click.option("--keep-going", is_flag=True, help="Leave out rows that cannot be items."),
        )
    ):
        command = option(command)
    return reading_options(command)


def model_options(command: Command) -> Command:
    """What to translate with."""
    for option in reversed(
        (
            click.option(
                "--model",
                default="",
                metavar="NAME",
                help="A folder, one that was added, or pseudo (a dry run).",
            ),
            click.option(
                "--via",
                default="",
                metavar="NAME",
                help="A first model, for what --model cannot read.",
            ),
            click.option(
                "--from",
                "from_",
                default="",
                type=click.Choice(["", "pivot", "source"]),
                metavar="pivot|source",
                help="The text to translate. Default: pivot.",
            ),
            click.option(
                "--device",
                default="",
                type=click.Choice(["", "auto", "cpu", "cuda"]),
                metavar="auto|cpu|cuda",
                help="Default: auto.",
            ),
            click.option("--compute-type", default="", help="CTranslate2's: int8, float16 …"),
            click.option("--beam-size", default=0, help="Default: 1."),
            click.option(
                "--alternatives", default=0, metavar="N", help="Keep the N best of each text."
            ),
            click.option(
                "--round-trip", default="", metavar="NAME", help="Translate back with this model."
            ),
            click.option(
                "--omissions", is_flag=True, help="Look for words that were not translated (slow)."
            ),
        )
    ):
        command = option(command)
    return command


_SOURCE_KEYS = ("profile", "config", "revision", "splits", "keep_going")
_LANGUAGE_KEYS = ("source_language", "pivot_language")
_MODEL_KEYS = (
    *("model", "via", "from_", "device", "compute_type", "beam_size", "alternatives"),
    *("round_trip", "omissions"),
)


def options(given: dict[str, Any]) -> Options:
    """How the release is to be read, from the values of `source_options`."""
    from derive.languages import canonical
    from derive.profiles import parse_map
    from derive.release.read import Options

    languages = {key: given[key] and canonical(given[key]) for key in _LANGUAGE_KEYS}
    return Options(
        **{**{key: given[key] for key in _SOURCE_KEYS if key in given}, **languages},
        overrides=parse_map(given["overrides"]),
    )


def asked(source: str, locale: str, given: dict[str, Any]) -> Asked:
    """All that `run` and `init` were asked."""
    from derive.pipeline import Asked

    model = {key: given[key] for key in _MODEL_KEYS if key in given}
    return Asked(source, locale, options(given), **model)


def open_folder(folder: str) -> Any:
    """The project in a folder."""
    from derive.project import open_project

    return open_project(Path(folder))


def show(result: Any, as_json: bool, limit: int = 5) -> int:
    """Print what a stage did; the exit code."""
    from derive import render

    if as_json:
        render.document(result.as_dict(), result.findings)
    else:
        render.result(result)
        render.findings(result.findings, limit)
    return 1 if result.findings.counts()["error"] else 0
