"""Files are whole or as they were, whatever fails on the way; hashes tell contents apart."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import write_csv

from derive import files, locales, tables
from derive.errors import DeriveError
from derive.locales import LocalePack
from derive.worksheet.contract import Looks, Worksheet
from derive.worksheet.formats.xlsx import write_xlsx


def empty_workbook(path: Path) -> None:
    pack = LocalePack("en", "x", sheets=locales.load("en").sheets)
    sheet = Worksheet("ws-0", {"adapt": [], "rewrite": [], "postedit": []}, {
        "project": "p", "locale": "en"})  # fmt: skip
    write_xlsx(path, sheet, Looks(pack, {"G": "\n".join(map(str, range(9_000)))}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)
ROUTE = {"item": "i", "route": "adapt", "level": 1, "level_suggested": 1, "reason": "r" * 20_000}
WRITERS: dict[str, Callable[[Path], None]] = {
    "text": lambda path: files.write_text(path, "new" * 20_000),
    "parquet": lambda path: tables.write_parquet(tables.frame([ROUTE], tables.ROUTES), path),
    "jsonl": lambda path: tables.write_jsonl(tables.frame([ROUTE] * 9, tables.ROUTES), path),
    "csv": lambda path: write_csv(path, ["a"], [{"a": "x" * 100_000}]),
    "xlsx": empty_workbook,
}


@pytest.fixture(params=WRITERS)
def write(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    return WRITERS[request.param]


def test_written(tmp_path: Path, write: Callable[[Path], None]) -> None:
    path = tmp_path / "new folder" / "a"
    write(path)
    first = path.read_bytes()
    write(path)
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o644, "not the temporary file's 0o600"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], None]
) -> None:
    """The temporary file is a link to /dev/full, where every write fails as on a full disk."""

    def full(dir: Path, prefix: str, suffix: str) -> tuple[int, str]:
        name = f"{dir}/{prefix}x{suffix}"
        os.symlink("/dev/full", name)
        return os.open(name, os.O_RDWR), name

    path = tmp_path / "a"
    path.write_text("old")
    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(DeriveError, match="The disk is full") as caught:
        write(path)
    assert caught.value.where == str(path)
    assert "free some space" in str(caught.value.fix)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "Permission denied"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize(
    "where", ["tempfile.mkstemp", "os.fsync", "os.replace", "pathlib.Path.chmod"]
)
def test_what_the_system_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, what: str, where: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "a"
    path.write_text("old")
    monkeypatch.setattr(where, fail)
    with pytest.raises(DeriveError, match=what) as caught:
        files.write_text(path, "new")
    assert (caught.value.where, bool(caught.value.fix)) == (str(path), True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, SystemExit])
def test_what_stops_the_writer(tmp_path: Path, failure: type[BaseException]) -> None:
    path = tmp_path / "a"
    path.write_text("old")

    def write_half() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half")
            raise failure

    with pytest.raises(failure):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "a", tmp_path / "file" / "b"):
        with pytest.raises(DeriveError):
            files.write_text(path, "new")
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a", "b", "file"]


@given(JSON)
def test_json_hashes_do_not_depend_on_order(value: object) -> None:
    def turned(one: object) -> object:
        if isinstance(one, dict):
            return {key: turned(one[key]) for key in reversed(one)}
        return [turned(part) for part in one] if isinstance(one, list) else one

    assert files.hash_json(turned(value)) == files.hash_json(value)


def test_path_hashes(tmp_path: Path) -> None:
    def folder(name: str, **content: str) -> Path:
        for file, text in content.items():
            files.write_text(tmp_path / name / file.replace("__", "/"), text)
        return tmp_path / name

    one = files.hash_path(folder("a", x="1", inner__y="2"))
    assert one == files.hash_path(folder("b", inner__y="2", x="1")), "the folder's name is nothing"
    (tmp_path / "b" / ".cache").mkdir()
    (tmp_path / "b" / ".cache" / "z").write_text("3")
    assert one == files.hash_path(tmp_path / "b"), "dot files are left out"
    others = [folder("c", x="1", y="2"), folder("d", x="2", inner__y="1"), folder("e", x="1")]
    assert one not in map(files.hash_path, others)
    assert files.hash_path(tmp_path / "a" / "x") == files.hash_file(tmp_path / "a" / "x")
    with pytest.raises(DeriveError, match="No such file"):
        files.hash_file(tmp_path / "nosuch")
