"""Agreement is what the literature says it is, whoever is first and however the units come."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import replace

import krippendorff
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF

from derive.errors import DeriveError
from derive.worksheet.agreement import (
    Double,
    agreement,
    bootstrap,
    chrf,
    cohen_kappa,
    krippendorff_alpha,
)

DECISIONS = ("transfer", "modify", "replace", "remove")
PAIRS = st.lists(st.tuples(st.sampled_from(DECISIONS), st.sampled_from(DECISIONS)), max_size=30)
RATINGS = st.dictionaries(
    st.text("uvwxyz", min_size=1, max_size=3),
    st.dictionaries(st.sampled_from("abcde"), st.sampled_from(DECISIONS)),
    max_size=12,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def table(*rows: Sequence[int]) -> list[tuple[str, str]]:
    """A table of counts as pairs."""
    return [
        (str(a), str(b)) for a, row in enumerate(rows) for b, n in enumerate(row) for _ in range(n)
    ]


def double(unit: str = "u", **changed: object) -> Double:
    made = Double(unit, 1, "h", "ana", "bia", "modify", "modify", "um", "um", "dois", "dois")
    return replace(made, **changed)  # type: ignore[arg-type]


@st.composite
def doubles(draw: st.DrawFn) -> list[Double]:
    text = st.one_of(st.none(), st.text("abc ", max_size=6))
    made = []
    for number in range(draw(st.integers(0, 6))):
        people = draw(st.permutations(["ana", "bia", "caio"]))
        rest = [draw(st.sampled_from(DECISIONS)) for _ in range(2)]
        texts = [draw(text) for _ in range(4)]
        level, harm = draw(st.sampled_from([0, 1, None])), draw(st.sampled_from(["", "h"]))
        made.append(Double(f"u{number // 2}", level, harm, *people[:2], *rest, *texts))
    return made


# --- Cohen's kappa


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Cohen (1960), table 1: three categories, proportions of 200
        ([(88, 14, 18), (10, 40, 10), (2, 6, 12)], 0.492),
        # two that are often reprinted: the same agreement of 60 of 100, unlike marginals
        ([(45, 15), (25, 15)], 0.1304),
        ([(25, 35), (5, 35)], 0.2593),
        ([(20, 5), (10, 15)], 0.4),
    ],
)
def test_kappa_of_published_tables(rows: list[tuple[int, ...]], expected: float) -> None:
    assert cohen_kappa(table(*rows)) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("pairs", [[], [("a", "a")], [("a", "a")] * 9])
def test_kappa_undefined(pairs: list[tuple[str, str]]) -> None:
    assert cohen_kappa(pairs) is None


def test_kappa_of_full_disagreement() -> None:
    assert cohen_kappa([("a", "b"), ("b", "a")]) == -1
    assert cohen_kappa([("a", "b"), ("a", "b")]) == 0


@given(PAIRS, st.randoms())
def test_kappa_laws(pairs: list[tuple[str, str]], rng: random.Random) -> None:
    kappa = cohen_kappa(pairs)
    assert kappa is None or -1 <= kappa <= 1
    assert cohen_kappa([(b, a) for a, b in pairs]) == kappa
    shuffled = list(pairs)
    rng.shuffle(shuffled)
    assert cohen_kappa(shuffled) == kappa
    assert cohen_kappa([(a, a) for a, _ in pairs]) in (1, None)
    if kappa == 1:
        assert all(a == b for a, b in pairs)


# --- Krippendorff's alpha

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections A to C
WORKED = [
    ({"Meg": "0100000010", "Owen": "1110010000"}, 0.095),
    ({"Ben": "aabbdcccedda", "Gerry": "babbbccceddd"}, 0.692),
    (
        {"A": "123321412---", "B": "1233224125-3", "C": "-3332342251-", "D": "12332441251-"},
        0.743,
    ),
]


def as_ratings(rows: dict[str, str]) -> dict[str, dict[str, str]]:
    """Rows of a person's decisions, "-" for none, as unit -> person -> decision."""
    width = len(next(iter(rows.values())))
    return {
        str(n): {who: row[n] for who, row in rows.items() if row[n] != "-"} for n in range(width)
    }


