"""XLIFF worksheets are valid, read by other tools, and give back what other tools make of them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from sheets import unit, worksheet, worksheets

from derive import locales
from derive.errors import DeriveError
from derive.worksheet.columns import FILL, SHEETS, columns_of
from derive.worksheet.contract import Looks, Offer, Returned, Worksheet
from derive.worksheet.formats.xliff import XLIFF

X = "{urn:oasis:names:tc:xliff:document:2.0}"
MDA = "{urn:oasis:names:tc:xliff:metadata:2.0}"
GLS = "{urn:oasis:names:tc:xliff:glossary:2.0}"
MTC = "{urn:oasis:names:tc:xliff:matches:2.0}"
LOOKS = Looks(locales.complete(locales.load("pt-BR")), {"Leia primeiro": "# Guia\nLeia."})
SOURCE = "Say `ls` or {name} at https://a.example/ in 5 km."


def written(made: Worksheet, folder: Path, looks: Looks = LOOKS) -> bytes:
    [(suffix, write)] = XLIFF.files(made, looks).items()
    write(folder / f"w{suffix}")
    return (folder / f"w{suffix}").read_bytes()


def everything() -> Worksheet:
    """A unit with a text in every column of every sheet, an empty one, and offers."""
    units = [unit("adapt", "bare")]
    for sheet in SHEETS:
        names = [one.name for one in columns_of(sheet) if not one.hidden]
        texts = {name: f" {name}:\r\n `{name}()`,  5 km\tat https://a.example/x" for name in names}
        units.append(unit(sheet, f"item {sheet}/α", **{**texts, "key": f"k {sheet}", "level": 2}))
    agency = Offer("National Police Agency", "agency", "police", ("Polícia Federal", "PM"))
    offers = {"item adapt/α": [agency, Offer("x", "food", "none", ())]}
    return replace(worksheet(*units), offers=offers)


def schema(folder: Path) -> etree.XMLSchema:
    """OASIS's schemas of the core and of the modules that we write, as one; nothing is fetched."""
    files = {
        "document:2.0": "xliff_core_2.0.xsd",
        "metadata:2.0": "metadata.xsd",
        "glossary:2.0": "glossary.xsd",
        "matches:2.0": "matches.xsd",
    }
    imports = "".join(
        f'<xs:import namespace="urn:oasis:names:tc:xliff:{name}" schemaLocation="{folder / file}"/>'
        for name, file in files.items()
    )

    class Local(etree.Resolver):
        def resolve(self, url: str, public: str, context: Any) -> Any:
            is_xml = url.endswith("/xml.xsd")
            return self.resolve_filename(str(folder / "xml.xsd"), context) if is_xml else None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    text = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(text, parser))


def test_it_is_valid_by_the_schemas(tmp_path: Path, shared: Path) -> None:
    valid = schema(shared / "data" / "xliff-xsd" / "21")
    root = etree.fromstring(written(everything(), tmp_path))
    valid.assertValid(root)
    assert len(root) == len(SHEETS)
    # it does look into the modules
    for tag, inside in ((f"{MTC}match", f"{X}source"), (f"{GLS}glossEntry", f"{GLS}term")):
        broken = copy.deepcopy(root)
        entry = broken.find(f".//{tag}")
        entry.remove(entry.find(inside))
        assert not valid.validate(broken)


def test_any_worksheet_is_valid(tmp_path: Path, shared: Path) -> None:
    valid = schema(shared / "data" / "xliff-xsd" / "21")

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(made=worksheets())
    def check(made: Worksheet) -> None:
        if XLIFF.files(made, LOOKS):
            root = etree.fromstring(written(made, tmp_path))
            valid.assertValid(root)
            ids = [one.get("id") for one in root.iter(f"{X}unit")]
            assert len(ids) == len(set(ids))

    check()


