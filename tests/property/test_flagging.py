"""Laws of marks and routes, on random texts over a small lexicon."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import locales, schemas, tables
from derive.flag.lexicon import Entry, Lexicon
from derive.flag.marks import find_marks
from derive.flag.patterns import Patterns, load_patterns
from derive.flag.search import fold, view
from derive.flag.stage import flag

# entry, level, exact, English forms, Japanese forms
ENTRIES = [
    ("tokyo", 1, False, ["Tokyo"], ["東京"]),
    ("tokyo-tower", 2, False, ["Tokyo Tower"], ["東京タワー"]),
    ("tokyo-metropolis", 1, False, [], ["東京都"]),
    ("tokyo-wards", 1, False, [], ["都区"]),
    ("kyoto", 1, False, ["Kyoto", "Kyōto"], ["京都"]),
    ("line", 1, True, ["LINE"], ["LINE", "ライン"]),
    ("ward", 2, True, ["Ward"], ["区"]),
    ("disneyland", 0, False, ["Tokyo Disneyland"], ["東京ディズニーランド"]),
    ("register", 2, False, ["family register", "family registers"], ["戸籍", "戸籍謄本"]),
]


@cache
def lexicon() -> Lexicon:
    made = Lexicon({}, {}, {})
    for name, level, exact, english, japanese in ENTRIES:
        entry = Entry(
            name, "place", level, exact, (english or [""])[0], (japanese or [""])[0], "gloss"
        )
        made.entries[name] = entry
        for forms, side in ((english, made.pivot), (japanese, made.source)):
            for form in forms:
                side.setdefault(form.lower(), []).append((form, entry))
    return made


@cache
def patterns() -> Patterns:
    return load_patterns(locales.load("ja-JP"))


KATAKANA = "゠-ヿㇰ-ㇿｦ-ﾟ"
UNSPACED = "ぁ-ゟ々〇一-鿿"
LETTER = f"(?:[^\\W_{KATAKANA}{UNSPACED}]|[\u0300-\u036f])"


def edge(char: str, look: str) -> str:
    """No letter beside a letter, no katakana beside katakana; kanji and hiragana may touch."""
    kind = (
        f"[{KATAKANA}]"
        if re.match(f"[{KATAKANA}]", char)
        else LETTER
        if re.match(LETTER, char)
        else "(?!)"
    )
    # a lookbehind takes one width only
    return "".join(f"(?{look}{one})" for one in re.findall(r"\[[^\]]*\]|\(\?!\)", kind))


def oracle(text: str, forms: dict[str, tuple[int, bool]]) -> list[tuple[int, int]]:
    """One regular expression, the longest form first."""
    pattern = "|".join(
        f"{edge(form[0], '<!')}(?{'-i' if forms[form][1] else 'i'}:{spelt(form)})"
        f"{edge(form[-1], '!')}"
        for form in sorted(forms, key=len, reverse=True)
    )
    levels = {form.lower(): level for form, (level, _) in forms.items()}
    found = re.finditer(pattern, text, re.IGNORECASE)
    return [match.span() for match in found if levels[fold(match[0])]]


def spelt(form: str) -> str:
    """A blank of a form may be a hyphen or a line break in the text."""
    return re.escape(form).replace(r"\ ", "[ \\n-]")


def forms(*, japanese: bool) -> dict[str, tuple[int, bool]]:
    return {
        form: (level, exact)
        for _, level, exact, there, here in ENTRIES
        for form in (*there, *(here if japanese else ()))
    }


PIECES = st.sampled_from([
    "Tokyo", "TOKYO", "tokyo tower", " Tower", "Tokyo Disneyland", "Kyoto", "KYŌTO", "LINE",
    "line", "Ward", "ward", "family registers", "family register", "Tok", "s", "'s", "’s", "-",
    ".", ",", " ", " ", " ", "\n", "_", "2", "é", "e\u0301", "İ", "ß", "😀", "👩‍👩‍👧",
    "東京", "都", "東京都区", "京都", "東京タワー", "タワー", "ライン", "オン", "ー", "ｱ", "区",
    "に住む", "戸籍謄本", "戸籍", "、", "「", "々",
])  # fmt: skip
TEXT = st.lists(PIECES, max_size=14).map("".join)
ANY = st.lists(st.one_of(PIECES, st.text(st.characters(exclude_categories=["Cs"]), max_size=3)),
               max_size=10).map("".join)  # fmt: skip


def items(texts: list[dict[str, str]], levels: list[int | None] | None = None) -> pl.DataFrame:
    rows = []
    for number, fields in enumerate(texts):
        row = {**dict.fromkeys(tables.ITEMS), "id": f"i{number}", "file": "f", "row": number + 1}
        rows.append({**row, **fields, "level": levels[number] if levels else None})
    return tables.frame(rows, tables.ITEMS)


@settings(deadline=None, max_examples=200)
@given(st.lists(TEXT, min_size=1, max_size=4))
def test_like_a_plain_search(texts: list[str]) -> None:
    table = items([{"prompt": text, "response_pivot": text} for text in texts])
    found = [
        (mark["item"], mark["field"], mark["start"], mark["end"])
        for mark in find_marks(table, lexicon())
    ]
    expected = [
        (f"i{number}", field, *span)
        for number, text in enumerate(texts)
        for field, side in (
            ("prompt", forms(japanese=True)),
            ("response_pivot", forms(japanese=False)),
        )
        for span in oracle(text, side)
    ]
    assert found == expected


@settings(deadline=None)
@given(ANY)
def test_marks_are_spans_of_their_text(text: str) -> None:
    marks = list(find_marks(items([{"prompt": text, "prompt_pivot": text}]), lexicon()))
    last = {"prompt": 0, "prompt_pivot": 0}
    for mark in marks:
        assert text[mark["start"] : mark["end"]] == mark["surface"]
        assert last[mark["field"]] <= mark["start"] < mark["end"], "in order, never two at a place"
        last[mark["field"]] = mark["end"]
        owner = lexicon().entries[mark["entry"]]
        assert (mark["slot"], mark["level"]) == (owner.slot, owner.level)
        assert mark["level"] > 0
        assert owner.gloss in mark["reason"]
        assert not schemas.violations("mark", mark)


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXT, st.sampled_from([0, 1, 2, None])), min_size=1, max_size=5),
    st.permutations(["translate", "adapt", "rewrite"]),
    st.sampled_from(["suggested", "translate", "adapt", "rewrite"]),
)
def test_every_item_gets_the_route_of_the_policy(
    plan: list[tuple[str, int | None]], order: list[str], untagged: str
) -> None:
    levels = [level for _, level in plan]
    table = items([{"prompt_pivot": text} for text, _ in plan], levels)
    route_of = {str(level): route for level, route in enumerate(order)}
    done = flag(table, lexicon(), {"routes": route_of, "untagged": untagged})
    highest = {f"i{n}": 0 for n in range(len(plan))}
    for mark in done.marks.to_dicts():
        highest[mark["item"]] = max(highest[mark["item"]], mark["level"])
    assert done.routes["item"].to_list() == list(highest)
    assert done.routes["level"].to_list() == levels, "a tag is never changed"
    assert done.routes["level_suggested"].to_list() == list(highest.values())
    for row in done.routes.to_dicts():
        level = row["level_suggested"] if row["level"] is None else row["level"]
        by_policy = row["level"] is not None or untagged == "suggested"
        assert row["route"] == (route_of[str(level)] if by_policy else untagged)
    told = [one.item for one in done.findings if one.code == "level-0-marked"]
    assert told == [item for item, level in zip(highest, levels, strict=True)
                    if level == 0 and highest[item]]  # fmt: skip
    assert (None in levels) == any(one.code == "level-suggested" for one in done.findings)


SCRIPTS = st.sampled_from([
    "Tanaka", "Taro", "Maria-san", "Mr. Ueda", "10,000 yen", "gyutan bento", "in this country",
    "Heisei 3", "Kyo\u0304to", "e\u0301", "サ\u3099", "\u1112\u1161\u11ab", "한", "ا", "ักฃ", "นี้",
    "क्ष", "田中さん", "国税庁", "tax office", "我が国", "\u0958", "\u0344", "Å", "ﬁ", "😀",
    "👩‍👩‍👧", "İ", " ", " ", "\n", "-",
])  # fmt: skip
MIXED = st.lists(
    st.one_of(SCRIPTS, PIECES, st.text(st.characters(exclude_categories=["Cs"]), max_size=3)),
    max_size=12,
).map("".join)


@settings(deadline=None, max_examples=200)
@given(MIXED, MIXED, st.sampled_from([None, "NFC", "NFD", "NFKD"]))
def test_all_evidence_stands_in_its_text(source: str, pivot: str, form: str | None) -> None:
    """Whatever the script and the normal form: spans of the text, in order, never overlapping."""
    if form:
        source, pivot = (unicodedata.normalize(form, text) for text in (source, pivot))
    texts = {"prompt": source, "prompt_pivot": pivot}
    last = dict.fromkeys(texts, 0)
    for mark in find_marks(items([texts]), lexicon(), patterns()):
        assert texts[mark["field"]][mark["start"] : mark["end"]] == mark["surface"]
        assert last[mark["field"]] <= mark["start"] < mark["end"]
        last[mark["field"]] = mark["end"]
        assert not schemas.violations("mark", mark)
        assert mark["reason"]


@settings(deadline=None, max_examples=200)
@given(MIXED)
def test_composed_and_decomposed_texts_give_the_same_marks(text: str) -> None:
    """In NFC both say the same, mark by mark."""
    found = [
        [
            (mark["entry"], mark["level"], unicodedata.normalize("NFC", mark["surface"]))
            for mark in find_marks(
                items([{"prompt_pivot": unicodedata.normalize(form, text)}]), lexicon(), patterns()
            )
        ]
        for form in ("NFC", "NFD")
    ]
    assert found[0] == found[1]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_view_keeps_every_place(text: str) -> None:
    one = view(text)
    assert one.plain == unicodedata.normalize("NFC", text)
    assert len(one.folded) == len(one.plain)
    assert one.span(0, len(one.plain)) == (0, len(text))
    places = [one.span(at, len(one.plain))[0] for at in range(len(one.plain))]
    assert places == sorted(places)
