"""Imports go one way: top-level modules, then the rooms, then the stages and pipeline, then cli."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "derive"
ROOMS = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
FLOW = [
    "stage",
    "own_data",
    "people",
    "intake",
    "exchange",
    "documents",
    "edited",
    "building",
    "stages",
    "status",
    "pipeline",
    "update",
    "auditing",
    "publishing",
    "tag_audit",
    "render",
    "cli_errors",
    "cli_options",
    "cli_flag",
    "cli_locales",
    "cli_models",
    "cli_people",
    "cli_releases",
    "cli_publish",
    "cli",
    "__main__",
]  # from low to high
FILES = sorted(PACKAGE.rglob("*.py"))


def place(module: str) -> str:
    """`derive.release.read` is in `release`, `derive.text` in `text`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] == "derive"}


def rank(where: str) -> int:
    if where in FLOW:
        return 2 + FLOW.index(where)
    return 1 if where in ROOMS else 0


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 30
    assert {"release", "flag", "translate", "worksheet", "variant"} == ROOMS


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    here = relative.parts[0].removesuffix(".py")
    for name in imported(path):
        there = place(name)
        if there in ("", "__version__") or name.startswith("derive.__version__"):
            continue
        assert rank(there) <= rank(here), f"{relative} imports {name}, which is above it"
        if here in ROOMS and there in ROOMS:
            assert here == there, f"{relative} imports {name}, of another room"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if path.stem.startswith("cli") or path.stem in ("render", "__main__"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "id", getattr(called, "attr", ""))
        assert name not in ("print", "exit", "_exit", "echo"), f"{path}:{node.lineno}"


def test_files_stay_small() -> None:
    long = {path.name: n for path in FILES if (n := len(path.read_text().splitlines())) > 350}
    assert not long
