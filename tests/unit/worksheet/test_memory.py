"""What a translation tool reads from the memory is what went in, to the last character."""

from __future__ import annotations

from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sheets import TEXT
from translate.storage.tmx import tmxfile

from derive.worksheet.memory import Pair, tmx

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# the part of TMX 1.4's DTD that level 1 (plain text) uses
DTD = etree.DTD(
    StringIO("""
<!ELEMENT tmx (header, body)> <!ATTLIST tmx version CDATA #FIXED "1.4">
<!ELEMENT header (note|prop)*>
<!ATTLIST header creationtool CDATA #REQUIRED creationtoolversion CDATA #REQUIRED
  segtype (block|paragraph|sentence|phrase) #REQUIRED o-tmf CDATA #REQUIRED
  adminlang CDATA #REQUIRED srclang CDATA #REQUIRED datatype CDATA #REQUIRED
  creationdate CDATA #IMPLIED>
<!ELEMENT body (tu*)>
<!ELEMENT note (#PCDATA)>
<!ELEMENT prop (#PCDATA)> <!ATTLIST prop type CDATA #REQUIRED>
<!ELEMENT tu ((note|prop)*, tuv+)> <!ATTLIST tu tuid CDATA #IMPLIED>
<!ELEMENT tuv ((note|prop)*, seg)> <!ATTLIST tuv xml:lang CDATA #REQUIRED>
<!ELEMENT seg (#PCDATA)>
""")
)
# what a text may hold that a writer or reader may spoil
HARD = [
    "",
    " ",
    "\n",
    "\r",
    "a\rb\r\nc\nd",
    "\t tab and blanks \t",
    "  leading\n\n  and trailing  \n",
    "<seg>&amp;</seg> ]]> <![CDATA[ x ]]> &#13; \"'",
    "😀 👩‍👩‍👧 e\u0301",
    "\u200fשלום \u202bעולם\u202c ش",
    "東京\u3000都 \u00a0\u2028\u2029\u0085\x7f\x9f",
    "\ufeff\ufffd\U0010fffd",
]
BAD = ["\x00", "\x0b", "\x1b", "\x1f", "\ud800", "\udfff", "\ufffe", "\uffff"]


def pair(key: str = "k", source: str = "警察", target: str = "polícia", **changed: str) -> Pair:
    return Pair(key, source, target, **{"state": "final", "decision": "modify", **changed})


def by_lxml(document: bytes) -> list[Pair]:
    root = etree.fromstring(document)
    assert DTD.validate(root), DTD.error_log
    found = []
    for unit in root.iter("tu"):
        state, decision = unit.findall("prop")
        assert (state.get("type"), decision.get("type")) == ("x-derive-state", "x-derive-decision")
        source, target = unit.findall("tuv")
        assert (source.get(LANG), target.get(LANG)) == ("ja", "pt-BR")
        texts = [one.text or "" for one in (source[0], target[0], state, decision)]
        found.append(Pair(unit.get("tuid", "?"), *texts))
    return found


def by_toolkit(document: bytes) -> list[tuple[str, str, str]]:
    store = tmxfile.parsestring(document)
    store.setsourcelanguage("ja")
    store.settargetlanguage("pt-BR")
    return [(unit.getid(), str(unit.source or ""), str(unit.target or "")) for unit in store.units]


def test_the_document() -> None:
    document, left_out = tmx([pair("a", "x\ry", "<b>")], "ja", "pt-BR")
    assert left_out == []
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<tmx version=\"1.4\">\n")
    assert document.endswith(b"</tmx>\n")
    assert b"DOCTYPE" not in document
    assert b"date" not in document
    assert b"<seg>x&#13;y</seg>" in document
    (header,) = etree.fromstring(document).iter("header")
    assert (header.get("srclang"), header.get("creationtool")) == ("ja", "derive")


def test_hard_texts_come_back() -> None:
    made = [pair(f"k{n}", text, HARD[-n]) for n, text in enumerate(HARD)]
    document, left_out = tmx(made, "ja", "pt-BR")
    assert left_out == []
    assert by_lxml(document) == made
    assert by_toolkit(document) == [(one.key, one.source_text, one.target_text) for one in made]


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
@settings(deadline=None)
def test_any_text_comes_back_or_is_named(texts: list[tuple[str, str]]) -> None:
    made = [pair(f"k{n}", *both) for n, both in enumerate(texts)]
    document, left_out = tmx(iter(made), "ja", "pt-BR")
    assert (document, left_out) == tmx(made, "ja", "pt-BR")
    kept = by_lxml(document)
    assert kept == [one for one in made if one.key not in left_out]
    assert by_toolkit(document) == [(one.key, one.source_text, one.target_text) for one in kept]
    for one in made:
        if one.key in left_out:  # lxml itself says that it cannot be
            with pytest.raises(ValueError, match="XML compatible"):
                etree.Element("x").text = one.source_text + one.target_text


@pytest.mark.parametrize("char", BAD)
@pytest.mark.parametrize("place", ["source", "target", "state", "decision"])
def test_what_xml_cannot_carry_is_left_out(char: str, place: str) -> None:
    made = [pair("a"), pair("b", **{place: f"x{char}y"}), pair("c")]
    document, left_out = tmx(made, "ja", "pt-BR")
    assert left_out == ["b"]
    assert [one.key for one in by_lxml(document)] == ["a", "c"]


def test_a_key_that_xml_cannot_carry_and_one_that_is_odd() -> None:
    document, left_out = tmx([pair("a\x00"), pair(' <"\n\t\r&')], "ja", "pt-BR")
    assert left_out == ["a\x00"]
    assert [one.key for one in by_lxml(document)] == [' <"\n\t\r&']


def test_nothing_is_a_document_too() -> None:
    document, left_out = tmx([], "ja", "pt-BR")
    assert (by_lxml(document), left_out) == ([], [])
    etree.parse(BytesIO(document))
