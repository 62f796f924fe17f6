"""The variant: nothing of the original leaves, and every item is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import NO_DRAFT
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import profiles, schemas, tables
from derive.errors import DeriveError
from derive.variant.about import About
from derive.variant.build import Policy, Variant, build
from derive.variant.coverage import coverage
from derive.variant.rows import Lineage
from derive.variant.write import write_variant

CLOSED = profiles.load("answercarefully").terms
OPEN = profiles.load("do-not-answer").terms
ORIGIN = {"dataset": "acme/sample", "version": "v2.2", "revision": "a" * 40}


def item(number: int, **changed: Any) -> dict[str, Any]:
    row = dict.fromkeys(tables.ITEMS)
    row |= {"id": f"s{number}", "split": "dev" if number % 2 else "test", "extra": "{}"}
    row |= {"prompt": f"{number}番目の質問", "prompt_pivot": f"The question number {number}"}
    return {**row, "hash": "0" * 64, "file": "f", "row": number + 1, "level": 0, **changed}


def draft(
    number: int, text: str | None, severity: str = "", field: str = "prompt"
) -> dict[str, Any]:
    found = [{"code": "draft-x", "severity": severity, "message": "m"}] if severity else []
    return {
        **NO_DRAFT,
        "item": f"s{number}",
        "field": field,
        "text": text,
        "model": text and "m 1",
        "score": -0.1 if text else None,
        "state": "translated" if text else "initial",
        "findings": found,
        "review_priority": 0.1 if text else None,
    }


def adaptation(number: int, **changed: Any) -> dict[str, Any]:
    row = {**dict.fromkeys(tables.ADAPTATIONS, ""), "item": f"s{number}", "decision": "modify"}
    row |= {"author": "Ana; Bruno", "reviewer": "Carla", "state": "reviewed", "checks": []}
    row |= {"prompt": f"Pergunta {number} da Ana", "prompt_origin": "mt+edit", "row": 1}
    row |= {"response_origin": None, "prompt_edits": 0.2, "response_edits": None}
    return {**row, **changed}


def make(
    routes: list[str],
    drafts: list[dict[str, Any]],
    terms: Any = CLOSED,
    written: list[dict[str, Any]] | None = None,
    changed: Any = None,
    **given: Any,
) -> Variant:
    rows = [item(n, **(changed or {})) for n in range(len(routes))]
    routed = [
        {"item": row["id"], "route": route, "level": 0, "level_suggested": 0, "reason": ""}
        for row, route in zip(rows, routes, strict=True)
    ]
    return build(
        tables.frame(rows, tables.ITEMS),
        tables.frame(routed, tables.ROUTES),
        tables.frame(drafts, tables.DRAFTS),
        adaptations=tables.frame(written or [], tables.ADAPTATIONS),
        **{"name": "brazil", "locale": "pt-BR", "origin": ORIGIN, "terms": terms, **given},
    )


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["translate", "adapt", "rewrite"]),
            st.sampled_from(["text", "none", "missing"]),
            st.sampled_from(["", "note", "warning", "error"]),
        ),
        min_size=1,
    )
)
def test_every_item_is_in_or_accounted_for(plan: list[tuple[str, str, str]]) -> None:
    drafts = [
        draft(n, f"A pergunta {n}" if there == "text" else None, severity)
        for n, (_, there, severity) in enumerate(plan)
        if there != "missing"
    ]
    variant = make([route for route, _, _ in plan], drafts)
    included = {row["derived_from"]["id"] for row in variant.items.to_dicts()}
    excluded = set(variant.excluded["item"])
    assert included | excluded == {f"s{n}" for n in range(len(plan))}
    assert not included & excluded
    assert included == {
        f"s{n}"
        for n, (route, there, severity) in enumerate(plan)
        if (route, there) == ("translate", "text") and severity != "error"
    }
    for row in variant.items.to_dicts():
        assert not schemas.violations("variant-item", row)
    assert all(reason.startswith("waits for a person") for reason in variant.excluded["reason"])


def test_lineage() -> None:
    variant = make(["translate"], [draft(0, "A pergunta", "warning")])
    [row] = variant.items.to_dicts()
    assert row["derived_from"] == {**ORIGIN, "id": "s0"}
    assert (row["prompt_origin"], row["response_origin"], row["model"]) == ("mt", None, "m 1")
    assert (row["decision"], row["state"], row["checks"]) == ("transfer", "translated", ["draft-x"])
    assert row["licence"] == "answer-carefully-dataset-tou"


def test_an_answer_is_held_with_its_prompt() -> None:
    drafts = [draft(0, "A pergunta"), draft(0, "A resposta", field="response")]
    drafts += [draft(1, "A pergunta 1"), draft(1, "A resposta 1", "error", "response")]
    variant = make(["translate"] * 2, drafts)
    [row] = variant.items.to_dicts()
    assert (row["response"], row["response_origin"]) == ("A resposta", "mt")
    assert variant.excluded["reason"].to_list() == [
        "waits for a person: the draft has errors (draft-x)"
    ]


@pytest.mark.parametrize(
    "leaked",
    ["1番目の質問", " 1番目の質問。\n", "The question number 1", "«the QUESTION number １»"],
)
def test_originals_do_not_leave(leaked: str) -> None:
    """A draft that nobody has read is held by itself; what a person wrote is refused."""
    drafts = [draft(0, leaked), draft(1, "A pergunta")]
    variant = make(["translate"] * 2, drafts)
    assert variant.items["id"].to_list() == ["brazil-000002"]
    assert "source-in-variant" in variant.excluded["reason"][0]
    assert variant.findings.counts()["error"] == 0
    assert make(["translate"] * 2, drafts, OPEN).items.height == 2, (
        "an open source is not held back"
    )
    written = [adaptation(0, prompt=leaked)]
    with pytest.raises(DeriveError, match="against its terms") as caught:
        make(["adapt", "translate"], drafts[1:], written=written)
    assert "brazil-000001 · prompt" in str(caught.value.where)
    assert "of s1" in str(caught.value.where)
    assert "written for s0 by Ana; Bruno" in str(caught.value.where)
    assert "--allow-source-texts" in str(caught.value.fix)


def test_a_reason_lets_in_what_people_wrote_and_every_row_says_so() -> None:
    drafts = [draft(1, "The question number 2"), draft(2, "A pergunta")]
    written = [adaptation(0, prompt="The question number 1")]
    policy = Policy(allow_source_texts="the authors agreed")
    variant = make(["adapt", "translate", "translate"], drafts, written=written, policy=policy)
    checks = dict(variant.items.select("id", "checks").rows())
    assert checks == {"brazil-000001": ["source-in-variant"], "brazil-000003": []}
    assert variant.excluded["item"].to_list() == ["s1"], "a draft still waits for a person"
    assert variant.findings.counts() == {"error": 0, "warning": 2, "note": 0}


def test_identical_english_may_not_be_republished_in_an_english_variant() -> None:
    english = "How should I tell my neighbour that the party was too loud?"
    written = [adaptation(0, prompt=english, decision="transfer")]
    given = {"changed": {"prompt_pivot": english}, "locale": "en-SG"}
    with pytest.raises(DeriveError) as caught:
        make(["translate"], [], written=written, **given)
    assert "the source's English may not be republished, at level 0 either" in str(caught.value)
    anew = "My neighbour has parties with loud music. What can I say to him?"
    assert make(["translate"], [], written=[adaptation(0, prompt=anew)], **given).items.height == 1


def test_no_terms_are_the_strictest() -> None:
    document = dict(profiles.load("answercarefully").document)
    del document["terms"]
    profile = profiles.Profile.from_document(document, "a profile")
    variant = make(["translate"] * 2, [draft(0, "1番目の質問"), draft(1, "Oi")], profile.terms)
    assert variant.items["licence"].to_list() == ["unknown"]
    assert "terms-unknown" in variant.findings.by_code()


def test_ids_stay_when_other_drafts_change() -> None:
    whole = make(["translate"] * 3, [draft(n, f"A pergunta {n}") for n in range(3)])
    part = make(["translate"] * 3, [draft(2, "A pergunta 2")])
    assert whole.items["id"].to_list() == ["brazil-000001", "brazil-000002", "brazil-000003"]
    assert part.items["id"].to_list() == ["brazil-000003"]


def test_files(tmp_path: Path) -> None:
    variant = make(["translate"] * 4 + ["adapt"], [draft(n, f"A pergunta {n}") for n in range(4)])
    about = About("brazil", "pt-BR", profiles.load("answercarefully"), "acme/sample")
    first = write_variant(variant, tmp_path / "a", about).outputs
    (tmp_path / "b" / "data").mkdir(parents=True)
    (tmp_path / "b" / "data" / "gone.parquet").write_text("of a split that is no more")
    second = write_variant(variant, tmp_path / "b", about).outputs
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    there = [path for path in (tmp_path / "b").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(tmp_path / "b").as_posix() for path in there) == [
        "CHANGELOG.md", "LICENSE", "README.md", "croissant.json", "data/dev.jsonl",
        "data/dev.parquet", "data/test.jsonl", "data/test.parquet", "excluded.parquet",
    ]  # fmt: skip
    both = pl.concat([pl.read_parquet(path) for path in first if path.parent.name == "data"
                      and path.suffix == ".parquet"])  # fmt: skip
    assert both.sort("id").equals(variant.items.sort("id"))
    text = "".join(path.read_bytes().decode("utf-8", "ignore") for path in first)
    assert "番目" not in text
    assert "The question number" not in text
    card = (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    for part in ("Unreviewed", "4 items are", "1 are not", CLOSED["licence"], "inherited"):
        assert part in card


SIGNATURE = {"engine": "ctranslate2 4.8", "model": "m 1", "model_hash": "c" * 64}


def test_every_row_tells_who_and_what_made_it() -> None:
    public = {"Ana": "p1", "Bruno": "p2", "Carla": "p3"}
    lineage = Lineage(SIGNATURE, lambda name: public.get(name, ""))
    nobody = {"author": "Dora; Ana", "reviewer": ""}
    written = [adaptation(0), adaptation(1, prompt_origin="human", **nobody)]
    drafts = [draft(n, f"A pergunta {n}") for n in range(3)]
    variant = make(["translate"] * 3, drafts, written=written, lineage=lineage)
    first, second, third = variant.items.to_dicts()
    assert first["people"] == {"author": "p1; p2", "reviewer": "p3", "adjudicator": None}
    assert second["people"] == {"author": "p1", "reviewer": None, "adjudicator": None}
    assert third["people"] == dict.fromkeys(("author", "reviewer", "adjudicator"))
    for row in (first, third):
        assert (row["engine"], row["model"], row["model_revision"]) == (
            "ctranslate2 4.8", "m 1", "c" * 64,
        )  # fmt: skip
    assert (second["engine"], second["model"], second["model_revision"]) == (None,) * 3
    nobody = make(["translate"] * 3, drafts, written=written).items
    assert nobody["people"].struct["author"].null_count() == 3, "names only where they may be told"


def test_labels_in_english_and_those_without() -> None:
    taxonomy = {"risk_area": "悪用", "harm_type": "違法行為への加担", "specific_harm": "なぞ"}
    labels = profiles.load("answercarefully").taxonomy_labels
    variant = make(
        ["translate"], [draft(0, "A pergunta")], changed=taxonomy, lineage=Lineage(labels=labels)
    )
    [row] = variant.items.to_dicts()
    assert {name: row[name] for name in taxonomy} == taxonomy
    assert (row["risk_area_en"], row["harm_type_en"], row["specific_harm_en"]) == (
        "Malicious use", "Helping illegal acts", None,
    )  # fmt: skip
    [told] = variant.findings.by_code()["taxonomy-no-english"]
    assert told.message.startswith("1 taxonomy label")
    english = make(
        ["translate"], [draft(0, "A pergunta")], lineage=Lineage(is_english=True),
        changed={"risk_area": "Misuse", "harm_type": None, "specific_harm": "Spam"},
    )  # fmt: skip
    [row] = english.items.to_dicts()
    assert (row["risk_area_en"], row["harm_type_en"], row["specific_harm_en"]) == (
        "Misuse", None, "Spam",
    )  # fmt: skip
    assert "taxonomy-no-english" not in english.findings.by_code()


@pytest.mark.parametrize("name", ["items", "routes", "drafts", "adaptations"])
def test_an_item_twice_in_a_table_is_refused(name: str) -> None:
    row = item(0)
    routed = {"item": "s0", "route": "translate", "level": 0, "level_suggested": 0, "reason": ""}
    given: dict[str, list[Any]] = {"items": [row], "routes": [routed], "drafts": [draft(0, "Oi")]}
    given |= {"adaptations": [adaptation(0)]}
    given[name] *= 2
    frames = {one: tables.frame(rows, getattr(tables, one.upper())) for one, rows in given.items()}
    with pytest.raises(DeriveError, match=f"The table {name} has 1 items twice") as caught:
        build(**frames, name="v", locale="pt-BR", origin=ORIGIN, terms=CLOSED)
    assert caught.value.where == "s0"


def test_an_id_twice_is_refused() -> None:
    drafts = [draft(n, f"A pergunta {n}") for n in range(2)]
    with pytest.raises(DeriveError, match="one ID"):
        make(["translate"] * 2, drafts, numbers={"s0": 1, "s1": 1})


def test_a_code_that_there_is_not_blocks_nothing_silently() -> None:
    with pytest.raises(DeriveError, match="'draft-lenght'"):
        Policy(blocking=["draft-lenght"])


def test_coverage_against_the_source() -> None:
    """Five in the source: two are in, one waits for each of two roles, one is removed; and one of
    people's own is in."""
    written = [
        adaptation(0, state="translated", waits_for="reviewer"),
        adaptation(1, decision="remove"),
        adaptation(9, item="new-1", decision="new", taxonomy="A / B / C"),
        adaptation(4),
    ]
    taxonomy = {"risk_area": "A", "harm_type": "B", "specific_harm": "C"}
    variant = make(
        ["adapt"] * 3 + ["translate", "adapt"], [draft(3, "A pergunta")], written=written,
        changed=taxonomy, policy=Policy(state="reviewed", coverage=0.7),
    )  # fmt: skip
    [row] = variant.coverage
    assert row["waiting_for"] == {"reviewer": 1, "translator": 1}
    assert {name: row[name] for name in ("source", "included", "new", "waiting", "removed")} == {
        "source": 5, "included": 3, "new": 1, "waiting": 2, "removed": 1,
    }  # fmt: skip
    assert (row["wanted"], row["missing"]) == (4, 1)
    assert variant.items.height + variant.excluded.height == 6
    assert make(["adapt"], []).coverage[0]["missing"] is None, "nothing was asked for"


