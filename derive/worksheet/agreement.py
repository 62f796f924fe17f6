"""How far people agree who did the same units, each without seeing the other's work.

Decisions are compared by Cohen's kappa and Krippendorff's alpha, texts by chrF, each with an
interval from a bootstrap over units. All are pure functions of plain values; no clock, no global
random state, and the order in which units or people come changes nothing.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import chain
from statistics import fmean
from typing import Any, TypeVar

from sacrebleu.metrics.chrf import CHRF

from derive.errors import DeriveError

T = TypeVar("T")
_CHRF = CHRF(word_order=0)


@dataclass(frozen=True, slots=True)
class Double:
    """One unit as two people did it. Which of them is `a` makes no difference."""

    unit: str  # the unit's key
    level: int | None  # 0, 1, 2, or None for untagged
    harm_type: str  # as the release has it; "" if it has none
    person_a: str  # the author's name as the worksheet gives it
    person_b: str  # another name than person_a
    decision_a: str  # transfer, modify, replace, remove
    decision_b: str
    prompt_a: str | None  # the accepted text; None or blank if there is none (removed)
    prompt_b: str | None
    response_a: str | None
    response_b: str | None


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement of two people beyond chance, after Cohen (1960), -1 to 1; 1 is full agreement.

    A pair is the first and the second person's decision on one unit. None where it is undefined:
    no pairs, or both gave one and the same decision throughout, so that chance explains all.
    """
    counts = Counter(pairs)
    total = len(pairs)
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (a, b), count in counts.items():
        first[a] += count
        second[b] += count
    # whole numbers to the end: the order of the decisions cannot change the last digit
    observed = total * sum(count for (a, b), count in counts.items() if a == b)
    expected = sum(count * second[decision] for decision, count in first.items())
    if total**2 == expected:
        return None
    return (observed - expected) / (total**2 - expected)


def krippendorff_alpha(ratings: Mapping[str, Mapping[str, str]]) -> float | None:
    """Agreement of any number of people on nominal decisions, at most 1; 0 is what chance gives.

    ratings: unit -> person -> decision; who did not do a unit is left out of its mapping.
    Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", by coincidences. None where
    it is undefined: nothing done by two people, or the same decision throughout.
    """
    done = [Counter(unit.values()) for unit in ratings.values() if len(unit) > 1]
    totals = sum(done, Counter[str]())
    number = totals.total()
    expected = number**2 - sum(count**2 for count in totals.values())
    if not expected:
        return None
    # a unit's pairs of unlike decisions, weighted so that each decision counts once
    unlike = math.fsum(
        (unit.total() ** 2 - sum(count**2 for count in unit.values())) / (unit.total() - 1)
        for unit in done
    )
    return 1 - (number - 1) * unlike / expected


def chrf(a: str, b: str) -> float:
    """How alike two texts are, 0 to 100: chrF, Popović (2015), character n-grams up to 6, beta 2.

    chrF takes one text for the reference and weighs recall over precision. Here neither is, so
    this is the mean of both directions. White space does not count, and two texts without
    anything else agree fully.
    """
    if a.split() == b.split():
        return 100.0
    forth = _CHRF.sentence_score(a, [b]).score
    back = _CHRF.sentence_score(b, [a]).score
    return float(forth + back) / 2


def bootstrap(
    values: Sequence[T],
    statistic: Callable[[Sequence[T]], float | None],
    seed: int = 0,
    rounds: int = 1000,
    level: float = 0.95,
) -> tuple[float, float] | None:
    """The percentile interval of a statistic (Efron 1979): values are drawn with replacement.

    values: one a unit. level: the share of the rounds inside, between 0 and 1. Rounds in which
    the statistic is undefined (None) are passed over. None for fewer than two values, or if no
    round gives a number. The same arguments give the same interval, everywhere.
    """
    if len(values) < 2:
        return None
    choices = random.Random(seed).choices
    drawn = (statistic(choices(values, k=len(values))) for _ in range(rounds))
    results = sorted(one for one in drawn if one is not None)
    if not results:
        return None
    # how many results are left out at each end: whole ones, and rounded against 0.99999999
    outside = math.floor(round((1 - level) / 2 * (len(results) - 1), 9))
    return results[outside], results[-1 - outside]


