"""Matching by IDs: as they are, as spreadsheets leave them, and with a typing error."""

from __future__ import annotations

from collections.abc import Sequence

from derive.findings import finding
from derive.text import shown
from derive.variant.audit.ids import IdIndex
from derive.variant.audit.matched import Matching
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading, as_text, is_own


def by_id(
    reading: Reading,
    column: str,
    originals: Originals,
    ids: IdIndex,
    repeated: Sequence[Sequence[int]],
    found: Matching,
) -> None:
    """Match the rows whose ID tells the item, and say which IDs are changed, doubled or wrong.

    repeated: the places of the items whose own texts a row repeats; they decide against an ID.
    """
    rows = reading.part.rows
    changed: dict[int, str] = {}
    first: dict[str, int] = {}
    for row, (_, data) in enumerate(rows):
        written = as_text(data.get(column))
        meant, how = (written, "") if written in ids else ids.meant(written) or (None, "")
        if meant is None:
            if not is_own(data) and any(as_text(value).strip() for value in data.values()):
                found.unknown[row] = written
            continue
        place = originals.places[meant]
        if repeated[row] and place not in repeated[row]:
            other = originals.items[repeated[row][0]]["id"]
            message = f"{shown(written)}, but the row repeats the text of {other}"
            where = reading.where(row, column)
            found.findings.append(finding("id-wrong", message, item=other, **where))
        elif meant in first:
            _doubled(reading, row, first[meant], meant, column, found)
        else:
            first[meant] = row
            if how:
                changed[row] = how
            found.take(row, place, "changed ID" if how else "ID")
    _typed_wrong(originals, ids, repeated, changed, found)
    for row, how in changed.items():
        item = originals.items[found.places[row] or 0]["id"]
        message = f"{shown(as_text(rows[row][1].get(column)))} for {shown(item)}: {how}"
        found.findings.append(
            finding("id-changed", message, item=item, **reading.where(row, column))
        )


def _doubled(
    reading: Reading, row: int, first: int, item: str, column: str, found: Matching
) -> None:
    (number, cells), again = reading.part.rows[first], reading.part.rows[row][1]
    whole = ", with the same cells" if cells == again else ""
    message = f"row {number} has the ID already{whole}"
    found.doubled.add(row)
    found.findings.append(finding("id-doubled", message, item=item, **reading.where(row, column)))


def _typed_wrong(
    originals: Originals,
    ids: IdIndex,
    repeated: Sequence[Sequence[int]],
    changed: dict[int, str],
    found: Matching,
) -> None:
    """Match IDs of no item that are a typing error away from one item's that no row has."""
    taken = found.taken()
    free = {one for one, place in originals.places.items() if place not in taken}
    for row, written in list(found.unknown.items()):
        meant = ids.near(written, free) if written.strip() and free else None
        if meant is None:
            continue
        place = originals.places[meant]
        before, after = (
            found.places[at] if 0 <= at < len(found.places) else None for at in (row - 1, row + 1)
        )
        beside = before == place - 1 or after == place + 1
        # among numbers that only count, a neighbour or the text must confirm it
        if place in repeated[row] or beside or not (ids.plain_numbers or repeated[row]):
            changed[row] = "it was typed wrong"
            found.take(row, place, "changed ID")
            free.discard(meant)
            del found.unknown[row]
