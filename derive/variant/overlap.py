"""Which of many texts are inside which others, wholly or nearly: found by an index, not by pairs.

Everything here works on comparable forms (derive.text.comparable), which have no word boundaries
to rely on, so that the same code serves Japanese, English and Portuguese. A form is seen as its
overlapping character n-grams. A character of a script without blanks (Han, kana, Hangul) says as
much as two and a half letters, so n-grams that begin with one are half as long.

- `Whole`: each form is filed under its rarest n-gram; where a text has that, the form is looked
  for in it. Finds every form that a text holds.
- `Parts`: each form is filed under the rarest n-gram of every WINDOW in a row (winnowing,
  Schleimer et al. 2003, with rarity for the order), and so is each text, so that nine letters in
  common meet. What shares enough of them is worth a comparison by `likeness`. An n-gram leads to
  MOST forms at most, and a text is compared with BEST forms at most: that bounds time and memory,
  and only among dozens of forms that are nearly the same can a near copy be missed.

Nothing depends on the order of the texts, and nothing is drawn at random.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

# Han, kana, bopomofo, Hangul
_RANGES = (
    *((0x1100, 0x11FF), (0x3040, 0x31FF), (0x3400, 0x9FFF), (0xAC00, 0xD7FF)),
    *((0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)
_WIDE = "".join(f"{chr(low)}-{chr(high)}" for low, high in _RANGES)
_WIDE_ONE = re.compile(f"[{_WIDE}]")
_GRAM = re.compile(f"(?=([{_WIDE}].|[^{_WIDE}].{{3}}))")  # see _n_grams

SHORT, LONG = 3, 6  # the index's n-grams, of wide characters and of others
WINDOW = 4
MOST = 32
BEST = 8
FEWEST = 0.25  # share of the n-grams filed that makes a form worth a comparison …
ENOUGH = 10  # … or so many of them
FEW = 16  # n-grams of `likeness`: a run of more is looked at, however little of the form it is
CHUNK = 1 << 18  # characters at a time
BLOCK = 1 << 22  # pairs at a time
_BUCKETS = 24  # bits of a hash by which rarity is counted
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio (Knuth's multiplicative hashing)


def weight(form: str) -> float:
    """How much a form says, in letters: a wide character counts as 2.5."""
    return len(form) if form.isascii() else len(form) + 1.5 * len(_WIDE_ONE.findall(form))


def likeness(sought: str, text: str, least: float = 0.0) -> tuple[float, str]:
    """How much of one form stands in another: the share of its n-grams, 0 to 100, that are found
    within 5/4 of its length, and the longest run of characters that both have (or one as long).

    0 and no run where the share is below `least` at a glance and no run is of FEW n-grams.
    """
    grams, of_text = set(_n_grams(sought)), _n_grams(text)
    common = len(grams.intersection(of_text))
    if common < FEW and 100 * common < least * len(grams):
        return 0.0, ""
    size = len(sought) * 5 // 4
    inside: Counter[str] = Counter()
    best = distinct = 0
    for at, gram in enumerate(of_text):
        if gram in grams:
            inside[gram] += 1
            distinct += inside[gram] == 1
            best = max(best, distinct)
        if at >= size and (gone := of_text[at - size]) in grams:
            inside[gone] -= 1
            distinct -= inside[gone] == 0
    return 100 * best / max(len(grams), 1), _longest_run(sought, text)


def _n_grams(form: str) -> list[str]:
    """The n-grams that likeness counts: four letters, or two characters of which one is wide."""
    if form.isascii():
        return [form[at : at + 4] for at in range(len(form) - 3)]
    return _GRAM.findall(form)


def _longest_run(sought: str, text: str) -> str:
    longest, at = "", 0
    for end in range(1, len(text) + 1):  # a window that never gets shorter
        if text[at:end] in sought:
            longest = text[at:end]
        else:
            at += 1
    return longest


class _Grams:
    """The index's n-grams of some forms: their hashes, and which form each is of."""

    def __init__(self, forms: Sequence[str]) -> None:
        lengths = np.array([len(form) for form in forms], dtype=np.int64)
        codes = np.frombuffer("".join(forms).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        owner = np.repeat(np.arange(len(forms)), lengths)
        left = np.cumsum(lengths)[owner] - np.arange(codes.size)
        wide = np.zeros(codes.size, dtype=bool)
        for low, high in _RANGES:
            wide |= (codes >= low) & (codes <= high)
        padded = np.concatenate([codes, np.zeros(LONG, dtype=np.uint32)]).astype(np.uint64)
        hashes: Hashes = np.zeros(codes.size, dtype=np.uint64)
        for step in range(LONG):
            following = (hashes ^ padded[step : step + codes.size]) * _FACTOR
            following ^= following >> np.uint64(31)
            np.copyto(hashes, following, where=~wide if step >= SHORT else True)
        fits = left >= np.where(wide, SHORT, LONG)
        self.hashes, self.owner = hashes[fits], owner[fits]


def _chunks(forms: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The forms in runs of about CHUNK characters, each with the number of its first."""
    first = size = 0
    for at, form in enumerate(forms):
        size += len(form)
        if size >= CHUNK:
            yield first, forms[first : at + 1]
            first, size = at + 1, 0
    if first < len(forms):
        yield first, forms[first:]


class _Rarity:
    """How often each n-gram is in some forms, or a little more: some share a bucket."""

    def __init__(self, forms: Sequence[str]) -> None:
        self._counts = np.zeros(1 << _BUCKETS, dtype=np.uint32)
        for _, some in _chunks(forms):
            buckets, counts = np.unique(self._buckets(_Grams(some).hashes), return_counts=True)
            self._counts[buckets] += counts.astype(np.uint32)

    @staticmethod
    def _buckets(hashes: Hashes) -> Numbers:
        return (hashes >> np.uint64(64 - _BUCKETS)).astype(np.int64)

    def rank(self, hashes: Hashes) -> Hashes:
        """Smaller for the rarer; the hash decides between n-grams that are as rare."""
        often = self._counts[self._buckets(hashes)].astype(np.uint64)
        return (often << np.uint64(32)) | (hashes & np.uint64(0xFFFFFFFF))


class _Postings:
    """From an n-gram's hash to the numbers that are filed under it, in order.

    A hash and a number are one integer, so that sorting them takes little memory.
    """

    def __init__(
        self, hashes: list[Hashes], numbers: list[Numbers], size: int, most: int | None = None
    ) -> None:
        """size: more than any number. most: so many numbers are kept of an n-gram."""
        self._shift = size.bit_length() + 1
        self._bits = np.uint64(self._shift)
        filed: Hashes = np.zeros(0, dtype=np.uint64)
        for some, of in zip(hashes, numbers, strict=True):
            some[:] = some >> self._bits << self._bits | of.astype(np.uint64)
        if hashes:
            filed = np.unique(np.concatenate(hashes))
        keys = filed >> self._bits
        if most is not None:
            filed = filed[np.arange(keys.size) - np.searchsorted(keys, keys) < most]
            keys = filed >> self._bits
        first = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
        self._keys = np.append(keys[first], ~np.uint64(0))  # a hash without its last bits is less
        self._first: Numbers = np.append(first, keys.size)
        self.numbers = (filed ^ (keys << self._bits)).astype(np.int64)

    def shared(self, grams: _Grams) -> tuple[Numbers, Numbers, Numbers]:
        """Which form of `grams` has n-grams with which number, and how many; in order."""
        hashes = grams.hashes >> self._bits
        at = np.searchsorted(self._keys, hashes)
        which = np.flatnonzero(self._keys[at] == hashes)
        first = self._first[at[which]]
        sizes, owner = self._first[at[which] + 1] - first, grams.owner[which] << self._shift
        found, counts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        block = np.cumsum(sizes) // BLOCK
        for part in np.split(np.arange(which.size), np.flatnonzero(np.diff(block)) + 1):
            many = sizes[part]
            steps = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            numbers = self.numbers[np.repeat(first[part], many) + steps]
            pairs, hits = np.unique(np.repeat(owner[part], many) | numbers, return_counts=True)
            found.append(pairs)
            counts.append(hits)
        pairs, at = np.unique(np.concatenate(found), return_inverse=True)
        hits = np.bincount(at, np.concatenate(counts), pairs.size)
        return pairs >> self._shift, pairs & ((1 << self._shift) - 1), hits


class Whole:
    """Finds which of some forms a text holds. A form without an n-gram is never found."""

    def __init__(self, forms: Sequence[str]) -> None:
        self._forms = sorted(set(forms))
        rarity = _Rarity(self._forms)
        hashes, numbers = [], []
        for first, some in _chunks(self._forms):
            grams = _Grams(some)
            rank = rarity.rank(grams.hashes)
            starts = np.flatnonzero(np.diff(grams.owner, prepend=-1))
            sizes = np.diff(np.append(starts, rank.size))
            rarest = rank == np.repeat(np.minimum.reduceat(rank, starts), sizes)
            hashes.append(grams.hashes[rarest])
            numbers.append(grams.owner[rarest] + first)
        self._postings = _Postings(hashes, numbers, len(self._forms))

    def inside(self, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(the text's number, a form that it holds), each pair once."""
        for first, some in _chunks(texts):
            text_of, number, _ = self._postings.shared(_Grams(some))
            for text, one in zip(text_of.tolist(), number.tolist(), strict=True):
                if self._forms[one] in some[text]:
                    yield first + text, self._forms[one]


class Parts:
    """Finds the forms that a text may have much in common with."""

    def __init__(self, forms: Sequence[str]) -> None:
        self._forms = sorted(set(forms))
        self._rarity = _Rarity(self._forms)
        hashes, numbers = [], []
        for first, some in _chunks(self._forms):
            chosen = self._chosen(some)
            hashes.append(chosen.hashes)
            numbers.append(chosen.owner + first)
        self._postings = _Postings(hashes, numbers, len(self._forms), MOST)
        self._filed = np.bincount(self._postings.numbers, minlength=len(self._forms))

    def _chosen(self, forms: Sequence[str]) -> _Grams:
        """The rarest n-gram of every WINDOW in a row of one form."""
        grams = _Grams(forms)
        rank, owner = self._rarity.rank(grams.hashes), grams.owner
        chosen = np.zeros(rank.size, dtype=bool)
        if windows := max(rank.size - WINDOW + 1, 0):
            lowest = np.min([rank[step : step + windows] for step in range(WINDOW)], axis=0)
            of_one = owner[:windows] == owner[WINDOW - 1 :]
            for step in range(WINDOW):
                chosen[step : step + windows] |= of_one & (rank[step : step + windows] == lowest)
        grams.hashes, grams.owner = grams.hashes[chosen], owner[chosen]
        return grams

    def near(self, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(the text's number, a form worth a comparison); the best BEST of each text."""
        for first, some in _chunks(texts):
            chosen = self._chosen(some)
            own = np.bincount(chosen.owner, minlength=len(some))
            text, form, hits = self._postings.shared(chosen)
            share = hits / np.minimum(self._filed[form], own[text])
            good = np.flatnonzero((share >= FEWEST) | (hits >= ENOUGH))
            good = good[np.lexsort((form[good], -share[good], text[good]))]
            text, form = text[good], form[good]
            best = np.arange(text.size) - np.searchsorted(text, text) < BEST
            for at, one in zip(text[best].tolist(), form[best].tolist(), strict=True):
                yield first + at, self._forms[one]
