"""`derive models add`: a model of any family is taken in, named, tried, used and removed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT
from tiny_models import CHECKPOINTS

Derive = Callable[..., Result]
EMBEDDED = ROOT / "locales" / "pt-BR" / "model"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Models of its own for each test."""
    monkeypatch.setenv("DERIVE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_a_ctranslate2_folder(derive: Derive, tmp_path: Path, home: Path) -> None:
    plain = tmp_path / "my model"
    shutil.copytree(EMBEDDED, plain, ignore=shutil.ignore_patterns("model.json"))
    (plain / "run.py").write_text("raise SystemExit(9)")
    (plain / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# It\n", encoding="utf-8")
    shutil.move(plain / "sentencepiece.model", plain / "source.spm")
    shutil.copy(plain / "source.spm", plain / "target.spm")
    done = derive("models", "add", plain, "--from", "en", "--into", "pt-BR")
    assert done.exit_code == 0, done.stderr
    assert "licence: cc-by-4.0" in done.stdout
    assert "Onde" in done.stdout
    assert not list(home.rglob("*.py")), "code is not taken along"
    assert "my-model" in derive("models", "list").stdout
    shown = json.loads(derive("models", "show", "my-model", "--json").stdout)
    assert shown["models"][0]["origin"] == str(plain)
    sample = ROOT / "examples" / "sample-release"
    run = derive("run", sample, "--locale", "pt-BR", "--model", "my-model", "-o", tmp_path / "p")
    assert run.exit_code in (0, 1), run.stderr
    assert derive("models", "remove", "my-model").exit_code == 0
    assert "my-model" not in derive("models", "list").stdout
    assert derive("models", "remove", "my-model").exit_code == 2


def test_a_checkpoint_is_converted(derive: Derive, tmp_path: Path, home: Path) -> None:
    pytest.importorskip("transformers", reason="needs the extra `convert`")
    checkpoint = tmp_path / "nllb-tiny"
    checkpoint.mkdir()
    CHECKPOINTS["nllb"](checkpoint)
    for _ in range(2):  # again: the same name is replaced
        done = derive("models", "add", checkpoint, "--from", "en", "--into", "zh-Hant-TW", "--json")
        assert done.exit_code == 0, done.stdout
    document = json.loads(done.stdout)
    assert document["codes"] == {
        "en": "eng_Latn", "ja": "jpn_Jpan", "pt": "por_Latn", "zh-Hans": "zho_Hans",
        "zh-Hant": "zho_Hant",
    }  # fmt: skip
    assert document["tried"]
    assert [one.name for one in home.iterdir()] == ["nllb-tiny"], "nothing half-made is left"
    refused = derive("models", "add", checkpoint, "--from", "sw", "--into", "ja")
    assert refused.exit_code == 2
    assert "not from sw" in refused.stderr


def test_the_real_marian_checkpoint(derive: Derive, shared: Path, home: Path) -> None:
    pytest.importorskip("transformers", reason="needs the extra `convert`")
    done = derive("models", "add", shared / "models" / "en-pt_BR-tiny-hf")
    assert done.exit_code == 0, done.stderr
    assert "Onde está a estação?" in done.stdout


BAD = {
    "nothing": ("nosuch", "No such folder"),
    "an empty folder": ("empty", "Neither a CTranslate2 model nor"),
    "no tokenizer": ("bare", "its tokenizer is missing"),
    "no languages": ("mute", "which languages"),
    "no vocabulary": ("blind", "No CTranslate2 vocabulary"),
    "a broken checkpoint": ("broken", "cannot be converted"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_model(derive: Derive, tmp_path: Path, home: Path, name: str) -> None:
    folder, message = BAD[name]
    (tmp_path / "empty").mkdir()
    for made in ("bare", "mute", "blind"):
        shutil.copytree(EMBEDDED, tmp_path / made, ignore=shutil.ignore_patterns("model.json"))
    (tmp_path / "bare" / "sentencepiece.model").unlink()
    (tmp_path / "blind" / "shared_vocabulary.json").unlink()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text('{"model_type": "marian"}')
    (tmp_path / "broken" / "model.safetensors").write_bytes(b"no weights")
    done = derive("models", "add", tmp_path / folder)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not list(home.glob("*")), "nothing is left of it"


def test_a_name_that_is_not_there(derive: Derive, sample: Path, tmp_path: Path) -> None:
    done = derive("run", sample, "--locale", "pt-BR", "--model", "nosuch", "-o", tmp_path / "p")
    assert done.exit_code == 2
    assert "derive models add" in done.stderr
