"""`derive models add` from the Hub, with its real client and a local server in its place."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from hub_server import CUT, HubServer, call
from tiny_models import CHECKPOINTS

EMBEDDED = ROOT / "locales" / "pt-BR" / "model"
TOKEN = "hf_" + "x" * 34
REPO = "acme/opus-mt-en-pt"
PAIR = ("--from", "en", "--into", "pt-BR")
CONVERTED = {
    path.name: path.read_bytes()
    for path in EMBEDDED.iterdir()
    if path.name not in ("model.json", "README.md")
}
CARD = b"---\nlicense: cc-by-4.0\n---\n"


class Bomb:
    """What runs if it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return print, ("THE PICKLE RAN", "")


NOT_WANTED = {
    "run.py": b"raise SystemExit(9)", "training_args.bin": pickle.dumps(Bomb()),
    "setup.exe": b"MZ", "onnx/model.bin": b"another format", "onnx/config.json": b"{}",
    "tf_model.h5": b"weights of others", "rng_state.pth": pickle.dumps(Bomb()),
}  # fmt: skip


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


def fetched(hub: HubServer) -> set[str]:
    """The files that were downloaded."""
    paths = [path for method, path, _ in hub.requests if method == "GET" and "/resolve/" in path]
    return {path.split("/resolve/")[1].split("/", 1)[1] for path in paths}


def home(folder: Path) -> Path:
    """Where models are kept by the platform's convention (XDG's on Linux)."""
    return folder / ".cache" / "derive" / "models"


def test_only_what_is_needed_of_a_pinned_commit(hub: HubServer, tmp_path: Path) -> None:
    old = hub.add_dataset(REPO, {**CONVERTED, **NOT_WANTED, "README.md": CARD})
    new = hub.add_dataset(REPO, {**CONVERTED, "README.md": b"# No metadata\n"})
    done = call(hub, tmp_path, "models", "add", f"{REPO}@{old}", *PAIR)
    assert done.returncode == 0, done.stdout + done.stderr
    for said in (f"commit: {old}", "licence: cc-by-4.0", " MB", "Onde está a estação?"):
        assert said in done.stdout
    assert fetched(hub) == {*CONVERTED, "README.md"}
    kept = home(tmp_path) / f"opus-mt-en-pt@{old[:12]}"
    assert {path.name for path in kept.iterdir()} == {*CONVERTED, "model.json"}
    described = json.loads((kept / "model.json").read_text(encoding="utf-8"))
    assert (described["revision"], described["origin"]) == (old, f"{REPO}@{old}")
    # the newest, into a folder of one's own, without a word on its licence
    settings = {**hub.environment(tmp_path / "cache"), "DERIVE_MODELS": str(tmp_path / "mine")}
    done = call(settings, tmp_path, "models", "add", REPO, *PAIR)
    assert done.returncode == 0, done.stderr
    assert "licence: unknown" in done.stdout
    assert "--licence" in done.stderr
    assert (tmp_path / "mine" / f"opus-mt-en-pt@{new[:12]}").is_dir()
    listed = call(settings, tmp_path, "models", "show", REPO, "--json")
    assert json.loads(listed.stdout)["models"][0]["revision"] == new, "found by its repository"


def test_a_checkpoint_without_the_pickle_where_there_are_safetensors(
    hub: HubServer, tmp_path: Path
) -> None:
    pytest.importorskip("transformers", reason="needs the extra `convert`")
    CHECKPOINTS["marian"](tmp_path)
    names = ("config.json", "generation_config.json", "model.safetensors", "source.spm",
             "target.spm", "tokenizer_config.json", "vocab.json")  # fmt: skip
    files = {name: (tmp_path / name).read_bytes() for name in names}
    bomb = pickle.dumps(Bomb())
    hub.add_dataset("acme/both", {**files, "pytorch_model.bin": bomb, **NOT_WANTED})
    done = call(hub, tmp_path, "models", "add", "acme/both", *PAIR)
    assert done.returncode == 0, done.stderr
    # source.spm and target.spm are the same file: one of them is enough
    same = {"source.spm", "target.spm"}
    assert fetched(hub) - same == set(files) - same
    assert fetched(hub) & same
    del files["model.safetensors"]
    hub.add_dataset("acme/pickled", {**files, "pytorch_model.bin": bomb})
    done = call(hub, tmp_path, "models", "add", "acme/pickled", *PAIR)
    assert done.returncode == 2
    assert "cannot be converted" in done.stderr
    assert "THE PICKLE RAN" not in done.stdout + done.stderr
    assert [path.name.split("@")[0] for path in home(tmp_path).glob("[!.]*")] == ["both"]


