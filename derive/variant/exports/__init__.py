"""The variant in the shapes that evaluation and fine-tuning harnesses read: `derive export`.

An export is a set of files. Texts go out exactly as they are, every row keeps its ID, and the
terms go with them: where the format has a place for them, and always in NOTICE.
"""

from __future__ import annotations

import polars as pl

from derive import tables
from derive.errors import DeriveError
from derive.findings import Findings
from derive.variant.exports.ailuminate import AILUMINATE
from derive.variant.exports.common import Context, Export, notice
from derive.variant.exports.lighteval import LIGHTEVAL
from derive.variant.exports.lm_eval import LM_EVAL
from derive.variant.exports.lm_eval import NAME as LM_EVAL_NAME
from derive.variant.exports.records import LLM_JP_JUDGE, MESSAGES, MOONSHOT

__all__ = ["EXPORTS", "Context", "Export", "export"]

EXPORTS: dict[str, Export] = {
    "ailuminate": AILUMINATE,
    "lighteval": LIGHTEVAL,
    "llm-jp-judge": LLM_JP_JUDGE,
    LM_EVAL_NAME: LM_EVAL,
    "messages": MESSAGES,
    "moonshot": MOONSHOT,
}


def export(variant: pl.DataFrame, to: str, context: Context) -> tuple[dict[str, bytes], Findings]:
    """The files of one export, and a finding for each row that is left out of them.

    variant: the table `variant` (derive.tables.VARIANT). to: a name of EXPORTS.
    Returns the content by file name (relative, `/` between folders, the same bytes for the same
    variant) and the findings: rows in = rows in the files + findings.
    Raises DeriveError for an unknown name, another table, or if no row is left.
    """
    if to not in EXPORTS:
        raise DeriveError(
            f"There is no export {to!r}", fix=f"choose one of {', '.join(sorted(EXPORTS))}"
        )
    if dict(variant.schema) != tables.VARIANT:
        raise DeriveError(
            "This is not the table of a variant", fix="build the variant with this version"
        )
    chosen = EXPORTS[to]
    kept = variant.filter(_answered()) if chosen.needs_response else variant
    findings = Findings()
    left_out = variant.filter(~_answered()) if chosen.needs_response else variant.clear()
    for item in left_out["id"]:
        findings.add(
            "export-left-out", f"no response, which {to} needs", item=item, field="response"
        )
    if not kept.height:
        raise DeriveError(
            f"The variant has no row for {to}"
            + (": none of its rows has a response" if variant.height else ": it is empty"),
            fix=f"{'write responses' if variant.height else 'build the variant'}, or choose"
            " another export",
        )
    files = {**chosen.files(kept, context), "NOTICE": notice(context, chosen)}
    return dict(sorted(files.items())), findings


def _answered() -> pl.Expr:
    return pl.col("response").fill_null("").str.strip_chars() != ""
