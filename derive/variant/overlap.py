"""Which of many texts have much in common with which others: found by an index, not by pairs.

A form is a text's letters (derive.text.comparable). It has no word boundaries to rely on, so the
same code serves Japanese, English and Portuguese. A character of a script without blanks (Han,
kana, Hangul) says as much as two and a half letters, so n-grams that begin with one are half as
long. Nothing depends on the order of the texts, and nothing is drawn at random.
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
    if sought in text:
        return 100.0, sought
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


class Index:
    """Some forms, each filed under the rarest n-gram of every WINDOW in a row.

    That is winnowing (Schleimer et al. 2003) with rarity for the order. Texts are looked up in
    the same way, so that nine letters in common meet, and what is in a text wholly is found under
    all its n-grams. An n-gram leads to MOST forms at most, but always to those of which it is the
    rarest: time and memory stay bounded, and a form is lost only among dozens that are nearly the
    same. A filed n-gram and a form's number are one integer, so that sorting takes little memory.
    """

    def __init__(self, forms: Sequence[str]) -> None:
        self._forms = sorted(set(forms))
        self._bits = np.uint64(max(len(self._forms), CHUNK).bit_length())
        self._mask = (np.uint64(1) << self._bits) - np.uint64(1)
        self._often = np.zeros(1 << _BUCKETS, dtype=np.uint32)
        for _, some in _chunks(self._forms):
            buckets, counts = np.unique(_buckets(_n_gram_hashes(some)[0]), return_counts=True)
            self._often[buckets] += counts.astype(np.uint32)
        rarest: list[Hashes] = []
        others: list[Hashes] = []
        for first, some in _chunks(self._forms):
            hashes, form, is_rarest = self._chosen(some)
            filed = self._pack(hashes, form + first)
            rarest.append(filed[is_rarest])
            others.append(filed[~is_rarest])
        kept = np.sort(np.concatenate([np.zeros(0, np.uint64), *others]))
        grams = kept >> self._bits
        first_few = np.append(np.ones(min(MOST, grams.size), bool), grams[MOST:] != grams[:-MOST])
        self._filed = np.unique(np.concatenate([*rarest, kept[first_few]]))
        self._sizes = np.bincount((self._filed & self._mask).astype(np.int64))

    def near(self, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(the text's number, a form worth a comparison): the best BEST of each text, and all that
        are in it wholly."""
        for first, some in _chunks(texts):
            hashes, owner, _ = self._chosen(some)
            asked = np.unique(self._pack(hashes, owner))
            gram, of = asked & ~self._mask, asked & self._mask
            low = np.searchsorted(self._filed, gram)
            many = np.searchsorted(self._filed, gram | self._mask, side="right") - low
            at = np.repeat(low - np.cumsum(many) + many, many) + np.arange(many.sum())
            pairs = np.repeat(of, many) << self._bits | self._filed[at] & self._mask
            pairs, hits = np.unique(pairs, return_counts=True)
            text, form = ((pairs >> self._bits), pairs & self._mask)
            text, form = text.astype(np.int64), form.astype(np.int64)
            own = np.bincount(of.astype(np.int64), minlength=len(some))
            share = hits / np.minimum(self._sizes[form], own[text])
            good = np.flatnonzero((share >= FEWEST) | (hits >= ENOUGH))
            good = good[np.lexsort((form[good], -share[good], text[good]))]
            text, form = text[good], form[good]
            best = np.arange(text.size) - np.searchsorted(text, text) < BEST
            for one, number, good in zip(*map(np.ndarray.tolist, (text, form, best)), strict=True):
                if good or self._forms[number] in some[one]:
                    yield first + one, self._forms[number]

    def _pack(self, hashes: Hashes, numbers: Numbers) -> Hashes:
        return (hashes & ~self._mask) | numbers.astype(np.uint64)

    def _chosen(self, forms: Sequence[str]) -> tuple[Hashes, Numbers, npt.NDArray[np.bool_]]:
        """The rarest n-gram of every WINDOW in a row: hash, whose it is, whether it is the form's
        rarest of all. Of those as rare, the hash decides."""
        hashes, owner = _n_gram_hashes(forms)
        rank = self._often[_buckets(hashes)].astype(np.uint64) << np.uint64(32)
        rank |= hashes & np.uint64(0xFFFFFFFF)
        chosen = np.zeros(rank.size, dtype=bool)
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        sizes = np.diff(np.append(starts, rank.size))
        rarest = np.repeat(np.minimum.reduceat(rank, starts), sizes) if rank.size else rank
        chosen |= rank == rarest
        if windows := max(rank.size - WINDOW + 1, 0):
            lowest = np.min([rank[step : step + windows] for step in range(WINDOW)], axis=0)
            of_one = owner[:windows] == owner[WINDOW - 1 :]
            for step in range(WINDOW):
                chosen[step : step + windows] |= of_one & (rank[step : step + windows] == lowest)
        return hashes[chosen], owner[chosen], (rank == rarest)[chosen]


def _n_gram_hashes(forms: Sequence[str]) -> tuple[Hashes, Numbers]:
    """The index's n-grams of some forms: their hashes, and which form each is of."""
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
    return hashes[fits], owner[fits]


def _buckets(hashes: Hashes) -> Numbers:
    return (hashes >> np.uint64(64 - _BUCKETS)).astype(np.int64)


def _chunks(forms: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The forms in runs of about CHUNK characters, each with the number of its first."""
    first = size = 0
    for at, form in enumerate(forms):
        size += len(form) + 1
        if size >= CHUNK:
            yield first, forms[first : at + 1]
            first, size = at + 1, 0
    if first < len(forms):
        yield first, forms[first:]
