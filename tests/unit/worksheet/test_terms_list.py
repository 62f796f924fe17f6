"""Terms come back as they went, from files of other tools too, and are found where they are."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sheets import NASTY, TEXT

from derive.errors import DeriveError
from derive.terminology import Term, TermChecker
from derive.worksheet.terms_list import read_terms, write_terms

ELEMENTS = ("tbx", "tbxHeader", "fileDesc", "sourceDesc", "p", "text", "body", "conceptEntry",
            "langSec", "termSec", "term", "termNote", "admin", "note")  # fmt: skip
NS = "{urn:iso:std:iso:30042:ed-2}"
HEADER = "source,target,note,forbidden,case\n"
WORD = TEXT.filter(lambda text: text.strip())
TERMS = st.lists(
    st.builds(Term, WORD, WORD, TEXT, st.booleans(), st.booleans()),
    max_size=5,
    unique_by=lambda term: (term.source.strip(), term.target.strip()),
)
# several targets for one source, and one line ending in the other's beginning
SYNONYMS = [
    Term("警察", "polícia", "a força"),
    Term("警察", "delegacia", forbidden=True),
    Term("警察 ", "Polícia Civil", case=True),
    Term("AI", "IA", '"=1+1" & <b>\r\nmais', True, True),
    Term("=1+1", "'-x", "'"),
    Term("警察", "PM"),
]


Write = Callable[[str | bytes], Path]


def writer(path: Path) -> Write:
    def write(text: str | bytes) -> Path:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture
def csv(tmp_path: Path) -> Write:
    """Writes the text of a CSV file, and says where."""
    return writer(tmp_path / "terms.csv")


@pytest.fixture
def tbx(tmp_path: Path) -> Write:
    """Writes the text of a TBX file, and says where."""
    return writer(tmp_path / "terms.tbx")


# --- what is written is what is read


@pytest.mark.parametrize("suffix", [".csv", ".tbx", ".CSV", ".Tbx"])
def test_synonyms_come_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"terms{suffix}"
    write_terms(path, SYNONYMS, "ja", "pt-BR")
    assert read_terms(path) == SYNONYMS
    assert read_terms(path, "ja", "pt-BR") == SYNONYMS
    before = path.read_bytes()
    write_terms(path, read_terms(path), "ja", "pt-BR")
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", [".csv", ".tbx"])
def test_no_terms_at_all(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"terms{suffix}"
    write_terms(path, [], "ja", "pt-BR")
    assert read_terms(path) == []


@pytest.mark.parametrize("suffix", [".csv", ".tbx"])
@given(terms=TERMS)
@settings(deadline=None, max_examples=150)
def test_any_terms_come_back_or_are_refused(suffix: str, terms: list[Term]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"terms{suffix}"
        texts = "".join(term.source + term.target + term.note for term in terms)
        if suffix == ".tbx" and not xml_holds(texts):
            with pytest.raises(DeriveError, match="cannot hold the character"):
                write_terms(path, terms, "ja", "pt-BR")
            assert not path.exists()
        else:
            write_terms(path, terms, "ja", "pt-BR")
            assert read_terms(path) == terms


def xml_holds(text: str) -> bool:
    """As lxml itself says."""
    try:
        etree.Element("x").text = text
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("suffix", "terms", "what"),
    [
        (".csv", [Term("a", "\ud800")], "U+D800"),
        (".tbx", [Term("a", "b", "\x00")], "U+0000"),
        (".tbx", [Term("a\uffff", "b")], "U+FFFF"),
        (".csv", [Term("a", "b"), Term(" ", "b")], "no source"),
        (".tbx", [Term("a", "b"), Term("a", "")], "no target"),
        (".csv", [Term("a", "b"), Term("a ", "b", "other")], "twice"),
    ],
)
def test_what_cannot_be_given_back_is_not_written(
    tmp_path: Path, suffix: str, terms: list[Term], what: str
) -> None:
    path = tmp_path / f"terms{suffix}"
    with pytest.raises(DeriveError) as caught:
        write_terms(path, terms, "ja", "pt-BR")
    assert what in caught.value.what
    assert caught.value.where == f"{path} term {len(terms)}"
    assert not path.exists()


def test_two_languages_are_needed(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="both en"):
        write_terms(tmp_path / "terms.tbx", [], "en", "en")
    write_terms(tmp_path / "terms.csv", [Term("a", "b")], "en", "en")


def test_other_endings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "terms.xlsx"
    with pytest.raises(DeriveError, match=r"\.csv"):
        read_terms(path)
    with pytest.raises(DeriveError, match=r"\.csv"):
        write_terms(path, [], "ja", "pt-BR")
    with pytest.raises(DeriveError, match="No such file"):
        read_terms(tmp_path / "none.csv")


# --- CSV as people make it


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_of_spreadsheets(csv: Write, delimiter: str, bom: str, end: str) -> None:
    lines = [
        ["Target", " source ", "note", "FORBIDDEN", "case", ""],
        ["polícia", "警察", "a, b; c", "No", "", ""],
        ["", "", "", "", "", ""],
        ["", "", "", "", "", ""],
        ["tira", "警察", "", "TRUE", "1", ""],
        ["IA", "AI"],
    ]
    text = end.join(delimiter.join(f'"{x}"' if " " in x else x for x in line) for line in lines)
    assert read_terms(csv(bom + text)) == [
        Term("警察", "polícia", "a, b; c"),
        Term("警察", "tira", "", True, True),
        Term("AI", "IA"),
    ]


def test_only_two_columns_are_needed(csv: Write) -> None:
    assert read_terms(csv("source;target\na;b\n")) == [Term("a", "b")]


@pytest.mark.parametrize("word", ["", " ", "no", "NO", "false", "False", "0"])
def test_no(csv: Write, word: str) -> None:
    assert read_terms(csv(f"{HEADER}a,b,,{word},{word}\n")) == [Term("a", "b")]


@pytest.mark.parametrize("word", ["yes", "Yes ", "true", "TRUE", "1"])
def test_yes(csv: Write, word: str) -> None:
    assert read_terms(csv(f"{HEADER}a,b,,{word},{word}\n")) == [Term("a", "b", "", True, True)]


def test_formulas_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    write_terms(path, [Term("=1+1", "@x", "-y")], "ja", "pt-BR")
    assert b'"\'=1+1","\'@x","\'-y","no","no"' in path.read_bytes()


@pytest.mark.parametrize(
    ("rows", "row", "what"),
    [
        ("a,b,,,\n ,c,,,\n", 3, "no source"),
        ("a,b,,,\nc,,,,\n", 3, "no target"),
        ("a,b,,maybe,\n", 2, "forbidden is neither yes nor no: 'maybe'"),
        ("a,b,,,2\n", 2, "case is neither yes nor no: '2'"),
        ("a,b,,,\nx,y,,,\na, b,other,yes,\n", 4, "“a” has the target “b” twice"),
        ("a,b,c,no,no,more\n", 2, "More cells"),
        (',,,,\n\n"a\nb",c,,,\n,d,,,\n', 5, "no source"),
    ],
)
def test_bad_rows_are_named(csv: Write, rows: str, row: int, what: str) -> None:
    path = csv(HEADER + rows)
    with pytest.raises(DeriveError) as caught:
        read_terms(path)
    assert what in caught.value.what
    assert caught.value.where == f"{path} row {row}"
    assert caught.value.fix


@pytest.mark.parametrize("header", ["a,b", "source,ziel", "source,target,forbiden", "source"])
def test_columns_must_be_named(csv: Write, header: str) -> None:
    with pytest.raises(DeriveError, match="name the columns"):
        read_terms(csv(f"{header}\na,b,yes\n"))


def test_what_is_no_text_is_named(csv: Write) -> None:
    with pytest.raises(DeriveError, match="UTF-8"):
        read_terms(csv(HEADER.encode() + b"pol\xedcia,b,,,\n"))
    with pytest.raises(DeriveError, match="CSV"):
        read_terms(csv(f'{HEADER}"a,b,,,\n'))


# --- TBX as other tools make it

TBX_2019 = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="https://example.com/x.rng"?>
<tbx type="TBX-Basic" style="dca" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2">
 <tbxHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></tbxHeader>
 <text><body>
  <conceptEntry id="c1">
   <descrip type="subjectField">law</descrip><note>of the concept</note>
   <langSec xml:lang="ja">
    <descripGrp><descrip type="definition">d</descrip><note>no</note></descripGrp>
    <termSec><term>警察</term></termSec>
    <termSec><term>ポ<!-- x -->リス</term>
     <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termSec>
   </langSec><!-- between --><?pi x?>
   <langSec xml:lang="pt-br">
    <termSec><term>polícia <hi type="bold">militar</hi></term>
     <termNote type="partOfSpeech">noun</termNote>
     <termNote type="administrativeStatus">preferredTerm-admn-sts</termNote>
     <note>first</note><note>second</note></termSec>
    <termSec><term>tira</term><termNoteGrp>
     <termNote type="administrativeStatus"> supersededTerm-admn-sts </termNote></termNoteGrp>
    </termSec>
   </langSec>
  </conceptEntry>
  <conceptEntry><langSec xml:lang="ja"><termSec><term>孤独</term></termSec></langSec></conceptEntry>
 </body></text>
</tbx>"""
TBX_2008 = """<martif type="TBX" xml:lang="en">
 <martifHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></martifHeader>
 <text><body>
  <termEntry id="c1">
   <langSet xml:lang="en"><tig><term>police</term></tig></langSet>
   <langSet xml:lang="de"><tig><term>Polizei</term></tig></langSet>
   <langSet xml:lang="pt"><tig><term>polícia</term><note>n</note></tig>
    <ntig><termGrp><term>tira</term>
     <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termGrp></ntig>
   </langSet>
  </termEntry>
 </body></text>
</martif>"""