def test_translate_toolkit_sees_what_people_fill_in(tmp_path: Path) -> None:
    xliff2 = pytest.importorskip("translate.storage.xliff2")
    made = worksheet(
        unit("adapt", "one", pivot_prompt="A  question\n", prompt="Uma\tpergunta\n"),
        unit("adapt", "two", source_prompt="質問", pivot_prompt=" "),
    )
    store = xliff2.Xliff2File.parsestring(written(made, tmp_path))
    seen = [(one.source, one.target or "") for one in store.units if not one.isheader()]
    assert [source for source, _ in seen[::6]] == [
        "Decisão (transfer, modify, replace, remove)"
    ] * 2
    assert seen[1] == ("A  question\n", "Uma\tpergunta\n")
    assert seen[7] == ("質問", "")
    assert len(seen) == 12
    assert all(source for source, _ in seen)


def test_what_people_fill_in_is_a_unit_and_all_else_is_metadata(tmp_path: Path) -> None:
    made = everything()
    root = etree.fromstring(written(made, tmp_path))
    for file in root:
        sheet = file.get("id")
        names = [column.name for column in made.columns(sheet)]
        for group in file.iterfind(f"{X}group"):
            units = [one.get("name").rpartition("|")[2] for one in group.iterfind(f"{X}unit")]
            read_only = [one.get("type") for one in group.iter(f"{MDA}meta")]
            assert units == [name for name in FILL if name in names]
            assert read_only == [name for name in names if name not in FILL]
    segments = list(root.iter(f"{X}segment"))
    assert {one.get("state") for one in segments} == {"initial"}
    assert {one.get("subState") for one in segments} == {f"derive:{sheet}" for sheet in SHEETS}
    bare = root.find(f".//{X}group[@name='{unit('adapt', 'bare')['key']}']")
    assert not list(bare.iter(f"{X}target")), "an empty cell has no target"


def prompt_unit(root: etree._Element) -> etree._Element:
    return next(one for one in root.iter(f"{X}unit") if one.get("id").endswith(".prompt"))


def test_drafts_are_matches_and_counterparts_a_glossary(tmp_path: Path) -> None:
    root = etree.fromstring(written(everything(), tmp_path))
    full = next(one for one in root[0].iter(f"{X}unit") if one.get("name") == "k adapt|prompt")
    match = full.find(f"{MTC}matches/{MTC}match")
    assert (match.get("type"), match.get("ref")) == ("mt", "#s1")
    assert "draft_prompt" in "".join(match.find(f"{X}target").itertext())
    [entry] = full.iter(f"{GLS}glossEntry")
    assert [one.text for one in entry] == [
        "National Police Agency", "Polícia Federal", "PM", "police"
    ]  # fmt: skip
    notes = {one.get("category"): one.text for one in full.iter(f"{X}note")}
    assert {"marks", "findings", "source_prompt", "taxonomy"} <= set(notes)
    assert "pivot_prompt" not in notes, "the source is seen anyway"
    assert notes["level"] == "Nível: 2"
    assert root[0].find(f"{X}notes/{X}note").text == "# Guia\nLeia."
    bare = next(one for one in root[0].iter(f"{X}unit") if one.get("name").startswith("bare"))
    assert not list(bare.iter(f"{MTC}match", f"{GLS}glossary"))


def test_code_and_addresses_are_codes_and_quantities_are_text(tmp_path: Path) -> None:
    done = "https://a.example/ `ls` `ls` {other} em 3 milhas."
    made = worksheet(unit("adapt", "one", pivot_prompt=SOURCE, prompt=done))
    there = prompt_unit(etree.fromstring(written(made, tmp_path)))
    source, target = (there.find(f"{X}segment/{X}{tag}") for tag in ("source", "target"))
    data = {one.get("id"): one.text for one in there.iter(f"{X}data")}
    assert [data[one.get("dataRef")] for one in source] == ["`ls`", "{name}", "https://a.example/"]
    # as often as in the source, with the same ids; what only the target has is text
    assert [one.get("id") for one in target] == ["3", "1"]
    assert target[-1].tail == " `ls` {other} em 3 milhas."
    assert source[-1].tail == " in 5 km."


