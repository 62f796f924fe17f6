"""Models on disk: the descriptor beside the weights, checked before anything is translated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive import locales, schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_file
from derive.translate.ct2 import CTranslate2Engine, Settings
from derive.translate.engine import covers

DESCRIPTOR = "model.json"
SENTENCE = "Where is the station?"  # what a model is tried on


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
    """The folder of the model for a locale: as given (a folder, or the name of one that was added),
    or the one its pack brings. Raises DeriveError if there is none."""
    if given:
        from derive.translate import store

        path = Path(given).expanduser()
        if path.is_dir():
            return path
        if added := store.path_of(given):
            return added
        raise DeriveError(
            "No such model",
            where=given,
            fix="name a folder, or one of `derive models list`; add one with `derive models add`",
        )
    pack = locales.load(locale)
    if pack.model is None:
        have = [tag for tag in locales.tags() if locales.load(tag).model]
        advised = [f"derive models add {one['repo']} ({one['licence']})" for one in pack.models]
        raise DeriveError(
            f"The locale {locale} brings no model",
            fix=f"name one with --model MODEL (locales with a model: {', '.join(have)})"
            + "\n    or ".join(["", *advised]),
        )
    return pack.model


def load_engine(path: Path, target: str, settings: Settings | None = None) -> CTranslate2Engine:
    """The engine of a model folder, for one target locale. Raises DeriveError."""
    model = load_model(path)
    if not covers(model.descriptor["target_languages"], target):
        raise DeriveError(
            f"The model translates into {_some(model.descriptor['target_languages'])},"
            f" not into {target}",
            where=path,
            fix="name another model with --model",
        )
    return CTranslate2Engine(model.path, model.descriptor, settings or Settings(), target)


def try_out(model: Model, source: str = "", target: str = "") -> str:
    """A sentence and what the model makes of it; empty if the pair is not known.

    source, target: BCP-47; by default the model's only ones. Raises DeriveError if the model does
    not do the pair, or nothing comes out.
    """
    known = model.descriptor["source_languages"], model.descriptor["target_languages"]
    pair = [
        one or (only[0] if len(only) == 1 else "")
        for one, only in zip((source, target), known, strict=True)
    ]
    if not all(pair):
        return ""
    if not covers(known[0], pair[0]):
        raise DeriveError(
            f"The model translates from {_some(known[0])}, not from {pair[0]}",
            where=model.path,
            fix="name another language with --from",
        )
    engine = load_engine(model.path, pair[1])
    [[made]] = engine.translate([engine.encode([SENTENCE], pair[0])])
    if not made.text.strip():
        raise DeriveError(
            "The model makes nothing of a simple sentence",
            where=model.path,
            fix="check that its tokenizer is the right one",
        )
    return f"{SENTENCE} → {made.text}"


def _some(languages: Sequence[str]) -> str:
    """Languages by their tags; of many, how many more there are."""
    more = f" and {len(languages) - 12} more" if len(languages) > 12 else ""
    return ", ".join(languages[:12]) + more
