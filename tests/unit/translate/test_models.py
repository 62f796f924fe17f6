"""A model's folder is checked before it is used; its tokenizer never cuts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derive.errors import DeriveError
from derive.translate.models import find_model, load_engine, load_model
from derive.translate.tokenizing import Tokenizers

Damage = Callable[[Path], object]


def describe(**changed: Any) -> Damage:
    """Change the descriptor; None takes a key away."""

    def damage(folder: Path) -> None:
        file = folder / "model.json"
        described = {**json.loads(file.read_text(encoding="utf-8")), **changed}
        left = {key: value for key, value in described.items() if value is not None}
        file.write_text(json.dumps(left), encoding="utf-8")

    return damage


def undescribed_tokenizer(content: str | None) -> Damage:
    """The tokenizer is not among the files with a hash, and missing or damaged."""

    def damage(folder: Path) -> None:
        files = json.loads((folder / "model.json").read_text(encoding="utf-8"))["files"]
        describe(files={name: files[name] for name in files if name != "sentencepiece.model"})(
            folder
        )
        (folder / "sentencepiece.model").unlink()
        if content is not None:
            (folder / "sentencepiece.model").write_text(content)

    return damage


DAMAGES: dict[str, tuple[Damage, str]] = {
    "no descriptor": (lambda folder: (folder / "model.json").unlink(), "no model.json"),
    "not JSON": (lambda folder: (folder / "model.json").write_text("{"), "Not JSON"),
    "not UTF-8": (lambda folder: (folder / "model.json").write_bytes(b"\xff"), "Not JSON"),
    "a list": (lambda folder: (folder / "model.json").write_text("[]"), "object"),
    "no licence": (describe(licence=None), "licence"),
    "unknown key": (describe(speed=1), "speed"),
    "mask without its number": (describe(mask="XQZ"), "mask"),
    "bad language": (describe(source_languages=["en_US!"]), "source_languages"),
    "unknown tokenizer": (describe(tokenizer={"kind": "bpe", "file": "x"}), "tokenizer"),
    "no weights": (lambda folder: (folder / "model.bin").unlink(), "is missing"),
    "altered": (lambda folder: (folder / "config.json").write_text("{}"), "not the one"),
    "tokenizer without a hash, missing": (undescribed_tokenizer(None), "sentencepiece.model"),
    "tokenizer without a hash, junk": (undescribed_tokenizer("junk"), "sentencepiece.model"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged(tmp_path: Path, name: str) -> None:
    damage, message = DAMAGES[name]
    shutil.copytree(find_model("pt-BR"), tmp_path / "model")
    load_model(tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(DeriveError) as error:
        load_engine(tmp_path / "model", "pt-BR")
    assert message in str(error.value)
    assert str(tmp_path) in str(error.value.where)


@pytest.mark.parametrize("target", ["pt-PT", "es-MX", "en"])
def test_another_target(target: str) -> None:
    with pytest.raises(DeriveError, match=f"into pt-BR, not into {target}"):
        load_engine(find_model("pt-BR"), target)


def test_a_given_folder_wins(tmp_path: Path) -> None:
    assert find_model("ko-KR", str(tmp_path)) == tmp_path
    with pytest.raises(DeriveError, match="No such model"):
        find_model("pt-BR", str(tmp_path / "nosuch"))
    with pytest.raises(DeriveError, match="ko-KR brings no model"):
        find_model("ko-KR")


def test_tokenizers_that_are_set_to_cut_and_pad_do_neither(tmp_path: Path) -> None:
    """Many a published tokenizer.json asks for both."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    made = Tokenizer(WordLevel({"[PAD]": 0, "[UNK]": 1, "a": 2, "b": 3}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.enable_truncation(2)
    made.enable_padding(pad_id=0, pad_token="[PAD]")
    made.save(str(tmp_path / "tokenizer.json"))
    encoded = Tokenizers(tmp_path / "tokenizer.json").encode(["a b a b", "a"])
    assert encoded == [["a", "b", "a", "b"], ["a"]]
