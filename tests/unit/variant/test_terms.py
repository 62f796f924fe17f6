"""No text of the original leaves, in whichever field, and nothing is written outside the folder."""

from __future__ import annotations

import csv
import itertools
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import NO_DRAFT, FakeEngine, ac_row, write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import pipeline, profiles, schemas, tables
from derive.errors import DeriveError
from derive.findings import Finding
from derive.pipeline import Asked
from derive.release.read import Options
from derive.text import TEXT_FIELDS
from derive.variant.build import Variant, build
from derive.variant.terms import leaks

CLOSED = profiles.load("answercarefully").terms
ORIGINALS = {
    "prompt": "敬語の使い方を教えてください。", "response": "はい、敬語には三つの種類があります。",
    "prompt_pivot": "Please tell me how to use honorifics.", "response_pivot": "There are 3 kinds.",
}  # fmt: skip


def make_item(name: str, **changed: Any) -> dict[str, Any]:
    row = {**dict.fromkeys(tables.ITEMS), "id": name, "split": "dev", "extra": '{"x": "敬語"}'}
    row |= {"hash": "0" * 64, "file": "f", "row": 1, "level": 0}
    return {**row, **changed}


def make_adaptation(item: str, **changed: Any) -> dict[str, Any]:
    row = {**dict.fromkeys(tables.ADAPTATIONS, ""), "item": item, "decision": "modify"}
    row |= {"author": "Ana", "state": "translated", "checks": [], "row": 1}
    row |= {"prompt_origin": "human", "response_origin": "human"}
    return {**row, "prompt_edits": None, "response_edits": None, **changed}


def make(
    drafts: dict[tuple[str, str], str],
    *items: dict[str, Any],
    written: list[dict[str, Any]] | None = None,
    **given: Any,
) -> Variant:
    routes = [
        {"item": one["id"], "route": "translate", "level": 0, "level_suggested": 0, "reason": ""}
        for one in items
    ]
    made = [
        {**NO_DRAFT, "item": item, "field": field, "text": text, "model": "m", "score": 0.0,
         "state": "translated"}
        for (item, field), text in drafts.items()
    ]  # fmt: skip
    return build(
        tables.frame(items, tables.ITEMS), tables.frame(routes, tables.ROUTES),
        tables.frame(made, tables.DRAFTS),
        adaptations=tables.frame(written or [], tables.ADAPTATIONS),
        **{"name": "v", "locale": "pt-BR", "terms": CLOSED,
           "origin": {"dataset": "d", "version": None, "revision": None}, **given},
    )  # fmt: skip


REFORMATTED = {
    "as it is": lambda text: text,
    "spaced": lambda text: f"\n {' '.join(text)}\t",
    "upper case": str.upper,
    "without punctuation": lambda text: text.rstrip("。."),
    "in quotes": lambda text: f"«{text}»!",
    "full width": lambda text: "".join(
        chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text
    ),
    "markdown": lambda text: f"**{text}**",
}


@pytest.mark.parametrize("how", REFORMATTED)
@pytest.mark.parametrize("original", TEXT_FIELDS)
@pytest.mark.parametrize("field", ["prompt", "response"])
def test_any_original_in_any_field(original: str, field: str, how: str) -> None:
    """Also an original of an item that is not in the variant itself. A draft that nobody has read
    is held, and the others go out; what a person wrote is refused."""
    leaked = {"prompt": "Como vai?", "response": "Bem, obrigado."}
    leaked[field] = REFORMATTED[how](ORIGINALS[original])
    fine = {("c", "prompt"): "Que horas são agora?"}
    items = (
        make_item("a", prompt="元気？"),
        make_item("b", **ORIGINALS),
        make_item("c", prompt="何時"),
    )
    variant = make({("a", name): text for name, text in leaked.items()} | fine, *items)
    assert variant.items["derived_from"].struct["id"].to_list() == ["c"]
    held = variant.excluded.filter(pl.col("item") == "a").to_dicts()[0]
    assert (held["status"], held["waits_for"]) == ("waiting", "translator")
    assert held["reason"].endswith("the draft repeats a text of the source (source-in-variant)")
    [told] = [one for one in variant.findings if one.code == "source-in-variant"]
    assert (told.severity, told.item, told.field) == ("warning", "a", field)
    assert f"the {original} of b" in told.message
    with pytest.raises(DeriveError, match="against its terms") as caught:
        make(fine, *items, written=[make_adaptation("a", **leaked)])
    for part in ("v-000001", field, f"the {original} of b", "for a by Ana", "source-in-variant"):
        assert part in str(caught.value.where)
    free = {**CLOSED, "originals_may_be_republished": True}
    assert (
        make(fine, *items, written=[make_adaptation("a", **leaked)], terms=free).items.height == 2
    )


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_what_differs_only_in_form_is_found(texts: list[str]) -> None:
    items = tables.frame(
        [make_item(f"i{n}", prompt=text) for n, text in enumerate(texts)], tables.ITEMS
    )
    # ẞ and ı and the like fold to other letters when the case is swapped
    told = [
        text
        for text in texts
        if any(map(str.isalnum, text)) and text.swapcase().casefold() == text.casefold()
    ]
    rows = [{"id": "v", "prompt": f" {text.swapcase()}… ", "response": None} for text in told]
    assert len(list(leaks(rows, items, CLOSED))) == len(rows)


