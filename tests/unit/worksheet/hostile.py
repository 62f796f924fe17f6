"""Builds files that must not be opened, and their honest twins, in memory."""

from __future__ import annotations

import io
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx"
    b"\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82"
)


def zipped(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def rows(count: int, cell: str) -> str:
    """A sheet whose column A holds the same cell in every row; `@` is the row's number."""
    one = f'<row r="@">{cell}</row>'
    return (
        "<sheetData>"
        + "".join(one.replace("@", str(i)) for i in range(1, count + 1))
        + ("</sheetData>")
    )


def xlsx(
    sheet: str = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>',
    texts: str = "<si><t>a</t></si>",
    more: dict[str, str | bytes] | None = None,
    relations: str = "",
    head: str = "",
) -> bytes:
    """The least that calamine reads as a workbook, with one sheet `s`."""
    main = f'xmlns="{MAIN}" xmlns:r="{REL}"'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main}><sheets><sheet name="s" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'
        f"{relations}</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        "xl/worksheets/sheet1.xml": f"{head}<worksheet {main}>{sheet}</worksheet>",
    }
    return zipped(parts | (more or {}))


def relation(kind: str, target: str, external: bool = False) -> str:
    """One element of a .rels part."""
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="r9" Type="{REL}/{kind}" Target="{target}"{mode}/>'


def cell(content: str = "x", repeats: int = 1) -> str:
    """A cell of an ODF sheet with a text; empty if there is none."""
    tag = f'table:table-cell table:number-columns-repeated="{repeats}"'
    if not content:
        return f"<{tag}/>"
    return f'<{tag} office:value-type="string"><text:p>{content}</text:p></table:table-cell>'


def row(cells: str, repeats: int = 1) -> str:
    """A row of an ODF sheet."""
    return f'<table:table-row table:number-rows-repeated="{repeats}">{cells}</table:table-row>'


def ods(table: str, more: dict[str, str | bytes] | None = None, manifest: str = "") -> bytes:
    """The least that calamine reads as an ODF spreadsheet, with one sheet `s`."""
    spaces = " ".join(
        f'xmlns:{name}="{OASIS}:{name}:1.0"'
        for name in ("office", "table", "text", "script", "drawing", "manifest")
    )
    draw = f'xmlns:draw="{OASIS}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content {spaces} {draw}><office:body><office:spreadsheet>"
        f'<table:table table:name="s">{table}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>",
        "META-INF/manifest.xml": f"<manifest:manifest {spaces}>{manifest}</manifest:manifest>",
    }
    return zipped(parts | (more or {}))


def patched(data: bytes, name: str, **fields: int) -> bytes:
    """The zip with numbers in a member's entry in the table of contents overwritten."""
    offsets = {"flags": (8, "<H"), "method": (10, "<H"), "crc": (16, "<I"), "size": (24, "<I")}
    offsets |= {"packed": (20, "<I"), "offset": (42, "<I")}
    out = bytearray(data)
    at = data.rindex(name.encode())  # the table of contents comes last
    for field, value in fields.items():
        position, shape = offsets[field]
        struct.pack_into(shape, out, at - 46 + position, value)
    return bytes(out)


def honest(units: int = 50, columns: int = 20) -> bytes:
    """A workbook as we issue it and people fill it: texts, links, notes, a picture, drop-downs."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("units")
    text = book.add_format({"num_format": "@", "text_wrap": True, "bg_color": "#FFFFCC"})
    bold = book.add_format({"bold": True})
    sheet.set_column(0, columns, 20, text)
    for r in range(units):
        for c in range(columns):
            sheet.write_string(r, c, f"=text {r} {c} & <b> \U0001f600 " + "ab " * (c * 3), text)
    sheet.write_rich_string(1, 2, "a ", bold, "high", " light", text)
    sheet.write_url(2, 30, "https://example.org/", string="see this")
    sheet.write_url(3, 30, "mailto:ana@example.org")
    sheet.write_comment(4, 4, "A note by a reviewer")
    sheet.insert_image(5, 30, "p.png", {"image_data": io.BytesIO(PNG)})
    sheet.data_validation(0, 3, 1048575, 3, {"validate": "list", "source": ["keep", "change"]})
    sheet.protect("", {"sort": True, "autofilter": True})
    book.add_worksheet("meta").very_hidden()
    book.set_custom_property("derive", "1")
    book.close()
    return out.getvalue()


def resaved(data: bytes, suffix: str, folder: Path) -> bytes:
    """The workbook as LibreOffice saves it; skipped where that is missing or does not start."""
    source = folder / "in.xlsx"
    source.write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", suffix, "--outdir", str(folder / "out"), str(source)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    except FileNotFoundError:
        pytest.skip("needs LibreOffice (soffice)")
    except subprocess.TimeoutExpired:
        pytest.skip("LibreOffice (soffice) does not answer")
    return (folder / "out" / f"in.{suffix}").read_bytes()
