"""Texts of the release in a derivation, against its terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from derive.findings import Finding, finding
from derive.variant.audit.columns import is_text
from derive.variant.audit.meanings import describe
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading, as_text
from derive.variant.terms import leaks


def republished(
    readings: Sequence[Reading],
    originals: Originals,
    told: set[tuple[str | None, int | None, str | None]],
) -> Iterator[Finding]:
    """Texts of the release in any column of a derivation, against its terms.

    A column that repeats the release is one finding, a single text another each.
    told: (file, row, column) of texts that are known to be the item's own, left out here.
    """
    by_place = {  # a column may be in several parts: beside a column a language
        (reading.part.file, number, column): (reading, row, column, text)
        for reading in readings
        for column in _text_columns(reading)
        for row, (number, data) in enumerate(reading.part.rows)
        if (text := as_text(data.get(column))).strip()
    }
    cells = list(by_place.values())
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, (reading, _, _, text) in enumerate(cells):
        rows[reading.locale].append(
            {"id": str(number), "prompt": text, "response": None, "locale": reading.locale}
        )
    whole: Counter[tuple[str, str, str]] = Counter()
    terms, languages = originals.profile.terms, originals.profile.languages()
    for found in chain(
        *(leaks(some, originals.table, terms, languages=languages) for some in rows.values())
    ):
        reading, row, column, _ = cells[int(found.item or 0)]
        where = reading.where(row, column)
        role = reading.roles.get(column, "")
        if role.startswith("original"):
            whole[reading.part.file, column, describe(role, reading, originals)] += 1
        elif (where["file"], where["row"], column) not in told:
            yield replace(found, item=None, **where)
    for (file, column, what), count in whole.items():
        many = sum(cell[2] == column and cell[0].part.file == file for cell in cells)
        message = f"the column holds {what} in {count} of {many} rows"
        yield finding("source-in-variant", message, file=file, field=column)


def _text_columns(reading: Reading) -> Iterator[str]:
    for column in reading.part.columns:
        role = reading.roles.get(column, "")
        texts = role or reading.part.texts(column)
        if role.startswith(("original", "translation")) or (not role and is_text(list(texts))):
            yield column
