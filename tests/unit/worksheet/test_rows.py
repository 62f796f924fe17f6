"""Texts beside other texts: words in any script, and what many rows tell of one another."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.words import copied_words, lost_spans, overlap, read, weight
from derive.worksheet.collect.rows import across_rows, crossed, swapped
from derive.worksheet.collect.submissions import Content, Node, Standing, Submission

BENGALI = "বাংলা ভাষায় সুন্দর রুটি বানানো যায়"
THAI = "ฉันอยากอบขนมปังที่บ้านกับคุณยายทุกวันอาทิตย์"


def standing(item: str, prompt: str, response: str = "", decision: str = "transfer") -> Standing:
    """An accepted unit with these texts."""
    content = Content(decision, prompt, response)
    sent = Submission(
        "k", item, "postedit", (), "", "", content, "", "", "", "", "", False, "", "f", "p", 1
    )
    return Standing(item, item, "accepted", heads=(Node(sent, (), (), ()),), content=content)


def told(
    standings: list[Standing],
    sources: dict[tuple[str, str], str] | None = None,
    drafts: dict[tuple[str, str], str] | None = None,
) -> list[tuple[str, str, str | None, str | None]]:
    """(code, severity, item, field) of each finding."""
    known = sources or {}
    found = across_rows(
        standings, drafts or {}, lambda item, name: known.get((item, name), f"{item} of {name}")
    )
    return [(one.code, one.severity, one.item, one.field) for one in found]


def test_words_keep_their_marks() -> None:
    assert read(BENGALI).words == tuple(BENGALI.split())
    assert read("हिन्दी में लिखिए").words == ("हिन्दी", "में", "लिखिए")
    assert read("مُعَلِّم جديد").words == ("مُعَلِّم", "جديد")
    assert read("Facebook上的朋友 in Rio").words == ("facebook", "in", "rio")
    assert read("Facebook上的朋友").letters == "上的朋友"
    assert read(THAI).letters == THAI


@pytest.mark.parametrize(
    ("source", "text", "least", "copied"),
    [
        ("how do I bake bread", "Diga how do I bake hoje", 4, "how do I bake"),
        ("how do I bake bread", "Diga how do I hoje", 4, ""),
        ("see https://example.org/a/b/c/d now", "veja https://example.org/a/b/c/d", 3, ""),
        (
            "パンの焼き方を教えてください。",
            "Por favor, パンの焼き方を教えて!",
            4,
            "パンの焼き方を教えて",
        ),
        ("ขอสูตรขนมปังของคุณยายหน่อย", "请ขอสูตรขนมปังของคุณยายหน่อย", 4, "ขอสูตรขนมปังของคุณยายหน่อย"),
        (BENGALI, f"Say {BENGALI} now", 4, BENGALI),
    ],
)
def test_copied_words(source: str, text: str, least: int, copied: str) -> None:
    assert copied_words(source, text, least) == copied


@pytest.mark.parametrize(
    "text",
    [
        "Como se faz pão caseiro com fermento",
        BENGALI,
        THAI,
        "집에서 맛있는 빵을 굽는 방법",
        "家で美味しいパンを焼く",
    ],
)
def test_overlap_is_whole_with_itself_and_none_with_another(text: str) -> None:
    assert overlap(text, text) == 1
    assert overlap(text, "Μια εντελώς άλλη πρόταση") == 0


def test_overlap_of_vietnamese_is_of_pairs_of_syllables() -> None:
    one, two = "tôi muốn nướng bánh mì ở nhà", "bạn ở nhà có muốn ăn mì không"
    assert overlap(one, two) < 0.3


@pytest.mark.parametrize(
    ("text", "letters"), [("pão, 2!", 4), ("日本 e", 5), ("한글", 4), ("…", 0)]
)
def test_weight(text: str, letters: int) -> None:
    assert weight(text) == letters


@pytest.mark.parametrize(
    ("source", "text", "gone", "soft"),
    [
        ("See https://example.org/a/ now", "请看https://example.org/a。", [], []),
        ("See https://example.org/a now", "انظر \u200fhttps://example.org/a\u200f الآن", [], []),
        ("Write to me@example.org", "me@example.org로 쓰세요", [], []),
        ("Write to me@example.org", "쓰세요", ["me@example.org"], []),
        ("Buy 5 kg for $250 at 30 %", "ซื้อ 5 กก. ราคา 250 ดอลลาร์", [], []),
        ("Dear [NAME] 😀", "Prezado [NOME]", [], ["[NAME]", "😀"]),
        ("Run `import this` {name}", "Execute", ["`import this`", "{name}"], []),
    ],
)
def test_lost_spans(source: str, text: str, gone: list[str], soft: list[str]) -> None:
    assert lost_spans(source, text) == (gone, soft)


DRAFTS = (
    "Como posso fazer pão caseiro sem fermento químico hoje?",
    "Misture farinha, água morna e sal, depois deixe a massa descansar numa tigela coberta.",
)


def test_swapped_is_told_by_the_drafts() -> None:
    prompt = DRAFTS[0].replace("posso", "consigo")
    response = DRAFTS[1].replace("descansar", "crescer")
    assert swapped(response, prompt, *DRAFTS)
    assert not swapped(prompt, response, *DRAFTS)
    assert not swapped(prompt, response, "", "")


def test_swapped_is_told_by_lengths_and_question_marks() -> None:
    sources = ("How do I bake bread?", "Mix flour, warm water and salt, and let it rest. " * 3)
    texts = ("Como asso pão?", "Misture farinha, água morna e sal e deixe descansar. " * 3)
    assert crossed(texts[1], texts[0], *sources)
    assert not crossed(*texts, *sources)
    # nearly as long: the question mark tells
    sources = ("May I bake bread?", "Yes, with some flour.")
    assert crossed("Sim, com farinha de trigo.", "Posso assar pão?", *sources)
    assert not crossed("Posso assar pão?", "Sim, com farinha de trigo.", *sources)


def test_one_text_for_two_units() -> None:
    two = [standing("1", "Como se faz pão em casa?"), standing("2", "como se faz pão, em casa")]
    sources = {("1", "prompt"): "How is bread made?", ("2", "prompt"): "Why does my cat sleep?"}
    assert told(two, sources) == [("text-reused", "warning", "2", "prompt")]
    alike = {**sources, ("2", "prompt"): "How is good bread made?"}
    assert told(two, alike) == [("text-reused", "note", "2", "prompt")]
    assert told(two, {**sources, ("2", "prompt"): "How is bread made ?"}) == []
    assert told([standing("1", "パンの作り方"), standing("2", "パンの作り方")], sources)
    assert told([standing("1", "Sim."), standing("2", "Sim.")], sources) == []
    replies = [standing(one, f"{one}?", "Não posso ajudar com isso.") for one in "12"]
    assert told(replies, sources) == [("text-reused", "note", "2", "response")]


def sentences(count: int) -> list[str]:
    """As many invented Portuguese questions of about the same length."""
    nouns = ("pão", "bolo", "chá", "sopa", "queijo", "arroz", "feijão", "suco")
    verbs = ("preparar", "guardar", "escolher", "servir", "comprar")
    return [
        f"Como devo {verbs[n % 5]} {nouns[n % 8]} número {n} para a festa da minha avó?"
        for n in range(count)
    ]


def test_a_text_much_shorter_than_the_others() -> None:
    texts = sentences(40)
    sources = {
        (str(n), "prompt"): f"How should I prepare food {n} for my grandmother's party, please?"
        for n in range(40)
    }
    units = [standing(str(n), text) for n, text in enumerate(texts)]
    assert told(units, sources) == []
    units[7] = standing("7", texts[7][:32])
    assert told(units, sources) == [("text-length", "warning", "7", "prompt")]
    units[7] = standing("7", texts[7][:32], decision="modify")
    assert told(units, sources) == []
    assert told(units[:20], sources) == []  # too few to tell


RESPONSES = {
    "1": "Misture farinha integral, água morna e sal, depois deixe a massa descansar coberta.",
    "2": "Regue as orquídeas semanalmente e mantenha os vasos longe do sol direto da tarde.",
    "3": "Afine primeiro as cordas graves do violão usando um diapasão pequeno e confiável.",
}


def test_a_response_to_another_question() -> None:
    drafts = {(item, "response"): text for item, text in RESPONSES.items()}
    edited = RESPONSES["2"].replace("semanalmente", "toda semana")
    units = [standing("1", "Pergunta um?", edited), standing("3", "Outra?", RESPONSES["3"])]
    assert told(units, None, drafts) == [("text-other-answer", "warning", "1", "response")]
    units = [standing(one, f"{one}?", text) for one, text in RESPONSES.items()]
    assert told(units, None, drafts) == []
    units = [standing("1", "Um?", "Compre um pote de barro novo na feira e pinte flores amarelas.")]
    assert told(units, None, drafts) == []


WORDS = st.lists(
    st.sampled_from(["pão", "bolo", "chá", "sopa", "ขนมปัง", "パン", "রুটি", "خبز", "1", "?", "«"]),
    max_size=12,
).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=8), st.integers(0, 1000))
def test_the_order_of_other_rows_changes_only_who_is_second(
    texts: list[tuple[str, str]], seed: int
) -> None:
    units = [standing(str(n), *pair) for n, pair in enumerate(texts)]
    drafts = {(str(n), "response"): pair[0] for n, pair in enumerate(texts)}
    first = told(units, None, drafts)
    assert first == told(units, None, drafts)
    random.Random(seed).shuffle(units)
    other = told(units, None, drafts)
    count = [sorted((one[0], one[1], one[3] or "") for one in found) for found in (first, other)]
    assert count[0] == count[1]


@given(WORDS, WORDS, st.integers(1, 6))
def test_copied_words_are_in_both(one: str, two: str, least: int) -> None:
    copied = copied_words(one, two, least)
    if copied and " " in copied:
        assert len(copied.split()) >= least
        assert copied in " ".join(read(two).words)
        assert " ".join(copied.split()[:least]) in " ".join(read(one).words)
    if read(one).words or len(read(one).letters) > 15:
        assert copied_words(one, one, 1)


def test_many_rows_take_no_time() -> None:
    texts = sentences(3000)
    units = [standing(str(n), text, text * 4) for n, text in enumerate(texts)]
    drafts = {(str(n), "response"): text * 4 for n, text in enumerate(reversed(texts))}
    begin = time.process_time()
    told(units, None, drafts)
    assert time.process_time() - begin < 60  # a hang, not a time