def test_what_is_refused(hub: HubServer, tmp_path: Path) -> None:
    hub.add_dataset(REPO, CONVERTED)
    hub.add_dataset("acme/gated", CONVERTED, token=TOKEN)
    hub.add_dataset("acme/none", {"config.json": b"{}", "README.md": CARD, **NOT_WANTED})
    for given, message in [
        ("acme/gated", "accept its terms at https://huggingface.co/acme/gated"),
        ("acme/nosuch", "No such model on the Hub, or it is private"),
        (f"{REPO}@nosuch", "No revision 'nosuch'"),
        (f"{REPO}@{'0' * 40}", "No revision"),
        ("acme/none", "holds no weights"),
    ]:
        done = call(hub, tmp_path, "models", "add", given, *PAIR)
        assert done.returncode == 2, given
        assert message in done.stderr
        assert "Traceback" not in done.stderr
    settings = {**hub.environment(tmp_path / "cache"), "HF_TOKEN": TOKEN}
    done = call(settings, tmp_path, "models", "add", "acme/gated", *PAIR)
    assert done.returncode == 0, done.stderr
    assert len(list(home(tmp_path).glob("[!.]*"))) == 1, "nothing is left of the others"


def test_offline(hub: HubServer, tmp_path: Path) -> None:
    hub.add_dataset(REPO, CONVERTED)
    offline = {**hub.environment(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    done = call(offline, tmp_path, "models", "add", REPO, *PAIR)
    assert done.returncode == 2
    assert "HF_HUB_OFFLINE" in done.stderr
    assert not hub.requests
    hub.fail("GET", "/resolve/", CUT, times=99)  # a first try that ended with half a cache
    call(hub, tmp_path, "models", "add", REPO, *PAIR)
    done = call(offline, tmp_path, "models", "add", REPO, *PAIR)
    assert done.returncode == 2
    assert "HF_HUB_OFFLINE" in done.stderr
    hub.faults.clear()
    assert call(hub, tmp_path, "models", "add", REPO, *PAIR).returncode == 0
    asked = len(hub.requests)
    done = call(offline, tmp_path, "models", "add", REPO, *PAIR)
    assert done.returncode == 0, done.stderr
    assert len(hub.requests) == asked


def test_a_connection_that_dies(hub: HubServer, tmp_path: Path) -> None:
    """The rerun gets what is missing, and not what is there."""
    hub.add_dataset(REPO, CONVERTED)
    hub.fail("GET", "model.bin", CUT, times=99)
    done = call(hub, tmp_path, "models", "add", REPO, *PAIR)
    assert done.returncode == 2
    assert "run the same command again" in done.stderr
    assert not home(tmp_path).exists() or not list(home(tmp_path).glob("*/*"))
    hub.faults.clear()
    hub.requests.clear()
    hub.fail("GET", "model.bin", 503)  # busy, once
    done = call(hub, tmp_path, "models", "add", REPO, *PAIR)
    assert done.returncode == 0, done.stderr
    assert fetched(hub) == {"model.bin"}


def test_two_at_once_and_what_a_killed_one_left(hub: HubServer, tmp_path: Path) -> None:
    hub.add_dataset(REPO, CONVERTED)
    left = home(tmp_path) / ".making-killed" / "model"
    left.mkdir(parents=True)
    (left / "model.bin").write_bytes(b"half")
    command = [sys.executable, "-m", "derive", "models", "add", REPO, *PAIR]
    settings = {**hub.environment(tmp_path / "cache"), "HOME": str(tmp_path), "PATH": ""}
    runs = [
        subprocess.Popen(command, cwd=tmp_path, env={**settings, "PYTHONPATH": str(ROOT)},
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]  # fmt: skip
    for run in runs:
        _, talk = run.communicate(timeout=120)
        assert run.returncode == 0, talk
    [kept] = home(tmp_path).glob("[!.]*")
    assert call(hub, tmp_path, "models", "show", kept.name).returncode == 0
    assert not list(home(tmp_path).glob(".making-*"))
