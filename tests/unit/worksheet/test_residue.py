"""What must come over from a source and what must not: numbers, marks, money, addresses."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.numerals import numbers_gone
from derive.worksheet.collect.residue import (
    Residue,
    money,
    residue_of,
    speaks_of,
    spellings,
)

PRICE = "The bread costs 500 yen."


def left(
    text: str, target: str, *surfaces: str, source: str = PRICE
) -> dict[str, str | None] | None:
    """What of Japan is left in a text: the words, and the severity; None if nothing is."""
    found = list(residue_of("ja-JP", target, {"1": surfaces}).check("1", text, [source]))
    if not found:
        return None
    [(code, message, severity)] = found
    assert code == "text-residue"
    return dict.fromkeys(message.removeprefix("of the source culture: ").split(", "), severity)


@pytest.mark.parametrize(
    ("target", "bad", "good"),
    [
        ("pt-BR", "O pão custa 500 ienes.", "O pão custa 25 reais."),
        ("pt-BR", "O pão custa ¥500.", "O pão custa R$ 25."),
        ("pt-BR", "O pão custa ￥５００.", "O pão custa BRL 25."),
        ("pt-BR", "O pão custa JPY 500.", "O pão custa um real."),
        ("ar-EG", "ثمن الخبز 500 ين.", "ثمن الخبز بين 20 و30 جنيها."),
        ("ar-EG", "ثمن الخبز بالين الياباني.", "ثمن الخبز بالجنيه."),
        ("th-TH", "ขนมปังราคา500เยน", "ขนมปังราคา100บาท"),
        ("bn-BD", "রুটির দাম ৫০০ ইয়েন।", "রুটির দাম ৫০ টাকা।"),
        ("ko-KR", "빵은 500엔입니다.", "유엔의 빵은 5천 원입니다."),
        ("ko-KR", "집은 10만엔입니다.", "집은 10만원입니다."),
        ("zh-CN", "面包卖500日元。", "面包卖￥25。"),
        ("zh-TW", "麵包賣¥500。", "麵包賣100元。"),
        ("sw-KE", "Mkate unagharimu yeni 500.", "Mkate unagharimu shilingi 60."),
        ("id-ID", "Roti itu 500 yen.", "Roti itu Rp20.000."),
        ("tr-TR", "Ekmek 500 yen.", "Ekmek 20 lira."),
    ],
)
def test_money_that_was_left(target: str, bad: str, good: str) -> None:
    assert left(bad, target) is not None
    assert left(good, target) is None


def test_a_word_for_money_counts_where_the_source_speaks_of_money() -> None:
    # `yen` is "if" in Javanese, `yên` is "still" in Vietnamese, `yeni` is "new" in Turkish
    for target, text in (
        ("jv-ID", "Aku seneng yen kowe teka."),
        ("vi-VN", "Em bé ngồi yên."),
        ("tr-TR", "Bu yeni bir ev."),
    ):
        assert left(text, target, source="I am glad if you come.") is None
    assert left("Aku seneng yen kowe teka.", "jv-ID") == {"yen": "note"}
    assert left("Regane 500 yen.", "jv-ID") == {"yen": None}
    assert left("엔진은 비쌉니다.", "ko-KR") == {"엔": "note"}


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("Veja www.loja.co.jp hoje.", "Veja www.loja.com.br hoje."),
        ("Escreva para ana@loja.jp.", "Escreva para ana@loja.jp.example.org."),
        ("看loja.jp。", "看foto.jpg。"),
        ("HTTP://LOJA.JP/pao", "www.jpmorgan.com e x.jp-loja"),
    ],
)
def test_addresses_that_were_left(bad: str, good: str) -> None:
    assert left(bad, "pt-BR") is not None
    assert left(good, "pt-BR") is None


@pytest.mark.parametrize(
    ("target", "surface", "bad", "good"),
    [
        ("pt-BR", "Osaka", "Como chego a Ōsaka?", "Como chego a Recife?"),
        ("pt-BR", "Mie", "Como chego a Mie?", "Como chego ao mie?"),
        ("it-IT", "Nara", "Come arrivo a Nara?", "Lui nara storie."),
        ("sv-SE", "Same", "Hur kommer jag till Same?", "Det är samma väg, en same sa det."),
        ("ko-KR", "Osaka", "Osaka에 어떻게 가나요?", "서울에 어떻게 가나요?"),
        ("th-TH", "Osaka", "ไปOsakaอย่างไร", "ไปเชียงใหม่อย่างไร"),
        ("ar-EG", "Osaka", "كيف أصل إلى Osaka؟", "كيف أصل إلى أسوان؟"),
        ("zh-TW", "大阪", "怎麼去大阪？", "怎麼去台南？"),
        ("pt-BR", "National Police Agency", "a National police agency diz", "a polícia diz"),
    ],
)
def test_marks_that_were_left(target: str, surface: str, bad: str, good: str) -> None:
    found = left(bad, target, surface)
    assert found
    assert set(found.values()) == {None}
    assert left(good, target, surface) is None


def test_a_short_name_may_be_a_word_where_a_sentence_begins() -> None:
    assert left("Mie care amiche, buongiorno!", "it-IT", "Mie") == {"Mie": "note"}
    assert left("Ich habe heute ein Date.", "de-DE", "Date") == {"Date": "note"}


def test_no_residue_without_a_source_pack_or_in_the_same_land() -> None:
    assert residue_of(None, "pt-BR", {}) == Residue({})
    assert residue_of("ja-JP", "ja-JP", {}) == Residue({})


def test_the_money_of_other_lands() -> None:
    assert money("BR", ("pt-BR", "en"))[1] >= {"real", "reais"}
    assert money("GB", ("en",)) == (frozenset({"gbp", "£"}), frozenset({"pound", "pounds"}))


@pytest.mark.parametrize(
    ("source", "text", "target", "gone"),
    [
        ("12,500.75 and 1,000", "12.500,75 e 1.000", "pt-BR", {}),
        ("1,250 seats at 7:45", "١٬٢٥٠ مقعدا الساعة ٧:٤٥", "ar-EG", {}),
        ("45,000 books", "४५,००० किताबें", "hi-IN", {}),
        ("built in 1985", "สร้างใน พ.ศ. ๒๕๒๘", "th-TH", {}),
        ("1.5 million people, 300,000 bikes", "150万人、自転車30万台", "ja-JP", {}),
        ("人口は15万人、橋は1億2000万円", "150 mil pessoas, 120 milhões", "pt-BR", {}),
        ("35 years", "三十五年", "zh-CN", {}),
        ("300,000", "30만", "ko-KR", {}),
        ("5,000,000", "৫০ লাখ", "bn-BD", {}),
        ("10,000", "elfu 10", "sw-KE", {}),
        ("the 18th century", "o século XVIII", "pt-BR", {}),
        ("the 1990s", "os anos 90", "pt-BR", {}),
        ("1,000,000", "1 000 000", "fr-FR", {}),
        ("3 of 10", "três de dez", "pt-BR", {"3": "note", "10": "warning"}),
        ("18 or 42", "18 ou 24", "pt-BR", {"42": None}),
        ("5 thousand", "50 mil", "pt-BR", {"5": "note"}),
        ("9" * 60, "", "pt-BR", {"9" * 60: None}),
    ],
)
def test_numbers_gone(source: str, text: str, target: str, gone: dict[str, str | None]) -> None:
    assert numbers_gone(source, text, target) == gone


def test_spellings_of_a_counterpart() -> None:
    assert {one.strip() for one in spellings("real (R$, BRL)")} == {"real", "R$", "BRL"}
    assert spellings("polícia") == {"polícia"}
    for text, form, there in (
        ("Custa 25 reais.", "reais", True),
        ("Realmente custa pouco.", "real", False),
        ("As polícias vieram.", "polícia", True),
        ("اتصل بالشرطة", "شرطة", True),
        ("โทรหาตำรวจท่องเที่ยว", "ตำรวจ", True),
        ("请打热线电话", "热线", True),
        ("R$25", "R$", True),
    ):
        assert speaks_of(text, form) is there


NUMERALS = st.text("0123456789٣३๓.,' \u00a0万億千百十三〇만XIVs٬٫ab円", max_size=40)


@given(st.one_of(st.text(max_size=60), NUMERALS), st.one_of(st.text(max_size=60), NUMERALS))
def test_nothing_is_gone_from_a_text_itself_and_nothing_raises(one: str, two: str) -> None:
    for target in ("pt-BR", "th-TH", "zh-CN", "ko-KR", "sw-KE"):
        assert numbers_gone(one, one, target) == {}
        numbers_gone(one, two, target)
    list(residue_of("ja-JP", "ar-EG", {"1": (two,)}).check("1", one, [two]))


@pytest.mark.parametrize("unit", ["1", "a.", "1,", "千", "¥", "-", "9 ", "ab-"])
def test_long_texts_take_no_time(unit: str) -> None:
    text = unit * (32_000 // len(unit))
    begin = time.process_time()
    numbers_gone("7 " + text, text, "zh-CN")
    list(residue_of("ja-JP", "pt-BR", {}).check("1", text, [PRICE]))
    assert time.process_time() - begin < 60  # a hang, not a time
