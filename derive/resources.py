"""Where the package's data are: inside it when installed from a wheel, beside it in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from derive.errors import DeriveError


def folder(name: str) -> Path:
    """The folder `schema` or `locales`, as a path.

    The wheel holds them under derive/_data; a checkout (and so an editable install) at its root.
    """
    package = Path(str(files("derive")))
    for candidate in (package / "_data" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise DeriveError(
        f"The package's data folder {name!r} is missing",
        where=package,
        fix="install the package again",
    )
