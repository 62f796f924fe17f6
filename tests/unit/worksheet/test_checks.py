"""The checks on people's texts: each failure is found, and its clean twin raises no alarm."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.findings import Finding
from derive.terminology import Term, TermChecker
from derive.text import comparable
from derive.worksheet.collect.checks import TextChecks, contacts
from derive.worksheet.collect.residue import residue_of
from derive.worksheet.collect.submissions import Content, Submission
from derive.worksheet.contract import Offer

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "checks.py"
SENT = Submission("k", "1", "s", (), "", "", Content(), *[""] * 5, False, "", "f", "p", 3)


def findings(
    text: str,
    source: str = "",
    locale: str = "pt-BR",
    decision: str = "transfer",
    response: tuple[str, str] = ("", ""),
    **known: Any,
) -> list[Finding]:
    """What is said of a prompt and of a response with its source. known: original (the Japanese
    of a pivot), drafts, marks, offers, terms, numbers."""
    original = known.get("original", "")
    item = {
        "prompt": original or source or None,
        "prompt_pivot": source if original else None,
        "response": response[1] or None,
        "response_pivot": None,
    }
    check = TextChecks(
        locale,
        {"1": item},
        dict(zip((("1", "prompt"), ("1", "response")), known.get("drafts", ()), strict=False)),
        {"1": known.get("offers", ())},
        residue_of("ja-JP", locale, {"1": known.get("marks", ())}),
        {comparable(one) for one in item.values() if one},
        TermChecker(known.get("terms", ())),
        known.get("numbers", ()),
    )
    return check(Content(decision, text, response[0]), SENT)


def said(*texts: Any, **known: Any) -> dict[str, str]:
    """Code to severity of what is said."""
    return {one.code: one.severity for one in findings(*texts, **known)}


def alarms(*texts: Any, **known: Any) -> set[str]:
    """The codes of what is more than a note."""
    return {code for code, severity in said(*texts, **known).items() if severity != "note"}


BREAD = "How do I bake good bread at home without any yeast?"
IN = {
    "pt-BR": "Como faço um bom pão em casa sem usar nenhum fermento?",
    "ar-EG": "كيف أخبز خبزا جيدا في المنزل من دون أي خميرة؟",
    "th-TH": "ฉันจะอบขนมปังอร่อยที่บ้านโดยไม่ใช้ยีสต์ได้อย่างไร",
    "ja-JP": "イーストを使わずに、家で美味しいパンを焼くにはどうすればいいですか。",
    "zh-CN": "我怎样才能在家里不用酵母烤出好吃的面包？",
    "zh-TW": "我怎樣才能在家裡不用酵母烤出好吃的麵包，這很難嗎？",
    "ko-KR": "이스트 없이 집에서 맛있는 빵을 구우려면 어떻게 해야 하나요?",
    "bn-BD": "ইস্ট ছাড়া আমি কীভাবে বাড়িতে ভালো রুটি বানাতে পারি?",
    "de-DE": "Wie backe ich zu Hause ein gutes Brot ganz ohne Hefe?",
}
LOCALES = list(IN)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_good_translation_raises_nothing(locale: str) -> None:
    assert said(IN[locale], BREAD, locale) == {}
    assert said(IN[locale], BREAD, locale, "modify") == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_left_in_the_source_language(locale: str) -> None:
    assert said(BREAD.upper(), BREAD, locale) == {"text-untranslated": "error"}
    assert said(f"Well: {BREAD}", BREAD, locale).get("text-language") == "error"
    half = IN[locale][: len(IN[locale]) // 2] + " without any yeast?"
    assert "text-copied" in alarms(half, BREAD, locale) or locale in ("pt-BR", "de-DE")
    most = IN[locale] + " I bake good bread at home"
    assert "text-copied" in alarms(most, BREAD, locale)


def test_left_in_the_original_language() -> None:
    japanese = "イーストを使わずにパンを焼く方法を教えてください。"
    text = f"Preciso de ajuda com a receita da minha avó querida: {japanese[:14]}"
    assert "text-copied" in alarms(text, BREAD, original=japanese)


OTHERS = {"pt-BR": "de-DE", "de-DE": "pt-BR", "ar-EG": "bn-BD", "th-TH": "ko-KR"}
OTHERS |= {"zh-CN": "zh-TW", "zh-TW": "zh-CN", "ja-JP": "th-TH", "bn-BD": "ja-JP", "ko-KR": "ar-EG"}


@pytest.mark.parametrize(("locale", "other"), OTHERS.items())
def test_another_language_or_script(locale: str, other: str) -> None:
    assert said(IN[other], BREAD, locale).get("text-language") == "error"


def test_a_short_text_that_looks_like_another_language_only_warns() -> None:
    assert said("Ich backe zu Hause Brot.", BREAD)["text-language"] == "warning"
    assert said("วันนี้อากาศดีมาก", BREAD)["text-language"] == "error"  # the script is sure


@pytest.mark.parametrize(
    ("locale", "source", "text"),
    [
        ("zh-CN", "Is Microsoft Office new?", "Microsoft Office 是新的吗？"),
        ("th-TH", "Is Microsoft Office new?", "Microsoft Office ใหม่ไหม"),
        ("pt-BR", "Explain the plot of the film Inception.", "Conte o enredo do filme Inception."),
        ("ar-EG", 'Who wrote "to be or not to be"?', "من كتب «to be or not to be»؟"),
        ("pt-BR", "Is the School of the Arts London new?", "A School of the Arts London é nova?"),
        ("pt-BR", "2 + 2 = ?", "2 + 2 = ?"),
    ],
)
def test_names_and_quotations_stay(locale: str, source: str, text: str) -> None:
    assert alarms(text, source, locale) == set()


def test_a_pivot_in_the_target_s_own_language() -> None:
    text = "How do I bake good bread at home without any yeast, in Delhi?"
    assert alarms(text, BREAD, "en-IN") == set()


@pytest.mark.parametrize("locale", ["pt-BR", "ar-EG", "zh-CN", "ko-KR", "de-DE"])
def test_cut_in_the_middle(locale: str) -> None:
    assert alarms(IN[locale][: len(IN[locale]) // 2], BREAD, locale) & {"text-length", "text-end"}
    assert alarms(IN[locale][:-1], BREAD, locale) == set()  # only the mark is missing


def test_repetition() -> None:
    for locale, phrase in (
        ("pt-BR", " sem fermento"),
        ("th-TH", "โดยไม่ใช้ยีสต์"),
        ("zh-CN", "不用酵母"),
        ("ar-EG", " من دون خميرة"),
    ):
        text = f"{IN[locale][:-1]}{phrase * 3}."
        assert said(text, BREAD, locale)["text-repeats"] == "error"
    long = "Misture a farinha com a água morna e espere uma hora inteira antes de assar tudo. "
    assert "text-repeats" in alarms(long * 3)
    assert (
        said("Nunca, nunca, nunca faça isso, nunca, nunca, nunca.").get("text-repeats") != "error"
    )
    assert said("नहीं नहीं नहीं, ऐसा मत करो।", locale="hi-IN")["text-repeats"] == "note"
    assert "text-repeats" not in said(long * 3, long * 3)
    assert "text-repeats" not in said(f"Pão{'-' * 40}queijo {'. ' * 30}")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Ligue 12.345,6 vezes, ou 87.", "Ligue 12.345,6 vezes, ou mais."),
        ("Veja https://example.org/a. 12 345,6; 87", "Veja. 12 345,6; 87"),
    ],
)
def test_what_is_lost_is_an_error_or_a_note(good: str, bad: str) -> None:
    source = "Call 12,345.6 times, or 87."
    source = source if "https" not in good else f"See https://example.org/a. {source[5:]}"
    assert alarms(good, source) == set()
    assert said(bad, source)["text-lost" if "https" in good else "text-number"] == "error"
    for decision in ("modify", "replace"):
        assert said(bad, source, decision=decision)["number-changed"] == "note"


def test_a_number_that_is_spelt_out() -> None:
    assert said("Comprei três pães.", "I bought 3 loaves.") == {"text-number": "note"}
    assert said("Comprei dez pães.", "I bought 10 loaves.") == {"text-number": "warning"}


@pytest.mark.parametrize("gap", ["[NOME]", "<NOME AQUI>", "XXX", "____", "{nome}", "TBD"])
def test_gaps(gap: str) -> None:
    assert said(f"O padeiro {gap} faz o pão de hoje.")["text-placeholder"] == "error"
    for locale, text in (("th-TH", f"คนทำขนมปังชื่อ{gap}"), ("zh-CN", f"面包师是{gap}先生")):
        assert said(text, locale=locale)["text-placeholder"] == "error"
    assert "text-placeholder" not in said(f"O padeiro {gap}.", f"The baker {gap}.")


def test_gaps_that_are_none() -> None:
    assert said("O padeiro [seu nome].")["text-placeholder"] == "warning"
    assert said("パン屋は[名前]です。", locale="ja-JP")["text-placeholder"] == "warning"
    assert said("O padeiro [NOME].", "The baker [NAME].") == {"text-lost": "note"}
    for text in (
        "Dime TODO sobre el pan.",
        "Veja a [receita](https://example.org).",
        "O ano 30[1].",
    ):
        assert "text-placeholder" not in said(text)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("de-DE", "Er sagte „Guten Morgen“ und dann »Gute Nacht«."),
        ("fi-FI", "Hän sanoi ”hyvää huomenta” ja lähti."),
        ("pl-PL", "Powiedział „dzień dobry” i wyszedł."),
        ("fr-FR", "Il a dit « bonjour » ; l’ami n'est pas là."),
        ("it-IT", "È il pane dell'uomo e dell’altro, degli anni '90."),
        ("ja-JP", "彼は「おはよう」と言い、『朝』という本（新刊）を開いた。"),
        ("zh-CN", "他说“早上好”，然后看（新）书(旧）。"),
        ("he-IL", 'הוא עובד באו"ם בניו יורק.'),
        ("pt-BR", 'A tela de 15" do "quarto 5" :) é a) boa; b) cara.\n1) Sim.'),
        ("bn-BD", "সে “শুভ সকাল” বলে চলে গেল।"),
    ],
)
def test_quotes_and_brackets_by_locale(locale: str, text: str) -> None:
    assert "text-quotes" not in said(text, locale=locale)
    for sign in "(「„«":
        assert said(text + sign, locale=locale)["text-quotes"] == "warning"
        assert "text-quotes" not in said(text + sign, f"Good{sign} bread", locale)


def test_residue_warns_in_adapted_texts_only() -> None:
    source, text = "Where in Osaka is bread 500 yen?", "Onde em Osaka o pão custa 500 ienes?"
    assert said(text, source, marks=("Osaka",)) == {"text-residue": "note"}
    assert said(text, source, decision="modify", marks=("Osaka",)) == {"text-residue": "warning"}
    good = "Onde em Recife o pão custa R$ 25?"
    assert alarms(good, source, decision="modify", marks=("Osaka",)) == set()


def test_counterparts() -> None:
    money = (Offer("yen", "money", "", ("real (R$, BRL)",)),)
    source = "The bread costs 500 yen."
    for text, used in (
        ("O pão custa R$ 25.", True),
        ("O pão custa 25 reais.", True),
        ("O pão custa realmente pouco.", False),
    ):
        found = said(text, source, decision="modify", offers=money)
        assert ("counterpart-unused" not in found) is used
    police = (Offer("koban", "agency", "", ("ตำรวจ",)),)
    response = ("ถามตำรวจท่องเที่ยวได้เลย", "Ask at the koban.")
    found = said("ฉันหลงทาง", "I am lost.", "th-TH", "modify", response, offers=police)
    assert "counterpart-unused" not in found  # the mark is in the response


def test_terms() -> None:
    terms = [Term("help line", "linha amiga"), Term("help line", "disque", forbidden=True)]
    source = "Call the help line."
    assert alarms("Ligue para a linha amiga.", source, terms=terms) == set()
    assert alarms("Use o disque ajuda.", source, terms=terms) == {"term-missing", "term-forbidden"}


SHORT, LONG = "Como asso pão hoje?", "Misture farinha, água morna e sal e deixe descansar. " * 3


def test_prompt_and_response() -> None:
    sources = (
        "How do I bake bread today?",
        "Mix flour, warm water and salt, and let it rest. " * 3,
    )
    good = said(SHORT, sources[0], response=(LONG, sources[1]), drafts=(SHORT, LONG))
    assert good == {"draft-unchanged": "note"}
    for drafts in ((SHORT, LONG), ()):
        found = said(LONG, sources[0], response=(SHORT, sources[1]), drafts=drafts)
        assert found["text-swapped"] == "warning"
    assert said(SHORT, sources[0], response=(SHORT, sources[1]))["text-swapped"] == "warning"
    other = {"decision": "modify", "response": (LONG, sources[1]), "drafts": (SHORT, LONG)}
    assert said("Como asso broa?", sources[0], **other)["response-unchanged"] == "warning"
    for locale in ("pt-BR", "th-TH", "zh-CN", "ar-EG"):
        both = IN[locale] * 2
        assert said(both, locale=locale, response=(f"{both} …", ""))["response-echo"] == "note"


def test_telephone_numbers() -> None:
    text = "Ligue 188, 190 ou (11) 3003-5566 em 2026; custa R$ 500 e 20%."
    known = {"decision": "modify", "numbers": {"188", "190", "551130035566"}}
    assert "number-unsourced" not in said("Ligo?", response=(text, ""), **known)
    found = said("Ligo?", response=(text.replace("188", "١٨٩"), ""), **known)
    assert found["number-unsourced"] == "note"
    assert contacts("โทร ๑๙๑ หรือ +66 2 123 4567") == ["191", "6621234567"]


def test_a_removed_unit_has_no_text_to_check() -> None:
    assert findings("XXX", BREAD, decision="remove") == []


PARTS = st.lists(
    st.sampled_from(
        [*IN.values(), BREAD, "[", "“", "¥500", "3", "{a}", "`x`", "😀", "\u200f", "\n"]
    )
    | st.text(max_size=9),
    max_size=6,
).map(" ".join)


@given(PARTS, PARTS, PARTS, st.sampled_from(LOCALES), st.sampled_from(["transfer", "modify"]))
def test_no_text_makes_it_fail_and_none_is_told_twice(
    text: str, source: str, response: str, locale: str, decision: str
) -> None:
    more = {"marks": ("Osaka",), "drafts": (source, text)}
    first = findings(text, source, locale, decision, (response, text), **more)
    assert first == findings(text, source, locale, decision, (response, text), **more)
    told = [(one.code, one.field, one.severity) for one in first]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    "unit", ["a", "ab ", "[", "-", "1 ", '"x', "ก", "a.b-", "…(", "abcdefghij "]
)
def test_long_texts_take_no_time(unit: str) -> None:
    text = unit * (32_000 // len(unit))
    begin = time.process_time()
    findings(text, BREAD, decision="modify", response=(text, BREAD))
    assert time.process_time() - begin < 60  # a hang, not a time


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_checks", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_bounds_on_human_translations(shared: Path) -> None:
    """The figures of tests/benchmarks/checks.py, on fewer rows."""
    bench = benchmark()
    rows = bench.read_rows(shared / "data" / "multijail.csv")
    for lang in bench.LOCALES:
        counts = bench.false_alarms(rows, lang, "transfer")
        assert counts["error", "*"] <= 0.01 * len(rows), lang
        assert counts["warning", "*"] <= 0.03 * len(rows), lang
    low = {"cut in the middle": 0.7, "… with no drafts": 0.5, "response repeats prompt": 0.8}
    for plant in bench.PLANTS:
        for lang in {"it", "ar", "th", "bn"} & set(plant.languages):
            hit, alarm, of = bench.planted(plant, rows, lang, 15)
            assert hit >= low.get(plant.name, 0.9) * of, (plant.name, lang)
            assert alarm <= 0.05 * of, (plant.name, lang)