def by_package(ratings: dict[str, dict[str, str]]) -> float | None:
    """The same by the package, which raises where alpha is undefined."""
    values = sorted({one for unit in ratings.values() for one in unit.values()})
    counts = [[list(unit.values()).count(v) for v in values] for unit in ratings.values()]
    try:
        return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))
    except (ValueError, AssertionError):
        return None


@pytest.mark.parametrize(("rows", "expected"), WORKED)
def test_alpha_of_published_examples(rows: dict[str, str], expected: float) -> None:
    assert krippendorff_alpha(as_ratings(rows)) == pytest.approx(expected, abs=5e-4)


def test_alpha_undefined() -> None:
    assert krippendorff_alpha({}) is None
    assert krippendorff_alpha({"u": {"ana": "a"}, "v": {"bia": "b"}}) is None
    assert krippendorff_alpha({"u": {"ana": "a", "bia": "a"}, "v": {"bia": "b"}}) is None


@given(RATINGS, st.randoms())
def test_alpha_laws(ratings: dict[str, dict[str, str]], rng: random.Random) -> None:
    alpha = krippendorff_alpha(ratings)
    assert alpha is None or -1 <= alpha <= 1
    # what one person alone did has no say
    paired = {key: unit for key, unit in ratings.items() if len(unit) > 1}
    assert krippendorff_alpha(paired) == alpha
    if alpha is None:
        assert len({one for unit in paired.values() for one in unit.values()}) < 2
    else:
        assert by_package(paired) == pytest.approx(alpha, abs=1e-9)
    units = list(ratings.items())
    rng.shuffle(units)
    renamed = {key: {f"x{who}": one for who, one in unit.items()} for key, unit in units}
    assert krippendorff_alpha(renamed) == alpha
    same = {key: dict.fromkeys(unit, min(unit.values())) for key, unit in paired.items()}
    assert krippendorff_alpha(same) in (1, None)


# --- chrF


@given(TEXT, TEXT)
def test_chrf_laws(a: str, b: str) -> None:
    score = chrf(a, b)
    assert 0 <= score <= 100
    assert chrf(b, a) == score
    assert chrf(a, a) == 100
    assert chrf(a, f" {a}\n") == 100
    if "".join(a.split()) == "".join(b.split()):
        assert score == 100


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("", "", 100), ("", "a", 0), (" ", "a", 0), (" ", "\n", 100), ("abc", "xyz", 0)],
)
def test_chrf_at_the_edges(a: str, b: str, expected: float) -> None:
    assert chrf(a, b) == expected


def test_chrf_is_the_mean_of_both_directions() -> None:
    a, b = "Onde fica a delegacia?", "Onde é que fica a delegacia mais próxima daqui?"
    forth, back = CHRF().sentence_score(a, [b]).score, CHRF().sentence_score(b, [a]).score
    assert abs(forth - back) > 5, "a pair that shows the direction"
    assert chrf(a, b) == pytest.approx((forth + back) / 2)


def test_chrf_of_a_case_done_by_hand() -> None:
    # n = 1: 2 of 2 and 2 of 3 match, n = 2: 1 of 1 and 1 of 2; n = 3 only in one of them
    precision, recall = 1.0, (2 / 3 + 1 / 2) / 2

    def f(p: float, r: float) -> float:
        return 5 * p * r / (4 * p + r)

    expected = 50 * (f(precision, recall) + f(recall, precision))
    assert chrf("ab", "abc") == pytest.approx(expected)


# --- the interval


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def test_bootstrap_undefined() -> None:
    assert bootstrap([], mean) is None
    assert bootstrap([1.0], mean) is None
    assert bootstrap([1.0, 2.0], lambda _: None) is None


def test_bootstrap_passes_over_rounds_without_a_number() -> None:
    found = bootstrap([0, 1], lambda drawn: float(sum(drawn)) if sum(drawn) == 1 else None)
    assert found == (1, 1)


