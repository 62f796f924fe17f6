"""Many sentences through an engine: each once, in batches of like length, known ones for free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.progress import Report
from derive.translate.cache import Cache
from derive.translate.engine import Engine, Output, Tokens

Encoded = list[tuple[str, Tokens]]  # sentences with their tokens


def translate_sentences(
    sentences: Iterable[str],
    language: str,
    engine: Engine,
    cache: Cache,
    report: Report,
    what: str,
) -> Iterator[tuple[str, Output]]:
    """Every sentence given, once, with its output: the known ones first, then as they are made.

    language: the one that the sentences are in (BCP-47).

    Batches are made of all the sentences, known or not, before the known ones are left out: after
    a kill the rest is translated in the batches it would have been in, and comes out the same.
    """
    wanted = list(dict.fromkeys(sentences))
    known = cache.get(wanted)
    yield from known.items()
    done, total = len(known), len(wanted)
    if done == total:
        return
    report(what, done, total, "sentences")
    todo = [
        rest
        for batch in _batches(wanted, language, engine)
        if (rest := [(sentence, tokens) for sentence, tokens in batch if sentence not in known])
    ]
    made = engine.translate([tokens for _, tokens in batch] for batch in todo)
    for batch, results in zip(todo, made, strict=True):
        fresh = dict(zip((sentence for sentence, _ in batch), results, strict=True))
        cache.put(fresh)
        yield from fresh.items()
        done += len(fresh)
        report(what, done, total, "sentences")


def _batches(sentences: list[str], language: str, engine: Engine) -> Iterator[Encoded]:
    """Batches of at most engine.batch_tokens, padding counted, the longest sentences first."""
    encoded = zip(sentences, engine.encode(sentences, language), strict=True)
    batch: Encoded = []
    for sentence, tokens in sorted(encoded, key=lambda pair: (-len(pair[1]), pair[0])):
        # sorted: the first of a batch is its longest
        if batch and (len(batch) + 1) * len(batch[0][1]) > engine.batch_tokens:
            yield batch
            batch = []
        batch.append((sentence, tokens))
    if batch:
        yield batch
