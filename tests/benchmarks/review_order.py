"""How many planted failures stand among the first drafts that people get, and what a run shows.

    python tests/benchmarks/review_order.py ../shared/data/multijail.csv

Each seventh row gets a failure (those of detectors.py take turns); the drafts are put in the order
of their review priority. Languages of the file: people's translations, without a score. pt: the
embedded model's drafts, with its own scores of all of them, the planted ones too. Only rows with an
odd number, which nothing was tuned on. Beside that, what is seen only in a whole run: how many good
drafts are told, and how many that were planted.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from checks import Row, read_rows
from detectors import PLANTS, TAGS, Pair, Plant

from derive import tables
from derive.translate.models import find_model, load_engine
from derive.translate.peers import Peers
from derive.translate.priority import review_priority
from derive.translate.quality import DraftChecks
from derive.translate.stage import translate
from derive.translate.texts import Translated


def scored(pairs: Sequence[Pair]) -> list[float]:
    """What the embedded model says of drafts it did not make, a token on average."""
    engine = load_engine(find_model("pt-BR"), "pt-BR")
    sources, drafts = (list(one) for one in zip(*pairs, strict=True))
    found = engine._translator.score_batch(
        engine.encode(sources, "en"), engine._pieces.encode(drafts), max_batch_size=32
    )
    return [sum(one.log_probs) / max(len(one.log_probs), 1) for one in found]


def drafted(rows: Sequence[Row]) -> list[Pair]:
    """The rows' English with the embedded model's drafts."""
    table = tables.frame(
        (
            {**dict.fromkeys(tables.ITEMS), "id": str(n), "prompt": row["en"]}
            for n, row in enumerate(rows)
        ),
        tables.ITEMS,
    )
    languages = {"prompt": "en", "response": None, "prompt_pivot": None, "response_pivot": None}
    engine = load_engine(find_model("pt-BR"), "pt-BR")
    texts = translate(table, languages, "pt-BR", engine).drafts["text"].to_list()
    return [(row["en"], text) for row, text in zip(rows, texts, strict=True)]


def fits(plant: Plant, lang: str) -> bool:
    """Whether a failure can be planted into a draft of the language; pt has no column."""
    other = "wrong" in plant.name or "Hant" in plant.name
    return not other if lang == "pt" else lang in plant.languages and "Hant" not in plant.name


def order(rows: Sequence[Row]) -> None:
    """How many planted failures stand in the first fifth, by the number that orders the sheets."""
    print(f"\n{'of failures in the first 20 % of rows':44} {'planted':>8} {'there':>6} {'%':>6}")
    for lang, tag in TAGS.items():
        plants = cycle(one for one in PLANTS if fits(one, lang))
        good = drafted(rows) if lang == "pt" else [(row["en"], row[lang]) for row in rows]
        bad: set[int] = set()
        pairs = list(good)
        for at in range(3, len(rows), 7):
            following = dict(rows[(at + 1) % len(rows)])
            following[lang] = good[(at + 1) % len(rows)][1]
            for plant in islice(plants, 60):
                made = plant.make(good[at], lang, rows[at], following)
                if made and made != good[at]:
                    pairs[at] = made
                    bad.add(at)
                    break
        scores = scored(pairs) if lang == "pt" else [None] * len(pairs)
        numbers = priorities(pairs, scores, tag)
        ranked = sorted(range(len(rows)), key=lambda at: -(numbers[at] or 0.0))
        first = bad & set(ranked[: len(rows) // 5])
        whose = "the model's drafts, its scores" if lang == "pt" else "people's, without a score"
        share = 100 * len(first) / len(bad)
        print(f"{tag:12}{whose:32} {len(bad):8} {len(first):6} {share:6.1f}")


def priorities(
    pairs: Sequence[Pair], scores: Sequence[float | None], tag: str
) -> list[float | None]:
    """The review priority of each draft, as a run gives it."""
    peers, checks, found = Peers(), DraftChecks.of("en", tag), []
    for (source, draft), score in zip(pairs, scores, strict=True):
        made = Translated(draft, score, False, False)
        found.append({one.code: one.severity for one in checks(source, made)})
        peers.put(peers.reserve(1), source, made)
    for at, told in peers.findings().items():
        found[at] = {**{one.code: one.severity for one in told}, **found[at]}
    return [
        review_priority(draft, score, [{"severity": one} for one in told.values()])
        for (_, draft), score, told in zip(pairs, scores, found, strict=True)
    ]


def beside(rows: Sequence[Row]) -> None:
    """What is told beside the other drafts of a run: of good ones, and of planted ones."""
    print(f"\n{'seen in a whole run':20} {'good told':>10} {'planted':>8} {'found':>6}")
    for code, planted in (("draft-shared", another), ("draft-length", half)):
        told = found = of = 0
        for lang in (lang for lang in TAGS if lang != "pt"):
            good = [(row["en"], row[lang]) for row in rows]
            told += sum(code in said for said in in_run(good))
            bad = {at: planted(good, at) for at in range(3, len(rows), 15)}
            said = in_run([bad.get(at, pair) for at, pair in enumerate(good)])
            found += sum(code in said[at] for at in bad)
            of += len(bad)
        print(f"{code:20} {told:10} {of:8} {found:6}   of {9 * len(rows)}")


def another(good: Sequence[Pair], at: int) -> Pair:
    return good[at][0], good[at - 1][1]


def half(good: Sequence[Pair], at: int) -> Pair:
    return good[at][0], good[at][1][: len(good[at][1]) // 2]


def in_run(pairs: Sequence[Pair]) -> list[set[str]]:
    """The codes of each row."""
    peers = Peers()
    for source, draft in pairs:
        peers.put(peers.reserve(1), source, Translated(draft, None, False, False))
    found = peers.findings()
    return [{one.code for one in found.get(at, ())} for at in range(len(pairs))]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    rows = read_rows(parser.parse_args().file)[1::2]
    order(rows)
    beside(rows)


if __name__ == "__main__":
    main()
