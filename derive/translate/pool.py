"""Batches handed to a translator's workers: enough wait in line, and too large ones are halved."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from derive.translate.engine import Tokens

Batch = Sequence[Tokens]
_Begun = list[tuple[Batch, Sequence[Any]]]


def out_of_memory(error: Exception) -> bool:
    """Whether CTranslate2 says that memory ran out.

    Its words: `CUDA failed with error out of memory`, cuBLAS's status, `std::bad_alloc`, which
    comes as a MemoryError.
    """
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(
        words in said for words in ("out of memory", "alloc_failed", "bad_alloc")
    )


class Pool:
    """Runs batches on the workers behind `submit`, which begins one and returns a handle with
    `result()` for each of its sentences. waiting: how many batches are begun ahead of the results.

    A batch that memory is too small for is halved until it fits, and so are those after it. Scores
    may differ in their last digits then; nothing is lost.
    """

    def __init__(self, submit: Callable[[Batch], Sequence[Any]], waiting: int) -> None:
        self._submit = submit
        self._waiting = waiting
        self.most: int | None = None  # tokens that fit, padding counted, once some did not

    def run(self, batches: Iterable[Batch]) -> Iterator[list[Any]]:
        """The results of each batch, in order. Raises what `submit` or a handle raises, for lack
        of memory only if it is too small for one sentence."""
        begun: deque[_Begun] = deque()
        for batch in batches:
            begun.append(self._begin(batch))
            if len(begun) > self._waiting:
                yield list(self._results(begun.popleft()))
        while begun:
            yield list(self._results(begun.popleft()))

    def _begin(self, batch: Batch) -> _Begun:
        return [(piece, self._submit(piece)) for piece in self._pieces(batch)]

    def _pieces(self, batch: Batch) -> Iterator[Batch]:
        start = 0
        for end in range(1, len(batch) + 1):
            if end == len(batch) or (self.most and size(batch[start : end + 1]) > self.most):
                yield batch[start:end]
                start = end

    def _results(self, begun: _Begun) -> Iterator[Any]:
        for piece, handles in begun:
            try:
                done = [handle.result() for handle in handles]
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error) or len(piece) == 1:
                    raise
                half = size(piece) // 2
                self.most = min(half, self.most or half)
                done = list(self._results(self._begin(piece)))
            yield from done


def size(batch: Batch) -> int:
    """The tokens of a batch, padding counted."""
    return len(batch) * max(map(len, batch))
