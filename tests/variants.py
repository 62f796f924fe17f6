"""Variants for tests of what is made of them: rows of every kind, with texts that do harm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from derive import profiles, tables
from derive.findings import Findings
from derive.variant.about import About
from derive.variant.build import Variant

TEXTS = (
    '=SOMA(A1)? "Olá", disse ela:\n\tquanto é 1+1, afinal?',
    "ما هي عاصمة مصر؟ \u200fقل «القاهرة»\u2028ثم توقف",
    "ฝนตกไหม <!-- people: about --> {{ name }} 👩🏽‍🌾 | a | b |",
    "  O que é um saci? \u0085 ",
)
LABELS = ("領域 | a", "a\n## b", "<!-- /people -->", "[x](y) `z` *w* _v_ &amp; $1$", "~~u~~ \\ #1")
STAGES = {
    "release": {"rows": 6, "items": 6, "left_out": 0},
    "flag": {"items": 6, "marks": 9, "translate": 3, "adapt": 2, "rewrite": 1},
    "translate": {"drafts": 5, "no_draft": 7, "adapted_drafts": 2},
    "collect": {"issued": 6, "accepted": 4, "removed": 1},
}
MODELS = [{"name": "m", "version": "1", "licence": "MPL-2.0", "origin": "Distilled from n"}]


def blank() -> dict[str, Any]:
    """A row of the table `variant` in which nothing is said."""
    return {
        name: {part.name: None for part in kind.fields} if isinstance(kind, pl.Struct) else None
        for name, kind in tables.VARIANT.items()
    }


def row(number: int, **changed: Any) -> dict[str, Any]:
    """A row of the table `variant`; each number has another mixture of values."""
    origin = {"dataset": "acme/sample", "version": "v1", "revision": None, "id": f"s{number}"}
    response = None if number % 4 == 3 else f"{TEXTS[(number + 1) % 4]} {number}"
    return blank() | {
        "id": f"brazil-{number:06d}",
        "split": ("dev", "test")[number % 2],
        "locale": "pt-BR",
        "prompt": f"{TEXTS[number % 4]} {number}",
        "response": response,
        "risk_area": LABELS[number % 2],
        "harm_type": LABELS[number % 5],
        "level": (0, 1, 2, None)[number % 4],
        "decision": ("transfer", "modify", "replace", "new")[number % 4],
        "derived_from": origin,
        "prompt_origin": ("mt", "mt+edit", "human")[number % 3],
        "response_origin": None if response is None else ("mt+edit", "human")[number % 2],
        "model": "m 1" if number % 3 < 2 else None,
        "evidence": [f"https://a.example/{n}" for n in range(number % 3)],
        "checks": ["draft-end", "text-length"][: number % 3],
        "state": ("translated", "reviewed", "final")[number % 3],
        "licence": "answer-carefully-dataset-tou",
        **changed,
    }


def variant(rows: Sequence[dict[str, Any]] | int = 8, reasons: Sequence[str] = ()) -> Variant:
    """A variant of these rows (or of so many), with an excluded item for each reason."""
    rows = [row(number) for number in range(rows)] if isinstance(rows, int) else rows
    account = {"split": "dev", "level": 0, "route": "", "status": "waiting"}
    excluded = [
        {**dict.fromkeys(tables.EXCLUDED), **account, "item": f"x{n}", "reason": reason}
        for n, reason in enumerate(reasons)
    ]
    unread = sum(one["state"] == "translated" and one["prompt_origin"] == "mt" for one in rows)
    return Variant(
        tables.frame(rows, tables.VARIANT),
        tables.frame(excluded, tables.EXCLUDED),
        Findings(),
        unread,
    )


def about(profile: str = "answercarefully", **changed: Any) -> About:
    """What its documents say besides."""
    told = {"content_hash": "ab" * 32, "stages": STAGES, "models": MODELS, **changed}
    given = profiles.plain("ja") if profile == "plain" else profiles.load(profile)
    return About("brazil", "pt-BR", given, "acme/sample", **told)
