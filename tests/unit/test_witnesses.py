"""The witnesses of a text's language may say what they like; the verdict is always one."""

from __future__ import annotations

import time

import pytest

from derive.errors import DeriveError
from derive.identify import _cld2, _langid, _langid_model, _tag, identify, majority_language
from derive.languages import canonical

# texts that pycld2 has codes of its own for
ODD = {
    "Pig Latin": "Oway oday Iway aketay ethay aintray otay ethay ationstay omfray erehay isthay",
    "leetspeak": "h0w d0 y0u d0, my 900d fr13nd? 7h15 15 l337 5p34k 4nd 1 w4n7 70 h4ck 7h3 5y573m",
    "Bork": "Zee qooeeck broon fux joomps oofer zee lezy dug. Hoo du yuoo du? Bork bork bork!",
    "Fudd": "Be vewy vewy quiet, I'm hunting wabbits; you wascawwy wabbit, huhuhuhu",
    "emoji": "👩‍👩‍👧" * 20,
    "unassigned": "\U000e1234\u0378" * 20,
    "private": "\ue000\ue001" * 20,
    "noncharacters": "\ufffe\uffff abcdefghijklmnop" * 3,
    "controls": "\x00\x01\x7f and some letters after them",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_get_a_verdict(name: str) -> None:
    assert identify(ODD[name], "pt-BR").matches is not True
    assert majority_language([ODD[name]])[2] == 1


def test_every_code_of_pycld2_is_a_tag_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import pycld2

    odd = []
    for _, code in pycld2.LANGUAGES:
        answer = (True, 0, (("X", code, 100, 1.0),))
        monkeypatch.setattr(pycld2, "detect", lambda *_, answer=answer, **__: answer)
        tag = _cld2("any text")
        try:
            assert tag is None or canonical(tag)
        except DeriveError:
            odd.append(code)
    assert odd == []


def test_every_code_of_langid_is_a_tag() -> None:
    codes = [str(code) for code in _langid_model().nb_classes]
    assert len(codes) > 90
    assert all(canonical(str(_tag(code))) for code in codes)
    assert _langid("Como faço para chegar à estação daqui?") == "pt"


@pytest.mark.parametrize(
    "text",
    [
        "詳しくはhttps://www.example.jp/helpをご覧ください。これは大切なお知らせです。",
        "ご質問はinfo@example.jpまでお寄せください。お待ちしています。",
    ],
)
def test_an_address_ends_where_another_script_begins(text: str) -> None:
    assert identify(text, "ja").matches
    assert identify(text, "pt-BR").matches is False


@pytest.mark.parametrize("text", ["x" * 40_000, "これは質問です。" * 5000, "a@" * 20_000])
def test_forty_thousand_characters_take_no_time(text: str) -> None:
    identify("Load the models first, please.", "pt-BR")
    begin = time.process_time()
    identify(text, "en")
    assert time.process_time() - begin < 2
