"""The workbooks that must be refused, by what the refusal says: each differs in one thing."""

from __future__ import annotations

from hostile import MAIN, REL, cell, ods, relation, row, rows, xlsx

ONE = "<sheetData><row r='1'><c r='A1'>{}</c></row></sheetData>"
LONG = "<si><t>" + "a" * 1_000_000 + "</t></si><si><t>b</t></si>"
SHARED = '<c r="A@" t="s"><v>{}</v></c>'
DRAW = '<table:shapes><draw:frame><draw:{} xlink:href="{}"/></draw:frame></table:shapes>'
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "bb">]>'
UTF16 = "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16")
_LONG_SHEET = "<a><sheetData><c r='B1048576'><v>1</v></c></sheetData></a>"
TOO_MANY = "more than 5,000,000 cells"


def _part(name: str, content: str | bytes = "<a/>") -> bytes:
    return xlsx(more={name: content})


def _at(reference: str, content: str = "<v>1</v>") -> bytes:
    return xlsx(f"<sheetData><row r='1'><c r='{reference}'>{content}</c></row></sheetData>")


def _index(index: object, texts: str = LONG) -> bytes:
    return xlsx(rows(5000, SHARED.format(index)), texts)


def _type(kind: str) -> bytes:
    kind = f"application/vnd.ms-excel.{kind}"
    return _part("[Content_Types].xml", f"<Types><Default ContentType='{kind}'/></Types>")


def _names(formula: str) -> bytes:
    names = f"<definedNames><definedName name='a'>{formula}</definedName></definedNames>"
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">{names}</workbook>'
    return _part("xl/workbook.xml", book)


def _rels(part: str, relations: str) -> bytes:
    return _part(part, f"<Relationships>{relations}</Relationships>")


def _formula(formula: str) -> bytes:
    return ods(row(f'<table:table-cell table:formula="of:={formula}"/>'))


