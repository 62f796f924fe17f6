"""Where a word begins and ends, which of two entries wins, and what a mark tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive import locales, pack_rules, tables
from derive.flag.lexicon import Lexicon, load_lexicon
from derive.flag.marks import find_marks

LEXICON = """\
entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss
tokyo,place,1,Tokyo,,東京,,,any,capital
ward,place,1,ward,,区,,,any,part of a city
ward-name,person,2,Ward,,,,,exact,a family name
soba,food,1,soba noodles,soba,そば,ソバ,,any,noodles
disney,company,0,Tokyo Disneyland,,東京ディズニーランド,,,any,known everywhere
number,organisation,1,Channel 2,2channel,2ちゃんねる,,,any,forum
yen,money,1,yen,¥,円,,,any,currency
no-english,custom,2,,,お中元,,,any,summer gifts
"""


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    path = tmp_path_factory.mktemp("lexicon") / "lexicon.csv"
    path.write_text("\ufeff" + LEXICON, encoding="utf-8")
    return load_lexicon(path)


def marks(lexicon: Lexicon, **texts: str) -> list[tuple[str, str, str]]:
    row = {**dict.fromkeys(tables.ITEMS), "id": "i", **texts}
    found = list(find_marks(tables.frame([row], tables.ITEMS), lexicon))
    assert all(texts[one["field"]][one["start"] : one["end"]] == one["surface"] for one in found)
    return [(one["field"], one["surface"], one["entry"]) for one in found]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Tokyo’s, Tokyo's and 'Tokyo'", ["Tokyo"] * 3),
        ("Tokyo/tokyo—TOKYO…Tokyo\nTokyo\tTokyo", ["Tokyo", "tokyo", "TOKYO", *["Tokyo"] * 3]),
        ("#Tokyo @tokyo https://tokyo.example/Tokyo", ["Tokyo", "tokyo", "tokyo", "Tokyo"]),
        ("eTokyo Tokyo1 1Tokyo Tokyoé Tokyo\u0301 Ｔokyo", []),
        ("Tokyo\u200d Tokyo\u00ad Tokyo😀 😀Tokyo", ["Tokyo"] * 4),
        ("the ward, Ward and WARD", ["ward", "Ward", "WARD"]),
        ("soba noodles or soba", ["soba noodles", "soba"]),
        ("soba  noodles", ["soba"]),
        ("Tokyo Disneyland in Tokyo", ["Tokyo"]),
        ("Channel 2, Channel 22, 2channel, 12channel", ["Channel 2", "2channel"]),
        ("¥500, 500 yen, 500yen", ["¥", "yen"]),
        ("", []),
    ],
)
def test_english(lexicon: Lexicon, text: str, surfaces: list[str]) -> None:
    assert [surface for _, surface, _ in marks(lexicon, prompt_pivot=text)] == surfaces


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("東京ディズニーランドは東京ではない", ["東京"]),
        ("東京の区と東京タワー", ["東京", "区", "東京"]),
        ("ソバ、ソバー、オソバ、ソバ・ソバ", ["ソバ", "ソバ", "ソバ"]),
        ("ｿﾊﾞとｱソバ", []),
        ("ソバ\u3099", []),
        ("おそばを食べる", ["そば"]),
        ("2ちゃんねる、12ちゃんねる", ["2ちゃんねる"]),
        ("1万円と\u3000５００円", ["円", "円"]),
        ("𠮷野家の東京店😀東京", ["東京", "東京"]),
        ("お中元", ["お中元"]),
    ],
)
def test_japanese(lexicon: Lexicon, text: str, surfaces: list[str]) -> None:
    assert [surface for _, surface, _ in marks(lexicon, response=text)] == surfaces


def test_the_entry_that_wins(lexicon: Lexicon) -> None:
    """Of two at one place, the one of the higher level that is spelt so."""
    found = marks(lexicon, prompt_pivot="ward Ward WARD")
    assert [entry for *_, entry in found] == ["ward", "ward-name", "ward"]


def test_every_field_is_searched(lexicon: Lexicon) -> None:
    texts = dict.fromkeys(("prompt", "response", "prompt_pivot", "response_pivot"), "東京 Tokyo")
    assert [(field, surface) for field, surface, _ in marks(lexicon, **texts)] == [
        ("prompt", "東京"), ("prompt", "Tokyo"), ("response", "東京"), ("response", "Tokyo"),
        ("prompt_pivot", "Tokyo"), ("response_pivot", "Tokyo"),
    ]  # fmt: skip


@pytest.mark.parametrize("side", ["pivot", "source"])
def test_the_shipped_lexicon_finds_each_of_its_forms(side: str) -> None:
    pack = locales.load("ja-JP")
    lexicon = load_lexicon(pack.lexicon)
    field = "prompt_pivot" if side == "pivot" else "prompt"
    rows, _ = locales.read_table(Path(str(pack.lexicon)), "lexicon-entry")
    forms = [(row, form) for row in rows for form in pack_rules.lexicon_forms(row, side)]
    assert len(rows) >= 100
    assert len(forms) > len(rows) * 0.8
    # one text: a search costs as much as the lexicon is long
    found = marks(lexicon, **{field: " | ".join(form for _, form in forms)})
    assert found == [(field, form, row["entry"]) for row, form in forms if row["level"] != "0"]
