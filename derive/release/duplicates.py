"""Prompts that say the same: equal in comparable form, or nearly so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.release import near
from derive.text import comparable


@dataclass(frozen=True, slots=True)
class Pair:
    """Positions of two texts, first < second; similarity in percent, 100 for equal ones."""

    first: int
    second: int
    similarity: float


@dataclass(frozen=True)
class Alike:
    """The pairs, and the positions of texts that later ones were not compared with."""

    pairs: list[Pair]
    crowded: list[int]


def alike(texts: Sequence[str], groups: Sequence[str] | None = None) -> Alike:
    """For each text, an earlier one of its group that it equals or is like, and one of another.

    groups: the split of each text, one for all if not given. Of several that are like each other,
    each is paired with the first, and a neighbour in its own split hides none in another. Among
    the variations of one template only the first `near.CROWD` of a split are compared with.
    """
    groups = groups or [""] * len(texts)
    forms = [comparable(text) for text in texts]
    pairs = list(_equal(forms, groups))
    told = {(pair.second, groups[pair.first] != groups[pair.second]) for pair in pairs}
    crowded: list[int] = []
    pairs += (
        pair
        for pair in _near(forms, groups, told, crowded)
        if (pair.second, groups[pair.first] != groups[pair.second]) not in told
    )
    return Alike(pairs, crowded)


def _equal(forms: Sequence[str], groups: Sequence[str]) -> Iterator[Pair]:
    first_of: dict[tuple[str, str], int] = {}
    told: set[tuple[int, bool]] = set()
    there = sorted(set(groups))
    for at, form in enumerate(forms):
        if not form:
            continue
        for group in there:
            equal = first_of.get((form, group))
            across = group != groups[at]
            if equal is not None and (at, across) not in told:
                told.add((at, across))
                yield Pair(equal, at, 100.0)
        first_of.setdefault((form, groups[at]), at)


def _near(
    forms: Sequence[str], groups: Sequence[str], told: set[tuple[int, bool]], crowded: list[int]
) -> Iterator[Pair]:
    """Each text that is like an earlier one, with it.

    Only texts that are like no earlier one of their group go into the index, so that a release of
    a thousand variations of one prompt costs a thousand look-ups and not half a million. told: what
    has an equal already, in its own group or in another. crowded: takes what is left out.
    """
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    index, sketches = near.index(), near.sketches(forms)
    for at, form in enumerate(forms):
        if form not in sketches or (at, False) in told:
            continue
        found = sorted(index.query(sketches[form]))
        own = [one for one in found if groups[one] == groups[at]]
        like_own = False
        for candidates in (own, [one for one in found if groups[one] != groups[at]]):
            best = process.extractOne(
                form,
                [forms[one] for one in candidates],
                scorer=ratio,
                score_cutoff=near.SIMILAR,
            )
            if best:
                yield Pair(candidates[best[2]], at, best[1])
                like_own |= candidates is own
        if like_own:
            continue
        if len(own) >= near.CROWD:
            crowded.append(at)
        else:
            index.insert(at, sketches[form])
