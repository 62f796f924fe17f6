"""How often the engine says rightly that a word was not translated.

    python tests/benchmarks/omissions.py ../shared/data/multijail.csv

The embedded model translates each prompt of up to 40 words, and again without one of its content
words (the words take turns): the second draft is planted as that of the whole prompt. Printed are
the drafts of which something is told (to be read: a good one may be among them), and how often the
planted word is. It is the same model that drafts and judges, as in use.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from checks import read_rows

from derive.translate import omissions
from derive.translate.cache import Cache
from derive.translate.models import find_model, load_engine


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    engine = load_engine(find_model("pt-BR"), "pt-BR")
    function = omissions.function_words("en") or frozenset()
    texts = [row["en"] for row in read_rows(options.file)]
    texts = [text for text in texts if len(text.split()) <= omissions.LONGEST]

    def drafts(sources: list[str]) -> list[str]:
        tokens = engine.encode(sources, "en")
        return [output.text for [output] in engine.translate([one] for one in tokens)]

    begin = time.perf_counter()
    good = drafts(texts)
    translated = time.perf_counter() - begin
    begin = time.perf_counter()
    told = list(
        omissions.omitted(list(zip(texts, good, strict=True)), "en", engine, Cache(None, {}))
    )
    asked = time.perf_counter() - begin
    for text, draft, words in zip(texts, good, told, strict=True):
        if words:
            print(f"{', '.join(words)}: {text} → {draft}")
    planted: list[tuple[str, str, str]] = []
    for at, text in enumerate(texts):
        words = omissions.content_words(text, function)
        if len(words) > 1:
            word = words[at % len(words)]
            planted.append((text, f"{text[: word.start()]}{text[word.end() :].lstrip()}", word[0]))
    without = drafts([shorter for _, shorter, _ in planted])
    draft_of = dict(zip(texts, good, strict=True))
    pairs = [
        (text, draft, word)
        for (text, _, word), draft in zip(planted, without, strict=True)
        if draft != draft_of[text]
    ]
    found = omissions.omitted(
        [(text, draft) for text, draft, _ in pairs], "en", engine, Cache(None, {})
    )
    hits = sum(word in words for (*_, word), words in zip(pairs, found, strict=True))
    print(
        f"\ntold of {sum(map(bool, told))} of {len(texts)} drafts; planted: {hits} of {len(pairs)}"
    )
    print(f"asking took {asked / translated:.1f} times the time of translating one by one")


if __name__ == "__main__":
    main()