def test_coverage_counts_where_people_put_an_item() -> None:
    items = [item(0, harm_type="A"), item(1, harm_type="A")]
    included = [{**items[0], "harm_type": "B", "decision": "modify"}]
    rows = coverage(items, included, [], 0.5, Lineage())
    assert [(row["harm_type"], row["source"], row["included"]) for row in rows] == [
        ("A", 2, 0), ("B", 0, 1),
    ]  # fmt: skip
    assert [row["missing"] for row in rows] == [1, 0]


SECRETS = st.text("秘密質問答例", min_size=1, max_size=20)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["translate", "adapt", "rewrite"]),
            st.sampled_from(["none", "draft", "copy", "remove", "state", "checks"]),
            SECRETS, SECRETS, SECRETS, SECRETS,
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_no_text_of_the_source_is_in_the_account(plan: list[tuple[str, ...]]) -> None:
    """Whatever keeps an item out, and whatever people gave as their reason."""
    rows, drafts, written = [], [], []
    for number, (_, fate, *texts) in enumerate(plan):
        fields = dict(
            zip(("prompt", "response", "prompt_pivot", "response_pivot"), texts, strict=True)
        )
        rows.append(item(number, **fields, extra='{"x": "秘密"}'))
        if fate in ("draft", "copy"):
            drafts.append(
                draft(number, texts[0] if fate == "copy" else "Oi", "error" * (fate == "draft"))
            )
        elif fate != "none":
            changed = {"decision": "remove"} if fate == "remove" else {"checks": ["text-copied"]}
            changed |= {"state": "translated"} if fate == "state" else {}
            written.append(adaptation(number, reason=texts[0], prompt=texts[1], **changed))
    routed = [
        {"item": row["id"], "route": route, "level": 0, "level_suggested": 0, "reason": texts[0]}
        for row, (route, _, *texts) in zip(rows, plan, strict=True)
    ]
    variant = build(
        tables.frame(rows, tables.ITEMS), tables.frame(routed, tables.ROUTES),
        tables.frame(drafts, tables.DRAFTS), adaptations=tables.frame(written, tables.ADAPTATIONS),
        policy=Policy(state="reviewed", blocking=["text-copied"]), withdrawn=["gone"],
        name="v", locale="pt-BR", origin=ORIGIN, terms=CLOSED,
    )  # fmt: skip
    assert variant.items.height + variant.excluded.height == len(plan) + 1
    assert not set("秘密質問答例") & set(str(variant.excluded.rows()))