def test_tbx_of_2019(tbx: Write) -> None:
    expected = [
        Term(source, target, note, forbidden)
        for source in ("警察", "ポリス")
        for target, note, forbidden in (
            ("polícia militar", "first\nsecond", False),
            ("tira", "", True),
        )
    ]
    path = tbx(TBX_2019)
    assert read_terms(path) == expected
    assert read_terms(path, "ja", "pt-BR") == expected
    assert read_terms(path, "ja-JP", "pt") == expected
    (first, *_) = read_terms(path, "pt-BR", "ja")
    assert first == Term("polícia militar", "警察")


def test_tbx_of_2008(tbx: Write) -> None:
    path = tbx(TBX_2008)
    expected = [Term("police", "polícia", "n"), Term("police", "tira", forbidden=True)]
    assert read_terms(path, "en", "pt-BR") == expected
    for tags in ((None, None), ("en", None), ("en", "fr"), ("en", "en-GB")):
        with pytest.raises(DeriveError, match="languages") as caught:
            read_terms(path, *tags)
        assert "en, de, pt" in str(caught.value.where)


def test_another_region_is_not_taken_for_it(tbx: Write) -> None:
    path = tbx(TBX_2019.replace("pt-br", "pt-PT"))
    with pytest.raises(DeriveError, match="languages"):
        read_terms(path, "ja", "pt-BR")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("<term>tira</term>", "<term> </term>", "no target"),
        ("<term>tira</term>", "", "no target"),
        ("<term>警察</term>", "<term/>", "no source"),
        ("tira", "polícia militar", "twice"),
    ],
)
def test_bad_entries_are_named(tbx: Write, old: str, new: str, what: str) -> None:
    path = tbx(TBX_2019.replace(old, new))
    with pytest.raises(DeriveError, match=what) as caught:
        read_terms(path)
    assert caught.value.where == f"{path} entry 1"


