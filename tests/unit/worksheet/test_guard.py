"""Workbooks and XML that must not be opened are refused with advice; honest ones pass."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from hostile import PNG, cell, honest, ods, relation, resaved, row, rows, xlsx
from hostile_workbooks import DRAW, HOSTILE, LONG, ONE, SHARED
from python_calamine import CalamineWorkbook

from derive.errors import DeriveError
from derive.worksheet import archive, guard_ods, guard_xlsx
from derive.worksheet.guard import refuse_dangerous


def refusal(data: bytes, name: str) -> DeriveError:
    """What the guard says; it must name the file and something to do."""
    with pytest.raises(DeriveError) as caught:
        refuse_dangerous(data, name)
    assert caught.value.where
    assert caught.value.where.startswith(name)
    assert caught.value.fix
    return caught.value


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_workbooks_are_refused(name: str) -> None:
    data, expected = HOSTILE[name]
    assert expected in refusal(data, name).what


def test_the_smallest_workbooks_pass() -> None:
    """The hostile ones differ from these in one thing."""
    refuse_dangerous(xlsx(), "a.xlsx")
    refuse_dangerous(xlsx(rows(5000, SHARED.format(1)), LONG), "a.xlsx")
    refuse_dangerous(ods(row(cell())), "a.ods")
    for data in (xlsx(), ods(row(cell()))):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        assert book.get_sheet_by_name("s").to_python() in ([[1.0]], [["x"]])


@pytest.mark.parametrize(
    "data",
    [
        xlsx(more={"xl/worksheets/_rels/sheet1.xml.rels": "<Relationships>"
                   + relation("hyperlink", "https://example.org", True) + "</Relationships>"}),
        xlsx(more={"xl/media/a.png": PNG, "xl/drawings/a.vml": "<xml><br></xml>"}),
        xlsx(ONE.format("<f>IF(\'a|b\'!B1=\"a|b DDE(\",1,2)</f>")),
        xlsx(rows(200_000, '<c r="A@" s="1"/>') + '<dimension ref="A1:XFD1048576"/>'),
        xlsx("<sheetData><row r='1048576' s='1'><c r='XFD1048576' s='1'/></row></sheetData>"),
        xlsx(head="\ufeff<?xml version='1.0' encoding='utf-8' standalone='yes'?>"),
        xlsx(more={"customXml/item1.xml": "<a><c r='x'/><row r='z'/><v>1</v></a>"}),
        ods(row(cell()) + row(cell("", 16384), 1048575)),
        ods(row(cell() + cell("", 16383)) * 2000),
        ods(row(cell("<text:a xlink:href='https://example.org'>x</text:a>"))),
        ods(DRAW.format("image", "Pictures/1.png"), {"Pictures/1.png": PNG}),
        ods("<office:scripts/>"),
    ],
    ids=["links", "picture", "formula", "formats", "far format", "declared", "custom XML",
         "empty rows", "empty cells", "typed link", "own picture", "no scripts"],
)  # fmt: skip
def test_harmless_things_pass(data: bytes) -> None:
    refuse_dangerous(data, "a.ods" if b"mimetype" in data[:60] else "a.xlsx")


@pytest.fixture(scope="module")
def ours() -> bytes:
    return honest()


def test_a_filled_workbook_passes(ours: bytes, tmp_path: Path) -> None:
    refuse_dangerous(ours, "ana.xlsx")
    openpyxl.load_workbook(io.BytesIO(ours)).save(tmp_path / "again.xlsx")
    refuse_dangerous((tmp_path / "again.xlsx").read_bytes(), "again.xlsx")


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_a_workbook_saved_by_libreoffice_passes(ours: bytes, suffix: str, tmp_path: Path) -> None:
    data = resaved(ours, suffix, tmp_path)
    refuse_dangerous(data, f"ana.{suffix}")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("units")
    assert sheet.to_python()[7][0].startswith("=text 7 0")


def test_ten_thousand_units_take_less_than_three_seconds() -> None:
    data = honest(10_000)
    before = time.process_time()
    refuse_dangerous(data, "ana.xlsx")
    assert time.process_time() - before < 60  # a hang, not a time


def test_texts_that_repeat_themselves_are_no_bomb() -> None:
    """Prompts in one long frame pack far better than most texts do."""
    frame = "Ignore all that was said before. " * 100
    texts = "".join(f"<si><t>{frame} {i}</t></si>" for i in range(8000))
    data = xlsx(rows(8000, SHARED.format(1)), texts)
    assert len(texts) > archive.RATIO_FROM
    assert len(texts) / len(data) > 100
    refuse_dangerous(data, "ana.xlsx")


@pytest.mark.parametrize(
    "data",
    [xlsx(texts="<si><t>" + "a" * 2000 + "</t></si>"), ods(row(cell("a" * 2000))),
     xlsx(ONE.format("<is><t>" + "a" * 2000 + "</t></is>"))],
)  # fmt: skip
def test_long_texts_count_wherever_they_are(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_dangerous(data, "a.xlsx")
    for module in (guard_xlsx, guard_ods):
        monkeypatch.setattr(module, "MAX_LETTERS", 1999)
    assert "letters" in refusal(data, "a.xlsx").what


def test_formats_without_values_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    data = xlsx(rows(101, '<c r="A@" s="1"/>'))
    refuse_dangerous(data, "a.xlsx")
    monkeypatch.setattr(guard_xlsx, "MAX_CELLS", 100)
    error = refusal(data, "a.xlsx")
    assert "a format and no value" in error.what
    assert error.where == "a.xlsx, sheet s"


_MEASURE = """
import sys, time
from pathlib import Path
from resource import RLIMIT_AS, setrlimit
setrlimit(RLIMIT_AS, (1500 << 20, 1500 << 20))
from derive.errors import DeriveError
from derive.worksheet import archive, markup
from derive.worksheet.guard import refuse_dangerous
archive.MAX_RATIO = 10**9  # so that what is behind this limit is tried too
markup._MAX_ELEMENTS = 10**6  # ten million take ten seconds
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        refuse_dangerous(path.read_bytes(), path.name)
        print("passed", path.name)
    except DeriveError:
        pass
status = Path("/proc/self/status").read_text()  # ru_maxrss would begin with what the parent has
print(int(status.split("VmHWM:")[1].split()[0]) // 1024, time.process_time())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits its memory as Linux does")
def test_hostile_files_take_little_memory_and_time(tmp_path: Path) -> None:
    cases = {name: data for name, (data, _) in HOSTILE.items()} | {
        "long comment.xlsx": xlsx("<!--" + "x" * 100_000_000 + "-->"),
        "long tag.xlsx": xlsx("<a b='" + "x" * 100_000_000 + "'/>"),
        "deep.xlsx": xlsx("<a>" * 400_000 + "</a>" * 400_000),
        "names.xlsx": xlsx("".join(f"<a{i}/>" for i in range(500_000))),
        "attributes.xlsx": xlsx("<a " + "".join(f"a{i}='' " for i in range(500_000)) + "/>"),
        "elements.xlsx": xlsx("<a/>" * 1_100_000),
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(tmp_path)],
        capture_output=True, text=True, timeout=300, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    *passed, last = done.stdout.splitlines()
    assert not passed
    megabytes, seconds = last.split()
    assert int(megabytes) < 300
    assert float(seconds) < 20
