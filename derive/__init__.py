"""From a safety dataset written for one country to a published regional variant.

The functions below are the Python API; the command line calls the same ones. They are imported
when first used, so that ``import derive`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "DeriveError": "derive.errors",
    "Finding": "derive.findings",
    "Findings": "derive.findings",
    "Project": "derive.project",
    "read_release": "derive.release.read",
    "check": "derive.release.check",
    "flag": "derive.flag.stage",
    "translate": "derive.translate.stage",
    "load_engine": "derive.translate.models",
    "write_worksheets": "derive.worksheet.stage",
    "collect": "derive.worksheet.collect.collect",
    "build": "derive.variant.build",
    "run": "derive.pipeline",
}

__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'derive' has no attribute {name!r}")