def test_tbx_is_in_the_form_of_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "terms.tbx"
    write_terms(path, SYNONYMS, "ja", "pt-BR")
    root = etree.parse(path).getroot()
    assert root.tag == f"{NS}tbx"
    assert (root.get("type"), root.get("style")) == ("TBX-Basic", "dca")
    assert {one.tag for one in root.iter()} == {f"{NS}{name}" for name in ELEMENTS}
    # synonyms that follow each other are one concept
    entries = list(root.iter(f"{NS}conceptEntry"))
    counts = [len(entry.findall(f".//{NS}termSec")) for entry in entries]
    assert counts == [3, 2, 2, 2, 2]
    assert root.findtext(f".//{NS}termNote") == "deprecatedTerm-admn-sts"
    # in a termSec the standard wants term, then termNote, then the rest
    order = ["term", "termNote", "admin", "note"]
    for unit in root.iter(f"{NS}termSec"):
        names = [order.index(etree.QName(one).localname) for one in unit]
        assert names == sorted(names)
        assert names[0] == 0


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE martif>",
        '<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">',
        '<!DOCTYPE martif [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE martif [<!ENTITY e9 SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE martif [<!ENTITY e9 "police">]>',
        f"<!DOCTYPE martif [{BOMB}]>",
    ],
)
@pytest.mark.parametrize("place", ["<term>police", 'id="c1'])
def test_a_doctype_is_refused(tbx: Write, doctype: str, place: str) -> None:
    text = TBX_2008.replace(place, f"{place}&e9;") if "e9" in doctype else TBX_2008
    begin = time.process_time()
    # an entity that an attribute may not have, or one too large, is refused by the parser itself
    with pytest.raises(DeriveError, match=r"DOCTYPE|^Not well-formed XML: .*[Ee]ntity"):
        read_terms(tbx(doctype + text), "en", "pt")
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("text", ["", "no xml", "<tbx>", "<html/>", '<tmx version="1.4"/>'])
def test_what_is_no_tbx_is_refused(tbx: Write, text: str) -> None:
    with pytest.raises(DeriveError, match=r"TBX|XML"):
        read_terms(tbx(text))


