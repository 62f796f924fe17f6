"""Models that a user has added: kept in one folder, each described, found by name."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive import schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import write_text
from derive.translate.convert import convert, is_checkpoint
from derive.translate.families import describe
from derive.translate.models import DESCRIPTOR, Model, load_model

# of a Hub repository; no code is among them
_CONVERTED = ("model.bin", "*.json", "*.txt", "*.spm", "*.model", "README.md", "LICENSE*")
_CHECKPOINT = (*_CONVERTED[1:], "*.safetensors", "pytorch_model*.bin")
_HUB = re.compile(r"^(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?$")
_COPIED = ("model.bin", "config.json", "shared_vocabulary.*", "source_vocabulary.*",
           "target_vocabulary.*", "*.spm", "*.model", "tokenizer.json")  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What `derive models add` was asked. source, target: languages (BCP-47) of a model that does
    not name them; licence: where its card does not say."""

    quantization: str = "int8"
    source: str = ""
    target: str = ""
    licence: str = ""
    name: str = ""


def home() -> Path:
    """Where added models are: DERIVE_MODELS, or the platform's cache folder."""
    from platformdirs import user_cache_path

    own = os.environ.get("DERIVE_MODELS")
    return Path(own).expanduser() if own else user_cache_path("derive") / "models"


def names() -> list[str]:
    """The models there are."""
    return sorted(path.parent.name for path in home().glob(f"*/{DESCRIPTOR}"))


def path_of(name: str) -> Path | None:
    """The folder of an added model, None if there is none of that name."""
    path = home() / name
    return path if name in names() else None


def remove(name: str) -> None:
    """Forget an added model. Raises DeriveError if there is none of that name."""
    path = path_of(name)
    if path is None:
        raise DeriveError(f"No model {name!r}", fix=f"there are: {', '.join(names()) or 'none'}")
    with explain_os_errors("removing", path):
        shutil.rmtree(path)


def add(given: str, asked: Asked) -> Model:
    """Take a model in: a CTranslate2 folder, a transformers checkpoint (converted, with the extra
    `convert`), or a Hub repository with either (`owner/name@revision`, pinned to its commit).

    What is there under that name already is replaced in one step once the new one is whole; a
    download that was cut goes on where it was (huggingface_hub keeps its parts).
    Raises DeriveError: unknown, gated, no model, no tokenizer, languages not known.
    """
    source = Path(given).expanduser()
    revision = ""
    if not source.is_dir():
        source, revision = _download(given)
    name = asked.name or _name(given, revision)
    with _making(name) as folder:
        if is_checkpoint(source) and not (source / "model.bin").is_file():
            convert(source, folder / "model", asked.quantization)
        else:
            _copy(source, folder / "model")
        _describe(folder / "model", source, given, revision, name, asked)
        load_model(folder / "model")
        target = home() / name
        with explain_os_errors("writing", target):
            if target.exists():
                target.rename(folder / "old")
            (folder / "model").rename(target)
    return load_model(target)


@contextmanager
def _making(name: str) -> Iterator[Path]:
    """A folder beside the models', gone afterwards."""
    with explain_os_errors("writing", home()):
        home().mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=home()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name(given: str, revision: str) -> str:
    last = given.split("@")[0].rstrip("/").split("/")[-1]
    plain = re.sub(r"[^\w.-]+", "-", last).strip("-.") or "model"
    return f"{plain}@{revision[:12]}" if revision else plain


def _copy(source: Path, output: Path) -> None:
    if not (source / "model.bin").is_file():
        raise DeriveError(
            "Neither a CTranslate2 model nor a transformers checkpoint",
            where=source,
            fix="name a folder with model.bin, or with config.json and weights",
        )
    with explain_os_errors("writing", output):
        output.mkdir()
        for pattern in _COPIED:
            for file in source.glob(pattern):
                shutil.copyfile(file, output / file.name)