_XLSX = {
    "macros": {
        "part": _part("xl/vbaProject.bin", b"x"),
        "part in other case": _part("XL\\VBAPROJECT.BIN", b"x"),
        "sheet": _part("xl/macrosheets/sheet1.xml"),
        "relation": xlsx(relations=relation("vbaProject", "a.xml")),
        "content type": _type("sheet.macroEnabled.main+xml"),
        "ActiveX": _part("xl/activeX/activeX1.bin", b"x"),
    },
    "xlsb": {
        "part": _part("xl/workbook.bin", b"x"),
        "content type": _type("sheet.binary.macroEnabled.main"),
    },
    "linked": {
        "part": _part("xl/externalLinks/externalLink1.xml"),
        "connections": _part("xl/connections.xml"),
        "query table": _part("xl/queryTables/queryTable1.xml"),
        "picture": _rels(
            "xl/drawings/_rels/drawing1.xml.rels",
            relation("image", "http://example.org/a.png", external=True),
        ),
        "under another name": xlsx(relations=relation("externalLink", "x.xml")),
        "DDE": _part("xl/x.xml", "<x:ddeLink xmlns:x='y'/>"),
        "DDE formula": xlsx(ONE.format("<f>cmd|'/c calc'!A0</f>")),
        "web formula": xlsx(ONE.format('<f>_xlfn.WEBSERVICE("http://example.org")</f>')),
        "DDE in a name": _names("cmd|'/c'!A"),
    },
    "DOCTYPE": {
        "sheet": xlsx(head=DOCTYPE),
        "another part": _part("docProps/app.xml", DOCTYPE + "<a/>"),
        "without entities": xlsx(head="<!DOCTYPE a>"),
        "from elsewhere": xlsx(head="<!DOCTYPE a SYSTEM 'http://example.org/a.dtd'>"),
        "drawing": _part("xl/drawings/a.vml", DOCTYPE + "<a><br></a>"),
        "no known part": _part("xl/media/a.png", DOCTYPE + "<a/>"),
    },
    "in the encoding": {
        "UTF-16": _part("docProps/app.xml", UTF16),
        "UTF-16 without a mark": _part("docProps/app.xml", "<a/>".encode("utf-16-le")),
        "UTF-16 in no known part": _part("xl/media/a.png", UTF16),
        "UTF-7": xlsx(head="<?xml version='1.0' encoding='UTF-7'?>"),
        "EBCDIC": xlsx(head="<?xml version='1.0' encoding='cp037'?>"),
        "Latin": xlsx(head="<?xml version='1.0' encoding='iso-8859-1'?>"),
    },
    "not well-formed": {
        "crossed": _part("xl/worksheets/sheet1.xml", "<a><b></a>"),
        "something before": _part("docProps/app.xml", "x<a/>"),
        "half a part": _part("xl/worksheets/sheet1.xml", "<a><b/>"),
    },
    "damaged": {
        "sheet that is not called XML": xlsx(relations=relation("worksheet", "media/a.png")),
        "texts in another part": _part("xl/strings.xml", "<sst/>"),
        "a row that overflows": xlsx(
            "<sheetData><row r='99999999999'><c><v>9</v></c></row></sheetData>"
        ),
        "announced texts": _part("xl/sharedStrings.xml", "<sst uniqueCount='4000000000'/>"),
        "announced formats": _part("xl/styles.xml", "<a><cellXfs count='99999999'/></a>"),
    },
    f"no cell A{'1' * 19}": {"more digits than Python takes": _at("A" + "1" * 5000)},
    "no cell XFE1": {"column": _at("XFE1")},
    "no cell A1048577": {"row": _at("A1048577")},
    TOO_MANY: {
        "far corner": _at("XFD1048576"),
        "far corner, in small letters": _at("xfd1048576"),
        "far corner, by a formula": _at("XFD1048576", "<f>1</f>"),
        "far corner, prefixed": xlsx(
            "<x:sheetData xmlns:x='y'><x:c r='XFD1048576'><x:v>1</x:v></x:c></x:sheetData>"
        ),
        "far corner, by two cells": xlsx(
            "<sheetData><c r='XFD1'><v>1</v></c><c r='A1048576'><v>1</v></c></sheetData>"
        ),
        "far corner, by two cells the other way round": xlsx(
            "<sheetData><c r='A1048576'><v>1</v></c><c r='XFD1'><v>1</v></c></sheetData>"
        ),
        "far corners of several sheets": xlsx(
            more={f"xl/worksheets/sheet{i}.xml": _LONG_SHEET for i in (2, 3, 4)}
        ),
        "far corner, without references": xlsx(
            "<sheetData><row r='1048570'/><row><c/><c/><c/><c/><c><v>1</v></c></row></sheetData>"
        ),
    },
    "letters": {
        "a text used often": _index(0),
        "a text in two": _index(0, LONG.replace("<t>", "<t>b<si/>", 1)),
    },
    "no text '01'": {
        "comment in the index": _index("0<!-- -->1"),
        "letter by number in the index": _index("0&#49;"),
        "element in the index": _index("0<x>1</x>"),
    },
    "no text '7'": {"index": _index(7)},
}
_ODS = {
    "macros": {
        "Basic": ods("", {"Basic/Standard/Module1.xml": "<a/>"}),
        "Python": ods("", {"Scripts/python/a.py": "pass"}),
        "event": ods("<script:event-listener/>"),
    },
    "password": {
        "manifest": ods("", manifest="<manifest:encryption-data/>"),
        "new kind": ods("", {"encrypted-package": b"x"}),
    },
    "linked": {
        "DDE": ods("<table:dde-link/>"),
        "DDE formula": _formula("DDE(&quot;a&quot;;&quot;b&quot;)"),
        "formula to a file": _formula("['file:///tmp/x.ods'#$A.A1]"),
        "sheet": ods('<table:table-source xlink:href="a.ods"/>'),
        "picture": ods(DRAW.format("image", "https://example.org/a.png")),
        "picture beside the file": ods(DRAW.format("image", "../a.png")),
    },
    "DOCTYPE": {"styles": ods("", {"styles.xml": DOCTYPE + "<a/>"})},
    TOO_MANY: {
        "cells repeated": ods(row(cell("x", 16384), 1000)),
        "rows repeated": ods(row(cell("x", 5), 1048576)),
        "a value after a million empty rows": ods(
            row(cell()) + row(cell("", 16384), 1048574) + row(cell("", 16383) + cell())
        ),
        "empty cells that are laid out": ods(row(cell("", 16383) + cell("")) * 400),
        "a number that overflows": ods(row(cell("x", 99999999999999), 999)),
        "several sheets": ods((row(cell("x", 1000), 1000) + "</table:table><table:table>") * 6),
    },
    "letters": {
        "spaces": ods(row(cell('<text:s text:c="2000000000"/>'))),
        "a text in an attribute": ods(
            row(f'<table:table-cell office:string-value="{"a" * 1_000_000}"/>', 400)
        ),
        "a text repeated": ods(row(cell("a" * 1_000_000, 100), 20)),
    },
    "table inside a cell": {"row": ods(row(cell("<table:table-row/>")))},
}
# file name -> the file, and what the refusal says
HOSTILE = {
    f"{says}, {name}.{suffix}".replace("'", ""): (data, says)
    for suffix, groups in (("xlsx", _XLSX), ("ods", _ODS))
    for says, cases in groups.items()
    for name, data in cases.items()
}
