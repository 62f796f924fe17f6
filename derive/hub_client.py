"""Asking the Hub with patience: faults that pass are tried again, a few times and told."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from derive import hub_errors
from derive.errors import DeriveError

TRIES = 5
LONGEST = 300  # seconds of waiting: the Hub counts requests in windows of five minutes
TIMEOUT = 120  # seconds without a byte; the Hub's client has none of its own
T = TypeVar("T")
_log = logging.getLogger(__name__)


def ask(call: Callable[[], T], explain: Callable[[Exception], DeriveError]) -> T:
    """What the call returns. A busy or faulty Hub is asked again after as long as it says, or 1,
    2, 4 … seconds; each wait is logged as a warning.

    explain: puts what is left into words. Raises that DeriveError.
    """
    waited = 0
    for attempt in range(1, TRIES + 1):
        try:
            with _plain_client():
                return call()
        except DeriveError:
            raise
        except Exception as error:
            code = hub_errors.status(error)
            wait = hub_errors.wait(error) or 2 ** (attempt - 1)
            if code not in hub_errors.PASSING or attempt == TRIES or waited + wait > LONGEST:
                # without its cause: a server might repeat the token
                raise explain(error) from None
            _log.warning("the Hub answers %s; trying again in %s s", code, wait)
            time.sleep(wait)
            waited += wait
    raise AssertionError("the last try returns or raises")


@contextmanager
def _plain_client() -> Iterator[None]:
    """The Hub's client without progress bars, waits and log lines of its own: it would wait as
    long as a server says, and log addresses that are signed for an upload."""
    from huggingface_hub import get_session
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    disable_progress_bars()
    logger, session = logging.getLogger("huggingface_hub"), get_session()
    level, hooks, timeout = logger.level, session.event_hooks["response"], session.timeout
    logger.setLevel(logging.CRITICAL)
    hooks.append(_raise_what_passes)
    session.timeout = TIMEOUT
    try:
        with warnings.catch_warnings(record=True, action="always") as said:
            yield
    finally:
        hooks.remove(_raise_what_passes)
        logger.setLevel(level)
        session.timeout = timeout
    for one in said:
        if one.category is UserWarning:  # what the Hub remarks on a card
            _log.warning("%s", " ".join(str(one.message).split()))


def _raise_what_passes(response: Any) -> None:
    from huggingface_hub import hf_raise_for_status

    if response.status_code in hub_errors.PASSING:
        hf_raise_for_status(response)