def test_comments_of_a_copy_sent_back_are_notes(tmp_path: Path) -> None:
    key = unit("adapt", "one")["key"]
    looks = replace(LOOKS, comments={(key, "reason"): "say why", (key, "level"): "changed\x00"})
    data = written(worksheet(unit("adapt", "one")), tmp_path, looks)
    notes = {
        one.getparent().getparent().get("name").rpartition("|")[2]: one.text
        for one in etree.fromstring(data).iter(f"{X}note")
        if one.get("category") == "derive" and one.getparent().getparent().tag == f"{X}unit"
    }
    assert notes == {"reason": "say why", "prompt": "changed\ufffd"}
    assert not XLIFF.read(data, "w.xlf").findings


@pytest.mark.parametrize("text", ["a\x00", "\x0b", "\x1f", "\ufffe", "\uffff"])
@pytest.mark.parametrize("column", ["pivot_prompt", "prompt", "marks"])
def test_what_xml_cannot_carry_is_named(tmp_path: Path, text: str, column: str) -> None:
    made = worksheet(unit("adapt", "one", **{column: text}), unit("adapt", "two"))
    [left] = XLIFF.left_out(made)
    assert (left.code, left.item, left.field) == ("cell-unfit", "one", column)
    come = XLIFF.read(written(made, tmp_path), "w.xlf")
    assert [row.cells["item"] for row in come.rows] == ["two"]
    assert not XLIFF.files(worksheet(unit("adapt", "one", **{column: text})), LOOKS)


# what other tools do


def returned(folder: Path, change: Callable[[etree._Element], object]) -> Returned:
    """The worksheet of one unit, as it is after a tool's change to the unit of the prompt."""
    made = worksheet(unit("adapt", "one", pivot_prompt=SOURCE, prompt="Diga `ls`."))
    root = etree.fromstring(written(made, folder))
    change(prompt_unit(root))
    return XLIFF.read(etree.tostring(root), "w.xlf")


def parts(*xml: str) -> Callable[[etree._Element], None]:
    """The unit's segment replaced by others."""

    def change(there: etree._Element) -> None:
        there.remove(there.find(f"{X}segment"))
        inside = "".join(xml)
        there.extend(etree.fromstring(f'<u xmlns="{X[1:-1]}">{inside}</u>'))

    return change


