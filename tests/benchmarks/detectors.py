"""How often the detectors are wrong about drafts, how often they find what is wrong, and the order.

    python tests/benchmarks/detectors.py ../shared/data/multijail.csv [--fit]

MultiJail's human translations of English prompts stand for good drafts: what is told of them is a
false alarm, or a fault of theirs. One failure at a time is planted into each. The rows with an even
number are for tuning; the figures are of the others. `--fit` prints derive/translate/lengths.csv
of the even rows instead. Nothing is drawn at random.

`found`: the share of failures of which one of the codes is told as a warning or error, `worst`:
that of the language where it is lowest, `any`: with a warning or error of any code that the
good draft has not. What shows beside other drafts only, and the order: review_order.py.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path
from statistics import median

from babel.numbers import format_decimal
from checks import CALL, LOCALES, OTHER, SAME, SOURCE_CALL, UNSPACED, Row, halves, read_rows

from derive import locales
from derive.compare import size
from derive.findings import Finding
from derive.translate.lengths import LONGEST, USUAL
from derive.translate.quality import DraftChecks
from derive.translate.texts import Translated

Pair = tuple[str, str]  # source and draft
Make = Callable[[Pair, str, Row, Row], Pair | None]  # of a row, its language and the next row
TAG = "zh-Hant-TW"
TAGS = {**LOCALES, "pt": "pt-BR"}
FRAMES = {**{lang: frame for lang, (frame, _) in CALL.items()}, "pt": " Ligue para {} hoje."}
UNSEEN = (  # refusals that no pack has
    "Unfortunately, that is something I have to decline. Is there anything else you need?",
    "I'd rather not answer that. Let me suggest a safer topic instead.",
    "This request goes against my guidelines, so I will not continue.",
)


@dataclass(frozen=True)
class Plant:
    """A failure that any of the codes finds."""

    name: str
    codes: tuple[str, ...]
    make: Make
    languages: Sequence[str] = tuple(LOCALES)


def blank(lang: str) -> str:
    return "" if lang in UNSPACED else " "


def cut(share: float, end: bool = False) -> Make:
    """The first part of the draft; end: with its last mark kept."""

    def make(pair: Pair, lang: str, *_: Row) -> Pair:
        source, draft = pair
        words = draft.split(" ") if lang not in UNSPACED else list(draft)
        text = blank(lang).join(words[: max(1, round(len(words) * share))])
        return source, text + (draft[-1] if end and not draft[-1].isalnum() else "")

    return make


def twice(pair: Pair, lang: str, *_: Row) -> Pair:
    return pair[0], f"{pair[1]}{blank(lang)}{pair[1]}"


def tripled(pair: Pair, lang: str, *_: Row) -> Pair:
    before, after = halves(pair[1])
    phrase = blank(lang).join([after[: {"zh": 8, "th": 16}.get(lang, 24)].strip()] * 3)
    return pair[0], blank(lang).join([before, phrase, after])


def stuttered(pair: Pair, lang: str, *_: Row) -> Pair | None:
    """A phrase again and again with something else in between."""
    words = (
        pair[1].split(" ")
        if lang not in UNSPACED
        else [pair[1][at : at + 4] for at in range(0, len(pair[1]), 4)]
    )
    if len(words) < 8:
        return None
    phrase, others = words[:4], words[4:8]
    return pair[0], blank(lang).join([*words, *(x for other in others for x in (*phrase, other))])


def dropped(pair: Pair, lang: str, row: Row, following: Row) -> Pair | None:
    """The second of two sentences is missing."""
    ended = all(one[-1] in ".?!。？！؟।" for one in (*pair, following["en"], following[lang]))
    return (f"{pair[0]} {following['en']}", pair[1]) if ended or lang == "th" else None


def behind(pair: Pair, lang: str, _: Row, following: Row) -> Pair:
    return pair[0], f"{pair[1]} {following[lang]} {following[lang][::-1]}"


def partly(pair: Pair, lang: str, *_: Row) -> Pair | None:
    end = halves(pair[0])[1]
    return (pair[0], f"{halves(pair[1])[0]} {end}") if end.count(" ") > 2 else None


def call(what: str, said: str) -> Make:
    def make(pair: Pair, lang: str, *_: Row) -> Pair:
        return pair[0] + SOURCE_CALL.format(what), pair[1] + FRAMES[lang].format(said)

    return make


def number(pair: Pair, lang: str, *_: Row) -> Pair:
    said = format_decimal(12543.6, None, TAGS[lang].replace("-", "_"))
    return call("12,345.6", said)(pair, lang, {}, {})


def refusal(pair: Pair, lang: str, *_: Row) -> Pair | None:
    said = locales.load(next((tag for tag in locales.tags() if tag.startswith(lang)), "en"))
    return (
        (pair[0], f"{said.assistant['refusal'][0]} {halves(pair[1])[0]}.")
        if said.assistant
        else None
    )


def comment(pair: Pair, lang: str, *_: Row) -> Pair | None:
    said = locales.load(next((tag for tag in locales.tags() if tag.startswith(lang)), "en"))
    return pair[0], f"{said.assistant['comment'][0]} {pair[1]}"


def unseen(pair: Pair, *_: object) -> Pair:
    return pair[0], UNSEEN[len(pair[0]) % len(UNSEEN)]


def softened(pair: Pair, lang: str, *_: Row) -> Pair | None:
    """The longest word is missing."""
    words = pair[1].split(" ")
    longest = max(words, key=len)
    return (pair[0], " ".join(w for w in words if w != longest)) if len(words) > 4 else None


SPOKEN = tuple(lang for lang in LOCALES if lang not in UNSPACED)
LANGUAGE = ("draft-language", "draft-same", "draft-copied")
SIZE = ("draft-length", "draft-end", "draft-sentences")
LOST = ("draft-lost",)
QUOTES = ("draft-quotes",)
PLANTS = (
    Plant("nothing", ("draft-empty",), lambda p, *_: (p[0], " ")),
    Plant("the source", LANGUAGE, lambda p, *_: (p[0], p[0])),
    Plant("the source, a word more", LANGUAGE, lambda p, *_: (p[0], f"Please: {p[0]}")),
    Plant("half the source", LANGUAGE, partly),
    Plant(
        "wrong language, same script",
        LANGUAGE,
        lambda p, lang, r, _: (p[0], r[SAME[lang]]),
        tuple(SAME),
    ),
    Plant("wrong script", LANGUAGE, lambda p, lang, r, _: (p[0], r[OTHER[lang]])),
    Plant("zh-Hans for zh-Hant-TW", LANGUAGE, lambda p, *_: p, ("zh",)),
    Plant("tripled phrase", ("draft-repeats",), tripled),
    Plant("the draft twice", ("draft-repeats",), twice),
    Plant("a phrase over and over", ("draft-repeats",), stuttered),
    Plant(
        "letters over and over", ("draft-repeats",), lambda p, *_: (p[0], p[1] + p[1][-4:-1] * 9)
    ),
    Plant("cut to a half", SIZE, cut(0.5)),
    Plant("cut to 70 %", SIZE, cut(0.7)),
    Plant("cut to a half, end kept", SIZE, cut(0.5, end=True)),
    Plant("a sentence of two dropped", SIZE, dropped),
    Plant("another draft behind", SIZE, behind),
    Plant("swapped number", ("draft-number",), number),
    *(
        Plant(f"lost {one}", LOST, call(one, "…"))
        for one in ("https://example.org/a?b=1", "help.me@example.org", "{name}", "`code()`")
    ),
    *(
        Plant(f"open {two}", QUOTES, call("Kim", f"{two[0]}Kim"))
        for two in ("()", "“”", "«»", '""')
    ),
    Plant("refusal, phrase of a pack", ("draft-refusal",), refusal),
    Plant("refusal, in other English", ("draft-refusal", "draft-language"), unseen),
    Plant("comment before it", ("draft-comment",), comment),
    Plant("softened: longest word out", SIZE, softened, SPOKEN),
)


def told(checks: DraftChecks, pair: Pair) -> list[Finding]:
    return list(checks(pair[0], Translated(pair[1], None, False, False)))


def loud(found: Sequence[Finding]) -> set[str]:
    return {one.code for one in found if one.severity != "note"}


def fit(rows: Sequence[Row]) -> None:
    """Print the table of lengths."""
    print("source,target,median,spread,texts")
    for lang in sorted(LOCALES):
        shares = [(log(size(row[lang]) / size(row["en"])), size(row["en"])) for row in rows]
        middle = median(share for share, _ in shares)
        far = (abs(share - middle) * sqrt(min(n, LONGEST) / USUAL) for share, n in shares)
        print(f"en,{lang},{middle:.2f},{1.4826 * median(far):.2f},{len(rows)}")


def false_alarms(rows: Sequence[Row]) -> None:
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for lang, tag in LOCALES.items():
        checks = DraftChecks.of("en", tag)
        counts[lang] = Counter()
        for row in rows:
            found = told(checks, (row["en"], row[lang]))
            counts[lang].update({(x.severity, code) for x in found for code in ("*", x.code)})
    print(f"{f'% of {len(rows)} good translations':34} {' '.join(f'{x:>4}' for x in LOCALES)}  all")
    for severity, code in sorted({key for one in counts.values() for key in one}):
        shares = [100 * one[severity, code] / len(rows) for one in counts.values()]
        cells = " ".join(f"{share:4.1f}" for share in (*shares, sum(shares) / len(shares)))
        print(f"{severity:10} {code:23} {cells}")


def hits(rows: Sequence[Row]) -> None:
    print(f"\n{'planted':30} {'found by':30} {'rows':>5} {'found':>6} {'worst':>9} {'any':>6}")
    for plant in PLANTS:
        results: dict[str, tuple[int, int, int]] = {}
        for lang in plant.languages:
            checks = DraftChecks.of("en", TAG if "Hant" in plant.name else LOCALES[lang])
            found = whatever = of = 0
            for at, row in enumerate(rows):
                pair = row["en"], row[lang]
                bad = plant.make(pair, lang, row, rows[(at + 1) % len(rows)])
                if bad and (bad != pair or "Hant" in plant.name):
                    said = loud(told(checks, bad))
                    found += bool(said & set(plant.codes))
                    whatever += bool(
                        said - (set() if "Hant" in plant.name else loud(told(checks, pair)))
                    )
                    of += 1
            if of:
                results[lang] = found, whatever, of
        hit, some, of = map(sum, zip(*results.values(), strict=True))
        low, lang = min((100 * one[0] / one[2], lang) for lang, one in results.items())
        codes = ", ".join(code.removeprefix("draft-") for code in plant.codes)
        print(
            f"{plant.name:30} {codes:30} {of:5} {100 * hit / of:6.1f}"
            f" {low:6.1f} {lang} {100 * some / of:6.1f}"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--even", action="store_true", help="the rows for tuning")
    options = parser.parse_args()
    rows = read_rows(options.file)
    if options.fit:
        fit(rows[0::2])
        return
    rows = rows[0 if options.even else 1 :: 2]
    false_alarms(rows)
    hits(rows)


if __name__ == "__main__":
    main()
