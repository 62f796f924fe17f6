"""Models on disk: the descriptor beside the weights, checked before anything is translated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive import locales, schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_file
from derive.translate.ct2 import CTranslate2Engine, Settings
from derive.translate.engine import covers

DESCRIPTOR = "model.json"


@dataclass(frozen=True)
class Model:
    """A model's folder and its descriptor (schema/model.schema.json)."""

    path: Path
    descriptor: dict[str, Any]


def load_model(path: Path) -> Model:
    """Read a model's descriptor and compare every file with its hash. Raises DeriveError."""
    file = path / DESCRIPTOR
    if not file.is_file():
        raise DeriveError(
            f"Not a model folder: it has no {DESCRIPTOR}",
            where=path,
            fix="name the folder of a CTranslate2 model with its descriptor",
        )
    with explain_os_errors("reading", file):
        try:
            descriptor = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise DeriveError(f"Not JSON: {error}", where=file, fix="get it again") from None
    schemas.require("model", descriptor, file, "mend the descriptor")
    tokenizer = {name for key, name in descriptor["tokenizer"].items() if key != "kind"}
    for name in sorted(tokenizer - descriptor["files"].keys()):
        raise DeriveError(
            f"The tokenizer's file {name!r} has no hash", where=file, fix="describe it in `files`"
        )
    for name, digest in descriptor["files"].items():
        if not (path / name).is_file():
            raise DeriveError(
                "A file of the model is missing", where=path / name, fix="get the model again"
            )
        if hash_file(path / name) != digest:
            raise DeriveError(
                "A file of the model is not the one that was described",
                where=path / name,
                fix="get the model again, or describe the new one in model.json",
            )
    return Model(path, descriptor)


def find_model(locale: str, given: str = "") -> Path:
    """The folder of the model for a locale: as given, or the one its pack brings."""
    if given:
        path = Path(given).expanduser()
        if not path.is_dir():
            raise DeriveError("No such model folder", where=given, fix="check --model")
        return path
    pack = locales.load(locale)
    if pack.model is None:
        have = [tag for tag in locales.tags() if locales.load(tag).model]
        raise DeriveError(
            f"The locale {locale} brings no model",
            fix=f"name one with --model FOLDER (locales with a model: {', '.join(have)})",
        )
    return pack.model


def load_engine(path: Path, target: str, settings: Settings | None = None) -> CTranslate2Engine:
    """The engine of a model folder, for one target locale. Raises DeriveError."""
    model = load_model(path)
    if not covers(model.descriptor["target_languages"], target):
        raise DeriveError(
            f"The model translates into {', '.join(model.descriptor['target_languages'])},"
            f" not into {target}",
            where=path,
            fix="name another model with --model",
        )
    return CTranslate2Engine(model.path, model.descriptor, settings or Settings(), target)
