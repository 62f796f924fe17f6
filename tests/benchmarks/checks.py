"""How often the checks on people's texts are wrong, and how often they find what is wrong.

    python tests/benchmarks/checks.py ../shared/data/multijail.csv [--every 5] [--language zh …]

MultiJail's human translations stand for what people hand in: an error or warning on them is a false
alarm, or a fault of theirs. Then one failure at a time is planted into every fifth row, with a
clean twin that has all but the failure. `found` is the share of rows in which one of the codes is
told at the severity it should have, `worst` that of the language where it is lowest; `twin` the
share of twins with a warning or error that the row itself has not. Nothing is drawn at random.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from babel.numbers import format_currency, format_decimal, get_territory_currencies

from derive.findings import Finding
from derive.languages import territory
from derive.terminology import Term, TermChecker
from derive.text import comparable
from derive.worksheet.collect.checks import FIELDS, TextChecks, contacts
from derive.worksheet.collect.residue import residue_of
from derive.worksheet.collect.rows import across_rows
from derive.worksheet.collect.submissions import Content, Node, Standing, Submission
from derive.worksheet.contract import Offer

Row = Mapping[str, str]  # of the file: language to text
LOCALES = {"zh": "zh-CN", "it": "it-IT", "vi": "vi-VN", "ar": "ar-EG", "ko": "ko-KR"}
LOCALES |= {"th": "th-TH", "bn": "bn-BD", "sw": "sw-KE", "jv": "jv-ID"}
Told = dict[str, list[Finding]]  # by unit
RANK = {"note": 0, "warning": 1, "error": 2}
UNSPACED = ("zh", "th")
# a language of the same script that is no relative, and one of another script
SAME = {"it": "sw", "vi": "it", "sw": "it", "jv": "it"}
OTHER = {"zh": "th", "it": "ar", "vi": "bn", "ar": "it", "ko": "ar", "th": "ko", "bn": "ar"}
OTHER |= {"sw": "ko", "jv": "th"}
# a sentence to plant something in, "Call … today.", and a word for "help line"
CALL = {
    "zh": ("请今天拨打{}。", "热线"),
    "it": (" Chiama {} oggi.", "linea amica"),
    "vi": (" Hãy gọi {} hôm nay.", "đường dây"),
    "ar": (" اتصل على {} اليوم.", "الخط الساخن"),
    "ko": (" 오늘 {} 전화하세요.", "상담전화"),
    "th": (" โทร {} วันนี้", "สายด่วน"),
    "bn": (" আজ {} নম্বরে ফোন করুন।", "হটলাইন"),
    "sw": (" Piga {} leo.", "simu ya msaada"),
    "jv": (" Telpon {} dina iki.", "layanan telpon"),
}
SOURCE_CALL = " Call {} today."


@dataclass(frozen=True)
class Unit:
    """A unit and what is known of it: sources and texts of prompt and response, and the rest."""

    source: tuple[str, str]
    texts: tuple[str, str]
    drafts: tuple[str, str] = ("", "")
    decision: str = "transfer"
    surfaces: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    terms: tuple[Term, ...] = ()
    known: tuple[str, ...] = ()

    def prompt(self, text: str) -> Unit:
        """The same with another prompt."""
        return replace(self, texts=(text, self.texts[1]))

    def response(self, text: str) -> Unit:
        """The same with another response."""
        return replace(self, texts=(self.texts[0], text))

    def plus(self, source: str, text: str, **more: Any) -> Unit:
        """The same with something at the end of the prompt and of its source."""
        sources = (self.source[0] + source, self.source[1])
        return replace(self.prompt(self.texts[0] + text), source=sources, **more)


def submission(item: str) -> Submission:
    """A submission for an item; nothing else of it matters here."""
    empty = dict.fromkeys((one.name for one in fields(Submission)), "")
    return Submission(**{**empty, "item": item, "parents": (), "row": 1})  # type: ignore[arg-type]


def checker(locale: str, units: Mapping[str, Unit]) -> TextChecks:
    """The checks as a project has them, with these units."""
    items: dict[str, dict[str, str]] = {}
    drafts: dict[tuple[str, str], str] = {}
    for item, one in units.items():
        items[item] = dict(
            zip((*FIELDS, "prompt_pivot", "response_pivot"), (*one.source, "", ""), strict=True)
        )
        drafts |= {(item, name): draft for name, draft in zip(FIELDS, one.drafts, strict=True)}
    return TextChecks(
        locale,
        items,
        drafts,
        {item: one.offers for item, one in units.items()},
        residue_of("ja-JP", locale, {item: one.surfaces for item, one in units.items()}),
        {comparable(text) for one in units.values() for text in one.source if text},
        TermChecker(dict.fromkeys(term for one in units.values() for term in one.terms)),
        {number for one in units.values() for said in one.known for number in contacts(said)},
    )


def findings(locale: str, units: Mapping[str, Unit], rows: bool = False) -> Told:
    """What is told of each unit; rows: with what units beside one another tell."""
    check = checker(locale, units)
    standings, found = [], {}
    for item, one in units.items():
        content, sent = Content(one.decision, *one.texts), submission(item)
        found[item] = check(content, sent)
        head = Node(sent, (), (), ())
        standings.append(Standing(item, item, "accepted", heads=(head,), content=content))
    for told in across_rows(standings, check.drafts, check.source) if rows else ():
        found[told.item or ""].append(told)
    return found


# --- what is planted

Pair = tuple[Unit, Unit]  # the failure and its clean twin
Make = Callable[[Unit, str, Row], Pair | None]  # of a unit, its language and row; None: no sense


@dataclass(frozen=True)
class Plant:
    """A failure that any of the codes finds, at the severity or above; rows: beside others."""

    name: str
    codes: tuple[str, ...]
    make: Make
    severity: str = "warning"
    rows: bool = False
    languages: Sequence[str] = tuple(LOCALES)


def halves(text: str) -> tuple[str, str]:
    """A text cut in the middle, between words where it has blanks."""
    words = text.split(" ")
    if len(words) > 3:
        return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
    return text[: len(text) // 2], text[len(text) // 2 :]


def partly(one: Unit, lang: str, row: Row) -> Pair | None:
    end = halves(one.source[0])[1]
    return (one.prompt(f"{halves(one.texts[0])[0]} {end}"), one) if end.count(" ") > 2 else None


def other(languages: Mapping[str, str]) -> Make:
    return lambda one, lang, row: (one.prompt(row[languages[lang]]), one)


def tripled(one: Unit, lang: str, row: Row) -> Pair:
    before, after = halves(one.texts[0])
    blank, size = "" if lang in UNSPACED else " ", {"zh": 8, "th": 16}.get(lang, 24)
    phrase = blank.join([after[:size].strip()] * 3)
    return one.prompt(f"{before}{blank}{phrase}{blank}{after[size:]}"), one


def call(what: str, wrong: str = "", right: str | None = None, **more: Any) -> Make:
    """A sentence more in which `what` stands; `wrong` in the failure, `right` in its twin (HELP:
    the word for a help line)."""

    def make(one: Unit, lang: str, row: Row) -> Pair:
        frame, word = CALL[lang]
        said = [frame.format(x).replace("HELP", word) for x in (wrong, right or what)]
        bad, good = (one.plus(SOURCE_CALL.format(what), x, **more) for x in said)
        return bad, good

    return make


def number(one: Unit, lang: str, row: Row) -> Pair | None:
    tag = LOCALES[lang].replace("-", "_")
    large, small = (format_decimal(n, None, tag, numbering_system="default") for n in NUMBERS)
    return call("12,345.6 and 87", large, f"{large} – {small}")(one, lang, row)


def yen(form: Any) -> Make:
    def make(one: Unit, lang: str, row: Row) -> Pair | None:
        locale = LOCALES[lang].replace("-", "_")
        codes = ("JPY", get_territory_currencies(territory(LOCALES[lang]))[0])
        money = [format_currency(5000, x, locale=locale, format_type=form) for x in codes]
        return call("5,000 yen", *money, decision="modify")(one, lang, row)

    return make


def telephone(one: Unit, lang: str, row: Row) -> Pair:
    one = replace(one, decision="modify", known=("+1 800 5557733",))
    said = (CALL[lang][0].format(phone) for phone in ("800 555 1144", "800 555-7733"))
    bad, good = (one.response(one.texts[1] + sentence) for sentence in said)
    return bad, good


def echoed(one: Unit, lang: str, row: Row) -> Pair | None:
    long = one.source[0].count(" ") >= 15
    return (one.response(f"{one.texts[0]} {one.texts[1]}"), one) if long else None


SOME = ("text-untranslated", "text-language", "text-copied")
ENDS = ("text-length", "text-end")
LOST = ("text-lost",)
GAPS = ("text-placeholder",)
LEFT = ("text-residue",)
SWAP = ("text-swapped",)
REUSED, ANOTHER = ("text-reused",), ("text-other-answer",)
WORDS = tuple(word for _, word in CALL.values())
TERMS = tuple(Term("help line", word) for word in WORDS)
BANNED = tuple(replace(one, forbidden=True) for one in TERMS)
OFFERS = (Offer("Hello Work", "agency", "", tuple(f"{word} (ABC)" for word in WORDS)),)
used = call("Hello Work", "…", "HELP", decision="modify", offers=OFFERS)
NUMBERS, OSAKA, NO = (12345.6, 87), ("Osaka",), ("", "")
URL, MAIL, PHOTO = "https://example.org/a?b=1", "help.me@example.org", "photo.jpg"
PLANTS = (
    Plant("left untranslated", SOME[:1], lambda u, *_: (u.prompt(u.source[0]), u), "error"),
    Plant("… with a word more", SOME, lambda u, *_: (u.prompt("Please: " + u.source[0]), u)),
    Plant("partly untranslated", SOME, partly),
    Plant("wrong language", SOME[1:2], other(SAME), languages=tuple(SAME)),
    Plant("wrong script", SOME[1:2], other(OTHER), "error"),
    *(
        Plant(name, ENDS, lambda u, *_: (u.prompt(halves(u.texts[0])[0]), u), rows=rows)
        for name, rows in (("cut in the middle", False), ("… beside other rows", True))
    ),
    Plant("tripled phrase", ("text-repeats",), tripled, "error"),
    Plant("lost number", ("text-number",), number, "error"),
    *(Plant(f"lost {one}", LOST, call(one), "error") for one in (URL, MAIL, "{name}", "`code()`")),
    Plant("… adapted", ("number-changed",), call(URL, decision="modify"), "note"),
    Plant("yen sign", LEFT, yen("standard"), languages=tuple(LOCALES)[1:]),
    Plant("yen word", LEFT, yen("name")),
    Plant(".jp", LEFT, call(URL, "mail.co.jp", PHOTO, decision="modify")),
    Plant("prefecture", LEFT, call("Osaka", "Osaka", "Lima", surfaces=OSAKA, decision="modify")),
    Plant("one target, two units", REUSED, lambda u, _, r: (u.prompt(r["last"]), u), rows=True),
    Plant("another's response", ANOTHER, lambda u, _, r: (u.response(r["next"]), u), rows=True),
    Plant("swapped, with drafts", SWAP, lambda u, *_: (replace(u, texts=u.texts[::-1]), u)),
    Plant("… with no drafts", SWAP, lambda u, *_: (replace(u, texts=u.texts[::-1], drafts=NO), u)),
    Plant("response repeats prompt", ("response-echo",), echoed, "note"),
    *(Plant(gap, GAPS, call("Kim", gap), "error") for gap in ("[NAME]", "XXX", "___", "{name}")),
    Plant("[name], no capitals", GAPS, call("Kim", "[नाम]")),
    *(
        Plant(f"unbalanced {two}", ("text-quotes",), call("Kim", f"{two[0]}Kim", "Kim".join(two)))
        for two in ("()", "（）", "『』", "«»", "“”", "„“", "「」", '""')
    ),
    Plant("term missing", ("term-missing",), call("help line", "…", "HELP", terms=TERMS)),
    Plant("term forbidden", ("term-forbidden",), call("help line", "HELP", "…", terms=BANNED)),
    Plant("counterpart not used", ("counterpart-unused",), used, "note"),
    Plant("unknown telephone number", ("number-unsourced",), telephone, "note"),
)


# --- the measurement


def machine_draft(text: str) -> str:
    """What stands for a machine's draft: the text with every fifth word, or piece, left out."""
    spaced = text.count(" ") * 12 > len(text)
    words = text.split(" ") if spaced else re.findall(r"(?s).{1,6}", text)
    return (" " if spaced else "").join(word for at, word in enumerate(words, 1) if at % 5)


