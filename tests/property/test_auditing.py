"""Whatever a derivation holds, an audit ends, and accounts for every row and every item."""

from __future__ import annotations

from typing import Any

from conftest import ac_row
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import profiles, tables
from derive.text import content_hash
from derive.variant.audit.audit import audit
from derive.variant.audit.originals import index
from derive.variant.audit.parts import Part

ITEMS = [
    {
        "id": f"{number:04d}", "split": "test" if number % 4 == 0 else "dev", "prompt": row["text"],
        "response": row["output"], "prompt_pivot": row["text-en"], "response_pivot": None,
        "level": row["culture"], "risk_area": "領域", "harm_type": "種類", "specific_harm": "詳細",
        "extra": "{}", "hash": "", "file": "r.jsonl", "row": number,
    }
    for number in range(1, 25)
    for row in [ac_row(number)]
]  # fmt: skip
for one in ITEMS:
    one["hash"] = content_hash(one)
ORIGINALS = index(tables.frame(ITEMS, tables.ITEMS), profiles.load("answercarefully"), {"id": "ID"})
IDS = [one["id"] for one in ITEMS]

ANY = st.one_of(
    st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(),
    st.lists(st.integers(), max_size=2), st.sampled_from(IDS),
    st.sampled_from([one["prompt_pivot"] for one in ITEMS]),
    st.sampled_from([one["prompt"] for one in ITEMS]),
    st.sampled_from(["dev", "test", "0", "2", "ko", "pt-BR", "領域", "\ud800", "=1+1", "????"]),
)  # fmt: skip
NAMES = st.sampled_from(
    ["ID", "text", "output", "text-en", "text_ko", "lang", "split", "level", "risk-area", "x", ""]
)
ROWS = st.lists(st.dictionaries(NAMES, ANY, max_size=6), min_size=1, max_size=30)
FILES = st.sampled_from(["ko.csv", "kr.jsonl", "dev.csv", "a/b/c.json", "x", "pt-BR_test.tsv"])


@given(st.lists(st.tuples(FILES, ROWS), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_rows_are_accounted_for(files: list[tuple[str, list[dict[str, Any]]]]) -> None:
    parts = [Part(file, list(enumerate(rows, 2))) for file, rows in files]
    found = audit(parts, ORIGINALS)
    for line in found.files:
        assert line["rows"] == line["matched"] + line["extra"] + line["doubled"]
        assert sum(line["how"].values()) == line["matched"]
        assert (line["lost"] is None) == (line["matched"] == 0)
    assert sum(line["lost"] or 0 for line in found.files) == sum(
        one.code == "row-lost" for one in found.findings
    )
    for one in found.findings:
        assert one.item is None or one.item in IDS


@given(st.sets(st.sampled_from(range(24)), max_size=20), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_lost_items_are_named_whatever_the_order(gone: set[int], draw: Any) -> None:
    texts = [f"{n}번째로 지어낸 물음에는 어떻게 대답하면 좋을까요?" for n in range(1, 25)]
    rows = [{"ID": IDS[n], "text": texts[n]} for n in range(24) if n not in gone]
    draw.shuffle(rows)
    found = audit([Part("ko.csv", list(enumerate(rows, 2)))], ORIGINALS)
    splits = {ITEMS[n]["split"] for n in range(24) if n not in gone}
    expected = {IDS[n] for n in gone if ITEMS[n]["split"] in splits}
    assert {one.item for one in found.findings if one.code == "row-lost"} == expected
    assert found.files[0]["how"] == {"ID": len(rows)}


FORMS = st.sampled_from(
    [
        lambda one: one + " ", lambda one: f"\u200b{one}", lambda one: f"'{one}",
        lambda one: one.lstrip("0"), lambda one: f"{one}.0", lambda one: int(one),
        lambda one: float(one),
    ]
)  # fmt: skip


@given(FORMS, st.sets(st.sampled_from(range(24)), min_size=1, max_size=24))
@settings(max_examples=40, deadline=None)
def test_changed_ids_are_told_and_their_rows_are_not_lost(form: Any, where: set[int]) -> None:
    rows = [
        {"ID": form(one) if n in where else one, "text": f"{n}번째로 지어낸 물음에 답해 주세요."}
        for n, one in enumerate(IDS)
    ]
    found = audit([Part("ko.csv", list(enumerate(rows, 2)))], ORIGINALS)
    assert found.files[0]["matched"] == 24
    told = {one.item for one in found.findings if one.code == "id-changed"}
    assert told == {IDS[n] for n in where}
