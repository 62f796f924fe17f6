"""What is protected comes through the real model; what cannot be is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FakeEngine

from derive.errors import DeriveError
from derive.progress import silent
from derive.protect import lost, protected_spans
from derive.translate.cache import Cache
from derive.translate.ct2 import CTranslate2Engine, Settings
from derive.translate.engine import Engine, covers
from derive.translate.models import find_model, load_engine
from derive.translate.quality import DraftChecks
from derive.translate.schedule import translate_sentences
from derive.translate.texts import Translated, translate_texts
from derive.translate.tokenizing import Tokenizers


@pytest.fixture(scope="module")
def engine() -> CTranslate2Engine:
    return load_engine(find_model("pt-BR"), "pt-BR")


def translated(engine: Engine, *texts: str) -> list[Translated]:
    done = dict(translate_texts(texts, "en", engine, Cache(None, engine.signature), silent))
    return [done[at] for at in range(len(texts))]


SPANS = [
    "https://www.example.jp/a/b?c=d&e=1#f",
    "www.example.com/x",
    "first.last+tag@example.com",
    "`print(1)`",
    "{name}",
    "{{user name}}",
    "${HOME}",
    "%s",
    "%(count)d",
    "<NAME>",
    "[FIRST NAME]",
    "38.5 °C",
    "2.5 kg",
    "10 mg",
    "30%",
    "120 km/h",
    "$1,200",
    "¥5,000",
    "👩‍👩‍👧",
    "👍🏽",
    "🇧🇷",
    "=SUM(A1:A3)",
]


@pytest.mark.parametrize("span", SPANS)
def test_spans_come_through_the_model(engine: CTranslate2Engine, span: str) -> None:
    texts = [
        f"Please write to me about {span} before the end of the week.",
        f"{span} is what I asked you about yesterday.",
        f"Yesterday I asked you about {span}",
        f"Is {span} better than {span}, or is it just the same thing?",
    ]
    assert protected_spans(texts[0]) == [span]
    for text, one in zip(texts, translated(engine, *texts), strict=True):
        assert one.text.count(span) >= text.count(span), one.text
        assert one.text != text


def test_many_spans_in_one_sentence(engine: CTranslate2Engine) -> None:
    text = f"Compare {', '.join(SPANS)} and tell me which of them you like best."
    [one] = translated(engine, text)
    assert not lost(text, one.text)


@pytest.mark.parametrize("text", ["I have 5\nLetters", "It is 5\n\nm", "in $\n5"])
def test_what_a_line_end_parts_is_no_quantity(text: str) -> None:
    assert not protected_spans(text)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Uma frase.", "Uma frase. Uma frase.\nUma frase."),
        ("一句话。", "一句话。一句话。\n一句话。"),
    ],
)
def test_sentences_that_touch_in_japanese_do_not_in_portuguese(said: str, expected: str) -> None:
    engine = FakeEngine(lambda sentence: said, source_languages=["ja"])
    texts = ["どこへ行きますか。駅へ行きます。\nそうですか。"]
    done = dict(translate_texts(texts, "ja", engine, Cache(None, engine.signature), silent))
    assert done[0].text == expected


def test_a_trailing_dot_is_not_part_of_an_address() -> None:
    assert protected_spans("See https://a.example/b. Then (www.example.com)!") == [
        "https://a.example/b",
        "www.example.com",
    ]


def test_fragments_are_the_last_way_and_are_said() -> None:
    engine = FakeEngine(lambda sentence: sentence.replace("{", "").replace("XQZ", "Z"))
    [plain, cut] = translated(engine, "Nothing is protected.", "Ask {name} about it.")
    assert (cut.text, cut.fragments) == ("Ask {name} about it.", True)
    assert not plain.fragments


def test_a_sentence_too_long_is_cut_and_said() -> None:
    engine = FakeEngine(lambda sentence: sentence)
    text = " ".join(f"word{n}," for n in range(200))
    [one] = translated(engine, text)
    assert (one.text, one.fragments) == (text, True)
    assert max(len(asked.split()) for asked in engine.asked) <= engine.max_input_tokens


ODD = {
    "one word": "x" * 5000,
    "40,000 characters": "Please tell me more about the river. " * 1080,
    "emoji": "😀" * 500,
    "emoji of many parts": "👩‍👩‍👧🇧🇷👍🏽❤️‍🔥🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 50,
    "line breaks": "\n" * 10_000,
    "lines": "a\r\n" * 10_000,
    "line ends of every kind": "One.\r\nTwo.\rThree.\n\rFour.\u2028Five.\x85Six.",
    "sentences": "a. " * 3000,
    "scripts": "مرحبا world 你好 " * 300,
    "scripts in a sentence": "Hello мир 世界 مرحبا नमस्ते 안녕, how are you today?",
    "numbers": "12 34 " * 100,
    "blanks": " \t\u00a0\u3000" * 10,
    "nothing to be seen": "\u200b\u200c\ufeff\u2060\u202e\u202c",
    "NUL": "Hello\0 there, how are\0 you?",
    "another language": "Ĉu vi povas diri al mi, kie estas la plej proksima stacidomo?",
    "placeholders": "Use " + " ".join(f"{{name{n}}}" for n in range(10_000)) + " now.",
    "nested": "([{" * 500 + "word" + "}])" * 500,
    "code": "Look:\n" + "```\nprint(1)\n```\n" * 300 + "What is it?",
    "addresses": "https://a.example/x?y=1 " * 300,
    "marks on marks": "".join(f"{char}\u0301\u0316\u0334" for char in "How do I bake bread?"),
    "full width": "Ｈｅｌｌｏ，　ｈｏｗ　ａｒｅ　ｙｏｕ？　１２３",
}
LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_go_through_the_model(engine: CTranslate2Engine, name: str) -> None:
    """With their lines and what is protected; or they are held, and the findings say why."""
    [one] = translated(engine, ODD[name])
    assert LINE_END.findall(one.text) == LINE_END.findall(ODD[name])
    assert not lost(ODD[name], one.text)
    # a copy of what has no letters is right
    copied = one.text == ODD[name] and any(map(str.isalnum, ODD[name]))
    if copied or (ODD[name].strip() and not one.text.strip()):
        found = {finding.code for finding in DraftChecks.of("en", "pt-BR")(ODD[name], one)}
        assert found & {"draft-same", "draft-empty"}


def test_every_sentence_is_translated_once(tmp_path: Path) -> None:
    engine = FakeEngine()
    cache = tmp_path / "cache.sqlite"
    sentences = [f"sentence number {n % 30} is here" for n in range(90)]

    def run(engine: FakeEngine) -> dict[str, str]:
        store = Cache(cache, engine.signature)
        made = dict(translate_sentences(sentences, "en", engine, store, silent, "test"))
        store.close()
        return {sentence: output.text for sentence, output in made.items()}

    first = run(engine)
    assert sorted(engine.asked) == sorted(set(sentences))
    again = FakeEngine()
    assert run(again) == first
    assert not again.asked
    other = FakeEngine()
    other.signature = {"engine": "another"}
    run(other)
    assert sorted(other.asked) == sorted(set(sentences))


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    sentences = [f"sentence number {n} " + "word " * (n % 7) + "end" for n in range(100)]

    def run(name: str, engine: FakeEngine) -> dict[str, str]:
        store = Cache(tmp_path / name, engine.signature)
        try:
            made = translate_sentences(sentences, "en", engine, store, silent, "test")
            return {sentence: output.text for sentence, output in made}
        finally:
            store.close()

    whole = FakeEngine()
    expected = run("whole", whole)
    killed = FakeEngine(fail_after=5)
    with pytest.raises(KeyboardInterrupt):
        run("killed", killed)
    rest = FakeEngine()
    assert run("killed", rest) == expected
    assert sorted(killed.asked + rest.asked) == sorted(whole.asked), "nothing twice, nothing left"


def test_batches_hold_what_they_may() -> None:
    sizes: list[tuple[int, int]] = []

    class Counting(FakeEngine):
        def translate(self, batches):  # type: ignore[no-untyped-def]
            def seen() -> Iterator[list[list[str]]]:
                for batch in batches:
                    sizes.append((len(batch), max(map(len, batch))))
                    yield batch

            return super().translate(seen())

    engine = Counting()
    sentences = ["word " * n + "end" for n in range(1, 60)]
    dict(translate_sentences(sentences, "en", engine, Cache(None, {}), silent, "test"))
    assert sum(count for count, _ in sizes) == len(sentences)
    assert all(count == 1 or count * longest <= engine.batch_tokens for count, longest in sizes)


def test_threads_and_batches_do_not_change_the_result(engine: CTranslate2Engine) -> None:
    texts = [f"Tell me {n} things about topic number {n}, please." for n in range(60)]
    one = load_engine(find_model("pt-BR"), "pt-BR", Settings(threads=1))
    assert translated(engine, *texts) == translated(one, *texts)


def test_devices_and_types(engine: CTranslate2Engine) -> None:
    import ctranslate2

    assert engine.signature["device"] in ("cpu", "cuda")
    with pytest.raises(DeriveError, match="cannot load the model"):
        load_engine(find_model("pt-BR"), "pt-BR", Settings(compute_type="nonsense"))
    if ctranslate2.get_cuda_device_count():
        pytest.skip("needs a machine without CUDA")
    with pytest.raises(DeriveError, match="no CUDA device"):
        load_engine(find_model("pt-BR"), "pt-BR", Settings(device="cuda"))


@pytest.mark.parametrize(
    ("languages", "tag", "expected"),
    [
        (["en"], "en", True),
        (["en"], "en-US", True),
        (["pt-BR"], "pt-BR", True),
        (["pt-BR"], "pt", True),
        (["pt-BR"], "pt-PT", False),
        (["pt"], "pt-PT", True),
        (["en", "ja"], "ja", True),
        (["en"], "ja", False),
    ],
)
def test_covers(languages: list[str], tag: str, expected: bool) -> None:
    assert covers(languages, tag) is expected


def test_tokenizers_files_are_read_too(tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    made = Tokenizer(WordLevel({"[UNK]": 0, "hello": 1, "world": 2}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizers(tmp_path / "tokenizer.json")
    assert tokenizer.encode(["hello world", "hello you"]) == [
        ["hello", "world"],
        ["hello", "[UNK]"],
    ]
    assert tokenizer.decode([["hello", "</s>", "world"]]) == ["hello world"]