@pytest.mark.parametrize(
    ("level", "expected"), [(0.8, (1, 9)), (0.5, (2, 8)), (1.0, (0, 10)), (0.3, (3, 7))]
)
def test_bootstrap_takes_the_outer_neighbour(level: float, expected: tuple[int, int]) -> None:
    results = iter([3, 1, 4, 10, 5, 9, 2, 6, 0, 8, 7])
    found = bootstrap([1, 2], lambda _: next(results), rounds=11, level=level)
    assert found == expected


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12),
    st.integers(0, 9),
    st.floats(0.05, 0.95),
)
@settings(deadline=None)
def test_bootstrap_laws(values: list[float], seed: int, level: float) -> None:
    found = bootstrap(values, mean, seed, 60, level)
    assert found is not None
    low, high = found
    assert min(values) - 1e-6 <= low <= high <= max(values) + 1e-6
    assert bootstrap(list(values), mean, seed, 60, level) == found
    wider = bootstrap(values, mean, seed, 60, 0.99)
    assert wider is not None
    assert wider[0] <= low <= high <= wider[1]


def test_bootstrap_leaves_the_global_generator_alone() -> None:
    random.seed(7)
    expected = random.random()
    random.seed(7)
    bootstrap([1.0, 2.0], mean)
    assert random.random() == expected


def test_bootstrap_is_as_wide_as_theory_says() -> None:
    # the mean of 400 values of variance 1/12: 1.96 standard errors to each side
    rng = random.Random(3)
    values = [rng.random() for _ in range(400)]
    found = bootstrap(values, mean)
    assert found is not None
    half = 1.96 * (1 / 12 / 400) ** 0.5
    assert found == pytest.approx((mean(values) - half, mean(values) + half), abs=half / 8)
    assert bootstrap(values, mean, seed=1) != found


# --- the table

KEYS = [
    "group",
    "value",
    "units",
    "agreed",
    "kappa",
    "kappa_interval",
    "alpha",
    "chrf_prompt",
    "chrf_prompt_interval",
    "chrf_response",
    "chrf_response_interval",
]


def row(table: list[dict[str, object]], group: str, value: str = "") -> dict[str, object]:
    (found,) = (one for one in table if (one["group"], one["value"]) == (group, value))
    return found


def test_nothing_done_twice_is_an_empty_table() -> None:
    assert agreement([]) == []


def test_the_table_of_three_doubles() -> None:
    done = [
        double("u1", decision_b="replace", prompt_b="outra coisa"),
        double("u2", level=None, harm_type="", person_b="caio", response_b=None),
        double("u3", person_a="bia", person_b="caio", decision_a="remove", decision_b="remove"),
    ]
    made = agreement(done)
    assert all(list(one) == KEYS for one in made)
    assert [(one["group"], one["value"]) for one in made] == [
        ("all", ""),
        ("person", "ana"),
        ("person", "bia"),
        ("person", "caio"),
        ("level", ""),
        ("level", "1"),
        ("harm_type", ""),
        ("harm_type", "h"),
    ]
    every = row(made, "all")
    assert (every["units"], every["agreed"]) == (3, pytest.approx(2 / 3))
    assert every["chrf_prompt"] == pytest.approx((chrf("um", "outra coisa") + 200) / 3)
    assert every["chrf_response"] == 100
    assert every["alpha"] == pytest.approx(1 - 5 * 2 / (36 - 9 - 4 - 1))
    # ana and bia: one unlike pair, ana and caio: a like one
    assert row(made, "person", "ana")["units"] == 2
    assert row(made, "person", "ana")["agreed"] == 0.5
    untagged = row(made, "level")
    assert (untagged["units"], untagged["kappa"], untagged["alpha"]) == (1, None, None)
    assert (untagged["chrf_response"], untagged["chrf_response_interval"]) == (None, None)


