"""What shows only beside the other drafts of a run: 40 bytes a draft are kept for it.

The same draft for several sources; a score far below those of drafts of like length; a length far
from what is usual in this run, which needs no figures of the pair of languages. Far is told by the
median and the median absolute deviation, which a few bad drafts do not move.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import exp
from typing import Any

import polars as pl

from derive import tables
from derive.compare import size
from derive.findings import Finding, finding
from derive.translate.forms import form_hash
from derive.translate.lengths import LONGER, LONGEST, SHORTER, USUAL
from derive.translate.priority import review_priority
from derive.translate.texts import Translated
from derive.words import read

SHORTEST = 8  # letters and digits from which two equal drafts are worth a word
ENOUGH = 30  # drafts of which the median tells what is usual
BELOW = 2.5  # spreads from which a score is far below
SPREAD = 0.02  # of scores, at least: where nearly all are alike, a little less is no sign
LENGTH_SPREAD = 0.12  # of the logarithm of the length at USUAL characters, at least


class Peers:
    """The drafts of a run, by hashes of source and draft, score and lengths, in their order."""

    def __init__(self) -> None:
        self._sources = array("Q")
        self._drafts = array("Q")
        self._scores = array("d")
        self._lengths = array("d")
        self._source_lengths = array("d")

    def reserve(self, rows: int) -> int:
        """The run's next rows, without drafts so far; returns the number of the first."""
        first = len(self._drafts)
        for column in vars(self).values():
            column.frombytes(bytes(rows * column.itemsize))
        return first

    def put(self, row: int, source: str, made: Translated) -> None:
        """The draft of a row. A score of None compares with no other."""
        form = read(made.text).form
        self._sources[row] = form_hash(read(source).form)
        self._drafts[row] = form_hash(form) if len(form) >= SHORTEST else 0
        self._scores[row] = 0.0 if made.score is None else made.score
        self._lengths[row] = size(made.text)
        self._source_lengths[row] = size(source)

    def findings(self) -> dict[int, list[Finding]]:
        """Row of the run to the findings on it."""
        found: defaultdict[int, list[Finding]] = defaultdict(list)
        for rows in self._alike():
            message = f"the same draft as for {len(rows) - 1} other text(s)"
            for row in rows:
                found[row].append(finding("draft-shared", message))
        for row, message in self._doubtful():
            found[row].append(finding("draft-score", message))
        for row, message in self._odd_lengths():
            found[row].append(finding("draft-length", message))
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

    def _doubtful(self) -> Iterator[tuple[int, str]]:
        """The rows with a score far below those of drafts of half to twice their length."""
        import numpy as np

        scores, lengths = np.array(self._scores), np.array(self._lengths)
        scored = np.flatnonzero((scores < 0) & (lengths > 0))
        bins = np.log2(np.maximum(lengths[scored], 1)).round()
        for one in np.unique(bins):
            rows = scored[bins == one]
            if len(rows) < ENOUGH:
                rows = scored[abs(bins - one) <= 1]
            if len(rows) < ENOUGH:
                continue
            usual, spread = _middle(scores[rows])
            for row in scored[bins == one]:
                if scores[row] < usual - BELOW * max(spread, SPREAD):
                    message = f"{scores[row]:.2f} a token, {usual:.2f} usual for its length"
                    yield int(row), message

    def _odd_lengths(self) -> Iterator[tuple[int, str]]:
        """The rows of a length that is unusual in this run beside that of the source."""
        import numpy as np

        here, there = np.array(self._source_lengths), np.array(self._lengths)
        rows = np.flatnonzero((there > 0) & (here > 0))
        if len(rows) < ENOUGH:
            return
        shares = np.log(there[rows] / here[rows])
        usual = float(np.median(shares))
        # as in lengths.Proportion: a short text varies more
        far = (shares - usual) * np.sqrt(np.minimum(here[rows], LONGEST) / USUAL)
        far /= max(_middle(far)[1], LENGTH_SPREAD)
        for at in np.flatnonzero((far < -SHORTER) | (far > LONGER)):
            share = exp(float(shares[at]) - usual)
            yield int(rows[at]), f"{share:.0%} of the length that is usual in this run"


def _middle(values: Any) -> tuple[float, float]:
    """The median and, comparable to a standard deviation, the median absolute deviation."""
    import numpy as np

    usual = float(np.median(values))
    return usual, 1.4826 * float(np.median(abs(values - usual)))


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
                more(rows[row], found)
            table = tables.frame(rows, tables.DRAFTS)
        yield table
        start = end


def more(row: dict[str, Any], found: Iterable[Finding]) -> None:
    """Add findings, of codes not told yet, to a row of the table `drafts`; its priority follows."""
    said = {one["code"] for one in row["findings"]}
    row["findings"] = row["findings"] + [short(one) for one in found if one.code not in said]
    row["review_priority"] = review_priority(row["text"], row["score"], row["findings"])


def short(one: Finding) -> dict[str, str]:
    """A finding as the table `drafts` holds it."""
    return {"code": one.code, "severity": one.severity, "message": one.message}