@dataclass(frozen=True, slots=True)
class _Compared:
    """A double with its chrF, computed once; None where a text is missing."""

    double: Double
    prompt: float | None
    response: float | None


def agreement(doubles: Sequence[Double]) -> list[dict[str, Any]]:
    """A table: all doubles together, then each person, level and harm type, in sorted order.

    A row has `group` (all, person, level, harm_type), `value` (which one, as text; "" for all and
    for untagged), `units` (how many different ones), `agreed` (share of equal decisions, 0 to 1),
    `kappa`, `alpha`, and `chrf_prompt` and `chrf_response`: means, 0 to 100, over the doubles
    where both texts are there. `…_interval` is [low, high] at 95 %. None is undefined.

    A person's row holds the units this person did with anyone. Cohen's kappa is made for two
    people: in a row with more, one side is the person whose row it is, else the one whose name
    sorts first; alpha does not depend on sides. Raises DeriveError for a double by one person.
    """
    compared = [_compare(one) for one in sorted(map(_sorted_people, doubles), key=_order)]
    groups: dict[tuple[int, str, str], list[_Compared]] = defaultdict(list)
    for one in compared:
        double = one.double
        level = "" if double.level is None else str(double.level)
        groups[0, "all", ""].append(one)
        groups[1, "person", double.person_a].append(one)
        groups[1, "person", double.person_b].append(replace(one, double=_swapped(double)))
        groups[2, "level", level].append(one)
        groups[3, "harm_type", double.harm_type].append(one)
    return [_row(group, value, groups[rank, group, value]) for rank, group, value in sorted(groups)]


def _row(group: str, value: str, members: Sequence[_Compared]) -> dict[str, Any]:
    doubles = [one.double for one in members]
    ratings: dict[str, dict[str, str]] = defaultdict(dict)
    for one in doubles:
        ratings[one.unit] |= {one.person_a: one.decision_a, one.person_b: one.decision_b}
    pairs = [(one.unit, (one.decision_a, one.decision_b)) for one in doubles]
    row: dict[str, Any] = {
        "group": group,
        "value": value,
        "units": len(ratings),
        "agreed": fmean(one.decision_a == one.decision_b for one in doubles),
    }
    row |= _with_interval("kappa", pairs, cohen_kappa)
    row["alpha"] = krippendorff_alpha(ratings)
    for name in ("prompt", "response"):
        scores = [
            (one.double.unit, score) for one in members if (score := getattr(one, name)) is not None
        ]
        row |= _with_interval(f"chrf_{name}", scores, _mean)
    return row


def _with_interval(
    name: str, values: Iterable[tuple[str, T]], statistic: Callable[[Sequence[T]], float | None]
) -> dict[str, Any]:
    """The statistic of (unit, value) and its interval; what three people did is drawn as one."""
    units: dict[str, list[T]] = defaultdict(list)
    for unit, value in values:
        units[unit].append(value)

    def of(drawn: Iterable[list[T]]) -> float | None:
        return statistic(list(chain.from_iterable(drawn)))

    interval = bootstrap(list(units.values()), of)
    return {name: of(units.values()), f"{name}_interval": interval and list(interval)}


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _compare(double: Double) -> _Compared:
    prompt = _chrf_if_both(double.prompt_a, double.prompt_b)
    return _Compared(double, prompt, _chrf_if_both(double.response_a, double.response_b))


def _chrf_if_both(a: str | None, b: str | None) -> float | None:
    return chrf(a, b) if a and b and not a.isspace() and not b.isspace() else None


def _swapped(one: Double) -> Double:
    return replace(
        one,
        person_a=one.person_b,
        person_b=one.person_a,
        decision_a=one.decision_b,
        decision_b=one.decision_a,
        prompt_a=one.prompt_b,
        prompt_b=one.prompt_a,
        response_a=one.response_b,
        response_b=one.response_a,
    )


def _sorted_people(one: Double) -> Double:
    if one.person_a == one.person_b:
        raise DeriveError(
            f"{one.person_a} is named twice for one unit",
            where=one.unit,
            fix="compare the work of two people",
        )
    return one if one.person_a < one.person_b else _swapped(one)


def _order(double: Double) -> tuple[str, ...]:
    return tuple(map(repr, astuple(double)))