# --- the check

POLICE = Term("警察", "polícia")


def kinds(terms: list[Term], source: str, target: str) -> list[str]:
    return [kind for kind, _ in TermChecker(terms).check(source, target)]


@pytest.mark.parametrize(
    ("term", "source", "target", "missing"),
    [
        # scripts without spaces: anywhere
        (POLICE, "警察署はどこ", "Onde fica a delegacia?", True),
        (POLICE, "警察署はどこ", "Onde fica a Polícia?", False),
        (POLICE, "警察署はどこ", "As polícias", False),
        (POLICE, "消防署はどこ", "Onde?", False),
        (Term("경찰", "polícia"), "경찰은 어디에", "Onde?", True),
        (Term("ตำรวจ", "polícia"), "สถานีตำรวจอยู่ที่ไหน", "Onde?", True),
        # Latin beside Japanese is a word of its own
        (Term("AI", "IA"), "生成AIの話", "x", True),
        (Term("AI", "IA"), "生成ＡＩの話", "x", True),
        (Term("AI", "IA"), "RAID", "x", False),
        # whole words
        (Term("art", "arte"), "a party", "x", False),
        (Term("art", "arte"), "art!", "x", True),
        (Term("art", "arte"), "party, art", "x", True),
        (Term("art", "arte"), "art_1 art2 2art", "x", False),
        (Term("état", "estado"), "l'e\u0301tat", "x", True),
        (Term("eta", "x"), "e\u0301tat éta", "y", False),
        (Term("cafe", "x"), "cafe\u0331", "y", False),
        (Term("C++", "x"), "in C++, of", "y", True),
        (Term("कि", "x"), "किताब", "y", False),
        (Term("می", "x"), "می\u200cخواهم", "y", False),
        # white space of any kind and number
        (Term("police\u00a0 officer", "policial"), "a police\nofficer", "x", True),
        (Term(" police ", "polícia militar"), "police", "a polícia\n militar", False),
        # case
        (Term("US", "EUA"), "tell us", "x", True),
        (Term("US", "EUA", case=True), "tell us", "x", False),
        (Term("US", "EUA", case=True), "the US", "eua", True),
        (Term("US", "EUA"), "the us", "eua", False),
        (Term("STRASSE", "rua"), "Die Straße", "x", True),
    ],
)
def test_missing(term: Term, source: str, target: str, missing: bool) -> None:
    assert kinds([term], source, target) == ["term-missing"] * missing


