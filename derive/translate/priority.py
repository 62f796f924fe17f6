"""Which drafts people should look at first: one number, 0 to 1, from the score and the findings.

    1 - p(score) * product of (1 - WEIGHTS[severity]) over the findings

p(score) is exp(score), the geometric mean of the probabilities that the model gave its tokens. The
model's doubt and each finding count as independent chances that something is wrong: several small
ones add up, and none outweighs an error. tests/benchmarks/review_order.py tells how good it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp

# an error on a draft is right nearly always, a warning about as often as not, a note hints
WEIGHTS = {"error": 0.9, "warning": 0.5, "note": 0.1}
# said of the run, not of the draft
OF_THE_RUN = {"round-trip-none", "draft-other-text", "draft-via"}


def review_priority(
    text: str | None, score: float | None, findings: Iterable[Mapping[str, str]]
) -> float | None:
    """The number for a draft; None for one without a text: there is nothing to review.

    score: mean log-probability a token, None where nothing was translated. findings: each with its
    severity, as the table `drafts` holds them.
    """
    if text is None:
        return None
    right = 1.0 if score is None else exp(min(score, 0.0))
    for one in findings:
        if one.get("code") not in OF_THE_RUN:
            right *= 1 - WEIGHTS[one["severity"]]
    return round(1 - right, 6)
