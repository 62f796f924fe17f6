"""How a command ends when it cannot be done: one message, or one JSON document, and exit code 2."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from derive.errors import DeriveError, from_os_error


class Commands(click.Group):
    """Errors become one message and exit code 2; a traceback only with --debug."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line and exit."""
        arguments = list(kwargs.get("args") or (args[0] if args else None) or sys.argv[1:])
        as_json = "--json" in arguments
        kwargs["standalone_mode"] = False
        try:
            with _ended_like_interrupted():
                code = super().main(*args, **kwargs) or 0
            sys.exit(code)
        except click.exceptions.Abort:
            error = DeriveError("Stopped", fix="run the same command again to go on from here")
        except click.ClickException as problem:
            if isinstance(problem, click.exceptions.NoArgsIsHelpError):
                problem.show()
                sys.exit(2)
            error = DeriveError(problem.format_message(), fix="see --help")
        except DeriveError as problem:
            error = problem
        except BrokenPipeError:  # the reader, such as `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as problem:
            error = from_os_error(problem, "working")
        if "--debug" in arguments:
            raise error
        _fail(error, as_json)


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """SIGTERM, with which batch systems end a job, stops the work as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():  # it takes no signals
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _fail(error: DeriveError, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps({"ok": False, "error": error.as_dict()}, ensure_ascii=False, indent=2)
        )
    else:
        click.echo(f"error: {error}", err=True)
    sys.exit(2)
