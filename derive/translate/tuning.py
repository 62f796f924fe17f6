"""What is fastest on this machine: measured once, and remembered beside the models.

Threads are free to differ between machines: the outputs do not depend on them. They do depend on
the size of batches, in the last digits of a score, so on a CPU that is fixed for every machine
(ct2.py), and the same release gives the same drafts everywhere. On a GPU it is measured: how large
a batch fits and pays is what GPUs differ in most, and their scores differ anyway.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from derive.errors import DeriveError
from derive.files import hash_json, write_text

CLEARLY = 1.05  # how much faster another choice must be than the usual one
CUDA_SIZES = (4096, 8192, 16384, 32768, 65536, 131072)  # tokens a batch, padding counted
GROWTH = 1.1  # how much faster a batch of twice the size must be


def cores() -> int:
    """The cores this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_choices(number: int) -> list[tuple[int, int]]:
    """Ways to use all cores: (workers, threads of each), from (8, 1) to (1, 8) for eight."""
    return [(number // each, each) for each in range(1, number + 1) if number % each == 0]


def fastest(
    choices: Sequence[tuple[int, int]], seconds: Callable[[tuple[int, int]], float]
) -> tuple[int, int]:
    """The choice that takes the fewest seconds; the first, unless one is clearly faster."""
    took = {choice: seconds(choice) for choice in choices}
    best = min(choices, key=took.__getitem__)
    return best if took[choices[0]] > CLEARLY * took[best] else choices[0]


def largest(sizes: Sequence[int], rate: Callable[[int], float]) -> int:
    """The size of batch to grow to: the last that is worth it, and that memory allows.

    rate: tokens a second at a size, 0 if memory is too small for it.
    """
    best, speed = sizes[0], rate(sizes[0])
    for size in sizes[1:]:
        reached = rate(size)
        if reached < GROWTH * speed:
            break
        best, speed = size, reached
    return best


def remembered(key: Mapping[str, Any], measure: Callable[[], Any]) -> Any:
    """What was measured for this key, now or before. key: all that the result depends on.

    A file that cannot be read or written costs a new measurement, nothing else.
    """
    from derive.translate.store import home

    file = home() / "measured.json"
    name = hash_json(dict(key))
    known = _read(file).get(name)
    if isinstance(known, dict) and "result" in known:
        return known["result"]
    result = measure()
    entries = {**_read(file), name: {"of": dict(key), "result": result}}
    with suppress(DeriveError):
        write_text(file, json.dumps(entries, indent=1, sort_keys=True) + "\n")
    return result


def _read(file: Any) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        entries = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(entries, dict):
            return entries
    return {}
