"""From a text's language to the target: by one model, or by two where none does the pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from derive import __version__
from derive.files import hash_json
from derive.findings import Finding, finding
from derive.text import shown
from derive.translate.engine import Engine
from derive.translate.quality import DraftChecks
from derive.translate.texts import Translated

SHOWN = 300  # characters of the text in the middle that people see


class Hop(NamedTuple):
    """One model's part of the way, from one language into another (BCP-47)."""

    engine: Engine
    source: str
    target: str


class Carried(NamedTuple):
    """A translation, the text in the middle if there was one, and the findings on that."""

    made: Translated
    via: str | None
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Chain:
    """One hop, or two: the way of all texts of one language."""

    hops: tuple[Hop, ...]

    @property
    def model(self) -> str:
        """What the drafts are made by: `A 1`, or `A 1 + B 2 via en`."""
        names = " + ".join(hop.engine.name for hop in self.hops)
        return f"{names} via {self.hops[0].target}" if self.hops[1:] else names

    @property
    def signature(self) -> Mapping[str, Any]:
        """All of the engines and of the way that can change a draft."""
        hops = [{**hop.engine.signature, "source": hop.source} for hop in self.hops]
        return {"derive": __version__, "hops": hops}


def signature_hash(signature: Mapping[str, Any]) -> str:
    """A run's signature in twelve characters, for the rows of the table `drafts`."""
    return hash_json(dict(signature))[:12]


def carry(
    texts: Sequence[str],
    chain: Chain,
    translate: Callable[[Sequence[str], Hop], Iterator[tuple[int, Translated]]],
) -> Iterator[tuple[int, Carried]]:
    """The texts over all hops: (position, what came out), as they get done.

    Whole texts go over each hop, so that what is protected is protected on both, and a sentence
    is known again on either. What is wrong with a text in the middle is found there: where a draft
    is smooth and the middle was cut, nothing else would tell. Its score is the sum of the hops'.
    """
    *before, last = chain.hops
    if not before:
        for at, made in translate(texts, last):
            yield at, Carried(made, None, ())
        return
    [first] = before
    middle = dict(translate(texts, first))
    checks = DraftChecks.of(first.source, first.target)
    for at, made in translate([middle[at].text for at in range(len(texts))], last):
        scores = [one.score for one in (middle[at], made) if one.score is not None]
        total = round(sum(scores), 6) if scores else None
        found = [
            replace(one, message=f"in {first.target}, on the way: {one.message}")
            for one in checks(texts[at], middle[at])
        ]
        way = finding("draft-via", f"by way of {first.target}: {shown(middle[at].text, SHOWN)}")
        yield at, Carried(replace(made, score=total), middle[at].text, [*found, way])
