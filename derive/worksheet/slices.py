"""A worksheet cut for several people: balanced, each unit once, or twice for double translation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from derive.errors import DeriveError
from derive.worksheet.rounds import Sheets

FIELDS = ("harm_type", "risk_area", "specific_harm", "level", "split")


def people_of(split_by: str) -> list[str]:
    """The people of `people=3` (1, 2, 3) or `people=Ana,Bruno`. Raises DeriveError."""
    given = split_by.removeprefix("people=").strip()
    if given.isdigit():
        names = [str(number) for number in range(1, int(given) + 1)]
    else:
        names = [name.strip() for name in given.split(",") if name.strip()]
    if not names or len(names) > 100 or len({name.casefold() for name in names}) != len(names):
        raise DeriveError(
            f"--split-by {split_by}: 1 to 100 different people are needed",
            fix="write people=3, or names: people=Ana,Bruno",
        )
    return names


Slice = tuple[str, str, Sheets]  # what it is called, whom it is for (or nobody), its units


def by_field(sheets: Sheets, value_of: Callable[[str], str]) -> list[Slice]:
    """A slice a value, for nobody in particular; value_of: item to the value it is sliced by."""
    slices: defaultdict[str, Sheets] = defaultdict(dict)
    for sheet, units in sheets.items():
        for unit in units:
            slices[value_of(unit["item"]) or "none"].setdefault(sheet, []).append(unit)
    return [(value, "", made) for value, made in sorted(slices.items())]


def by_people(
    sheets: Sheets,
    people: Sequence[str],
    *,
    double: bool,
    before: Mapping[str, Sequence[str]],
    not_for: Mapping[str, Sequence[str]],
) -> list[Slice]:
    """A slice a person. Units go round by sheet and taxonomy, so that each has a share of each.

    double: every unit goes to two people. before: key to whom it was issued: a unit goes back to
    those first. not_for: key to those who may not have it (who translated does not review).
    Raises DeriveError if somebody's unit could go to nobody else.
    """
    if double and len(people) < 2:
        raise DeriveError(
            "Double translation needs two people or more",
            fix="add --split-by people=2, or names: people=Ana,Bruno",
        )
    slices: dict[str, Sheets] = {person: {} for person in people}
    load: Counter[str] = Counter()
    share: Counter[tuple[str, str]] = Counter()
    for sheet, units in sheets.items():
        for unit in units:
            barred = {name.casefold() for name in not_for.get(unit["key"], ())}
            may = [person for person in people if person.casefold() not in barred]
            need = 2 if double else 1
            if len(may) < need:
                raise DeriveError(
                    f"Nobody is left for the unit {unit['key']}",
                    fix="name one person more: who translated a unit does not review it",
                )
            known = before.get(unit["key"], ())
            kind = f"{sheet}/{unit['taxonomy']}"

            def order(
                person: str, kind: str = kind, known: Sequence[str] = known
            ) -> tuple[bool, int, int, int]:
                return person not in known, load[person], share[person, kind], people.index(person)

            for person in sorted(may, key=order)[:need]:
                slices[person].setdefault(sheet, []).append(dict(unit))
                load[person] += 1
                share[person, kind] += 1
    return [(person, person, made) for person, made in slices.items() if made]


def value(row: Mapping[str, Any], field: str) -> str:
    """What an item is sliced by, as text."""
    return "" if row.get(field) is None else str(row[field])