def units_of(rows: Sequence[Row], lang: str) -> dict[str, Unit]:
    """The rows as units; a response is made of three other rows' prompts."""
    units = {}
    for at, row in enumerate(rows):
        three = [rows[(at + step) % len(rows)] for step in (101, 202, 303)]
        source, response = (" ".join(one[x] for one in three) for x in ("en", lang))
        drafts = machine_draft(row[lang]), machine_draft(response)
        units[str(at)] = Unit((row["en"], source), (row[lang], response), drafts)
    return units


def alarms(found: Sequence[Finding]) -> set[tuple[str, str | None]]:
    """Code and field of what is more than a note."""
    return {(one.code, one.field) for one in found if one.severity != "note"}


def planted(plant: Plant, rows: Sequence[Row], lang: str, every: int) -> tuple[int, int, int]:
    """Failures found; twins with more than a note that the row itself has not; failures."""
    units = units_of(rows, lang)
    bad, good = dict[str, Unit](), dict[str, Unit]()
    for at in range(1, len(rows), max(every, 15 if plant.rows else 1)):
        another = units[str((at + 7) % len(rows))].texts[1]
        row = {**rows[at], "last": rows[at - 1][lang], "next": another}
        if pair := plant.make(units[str(at)], lang, row):
            bad[str(at)], good[str(at)] = pair
    around = units if plant.rows else {}
    some = (bad, good, {item: units[item] for item in bad})
    worse, better, plain = (findings(LOCALES[lang], {**around, **x}, plant.rows) for x in some)
    hits = sum(
        any(one.code in plant.codes and RANK[one.severity] >= RANK[plant.severity] for one in told)
        for told in (worse[item] for item in bad)
    )
    return hits, sum(bool(alarms(better[item]) - alarms(plain[item])) for item in good), len(bad)