@pytest.mark.parametrize(
    ("term", "target", "found"),
    [
        (Term("警察", "tira", forbidden=True), "O tira veio", True),
        (Term("警察", "tira", forbidden=True), "TIRA!", True),
        (Term("警察", "tira", forbidden=True, case=True), "TIRA!", False),
        (Term("警察", "tira", forbidden=True), "Ela retira, atirador", False),
        (Term("警察", "tira", forbidden=True), "retira, tira", True),
        (Term("x", "1o", forbidden=True), "o 1º lugar", False),
        (Term("x", "警官", forbidden=True), "この警官は", True),
    ],
)
def test_forbidden(term: Term, target: str, found: bool) -> None:
    assert kinds([term], "anything", target) == ["term-forbidden"] * found


def test_synonyms_and_messages() -> None:
    terms = [
        Term("警察", "polícia"),
        Term("警察", "PM", case=True),
        Term("警察", "tira", "gíria", forbidden=True),
        Term("署", "posto"),
    ]
    checker = TermChecker(terms)
    assert checker.check("警察", "a PM") == []
    assert checker.check("警察", "às 5 pm") == [
        ("term-missing", "“警察” is to be “polícia” or “PM”")
    ]
    assert checker.check("警察署", "o tira") == [
        ("term-missing", "“警察” is to be “polícia” or “PM”"),
        ("term-missing", "“署” is to be “posto”"),
        ("term-forbidden", "“tira” is not to be used for “警察”: gíria"),
    ]
    checker = TermChecker([Term("警察", "tira", forbidden=True)])
    assert checker.check("", "tira") == [("term-forbidden", "“tira” is not to be used for “警察”")]


def test_a_source_with_forbidden_targets_only_asks_for_nothing() -> None:
    assert kinds([Term("警察", "tira", forbidden=True)], "警察", "x") == []


def test_one_source_in_two_cases() -> None:
    terms = [Term("US", "EUA", case=True), Term("us", "nós")]
    assert kinds(terms, "tell us", "EUA") == ["term-missing"]
    assert kinds(terms, "tell us", "nós") == []
    assert kinds(terms, "the US", "EUA") == []


def test_nothing_to_check() -> None:
    assert TermChecker([]).check("a", "b") == []
    assert TermChecker([POLICE]).check("", "") == []
    assert TermChecker([Term(" ", " "), Term("", "", forbidden=True)]).check("a", "b") == []


@given(TEXT, TEXT, TERMS)
@settings(deadline=None)
def test_any_text_can_be_checked(source: str, target: str, terms: list[Term]) -> None:
    found = TermChecker(terms).check(source, target)
    assert {kind for kind, _ in found} <= {"term-missing", "term-forbidden"}
    # with every target of a term in it, none is missing
    every = " ".join(term.target for term in terms)
    assert "term-missing" not in kinds(terms, source, every)


@given(WORD, NASTY)
def test_a_word_between_spaces_is_found(word: str, other: str) -> None:
    assert kinds([Term(word, "\x01never\x02")], f"x {word} {other}", "x") == ["term-missing"]


def test_five_hundred_terms_in_ten_thousand_texts_are_quick() -> None:
    rng = random.Random(2)
    words = ["".join(rng.choices("abcdefghij", k=6)) for _ in range(3000)]
    terms = [
        Term(" ".join(rng.choices(words, k=n % 2 + 1)), words[n], forbidden=n % 5 == 0)
        for n in range(500)
    ]
    texts = [" ".join(rng.choices(words, k=60)) for _ in range(10_000)]
    checker = TermChecker(terms)
    begin = time.process_time()
    found = sum(len(checker.check(one, other)) for one, other in pairwise(texts))
    assert found > 1000
    assert time.process_time() - begin < 20
