"""Laws of alternatives: the draft is the first, scores fall, no two are alike, none is better."""

from __future__ import annotations

from itertools import pairwise, product

from conftest import FakeEngine
from hypothesis import given
from hypothesis import strategies as st

from derive.progress import silent
from derive.translate.alternatives import combine
from derive.translate.cache import Cache
from derive.translate.engine import Output
from derive.translate.texts import Translated, translate_texts

SCORE = st.integers(-40, 0).map(lambda tenths: tenths / 10)
TEXT = st.sampled_from(["a", "b", "c", "ab", "bc", "", "a b"])


@st.composite
def sentence(draw: st.DrawFn) -> Output:
    """An output whose hypotheses are in the order of their scores."""
    texts = draw(st.lists(TEXT, min_size=1, max_size=4))
    scores = sorted((draw(SCORE) for _ in texts), reverse=True)
    tokens = draw(st.integers(1, 9))
    first, *others = (Output(*pair, tokens) for pair in zip(texts, scores, strict=True))
    return Output(first.text, first.score, tokens, others=tuple(others))


PARTS = st.lists(st.one_of(sentence(), st.sampled_from([" ", "\n", "- "])), min_size=1, max_size=4)
COUNT = st.integers(0, 7)


@given(PARTS, COUNT)
def test_the_best_combinations_and_no_others(parts: list[str | Output], count: int) -> None:
    made = combine(parts, count)
    outputs = [part for part in parts if isinstance(part, Output)]
    if count < 2 or not any(one.others for one in outputs):
        assert made == []
        return
    assert 1 <= len(made) <= count
    first = "".join(part if isinstance(part, str) else part.text for part in parts)
    tokens = sum(one.tokens for one in outputs)
    total = sum(one.score * one.tokens for one in outputs)
    assert (made[0].text, made[0].score) == (first, round(total / tokens, 6))
    assert len({one.text for one in made}) == len(made)
    assert all(one.score >= other.score for one, other in pairwise(made))

    # all there are, the long way
    best: dict[str, float] = {}
    choices = [[part] if isinstance(part, str) else [part, *part.others] for part in parts]
    for chosen in product(*choices):
        text = "".join(one if isinstance(one, str) else one.text for one in chosen)
        cost = sum(
            (part.score - one.score) * part.tokens
            for part, one in zip(parts, chosen, strict=True)
            if isinstance(part, Output) and isinstance(one, Output)
        )
        best[text] = max(best.get(text, -99.0), round((total - cost) / tokens, 6))
    assert all(abs(best[one.text] - one.score) < 1e-5 for one in made)
    ranked = sorted(best.values(), reverse=True)
    assert all(abs(a - one.score) < 1e-5 for a, one in zip(ranked, made, strict=False))
    assert len(made) == min(count, len(best))


@given(PARTS)
def test_more_is_asked_for_and_the_first_stay(parts: list[str | Output]) -> None:
    few, many = combine(parts, 3), combine(parts, 6)
    assert [one.score for one in many[: len(few)]] == [one.score for one in few]


def test_they_come_out_of_the_cache_as_they_went_in() -> None:
    engine = FakeEngine(others=lambda sentence: (f"{sentence} (b)", f"{sentence} (c)"))
    cache = Cache(None, engine.signature)
    text = "How are you? Fine, at 5 km."

    def made() -> Translated:
        [(_, one)] = translate_texts([text], "en", engine, cache, silent, alternatives=4)
        return one

    first = made()
    asked = len(engine.asked)
    assert made() == first
    assert len(engine.asked) == asked
    assert len(first.alternatives) == 4
    assert first.alternatives[0].text == first.text
