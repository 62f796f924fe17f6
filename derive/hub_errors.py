"""What the Hub answers when something is wrong, in words that say what to do.

For reading and for publishing. The token itself is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.errors import DeriveError

TOKEN = "make a token at https://huggingface.co/settings/tokens and set it as HF_TOKEN"
PASSING = (429, 500, 502, 503, 504)  # a later try may get through


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it came from."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__


def status(error: BaseException) -> int | None:
    """The HTTP status that an exception is about; None if there was no answer."""
    for one in chain(error):
        code = getattr(getattr(one, "response", None), "status_code", None)
        if code is not None:
            return int(code)
    return None


def wait(error: BaseException) -> int | None:
    """The seconds that the Hub asks to wait: Retry-After, or the time left of a RateLimit window
    (draft-ietf-httpapi-ratelimit-headers, which the Hub follows). None if it does not say."""
    for one in chain(error):
        headers = getattr(getattr(one, "response", None), "headers", {})
        limit = re.search(r";\s*r=0\s*;\s*t=(\d+)", headers.get("ratelimit", ""))
        asked = limit[1] if limit else headers.get("retry-after", "").strip()
        if asked.isdigit():
            return int(asked)
    return None


def explain(error: BaseException, repo: str) -> DeriveError:
    """What any of the Hub's clients may run into, reading or writing a repository."""
    from huggingface_hub import errors

    code = status(error)
    kinds = {kind.__name__ for one in chain(error) for kind in type(one).__mro__}
    if any(isinstance(one, errors.OfflineModeIsEnabled) for one in chain(error)):
        return DeriveError(
            "The Hub is switched off (HF_HUB_OFFLINE)", where=repo, fix="unset HF_HUB_OFFLINE"
        )
    if code == 401:
        return DeriveError("The Hub knows no such token", where=repo, fix=TOKEN)
    if code == 429:
        asked = wait(error)
        after = f"{asked} seconds" if asked else "some minutes"
        return DeriveError(
            "The Hub has had too many requests (429)",
            where=repo,
            fix=f"run the same command again in {after}",
        )
    if code and code >= 500:
        return DeriveError(
            f"The Hub has a fault of its own ({code})",
            where=repo,
            fix="run the same command again later; see https://status.huggingface.co",
        )
    if code:
        return DeriveError(
            f"The Hub refused ({code}): {words(error)}",
            where=repo,
            fix=f"see https://huggingface.co/datasets/{repo}",
        )
    if kinds & {"ConnectError", "ConnectTimeout", "ConnectionError", "MaxRetryError"}:
        return DeriveError(
            "The Hub cannot be reached",
            where=repo,
            fix="check the network (and HF_ENDPOINT, if set)",
        )
    if kinds & {"TransportError", "ProtocolError", "TimeoutError"}:
        return DeriveError(
            "The connection to the Hub was lost half-way",
            where=repo,
            fix="run the same command again: it goes on from there",
        )
    return DeriveError(
        f"The Hub's client failed: {words(error)}", where=repo, fix="run the same command again"
    )


def words(error: BaseException) -> str:
    """What the Hub or its client says, on one line and without the token."""
    from huggingface_hub import get_token

    said = next((one.server_message for one in chain(error) if hasattr(one, "server_message")), "")
    line = " ".join((said or str(error)).split())
    token = get_token()
    return line.replace(token, "…") if token else line
