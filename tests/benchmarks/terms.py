"""How a project's terms get into drafts: ways compared on the same sentences, in one run.

    python tests/benchmarks/terms.py [--data FOLDER] [--show 20]

FOLDER holds do_not_answer_en.csv (column question) and multijail.csv (column en). GLOSSARY has
nouns that are frequent there, each with a target that the embedded model (en to pt-BR) does not
choose by itself, or not always; only the sentences that hold one count. Columns:

    held      share of the sentences whose draft holds every term that it is to hold
    agree     of the targets that stand after an article or possessive: share where it agrees
    chrF      of the draft against the plain one, the target left out here and the model's own word
              there: 100 if nothing changed around the term
    score     mean log-probability a token of the draft, given the plain source, less that of the
              plain draft; the term itself costs the most of it
    gave up   share of the sentences where the way gave nothing, and the plain draft stood
    time      of the processor, against translating the same sentences once

The second table forbids the model's own words instead: `gone` is the share of the drafts with one
that come without any.
"""

from __future__ import annotations

import argparse
import csv
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sacrebleu.metrics.chrf import CHRF

from derive.progress import silent
from derive.terminology import Term, TermChecker
from derive.translate.cache import Cache
from derive.translate.ct2 import CTranslate2Engine, Settings
from derive.translate.models import find_model, load_engine
from derive.translate.segments import split
from derive.translate.texts import translate_texts

SHARED = Path(__file__).parents[3] / "shared" / "data"
COMPARE = CHRF(word_order=0)


class Noun(NamedTuple):
    """The source, its target with gender and number, and what the model says by itself."""

    source: str
    target: str
    form: str
    usual: str


GLOSSARY = [
    Noun(*line.split("|", 3))
    for line in """\
boss|patrão|ms|chefe
wife|mulher|fs|esposa
doctor|doutor|ms|médico
email|correio eletrônico|ms|e-mail|email
phone|celular|ms|telefone
drugs|entorpecentes|mp|drogas|medicamentos
teacher|docente|ms|professor|professora
company|companhia|fs|empresa
joke|anedota|fs|piada
rumor|boato|ms|rumor
rumors|boatos|mp|rumores
software|programa|ms|software
chatbot|assistente virtual|ms|chatbot
employee|funcionário|ms|empregado
information|dados|mp|informações|informação
country|nação|fs|país
school|colégio|ms|escola
person|indivíduo|ms|pessoa
classmate|colega de turma|ms|colega de classe|colega
vaccines|imunizantes|mp|vacinas
evidence|provas|fp|evidências|evidência|prova
disorder|distúrbio|ms|transtorno
details|pormenores|mp|detalhes
car|automóvel|ms|carro
goods|mercadorias|fp|bens|produtos
messages|recados|mp|mensagens
treatment|terapia|fs|tratamento
bank|banco|ms|bancária|bancário
money|verba|fs|dinheiro
content|material|ms|conteúdo""".splitlines()
]
TERMS = TermChecker([Term(noun.source, noun.target) for noun in GLOSSARY])
USUAL = TermChecker(
    [Term(noun.source, word, forbidden=True) for noun in GLOSSARY for word in noun.usual.split("|")]
)
FORM = {
    word: form
    for form, words in (
        ("ms", "o um do no ao pelo meu seu nosso este esse aquele"),
        ("fs", "a uma da na à pela minha sua nossa esta essa aquela"),
        ("mp", "os uns dos nos aos pelos meus seus nossos estes esses aqueles"),
        ("fp", "as umas das nas às pelas minhas suas nossas estas essas aquelas"),
    )
    for word in words.split()
}
Drafts = list[str | None]
Way = Callable[[CTranslate2Engine, Sequence[str]], Drafts]


def hypotheses(engine: CTranslate2Engine, texts: Sequence[str], **more: Any) -> list[list[str]]:
    """Those of each text, best first."""
    found = engine._translator.translate_batch(
        engine.encode(texts, "en"),
        max_input_length=0,
        max_batch_size=512,
        batch_type="tokens",
        **{"beam_size": 1, **more},
    )
    return [engine._pieces.decode(list(one.hypotheses)) for one in found]


def plain(engine: CTranslate2Engine, sentences: Sequence[str]) -> Drafts:
    """As they are."""
    return [texts[0] for texts in hypotheses(engine, sentences)]


