"""The families of translation models: how each wants its text, and how to tell them apart.

A family says which tokens stand before and after a sentence and which files hold its tokenizer.
What one model knows (languages, their codes) is read from its own vocabulary.
Sources: the models' documentation in transformers and CTranslate2's guide to transformers models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.files import hash_file
from derive.languages import canonical, shortest
from derive.translate.chat import FORMS, Form

# codes that are no BCP-47 tag (Helsinki-NLP's for Portuguese of Brazil), or an uncommon one
_QUIRKS = {"pob": "pt-BR", "quy_Latn": "qu", "pbt_Arab": "ps"}


@dataclass(frozen=True)
class Family:
    """One architecture and its manner.

    code: finds the language codes among a vocabulary's tokens, its group 1 is the code. prefix,
    suffix, target_prefix: tokens, with {source} and {target} for the codes of a pair.
    tokenizers: files of the source's and the target's SentencePiece model, the first pair that is
    there is taken. longest: tokens that go in, where the model does not say.
    """

    name: str
    code: re.Pattern[str]
    prefix: tuple[str, ...]
    suffix: tuple[str, ...]
    target_prefix: tuple[str, ...]
    tokenizers: tuple[tuple[str, str], ...]
    longest: int = 512


_CHAT = "tokenizer.json"
_SPM = tuple((name, name) for name in ("sentencepiece.bpe.model", "sentencepiece.model"))
_T5 = tuple((name, name) for name in ("spiece.model", "sentencepiece.model"))
FAMILIES = {
    family.name: family
    for family in (
        Family(
            "marian", re.compile(r"^>>([\w-]+)<<$"), (">>{target}<<",), ("</s>",), (),
            (("source.spm", "target.spm"), *_SPM[1:]),
        ),
        Family(
            "m2m100", re.compile(r"^__([a-z]{2,3})__$"), ("__{source}__",), ("</s>",),
            ("__{target}__",), _SPM, 1024,
        ),
        Family(
            "nllb", re.compile(r"^([a-z]{3}_[A-Z][a-z]{3})$"), ("{source}",), ("</s>",),
            ("{target}",), _SPM, 1024,
        ),
        Family(
            "madlad400", re.compile(r"^<2([a-z]{2,3}(?:[_-]\w+)?)>$"), ("<2{target}>",), ("</s>",),
            (), _T5,
        ),
        # 512: a question and its answer stay within the shortest window of Gemma 3's layers
        Family("chat", re.compile(r"(?!)"), (), (), (), ((_CHAT, _CHAT),), 512),
    )
}  # fmt: skip


def read_vocabulary(path: Path) -> list[str]:
    """The tokens a CTranslate2 model takes. Raises DeriveError if it has no vocabulary."""
    for name in ("shared_vocabulary", "source_vocabulary", "vocabulary"):
        if (file := path / f"{name}.json").is_file():
            return list(json.loads(file.read_text(encoding="utf-8")))
        if (file := path / f"{name}.txt").is_file():
            return file.read_text(encoding="utf-8").split("\n")
    raise DeriveError(
        "No CTranslate2 vocabulary in the folder", where=path, fix="convert the model again"
    )


def tell_family(path: Path, vocabulary: Sequence[str]) -> tuple[Family, tuple[str, str]]:
    """The family of a CTranslate2 model, by its language tokens; and its tokenizer's files.

    Raises DeriveError for one that is none of FAMILIES, or without its tokenizer.
    """
    if (path / "vocabulary.json").is_file():  # decoder-only
        return _chat(path)
    for name in ("nllb", "m2m100", "madlad400"):
        family = FAMILIES[name]
        files = _tokenizer(path, family)
        if files and any(family.code.match(token) for token in vocabulary):
            return family, files
    if files := _tokenizer(path, FAMILIES["marian"]):
        return FAMILIES["marian"], files
    raise DeriveError(
        "The model is of no family that derive knows, or its tokenizer is missing",
        where=path,
        fix=f"families are {', '.join(FAMILIES)}; each needs its SentencePiece files beside it",
    )


def _chat(path: Path) -> tuple[Family, tuple[str, str]]:
    files = _tokenizer(path, FAMILIES["chat"])
    if not files:
        raise DeriveError(
            "The model's tokenizer is missing", where=path, fix=f"put its {_CHAT} beside it"
        )
    return FAMILIES["chat"], files


def form_of(vocabulary: Sequence[str], path: Path) -> Form:
    """How a chat model is asked. Raises DeriveError for one that was trained on another form."""
    found = next((form for form in FORMS if form.begin in vocabulary), None)
    if found is None:
        known = ", ".join(form.begin for form in FORMS)
        raise DeriveError(
            "A decoder-only model whose form of a conversation derive does not know",
            where=path,
            fix=f"name one that is asked with {known}, such as TranslateGemma or Tower",
        )
    return found


def describe(
    path: Path,
    *,
    name: str,
    version: str,
    licence: str,
    origin: str,
    source: str = "",
    target: str = "",
    positions: int | None = None,
    languages: Sequence[str] = (),
) -> dict[str, Any]:
    """The descriptor (schema/model.schema.json) of a CTranslate2 folder with its tokenizer.

    source, target: the languages (BCP-47) of a model that does not name them itself.
    positions: how many tokens its checkpoint has places for. languages: what a chat model knows.
    Raises DeriveError if they are needed and not given.
    """
    vocabulary = read_vocabulary(path)
    family, tokenizer = tell_family(path, vocabulary)
    codes = language_codes(family, vocabulary)
    one_way = family.name == "marian"
    chat = {}
    if family.name == "chat":
        form = form_of(vocabulary, path)
        chat = {"prompt": form.prompt, "stop": form.stop}
        positions = positions and positions // 2  # the answer takes places, too
    targets = sorted(codes) or _with(languages, target)
    sources = _with(languages, source) if one_way or chat else sorted(codes)
    if not sources or not targets:
        raise DeriveError(
            "The model does not say which languages it translates",
            where=path,
            fix="name them: derive models add MODEL --from en --into pt-BR",
        )
    prefix = [] if one_way and not codes else list(family.prefix)
    # the start and the end take places too
    longest = min(family.longest, positions - 2 if positions else family.longest)
    adds_end = one_way and read_json(path / "config.json").get("add_source_eos", False)
    return {
        "schema": 1,
        "name": name,
        "version": version,
        "engine": "ctranslate2",
        "family": family.name,
        "source_languages": sources,
        "target_languages": targets,
        "tokenizer": {"kind": "tokenizers", "file": tokenizer[0]}
        if chat
        else {"kind": "sentencepiece", "source": tokenizer[0], "target": tokenizer[1]},
        **chat,
        "codes": codes,
        "source_prefix": prefix,
        "source_suffix": [] if adds_end else list(family.suffix),
        "target_prefix": list(family.target_prefix),
        "max_input_tokens": longest,
        "max_output_tokens": longest,
        "mask": "XQZ{}",
        "licence": licence,
        "origin": origin,
        "files": {
            file.name: hash_file(file)
            for file in sorted(path.iterdir())
            if file.is_file() and file.name not in ("model.json", "README.md")
        },
    }


def _with(languages: Sequence[str], tag: str) -> list[str]:
    return sorted({canonical(one) for one in (*languages, tag) if one})


def language_codes(family: Family, vocabulary: Sequence[str]) -> dict[str, str]:
    """BCP-47 tag to the model's code, for every code that stands for a language we can name."""
    codes: dict[str, str] = {}
    for token in vocabulary:
        if found := family.code.match(token):
            try:
                tag = shortest(_QUIRKS.get(found[1], found[1].replace("_", "-")))
            except DeriveError:
                continue
            codes.setdefault(tag, found[1])
    return dict(sorted(codes.items()))


def _tokenizer(path: Path, family: Family) -> tuple[str, str] | None:
    for pair in family.tokenizers:
        if all((path / name).is_file() for name in pair):
            return pair
    return None


def read_json(file: Path) -> dict[str, Any]:
    """A model's JSON file; empty if there is none. Raises DeriveError if it is no JSON object."""
    if not file.is_file():
        return {}
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise DeriveError(f"Not JSON: {error}", where=file, fix="get the model again") from None
