"""The README and the help say what the command does."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from derive.cli import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    found = [[]]
    for name, command in sorted(cli.commands.items()):
        found.append([name])
        found += [[name, inner] for inner in sorted(getattr(command, "commands", {}))]
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help(derive: Callable[..., Result], path: list[str]) -> None:
    done = derive(*path, "--help")
    assert done.exit_code == 0
    assert done.stdout.startswith("Usage:")


def test_readme_names_every_command() -> None:
    missing = [
        " ".join(path) for path in commands() if f"derive {' '.join(path)}".strip() not in README
    ]
    assert not missing


def test_readme_shows_the_help_as_it_is(derive: Callable[..., Result]) -> None:
    shown = re.search(r"```text\n\$ derive --help\n(.*?)```", README, re.DOTALL)
    assert shown, "the README shows the help"
    done = subprocess.run(
        [sys.executable, "-m", "derive", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "100", "PATH": "", "PYTHONUTF8": "1"},
    )
    fresh = done.stdout.replace("python -m derive", "derive")
    assert shown[1].strip() == fresh.strip(), f"put this into the README:\n{fresh}"


def test_readme_and_ci_run_the_same_tests() -> None:
    found = re.findall(r"^python3 .*pytest.*$", README, re.MULTILINE)
    assert len(found) == 1
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_help_imports_no_heavy_library() -> None:
    script = (
        "import sys\nfrom derive.cli import cli\n"
        "try: cli(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'polars', 'datasets', 'ctranslate2', 'numpy', 'rich', 'jsonschema'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
