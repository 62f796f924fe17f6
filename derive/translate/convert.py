"""A transformers checkpoint as a CTranslate2 model. Needs the extra `convert`."""

from __future__ import annotations

import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

from derive.errors import DeriveError

QUANTIZATIONS = ("int8", "int8_float16", "int8_float32", "int16", "float16", "bfloat16", "float32")
_TOKENIZER_FILES = (
    *("source.spm", "target.spm", "sentencepiece.bpe.model", "sentencepiece.model"),
    "spiece.model",
)


def is_checkpoint(path: Path) -> bool:
    """Whether a folder holds a transformers checkpoint."""
    weights = ("*.safetensors", "pytorch_model*.bin")
    return (path / "config.json").is_file() and any(any(path.glob(one)) for one in weights)


def convert(checkpoint: Path, output: Path, quantization: str) -> None:
    """Convert with CTranslate2's own converter, and put the tokenizer's files beside the model.

    Remote code is never run. Raises DeriveError if the extra is missing, or the converter refuses.
    """
    try:
        from ctranslate2.converters import TransformersConverter
        from ctranslate2.converters import transformers as loaders
        from transformers.utils import logging as talk
    except ImportError as error:
        raise DeriveError(
            f"Converting a checkpoint needs more packages: {error}",
            fix="pip install 'derive-datasets[convert]'",
        ) from error

    class WholeVocabulary(loaders.M2M100Loader):  # type: ignore[misc]
        """transformers 5 does not list a tokenizer's language tokens, where the converter looks
        for them; their IDs are in the tokenizer all the same."""

        def get_vocabulary(self, model: Any, tokenizer: Any) -> list[str]:
            size = model.config.vocab_size
            tokens = tokenizer.convert_ids_to_tokens(list(range(size)))
            taken: set[str] = set()
            for at, token in enumerate(tokens):
                if token is None or token in taken or (token == "<unk>" and at > 3):
                    tokens[at] = f"madeupword{at}"
                taken.add(tokens[at])
            return list(tokens)

    loaders.register_loader("M2M100Config")(WholeVocabulary)
    verbosity = talk.get_verbosity()
    talk.set_verbosity(logging.ERROR)
    talk.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():  # of packages that tokenize otherwise than we do
            warnings.simplefilter("ignore")
            converter = TransformersConverter(str(checkpoint))
            converter.convert(str(output), quantization=quantization or None)
    except Exception as error:  # torch, safetensors and transformers each have their own
        raise DeriveError(
            f"The checkpoint cannot be converted: {error}",
            where=checkpoint,
            fix="check that it is a translation model that CTranslate2 supports",
        ) from error
    finally:
        talk.set_verbosity(verbosity)
    for name in _TOKENIZER_FILES:
        if (checkpoint / name).is_file():
            shutil.copyfile(checkpoint / name, output / name)
