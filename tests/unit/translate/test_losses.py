"""Losses that are easily overlooked, and good drafts of other languages that raise no alarm."""

from __future__ import annotations

import csv
import time
from functools import cache
from pathlib import Path

import pytest
from conftest import FakeEngine

from derive.progress import silent
from derive.protect import fragments, lost, mask, protected_spans, unmask
from derive.translate.cache import Cache
from derive.translate.models import find_model, load_engine
from derive.translate.quality import DraftChecks
from derive.translate.texts import Translated, translate_texts

SOURCE = "Please tell my neighbour about it before the end of this week"
DRAFT = "Por favor, conte ao meu vizinho sobre isso antes do fim desta semana"


def codes(source: str, draft: str, tag: str = "pt-BR") -> dict[str, str]:
    made = Translated(draft, -0.1, False, False)
    return {found.code: found.severity for found in checks(tag)(source, made)}


checks = cache(lambda tag: DraftChecks.of("en", tag))

# name: (put after the source, put after the draft, code, severity)
PLANTED = {
    "one placeholder inside another": (
        ": {name} and {{name}}.",
        ": {{name}} e também.",
        "draft-lost",
        "error",
    ),
    "one quantity inside another": (": 10 m or 10 mg.", ": 10 mg ou não.", "draft-lost", "error"),
    "the second of two": (": {a}, {a}.", ": {a} e só isso.", "draft-lost", "error"),
    "an emoji's skin tone": (": 👍🏽.", ": 👍.", "draft-lost", "error"),
    "a keycap": (": 1️⃣.", ": 1.", "draft-lost", "error"),
    "a sign": (": ©️ or ©.", ": TM ou TM.", "draft-lost", "error"),
    "a decimal mark": (": version 3.5.", ": versão 35.", "draft-number", "error"),
    "a decimal mark of another kind": (": version 0,25.", ": versão 025.", "draft-number", "error"),
    "an unknown word": (": a thing.", ": um <unk>.", "draft-unknown", "error"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted(name: str) -> None:
    after, draft_after, code, severity = PLANTED[name]
    assert codes(SOURCE + after, DRAFT + draft_after).get(code) == severity


CLEAN = {
    "placeholders": (": {name} and {{name}}.", ": {{name}} e {name}."),
    "quantities": (": 10 m or 10 mg.", ": 10 mg ou 10 m."),
    "decimal comma": (": version 3.5 of 1,000.25.", ": versão 3,5 de 1.000,25."),
    "thousands": (": 1,000 or 1,234,567.", ": 1.000 ou 1\u202f234\u202f567."),
    "an unknown word in the source": (": a <unk>.", ": um <unk>."),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean(name: str) -> None:
    after, draft_after = CLEAN[name]
    assert codes(SOURCE + after, DRAFT + draft_after) == {}


@pytest.mark.parametrize("end", ["۔", "។", "။", "।", "。", "؟", "！", "።", "?»", "…"])
def test_every_script_has_its_own_full_stop(end: str) -> None:
    assert "draft-end" not in codes(f"{SOURCE}.", f"{DRAFT}{end}")


@pytest.mark.parametrize("tag", ["zh", "it", "vi", "ar", "ko", "th", "bn", "sw", "jv"])
def test_lengths_of_good_translations(shared: Path, tag: str) -> None:
    """People's own translations of 315 prompts are of a usual length in every script."""
    with (shared / "data" / "multijail.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    objected = sum("draft-length" in codes(row["en"], row[tag], tag) for row in rows)
    assert objected <= 0.02 * len(rows)


def test_a_mask_lost_doubled_or_mangled_does_not_come_off() -> None:
    masked, masks = mask("Give {a} to b@c.example by XQZ1.", "XQZ{}")
    assert masked == "Give XQZ2 to XQZ3 by XQZ1."
    assert unmask(masked, masks) == "Give {a} to b@c.example by XQZ1."
    for mangled in ("Give XQZ2.", f"{masked} XQZ3", masked.replace("Z3", "Z 3"), masked.lower()):
        assert unmask(mangled, masks) is None


def test_masks_by_the_thousand_take_no_time() -> None:
    text = "$1 " * 60_000
    begin = time.process_time()
    masked, masks = mask(text, "XQZ{}")
    assert unmask(masked, masks) == text
    assert time.process_time() - begin < 8


def test_addresses_in_a_script_without_blanks() -> None:
    text = "ご質問はinfo@example.jpまでお寄せください。"
    assert protected_spans(text) == ["info@example.jp"]
    assert fragments(text)[0] == ("ご質問は", True)


@pytest.mark.parametrize("span", ["1️⃣", "#️⃣", "©️", "™️", "ℹ️", "❤️‍🔥", "👩🏽‍🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☎️"])
def test_emoji_of_every_make_come_through_the_model(span: str) -> None:
    engine = load_engine(find_model("pt-BR"), "pt-BR")
    text = f"Please press {span} on your phone and wait for the answer."
    assert protected_spans(text) == [span]
    [(_, done)] = translate_texts([text], "en", engine, Cache(None, engine.signature), silent)
    assert not lost(text, done.text)
    assert span in done.text


@pytest.mark.parametrize(
    ("ways", "sentence"),
    [
        (1, str),
        (2, lambda one: one.replace("{a}", "")),
        (3, lambda one: one.replace("{a}", "").replace("XQZ", "")),
    ],
    ids=["as it is", "masked", "in fragments"],
)
def test_the_gentlest_way_that_works_is_taken(ways: int, sentence: object) -> None:
    engine = FakeEngine(sentence)  # type: ignore[arg-type]
    text = "Give {a} to me."
    [(_, done)] = translate_texts([text], "en", engine, Cache(None, {}), silent)
    assert (done.text, done.fragments) == (text, ways == 3)
    tried = [["Give {a} to me."], ["Give XQZ1 to me."], ["to me.", "Give"]]
    assert engine.asked == [one for asked in tried[:ways] for one in asked]
