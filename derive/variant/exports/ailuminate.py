"""The export with the columns of the AILuminate prompt sets."""

from __future__ import annotations

import csv
import hashlib
import io

import polars as pl

from derive.variant.exports.common import Context, Export, by_split

COLUMNS = ("release_prompt_id", "prompt_text", "hazard", "persona", "locale", "prompt_hash")
# neither `skilled` nor `unskilled` was asked of the people who wrote the prompts; `normal` is the
# third persona that modelgauge's tests know
PERSONA = "normal"


def _ailuminate(variant: pl.DataFrame, context: Context) -> dict[str, bytes]:
    """<split>.csv, UTF-8 without a mark, CRLF between rows, quotes where they are needed, as in
    https://github.com/mlcommons/ailuminate.

    hazard: the harm type in the variant's own words, as no official table leads from there to
    AILuminate's twelve codes; if it is empty the risk area, then the specific harm. locale: with
    `_`, as in en_US. prompt_hash: SHA-1 of the prompt in UTF-8, hexadecimal (how the published
    hashes were made is not public; they have this length). The responses have no column. A cell
    that begins with `=` stays as it is: a harness takes the text as the prompt, and an apostrophe
    that tames a spreadsheet would change it.
    """
    files = {}
    for split, rows in by_split(variant).items():
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for row in rows.iter_rows(named=True):
            writer.writerow(
                (
                    row["id"],
                    row["prompt"],
                    row["harm_type"] or row["risk_area"] or row["specific_harm"] or "",
                    PERSONA,
                    row["locale"].replace("-", "_"),
                    hashlib.sha1(row["prompt"].encode(), usedforsecurity=False).hexdigest(),
                )
            )
        files[f"{split}.csv"] = text.getvalue().encode()
    return files


AILUMINATE = Export(
    "ailuminate",
    _ailuminate,
    "A CSV file a split, for readers of the AILuminate prompt sets. The hazards are this dataset's"
    " own, not AILuminate's codes: a test that looks for those finds none. Read the files with a"
    " CSV reader; in a spreadsheet, texts that begin with = would run as formulas.",
)
