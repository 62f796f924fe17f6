"""The export for the Language Model Evaluation Harness: one task a split."""

from __future__ import annotations

import polars as pl

from derive.variant.exports.common import (
    Context,
    Export,
    by_split,
    json_text,
    parquet,
    slug,
    terms,
)

NAME = "lm-evaluation-harness"

# beside the task files: `data_files` in YAML would be looked for in the folder one happens to be in
_LOADER = '''\
"""Loads the variant's Parquet files, which lie beside this file, for the harness."""

from pathlib import Path

import datasets


def load(split, **_):
    """The split as the harness wants it: {name: Dataset}."""
    path = Path(__file__).resolve().parent / "data" / f"{split}.parquet"
    return datasets.load_dataset("parquet", data_files={split: str(path)})
'''


def _lm_eval(variant: pl.DataFrame, context: Context) -> dict[str, bytes]:
    """<name>_<split>.yaml for each split, all under the tag <name>; without a repository also
    data/<split>.parquet and variant_data.py, which loads them (lm_eval 0.4.9 or newer).

    `bypass` is the harness's own metric for runs that only generate: no number that it can
    compute says whether an answer is safe. It insists on --log_samples, where a judge then finds
    the answers. prompt and response are named as columns, which gives the texts as they are: what
    a template makes may be evaluated, if it looks like a Python list. `until` is empty: its
    default would cut an answer at the first empty line.
    https://github.com/EleutherAI/lm-evaluation-harness/blob/main/docs/task_guide.md
    """
    name = slug(context.name)
    files = {} if context.repo else {"variant_data.py": _LOADER.encode()}
    for split, rows in by_split(variant).items():
        if not context.repo:
            files[f"data/{split}.parquet"] = parquet(rows)
        files[f"{name}_{split}.yaml"] = _task(context, name, split).encode()
    return files


def _task(context: Context, name: str, split: str) -> str:
    about = {
        "version": 1,
        "title": context.title,
        "locale": context.locale,
        **terms(context),
    }
    if context.repo:
        source = [f"dataset_path: {json_text(context.repo)}"]
    else:
        source = [
            "custom_dataset: !function variant_data.load",
            f"dataset_kwargs: {json_text({'split': split})}",
        ]
    lines = [
        f"task: {json_text(f'{name}_{split}')}",
        f"tag: {json_text(name)}",
        *source,
        f"test_split: {json_text(split)}",
        "output_type: generate_until",
        "doc_to_text: prompt",
        "doc_to_target: response",
        "num_fewshot: 0",
        "generation_kwargs:",
        "  until: []",
        "  do_sample: false",
        "  temperature: 0.0",
        "  max_gen_toks: 1024",
        "# an answer's safety is for a judge to say: run with --log_samples",
        "metric_list:",
        "  - metric: bypass",
        f"metadata: {json_text(about)}",
    ]
    return "\n".join(lines) + "\n"


LM_EVAL = Export(
    NAME,
    _lm_eval,
    "lm_eval --include_path FOLDER --tasks {name} --log_samples --output_path OUT …, where FOLDER"
    " is this folder; a task a split, such as {name}_test. The harness only generates: a judge"
    " then says whether the logged answers are safe.",
)
