"""The stage: a row for every text, the right source for each, and nothing asked twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import FakeEngine, pseudo_portuguese
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive import tables
from derive.errors import DeriveError
from derive.files import TEMPORARY
from derive.progress import silent
from derive.translate import stage
from derive.translate.stage import Drafted, translate

LANGUAGES = {"prompt": "ja", "response": "ja", "prompt_pivot": "en", "response_pivot": "en"}
JAPANESE = "これは質問ですか。"
FIELDS = ("prompt", "response", "prompt_pivot", "response_pivot")


def items(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """The table `items`: prompts in Japanese unless said otherwise."""
    empty = dict.fromkeys(tables.ITEMS)
    return tables.frame(
        ({**empty, "id": f"i{at}", "prompt": JAPANESE, **row} for at, row in enumerate(rows)),
        tables.ITEMS,
    )


def drafted(table: pl.DataFrame, engine: FakeEngine, cache: Path | None = None) -> Drafted:
    return translate(table, LANGUAGES, "pt-BR", engine, cache=cache)


ASKED = {
    "pivot preferred": (["ja", "en"], {"prompt_pivot": "In English."}, "In English."),
    "source where there is no pivot": (["ja", "en"], {}, JAPANESE),
    "source where only that is known": (["ja"], {"prompt_pivot": "In English."}, JAPANESE),
    "region does not matter": (["en-US", "en"], {"prompt_pivot": "In English."}, "In English."),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_translated(name: str) -> None:
    sources, row, expected = ASKED[name]
    engine = FakeEngine(source_languages=sources)
    [draft] = drafted(items(row), engine).drafts.to_dicts()
    assert engine.asked == [expected]
    assert (draft["state"], draft["model"], draft["score"]) == ("translated", "fake 1", -0.5)


@pytest.mark.parametrize("sources", [["fr"], []])
def test_nothing_to_translate(sources: Sequence[str], tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="No text of the release") as error:
        drafted(items({}), FakeEngine(source_languages=sources), tmp_path / "cache.sqlite")
    assert "--map english=COLUMN" in (error.value.fix or "")
    assert not list(tmp_path.iterdir())


TEXT = st.sampled_from(["How are you today? I am fine.", JAPANESE, "Who is {name}?\n- A tall man."])
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS[1:], TEXT)), min_size=1)


@settings(deadline=None)
@given(ROWS, st.sampled_from([["en"], ["ja"], ["en", "ja"]]))
def test_every_text_is_accounted_for(rows: list[dict[str, str]], sources: list[str]) -> None:
    table = items(*rows, {"prompt_pivot": "At least one is English."})
    done = drafted(table, FakeEngine(source_languages=sources))
    expected = {(item, "prompt") for item in table["id"]} | {
        (row["id"], "response")
        for row in table.to_dicts()
        if row["response"] or row["response_pivot"]
    }
    assert sorted(done.drafts.select("item", "field").rows()) == sorted(expected)
    waiting = done.drafts.filter(pl.col("state") == "initial")
    assert waiting["text"].null_count() == waiting.height
    told = {(one.item, one.field) for one in done.findings if one.code == "draft-none"}
    assert told == set(waiting.select("item", "field").rows())
    in_table = sum(map(len, done.drafts["findings"]))
    assert in_table == sum(done.findings.counts().values())
    ready = done.drafts.filter(pl.col("state") == "translated")
    assert ready.height + waiting.height == len(expected)
    assert not ready["text"].null_count()


def many(count: int) -> pl.DataFrame:
    return items(
        *(
            {
                "prompt_pivot": f"Shared words. Number {n} is here{' again' * (n % 5)}.",
                "response_pivot": f"An answer to {{who}} about {n // 2}." if n % 3 else None,
            }
            for n in range(count)
        )
    )


def test_the_order_of_the_items_does_not_matter() -> None:
    table = many(20)
    first, second = FakeEngine(), FakeEngine()
    done = drafted(table, first).drafts
    turned = drafted(table.reverse(), second).drafts
    assert done.sort("item", "field").equals(turned.sort("item", "field"))
    assert first.asked == second.asked
    assert len(first.asked) == len(set(first.asked)), "every sentence once"


def test_a_new_item_costs_its_own_sentences_only(tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    before = drafted(many(20), FakeEngine(), cache).drafts
    engine = FakeEngine()
    after = drafted(many(21), engine, cache).drafts
    assert after.head(before.height).equals(before)
    assert sorted(engine.asked) == ["An answer to {who} about 10.", "Number 20 is here."]
    again = FakeEngine()
    assert drafted(many(21).reverse(), again, cache).drafts.height == after.height
    assert not again.asked
    seen = {path.name for path in tmp_path.iterdir()}
    assert seen == {"cache.sqlite", ".cache.sqlite.lock"}, "no helper files stay"


def destroying(sentence: str) -> str:
    """Loses braces, and masks too."""
    return sentence.replace("{", "").replace("XQZ", "Z")


@pytest.mark.parametrize("sentence", [str, destroying], ids=["as they are", "down to fragments"])
@pytest.mark.parametrize("fail_after", [0, 1, 4, 7])
def test_an_interrupted_run_goes_on(
    tmp_path: Path, fail_after: int, sentence: Callable[[str], str]
) -> None:
    whole = FakeEngine(sentence)
    expected = drafted(many(40), whole, tmp_path / "whole").drafts
    killed = FakeEngine(sentence, fail_after=fail_after)
    with pytest.raises(KeyboardInterrupt):
        drafted(many(40), killed, tmp_path / "killed")
    rest = FakeEngine(sentence)
    assert drafted(many(40), rest, tmp_path / "killed").drafts.equals(expected)
    assert sorted(killed.asked + rest.asked) == sorted(whole.asked), "nothing twice, nothing left"


def test_fragments_are_a_finding() -> None:
    table = items({"prompt_pivot": "Ask {name} about it. Then go."}, {"prompt_pivot": "Go."})
    done = drafted(table, FakeEngine(destroying))
    assert "{name}" in done.drafts["text"][0]
    found = [(one.item, one.severity) for one in done.findings if one.code == "draft-fragments"]
    assert found == [("i0", "note")]


def test_a_damaged_cache_is_said_and_made_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    expected = drafted(many(4), FakeEngine(), cache)
    cache.write_bytes(b"no database, " * 100)
    done = drafted(many(4), FakeEngine(), cache)
    assert done.drafts.equals(expected.drafts)
    [told] = [one for one in done.findings if one.code == "cache-damaged"]
    assert (told.severity, told.item) == ("warning", None)
    assert "cache.sqlite.damaged" in told.message
    again = FakeEngine()
    assert drafted(many(4), again, cache).findings.as_list() == expected.findings.as_list()
    assert not again.asked


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the stage work on so many items at once."""

    def window(size: int) -> None:
        monkeypatch.setattr(stage, "WINDOW", size)

    return window