@pytest.mark.parametrize(
    "split", ["../../outside", "/outside", "a/b", "a\\b", "..", ".hidden", "a\x00b", "a\nb"]
)
def test_a_split_is_no_path(split: str) -> None:
    """Files are named by splits; a release names its splits as it likes."""
    with pytest.raises(DeriveError) as caught:
        make({("a", "prompt"): "Como vai?"}, make_item("a", prompt="元気？", split=split))
    assert "split" in f"{caught.value.what} {caught.value.where}"
    for good in ("dev", "v2.2-test_a", "検証", "my data"):
        made = make({("a", "prompt"): "Como vai?"}, make_item("a", prompt="元気？", split=good))
        assert made.items["split"].to_list() == [good]


def test_a_run_refuses_a_split_that_is_a_path(tmp_path: Path) -> None:
    rows = [ac_row(n, split="../../../outside") for n in range(1, 10)]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows)
    asked = Asked(str(source), "pt-BR", Options(overrides={"split": "split"}))
    with pytest.raises(DeriveError) as caught:
        pipeline.run(tmp_path / "p", asked, engine=FakeEngine())
    assert "split" in f"{caught.value.what} {caught.value.where}"
    assert "outside" in f"{caught.value.what} {caught.value.where}"
    assert not (tmp_path / "p").exists()
    assert not list(tmp_path.rglob("outside*"))


def test_what_leaves_the_project_holds_no_original(tmp_path: Path) -> None:
    """Every file of variant/, as bytes and as tables: no source, no pivot text, no extra."""
    rows = [
        ac_row(n, secret=f"SECRET{n}", **{"text-en": f"Honorific number {'x' * n}?"})
        for n in range(1, 13)
    ]
    source = write_jsonl(tmp_path / "release" / "dev.jsonl", rows)
    engine = FakeEngine(lambda sentence: f"Como se diz {sentence[-4:]}")
    _, results = pipeline.run(tmp_path / "p", Asked(str(source), "pt-BR", Options()), engine=engine)
    assert results[-1].counts["items"] + results[-1].counts["excluded"] == 12
    excluded = tables.read_parquet(tmp_path / "p/variant/excluded.parquet", tables.EXCLUDED)
    shown = [str(value) for row in excluded.rows() for value in row]
    for path in (tmp_path / "p" / "variant").rglob("*.*"):
        shown.append(path.read_bytes().decode("utf-8", "replace"))
    for row in rows:
        for text in (row["text"], row["output"], row["text-en"], row["secret"]):
            assert not [one for one in shown if str(text) in one]
    variant = tables.read_parquet(tmp_path / "p/variant/data/dev.parquet", tables.VARIANT)
    assert all(not schemas.violations("variant-item", row) for row in variant.to_dicts())
    assert not set(variant["id"]) & {row["ID"] for row in rows}, "IDs are the variant's own"


def test_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\nfrom derive.variant.write import write_variant\n"
        "from derive import profiles\nfrom derive.variant.about import About\n"
        "import test_terms as t\n"
        "items = [t.make_item(n, prompt='日本 ' + n, split=s) for n, s in zip('abcd', 'xyxy')]\n"
        "variant = t.make({(n, 'prompt'): 'Pergunta ' + n for n in 'abc'}, *items)\n"
        "about = About('b', 'pt-BR', profiles.load('answercarefully'), 'acme/sample')\n"
        "write_variant(variant, Path(sys.argv[1]), about)"
    )
    here = Path(__file__).parent
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", script, tmp_path / seed, here, here.parents[1]],
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONUTF8": "1"},
            check=True,
        )
    first, second = (
        {one.relative_to(tmp_path / seed): one.read_bytes()
         for one in (tmp_path / seed).rglob("*") if one.is_file()}
        for seed in ("1", "2")
    )  # fmt: skip
    assert first == second
    assert len(first) == 9


