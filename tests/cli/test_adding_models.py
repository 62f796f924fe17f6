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

from derive.translate.models import find_model

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


def test_a_model_that_is_described_already(derive: Derive, tmp_path: Path, home: Path) -> None:
    done = derive("models", "add", EMBEDDED, "--name", "mine", "--licence", "cc-by-4.0")
    assert done.exit_code == 0, done.stderr
    assert "licence: cc-by-4.0" in done.stdout
    refused = derive("models", "add", EMBEDDED, "--name", "mine", "--from", "sw")
    assert refused.exit_code == 2
    assert str(EMBEDDED) in refused.stderr
    assert str(home) not in refused.stderr, "that folder is gone"
    plain = shutil.copytree(EMBEDDED, tmp_path / "plain", copy_function=shutil.copyfile)
    (plain / "sentencepiece.model").unlink()
    refused = derive("models", "add", plain)
    assert str(plain / "sentencepiece.model") in refused.stderr
    (plain / "model.json").unlink()
    refused = derive("models", "add", plain)
    assert str(plain) in refused.stderr
    assert str(home) not in refused.stderr


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
    left = sorted(one.name for one in home.iterdir())
    assert left == [".lock", "nllb-tiny"], "nothing half-made"
    refused = derive("models", "add", checkpoint, "--from", "sw", "--into", "ja")
    assert refused.exit_code == 2
    assert "not from sw" in refused.stderr


def test_a_model_is_found_where_its_checkpoint_is_at_hand(
    derive: Derive, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "mine"
    shutil.copytree(EMBEDDED, plain, ignore=shutil.ignore_patterns("model.json"))
    assert derive("models", "add", plain, "--from", "en", "--into", "pt-BR").exit_code == 0
    monkeypatch.chdir(tmp_path)
    assert find_model("pt-BR", "mine") == home / "mine"


def test_the_real_marian_checkpoint(derive: Derive, shared: Path, home: Path) -> None:
    pytest.importorskip("transformers", reason="needs the extra `convert`")
    done = derive("models", "add", shared / "models" / "en-pt_BR-tiny-hf")
    assert done.exit_code == 0, done.stderr
    assert "Onde está a estação?" in done.stdout


def test_what_there_is_for_a_locale(derive: Derive, home: Path) -> None:
    """What can do it, and what its pack recommends; a locale without a pack has neither."""
    shown = derive("models", "list", "--for", "pt_BR").stdout
    for said in ("en-pt_BR-tiny", "pseudo", "Helsinki-NLP/opus-mt-tc-big-en-pt", "cc-by-nc-4.0"):
        assert said in shown
    document = json.loads(derive("models", "list", "--for", "ko-KR", "--json").stdout)
    assert [one["name"] for one in document["models"]] == ["pseudo-localisation"]
    assert {one["repo"] for one in document["recommended"]} >= {"facebook/m2m100_418M"}
    assert "recommends" not in derive("models", "list", "--for", "sw").stdout
    assert derive("models", "list", "--for", "nosuch!").exit_code == 2


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
    assert not list(home.glob("*/*")), "nothing is left of it"


def test_a_name_that_is_not_there(derive: Derive, sample: Path, tmp_path: Path) -> None:
    done = derive("run", sample, "--locale", "pt-BR", "--model", "nosuch", "-o", tmp_path / "p")
    assert done.exit_code == 2
    assert "derive models add" in done.stderr


def test_a_quantization_that_is_none_is_named(derive: Derive, tmp_path: Path, home: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    done = derive("models", "add", tmp_path, "--quantization", "int3")
    assert done.exit_code == 2
    assert "no quantization 'int3'" in done.stderr
