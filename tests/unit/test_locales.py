"""Locale packs: the shipped ones are right, and what is wrong with another is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT

from derive import languages, locales
from derive.errors import DeriveError

HEAD = "entry,slot,level,pivot,pivot_aliases,source,source_aliases,romanization,case,gloss\n"


@pytest.mark.parametrize("tag", locales.tags())
def test_shipped_packs_are_clean(tag: str) -> None:
    found = locales.check(tag)
    assert not found.of("error") + found.of("warning")


def test_what_is_shipped() -> None:
    assert {"en", "ja-JP", "pt-BR"} <= set(locales.tags())
    pack = locales.load("pt_br")
    assert (pack.tag, pack.direction) == ("pt-BR", "ltr")
    assert pack.model
    assert pack.guide
    english = locales.load("en")
    assert set(pack.labels) == set(english.labels)
    assert set(pack.sheets) == set(english.sheets)


def test_a_locale_without_a_pack_is_empty() -> None:
    pack = locales.load("ur-PK")
    assert (pack.path, pack.model, pack.direction) == (None, None, "rtl")


def make_pack(folder: Path, toml: str, **files: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "locale.toml").write_text(toml, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("folder", "toml", "message"),
    [
        ("fr-FR", 'schema = 1\ntag = "fr-CA"\ntitle = "x"', "'fr-CA', its folder 'fr-FR'"),
        ("fr_FR", 'schema = 1\ntag = "fr_FR"\ntitle = "x"', "does not match"),
        ("fr-FR", 'schema = 1\ntag = "fr-FR"', "'title' is a required property"),
        ("fr-FR", "schema = ", "Not TOML"),
        ("fr-FR", 'schema = 1\ntag = "fr-FR"\ntitle = "x"\nguide = "g"', "no such file"),
    ],
)
def test_bad_packs(tmp_path: Path, folder: str, toml: str, message: str) -> None:
    with pytest.raises(DeriveError) as caught:
        locales.read(make_pack(tmp_path / folder, toml))
    assert message in caught.value.what
    assert "locale.toml" in str(caught.value.where)


@pytest.mark.parametrize(
    ("rows", "row", "message"),
    [
        ("a,planet,1,A,,,,,any,x\n", 2, "planet"),
        ("a,place,1,A,,,,,any,x\nb,place,1\n", 3, "''"),
        ("a,place,1,A,,,,,any,x\nb,place,1,B,a,,,,any,x\n", 3, "'a' belongs to a already"),
        ("a,place,1,A,,京,,,any,x\nb,place,1,B,,東,京,,any,x\n", 3, "'京' belongs to a"),
    ],
)
def test_bad_lexicon_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, row: int | None, message: str
) -> None:
    toml = 'schema = 1\ntag = "ko-KR"\ntitle = "x"\nlexicon = "lexicon.csv"'
    make_pack(tmp_path / "ko-KR", toml, lexicon=HEAD + rows)
    monkeypatch.setattr(locales, "folder", lambda name: tmp_path)
    found = locales.check("ko-KR").of("error")
    assert any(message in one.message and one.row == row for one in found), found
    assert all(one.file == "ko-KR/lexicon.csv" for one in found)


@pytest.mark.parametrize(
    "command",
    [
        "locales list",
        "locales show pt-BR",
        "locales check pt-BR",
        "models list",
        "models show pt-BR",
    ],
)
def test_commands(derive: Callable[..., Result], command: str) -> None:
    assert derive(*command.split()).exit_code == 0
    done = derive(*command.split(), "--json")
    assert json.loads(done.stdout)["ok"] is True


@pytest.mark.parametrize(
    ("given", "expected"),
    [("PT-br", "pt-BR"), ("pt_BR", "pt-BR"), ("iw", "he"), ("zh-hant-tw", "zh-Hant-TW")],
)
def test_canonical_tags(given: str, expected: str) -> None:
    assert languages.canonical(given) == expected


@pytest.mark.parametrize("given", ["", "p", "pt-", "qq", "xx-YY", "pt BR", "und", "portuguese!"])
def test_bad_tags(given: str) -> None:
    with pytest.raises(DeriveError, match="language tag"):
        languages.canonical(given)


def test_names_and_directions() -> None:
    assert languages.name("pt-BR") == "Portuguese (Brazil)"
    assert languages.name("pt-BR", "pt-BR") == "português (Brasil)"
    assert [languages.direction(tag) for tag in ("ar-EG", "he", "fa-IR", "ur", "th-TH")] == [
        "rtl", "rtl", "rtl", "rtl", "ltr",
    ]  # fmt: skip


def test_the_notice_holds_the_licence_of_the_data_in_packs() -> None:
    import babel

    licence = Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode"
    assert licence.read_text("utf-8").strip() in (ROOT / "NOTICE").read_text("utf-8")
