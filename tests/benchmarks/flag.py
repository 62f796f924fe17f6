"""Marks and routes of 100,000 invented items against one bare pass of polars' Aho-Corasick.

    python tests/benchmarks/flag.py [--items 100000] [--tag ja-JP]

Every item has a pivot prompt of about 200 characters; a fifth hold names, amounts, terms of the
lexicon or romanized words. The bare pass looks for the same forms in the same texts and does
nothing with what it finds. Then a lexicon of a tenth of the entries, to see what an entry costs.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import replace

import polars as pl

from derive import locales, tables
from derive.flag.lexicon import Lexicon, load_lexicon
from derive.flag.patterns import Patterns, load_patterns
from derive.flag.search import fold
from derive.flag.stage import flag

ENGLISH = """
government school hospital teacher winter summer letter house garden river mountain doctor patient
advice question answer medicine travel bread water family friend neighbour office manager salary
contract lawyer police record phone message password account bank machine software network privacy
photo music song dance movie story science number paper table window should I tell my the of and to
"""
LENGTH = 200
POLICY = {"routes": {"0": "translate", "1": "adapt", "2": "rewrite"}, "untagged": "suggested"}


def texts(count: int, lexicon: Lexicon, patterns: Patterns) -> list[str]:
    """Invented prompts; every fifth holds something to find."""
    draw = random.Random(0)
    forms = sorted(spelt for owners in lexicon.pivot.values() for spelt, _ in owners)
    names = sorted(name.capitalize() for name in patterns.names.get("pivot", {}))
    more = ["30,000 yen", "in this country", "Maria-san", "kokeshi uchiwa", "2 million won"]
    english = ENGLISH.split()
    made = []
    for number in range(count):
        words = []
        while sum(map(len, words)) + len(words) < LENGTH:
            words.append(draw.choice(english))
        if number % 5 == 0:
            words[draw.randrange(len(words))] = draw.choice((*forms, *names, *more))
        made.append(" ".join(words)[:LENGTH])
    return made


def timed(name: str, work: Callable[[], object], against: float | None = None) -> float:
    """Print how long it took, and how often the time of something else that is."""
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    ratio = f"{seconds / against:8.1f} x the bare pass" if against else ""
    print(f"{name:48} {seconds:8.2f} s {ratio}")
    return seconds


def main() -> None:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--tag", default="ja-JP")
    asked = parser.parse_args()
    pack = locales.load(asked.tag)
    lexicon, patterns = load_lexicon(pack.lexicon), load_patterns(pack)
    prompts = texts(asked.items, lexicon, patterns)
    empty = dict.fromkeys(tables.ITEMS)
    items = tables.frame(
        [{**empty, "id": str(at), "file": "f", "row": at + 1, "prompt_pivot": text}
         for at, text in enumerate(prompts)],
        tables.ITEMS,
    )  # fmt: skip
    few = set(sorted(lexicon.entries)[::10])
    tenth = replace(lexicon, pivot=_only(lexicon.pivot, few), source=_only(lexicon.source, few))
    forms = sorted({*lexicon.pivot, *patterns.names.get("pivot", {})})
    folded = pl.Series([fold(text) for text in prompts])
    print(f"{asked.items:,} items, {len(lexicon.entries):,} entries, {len(forms):,} forms")
    bare = timed("bare Aho-Corasick", lambda: folded.str.find_many(forms, overlapping=True))
    timed("marks and routes", lambda: flag(items, lexicon, POLICY, patterns), bare)
    timed("the same, lexicon only", lambda: flag(items, lexicon, POLICY), bare)
    timed("a tenth of the entries", lambda: flag(items, tenth, POLICY, patterns), bare)


def _only(forms: dict[str, list[tuple[str, object]]], names: set[str]) -> dict[str, list[object]]:
    kept = {
        form: [owner for owner in owners if owner[1].entry in names]
        for form, owners in forms.items()
    }
    return {form: owners for form, owners in kept.items() if owners}


if __name__ == "__main__":
    main()
