"""Two models in a row, which text is translated, and what a draft tells of how it was made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import FakeEngine

from derive import tables
from derive.errors import DeriveError
from derive.files import write_text
from derive.progress import silent
from derive.pseudo import pseudo
from derive.terminology import Term, TermChecker
from derive.translate.adapt import Offers
from derive.translate.cache import Cache
from derive.translate.hops import signature_hash
from derive.translate.models import PSEUDO, Model, choose_via
from derive.translate.peers import Peers
from derive.translate.stage import translate, translate_slices
from derive.translate.task import Task, Via

LANGUAGES = {"prompt": "ja", "response": "ja", "prompt_pivot": "en", "response_pivot": "en"}
ENGLISH = "Whom do I ask about {name} and the lost letter, and when may I do so?"
PORTUGUESE = "A quem pergunto sobre {name} e a carta perdida, e quando posso fazer isso?"
JAPANESE = "失くした手紙のことは、{name}さんのほかに誰に、いつ聞けばよいのでしょうか。"


def engine(made: str | Callable[[str], str], *source: str, target: str, name: str) -> FakeEngine:
    """Says the same of everything, or what a function says."""
    say = made if callable(made) else lambda sentence: made
    one = FakeEngine(say, source_languages=source, target_languages=(target,))
    one.name, one.signature = name, {"engine": name}
    return one


def first(made: str | Callable[[str], str] = ENGLISH) -> FakeEngine:
    return engine(made, "ja", target="en", name="A 1")


def last(made: str | Callable[[str], str] = PORTUGUESE, *source: str) -> FakeEngine:
    return engine(made, *(source or ("en",)), target="pt-BR", name="B 2")


def items_of(*rows: dict[str, Any]) -> pl.DataFrame:
    empty = dict.fromkeys(tables.ITEMS)
    return tables.frame(
        ({**empty, "id": f"i{at}", "prompt": JAPANESE, **row} for at, row in enumerate(rows)),
        tables.ITEMS,
    )


def drafts(task: Task, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    made = translate_slices([items_of(*rows)], task, Peers(), [], silent)
    return [row for table in made for row in table.to_dicts()]


def codes(draft: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["message"] for one in draft["findings"]}


def test_two_models_where_one_will_not_do() -> None:
    """The pivot goes straight; what has none goes by way of English, and says so."""
    one, two = first(), last()
    task = Task(LANGUAGES, "pt-BR", two, via=Via(one, "en"))
    straight, by_way = drafts(task, {"prompt_pivot": ENGLISH}, {})
    assert (one.asked, two.asked) == ([JAPANESE], [ENGLISH])
    assert (straight["model"], straight["via"], straight["source_field"]) == (
        "B 2", None, "prompt_pivot",
    )  # fmt: skip
    assert (by_way["model"], by_way["via"], by_way["source_field"]) == (
        "A 1 + B 2 via en", ENGLISH, "prompt",
    )  # fmt: skip
    assert (straight["score"], by_way["score"]) == (-0.5, -1.0)
    assert list(codes(by_way)) == ["draft-via"], "a good one raises nothing but the note"
    assert ENGLISH in codes(by_way)["draft-via"]
    assert straight["signature"] != by_way["signature"]


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ("Whom do I ask, whom do I ask, whom do I ask, whom do I ask of {name}?", "draft-repeats"),
        ("失くした手紙は{name}。", "draft-language"),
        ("Whom?", "draft-length"),
    ],
)
def test_what_went_wrong_on_the_way_is_told(made: str, code: str) -> None:
    """Though the draft is smooth."""
    task = Task(LANGUAGES, "pt-BR", last(), via=Via(first(made), "en"))
    [draft] = drafts(task, {})
    assert codes(draft)[code].startswith("in en, on the way: ")
    assert "{name}" in draft["via"], "what is protected is so on both hops"
    assert "{name}" in draft["text"]


def test_each_hop_knows_its_sentences_again(tmp_path: Path) -> None:
    one, two = first(), last()
    task = Task(LANGUAGES, "pt-BR", two, via=Via(one, "en"), cache=tmp_path / "cache.sqlite")
    before = drafts(task, {}, {"prompt_pivot": ENGLISH})
    one.asked.clear()
    two.asked.clear()
    assert drafts(task, {}, {"prompt_pivot": ENGLISH}) == before
    assert not one.asked
    assert not two.asked
    assert two.signature != one.signature
    with_another = Task(LANGUAGES, "pt-BR", last("Outra."), cache=task.cache, via=Via(one, "en"))
    assert drafts(with_another, {})[0]["text"] == PORTUGUESE, "the same name is the same engine"
    cache = Cache(task.cache, {**two.signature, "source": "en"})
    assert list(cache.get([ENGLISH])) == [ENGLISH]
    cache.close()


FROM = {
    "the source, where it can be read": (("en", "ja"), {"prompt_pivot": ENGLISH}, "prompt", ""),
    "the pivot, where it cannot": (
        ("en",), {"prompt_pivot": ENGLISH}, "prompt_pivot", "no model translates from ja",
    ),
    "the pivot, where there is no source": (
        ("en", "ja"), {"prompt": None, "prompt_pivot": ENGLISH}, "prompt_pivot", "no source text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FROM)
def test_from_the_source_text(name: str) -> None:
    sources, row, field, said = FROM[name]
    [draft] = drafts(Task(LANGUAGES, "pt-BR", last(PORTUGUESE, *sources), source_first=True), row)
    assert draft["source_field"] == field
    assert said in codes(draft).get("draft-other-text", "")
    assert bool(said) == ("draft-other-text" in codes(draft))


def test_counterparts_go_into_english_only() -> None:
    """Their names are English: in a Japanese sentence they would make no sense."""
    marks = pl.DataFrame(
        [
            {"item": "i0", "field": field, "start": 0, "end": 2, "surface": text[:2],
             "slot": "agency", "entry": "e", "level": 1, "reason": "r"}
            for field, text in (("prompt", JAPANESE), ("prompt_pivot", ENGLISH))
        ],
        schema=tables.MARKS,
    )  # fmt: skip
    offers = Offers([{"entry": "e", "english": "Invented Agency"}])
    two = last(PORTUGUESE, "en", "ja")
    task = Task(LANGUAGES, "pt-BR", two, marks.lazy(), offers, source_first=True)
    plain, adapted = drafts(task, {"prompt_pivot": ENGLISH})
    assert (plain["source_field"], adapted["source_field"]) == ("prompt", "prompt_pivot")
    assert adapted["field"] == "prompt_adapted"
    assert not any("Agency" in one and JAPANESE[3:] in one for one in two.asked)
    assert [row["field"] for row in drafts(task, {})] == ["prompt"]


def test_a_signature_is_of_all_that_can_change_a_draft() -> None:
    task = Task(LANGUAGES, "pt-BR", last(), via=Via(first(), "en"))
    another = Via(engine(ENGLISH, "ja", target="en", name="C"), "en")
    others = [
        Task(LANGUAGES, "pt-BR", last(), via=another),
        Task(LANGUAGES, "pt-BR", last(), via=Via(first(), "en"), alternatives=3),
    ]  # fmt: skip
    seen = set()
    for one in (task, *others):
        chain = one.chain("ja")
        assert chain
        seen.add(signature_hash(one.signature(chain)))
    assert len(seen) == 3
    [draft] = drafts(task, {})
    assert draft["signature"] in seen


def model(folder: Path, sources: list[str], targets: list[str]) -> Model:
    return Model(folder, {"source_languages": sources, "target_languages": targets})


def test_where_two_models_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before: dict[str, Model] = {
        "one": model(tmp_path, ["ja"], ["en"]),
        "many": model(tmp_path, ["ja"], ["de", "en", "fr"]),
        "none": model(tmp_path, ["ja"], ["ko"]),
    }
    monkeypatch.setattr("derive.translate.models.find_model", lambda locale, given: given)
    monkeypatch.setattr("derive.translate.models.load_model", lambda given: before[given])
    after = ["de", "en"]
    assert choose_via("one", after, ["fr"])[1] == "en", "the only one"
    assert choose_via("many", after, ["de", "en"])[1] == "de", "the pivot's first"
    assert choose_via("one", PSEUDO["source_languages"], ["en"])[1] == "en"
    for given, said in (("none", "no language is in both"), ("many", "not clear")):
        with pytest.raises(DeriveError, match=said):
            choose_via(given, after, ["fr"])


def test_the_command_line(
    derive: Callable[..., Any], tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked is in derive.toml, what was done in the ledger, and a change is seen."""
    monkeypatch.chdir(tmp_path)
    done = derive("run", sample, "--locale", "pt-BR", "--from", "source", "--model", "pseudo",
                  "--via", "nosuch", "-o", "p")  # fmt: skip
    assert done.exit_code == 2
    assert "nosuch" in done.stderr
    assert not (tmp_path / "p").exists()
    options = ["run", sample, "--locale", "pt-BR", "--model", "pseudo", "-o", "p"]
    assert derive(*options, "--from", "source").exit_code == 0
    table = pl.read_parquet("p/work/drafts.parquet")
    plain = table.filter(~pl.col("field").str.ends_with("_adapted"))
    assert set(plain["source_field"]) == {"prompt", "response"}
    adapted = table.filter(pl.col("field").str.ends_with("_adapted"))
    assert set(adapted["source_field"]) == {"prompt_pivot"}
    ledger = (tmp_path / "p" / "ledger.jsonl").read_text(encoding="utf-8")
    assert all(f'"{run}"' in ledger for run in set(table["signature"]))
    refused = derive(*options, "--from", "pivot")
    assert refused.exit_code == 2
    assert "translate.from = 'source'" in refused.stderr
    config = (tmp_path / "p" / "derive.toml").read_text(encoding="utf-8")
    write_text(tmp_path / "p" / "derive.toml", config.replace('"source"', '"pivot"'))
    assert derive("translate", "p").exit_code == 0
    table = pl.read_parquet("p/work/drafts.parquet")
    assert "prompt_pivot" in set(table["source_field"])