# --- what is held back: contained and near texts (invented)

JAPANESE = "図書館で借りた本を返し忘れたときは、どのように連絡すればよいですか。"
ENGLISH = "How do I tell the library that I forgot to return the books I borrowed last month?"
LONG_ANSWER = (
    "Most libraries have a form on their website. Write down the title and the day it was due. "
    "Some branches lend out umbrellas as well."
)
SENTENCE = "Write down the title and the day it was due."
SOURCE = {"prompt": JAPANESE, "prompt_pivot": ENGLISH, "response_pivot": LONG_ANSWER}
LIBRARY = make_item("lib", **SOURCE)
WINDING = (
    "I would like to know whether the small bookshop beside the old railway bridge, where my aunt "
    "used to buy her maps of the lakes, still opens on Thursdays, and whether it sells calendars"
)


DEFAULT = LIBRARY, make_item("wind", prompt_pivot=WINDING)


def found(
    text: str, *items: dict[str, Any], locale: str = "pt-BR", terms: Any = CLOSED
) -> list[Finding]:
    """What is said of one prompt of the variant."""
    row = {"id": "v-1", "locale": locale, "prompt": text, "response": None}
    return list(leaks([row], tables.frame(items or DEFAULT, tables.ITEMS), terms))


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (f"Responda em português: {JAPANESE} Obrigado.", "contains the prompt of lib"),
        (f"Antes de tudo,{ENGLISH.lower()}", "contains the prompt_pivot of lib"),
        (
            f"Uma dica: {SENTENCE.upper()} Depois disso, ligue para nós.",
            "contains a sentence of the response_pivot of lib",
        ),
        (ENGLISH[10:60], "is a part of the prompt_pivot of lib"),
        (JAPANESE[4:20], "is a part of the prompt of lib"),
        (ENGLISH.replace("month", "week"), "is near the prompt_pivot of lib (9"),
        (ENGLISH.replace("library", "libarry") + "!!", "is near the prompt_pivot of lib (9"),
        (JAPANESE.replace("本", "雑誌"), "is near the prompt of lib (94 %"),
        (
            f"Olha: {SENTENCE.replace('title', 'author')} Boa sorte com isso.",
            "is near a sentence of the response_pivot of lib",
        ),
        (
            f"{'palavra e mais ' * 9}{WINDING[56:132]}{' uma e outra' * 9}",
            "characters in a row of the prompt_pivot of wind",
        ),
    ],
)
def test_a_copy_in_a_longer_text_or_changed_a_little(text: str, how: str) -> None:
    [one] = found(text)
    assert (one.code, one.severity, one.item, one.field) == (
        "source-in-variant", "error", "v-1", "prompt",
    )  # fmt: skip
    assert how in one.message
    assert not found(text, terms={**CLOSED, "originals_may_be_republished": True})


def test_a_quotation_is_short_and_of_what_was_copied() -> None:
    [one] = found(f"{'Palavras e mais palavras. ' * 40}{SENTENCE}")
    where, _, quoted = one.message.partition(": ")
    assert "lib" in where
    assert quoted == repr(SENTENCE)
    long = make_item("long", prompt="Why? " + ENGLISH.rstrip("?") + ", and the magazines, too?")
    [one] = found(f"Ei: {long['prompt']}", long)
    assert len(one.message.partition(": ")[2]) <= 63  # 60 and the blanks around the ellipsis


COMMON = ["How are you?", "Yes.", "Sony", "OK!", "42", "https://example.org/a/long/path?to=this"]
COMMON += ["Sony, Toyota, Nintendo, Panasonic", "print(sum(prices) / len(prices))"]


@pytest.mark.parametrize("text", COMMON)
def test_a_short_text_is_nobody_s(text: str) -> None:
    """Equal to a whole text, it is named and not refused; inside another, it is not even named."""
    item = make_item("a", prompt="元気？", prompt_pivot=text)
    [one] = found(text, item)
    assert one.severity == "note"
    assert "too short" in one.message
    assert not found(f"Ela perguntou: {text} E eu não soube o que dizer naquela hora.", item)
    drafts = {("a", "prompt"): text}
    assert make(drafts, item).items.height == 1