ITEMS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS[1:], TEXT)), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ITEMS, window=st.integers(1, 5), slices=st.integers(1, 4))
def test_windows_change_nothing(
    small_windows: Callable[[int], None], rows: list[dict[str, str]], window: int, slices: int
) -> None:
    """However the items are read and cut into windows: the same rows, in the items' order, every
    sentence asked once, the same findings."""
    table = items(*rows, {"prompt_pivot": "At least one is English."})
    small_windows(10_000)
    whole = FakeEngine()
    expected = drafted(table, whole)
    small_windows(window)
    engine = FakeEngine()
    task = stage.Task(LANGUAGES, "pt-BR", engine)
    peers = stage.Peers()
    made = list(stage.translate_slices(list(table.iter_slices(slices)), task, peers, [], silent))
    assert [one["item"].n_unique() for one in made[:-1]] == [window] * (len(made) - 1)
    drafts = pl.concat(stage.remarked(made, peers.findings()))
    assert drafts.equals(expected.drafts)
    assert list(stage.findings_of([drafts])) == list(expected.findings)
    assert drafts["item"].unique(maintain_order=True).to_list() == table["id"].to_list()
    assert sorted(engine.asked) == sorted(whole.asked)


def test_no_items_are_nothing_to_translate() -> None:
    with pytest.raises(DeriveError, match="No text of the release"):
        drafted(items(), FakeEngine())


def test_a_text_has_one_draft_in_all_windows(small_windows: Callable[[int], None]) -> None:
    """Even of an engine that says something else each time; with and without a cache."""
    small_windows(2)
    said = count()
    engine = FakeEngine(lambda sentence: f"{pseudo_portuguese(sentence)} {next(said)}")
    table = items(*[{"prompt_pivot": f"Where is the station {n % 3}?"} for n in range(12)])
    texts = drafted(table, engine).drafts["text"]
    assert texts.n_unique() == 3
    assert texts.to_list() == texts[:3].to_list() * 4


@pytest.mark.parametrize("fail_after", range(0, 24, 3))
def test_killed_in_any_window(
    tmp_path: Path, small_windows: Callable[[int], None], fail_after: int
) -> None:
    """From file to file: the same bytes as without the kill, and no batch is composed anew."""
    small_windows(7)
    tables.write_parquet(many(40), tmp_path / "items.parquet")

    def run(name: str, engine: FakeEngine) -> bytes:
        task = stage.Task(LANGUAGES, "pt-BR", engine, cache=tmp_path / f"{name}.sqlite")
        stage.translate_file(tmp_path / "items.parquet", tmp_path / name, task)
        return (tmp_path / name).read_bytes()

    whole, killed, rest = FakeEngine(), FakeEngine(fail_after=fail_after), FakeEngine()
    expected = run("whole", whole)
    with suppress(KeyboardInterrupt):
        run("killed", killed)
    assert run("killed", rest) == expected
    assert sorted(killed.asked + rest.asked) == sorted(whole.asked), "nothing twice, nothing left"
    assert not list(tmp_path.glob(f".*{TEMPORARY}"))
    drafts = tables.read_parquet(tmp_path / "killed", tables.DRAFTS)
    assert drafts.equals(drafted(many(40), FakeEngine()).drafts)


def test_long_items_make_small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "WINDOW_CHARACTERS", 100)
    rows = [{"id": n, **dict.fromkeys(FIELDS), "prompt": "x" * n} for n in (99, 1, 100, 250, 10)]
    read = pl.DataFrame(rows, schema={"id": pl.Int64, **dict.fromkeys(FIELDS, pl.String)})
    windows = list(stage._windows([read]))
    assert [[item["id"] for item in one] for one in windows] == [[99, 1], [100], [250], [10]]


def test_one_draft_for_several_sources_is_told_across_windows(
    small_windows: Callable[[int], None],
) -> None:
    small_windows(1)
    engine = FakeEngine(lambda sentence: "Não sei dizer." if "?" in sentence else sentence)
    questions = ["Where is it?", "Who is it?", "where is it", "Leave."]
    done = drafted(items(*[{"prompt_pivot": one} for one in questions]), engine)
    told = [(one.item, one.message) for one in done.findings if one.code == "draft-shared"]
    expected = "the same draft as for 1 other text(s)"
    assert told == [("i0", expected), ("i1", expected)]
