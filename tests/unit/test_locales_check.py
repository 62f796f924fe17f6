"""`derive locales check` names what is wrong with a pack, with file and row."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT

from derive import locales
from derive.errors import DeriveError
from derive.flag.lexicon import load_lexicon
from derive.locales import LocalePack
from derive.pack_rules import check_lexicon
from derive.worksheet.guide import render_guides

Derive = Callable[..., Result]
HEAD = "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"
GOOD = "a,place,1,A,,あ,,,any,x\n"
TOML = 'schema = 1\ntag = "{}"\ntitle = "x"\n'


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packs of its own, with the English one."""
    shutil.copytree(ROOT / "locales" / "en", tmp_path / "locales" / "en")
    monkeypatch.setattr(locales, "folder", lambda name: tmp_path / name)
    return tmp_path / "locales"


def make_pack(packs: Path, toml: str = "", name: str = "fr-FR", **files: bytes | str) -> Path:
    folder = packs / name
    folder.mkdir()
    (folder / "locale.toml").write_text(TOML.format(name) + toml, encoding="utf-8")
    for file, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{file}.csv").write_bytes(data)
        if file in ("lexicon", "counterparts", "resources"):
            with (folder / "locale.toml").open("a") as pack:
                pack.write(f'{file} = "{file}.csv"\n')
    return folder


LEXICONS: dict[str, tuple[bytes | str, list[str]]] = {
    "bad slot": (HEAD + GOOD + "b,planet,1,B,,,,,any,x\n", ["lexicon.csv row 3", "planet"]),
    "bad level": (HEAD + "b,place,9,B,,,,,any,x\n", ["lexicon.csv row 2", "'9'"]),
    "bad case": (HEAD + "b,place,1,B,,,,,some,x\n", ["lexicon.csv row 2", "'some'"]),
    "too few cells": (HEAD + GOOD + GOOD.replace("a", "b", 1)[:12] + "\n", ["lexicon.csv row 3"]),
    "too many cells": (HEAD + GOOD.strip() + ",more\n", ["lexicon.csv row 2"]),
    "after a blank line": (HEAD + GOOD + "\nb,planet,1,B,,,,,any,x\n", ["lexicon.csv row 4"]),
    "a missing column": (HEAD.replace(",gloss", "") + GOOD, ["lexicon.csv row 2", "gloss"]),
    "a doubled form": (HEAD + GOOD + "b,place,1,B,a,い,,,any,x\n", ["lexicon.csv", "'a'"]),
    "a doubled Japanese form": (HEAD + GOOD + "b,place,1,B,,い,あ,,any,x\n", ["'あ'"]),
    "a doubled row": (HEAD + GOOD + GOOD, ["lexicon.csv", "'a'"]),
    "a doubled entry": (HEAD + GOOD + "a,place,2,B,,い,,,any,x\n", ["lexicon.csv", "'a'"]),
    "not UTF-8": ((HEAD + GOOD).encode() + "b,place,1,Köln\n".encode("latin-1"), ["lexicon.csv"]),
}


@pytest.mark.parametrize("name", LEXICONS)
def test_lexicons(derive: Derive, packs: Path, name: str) -> None:
    content, expected = LEXICONS[name]
    folder = make_pack(packs, lexicon=content)
    refused(derive, expected)
    if not name.startswith("a doubled ") or name in ("a doubled row", "a doubled entry"):
        with pytest.raises(DeriveError, match=r"lexicon|Two entries|Not"):
            load_lexicon(folder / "lexicon.csv")


def refused(derive: Derive, expected: list[str], tag: str = "fr-FR") -> None:
    done = derive("locales", "check", tag)
    assert done.exit_code in (1, 2)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    for part in expected:
        assert part in done.stdout + done.stderr
    document = json.loads(derive("locales", "check", tag, "--json").stdout)
    assert document["ok"] is False
    assert derive("locales", "check").exit_code in (1, 2), "also where all are checked"


PACKS = {
    "a tag of another folder": ('tag = "fr-CA"\n', ["locale.toml"]),
    "a missing guide": ('guide = "guide.md.j2"\n', ["locale.toml", "guide.md.j2"]),
    "a missing model": ('model = "model"\n', ["locale.toml", "model"]),
    "an unknown key": ('colour = "red"\n', ["locale.toml", "colour"]),
    "not TOML": ("sheets = \n", ["locale.toml", "Not TOML"]),
    "a sheet's name that Excel refuses": ('[sheets]\nadapt = "a/b"\n', ["locale.toml", "a/b"]),
    "an empty sheet's name": ('[sheets]\nadapt = ""\n', ["locale.toml", "adapt"]),
    "a long sheet's name": (f'[sheets]\nadapt = "{"x" * 32}"\n', ["locale.toml", "x" * 32]),
    "two sheets of one name": ('[sheets]\nadapt = "A"\nreview = "a"\n', ["locale.toml", "'a'"]),
    "a name that is taken": ('[sheets]\nadapt = "_LISTS"\n', ["locale.toml", "_LISTS"]),
    "an unknown sheet": ('[sheets]\nadopt = "A"\n', ["locale.toml", "adopt"]),
    "an unknown label": ('[labels]\nprompd = "A"\n', ["locale.toml", "prompd"]),
}


