"""How often `leaks` takes an innocent text for a copy, how often it misses one, and how fast it is.

    python tests/benchmarks/leaks.py ../shared/data [--release examples/sample-release]
    python tests/benchmarks/leaks.py --size 100000 [--english]

Innocent: MultiJail's human translations beside its English and beside one another, and questions
that were written independently (three English datasets beside one another). Copies: the English
and Chinese texts with one to five words changed, or put whole into a longer text. Prints figures
only, no text of a dataset. Draws are seeded by what they are drawn for.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from random import Random

import polars as pl

from derive.text import TEXT_FIELDS, comparable
from derive.variant import terms

CLOSED = {"originals_may_be_republished": False}
LANGUAGES = ("zh", "it", "vi", "ar", "ko", "th", "bn", "sw", "jv")
CHOSEN = {
    name: getattr(terms, name) for name in ("NEAR", "NEAR_SHORT", "NEAR_FOREIGN", "SHORTEST", "RUN")
}
BEFORE, AFTER = "Antes de tudo, uma coisa: ", " Agradeço desde já pela resposta."
# invented; names, loan words and shared characters on purpose
RELATED = {
    "en": (
        "The International Committee of the Red Cross publishes an annual report in Geneva.",
        "What is the difference between a virus and a bacterium in human medicine?",
        "Is it legal to photograph the Museum of Modern Art in New York without permission?",
        "Professor Maria Fernandes teaches organic chemistry at the University of Coimbra.",
        "How do I install Python 3.11 and Visual Studio Code on a computer with Windows 11?",
        "Explain the Universal Declaration of Human Rights in simple words.",
    ),
    "pt": (
        "O Comitê Internacional da Cruz Vermelha publica um relatório anual em Genebra.",
        "Qual é a diferença entre um vírus e uma bactéria na medicina humana?",
        "É legal fotografar o Museu de Arte Moderna em Nova York sem permissão?",
        "A professora Maria Fernandes ensina química orgânica na Universidade de Coimbra.",
        "Como instalo o Python 3.11 e o Visual Studio Code num computador com Windows 11?",
        "Explique a Declaração Universal dos Direitos Humanos em palavras simples.",
    ),
    "es": (
        "El Comité Internacional de la Cruz Roja publica un informe anual en Ginebra.",
        "¿Cuál es la diferencia entre un virus y una bacteria en la medicina humana?",
        "¿Es legal fotografiar el Museo de Arte Moderno de Nueva York sin permiso?",
        "La profesora Maria Fernandes enseña química orgánica en la Universidad de Coímbra.",
        "¿Cómo instalo Python 3.11 y Visual Studio Code en un ordenador con Windows 11?",
        "Explica la Declaración Universal de Derechos Humanos con palabras simples.",
    ),
    "fr": (
        "Le Comité international de la Croix-Rouge publie un rapport annuel à Genève.",
        "Quelle est la différence entre un virus et une bactérie en médecine humaine ?",
        "Est-il légal de photographier le Museum of Modern Art de New York sans permission ?",
        "La professeure Maria Fernandes enseigne la chimie organique à l'université de Coimbra.",
        "Comment installer Python 3.11 et Visual Studio Code sur un ordinateur avec Windows 11 ?",
        "Explique la Déclaration universelle des droits de l'homme en mots simples.",
    ),
    "de": (
        "Das Internationale Komitee vom Roten Kreuz veröffentlicht in Genf einen Jahresbericht.",
        "Was ist in der Humanmedizin der Unterschied zwischen einem Virus und einem Bakterium?",
        "Ist es legal, das Museum of Modern Art in New York ohne Erlaubnis zu fotografieren?",
        "Professorin Maria Fernandes lehrt organische Chemie an der Universität Coimbra.",
        "Wie installiere ich Python 3.11 und Visual Studio Code auf einem PC mit Windows 11?",
        "Erkläre die Allgemeine Erklärung der Menschenrechte in einfachen Worten.",
    ),
    "id": (
        "Komite Internasional Palang Merah menerbitkan laporan tahunan di Jenewa.",
        "Apa perbedaan antara virus dan bakteri dalam ilmu kedokteran manusia?",
        "Apakah legal memotret Museum of Modern Art di New York tanpa izin?",
        "Profesor Maria Fernandes mengajar kimia organik di Universitas Coimbra.",
        "Bagaimana cara memasang Python 3.11 dan Visual Studio Code di komputer dengan Windows 11?",
        "Jelaskan Deklarasi Universal Hak Asasi Manusia dengan kata-kata sederhana.",
    ),
}
HAN = {
    "ja": (
        "東京都立中央図書館の利用案内を教えてください。",
        "日本国憲法第二十五条の内容を説明してください。",
        "国民健康保険料の減免申請に必要な書類は何ですか。",
        "個人情報保護委員会の役割は何ですか。",
        "京都大学理学部物理学科入学試験",
        "新幹線の指定席と自由席の違いは何ですか。",
        "第三十回全国高等学校囲碁選手権大会決勝戦",
    ),
    "zh-Hans": (
        "请告诉我东京都立中央图书馆的使用说明。",
        "请说明日本国宪法第二十五条的内容。",
        "申请减免国民健康保险费需要什么文件？",
        "个人信息保护委员会的作用是什么？",
        "京都大学理学部物理学科入学考试",
        "新干线的指定席和自由席有什么不同？",
        "第三十届全国高中围棋锦标赛决赛",
    ),
    "zh-Hant": (
        "請告訴我東京都立中央圖書館的使用說明。",
        "請說明日本國憲法第二十五條的內容。",
        "申請減免國民健康保險費需要什麼文件？",
        "個人資訊保護委員會的作用是什麼？",
        "京都大學理學部物理學科入學考試",
        "新幹線的指定席和自由席有什麼不同？",
        "第三十屆全國高中圍棋錦標賽決賽",
    ),
}


def count(texts: Sequence[str], source: Sequence[str], own: bool = False) -> int:
    """How many of the texts are found to hold one of the source.

    own: the variant is in the source's own language.
    """
    columns = dict.fromkeys(("id", *TEXT_FIELDS), pl.String)
    rows = [{"id": str(at), "prompt": text} for at, text in enumerate(source)]
    items = pl.DataFrame(rows, schema=columns)
    variant = [{"id": str(at), "prompt": one, "response": None} for at, one in enumerate(texts)]
    for one in variant:
        one["locale"] = "en-GB" if own else "pt-BR"
    found = terms.leaks(variant, items, CLOSED, languages={"prompt": "en"})
    return sum(one.severity == "error" for one in found)


@contextmanager
def chosen(**values: float) -> Iterator[None]:
    """With other thresholds."""
    for name, value in (CHOSEN | values).items():
        setattr(terms, name, value)
    try:
        yield
    finally:
        for name, value in CHOSEN.items():
            setattr(terms, name, value)


def edited(text: str, edits: int, words: Sequence[str]) -> str:
    """The text with words replaced, left out or put in; in Chinese, pieces of two characters."""
    draw = Random(f"{edits} {text}")
    blank = " " if text.count(" ") * 12 > len(text) else ""
    pieces = text.split() if blank else [text[at : at + 2] for at in range(0, len(text), 2)]
    for _ in range(edits):
        at, how = draw.randrange(len(pieces)), draw.randrange(3)
        new = [draw.choice(words)]
        pieces[at : at + (how != 2)] = [] if how == 1 and len(pieces) > 2 else new
    return blank.join(pieces)


def full_width(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


CHANGES: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "full width": full_width,
    "no punctuation": lambda text: "".join(one for one in text if one.isalnum() or one == " "),
    "text before": lambda text: BEFORE + text,
    "text after": lambda text: text + AFTER,
    "inside a longer text": lambda text: BEFORE + text + AFTER,
    "without its ends": lambda text: text[len(text) // 10 : -(len(text) // 10) or None],
}


def row(label: str, hits: Sequence[int], sizes: Sequence[int]) -> None:
    """One line: the shares in percent."""
    shares = (f"{100 * hit / max(size, 1):8.2f}" for hit, size in zip(hits, sizes, strict=True))
    print(f"{label:34}{''.join(shares)}")


def innocent(data: Mapping[str, list[str]], release: Mapping[str, list[str]]) -> None:
    """False alarms."""
    english = ("en", "do-not-answer", "ailuminate")
    cases: dict[str, list[tuple[Sequence[str], Sequence[str], bool]]] = {
        "translations beside English": [(data[one], data["en"], False) for one in LANGUAGES],
        "… one another": [
            (data[one], data[other], False)
            for one in LANGUAGES
            for other in LANGUAGES
            if one != other
        ],
        "cognates": [
            (RELATED[one], RELATED[other], False)
            for one in RELATED
            for other in RELATED
            if one != other
        ],
        "zh beside ja": [(HAN[one], HAN["ja"], False) for one in ("zh-Hans", "zh-Hant")]
        + [(data["zh"], release["ja"], False)],
    }
    for one in english:
        others = [text for other in english if other != one for text in data[other]]
        cases[f"{one} beside the others"] = [(data[one], others, True)]
    for one in english[1:]:
        cases[f"{one} by halves"] = [(data[one][::2], data[one][1::2], True)]
    sizes = [sum(len(texts) for texts, _, _ in case) for case in cases.values()]
    print("False alarms, in percent of the texts of\n")
    for letter, name, size in zip("abcdefghi", cases, sizes, strict=True):
        print(f"  {letter}  {name}, {size}")
    print(f"\n{'':34}{''.join(f'{letter:>8}' for letter in 'abcdefghi')}")

    def line(label: str, **values: float) -> None:
        with chosen(**values):
            hits = [sum(count(*pair) for pair in case) for case in cases.values()]
        row(label, hits, sizes)

    for flat in range(40, 90, 5):
        line(f"near {flat}", NEAR=flat, NEAR_SHORT=0.0, NEAR_FOREIGN=flat)
    for short in (300.0, 500.0):
        line(f"near 60 + {short:.0f} / letters", NEAR_SHORT=short, NEAR_FOREIGN=99.0)
    line("as chosen")
    for shortest in (8, 12, 16, 20, 24, 30):
        values = {"NEAR": 101.0, "NEAR_FOREIGN": 101.0, "RUN": 1e6}
        line(f"contained only, from {shortest} letters", SHORTEST=shortest, **values)
    for run in (16, 24, 32, 40, 50):
        values = {"NEAR_SHORT": 1e6, "NEAR_FOREIGN": 101.0}
        line(f"runs (or contained), from {run} letters", RUN=run, **values)


def copies(data: Mapping[str, list[str]], release: Mapping[str, list[str]]) -> None:
    """Copies that are found."""
    sources = {name: data[name] for name in ("en", "do-not-answer", "ailuminate", "zh")}
    sources["ja"] = release["ja"]
    words = {name: sorted({w for t in texts for w in t.split()}) for name, texts in sources.items()}
    for name in ("zh", "ja"):
        joined = "".join(sources[name])
        words[name] = [joined[at : at + 2] for at in range(0, len(joined), 2)]
    sizes = [len(texts) for texts in sources.values()]
    print("\nCopies found, in percent\n")
    print(f"{'':34}{''.join(f'{name[:7]:>8}' for name in sources)}")
    print(f"{'texts':34}{''.join(f'{size:8}' for size in sizes)}")

    def line(label: str, change: Callable[[str, str], str], own: bool) -> None:
        hits = [
            count([change(text, name) for text in texts], texts, own)
            for name, texts in sources.items()
        ]
        row(label, hits, sizes)

    for flat, short in ((60.0, 0.0), (70.0, 0.0), (75.0, 0.0), (80.0, 0.0), (60.0, 400.0)):
        for edits in range(1, 6):
            label = "same language" if short else f"near {flat:.0f}"
            with chosen(NEAR=flat, NEAR_SHORT=short):
                line(f"{label}, {edits} words", lambda t, n, e=edits: edited(t, e, words[n]), True)
    for edits in range(1, 6):
        line(f"other language, {edits} words", lambda t, n, e=edits: edited(t, e, words[n]), False)
    for edits in range(1, 4):
        line(
            f"other language, {edits}, inside",
            lambda t, n, e=edits: BEFORE + edited(t, e, words[n]) + AFTER,
            False,
        )
    for how, changed in CHANGES.items():
        line(how, lambda t, n, changed=changed: changed(t), False)
    several = {name: [t for t in texts if len(units(t)) > 1] for name, texts in sources.items()}
    hits = [
        count([BEFORE + units(text)[-1] + AFTER for text in texts], texts)
        for texts in several.values()
    ]
    row("one sentence of several, inside", hits, [len(texts) for texts in several.values()])


def units(text: str) -> list[str]:
    """Its sentences' letters, as they are looked for."""
    return terms._units(text)[1]


