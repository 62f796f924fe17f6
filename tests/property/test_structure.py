"""Whatever the engine makes of the sentences, what stands around them stays."""

from __future__ import annotations

from conftest import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.progress import silent
from derive.translate.cache import Cache
from derive.translate.segments import split
from derive.translate.texts import translate_texts

LANGUAGES = st.sampled_from(["en", "ja", "zh-Hant-TW", "ar", "de", "fr", "hi", "th", "kk", "tlh"])
# letters, ends and blanks in the ways that segmenters stumble over
CHARACTERS = st.text(
    "aBcÉßАあ漢م.?!。、…'\"“”()「」 \t\u00a0\u3000\u202f\u200f\n\r\u2028-•1#>`~", max_size=60
)
# engines that answer everything, nothing, too much, or something full of marks
ENGINES = st.sampled_from(["palavra", "", " \t ", "Uma frase. Outra? Mais!", "- `x` #1 {"])

LEADS = st.sampled_from(["", "- ", "  * ", "3) ", "> ", "# ", "（1） ", "\t• "])
FENCES = st.sampled_from(
    [
        "```\nsome code. More code?\n```",
        "```python\n\n  # a note\n```",
        "~~~\nIt is `code` here.\n~~~",
        "  ```\n- Not a list.\n  ```",
        "```\n~~~\nStill code.\n```",
    ]
)
LINES = st.one_of(
    st.tuples(LEADS, st.just("Some words here.")), FENCES, st.sampled_from(["", "  ", "----"])
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\n\n"])


@given(CHARACTERS, LANGUAGES)
def test_parts_make_up_the_text_in_any_language(text: str, language: str) -> None:
    assert "".join(part.text for part in split(text, language)) == text


@settings(deadline=None)
@given(
    st.lists(st.tuples(LINES, ENDS), min_size=1, max_size=8), ENGINES, st.text(" \t", max_size=3)
)
def test_what_stands_around_the_sentences_stays(
    lines: list[tuple[str | tuple[str, str], str]], answer: str, outer: str
) -> None:
    def made(sentence: str) -> str:
        body = "".join(
            (line if isinstance(line, str) else line[0] + sentence) + end for line, end in lines
        )
        return f"{body}{outer}"

    engine = FakeEngine(lambda sentence: answer)
    [(_, done)] = translate_texts([made("Some words here.")], "en", engine, Cache(None, {}), silent)
    assert done.text == made(answer)
    assert set(engine.asked) <= {"Some words here."}