def target(xml: str, state: str = "translated") -> Callable[[etree._Element], None]:
    codes = '<ph id="1" dataRef="d1"/><ph id="2" dataRef="d2"/>'
    text = f"<source>{codes}</source><target>{xml}</target>"
    return parts(f'<segment id="s1" state="{state}">{text}</segment>')


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("Diga", "Diga"),
        ('<ph id="1" dataRef="d1"/> e <ph id="2" dataRef="d2"/>', "`ls` e {name}"),
        ('a <ph id="2"/>', "a {name}"),
        ('a <ph id="x7" copyOf="1"/>', "a `ls`"),
        ('a <ph id="x7" equiv="&lt;br&gt;"/>', "a <br>"),
        ('<pc id="1" dataRefStart="d1" dataRefEnd="d2">x</pc>', "`ls`x{name}"),
        ('<pc id="1"/>', "`ls`"),
        ('<pc id="1">`ls`</pc> b', "`ls` b"),
        ('<pc id="9" type="fmt">gordo</pc>', "gordo"),
        ('<sc id="1" dataRef="d1"/>x<ec startRef="1" dataRef="d2"/>', "`ls`x{name}"),
        ('<mrk id="m1" type="term">um <ph id="1" dataRef="d1"/></mrk> b', "um `ls` b"),
        ('a<sm id="m1"/>b<em startRef="m1"/>c', "abc"),
        ('a<cp hex="0000"/><cp hex="D800"/><cp hex="?"/>b', "a\0\ufffdb"),
        ("a<!-- remark -->b<?tool x?>c<![CDATA[<d>]]>", "abc<d>"),
        (" \t\r\n a ", " \t\n a "),
        ("a&#13;", "a\r"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("state", ["initial", "translated", "reviewed", "final"])
def test_a_target_gives_back_its_text(tmp_path: Path, xml: str, text: str, state: str) -> None:
    come = returned(tmp_path, target(xml, state))
    assert come.rows[0].cells["prompt"] == text
    assert not come.findings


def test_a_code_that_nobody_knows_is_told(tmp_path: Path) -> None:
    come = returned(tmp_path, target('a <ph id="x7"/> b'))
    assert come.rows[0].cells["prompt"] == "a  b"
    [told] = come.findings
    assert (told.code, told.item, told.field) == ("xliff-incomplete", "one", "prompt")


S = "<segment><source>s</source>{}</segment>"
I = "<ignorable><source>, </source>{}</ignorable>"  # noqa: E741


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ((S.format("<target>a</target>"), I.format(""), S.format("<target>b</target>")), "a, b"),
        ((S.format("<target>a</target>"), I.format("<target> – </target>")), "a – "),
        (
            (
                S.format('<target order="3">a</target>'),
                I.format('<target order="2"> </target>'),
                S.format('<target order="1">b</target>'),
            ),
            "b a",
        ),
        ((S.format(""), I.format(""), S.format("")), ""),
        ((S.format(f'<target order="{"9" * 5000}">a</target>'),), "a"),
    ],
)  # fmt: skip
def test_a_unit_cut_into_segments_is_one_text(
    tmp_path: Path, xml: tuple[str, ...], text: str
) -> None:
    come = returned(tmp_path, parts(*xml))
    assert come.rows[0].cells["prompt"] == text
    assert not come.findings


@pytest.mark.parametrize(
    "xml",
    [
        ('<segment state="final"><source>s</source></segment>',),
        (S.format("<target>a</target>"), S.format("")),
    ],
)
def test_a_segment_said_to_be_done_without_a_target_is_told(
    tmp_path: Path, xml: tuple[str, ...]
) -> None:
    [told] = returned(tmp_path, parts(*xml)).findings
    assert (told.code, told.item, told.field) == ("xliff-incomplete", "one", "prompt")
    assert "no target" in told.message


def added(xml: str) -> Callable[[etree._Element], None]:
    return lambda there: there.insert(0, etree.fromstring(xml))


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (f'<notes xmlns="{X[1:-1]}"><note>ask me</note></notes>', "ask me"),
        (f'<notes xmlns="{X[1:-1]}"><note category="qa">odd</note></notes>', "odd"),
        (f'<metadata xmlns="{MDA[1:-1]}"><metaGroup category="tool"/></metadata>', "tool"),
        ('<validation xmlns="urn:oasis:names:tc:xliff:validation:2.0"/>', "validation"),
    ],
)
def test_what_a_tool_added_is_told(tmp_path: Path, xml: str, said: str) -> None:
    come = returned(tmp_path, added(xml))
    assert [(one.code, one.severity) for one in come.findings] == [("worksheet-extra", "note")]
    assert said in come.findings[0].message
    assert come.rows[0].cells["prompt"] == "Diga `ls`."


def test_a_unit_of_no_column_is_told_and_one_twice_is_refused(tmp_path: Path) -> None:
    def more(name: str) -> Callable[[etree._Element], None]:
        def change(there: etree._Element) -> None:
            other = copy.deepcopy(there)
            other.set("id", name)
            there.getparent().append(other)

        return change

    [told] = returned(tmp_path, more("u1")).findings
    assert (told.code, "u1" in told.message) == ("worksheet-extra", True)
    with pytest.raises(DeriveError, match="twice") as caught:
        returned(tmp_path, more("x.prompt"))
    assert caught.value.where == "w.xlf, one"


