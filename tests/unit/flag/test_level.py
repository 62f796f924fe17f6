"""From marks to a level, and what a project's own lexicon changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive import locales, tables
from derive.errors import DeriveError
from derive.flag.level import LevelModel
from derive.flag.lexicon import load_lexicon
from derive.flag.marks import find_marks
from derive.flag.patterns import load_patterns

HEAD = "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"
PACKAGE = """\
tokyo,place,1,Tokyo,,東京,,,any,capital
sushi,food,0,sushi,,寿司,,,any,known everywhere
koseki,document,2,family register,,戸籍,,koseki tōhon,any,register
"""
MODEL = LevelModel(
    (1.0, 1.5),
    {
        "lexicon-1": (1.0, 0.0),
        "lexicon-2": (1.0, 1.5),
        "age": (0.5, 0.0),
        "money": (0.75, 0.5),
        "lexicon-1-untold": (0.5, 0.0),
        "lexicon-2-untold": (0.5, 0.5),
    },
    ("service",),
)
BOTH = {"prompt", "prompt_pivot"}


def mark(
    entry: str,
    surface: str = "x",
    level: int = 1,
    field: str = "prompt_pivot",
    slot: str = "place",
) -> dict[str, object]:
    return {"entry": entry, "surface": surface, "level": level, "field": field, "slot": slot}


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], (0, 0.0, 0.0)),
        ([mark("tokyo")], (1, 1.0, 0.0)),
        ([mark("koseki", level=2)], (2, 1.0, 1.5)),
        ([mark("pattern:age")], (0, 0.5, 0.0)),
        ([mark("pattern:age"), mark("pattern:age", "X")], (0, 0.5, 0.0)),
        ([mark("pattern:age"), mark("pattern:age", "y")], (1, 1.0, 0.0)),
        ([mark("tokyo"), mark("tokyo", "Tōkyō"), mark("kyoto")], (1, 2.0, 0.0)),
        ([mark("pattern:money", str(n)) for n in range(3)], (2, 2.25, 1.5)),
    ],
)
def test_different_marks_add_up(
    marks: list[dict[str, object]], expected: tuple[int, float, float]
) -> None:
    assert MODEL.suggest(marks) == expected
    assert MODEL.suggest(marks[::-1]) == expected


@pytest.mark.parametrize(
    ("slot", "level", "fields", "expected"),
    [
        ("service", 1, BOTH, 0),
        ("service", 1, {"prompt"}, 1),
        ("service", 1, {"prompt", "response_pivot"}, 1),
        ("service", 2, BOTH, 0),
        ("service", 2, {"prompt"}, 2),
        ("agency", 1, BOTH, 1),
    ],
)
def test_a_common_noun_that_only_the_source_text_has_is_weak_evidence(
    slot: str, level: int, fields: set[str], expected: int
) -> None:
    untold = mark("priority-seat", level=level, field="prompt", slot=slot)
    assert MODEL.suggest([untold], fields).level == expected
    told = {**untold, "field": "prompt_pivot"}
    assert MODEL.suggest([untold, told], fields).level == level


def test_two_that_are_untold_are_enough() -> None:
    marks = [mark(name, field="prompt", slot="service") for name in ("seat", "bath")]
    assert MODEL.suggest(marks, BOTH).level == 1


def test_a_kind_without_weights_is_an_error() -> None:
    with pytest.raises(DeriveError, match="'nosuch'"):
        MODEL.suggest([mark("pattern:nosuch")])


@pytest.mark.parametrize("tag", ["ja-JP", "ko-KR"])
def test_every_kind_there_is_has_weights(tag: str) -> None:
    patterns = load_patterns(locales.load(tag))
    kinds = {rule.kind for rule in patterns.rules if rule.level}
    kinds |= {"romanized", "romanized-name", "name", "family-name", "given-name"}
    kinds |= {"lexicon-1", "lexicon-2"}
    for kind in kinds:
        entry = "x" if kind.startswith("lexicon") else f"pattern:{kind}"
        level = int(kind[-1]) if kind[-1].isdigit() else 1
        for slot in ("place", *patterns.level.common):
            one = mark(entry, level=level, field="prompt", slot=slot)
            patterns.level.suggest([one], BOTH)


OWN = {
    "nothing": ("", {"Tokyo": "tokyo", "sushi": None, "family register": "koseki"}),
    "muted": (
        "tokyo,place,0,Tokyo,,,,,any,here it is common\n",
        {"Tokyo": None, "sushi": None, "family register": "koseki"},
    ),
    "muted by a form": (
        "our-word,place,0,Tokyo,,,,,any,here it is common\n",
        {"Tokyo": None, "sushi": None, "family register": "koseki"},
    ),
    "made of level 1": (
        "sushi,food,1,sushi,,,,,any,here it is not\n",
        {"Tokyo": "tokyo", "sushi": "sushi", "family register": "koseki"},
    ),
    "added": (
        "register,document,1,register,,,,,any,any register\nbay,place,1,bay,,,,,any,a bay\n",
        {"Tokyo": "tokyo", "family register": "koseki", "registers": "register", "bay": "bay"},
    ),
}


@pytest.mark.parametrize("case", OWN)
def test_a_projects_own_lexicon(tmp_path: Path, case: str) -> None:
    rows, expected = OWN[case]
    (tmp_path / "package.csv").write_text(HEAD + PACKAGE, encoding="utf-8")
    (tmp_path / "lexicon.csv").write_text(HEAD + rows, encoding="utf-8")
    lexicon = load_lexicon(tmp_path / "package.csv", tmp_path / "lexicon.csv")
    for surface, entry in expected.items():
        row = {**dict.fromkeys(tables.ITEMS), "id": "i", "prompt_pivot": f"a {surface} here"}
        found = list(find_marks(tables.frame([row], tables.ITEMS), lexicon))
        assert [mark["entry"] for mark in found] == ([entry] if entry else []), surface


def test_a_bad_row_of_ones_own_is_named(tmp_path: Path) -> None:
    (tmp_path / "package.csv").write_text(HEAD + PACKAGE, encoding="utf-8")
    (tmp_path / "lexicon.csv").write_text(HEAD + "a,planet,1,A,,,,,any,x\n", encoding="utf-8")
    with pytest.raises(DeriveError) as caught:
        load_lexicon(tmp_path / "package.csv", tmp_path / "lexicon.csv")
    assert "lexicon.csv row 2" in f"{caught.value.where}"
