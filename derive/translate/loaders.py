"""What CTranslate2's converter gets wrong of some checkpoints, put right or refused.

Found by comparing log-probabilities with transformers' on tiny random models (CTranslate2 4.8.5,
transformers 5.23): Llama, Mistral and Qwen2 agree; so does Gemma 3 with what is mended here; Gemma
2 does not (the soft caps are left out), and others have not been compared.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.translate.families import read_json

CHATS = ("llama", "mistral", "qwen2", "gemma3", "gemma3_text")  # decoder-only, by `model_type`


def refuse_unfit(checkpoint: Path) -> None:
    """Raise DeriveError for a decoder-only model that would not come out as it is."""
    config = read_json(checkpoint / "config.json")
    kind = str(config.get("model_type", ""))
    decoder = any("CausalLM" in one for one in config.get("architectures") or ())
    text = config.get("text_config", config)
    scalar = text.get("query_pre_attn_scalar")
    if decoder and kind not in CHATS:
        why = f"of decoder-only models, {', '.join(CHATS)} are run, not {kind or 'this one'}"
    elif kind in CHATS and scalar and scalar != text.get("head_dim", scalar):
        why = "its attention is scaled in a way that CTranslate2 leaves out"
    else:
        return
    raise DeriveError(
        f"The model would not translate as it should: {why}",
        where=checkpoint,
        fix="name another model, see docs/translating.md",
    )


def register(loaders: Any) -> None:
    """Put our loaders in the place of those of ctranslate2.converters.transformers."""

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

    class ScaledPositions(loaders.Gemma3Loader):  # type: ignore[misc]
        """The converter leaves out that Gemma 3 from 4B on stretches the positions of the layers
        that see the whole text."""

        def get_model_spec(self, model: Any) -> Any:
            import numpy
            from ctranslate2.specs.attention_spec import RotaryScalingType

            spec = super().get_model_spec(model)
            config = getattr(model.config, "text_config", model.config)
            positions = config.rope_parameters["full_attention"]
            for layer, kind in zip(spec.decoder.layer, config.layer_types, strict=True):
                if kind == "full_attention" and positions["rope_type"] == "linear":
                    for name, value in (
                        ("rotary_scaling_type", numpy.int8(RotaryScalingType.Linear)),
                        ("rotary_scaling_factor", numpy.float32(positions["factor"])),
                    ):  # the specification is frozen against new attributes
                        object.__setattr__(layer.self_attention, name, value)
            return spec

    loaders.register_loader("M2M100Config")(WholeVocabulary)
    loaders.register_loader("Gemma3Config")(ScaledPositions)
    loaders.register_loader("Gemma3TextConfig")(ScaledPositions)
