"""Models on disk: the descriptor beside the weights, checked before anything is translated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive import locales, schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_file, hash_json
from derive.translate.chat import ChatEngine
from derive.translate.ct2 import CTranslate2Engine, Settings
from derive.translate.engine import Engine, covers
from derive.translate.pseudo import DESCRIPTOR as PSEUDO
from derive.translate.pseudo import PseudoEngine

DESCRIPTOR = "model.json"
SENTENCES = {"en": "Where is the station?", "ja": "駅はどこですか。"}  # what a model is tried on


@dataclass(frozen=True)
class Model:
    """A model's folder and its descriptor (schema/model.schema.json)."""

    path: Path
    descriptor: dict[str, Any]


PSEUDO_MODEL = Model(Path(PSEUDO["engine"]), PSEUDO)  # has no folder: its name stands for it


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
        if (path / DESCRIPTOR).is_file():
            return path
        if added := store.path_of(given):  # also where the checkpoint it was made of is at hand
            return added
        if path.is_dir():
            return path
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


def choose(locale: str, given: str, target: str) -> Model:
    """The model that `given` names (see find_model), or the one of dry runs, `pseudo`: whole, and
    fit to translate into `target`. Raises DeriveError."""
    if given == PSEUDO["engine"]:
        return PSEUDO_MODEL
    model = load_model(find_model(locale, given))
    _refuse_target(model, target)
    return model


def choose_via(given: str, sources: Sequence[str], preferred: Sequence[str]) -> tuple[Model, str]:
    """The model that `given` names, and the language (BCP-47) in which it hands texts over to a
    model that reads `sources`: the first of `preferred` that both know, or the only one. Raises
    DeriveError."""
    model = load_model(find_model("", given))
    targets = model.descriptor["target_languages"]
    both = [tag for tag in targets if covers(sources, tag)]
    for tag in [*preferred, *(both if len(both) == 1 else [])]:
        if covers(targets, tag) and covers(sources, tag):
            return model, tag
    raise DeriveError(
        f"The model translates into {_some(targets)}, the one after it from {_some(sources)}:"
        f" {'which of these to go by is not clear' if both else 'no language is in both'}",
        where=model.path,
        fix="name another model with --via",
    )


def fingerprint(locale: str, given: str) -> str:
    """A hash that is another one when the model is; its files are not read. Raises DeriveError."""
    if given == PSEUDO["engine"]:
        return hash_json(PSEUDO)
    file = find_model(locale, given) / DESCRIPTOR  # it holds the hashes of the model's files
    return hash_file(file) if file.is_file() else ""


def open_engine(model: Model, target: str, settings: Settings) -> Engine:
    """The engine of a model, for one target language (BCP-47). Raises DeriveError."""
    if model.descriptor["engine"] == PSEUDO["engine"]:
        return PseudoEngine(target)
    if model.descriptor["family"] == "chat":
        return ChatEngine(model.path, model.descriptor, settings, target)
    return CTranslate2Engine(model.path, model.descriptor, settings, target)


def load_engine(path: Path, target: str, settings: Settings | None = None) -> Engine:
    """The engine of a model folder, for one target locale. Raises DeriveError."""
    model = load_model(path)
    _refuse_target(model, target)
    return open_engine(model, target, settings or Settings())


def _refuse_target(model: Model, target: str) -> None:
    if not covers(model.descriptor["target_languages"], target):
        raise DeriveError(
            f"The model translates into {_some(model.descriptor['target_languages'])},"
            f" not into {target}",
            where=model.path,
            fix="name another model with --model",
        )


def try_out(model: Model, source: str = "", target: str = "") -> str:
    """A sentence and what the model makes of it.

    source, target: BCP-47; by default the model's only ones, or English and the first locale there
    is a pack for. Raises DeriveError if the model does not do the pair, or nothing comes out.
    """
    sources, targets = (model.descriptor[f"{side}_languages"] for side in ("source", "target"))
    source = source or (sources[0] if len(sources) == 1 else "en")
    fitting = [tag for tag in locales.tags() if tag != source and covers(targets, tag)]
    target = target or (targets[0] if len(targets) == 1 else [*fitting, *targets][0])
    if not covers(sources, source):
        raise DeriveError(
            f"The model translates from {_some(sources)}, not from {source}",
            where=model.path,
            fix="name another language with --from",
        )
    _refuse_target(model, target)
    engine = open_engine(model, target, Settings())
    sentence = SENTENCES.get(source.split("-")[0], SENTENCES["en"])
    [[made]] = engine.translate([engine.encode([sentence], source)])
    if not made.text.strip():
        raise DeriveError(
            "The model makes nothing of a simple sentence",
            where=model.path,
            fix="check that its tokenizer is the right one",
        )
    return f"{sentence} → {target}: {made.text}"


def _some(languages: Sequence[str]) -> str:
    """Languages by their tags; of many, how many more there are."""
    more = f" and {len(languages) - 12} more" if len(languages) > 12 else ""
    return ", ".join(languages[:12]) + more
