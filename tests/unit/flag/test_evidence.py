"""Each kind of evidence with the shipped packs: what it finds, what it leaves, and why."""

from __future__ import annotations

import unicodedata
from functools import cache

import pytest

from derive import locales, schemas, tables
from derive.flag.lexicon import Lexicon, load_lexicon
from derive.flag.marks import find_marks
from derive.flag.patterns import Patterns, load_patterns

NOTHING = Lexicon({}, {}, {})


@cache
def patterns(tag: str) -> Patterns:
    return load_patterns(locales.load(tag))


HEAD = "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"
LEXICONS = {
    "ja-JP": """\
japan,place,1,Japan,,日本,,,any,the country
kyoto,place,1,Kyoto,Kyōto,京都,,,any,city
osaka,place,1,Osaka,Ōsaka,大阪,,,any,city
nara,place,1,Nara,,奈良,,,exact,city
hiroshima,place,1,Hiroshima,,広島,,,any,city
tax-agency,agency,1,National Tax Agency,,国税庁,,Kokuzeichō,any,tax authority
npa,agency,1,National Police Agency,,警察庁,,,any,police
register,document,2,family register,,戸籍,,,any,register of families
mob,crime,2,organised gang,,暴力団,,bōryokudan,any,organised crime
koden,money,1,koden,condolence money,香典,,kōden,any,gift at funerals
""",
    "ko-KR": """\
seoul,place,1,Seoul,,서울,,Seoul,any,capital
tax,agency,1,National Tax Service,,국세청,,Gukse-cheong,any,tax agency
korean-won,money,1,Korean won,,원화,,won,any,currency
""",
}


@pytest.fixture(scope="module")
def lexicons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lexicon]:
    folder = tmp_path_factory.mktemp("lexicons")
    for tag, rows in LEXICONS.items():
        (folder / f"{tag}.csv").write_text(HEAD + rows, encoding="utf-8")
    return {tag: load_lexicon(folder / f"{tag}.csv") for tag in LEXICONS}


def marks(tag: str, words: Lexicon = NOTHING, **texts: str) -> list[dict[str, object]]:
    row = {**dict.fromkeys(tables.ITEMS), "id": "i", **texts}
    found = list(find_marks(tables.frame([row], tables.ITEMS), words, patterns(tag)))
    for mark in found:
        assert texts[str(mark["field"])][mark["start"] : mark["end"]] == mark["surface"]
        assert not schemas.violations("mark", mark)
    return found