def test_a_row_that_lost_its_metadata_is_still_known(tmp_path: Path) -> None:
    come = returned(
        tmp_path, lambda there: there.getparent().remove(there.getparent().find(f"{MDA}metadata"))
    )
    key = unit("adapt", "one")["key"]
    assert come.rows[0].cells == {
        "key": key, "worksheet": "ws-000000000000", "decision": "", "prompt": "Diga `ls`.",
        "response": "", "reason": "", "evidence": "", "author": "",
    }  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_rows_of_all_sheets_come_back_in_any_order(tmp_path: Path, order: int) -> None:
    made = everything()
    root = etree.fromstring(written(made, tmp_path))
    root[:] = root[::order]
    come = XLIFF.read(etree.tostring(root), "w.xlf")
    assert {(row.sheet, row.cells["key"]) for row in come.rows} == {
        (sheet, cells["key"]) for sheet in made.sheets() for cells in made.cells(sheet)
    }
    assert not come.findings
    assert come.meta == made.meta


def again(data: bytes, encoding: str) -> bytes:
    return etree.tostring(etree.fromstring(data), xml_declaration=True, encoding=encoding)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"document:2.0", b"document:2.2").replace(b'"2.1"', b'"2.2"'),
        lambda data: data.replace(b'"2.1"', b'"2.0"', 1),
        lambda data: again(data, "UTF-16"),
        lambda data: again(data, "US-ASCII"),
        lambda data: b"\xef\xbb\xbf" + data.replace(b"\n<file", b"\r\n\r\n<!-- x --><file"),
        lambda data: re.sub(rb"(</?)(?=\w+[ >/])", rb"\1x:", data).replace(b"xmlns=", b"xmlns:x="),
    ],
)  # fmt: skip
def test_other_versions_encodings_and_prefixes_are_read(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    made = worksheet(unit("adapt", "α", prompt="ü `a`", pivot_prompt="`a`"), unit("reply", "β"))
    data = change(written(made, tmp_path))
    assert XLIFF.knows(data, "x")
    come = XLIFF.read(data, "w.xlf")
    assert [row.cells for row in come.rows] == made.cells("adapt") + made.cells("reply")
    assert not come.findings
    assert come.meta == made.meta


XLIFF_12 = b'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"><file/></xliff>'
OPEN = b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en">'
BOMB = b'<!ENTITY e0 "x">' + b"".join(
    b'<!ENTITY e%d "%s">' % (n + 1, b"&e%d;" % n * 20) for n in range(12)
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Not XML"),
        (b"hello", "Not XML"),
        (OPEN, "Not XML"),
        (OPEN + b"&nbsp;</xliff>", "Not XML"),
        (OPEN + b"\xff</xliff>", "Not XML"),
        (b"<x/>", "Not XLIFF 2"),
        (b"<x><file/></x>", "Not XLIFF 2"),
        (XLIFF_12, "Not XLIFF 2"),
        (b"<!DOCTYPE xliff>" + OPEN + b"</xliff>", "DOCTYPE"),
        (b'<!DOCTYPE xliff SYSTEM "http://127.0.0.1:9/x.dtd">' + OPEN + b"</xliff>", "DOCTYPE"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "/etc/passwd">]>' + OPEN + b"&e;</xliff>", "DOCTYPE"),
        (b"<!DOCTYPE x [" + BOMB + b"]>" + OPEN + b'<file id="&e12;"/></xliff>', "DOCTYPE"),
        (b"<!DOCTYPE x [" + BOMB + b']><x a="&e12;"/>', "Not XML|DOCTYPE"),
    ],
)  # fmt: skip
def test_what_is_not_xliff_2_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(DeriveError, match=said) as caught:
        XLIFF.read(data, "w.xlf")
    assert caught.value.where == "w.xlf"
    assert caught.value.fix
