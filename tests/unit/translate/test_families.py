"""Every family, converted by CTranslate2 and run by the engine, says what transformers says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_models import CHECKPOINTS

from derive.translate.ct2 import CTranslate2Engine, Settings
from derive.translate.families import describe, read_vocabulary

torch = pytest.importorskip("torch", reason="needs the extra `convert`")
pytest.importorskip("transformers", reason="needs the extra `convert`")

SENTENCES = [
    "Hello world, what is it?", "A", "The worksheet holds texts of the source.",
    "derive check examples/sample-release", "Nothing is lost, cut or changed silently, ever!",
]  # fmt: skip
LONGEST = 24


@pytest.fixture(scope="module", params=sorted(CHECKPOINTS))
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """(name, checkpoint, CTranslate2 model)."""
    from derive.translate.convert import convert

    folder = tmp_path_factory.mktemp("checkpoint")
    CHECKPOINTS[request.param](folder)
    output = tmp_path_factory.mktemp("models") / "ct2"
    convert(folder, output, "float32")
    return request.param, folder, output


def engine_of(output: Path) -> CTranslate2Engine:
    described = describe(
        output, name="tiny", version="1", licence="none", origin="test", source="en", target="pt"
    )
    described["max_output_tokens"] = LONGEST
    return CTranslate2Engine(output, described, Settings(device="cpu"), "pt-BR")


def by_transformers(name: str, folder: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The input's and the output's tokens of each sentence, greedily, as a user would get them."""
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    languages = {"nllb": ("eng_Latn", "por_Latn"), "m2m100": ("en", "pt")}.get(name)
    more = {"src_lang": languages[0], "tgt_lang": languages[1]} if languages else {}
    tokenizer = AutoTokenizer.from_pretrained(folder, **more)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)
    before = {"madlad400": "<2pt> ", "marian of many": ">>pob<< "}.get(name, "")
    begin: dict[str, int] = {}
    if languages:
        token = {"nllb": "por_Latn", "m2m100": "__pt__"}[name]
        begin = {"forced_bos_token_id": tokenizer.convert_tokens_to_ids(token)}
    given, made = [], []
    for sentence in SENTENCES:
        encoded = tokenizer(before + sentence, return_tensors="pt")
        given.append(tokenizer.convert_ids_to_tokens(encoded.input_ids[0].tolist()))
        ids = model.generate(
            **encoded,
            max_new_tokens=LONGEST + 1 + len(begin),
            num_beams=1,
            do_sample=False,
            **begin,
        )[0].tolist()
        ids = ids[1 + len(begin) :]  # without the start and the language
        end = model.config.eos_token_id
        ids = ids[: ids.index(end)] if end in ids else ids
        made.append(tokenizer.convert_ids_to_tokens(ids))
    return given, made


@pytest.mark.filterwarnings("ignore:Recommended")
def test_token_for_token(family: Any) -> None:
    name, folder, output = family
    engine = engine_of(output)
    given, made = by_transformers(name, folder)
    encoded = engine.encode(SENTENCES, "en")
    known = set(read_vocabulary(output))
    assert [[one if one in known else "<unk>" for one in row] for row in encoded] == given
    [outputs] = engine.translate([encoded])
    expected = engine._pieces.decode(
        [row[: LONGEST - len(engine._special("target_prefix"))] for row in made]
    )
    print(expected)
    assert [one.text for one in outputs] == expected
    assert len(set(expected)) > 1, "the random model says more than one thing"