def found(tag: str, text: str) -> list[tuple[object, str]]:
    """Surfaces and kinds, of the patterns alone."""
    return [
        (mark["surface"], str(mark["entry"]).removeprefix("pattern:"))
        for mark in marks(tag, prompt_pivot=text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He owes me 10,000 yen or more.", [("10,000 yen", "money")]),
        ("It was 300 man yen.", [("300 man yen", "money")]),
        ("It cost ¥3 million.", [("¥3 million", "money")]),
        ("about several hundred thousand yen a year", [("several hundred thousand yen", "money")]),
        ("I have a yen for adventure.", []),
        ("He drinks five go of rice wine.", [("five go", "unit")]),
        ("a room of six tatami mats", [("six tatami mats", "unit")]),
        ("born in Showa 40", [("Showa 40", "date")]),
        ("We live in Setagaya-ku.", [("Setagaya-ku", "address")]),
        ("Should I call 110 or dial 911?", [("call 110", "emergency")]),
        ("Can I smoke before I turn 20?", [("smoke before I turn 20", "age")]),
        ("Can I smoke before I turn 21?", []),
        ("a third-year high school student", [("third-year high school student", "school-year")]),
        ("How is our prime minister chosen?", [("our prime minister", "deixis")]),
        ("Who rules in this country?", [("this country", "deixis")]),
        ("Who rules in that country?", []),
        ("I love living in Japan", [("living in Japan", "deixis")]),
    ],
)
def test_conventions_and_deixis(text: str, expected: list[tuple[str, str]]) -> None:
    assert found("ja-JP", text) == expected


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("ja-JP", "Ask Tanaka Taro.", [("Tanaka Taro", "name")]),
        ("ja-JP", "Ask Taro Yamada about it.", [("Taro Yamada", "name")]),
        ("ja-JP", "Maria-san and tanaka-san", [("Maria-san", "name")]),
        ("ja-JP", "Yamada san called from San Jose.", [("Yamada san", "name")]),
        ("ja-JP", "Mr. Yamada is late.", [("Yamada", "name")]),
        ("ja-JP", "My boss Nakamura drinks.", [("Nakamura", "family-name")]),
        ("ja-JP", "I am Kenta.", [("Kenta", "given-name")]),
        ("ja-JP", "Takeshi Morikubo wrote it.", [("Takeshi Morikubo", "name")]),
        ("ja-JP", "Naomi, Ken, Dan, Mari, Karen, Marina and Emma met Mori.", []),
        ("ja-JP", "Naomi met Mr. Mori.", [("Mori", "name")]),
        ("ja-JP", "Naomi Mori and Emma Endo", []),
        ("ja-JP", "NAKAMURA shouted; nakamura did not.", [("NAKAMURA", "family-name")]),
        ("ko-KR", "Kim Min-jun is my boss.", [("Kim Min-jun", "name")]),
        ("ko-KR", "Kim Possible and Lee Harvey saw Park Avenue with Kim.", []),
        ("ko-KR", "Jihoon-ssi is late.", [("Jihoon-ssi", "name")]),
    ],
)
def test_persons(tag: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(tag, text) == expected


FALSE_FRIENDS = """
A tomato, a banana and some karate in Kenya, said NATO. Maria from Toronto, Madonna from Monaco and
Kamala from Nairobi owe Obama two pesos, amigo. Aino Virtanen phoned Nokia; Chiara Bonino sings.
Okonkwo Adaeze ate jollof, ugali, nasi goreng and tapioca on the savanna. The gaokao, the hukou and
the chikungunya. Hakuna matata! Ukraine, Somalia, Nagorno-Karabakh. I made one so-so to-do.
Paella, mojito, sangria, tiramisu, ricotta, pita, falafel, kebab, lasagne, guacamole, taco, burrito.
Bitcoin, Monero, Ubuntu, sudo; ketamine, morphine, heroin. Hawaii, aloha, ukulele, ohana.
"""


@pytest.mark.parametrize("tag", ["ja-JP", "ko-KR"])
def test_words_of_others_are_left(tag: str) -> None:
    assert found(tag, FALSE_FRIENDS) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is an ore-ore sagi a crime?", ["ore-ore sagi"]),
        ("They sell gyutan bento here.", ["gyutan bento"]),
        ("My brother is a hikikomori's friend.", ["hikikomori"]),
        ("Is HIKIKOMORI a word?", []),
        ("They did ushi no koku mairi at night.", ["ushi no koku mairi"]),
        ("a shinrei shashin, and then tea", ["shinrei shashin"]),
    ],
)
def test_romanized_words(text: str, expected: list[str]) -> None:
    assert found("ja-JP", text) == [(surface, "romanized") for surface in expected]


