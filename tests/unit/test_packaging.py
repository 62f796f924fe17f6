"""The package works from a wheel in an environment that never saw the checkout."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel, which sees this one's dependencies but not its derive.

    A path line in a .pth file brings the packages of a folder and not what that folder's own .pth
    files bring, such as an editable install.
    """
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    bin_folder = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run(
        [bin_folder / "python", "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel],
        check=True,
    )
    site = next(folder.rglob("site-packages"))
    (site / "dependencies.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return bin_folder


def test_wheel_holds_the_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("schema", "locales"):
        there = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        assert there
        assert {f"derive/_data/{name}" for name in there} <= names
    templates = {path.relative_to(ROOT).as_posix() for path in (ROOT / "derive").rglob("*.j2")}
    assert templates
    assert templates <= names
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]


def test_command_runs_from_the_wheel(clean_python: Path, sample: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [clean_python / "python", "-c", "import derive; print(derive.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(ROOT) not in where.stdout
    done = subprocess.run(
        [clean_python / "derive", "run", sample, "--locale", "pt-BR", "-o", "brazil", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    stages = {one["stage"]: one["counts"] for one in json.loads(done.stdout)["stages"]}
    assert stages["build"]["items"] > 20
    assert stages["build"]["items"] + stages["build"]["excluded"] == stages["release"]["items"]
    assert list((tmp_path / "brazil" / "worksheets" / "out").glob("*.xlsx"))


def test_every_import_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {
        one.split(">")[0].strip().lower().replace("_", "-")
        for one in [*project["dependencies"], *project["optional-dependencies"]["convert"]]
    }
    distributions = packages_distributions()
    for path in (ROOT / "derive").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in {name.split(".")[0] for name in names} - set(sys.stdlib_module_names):
                owners = {owner.lower().replace("_", "-") for owner in distributions.get(name, [])}
                # referencing is jsonschema's own way to hand over schemas
                assert name in ("derive", "referencing") or owners & declared, f"{path}: {name}"
    assert all(">=" in one for one in project["dependencies"]), "a dependency without a floor"
