"""Is a text in the language it should be in?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from derive.identify import identify, majority_language

RIGHT = {
    "en": "How do I get to the station from here?",
    "pt-BR": "Como faço para chegar à estação daqui?",
    "es-MX": "¿Cómo llego a la estación desde aquí?",
    "fr-FR": "Comment puis-je aller à la gare d'ici ?",
    "de-DE": "Wie komme ich von hier zum Bahnhof?",
    "ja": "ここから駅へはどう行けばいいですか。",
    "ko-KR": "여기에서 역까지 어떻게 가야 하나요?",
    "zh-Hant-TW": "請問從這裡到車站要怎麼走比較快？",
    "ar-EG": "كيف يمكنني الوصول إلى المحطة من هنا؟",
    "th-TH": "ฉันจะไปสถานีจากที่นี่ได้อย่างไร",
    "hi-IN": "मैं यहाँ से स्टेशन तक कैसे पहुँच सकता हूँ?",
    "vi-VN": "Làm thế nào để đi đến nhà ga từ đây?",
    "id-ID": "Bagaimana cara saya pergi ke stasiun dari sini?",
}


@pytest.mark.parametrize("expected", RIGHT)
@pytest.mark.parametrize("actual", RIGHT)
def test_each_language_is_itself_and_no_other(actual: str, expected: str) -> None:
    assert identify(RIGHT[actual], expected).matches is (actual == expected)


@pytest.mark.parametrize(
    ("text", "tag"),
    [("OK 12", "pt"), ("Halo", "id"), ("", "en"), ("123 !!!", "en"), ("はい", "ja")],
)
def test_too_short_to_tell(text: str, tag: str) -> None:
    assert identify(text, tag).matches is None


def test_addresses_and_code_are_no_language() -> None:
    text = "Veja como se faz isso: https://www.example.com/how/to/do/this/right `while true do end`"
    assert identify(text, "pt-BR").matches
    assert identify("https://www.example.com/how-to-do-this-right", "pt-BR").matches is None


@pytest.mark.parametrize("signs", ["××××××××", "× ÷ × ÷ × ÷ × ÷"])
def test_signs_are_no_letters(signs: str) -> None:
    assert identify(f"{signs} привет мир", "pt-BR").matches is False


def test_near_relatives_do_not_accuse_each_other() -> None:
    assert identify(RIGHT["id-ID"], "ms-MY").matches


def test_the_answer_is_always_the_same() -> None:
    texts = [
        "Otec, matka a syn šli spolu domů do vesnice",
        "Halo semuanya, apa kabar hari ini teman",
    ]
    for text in texts:
        assert len({identify(text, "pt-BR") for _ in range(20)}) == 1


def test_majority_language() -> None:
    assert majority_language([RIGHT["ko-KR"]] * 3 + [RIGHT["en"]]) == ("ko", 3, 4)
    assert majority_language(["12", ""]) == ("", 0, 2)


def test_real_prompts(shared: Path) -> None:
    """MultiJail: no English left as English passes, and people's translations are not accused."""
    with (shared / "data" / "multijail.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for tag in ("id", "it", "vi", "sw", "de", "es", "tl", "fr", "pt-BR"):
        assert not [row["en"] for row in rows if identify(row["en"], tag).matches]
    tags = ("en", "zh", "it", "vi", "ar", "ko", "th", "bn", "sw", "jv")
    wrong = sum(identify(row[tag], tag).matches is False for row in rows for tag in tags)
    assert wrong <= 0.005 * len(rows) * len(tags)