def false_alarms(rows: Sequence[Row], lang: str, decision: str) -> Counter[tuple[str, str]]:
    """How many translations have a finding, by (severity, code); code * for any of a severity."""
    units = {}
    for at, row in enumerate(rows):
        units[str(at)] = Unit((row["en"], ""), (row[lang], ""), decision=decision)
    counts: Counter[tuple[str, str]] = Counter()
    for found in findings(LOCALES[lang], units, rows=True).values():
        counts.update({(one.severity, code) for one in found for code in ("*", one.code)})
    return counts


def read_rows(path: Path) -> list[Row]:
    """MultiJail's rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--language", nargs="*", default=list(LOCALES))
    options = parser.parse_args()
    rows, languages = read_rows(options.file), options.language
    print(f"{f'% of {len(rows)} translations':37} {' '.join(f'{one:>4}' for one in languages)}")
    for decision in ("transfer", "modify"):
        counts = {lang: false_alarms(rows, lang, decision) for lang in languages}
        for severity, code in sorted({key for one in counts.values() for key in one}):
            shares = (counts[lang][severity, code] / len(rows) for lang in languages)
            cells = " ".join(f"{100 * share:4.1f}" for share in shares)
            print(f"{decision:9} {severity:8} {code:18} {cells}")
    print(f"\n{'planted':26} {'code':26} {'rows':>5} {'found':>6} {'worst':>9} {'twin':>5}")
    for plant in (one for one in PLANTS if set(one.languages) & set(languages)):
        spoken = [lang for lang in languages if lang in plant.languages]
        results = {lang: planted(plant, rows, lang, options.every) for lang in spoken}
        hit, alarm, of = map(sum, zip((0, 0, 0), *results.values(), strict=True))
        low, lang = min((100 * one[0] / max(one[2], 1), lang) for lang, one in results.items())
        found = f"{100 * hit / max(of, 1):6.1f} {low:6.1f} {lang} {100 * alarm / max(of, 1):5.1f}"
        print(f"{plant.name[:26]:26} {' '.join(plant.codes)[:26]:26} {of:5} {found}")


if __name__ == "__main__":
    main()