def test_a_unit_done_by_three_is_one_unit() -> None:
    pairs = (("ana", "bia"), ("ana", "caio"), ("bia", "caio"))
    said = {"ana": "modify", "bia": "modify", "caio": "replace"}
    wrote = {"ana": "um", "bia": "um", "caio": "dois"}
    done = [
        double(
            unit,
            person_a=a,
            person_b=b,
            decision_a=said[a],
            decision_b=said[b],
            prompt_a=wrote[a],
            prompt_b=wrote[b],
        )
        for unit in ("u1", "u2")
        for a, b in pairs
    ]
    every = row(agreement(done), "all")
    assert (every["units"], every["agreed"]) == (2, pytest.approx(1 / 3))
    assert every["alpha"] == krippendorff_alpha({"u1": said, "u2": said})
    # drawn whole: two units alike give no spread, though their doubles differ
    assert every["chrf_prompt"] == pytest.approx(100 / 3)
    assert every["chrf_prompt_interval"] == [every["chrf_prompt"]] * 2


def test_a_person_is_on_one_side_of_kappa() -> None:
    done = [
        double("u1", decision_a="replace"),  # ana, bia
        double("u2", person_a="bia", person_b="caio", decision_b="replace"),
    ]
    made = agreement(done)
    # bia always modifies, the others always replace: what chance gives; mixed, all is contrary
    assert row(made, "person", "bia")["kappa"] == 0
    assert row(made, "all")["kappa"] == -1


@pytest.mark.parametrize("a", ["", " \n", None])
@pytest.mark.parametrize("b", ["", "\t", None, "um"])
def test_a_text_that_is_not_there_is_not_compared(a: str | None, b: str | None) -> None:
    for texts in ({"prompt_a": a, "prompt_b": b}, {"prompt_a": b, "prompt_b": a}):
        every = row(agreement([double("u1", **texts), double("u2", prompt_b="x")]), "all")
        assert (every["chrf_prompt"], every["chrf_prompt_interval"]) == (0, None)


def test_a_double_needs_two_people() -> None:
    with pytest.raises(DeriveError, match="ana") as caught:
        agreement([double("u7", person_b="ana")])
    assert caught.value.where == "u7"


@given(doubles(), st.randoms())
@settings(deadline=None, max_examples=25)
def test_the_table_does_not_depend_on_order(done: list[Double], rng: random.Random) -> None:
    made = agreement(done)
    turned = [one if rng.random() < 0.5 else swapped(one) for one in done]
    rng.shuffle(turned)
    assert agreement(turned) == made
    for one in made:
        assert 0 <= one["agreed"] <= 1
        for name in ("kappa", "chrf_prompt", "chrf_response"):
            interval = one[f"{name}_interval"]
            assert interval is None or interval[0] <= interval[1]
            assert one[name] is not None or interval is None


def swapped(one: Double) -> Double:
    return Double(
        one.unit, one.level, one.harm_type, one.person_b, one.person_a, one.decision_b,
        one.decision_a, one.prompt_b, one.prompt_a, one.response_b, one.response_a,
    )  # fmt: skip


def test_full_agreement() -> None:
    done = [double(f"u{n}", decision_a=one, decision_b=one) for n, one in enumerate(DECISIONS)]
    every = row(agreement(done), "all")
    assert [every[key] for key in KEYS[3:]] == [1, 1, [1, 1], 1, 100, [100, 100], 100, [100, 100]]


def test_two_thousand_doubles_are_quick() -> None:
    rng = random.Random(5)
    words = [f"palavra{n}" for n in range(50)]

    def text() -> str:
        return " ".join(rng.choices(words, k=15))

    done = [
        Double(
            f"u{n}", n % 3, f"h{n % 12}", *rng.sample("abcdef", 2), *rng.choices(DECISIONS, k=2),
            text(), text(), text(), text(),
        )
        for n in range(2000)
    ]  # fmt: skip
    begin = time.process_time()
    assert len(agreement(done)) == 1 + 6 + 3 + 12
    assert time.process_time() - begin < 60  # a hang, not a time
