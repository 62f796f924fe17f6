"""Exports that are JSON: llm-jp-judge, Project Moonshot, and chat messages for fine-tuning."""

from __future__ import annotations

from typing import Any

import polars as pl

from derive.profiles import TAXONOMY
from derive.variant.exports.common import (
    Context,
    Export,
    by_split,
    json_file,
    json_lines,
    slug,
    terms,
)

_LINEAGE = (
    "split", "locale", *TAXONOMY, "level", "decision", "derived_from", "prompt_origin",
    "response_origin", "model", "state",
)  # fmt: skip


def _llm_jp_judge(variant: pl.DataFrame, context: Context) -> dict[str, bytes]:
    """<split>.json: a list of {ID, text, output, meta}.

    The first three are what `load_safety` reads, all of them required; `output` becomes the
    reference answer of the judge's prompt, so a row without one would be compared with "None".
    `meta` is the column of AnswerCarefully itself, which other readers of that dataset look at.
    https://github.com/llm-jp/llm-jp-judge/blob/main/src/llm_jp_judge/dataset/safety.py
    """

    def record(row: dict[str, Any]) -> dict[str, Any]:
        meta = {name.replace("_", "-"): row[name] for name in TAXONOMY}
        return {"ID": row["id"], "text": row["prompt"], "output": row["response"], "meta": meta}

    return {
        f"{split}.json": json_file([record(row) for row in rows.iter_rows(named=True)])
        for split, rows in by_split(variant).items()
    }


def _moonshot(variant: pl.DataFrame, context: Context) -> dict[str, bytes]:
    """<name>-<split>.json: name, description, license, reference, examples of {id, input, target}.

    The file's name is the dataset's ID, which must not hold `__`. A row without a response has an
    empty target, as Moonshot's own sets without targets have.
    https://github.com/aiverify-foundation/moonshot/blob/main/moonshot/src/datasets/dataset_arguments.py
    """
    files = {}
    for split, rows in by_split(variant).items():
        description = [f"{context.title}, variant for {context.locale}, split {split}."]
        description += [part for part in (context.attribution, context.purpose) if part]
        dataset = {
            "name": f"{context.name} {split}",
            "description": " ".join(description),
            "license": context.licence,
            "reference": f"https://huggingface.co/datasets/{context.repo}"
            if context.repo
            else context.attribution,
            "examples": [
                {"id": row["id"], "input": row["prompt"], "target": row["response"] or ""}
                for row in rows.iter_rows(named=True)
            ],
        }
        files[f"{slug(context.name)}-{split}.json".replace("_", "-").lower()] = json_file(dataset)
    return files


def _messages(variant: pl.DataFrame, context: Context) -> dict[str, bytes]:
    """<split>.jsonl: {id, messages: [{role, content}, …], metadata}, the conversational format.

    Every row has the same keys, so that readers which infer columns find the same ones.
    https://huggingface.co/docs/trl/dataset_formats
    """

    def record(row: dict[str, Any]) -> dict[str, Any]:
        turns = [("user", row["prompt"]), ("assistant", row["response"])]
        return {
            "id": row["id"],
            "messages": [{"role": role, "content": content} for role, content in turns],
            "metadata": {name: row[name] for name in _LINEAGE} | terms(context),
        }

    return {
        f"{split}.jsonl": json_lines(record(row) for row in rows.iter_rows(named=True))
        for split, rows in by_split(variant).items()
    }


LLM_JP_JUDGE = Export(
    "llm-jp-judge",
    _llm_jp_judge,
    "Name a split's file, such as test.json, as the dataset.path of the safety benchmark of"
    " llm_jp_judge.generate. Its judge's prompt is Japanese and made for Japanese answers.",
    needs_response=True,
)
MOONSHOT = Export(
    "moonshot",
    _moonshot,
    "Put the JSON files in Moonshot's data folder of datasets; the file's name is the ID.",
)
MESSAGES = Export(
    "messages",
    _messages,
    "datasets.load_dataset('json', data_files=…) reads one file, a file a split."
    " A model that is fine-tuned on the test split cannot be evaluated with it.",
    needs_response=True,
)
