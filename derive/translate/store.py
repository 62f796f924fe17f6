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
from typing import Any, NamedTuple

from derive import schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import write_text
from derive.languages import is_tag
from derive.progress import Report, silent
from derive.translate.convert import convert, is_checkpoint
from derive.translate.families import describe, read_json
from derive.translate.hub_models import download
from derive.translate.models import DESCRIPTOR, Model, load_model, try_out

UNKNOWN = "unknown"
_MAKING = ".making-"
_COPIED = ("model.bin", "config.json", "shared_vocabulary.*", "source_vocabulary.*",
           "target_vocabulary.*", "*.spm", "*.model", "tokenizer.json")  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What `derive models add` was asked. source, target: languages (BCP-47) of a model that does
    not name them; licence: instead of what its card says."""

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
    """The folder of an added model, None if there is none of that name.

    The name without a commit, or that of its Hub repository, will do where it is the only one.
    Raises DeriveError if it is not.
    """
    wanted = name.split("/")[-1]
    found = [one for one in names() if wanted in (one, one.split("@")[0])]
    if wanted in found:
        return home() / wanted
    if len(found) > 1:
        raise DeriveError(f"Several models {name!r}", fix=f"name one: {', '.join(found)}")
    return home() / found[0] if found else None


def remove(name: str) -> None:
    """Forget an added model. Raises DeriveError if there is none of that name."""
    path = path_of(name)
    if path is None:
        raise DeriveError(f"No model {name!r}", fix=f"there are: {', '.join(names()) or 'none'}")
    with _locked(), explain_os_errors("removing", path):
        shutil.rmtree(path)


class Added(NamedTuple):
    """A model that was taken in, and what it made of a sentence."""

    model: Model
    tried: str


def add(given: str, asked: Asked, report: Report = silent) -> Added:
    """Take a model in: a CTranslate2 folder, a transformers checkpoint (converted, with the extra
    `convert`), or a Hub repository with either (`owner/name@revision`, pinned to its commit).

    It is tried on a sentence first. What is there under that name already is replaced in one step
    once the new one is whole; a download that was cut goes on where it was. Raises DeriveError:
    unknown, gated, no model, no tokenizer, languages not known, nothing comes out.
    """
    source = Path(given).expanduser()
    revision = ""
    if not source.is_dir():
        source, revision = download(given, report)
    name = asked.name or _name(given, revision)
    target = home() / name
    with _making() as folder:
        if is_checkpoint(source) and not (source / "model.bin").is_file():
            report("converting", 0, 1, "models")
            convert(source, folder / "model", asked.quantization)
        else:
            _copy(source, folder / "model")
        try:
            _describe(folder / "model", source, given, revision, name, asked)
            tried = try_out(load_model(folder / "model"), asked.source, asked.target)
        except DeriveError as error:  # that folder will be gone
            where = (error.where or given).replace(str(folder / "model"), given)
            raise DeriveError(error.what, where=where, fix=error.fix) from None
        with explain_os_errors("writing", target):
            if target.exists():
                target.rename(folder / "old")
            (folder / "model").rename(target)
    return Added(load_model(target), tried)


@contextmanager
def _locked() -> Iterator[None]:
    """The models' folder to oneself; another `add` or `remove` waits."""
    import filelock

    lock = filelock.FileLock(home() / ".lock")
    with explain_os_errors("writing", home()):
        home().mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _making() -> Iterator[Path]:
    """A folder beside the models', gone afterwards; with it goes what a killed run has left."""
    with _locked():
        for left in home().glob(f"{_MAKING}*"):
            shutil.rmtree(left, ignore_errors=True)
        with explain_os_errors("writing", home()):
            folder = Path(tempfile.mkdtemp(prefix=_MAKING, dir=home()))
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
    if (source / "vocabulary.json").is_file() and not (source / DESCRIPTOR).is_file():
        raise DeriveError(
            "A decoder-only model that somebody has converted",
            where=source,
            fix="name its checkpoint: CTranslate2's converter alone gets some of them wrong",
        )
    with explain_os_errors("writing", output):
        output.mkdir()
        listed = read_json(source / DESCRIPTOR).get("files", {})
        described = [name for name in listed if "/" not in name]
        for pattern in dict.fromkeys([*_COPIED, *described]):
            for file in source.glob(pattern):
                shutil.copyfile(file, output / file.name)


def _describe(
    folder: Path, source: Path, given: str, revision: str, name: str, asked: Asked
) -> None:
    described = read_json(source / DESCRIPTOR)
    if described.get("engine") != "ctranslate2":  # none, or another program's
        pair, card = _pair(source, given), _card(source)
        said = card.get("license_name") or card.get("license")
        described = describe(
            folder,
            name=name.split("@")[0],
            version=revision[:12] or "local",
            licence=", ".join(_listed(said)) or UNKNOWN,
            origin=given,
            source=asked.source or pair[0],
            target=asked.target or pair[1],
            positions=read_json(source / "config.json").get("max_position_embeddings"),
            languages=[one for one in _listed(card.get("language")) if is_tag(one)],
        )
    if revision:
        described["revision"] = revision
    if asked.licence:
        described["licence"] = asked.licence
    schemas.require("model", described, folder, "report this as a defect of derive")
    write_text(folder / DESCRIPTOR, json.dumps(described, ensure_ascii=False, indent=2) + "\n")


def _card(source: Path) -> dict[str, Any]:
    """The metadata of the model's card; empty if it has none that can be read."""
    from huggingface_hub import ModelCard

    if not (source / "README.md").is_file():
        return {}
    try:
        card = ModelCard.load(source / "README.md", ignore_metadata_errors=True)
    except (ValueError, OSError):
        return {}
    return dict(card.data.to_dict())


def _listed(said: Any) -> list[str]:
    """What a card says once or as a list."""
    return [str(one) for one in (said if isinstance(said, list) else [said] if said else [])]


def _pair(source: Path, given: str) -> tuple[str, str]:
    """The languages of a model of one pair: as its tokenizer says, or its name (opus-mt-en-fr)."""
    said = read_json(source / "tokenizer_config.json")
    found = re.search(r"opus-mt(?:-tc-\w+|_tiny)*[-_]([a-z]{2,3})[-_]([a-z]{2,3})\b", given)
    ours = found.groups() if found else ("", "")
    pair = [
        said.get(f"{side}_lang") or name
        for side, name in zip(("source", "target"), ours, strict=True)
    ]
    return pair[0], pair[1]