def speed(size: int, english: bool) -> None:
    """Seconds and memory for so many items and rows of invented texts of 200 letters each."""
    draw = Random(0)
    syllables = [first + second for first in "bcdfglmnprst" for second in "aeiou"]
    vocabularies = [
        ["".join(draw.choices(syllables, k=draw.choice((1, 2, 2, 3, 3, 4)))) for _ in range(20_000)]
        for _ in range(2)
    ]
    often = list(accumulate(1 / rank for rank in range(2, 20_002)))
    characters = [chr(code) for code in (*range(0x3042, 0x3094), *range(0x4E00, 0x57C4))]
    frequent = list(accumulate(1 / rank for rank in range(2, len(characters) + 2)))

    def text(vocabulary: Sequence[str]) -> str:
        sentences = [
            " ".join(draw.choices(vocabulary, cum_weights=often, k=draw.randint(6, 16))) + "."
            for _ in range(5)
        ]
        return " ".join(sentences)[:200]

    def japanese() -> str:
        return "".join(draw.choices(characters, cum_weights=frequent, k=99)) + "。"

    own = vocabularies[0 if english else 1]
    columns: dict[str, list[str]] = {"id": [f"i{at}" for at in range(size)]}
    columns |= {field: [japanese() for _ in range(size)] for field in ("prompt", "response")}
    columns["prompt_pivot"] = [text(vocabularies[0]) for _ in range(size)]
    items = pl.DataFrame(columns).with_columns(response_pivot=pl.lit(None, pl.String))
    variant = [{"id": f"v{at}", "prompt": text(own), "response": text(own)} for at in range(size)]
    planted = range(0, size, 50)
    for at in planted:
        variant[at]["prompt"] = edited(columns["prompt_pivot"][at * 7 % size], 3, own)
    start, before = time.perf_counter(), time.process_time()
    found = [one.item for one in terms.leaks(variant, items, CLOSED) if one.field == "prompt"]
    wall, cpu = time.perf_counter() - start, time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    hits = len({f"v{at}" for at in planted} & set(found))
    print(
        f"{size} items of 3 texts, {size} rows of 2: {wall:.0f} s, {cpu:.0f} s of processor time, "
        f"{memory:.2f} GB at most; {hits} of {len(planted)} copies found, {len(found) - hits} other"
    )


def texts_of(path: Path, column: str) -> list[str]:
    """A column of a CSV file; of texts that are equal, the first."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [line[column] for line in csv.DictReader(file)]
    return list({comparable(text): text for text in reversed(texts) if text.strip()}.values())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    root = Path(__file__).parents[2]
    parser.add_argument("--release", type=Path, default=root / "examples" / "sample-release")
    parser.add_argument("--size", type=int)
    parser.add_argument("--english", action="store_true", help="the variant is English too")
    options = parser.parse_args()
    if options.size:
        speed(options.size, options.english)
    if options.folder:
        data = {one: texts_of(options.folder / "multijail.csv", one) for one in ("en", *LANGUAGES)}
        data["do-not-answer"] = texts_of(options.folder / "do_not_answer_en.csv", "question")
        data["ailuminate"] = texts_of(options.folder / "ailuminate_demo_en_us.csv", "prompt_text")
        lines = (options.release / "dev.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        release = {"ja": [one[key] for one in rows for key in ("text", "output")]}
        innocent(data, release)
        copies(data, release)


if __name__ == "__main__":
    main()
