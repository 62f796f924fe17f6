"""One law for every format: what is read is what was written, cell by cell, or it is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheets import META, unit, worksheet, worksheets

from derive import locales
from derive.errors import DeriveError
from derive.worksheet.contract import Looks, Returned, Worksheet
from derive.worksheet.formats.registry import FORMATS

FORMAT = pytest.mark.parametrize("name", FORMATS)
# what a format cannot hold and so leaves out, naming the unit
ANY = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def write(made: Worksheet, name: str, folder: Path) -> list[Path]:
    looks = Looks(locales.complete(locales.load(made.meta["locale"])), {"Guide": "# Guide\nRead."})
    paths = []
    for suffix, writer in FORMATS[name].files(made, looks).items():
        paths.append(folder / f"w{suffix}")
        writer(paths[-1])
    return paths


def read(paths: list[Path], name: str) -> list[Returned]:
    """Each file by its content alone: the name says nothing."""
    come = []
    for path in paths:
        data = path.read_bytes()
        assert [one for one in FORMATS if FORMATS[one].knows(data[:65536], "x")] == [name]
        come.append(FORMATS[name].read(data, path.name))
    return come


def same(made: Worksheet, name: str, folder: Path) -> int:
    """Assert the law; the number of units that the format named as left out."""
    out = {one.item for one in FORMATS[name].left_out(made)}
    come = read(write(made, name, folder), name)
    expected = {
        cells["key"]: cells
        for sheet in made.sheets()
        for cells in made.cells(sheet)
        if cells["item"] not in out
    }
    rows = [row for one in come for row in one.rows]
    assert len(rows) == len(expected), "a row an issued unit"
    for row in rows:
        assert not row.odd
        assert dict(row.cells) == expected[row.cells["key"]]
    return len(out)


@FORMAT
@ANY
@given(made=worksheets())
def test_what_is_read_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, made: Worksheet
) -> None:
    same(made, name, tmp_path_factory.mktemp("w"))


@FORMAT
@ANY
@given(made=worksheets(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]))))
def test_plain_texts_are_never_left_out(
    tmp_path_factory: pytest.TempPathFactory, name: str, made: Worksheet
) -> None:
    assert same(made, name, tmp_path_factory.mktemp("w")) == 0


# fmt: off
HARD = [
    "=1+1", "+1", "-1", "@a", "\tx", "#N/A", "TRUE", "007", "1-2", "1E5", "'", "'=x", "''=x",
    "_x0041_", " a ", "a\nb", "a\r\nb", "a\u00a0b", "😀 👩‍👩‍👧", "e\u0301", "\u200fשלום",
    "<b>&amp;",
    '"a", b; c', "https://a.example/", "mailto:a@b.example", "{=1}", "a\u2028b", "<r>a</r>",
    "\ufeffa", "a\n\n\n", "\n", "{name} and `code`", "a\tb", "msgid \"x\"\\n", "12:30", "𠮷",
    "x" * 30_000,
]
# fmt: on


@FORMAT
@pytest.mark.parametrize("text", HARD, ids=lambda text: repr(text)[:20])
def test_hard_texts_come_back(tmp_path: Path, name: str, text: str) -> None:
    made = worksheet(
        unit("adapt", "one", pivot_prompt=text, prompt=text, reason=text, draft_prompt=text),
        unit("postedit", "two", source_prompt=text, response=text, author=text),
    )
    assert same(made, name, tmp_path) == 0


@FORMAT
@pytest.mark.parametrize("text", ["x" * 40_000, "\x00", "\ufffe", "\n" * 300, "😀" * 20_000])
def test_what_does_not_fit_is_named_and_the_rest_is_there(
    tmp_path: Path, name: str, text: str
) -> None:
    made = worksheet(unit("adapt", "one", pivot_prompt=text), unit("adapt", "two", prompt="p"))
    left = FORMATS[name].left_out(made)
    assert {(one.item, one.code) for one in left} <= {("one", "cell-unfit")}
    same(made, name, tmp_path)


@FORMAT
def test_half_a_character_is_refused(tmp_path: Path, name: str) -> None:
    made = worksheet(unit("adapt", "one", pivot_prompt="a\ud800b"), unit("adapt", "two"))
    with pytest.raises(DeriveError) as caught:
        write(made, name, tmp_path)
    assert "half a character" in caught.value.what
    assert not list(tmp_path.iterdir())


@FORMAT
def test_the_identity_comes_back(tmp_path: Path, name: str) -> None:
    made = worksheet(unit("adapt", "one"))
    for one in read(write(made, name, tmp_path), name):
        known = {key: value for key, value in one.meta.items() if value}
        assert known.items() <= {**META, "worksheet": "ws-000000000000"}.items()
        assert all(row.cells["worksheet"] == "ws-000000000000" for row in one.rows)


@FORMAT
def test_the_same_worksheet_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    """Also in another process, under another hash seed."""
    made = worksheet(
        unit("adapt", "one", prompt="ü"), unit("postedit", "two"), unit("rewrite", "three")
    )
    script = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from sheets import unit, worksheet\n"
        "sys.path.insert(0, sys.argv[1] + '/property')\n"
        "from test_worksheet_formats import write\n"
        "made = worksheet(unit('adapt', 'one', prompt='ü'), unit('postedit', 'two'),"
        " unit('rewrite', 'three'))\n"
        "write(made, sys.argv[2], pathlib.Path(sys.argv[3]))"
    )
    first = write(made, name, tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    tests = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", script, tests, name, other],
                   env={"PYTHONHASHSEED": "7"}, check=True)  # fmt: skip
    for path in first:
        assert path.read_bytes() == (other / path.name).read_bytes()


@FORMAT
@pytest.mark.parametrize(
    "data", [b"", b"hello", b"{}", b"[]", b"<x/>", b"PK\x03\x04", b"\xff\xfe", b"a,b\n1,2\n"]
)
def test_other_files_are_not_taken_for_ours(name: str, data: bytes) -> None:  # fmt: skip
    assert not FORMATS[name].knows(data, f"x.{name}") or not _reads(name, data)


def _reads(name: str, data: bytes) -> bool:
    try:
        return bool(FORMATS[name].read(data, "x").rows)
    except DeriveError:
        return False


@FORMAT
@settings(deadline=None, max_examples=30)
@given(cut=st.integers(0, 100))
def test_a_cut_file_ends_in_a_message_or_fewer_rows(
    tmp_path_factory: pytest.TempPathFactory, name: str, cut: int
) -> None:
    made = worksheet(unit("adapt", "one", prompt="p"), unit("adapt", "two", prompt="q"))
    for path in write(made, name, tmp_path_factory.mktemp("w")):
        data = path.read_bytes()
        data = data[: len(data) * cut // 100]
        try:
            come = FORMATS[name].read(data, "x")
        except DeriveError as error:
            assert error.fix  # noqa: PT017
        else:
            assert len(come.rows) <= 2