@pytest.mark.parametrize("name", PACKS)
def test_packs(derive: Derive, packs: Path, name: str) -> None:
    toml, expected = PACKS[name]
    folder = make_pack(packs, "" if toml.startswith("tag") else toml)
    if toml.startswith("tag"):
        text = (folder / "locale.toml").read_text().replace('tag = "fr-FR"\n', toml)
        (folder / "locale.toml").write_text(text)
    refused(derive, expected)


@pytest.mark.parametrize("name", ["fr_FR", "FR-fr", "iw", "nonsense-folder", "xx-YY"])
def test_folders_that_no_tag_leads_to(derive: Derive, packs: Path, name: str) -> None:
    make_pack(packs, name=name)
    done = derive("locales", "check")
    assert done.exit_code in (1, 2)
    assert name in done.stdout + done.stderr


def test_a_locale_without_a_pack_does_not_pass(derive: Derive) -> None:
    done = derive("locales", "check", "sv-SE")
    assert done.exit_code == 2
    assert "sv-SE" in done.stderr
    assert derive("locales", "check", "frr-").exit_code == 2


def test_a_damaged_model_is_found(derive: Derive, packs: Path) -> None:
    for tag in ("pt-BR", "ja-JP"):  # its counterparts name entries of the lexicon
        shutil.copytree(ROOT / "locales" / tag, packs / tag)
    assert derive("locales", "check").exit_code == 0
    (packs / "pt-BR" / "model" / "config.json").write_text("{}")
    refused(derive, ["config.json"], "pt-BR")


HEADER = "slot,entry,counterpart,english,note,source,checked\n"
SOURCE = "https://a.example/,2026-01-01"
BAD_COUNTERPARTS = {
    "an unknown slot": (f"planet,,real,,,{SOURCE}", "planet"),
    "no counterpart": (f"money,,,,,{SOURCE}", "counterpart"),
    "no source": ("money,,real,,,,2026-01-01", "needs its source"),
    "a fact without a source": ("law,,the law,,,,", "needs its source"),
    "a number without a source": ("place,,area 51,,,,", "needs its source"),
    "a source that is no address": ("money,,real,,,a book,2026-01-01", "a book"),
    "no date": ("money,,real,,,https://a.example/,yesterday", "yesterday"),
    "a date that never was": ("money,,real,,,https://a.example/,2026-02-30", "2026-02-30"),
    "a date to come": ("money,,real,,,https://a.example/,2999-01-01", "future"),
    "too few cells": ("money,,real", "needs its source"),
    "an entry that is not": (f"money,nosuch,real,,,{SOURCE}", "nosuch"),
    "an entry of another slot": (f"money,tokyo,real,,,{SOURCE}", "place"),
    "a swap of a group": (f"group,,others,the others,,{SOURCE}", "machine"),
    "the same again": (f"money,,dollar,,again,{SOURCE}", "row 2"),
}


@pytest.mark.parametrize("name", BAD_COUNTERPARTS)
def test_counterparts(derive: Derive, packs: Path, name: str) -> None:
    row, message = BAD_COUNTERPARTS[name]
    shutil.copytree(ROOT / "locales" / "ja-JP", packs / "ja-JP")
    make_pack(packs, counterparts=f"{HEADER}money,,dollar,,,{SOURCE}\n{row}\n")
    refused(derive, ["counterparts.csv row 3", message])


def test_facts_not_checked_yet_are_counted(derive: Derive, packs: Path) -> None:
    rows = f"law,,the law,,,https://a.example/,\nlaw,,a law,,,{SOURCE}\nfood,,rice,,,,\n"
    make_pack(packs, counterparts=HEADER + rows)
    done = derive("locales", "check", "fr-FR")
    assert done.exit_code == 0
    assert "1 of 3 rows hold facts" in done.stdout


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,110,,,,2026-01-01", "source"),
        ("A,110,,,https://a.example/,2999-01-01", "future"),
        ("Line,100,,,https://a.example/,2026-01-01", "row 2"),
    ],
)
def test_resources(derive: Derive, packs: Path, row: str, message: str) -> None:
    good = "Line,100,,,https://a.example/,2026-01-01\n"
    head = "name,contact,hours,harms,source,checked\n"
    make_pack(packs, resources=head + good + row + "\n")
    refused(derive, ["resources.csv row 3", message])


