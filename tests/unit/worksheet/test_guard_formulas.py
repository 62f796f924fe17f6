"""Cells with formulas are found by sheet, in workbooks of both kinds."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import xlsxwriter
from hostile import cell, honest, ods, resaved, row, xlsx, zipped

from derive.errors import DeriveError
from derive.worksheet import archive
from derive.worksheet.guard import formulas


@pytest.fixture(scope="module")
def book() -> bytes:
    """Formulas on the second and third sheet; the first has a text that looks like one."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    workbook.add_worksheet("texts").write_string("A1", "=1+1 <f>")
    sheet = workbook.add_worksheet("José & <co>")
    sheet.write_formula("M7", "=1+1", None, 2)
    sheet.write_formula("AB12", '="a"&"b"', None, "ab")
    sheet.write_number("B3", 7)
    array = workbook.add_worksheet("array")
    array.write_array_formula("B2:C3", "{=ROW(A1:A2)*COLUMN(A1:B1)}", None, 1)
    array.write_number("D4", 1)
    workbook.close()
    return out.getvalue()


EXPECTED = {"José & <co>": ["M7", "AB12"], "array": ["B2", "C2", "B3", "C3"]}


def test_formulas_of_a_workbook(book: bytes) -> None:
    assert formulas(book) == EXPECTED


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_formulas_saved_by_libreoffice(book: bytes, suffix: str, tmp_path: Path) -> None:
    # ODF allows no < in a sheet's name, LibreOffice keeps it all the same
    assert formulas(resaved(book, suffix, tmp_path)) == EXPECTED


def test_no_formulas() -> None:
    for data in (honest(), xlsx(), ods(row(cell())), b"key,text\n1,=1+1\n", zipped({"a": "b"})):
        assert formulas(data) == {}


def test_shared_formulas_prefixes_and_cells_without_reference() -> None:
    sheet = (
        '<x:sheetData xmlns:x="y"><x:row r="3"><x:c><x:v>1</x:v></x:c><x:c><x:f\nt="shared" '
        'ref="B3:B5" si="0">1</x:f></x:c></x:row><x:row><x:c r="B4"><x:f t="shared" si="0"/>'
        '<x:v>1</x:v></x:c><x:c><x:f>1</x:f></x:c></x:row><x:row><x:c r="B5"><x:v>typed over</x:v>'
        "</x:c></x:row></x:sheetData>"
    )
    assert formulas(xlsx(sheet)) == {"s": ["B3", "B4", "C4"]}


@pytest.mark.parametrize("chunk", [1, 2, 5, 7, 64])
def test_a_formula_across_the_border_of_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = xlsx('<sheetData><row r="1"><c r="A1"><f>1</f></c></row></sheetData>')
    monkeypatch.setattr(archive, "_CHUNK", chunk)
    assert formulas(data) == {"s": ["A1"]}


def test_repeated_cells_and_rows_in_odf() -> None:
    one = '<table:table-cell table:formula="of:=1" table:number-columns-repeated="2"/>'
    table = row(cell("", 3) + one + cell() + one.replace('"2"', '"1"'), 2) + row(cell("", 9), 5)
    found = formulas(ods(table + row(one)))
    assert found == {"s": ["D1", "E1", "G1", "D2", "E2", "G2", "A8", "B8"]}


def test_formulas_without_end_are_refused() -> None:
    one = '<table:table-cell table:formula="of:=1" table:number-columns-repeated="16384"/>'
    with pytest.raises(DeriveError, match="too many formulas"):
        formulas(ods(row(one, 1000)))
    sheet = '<sheetData><c r="A1"><f t="array" ref="A1:XFD1048576">1</f></c></sheetData>'
    with pytest.raises(DeriveError, match="spills"):
        formulas(xlsx(sheet))
