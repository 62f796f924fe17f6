"""Marks stand where they should, whole words and longest first; every item gets one route."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import locales, schemas, tables
from derive.errors import DeriveError
from derive.flag.lexicon import Lexicon, load_lexicon
from derive.flag.marks import find_marks
from derive.flag.stage import flag

HEAD = "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"
LEXICON = """\
tokyo,place,1,Tokyo,,東京,,,any,capital
tokyo-tower,place,1,Tokyo Tower,,東京タワー,,,any,tower
tokyo-metropolis,place,1,Tokyo Metropolis,,東京都,,,any,prefecture
kyoto,place,1,Kyoto,,京都,,,any,city
line,app,1,LINE,,LINE,ライン,,exact,messenger
koseki,document,2,koseki,family register|family registers,戸籍,,,any,register
tofu,food,0,tofu,,豆腐,,,any,known everywhere
tokyo-food,food,0,Tokyo tofu,,東京豆腐,,,any,known everywhere
"""
POLICY = {"routes": {"0": "translate", "1": "adapt", "2": "rewrite"}, "untagged": "suggested"}


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    path = tmp_path_factory.mktemp("lexicon") / "lexicon.csv"
    path.write_text(HEAD + LEXICON, encoding="utf-8")
    return load_lexicon(path)


def items(
    *texts: str, field: str = "prompt_pivot", levels: list[int | None] | None = None
) -> pl.DataFrame:
    rows = []
    for number, text in enumerate(texts):
        row = dict.fromkeys(tables.ITEMS)
        row |= {"id": f"i{number}", "file": "f", "row": number + 1, field: text}
        rows.append({**row, "level": levels[number] if levels else None})
    return tables.frame(rows, tables.ITEMS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live in Tokyo.", ["Tokyo"]),
        ("TOKYO, tokyo and Tokyo's bay", ["TOKYO", "tokyo", "Tokyo"]),
        ("Tokyo Tower is in Tokyo", ["Tokyo Tower", "Tokyo"]),
        ("Tokyoite and Neotokyo are no marks", []),
        ("Tokyo2020 and tokyo_tower", ["tokyo", ]),
        ("(Tokyo)-Kyoto", ["Tokyo", "Kyoto"]),
        ("LINE me, do not line up or draw a Line", ["LINE"]),
        ("two family registers, one family register", ["family registers", "family register"]),
        ("tofu is known everywhere", []),
        ("Tokyo tofu takes the place of Tokyo", ["Tokyo"]),
        ("İstanbul İs not Tokyo", ["Tokyo"]),
        ("👩‍👩‍👧 e\u0301 Tokyo 😀", ["Tokyo"]),
        ("Tokyo\u0301 is spelt with an accent", []),
    ],
)  # fmt: skip
def test_english(lexicon: Lexicon, text: str, expected: list[str]) -> None:
    marks = list(find_marks(items(text), lexicon))
    assert [mark["surface"] for mark in marks] == expected
    assert all(text[mark["start"] : mark["end"]] == mark["surface"] for mark in marks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("東京都に住んでいます", ["東京都"]),
        ("京都と東京都と東京", ["京都", "東京都", "東京"]),
        ("東京タワーへ行く", ["東京タワー"]),
        ("オンラインで話す", []),
        ("ラインで話す", ["ライン"]),
        ("LINEで話す", ["LINE"]),
        ("戸籍を見る😀戸籍", ["戸籍", "戸籍"]),
        ("Tokyoという言葉", ["Tokyo"]),
    ],
)
def test_japanese(lexicon: Lexicon, text: str, expected: list[str]) -> None:
    marks = list(find_marks(items(text, field="prompt"), lexicon))
    assert [mark["surface"] for mark in marks] == expected
    assert all(text[mark["start"] : mark["end"]] == mark["surface"] for mark in marks)


WORDS = [
    "Tokyo",
    "tokyo tower",
    "Kyoto",
    "tofu",
    "Tokyo tofu",
    "family register",
    "x",
    "İ",
    "😀",
    "é",
]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", "-", ".", "", "ß"])), max_size=10
    )
)
def test_like_a_plain_search(lexicon: Lexicon, pieces: list[tuple[str, str]]) -> None:
    """The oracle: one regular expression, longest form first, letters and digits on no side."""
    text = "".join(word + joint for word, joint in pieces)
    levels = {form: owners[0][1].level for form, owners in lexicon.pivot.items() if form != "line"}
    longest_first = sorted(levels, key=len, reverse=True)
    spelt = "|".join(re.escape(form).replace(r"\ ", "[ -]") for form in longest_first)
    pattern = rf"(?<![^\W_])(?:{spelt})(?![^\W_])"
    expected = [
        (match.start(), match.end())
        for match in re.finditer(pattern, text, re.IGNORECASE)
        if levels[match[0].lower().replace("-", " ")]
    ]
    found = [(mark["start"], mark["end"]) for mark in find_marks(items(text), lexicon)]
    assert found == expected


def test_routes(lexicon: Lexicon) -> None:
    texts = ["plain", "Tokyo", "koseki in Tokyo", "plain", "Tokyo", "plain", "koseki"]
    table = items(*texts, levels=[None, None, None, 0, 0, 1, 2])
    done = flag(table, lexicon, POLICY)
    routes = done.routes.to_dicts()
    assert [row["item"] for row in routes] == table["id"].to_list()
    assert [row["route"] for row in routes] == [
        "translate", "adapt", "rewrite", "translate", "translate", "adapt", "rewrite",
    ]  # fmt: skip
    assert [row["level_suggested"] for row in routes] == [0, 1, 2, 0, 1, 0, 2]
    assert [row["level"] for row in routes] == table["level"].to_list(), "a tag is never changed"
    assert [(one.code, one.item) for one in done.findings] == [
        ("level-0-marked", "i4"),
        ("level-suggested", None),
    ]
    for mark in done.marks.to_dicts():
        assert not schemas.violations("mark", mark)


def test_policy(lexicon: Lexicon) -> None:
    policy = {"routes": {"0": "adapt", "1": "rewrite", "2": "translate"}, "untagged": "rewrite"}
    done = flag(items("a", "b", "c", "Tokyo", levels=[0, 1, 2, None]), lexicon, policy)
    assert done.routes["route"].to_list() == ["adapt", "rewrite", "translate", "rewrite"]


def test_without_a_lexicon() -> None:
    done = flag(items("Tokyo", levels=[None]), load_lexicon(None), POLICY)
    assert (done.marks.height, done.routes["route"].to_list()) == (0, ["translate"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("tokyo,planet,1,Tokyo,,,,,any,x", "planet"),
        ("tokyo,place,3,Tokyo,,,,,any,x", "'3'"),
        ("Tokyo City,place,1,Tokyo,,,,,any,x", "Tokyo City"),
        ("tokyo,place,1,Tokyo", "None"),
        ("a,place,1,Tokyo,,,,,any,x\na,place,1,Kyoto,,,,,any,x", "Two entries 'a'"),
    ],
)
def test_bad_lexicon(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "lexicon.csv"
    path.write_text(f"{HEAD}{row}\n", encoding="utf-8")
    if message == "None":
        message = "''"
    with pytest.raises(DeriveError) as caught:
        load_lexicon(path)
    assert message in f"{caught.value.what} {caught.value.where}"
    assert "lexicon.csv" in f"{caught.value.where} {caught.value.fix}"


def test_the_shipped_lexicon_finds_the_samples_marks(sample: Path) -> None:
    """Tagged 0: no marks. Tagged 1 or 2: at least one, in the English."""
    from derive.release.read import read_release

    pack = locales.source_pack("ja")
    assert pack is not None
    done = flag(read_release(str(sample)).items, load_lexicon(pack.lexicon), POLICY)
    marked = set(done.marks.filter(pl.col("field") == "prompt_pivot")["item"])
    for row in done.routes.to_dicts():
        assert (row["item"] in marked) == (row["level"] > 0), row