FACTS = {
    "another script": ('script = "Arab"\n', "Latn"),
    "another direction": ('direction = "rtl"\n', "ltr"),
    "nothing filled in": ('address = "FILL IN"\n', "address"),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts(derive: Derive, packs: Path, name: str) -> None:
    toml, message = FACTS[name]
    make_pack(packs, toml)
    refused(derive, ["locale.toml", message])


def test_a_lexicon_holds_words_and_no_patterns(derive: Derive, packs: Path) -> None:
    make_pack(packs, lexicon=HEAD + GOOD + r"b,place,1,to\w+,,い,,,any,x" + "\n")
    refused(derive, ["lexicon.csv row 3", "regular expression"])


def test_a_pack_is_shown_with_its_facts(derive: Derive) -> None:
    done = derive("locales", "show", "de-DE")
    assert done.exit_code == 0
    parts = ("Deutsch", "Latn", "ltr", "decimal: ,", "EUR", "“Sie” to officials", "opus-mt-en-de",
             "licence: ", "rows", "counterparts: ")  # fmt: skip
    for part in parts:
        assert part in done.stdout
    document = json.loads(derive("locales", "show", "de-DE", "--json").stdout)
    [shown] = document["locales"]
    assert shown["rows"]["counterparts"] >= 60
    assert shown["models"][0]["repo"].startswith("Helsinki-NLP/")
    assert derive("locales", "show", "sv-SE").exit_code == 0, "what CLDR knows"


TEMPLATES = [
    "{{ ''.__class__ }}", "{{ counts.__class__ }}", "{{ x|attr('__class__') }}",
    "{{ '{0.__class__}'.format(x) }}", "{{ cycler.__init__.__globals__ }}", "{{ nosuch }}",
    "{% if %}", "{{ 1 / 0 }}", "{{ x + 1 }}", "{% include 'a' %}", "{{ range(10 ** 9)|list }}",
    "{{ counts.update({'adapt': 9}) }}", "{{ counts.clear() }}",
]  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_guides_reach_nothing_and_change_nothing(tmp_path: Path, template: str) -> None:
    (tmp_path / "g").write_text(template)
    pack = LocalePack("en", "x", guide=tmp_path / "g", sheets={"guide": "G"})
    values = {"counts": {"adapt": 1}, "x": "text"}
    with pytest.raises(DeriveError) as caught:
        render_guides(pack, pack, values)
    assert caught.value.where == str(tmp_path / "g")
    assert values == {"counts": {"adapt": 1}, "x": "text"}


def test_both_guides_are_there_under_one_sheet_name(tmp_path: Path) -> None:
    """A pack that names no sheets has the English names; its guide must not hide the English."""
    (tmp_path / "g").write_text("guide")
    pack = LocalePack("fr-FR", "x", guide=tmp_path / "g", sheets={"guide": "Read me first"})
    guides = render_guides(
        pack, LocalePack("en", "x", guide=tmp_path / "g", sheets=pack.sheets), {}
    )
    assert list(guides.values()) == ["guide", "guide"]
    assert next(iter(guides)) == "Read me first"


def patterns_in(pivot: str, aliases: str = "") -> list[str]:
    row = {"entry": "a", "pivot": pivot, "pivot_aliases": aliases, "source": "",
           "source_aliases": ""}  # fmt: skip
    return [one.message for one in check_lexicon([(2, row)], "lexicon.csv", {})]


@pytest.mark.parametrize(
    "form",
    ["(foo|bar)", "colou?r", "[Ss]oju", "gy[uū]don", r"foo\s+bar.*", "x.*", "(?i)foo", "^foo",
     "foo$", "(foo)+", "fo{2}", "fo.?o"],
)  # fmt: skip
def test_a_regular_expression_is_no_name(form: str) -> None:
    assert any("regular expression" in message for message in patterns_in(form))
    assert patterns_in("A", f"B|{form}"), "where aliases are separated, a choice falls apart"


@pytest.mark.parametrize(
    "form",
    ["shaken (vehicle inspection)", "Aleph (Aum successor)", "Yahoo! Auctions", "What?", "R$",
     "What? No", "^o^", "[Alexandros]", "WinMart+", "C++", "M*A*S*H", "person(s)", "TV(テレビ)"],
)  # fmt: skip
def test_a_name_is_no_regular_expression(form: str) -> None:
    assert not patterns_in(form)
    assert not patterns_in("A", f"B|{form}")
