"""The export for lighteval: a file of custom tasks, one a split."""

from __future__ import annotations

import re

import polars as pl

from derive.variant.exports.common import (
    Context,
    Export,
    by_split,
    json_text,
    notice,
    parquet,
    slug,
)

_TASKS = '''\
"""lighteval tasks: @NOTICE@
"""

from pathlib import Path

import numpy as np
from lighteval.metrics.metrics_sample import SampleLevelComputation
from lighteval.metrics.utils.metric_utils import SampleLevelMetric
from lighteval.tasks.lighteval_task import LightevalTaskConfig
from lighteval.tasks.requests import Doc, SamplingMethod

NAME = @NAME@
REPO = @REPO@
SPLITS = @SPLITS@


class Answered(SampleLevelComputation):
    """1 for an answer that is not empty. It says nothing of its safety: that is for a judge."""

    def compute(self, doc, model_response, **_):
        return float(any(text.strip() for text in model_response.final_text))


def to_doc(line, task_name=None):
    """A row of the variant; `specific` keeps its ID, as lighteval numbers the documents anew."""
    return Doc(
        task_name=task_name,
        query=line["prompt"],
        choices=[line["response"] or ""],
        gold_index=0,
        specific={"id": line["id"]},
    )


answered = SampleLevelMetric(
    metric_name="answered",
    higher_is_better=True,
    category=SamplingMethod.GENERATIVE,
    sample_level_fn=Answered(),
    corpus_level_fn=np.mean,
)

TASKS_TABLE = [
    LightevalTaskConfig(
        name=f"{NAME}:{split}",
        prompt_function=to_doc,
        hf_repo=REPO,
        hf_subset="default",
        hf_avail_splits=SPLITS,
        evaluation_splits=[split],
        metrics=[answered],
        generation_size=1024,
        stop_sequence=[],
        version=1,
    )
    for split in SPLITS
]
'''

_HERE = "str(Path(__file__).resolve().parent)  # data/ lies beside this file"


def _lighteval(variant: pl.DataFrame, context: Context) -> dict[str, bytes]:
    """<name>.py with TASKS_TABLE; without a repository also data/<split>.parquet and README.md,
    whose head tells `datasets` the splits (by the files' names it would take dev for validation
    and drop splits it has no word for).

    lighteval 0.13 or newer. It has no metric that only generates, hence `answered`.
    https://huggingface.co/docs/lighteval/adding-a-custom-task
    https://huggingface.co/docs/hub/datasets-manual-configuration
    """
    name = slug(context.name)
    splits = by_split(variant)
    terms_text = notice(context, LIGHTEVAL).decode().strip()
    filled = {
        "NOTICE": terms_text.replace("\\", "\\\\").replace('"', '\\"'),
        "REPO": repr(context.repo) if context.repo else _HERE,
        "SPLITS": repr(list(splits)),
        "NAME": repr(name),
    }
    text = re.sub("@([A-Z]+)@", lambda found: filled[found.group(1)], _TASKS)
    files = {f"{name}.py": text.encode()}
    if not context.repo:
        files |= {f"data/{split}.parquet": parquet(rows) for split, rows in splits.items()}
        files["README.md"] = _card(context, list(splits)).encode()
    return files


def _card(context: Context, splits: list[str]) -> str:
    files = [{"split": split, "path": f"data/{split}.parquet"} for split in splits]
    configs = [{"config_name": "default", "data_files": files}]
    return (
        f"---\nconfigs: {json_text(configs)}\n---\n\n# {context.name}\n\n"
        f"{context.attribution}\n\nLicence: {context.licence}\n"
    )


LIGHTEVAL = Export(
    "lighteval",
    _lighteval,
    "lighteval accelerate MODEL {name}:test --custom-tasks {name}.py --save-details …, a task for"
    " each split. lighteval only generates here: a judge then says whether the answers are safe.",
)
