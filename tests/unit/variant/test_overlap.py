"""The index finds what pairs would find, whatever the order; near is measured by n-grams."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.variant import overlap

WORDS = st.sampled_from(["bread", "winter", "lamp", "quickly", "paints", "seven", "of", "a"])
TEXTS = st.lists(st.lists(WORDS, min_size=3, max_size=12).map("".join), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(st.text("abc漢字", min_size=8, max_size=30), max_size=12), TEXTS, st.data())
def test_what_is_in_a_text_is_found(
    forms: list[str], texts: list[str], data: st.DataObject
) -> None:
    """As pairs would find it; also when the index works in chunks of a few characters."""
    texts = [*texts, "".join(forms), *forms[::2]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "CHUNK", data.draw(st.sampled_from([1, 40, 1 << 18])))
        near = list(overlap.Index(forms).near(texts))
    assert len(set(near)) == len(near)
    for number, text in enumerate(texts):
        inside = {form for form in forms if form in text and overlap.weight(form) >= 20}
        found = {form for at, form in near if at == number}
        assert inside <= found
        assert len({form for form in found if form not in text}) <= overlap.BEST
    assert near == list(overlap.Index(forms[::-1]).near(texts)), "whatever the chunks and order"


@pytest.mark.parametrize("forms", [[], [""], ["", "ab"], ["漢"], ["breadandbutter"]])
def test_short_and_empty_forms(forms: list[str]) -> None:
    assert list(overlap.Index(forms).near([])) == []
    found = list(overlap.Index(forms).near(["", "ab", "xxbreadandbutterxx"]))
    assert found == [(2, one) for one in forms if len(one) > 6]


def test_what_a_near_copy_is() -> None:
    """Its n-grams stand close together."""
    assert overlap.likeness("breadandbutter", "xxbreadandbutterxx") == (100, "breadandbutter")
    share, run = overlap.likeness("breadandbutter", f"butter{'x' * 60}breadand")
    assert (share, run) == (pytest.approx(100 * 5 / 11), "breadand")
    assert overlap.likeness("breadandbutter", "something else", 50) == (0, "")


def test_a_wide_character_says_as_much_as_two_and_a_half_letters() -> None:
    assert overlap.weight("breadé") == 6
    assert overlap.weight("日本a한") == 8.5
