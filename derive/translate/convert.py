"""A transformers checkpoint as a CTranslate2 model. Needs the extra `convert`."""

from __future__ import annotations

import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.translate.loaders import refuse_unfit, register

QUANTIZATIONS = ("int8", "int8_float16", "int8_float32", "int8_bfloat16", "int16",
                 "float16", "bfloat16", "float32")  # fmt: skip
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

    Code of the checkpoint is never run: none is loaded, and of weights that are a pickle
    (pytorch_model.bin, where there are no safetensors) only tensors are.
    Raises DeriveError if the extra is missing, or the converter refuses.
    """
    refuse_unfit(checkpoint)
    if quantization not in QUANTIZATIONS:
        raise DeriveError(
            f"CTranslate2 has no quantization {quantization!r}",
            fix=f"choose one of {', '.join(QUANTIZATIONS)}",
        )
    try:
        from ctranslate2.converters import TransformersConverter
        from ctranslate2.converters import transformers as loaders
        from transformers.utils import logging as talk
    except ImportError as error:
        raise DeriveError(
            f"Converting a checkpoint needs more packages: {error}",
            fix="pip install 'derive-datasets[convert]'",
        ) from error

    class Careful(TransformersConverter):  # type: ignore[misc]
        """transformers would ask at the terminal whether to run a tokenizer's code."""

        def load_model(self, model_class: Any, path: str, **how: Any) -> Any:
            return model_class.from_pretrained(
                path, **how, trust_remote_code=False, weights_only=True
            )

        def load_tokenizer(self, tokenizer_class: Any, path: str, **how: Any) -> Any:
            return tokenizer_class.from_pretrained(path, **how, trust_remote_code=False)

    register(loaders)
    verbosity = talk.get_verbosity()
    talk.set_verbosity(logging.ERROR)
    talk.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():  # of packages that tokenize otherwise than we do
            warnings.simplefilter("ignore")
            converter = Careful(str(checkpoint))
            converter.convert(str(output), quantization=quantization)
    except Exception as error:  # torch, safetensors and transformers each have their own
        raise DeriveError(
            f"The checkpoint cannot be converted: {error}",
            where=checkpoint,
            fix="check that it is a translation model that CTranslate2 supports",
        ) from error
    finally:
        talk.set_verbosity(verbosity)
    chat = (output / "vocabulary.json").is_file()
    for name in ("tokenizer.json",) if chat else _TOKENIZER_FILES:
        if (checkpoint / name).is_file():
            shutil.copyfile(checkpoint / name, output / name)
