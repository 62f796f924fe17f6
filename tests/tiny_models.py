"""Tiny checkpoints of the real architectures with random weights, for tests: nothing is learned.

Each is what a Hub repository of its family holds: weights, config, tokenizer. Needs the packages
of the extra `convert`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conftest import ROOT

TEXT = ROOT / "LICENSE"  # tokenizers are trained on it: it stays as it is, and so do the models
PIECES = 300
WIDTH = 32
LANGUAGES = ("eng_Latn", "por_Latn", "jpn_Jpan", "zho_Hans", "zho_Hant")
SIZES = {
    "d_model": WIDTH, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
    "max_position_embeddings": 64, "scale_embedding": True, "bos_token_id": 0, "pad_token_id": 1,
    "eos_token_id": 2, "decoder_start_token_id": 2,
}  # fmt: skip


def _sentencepiece(path: Path, kind: str, **more: Any) -> None:
    import sentencepiece

    def lines() -> Iterator[str]:
        yield from filter(None, TEXT.read_text(encoding="utf-8").splitlines())

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines(), model_prefix=str(path.parent / "made"), vocab_size=PIECES,
        model_type=kind, hard_vocab_limit=False, minloglevel=2, num_threads=1, **more,
    )  # fmt: skip
    (path.parent / "made.vocab").unlink()
    (path.parent / "made.model").rename(path)


def _save(folder: Path, model: Any, padding: int | None = None) -> Path:
    import torch

    torch.manual_seed(3)
    with torch.no_grad():  # weights as large as learnt ones, or every step says the same
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.normal_(std=WIDTH**-0.5 * 2)
        if padding is not None:  # Marian starts from it: it is all zeros, and never said
            model.get_input_embeddings().weight[padding] = 0
            model.final_logits_bias[0, padding] = -1e9
    model.eval().save_pretrained(folder)
    return folder


def _config(folder: Path, **content: Any) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps(content), encoding="utf-8")


def nllb(folder: Path) -> Path:
    """NLLB-200: an M2M-100 whose language tokens are FLORES codes."""
    import transformers

    _sentencepiece(folder / "sentencepiece.bpe.model", "bpe")
    _config(folder, tokenizer_class="NllbTokenizer", additional_special_tokens=list(LANGUAGES))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    config = transformers.M2M100Config(vocab_size=len(tokenizer), **SIZES)
    return _save(folder, transformers.M2M100ForConditionalGeneration(config))


def m2m100(folder: Path) -> Path:
    """M2M-100, with the eight made-up words at the end of its vocabulary."""
    import sentencepiece
    import transformers

    _sentencepiece(folder / "sentencepiece.bpe.model", "bpe")
    pieces = sentencepiece.SentencePieceProcessor(
        model_file=str(folder / "sentencepiece.bpe.model")
    )
    words = ["<s>", "<pad>", "</s>", "<unk>"]
    words += [pieces.id_to_piece(at) for at in range(3, pieces.get_piece_size())]
    vocabulary = {word: at for at, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    _config(folder, tokenizer_class="M2M100Tokenizer", src_lang="en", tgt_lang="pt")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    size = len(words) + len(tokenizer.lang_code_to_token) + 8
    config = transformers.M2M100Config(vocab_size=size, **SIZES)
    return _save(folder, transformers.M2M100ForConditionalGeneration(config))


def madlad400(folder: Path) -> Path:
    """MADLAD-400: a T5 1.1 whose target language is a token before the text."""
    import transformers

    _sentencepiece(
        folder / "spiece.model", "unigram", unk_id=2, bos_id=-1, eos_id=1, pad_id=0,
        user_defined_symbols=["<2en>", "<2pt>", "<2ja>", "<2zh_Hant>"],
    )  # fmt: skip
    _config(folder, tokenizer_class="T5Tokenizer", extra_ids=0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=WIDTH, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0,
    )  # fmt: skip
    return _save(folder, transformers.T5ForConditionalGeneration(config))


def marian(folder: Path, *targets: str) -> Path:
    """OPUS-MT; with targets, one that is told the language by a token such as >>por<<."""
    import sentencepiece
    import transformers

    _sentencepiece(folder / "source.spm", "unigram")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    words = ["</s>", "<unk>", *(f">>{one}<<" for one in targets)]
    words += [pieces.id_to_piece(at) for at in range(3, pieces.get_piece_size())]
    vocabulary = {word: at for at, word in enumerate([*words, "<pad>"])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    _config(folder, tokenizer_class="MarianTokenizer", source_lang="en", target_lang="pt")
    end = {"pad_token_id": len(words), "decoder_start_token_id": len(words), "eos_token_id": 0}
    config = transformers.MarianConfig(
        **{**SIZES, **end, "bos_token_id": 0}, vocab_size=len(words) + 1,
        decoder_vocab_size=len(words) + 1, forced_eos_token_id=0,
        static_position_embeddings=True,
    )  # fmt: skip
    return _save(folder, transformers.MarianMTModel(config), len(words))


def _chat(folder: Path, begin: str, stop: str, kind: str, **more: Any) -> Path:
    """A decoder-only model with a byte-level tokenizer that knows the marks of a turn."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<pad>", "<eos>", "<bos>", begin, stop]
    made.train(
        [str(TEXT)],
        trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False,
                            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
    )  # fmt: skip
    made.post_processor = processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", 2)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>",
        unk_token="<pad>", chat_template="{{ messages }}",
    ).save_pretrained(folder)  # fmt: skip
    config = transformers.AutoConfig.for_model(
        kind, vocab_size=made.get_vocab_size(), hidden_size=WIDTH, intermediate_size=64,
        num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
        max_position_embeddings=512, pad_token_id=0, eos_token_id=1, bos_token_id=2, **more,
    )  # fmt: skip
    return _save(folder, transformers.AutoModelForCausalLM.from_config(config))


def tower(folder: Path, kind: str = "llama") -> Path:
    """Tower: a Llama, a Mistral or a Qwen that is asked in ChatML."""
    return _chat(folder, "<|im_start|>", "<|im_end|>", kind)


def gemma(folder: Path) -> Path:
    """TranslateGemma: a Gemma 3 whose positions are stretched, as from 4B on."""
    positions = {
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    }
    return _chat(
        folder, "<start_of_turn>", "<end_of_turn>", "gemma3_text", rope_parameters=positions,
        layer_types=["sliding_attention", "full_attention"], query_pre_attn_scalar=8,
        sliding_window=512, tie_word_embeddings=False,
    )  # fmt: skip


CHATS: dict[str, Callable[[Path], Path]] = {
    "llama": tower,
    "mistral": lambda folder: tower(folder, "mistral"),
    "qwen2": lambda folder: tower(folder, "qwen2"),
    "gemma3": gemma,
}
CHECKPOINTS: dict[str, Callable[[Path], Path]] = {
    "nllb": nllb,
    "m2m100": m2m100,
    "madlad400": madlad400,
    "marian": marian,
    "marian of many": lambda folder: marian(folder, "por", "pob", "jpn", "cmn_Hant"),
}
