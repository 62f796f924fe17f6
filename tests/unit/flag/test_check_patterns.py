"""`derive locales check` tries every rule on its own examples and names what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT

from derive import locales

Derive = Callable[..., Result]
LEXICON = (
    "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"
    "peso,money,1,peso,,,,,any,currency\n"
)
RULE = """
[[rules]]
kind = "{kind}"
side = "pivot"
slot = "money"
level = 1
regex = '{regex}'
reason = "an amount"
finds = ["{finds}"]
misses = ["{misses}"]
"""
NAMES = '\n[names]\nfile = "names.csv"\n'
ROMANIZED = """
[romanization]
language = "es"
slot = "custom"
weights = "weights.csv"
syllables = 2
lower = 0.0
capital = 1.0

[[romanization.series]]
onsets = ["", "k"]
nuclei = ["a"]
codas = [""]
"""


def rule(kind: str = "money", regex: str = r"\d+ pesos", finds: str = "5 pesos", misses: str = "x",
         more: str = "") -> str:  # fmt: skip
    return RULE.format(kind=kind, regex=regex, finds=finds, misses=misses) + more


CASES: dict[str, tuple[str, dict[str, str], str]] = {
    "not a regular expression": (rule(regex="(5"), {}, "not a regular expression"),
    "look-around": (rule(regex="(?<=x)5 pesos"), {}, "Rust does not understand"),
    "an example not found": (rule(finds="five pesos"), {}, "'five pesos'"),
    "an example found in part": (rule(finds="some 5 pesos"), {}, "'some 5 pesos'"),
    "a word found in half": (rule(regex="5 peso", finds="5 pesos"), {}, "'5 pesos'"),
    "what it should miss": (rule(misses="only 7 pesos"), {}, "'7 pesos'"),
    "a kind without weights": (rule(kind="colour"), {}, "'colour'"),
    "an entry that there is not": (rule(more='entry = "dollar"\n'), {}, "'dollar'"),
    "an unknown slot": (rule().replace('slot = "money"', 'slot = "planet"'), {}, "planet"),
    "a rule without examples": (rule().replace("finds = ", "found = "), {}, "finds"),
    "no names file": (NAMES, {}, "names.csv"),
    "a name twice": (NAMES, {"names": "name,kind,source,elsewhere\nA,given,,\nB|a,given,,\n"},
                     "row 2 already"),
    "a bad kind of name": (NAMES, {"names": "name,kind,source,elsewhere\nA,middle,,\n"}, "middle"),
    "a weight that is none": (ROMANIZED, {"weights": "part,weight\nbias,heavy\n"}, "heavy"),
    "a weight twice": (ROMANIZED, {"weights": "part,weight\nbias,1\nbias,2\n"}, "2 times"),
    "a weight of no syllable": (ROMANIZED, {"weights": "part,weight\ncoda ng,1\n"}, "coda ng"),
}  # fmt: skip


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "locales" / "en", tmp_path / "locales" / "en")
    monkeypatch.setattr(locales, "folder", lambda name: tmp_path / name)
    folder = tmp_path / "locales" / "es-MX"
    folder.mkdir()
    (folder / "lexicon.csv").write_text(LEXICON, encoding="utf-8")
    toml = 'schema = 1\ntag = "es-MX"\ntitle = "x"\n'
    toml += 'lexicon = "lexicon.csv"\npatterns = "patterns.toml"\n'
    (folder / "locale.toml").write_text(toml, encoding="utf-8")
    return folder


def test_a_good_one(derive: Derive, pack: Path) -> None:
    (pack / "weights.csv").write_text("part,weight\nbias,-1.5\nonset k,2\nend a,0.5\n")
    (pack / "names.csv").write_text("name,kind,source,elsewhere\nAna,given,,yes\n")
    text = "schema = 1\n" + rule(more='entry = "peso"\n') + NAMES + ROMANIZED
    (pack / "patterns.toml").write_text(text, encoding="utf-8")
    done = derive("locales", "check", "es-MX")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("case", CASES)
def test_bad_ones(derive: Derive, pack: Path, case: str) -> None:
    text, files, message = CASES[case]
    (pack / "patterns.toml").write_text("schema = 1\n" + text, encoding="utf-8")
    for name, content in files.items():
        (pack / f"{name}.csv").write_text(content, encoding="utf-8")
    done = derive("locales", "check", "es-MX")
    assert done.exit_code in (1, 2)
    assert message in done.output
    assert any(name in done.output for name in ("patterns.toml", "names.csv", "weights.csv"))