KEPT = """```python
def total_of(prices):
    return sum(price for price in prices if price is not None)
```"""


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (
            "See https://example.org/the/long/address/of/a/page?with=parameters for it.",
            "Veja https://example.org/the/long/address/of/a/page?with=parameters para isso.",
        ),
        (
            "What does `git commit --amend --no-edit --allow-empty` do to my work?",
            "O que `git commit --amend --no-edit --allow-empty` faz com o meu trabalho?",
        ),
        (f"Explain this function:\n{KEPT}\nThanks.", f"Explique esta função:\n{KEPT}\nObrigado."),
        ("Add 4503599627370496 to 27182818284590.", "Some 4503599627370496 e 27182818284590."),
        (
            "Hello {{customer_first_name}} from {{company_registered_name}}!",
            "Oi {{customer_first_name}} da {{company_registered_name}}!",
        ),
        (
            "Who founded Universidade de São Paulo, and when was that?",
            "Quem fundou a Universidade de São Paulo, e quando foi isso?",
        ),
        (
            "Compare Sony, Toyota, Nintendo, Panasonic and Mitsubishi.",
            "Compare Sony, Toyota, Nintendo, Panasonic e Mitsubishi.",
        ),
        (
            "Sony, Toyota, Nintendo, Panasonic, Mitsubishi Heavy Industries",
            "Empresas: Sony, Toyota, Nintendo, Panasonic, Mitsubishi Heavy Industries",
        ),
        (
            "Mend this:\nfor (int i = 0; i < prices.length; i++) { total += prices[i]; }",
            "Corrija isto:\nfor (int i = 0; i < prices.length; i++) { total += prices[i]; }",
        ),
        ("The answer is in Universidade Federal do Paraná.", "Universidade Federal do Paraná"),
    ],
)  # fmt: skip
def test_what_a_translation_keeps_is_no_copy(source: str, target: str) -> None:
    assert not found(target, make_item("a", prompt_pivot=source))


@pytest.mark.parametrize(
    "title",
    [
        "How To Fold Paper Cranes At Home On A Rainy Sunday",
        "HOW TO FOLD PAPER CRANES, LANTERNS AND SMALL PAPER BOATS",
        "Tell Maria that Pedro waters all the plants of the neighbours on Sunday.",
    ],
)
def test_capital_letters_hide_no_copy(title: str) -> None:
    item = make_item("a", prompt_pivot=title)
    for text in (title, title.upper(), title.lower()):
        [one] = found(f"Diga: {text} E mais nada.", item)
        assert "contains the prompt_pivot of a" in one.message


def test_code_hides_no_copy() -> None:
    item = make_item("a", prompt=f"```\nx = 1  # {JAPANESE}\n```", prompt_pivot=ENGLISH)
    assert "the prompt of a" in found(f"Veja:\n```\ny = 2  # {JAPANESE}\n```\n", item)[0].message
    assert "the prompt_pivot" in found(f"Diga `{ENGLISH}` em voz alta.", item)[0].message
    item = make_item("a", prompt=f"`{JAPANESE}`")
    assert "the prompt of a" in found(f"Diga {JAPANESE} em voz alta.", item)[0].message


def test_what_is_kept_may_stand_anywhere_in_a_copy() -> None:
    item = make_item("a", prompt_pivot="Please read https://example.org/a/b before we meet again.")
    for address in ("https://example.org/a/b", "https://example.com/another/page", ""):
        [one] = found(f"Olá. Please read {address} before we meet again. Até!", item)
        assert "contains the prompt_pivot of a" in one.message


def test_the_most_that_was_copied_is_told() -> None:
    text = "A kind neighbour waters my plants. Zebras graze beyond the river."
    [one] = found(f"Olá. {text} Até!", make_item("a", prompt_pivot=text))
    assert "contains the prompt_pivot of a" in one.message


def test_short_sentences_are_taken_together() -> None:
    before, after = "Is it cold out? Is it dark now?", "Who is there? Do you hear me?"
    text = f"{before} The old lamp by the river gives no light at all. {after}"
    for part in (before, after):
        [one] = found(f"Ele perguntou: {part} Ninguém respondeu.", make_item("a", prompt=text))
        assert "contains a sentence of the prompt of a" in one.message
    assert not found("Is it cold out? Ninguém sabe. Do you hear me?", make_item("a", prompt=text))