def test_terms_are_asked_for_where_they_can_be() -> None:
    """The glossary is English: by way of English, it holds for the text in the middle. A dry run's
    stand-in holds no terms."""
    terms = TermChecker([Term("letter", "epístola")])
    task = Task(LANGUAGES, "pt-BR", last(), via=Via(first(), "en"), terms=terms)
    [draft] = drafts(task, {})
    assert "epístola" in codes(draft)["term-missing"]
    dry = last(lambda sentence: pseudo(sentence, "pt-BR"))
    [draft] = drafts(Task(LANGUAGES, "pt-BR", dry, terms=terms), {"prompt_pivot": ENGLISH})
    assert list(codes(draft)) == ["draft-pseudo"]


def test_the_function_of_the_package_takes_it_too() -> None:
    """`derive.translate`, from a table to a table."""
    given = items_of({"prompt_pivot": ENGLISH}, {})
    made = translate(given, LANGUAGES, "pt-BR", last(), via=Via(first(), "en")).drafts
    assert made["via"].to_list() == [None, ENGLISH]
    both = last(PORTUGUESE, "en", "ja")
    made = translate(given, LANGUAGES, "pt-BR", both, source_first=True).drafts
    assert made["source_field"].to_list() == ["prompt", "prompt"]
    with pytest.raises(DeriveError, match="needs scores"):
        translate(given, LANGUAGES, "pt-BR", last(), omissions=True)