def best_of(size: int, terms: TermChecker) -> Way:
    """The first of so many hypotheses without a finding."""

    def way(engine: CTranslate2Engine, sentences: Sequence[str]) -> Drafts:
        found = hypotheses(engine, sentences, beam_size=size, num_hypotheses=size)
        return [
            next((text for text in texts if not terms.check(sentence, text)), None)
            for sentence, texts in zip(sentences, found, strict=True)
        ]

    return way


def in_the_source(engine: CTranslate2Engine, sentences: Sequence[str]) -> Drafts:
    """The targets put into the source."""
    return plain(engine, [TERMS.put(sentence) for sentence in sentences])


def masked(engine: CTranslate2Engine, sentences: Sequence[str]) -> Drafts:
    """Masks for the terms; None where one does not come back."""
    given = []
    for sentence in sentences:
        masks: dict[str, str] = {}
        given.append((TERMS.put(sentence, lambda target, masks=masks: new(masks, target)), masks))
    made = plain(engine, [text for text, _ in given])
    drafts: Drafts = []
    for text, (_, masks) in zip(made, given, strict=True):
        assert text is not None
        whole = sorted(re.findall(r"XQZ\d+", text)) == sorted(masks)
        drafts.append(
            re.sub(r"XQZ\d+", lambda one, masks=masks: masks[one[0]], text) if whole else None
        )
    return drafts


def new(masks: dict[str, str], target: str) -> str:
    mask = f"XQZ{len(masks) + 1}"
    masks[mask] = target
    return mask


def forced(engine: CTranslate2Engine, sentences: Sequence[str]) -> Drafts:
    """The target as a prefix where the plain draft's word looks at the term most (attention),
    and the rest as the model goes on from there; term by term."""
    drafts = dict(zip(sentences, plain(engine, sentences), strict=True))
    for _ in range(3):
        todo = [(one, nouns[0]) for one, text in drafts.items() if (nouns := missing(one, text))]
        tokens = engine.encode([one for one, _ in todo], "en")
        pieces = [engine._pieces.encode([str(drafts[one])])[0] for one, _ in todo]
        looks = engine._translator.translate_batch(
            tokens, target_prefix=pieces, beam_size=1, max_input_length=0, return_attention=True
        )
        starts = []
        for (_, noun), source, target, look in zip(todo, tokens, pieces, looks, strict=True):
            weights = [
                sum(row[at] for at in within(source, noun.source))
                for row in look.attention[0][: len(target)]
            ]
            at = max(range(len(weights)), key=weights.__getitem__, default=0)
            while at and not target[at].startswith("▁"):
                at -= 1
            [before] = engine._pieces.decode([target[:at]])
            starts += engine._pieces.encode([f"{before} {noun.target}".strip()])
        made = engine._translator.translate_batch(
            tokens, target_prefix=starts, beam_size=1, max_input_length=0
        )
        texts = engine._pieces.decode([one.hypotheses[0] for one in made])
        drafts |= {one: text for (one, _), text in zip(todo, texts, strict=True)}
    return list(drafts.values())


def within(tokens: Sequence[str], word: str) -> list[int]:
    """The tokens that make up a word."""
    text, spans = "", []
    for token in tokens:
        spans.append((len(text), len(text) + len(token)))
        text += token.replace("▁", " ")
    found = re.search(rf"\b{word}\b", text, re.IGNORECASE)
    return [n for n, (a, b) in enumerate(spans) if found and a < found.end() and b > found.start()]


def ours(alternatives: int) -> Way:
    """What derive does."""
    settings = Settings(threads=1, alternatives=alternatives)
    own = load_engine(find_model("pt-BR"), "pt-BR", settings)

    def way(engine: CTranslate2Engine, sentences: Sequence[str]) -> Drafts:
        cache = Cache(None, own.signature)
        made = dict(translate_texts(sentences, "en", own, cache, silent, TERMS))
        return [made[at].text for at in range(len(sentences))]

    return way


def suppressed(engine: CTranslate2Engine, sentences: Sequence[str]) -> Drafts:
    """Forbidden words as sequences that are never decoded."""
    words = [word for noun in GLOSSARY for word in noun.usual.split("|")]
    sequences = engine._pieces.encode([*words, *(word.capitalize() for word in words)])
    return [texts[0] for texts in hypotheses(engine, sentences, suppress_sequences=sequences)]


def nouns_of(sentence: str) -> list[Noun]:
    return [one for one in GLOSSARY if TermChecker([Term(*one[:2])]).check(sentence, "")]