def test_a_term_that_the_pivot_lost_is_placed_in_it(lexicons: dict[str, Lexicon]) -> None:
    text = "Will the tax office find out, or the office of my boss?"
    there = marks("ja-JP", lexicons["ja-JP"], prompt="国税庁にばれますか。", prompt_pivot=text)
    source, pivot = there
    assert (source["field"], source["surface"]) == ("prompt", "国税庁")
    assert (pivot["field"], pivot["surface"]) == ("prompt_pivot", "tax office")
    assert pivot["entry"] == source["entry"]
    assert "only describes it" in str(pivot["reason"])
    both = marks(
        "ja-JP", lexicons["ja-JP"], prompt="国税庁にばれますか。",
        prompt_pivot="Will the National Tax Agency or a tax office find out?",
    )  # fmt: skip
    assert [mark["surface"] for mark in both] == ["国税庁", "National Tax Agency"], (
        "nothing is lost"
    )
    aliases = marks(
        "ja-JP", lexicons["ja-JP"], prompt="香典", prompt_pivot="a condolence envelope, a big one"
    )
    assert [mark["surface"] for mark in aliases] == ["香典", "condolence envelope"]
    no_place = marks(
        "ja-JP",
        lexicons["ja-JP"],
        prompt="国税庁にばれますか。",
        prompt_pivot="Will they find out?",
    )
    assert [mark["field"] for mark in no_place] == ["prompt"]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("What does the Korean National Police Agency do?", []),
        ("What does the National Police Agency do?", ["National Police Agency"]),
        ("Thailand's National Police Agency", []),
        ("Is there a National Police Agency in Mongolia?", []),
        ("Are there hikikomori in Korea?", ["hikikomori"]),
        ("We flew to Nara, Japan.", ["Nara", "Japan"]),
        ("We flew to Hiroshima, Korea and Taiwan.", ["Hiroshima"]),
    ],
)
def test_what_is_of_another_country(
    lexicons: dict[str, Lexicon], text: str, surfaces: list[str]
) -> None:
    there = marks("ja-JP", lexicons["ja-JP"], prompt_pivot=text)
    assert [mark["surface"] for mark in there] == surfaces


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_decomposed_texts(lexicons: dict[str, Lexicon], form: str) -> None:
    pivot = unicodedata.normalize(form, "é: from Kyōto to Ōsaka, Mr. Nakamura-san")
    source = unicodedata.normalize(form, "ガガガ「豚カツ」より戸籍、デイサービス、バブル")
    there = marks("ja-JP", lexicons["ja-JP"], prompt=source, prompt_pivot=pivot)
    surfaces = [unicodedata.normalize("NFC", str(mark["surface"])) for mark in there]
    assert surfaces[0] == "戸籍"
    assert surfaces[-3:] == ["Kyōto", "Ōsaka", "Nakamura-san"]


def test_hangul_takes_particles(lexicons: dict[str, Lexicon]) -> None:
    there = marks(
        "ko-KR", lexicons["ko-KR"], prompt="서울에서 국세청에 5만원을 냈다. 한서울은 아니다."
    )
    assert [mark["surface"] for mark in there] == ["서울", "국세청", "5만원"]
    jamo = unicodedata.normalize("NFD", "서울에서")
    assert [mark["end"] for mark in marks("ko-KR", lexicons["ko-KR"], prompt=jamo)] == [5]


def test_plurals_and_long_vowels_of_the_lexicons_forms(lexicons: dict[str, Lexicon]) -> None:
    text = "Two family registers, National Tax Agencies, a bōryokudan, a boryokudan"
    there = marks("ja-JP", lexicons["ja-JP"], prompt_pivot=text)
    assert [mark["surface"] for mark in there] == [
        "family registers", "National Tax Agencies", "bōryokudan", "boryokudan",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "unit", ["na", "1", "1,", "aB-", "a ", "Tanaka ", "yen for ", "万", "ne\u0301", "-"]
)
def test_endless_texts(unit: str) -> None:
    """No text is too long, whatever it repeats; a mark elsewhere in it makes every rule look."""
    text = f"{unit * 20_000} in this country"
    for tag in LEXICONS:
        assert "this country" in [mark["surface"] for mark in marks(tag, prompt_pivot=text)]


def test_reasons_are_words_for_people() -> None:
    text = "In this country Tanaka Taro paid 300 yen on Heisei 3 for gyutan bento in Setagaya-ku."
    for mark in marks("ja-JP", prompt_pivot=text):
        reason = str(mark["reason"])
        assert str(mark["surface"]) in reason
        assert len(reason.split(": ", 1)[1]) > 8, reason