def test_of_japanese_few_characters_are_enough() -> None:
    changed = "".join("ん" if n % 7 == 3 else one for n, one in enumerate(JAPANESE))
    assert "is near the prompt of lib" in found(changed)[0].message
    short = make_item("short", prompt="返却方法は何かな")
    assert "is near the prompt of short" in found("返却方法は何かね", short)[0].message


def test_another_number_is_no_other_text() -> None:
    item = make_item("a", prompt_pivot="Give me 15 reasons to walk to work in the winter.")
    assert found("Give me 7 reasons to walk to work in the winter.", item)


def test_a_short_common_question_is_nobody_s_sentence() -> None:
    """In the same language people ask alike; in another there is no reason to have it at all."""
    phrase = "Please tell me what you think of it."
    item = make_item("a", prompt_pivot=f"Cats sleep all day long in the sun. {phrase}")
    inside = f"A friend wants to sell umbrellas at the station. {phrase}"
    assert not found(inside, item, locale="en-GB")
    assert found(f"Falo de ontem. {phrase} Desde já agradeço.", item)
    assert found(inside, item, make_item("b", prompt_pivot=phrase), locale="en-GB"), "a whole text"
    longer = item["prompt_pivot"].replace("what you think of it", "what you think of such a habit")
    item = make_item("a", prompt_pivot=longer)
    inside = f"A friend wants to sell umbrellas at the station. {longer.partition('. ')[2]}"
    assert "contains a sentence" in found(inside, item, locale="en-GB")[0].message


@pytest.mark.parametrize("text", [ENGLISH, f"{ENGLISH} Thanks!", ENGLISH.replace("last", "this")])
def test_an_english_variant_is_told_to_word_it_anew(text: str) -> None:
    for locale in ("en-GB", "en"):
        [one] = found(text, locale=locale)
        assert "the source's English may not be republished, at level 0 either" in one.message
        assert "word the item anew, or remove it" in one.message
    [one] = found(text, locale="pt-BR")
    assert "anew" not in one.message
    [one] = found(JAPANESE, locale="en-GB")
    assert "anew" not in one.message
    assert not found("How can a lender be told of an overdue novel?", locale="en-GB")
    rows = [{"id": "v", "locale": "ja-JP", "prompt": JAPANESE, "response": None}]
    items = tables.frame([LIBRARY], tables.ITEMS)
    [one] = leaks(rows, items, CLOSED, languages={"prompt": "ja"})
    assert "the source's Japanese may not" in one.message


def test_in_the_sources_own_language_a_chance_likeness_is_let_pass() -> None:
    """English asks like English: there, a little more than 65 % is not yet a copy."""
    item = make_item("a", prompt_pivot="Which shops in town repair old umbrellas and raincoats?")
    for text, is_found in (
        ("Which shops in town repair old lamps and raincoats?", (True, True)),
        ("Which shops in Porto repair old umbrellas and boots?", (False, True)),
        ("Which shops in Porto sell new umbrellas and boots?", (False, False)),
    ):
        told = tuple(bool(found(text, item, locale=locale)) for locale in ("en-GB", "pt-BR"))
        assert told == is_found, text
        rows = [{"id": "v", "prompt": text, "response": None}]
        assert bool(list(leaks(rows, tables.frame([item], tables.ITEMS), CLOSED))) == told[0]


def test_names_with_braces_and_other_odd_names() -> None:
    item = make_item("{0} {x} %s", prompt_pivot=ENGLISH)
    for text in (ENGLISH, f"Oi. {ENGLISH}", ENGLISH.replace("last", "this"), ENGLISH[9:70]):
        assert "the prompt_pivot of {0} {x} %s" in found(text, item)[0].message


# --- properties of it

LETTERS = st.text("abcdefghijklmnopqrstuvwxyzé", min_size=20, max_size=90)
KANA = st.text("あいうえおかきくけこ日本語図書館", min_size=8, max_size=40)
CYRILLIC = st.text("абвгдежзиклмнопрст ,.", max_size=90)