def missing(sentence: str, text: str | None) -> list[Noun]:
    return [one for one in GLOSSARY if TermChecker([Term(*one[:2])]).check(sentence, text or "")]


def scores(
    engine: CTranslate2Engine, sentences: Sequence[str], texts: Sequence[str]
) -> list[float]:
    """What the model thinks of translations: mean log-probability a token."""
    found = engine._translator.score_batch(
        engine.encode(sentences, "en"), engine._pieces.encode(list(texts)), max_input_length=0
    )
    return [statistics.fmean(one.log_probs) for one in found]


def around(sentence: str, text: str) -> str:
    """The text without its terms, and without what the model says for them."""
    for noun in nouns_of(sentence):
        text = re.sub(rf"\b(?:{noun.target}|{noun.usual})\b", "", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def agreement(sentence: str, text: str) -> list[bool]:
    """Of each target after an article: whether it agrees."""
    return [
        FORM[before[1].casefold()] == noun.form
        for noun in nouns_of(sentence)
        for before in re.finditer(rf"(\w+) {noun.target}\b", text, re.IGNORECASE)
        if before[1].casefold() in FORM
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--show", type=int, default=0, help="Every so many sentences, its drafts.")
    options = parser.parse_args()
    texts = []
    for name, column in (("do_not_answer_en", "question"), ("multijail", "en")):
        with (options.data / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            texts += [row[column] for row in csv.DictReader(file)]
    every = dict.fromkeys(
        part.text for text in texts for part in split(text, "en") if part.translate
    )
    engine = load_engine(find_model("pt-BR"), "pt-BR", Settings(threads=1))
    sentences = [one for one in every if nouns_of(one)]
    print(f"{len(sentences)} sentences with {len(GLOSSARY)} terms")
    print(f"{'way':16}{'held':>7}{'agree':>7}{'chrF':>7}{'score':>8}{'gave up':>9}{'time':>6}")
    table(engine, sentences, TERMS, options.show, {
        "plain": plain, "masks": masked, "in the source": in_the_source,
        "best of 5": best_of(5, TERMS), "best of 10": best_of(10, TERMS), "forced": forced,
        "ours": ours(0), "ours, N = 5": ours(5),
    })  # fmt: skip
    with_usual = [
        one for one, text in zip(sentences, plain(engine, sentences), strict=True)
        if USUAL.check(one, str(text))
    ]  # fmt: skip
    print(f"\n{len(with_usual)} drafts with a forbidden word")
    print(f"{'way':16}{'gone':>7}{'agree':>7}{'chrF':>7}{'score':>8}{'gave up':>9}{'time':>6}")
    table(engine, with_usual, USUAL, options.show, {
        "plain": plain, "best of 5": best_of(5, USUAL), "best of 10": best_of(10, USUAL),
        "suppressed": suppressed,
    })  # fmt: skip


def table(
    engine: CTranslate2Engine,
    sentences: Sequence[str],
    terms: TermChecker,
    show: int,
    ways: dict[str, Way],
) -> None:
    """Print a row a way; the first one is what the others are held against."""
    first: list[str] = []
    alone = 0.0
    for name, way in ways.items():
        begin = time.process_time()
        drafts = way(engine, sentences)
        spent = time.process_time() - begin
        alone = alone or spent
        first = first or [str(text) for text in drafts]
        final = [plain if text is None else text for text, plain in zip(drafts, first, strict=True)]
        pairs = list(zip(sentences, final, strict=True))
        held = statistics.fmean(not terms.check(one, text) for one, text in pairs)
        agree = [right for one, text in pairs for right in agreement(one, text)]
        chrf = statistics.fmean(
            COMPARE.sentence_score(around(one, text), [around(one, plain)]).score
            for (one, text), plain in zip(pairs, first, strict=True)
        )
        fell = [
            now - before
            for now, before in zip(
                scores(engine, sentences, final), scores(engine, sentences, first), strict=True
            )
        ]
        print(
            f"{name:16}{held:7.1%}{statistics.fmean(agree or [0]):7.1%}{chrf:7.1f}"
            f"{statistics.fmean(fell):8.3f}"
            f"{statistics.fmean(text is None for text in drafts):9.1%}{spent / alone:6.1f}"
        )
        for one, text in pairs[::show] if show else []:
            print(f"    {one} → {text}")


if __name__ == "__main__":
    main()
