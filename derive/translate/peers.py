"""What shows only beside the other drafts of a run: 28 bytes a draft are kept for it."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from derive import tables
from derive.findings import Finding, finding
from derive.text import comparable
from derive.translate.forms import form_hash
from derive.translate.texts import Translated


class Peers:
    """The drafts of a run, by hashes of source and draft, score and length, in their order."""

    def __init__(self) -> None:
        self._sources = array("Q")
        self._drafts = array("Q")
        self._scores = array("d")
        self._lengths = array("L")

    def add(self, source: str, made: Translated | None) -> None:
        """The next row of the run; None for one without a draft."""
        self._sources.append(form_hash(comparable(source)) if made else 0)
        self._drafts.append(form_hash(comparable(made.text)) if made else 0)
        self._scores.append(made.score if made and made.score is not None else 0.0)
        self._lengths.append(len(made.text) if made else 0)

    def findings(self) -> dict[int, list[Finding]]:
        """Row of the run to the findings on it."""
        found: defaultdict[int, list[Finding]] = defaultdict(list)
        for rows in self._alike():
            message = f"the same draft as for {len(rows) - 1} other text(s)"
            for row in rows:
                found[row].append(finding("draft-shared", message))
        return dict(found)

    def _alike(self) -> Iterator[list[int]]:
        """The rows of each draft that more than one source got."""
        import numpy as np

        drafts = np.array(self._drafts)
        hashes, counts = np.unique(drafts, return_counts=True)
        often = hashes[(counts > 1) & (hashes != 0)]  # few, so that memory stays small
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for row in np.flatnonzero(np.isin(drafts, often)).tolist():
            groups[self._drafts[row]].append(row)
        for rows in groups.values():
            if len({self._sources[row] for row in rows}) > 1:
                yield rows


def remarked(
    slices: Iterable[pl.DataFrame], remarks: Mapping[int, list[Finding]]
) -> Iterator[pl.DataFrame]:
    """The slices of the table `drafts` with more findings. remarks: by row of the whole table."""
    start = 0
    for table in slices:
        end = start + table.height
        told = {row - start: remarks[row] for row in range(start, end) if row in remarks}
        if told:
            rows = table.to_dicts()
            for row, found in told.items():
                rows[row]["findings"] += map(short, found)
            table = tables.frame(rows, tables.DRAFTS)
        yield table
        start = end


def short(one: Finding) -> dict[str, str]:
    """A finding as the table `drafts` holds it."""
    return {"code": one.code, "severity": one.severity, "message": one.message}