def _describe(
    folder: Path, source: Path, given: str, revision: str, name: str, asked: Asked
) -> None:
    if (source / DESCRIPTOR).is_file():
        shutil.copyfile(source / DESCRIPTOR, folder / DESCRIPTOR)
        return
    card = _card(source)
    pair = _pair(source, given)
    described = describe(
        folder,
        name=name.split("@")[0],
        version=revision[:12] or "local",
        licence=asked.licence or card.get("license_name") or card.get("license") or "unknown",
        origin=given,
        source=asked.source or pair[0],
        target=asked.target or pair[1],
        positions=_json(source / "config.json").get("max_position_embeddings"),
    )
    if revision:
        described["revision"] = revision
    schemas.require("model", described, folder, "report this as a defect of derive")
    write_text(folder / DESCRIPTOR, json.dumps(described, ensure_ascii=False, indent=2) + "\n")


def _card(source: Path) -> dict[str, str]:
    """The metadata of the model's card; empty if it has none that can be read."""
    from huggingface_hub import ModelCard

    if not (source / "README.md").is_file():
        return {}
    try:
        found = ModelCard.load(source / "README.md", ignore_metadata_errors=True).data.to_dict()
    except (ValueError, OSError):
        return {}
    return {key: str(value) for key, value in found.items()}


def _pair(source: Path, given: str) -> tuple[str, str]:
    """The languages of a model of one pair: as its tokenizer says, or its name (opus-mt-en-fr)."""
    said = _json(source / "tokenizer_config.json")
    found = re.search(r"opus-mt(?:-tc-\w+|_tiny)*[-_]([a-z]{2,3})[-_]([a-z]{2,3})\b", given)
    ours = found.groups() if found else ("", "")
    pair = [
        said.get(f"{side}_lang") or name
        for side, name in zip(("source", "target"), ours, strict=True)
    ]
    return pair[0], pair[1]


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def _download(given: str) -> tuple[Path, str]:
    """A Hub repository's files at one commit, in the Hub's cache; and the commit."""
    match = _HUB.match(given)
    if not match:
        raise DeriveError(
            "No such folder, and no name of a Hub repository",
            where=given,
            fix="name a model's folder, or a repository as owner/name@revision",
        )
    from huggingface_hub import snapshot_download

    from derive.hub_client import ask

    repo, revision = match["repo"], match["revision"]

    def download(patterns: tuple[str, ...], commit: str | None) -> Path:
        return Path(
            ask(
                lambda: snapshot_download(repo, revision=commit, allow_patterns=list(patterns)),
                lambda error: _refused(repo, revision or "main", error),
            )
        )

    path = download(_CONVERTED, revision)
    if not (path / "model.bin").is_file():
        path = download(_CHECKPOINT, path.name)
    return path, path.name


def _refused(repo: str, revision: str, error: Exception) -> DeriveError:
    from huggingface_hub import errors

    from derive.hub_errors import TOKEN, chain, explain

    page = f"https://huggingface.co/{repo}"
    for one in chain(error):
        if isinstance(one, errors.GatedRepoError):
            return DeriveError(
                "The model is gated and access was refused",
                where=repo,
                fix=f"accept its terms at {page}, then {TOKEN}",
            )
        if isinstance(one, errors.RevisionNotFoundError):
            return DeriveError(f"No revision {revision!r}", where=repo, fix=f"see {page}/commits")
        if isinstance(one, errors.RepositoryNotFoundError):
            return DeriveError(
                "No such model on the Hub, or it is private and no valid token is set",
                where=repo,
                fix=f"check the name; for a private one {TOKEN}",
            )
        if isinstance(one, errors.LocalEntryNotFoundError) and _offline():
            return DeriveError(
                "The Hub is switched off (HF_HUB_OFFLINE) and the model is not in its cache",
                where=repo,
                fix="unset HF_HUB_OFFLINE, or name a folder",
            )
    return explain(error, repo)


def _offline() -> bool:
    from huggingface_hub import is_offline_mode

    return bool(is_offline_mode())
