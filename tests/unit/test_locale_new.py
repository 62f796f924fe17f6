"""`derive locales new`: a pack in which a person has the rest to fill in, and is told what."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ac_row, write_jsonl

from derive import locales
from derive.counterparts import read_counterparts
from derive.project import open_project
from derive.translate.adapt import Offers

Derive = Callable[..., Result]
HEADER = "slot,entry,counterpart,english,note,source,checked\n"


@pytest.mark.parametrize("tag", ["sw-KE", "fa-IR", "zh-Hant-HK", "haw"])
def test_a_new_pack_says_what_is_to_be_filled_in(
    derive: Derive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    monkeypatch.setenv("DERIVE_LOCALES", str(tmp_path))
    done = derive("locales", "new", tag.replace("-", "_"))
    assert done.exit_code == 0, done.stderr
    assert derive("locales", "new", tag, "-o", tmp_path).exit_code == 2, "nothing is overwritten"
    checked = derive("locales", "check", tag)
    assert checked.exit_code == 1
    for part in (
        "address is not",
        "quotes is not",
        "money.rates is not",
        "counterparts.csv row 2:",
    ):
        assert part in checked.stdout
    said = json.loads(derive("locales", "check", tag, "--json").stdout)["findings"]
    assert any("National Tax Agency" in one["message"] for one in said)
    every = len(locales.load(locales.ENGLISH).labels)
    assert any(f"{every} of {every} labels are English" in one["message"] for one in said)
    file = tmp_path / tag / "locale.toml"
    text = file.read_text(encoding="utf-8").replace('address = "FILL IN"', 'address = "you"')
    text = text.replace('"FILL IN"', '"«»"').replace("[money.rates]", "[money.rates]\nJPY = 0.9")
    file.write_text(text, encoding="utf-8")
    rows = (tmp_path / tag / "counterparts.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) > 60
    assert [row for row in rows if row.startswith("agency,national-tax-agency,FILL IN,FILL IN,")]
    (tmp_path / tag / "counterparts.csv").write_text(HEADER, encoding="utf-8")
    checked = derive("locales", "check", tag)
    assert checked.exit_code == 0
    assert "0 counterparts; a worksheet wants 60" in checked.stdout
    assert locales.load(tag).guide


@pytest.mark.parametrize(("tag", "money"), [("sw-KE", "KES"), ("fa-IR", "IRR"), ("eo", None)])
def test_a_new_pack_has_its_territorys_currency(
    derive: Derive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tag: str, money: str | None
) -> None:
    monkeypatch.setenv("DERIVE_LOCALES", str(tmp_path))
    assert derive("locales", "new", tag).exit_code == 0
    assert locales.load(tag).money.get("currency") == money
    assert locales.load(tag).punctuation["quotes"] == ["FILL IN"], "CLDR’s are not in Babel"


def test_there_is_one_pack_of_a_tag(derive: Derive, tmp_path: Path) -> None:
    done = derive("locales", "new", "pt_BR", "-o", tmp_path)
    assert done.exit_code == 2
    assert "There is a pack pt-BR already" in done.stderr
    assert not list(tmp_path.iterdir())


def test_filled_in_rows_of_a_new_pack_are_put_into_drafts(
    derive: Derive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DERIVE_LOCALES", str(tmp_path))
    assert derive("locales", "new", "sw-KE").exit_code == 0
    file = tmp_path / "sw-KE" / "counterparts.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("osaka,FILL IN,FILL IN", "osaka,Mombasa,Mombasa"), "utf-8")
    source = write_jsonl(tmp_path / "r" / "dev.jsonl", [ac_row(1)]).parent
    assert derive("init", tmp_path / "p", "--source", source, "--locale", "sw-KE").exit_code == 0
    offers = Offers(read_counterparts(open_project(tmp_path / "p")))
    said = {
        entry: offers.english({"entry": entry, "slot": "place", "surface": "X"})
        for entry in ("osaka", "tokyo")
    }
    assert said == {"osaka": "Mombasa", "tokyo": ""}, "what is not filled in is no offer"
