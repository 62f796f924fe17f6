"""Which item of the release each row of a part is derived from.

Told in this order: by the ID, also as a spreadsheet or a typing error left it (by_id.py); by the
original's own text, where the part repeats it; by the place between two neighbours that are known;
and, where there are neither IDs nor originals, by the order of the rows (order.py).
"""

from __future__ import annotations

from derive.findings import Finding, finding
from derive.text import TEXT_FIELDS, comparable, shown
from derive.variant.audit.by_id import by_id
from derive.variant.audit.ids import IdIndex
from derive.variant.audit.matched import Matching
from derive.variant.audit.order import apart, by_order
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading

ALIKE = 90.0  # rapidfuzz ratio from which an edited text of the original is believed
LIKE_ID = 50.0  # and an ID beside the one that its row's neighbours tell
SHORTEST = 15  # comparable characters; shorter texts are alike by chance


def match(reading: Reading, originals: Originals, ids: IdIndex) -> Matching:
    """Match a part's rows; the findings are those on IDs."""
    size = len(reading.part.rows)
    found = Matching([None] * size, [""] * size)
    repeated = [_repeated(reading, row, originals) for row in range(size)]
    column = reading.column("id")
    if column:
        by_id(reading, column, originals, ids, repeated, found)
    else:
        message = "no column holds the release's IDs"
        found.findings.append(finding("id-lost", message, **reading.where()))
    _by_text(reading, originals, repeated, found)
    if found.taken():
        _by_neighbours(originals, found)
    elif not column:
        found.places, how = by_order(reading, originals)
        found.how = [how if place is not None else "" for place in found.places]
    if column and not any(repeated) and (together := apart(reading, found, originals)) is not None:
        message = f"texts and items are not of like lengths (r = {together:.2f})"
        found.findings.append(finding("id-wrong", message, **reading.where(None, column)))
        found.how = ["doubtful ID" if how else "" for how in found.how]
    for row in sorted(found.unknown):
        found.findings.append(_unknown(reading, row, originals, found))
    return found


def _unknown(reading: Reading, row: int, originals: Originals, found: Matching) -> Finding:
    place, written = found.places[row], found.unknown[row]
    item = None if place is None else originals.items[place]["id"]
    code, said = ("id-unknown", f"{shown(written)} is the ID of no item")
    if not written.strip():
        code, said = ("id-empty", "the row has no ID")
    meant = f"; by its {found.how[row]} it is {item}" if item else ""
    return finding(code, said + meant, item=item, **reading.where(row, reading.column("id")))


def _repeated(reading: Reading, row: int, originals: Originals) -> list[int]:
    """The places of the items whose own texts the row repeats."""
    found: set[int] = set()
    for name in TEXT_FIELDS:
        form = comparable(reading.cell(row, f"original {name}"))
        places = set(originals.texts[name].get(form, ())) if form else set()
        found = found & places or found or places
    return sorted(found)


def _by_text(
    reading: Reading, originals: Originals, repeated: list[list[int]], found: Matching
) -> None:
    """Match rows without an ID by the texts of the original that they repeat, edited or not."""
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    taken = found.taken()
    waiting = [row for row, place in enumerate(found.places) if place is None]
    for row in waiting:
        free = [place for place in repeated[row] if place not in taken]
        if free:
            found.take(row, free[0], "text")
            taken.add(free[0])
    for name in TEXT_FIELDS:
        cells = {
            row: form
            for row in waiting
            if found.places[row] is None
            and row not in found.doubled
            and len(form := comparable(reading.cell(row, f"original {name}"))) >= SHORTEST
        }
        if not cells:
            continue
        forms = {
            place: form
            for form, places in originals.texts[name].items()
            for place in places
            if place not in taken
        }
        for row, form in cells.items():
            best = process.extractOne(form, forms, scorer=ratio, score_cutoff=ALIKE)
            if best:
                found.take(row, best[2], "similar text")
                taken.add(best[2])
                del forms[best[2]]


def _by_neighbours(originals: Originals, found: Matching) -> None:
    """Match runs of unmatched rows that fill a gap between two neighbours in the release."""
    from rapidfuzz.fuzz import ratio

    taken, size = found.taken(), len(found.places)
    row = 0
    while row < size:
        end = row
        while end < size and found.places[end] is None:
            end += 1
        before = found.places[row - 1] if row else -1
        after = found.places[end] if end < size else len(originals.items)
        gap = range(before + 1, after) if before is not None and after is not None else range(0)
        # a row with an ID of its own may well be an item of its own
        likely = all(
            not found.unknown.get(one, "").strip()
            or ratio(found.unknown[one], originals.items[place]["id"]) >= LIKE_ID
            for one, place in zip(range(row, end), gap, strict=False)
        )
        if end > row and len(gap) == end - row and likely and not taken & set(gap):
            for one, place in zip(range(row, end), gap, strict=True):
                found.take(one, place, "neighbours")
        row = end + 1