@settings(deadline=None)
@given(st.lists(LETTERS | KANA, min_size=1, max_size=6), CYRILLIC, CYRILLIC, st.data())
def test_a_text_is_found_inside_any_other(
    texts: list[str], before: str, after: str, data: st.DataObject
) -> None:
    items = [make_item(f"i{n}", prompt=text) for n, text in enumerate(texts)]
    inside = data.draw(st.sampled_from(texts))
    [one] = found(f"{before}{inside.upper()}{after}", *items)
    assert one.severity == "error"


@settings(deadline=None)
@given(st.lists(LETTERS | KANA, min_size=1, max_size=6), CYRILLIC)
def test_a_text_in_other_letters_is_never_found(texts: list[str], text: str) -> None:
    assert not found(text, *(make_item(f"i{n}", prompt=one) for n, one in enumerate(texts)))


WORDS = st.sampled_from(["bread", "winter", "lamp", "quickly", "paints", "seven", "of", "a"])
TEXTS = st.lists(st.lists(WORDS, min_size=3, max_size=12).map(" ".join), min_size=1, max_size=8)


@settings(deadline=None)
@given(TEXTS, TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    sources: list[str], targets: list[str], draw: random.Random
) -> None:
    def told(rows: list[Any], items: list[Any], terms: Any = CLOSED) -> list[Finding]:
        return list(leaks(rows, tables.frame(items, tables.ITEMS), terms))

    items = [make_item(f"i{n}", prompt_pivot=text) for n, text in enumerate(sources)]
    rows = [{"id": f"v{n}", "prompt": text, "response": None} for n, text in enumerate(targets)]
    once = told(rows, items)
    assert [one.item for one in once] == sorted((one.item for one in once), key=str)
    assert not told(rows, items, {**CLOSED, "originals_may_be_republished": True})
    draw.shuffle(items)
    draw.shuffle(rows)
    assert sorted(map(repr, told(rows, items))) == sorted(map(repr, once))


def test_a_copy_is_found_among_hundreds_that_are_alike() -> None:
    names = ["".join(one) for one in itertools.product("abcdefgh", "aeiou", "lmnprst")]
    items = [
        make_item(f"i{n}", prompt_pivot=f"Tell me what {name} did in the old town on Sunday")
        for n, name in enumerate(names)
    ]  # fmt: skip
    for n in (0, 140, 279):
        [one] = found(f"Diga: {items[n]['prompt_pivot']}, por favor", *items)
        assert f"contains the prompt_pivot of i{n}:" in one.message
        changed = items[n]["prompt_pivot"].replace("on Sunday", "on a Sunday")
        assert f"near the prompt_pivot of i{n} " in found(changed, *items)[0].message


def test_a_very_long_text_and_one_of_a_single_letter() -> None:
    screams = [make_item(f"i{n}", prompt="あ" * n) for n in range(8, 200)]
    start = time.monotonic()
    [one] = found("い" + "あ" * 40_000, *screams)
    assert "i199" in one.message
    words = [f"{chr(97 + n % 26)}{chr(97 + n % 17)}{chr(97 + n % 11)}er" for n in range(7_000)]
    long = make_item("long", prompt=" ".join(words))
    words[3_000] = "changed"
    assert "is near" in found(" ".join(words), long)[0].message
    assert time.monotonic() - start < 60


def test_real_translations_are_no_copies_and_real_copies_are(shared: Path) -> None:
    """MultiJail's human translations; the whole table is in tests/benchmarks/leaks.py."""
    with (shared / "data" / "multijail.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    items = tables.frame(
        [make_item(str(n), prompt=row["zh"], prompt_pivot=row["en"]) for n, row in enumerate(rows)],
        tables.ITEMS,
    )

    def share(texts: list[str]) -> float:
        row = {"locale": "pt-BR", "response": None}
        variant = [{**row, "id": str(n), "prompt": one} for n, one in enumerate(texts)]
        return len(list(leaks(variant, items, CLOSED))) / len(texts)

    for language in ("it", "vi", "ar", "ko", "th", "bn", "sw", "jv"):
        assert share([row[language] for row in rows]) == 0, language
    assert share([row["en"].upper().rstrip("?.") for row in rows]) == 1
    for language in ("en", "zh"):
        assert share([f"Uma pergunta: {row[language]} Obrigado." for row in rows]) > 0.93
    changed = []
    for row in rows:
        words = row["en"].split()
        words[len(words) // 2] = "other"
        changed.append(" ".join(words))
    assert share(changed) > 0.8
