"""README.md of a variant, its card on the Hub: where it comes from, how, under which terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from derive.variant import counts, sections
from derive.variant.about import About
from derive.variant.build import Variant
from derive.variant.columns import described
from derive.variant.exports.common import by_split, slug
from derive.variant.licence import gate, licence_metadata
from derive.variant.released import NO_REPO
from derive.variant.templates import fill


def card(variant: Variant, about: About, people: Mapping[str, str]) -> str:
    """The card: metadata in YAML and a body in Markdown.

    people: what people wrote into its parts (sections.NAMES), kept as it is.
    """
    items = variant.items
    origins = [items["prompt_origin"], items["response_origin"]]
    words = sections.filled(people)
    return fill(
        "README.md.j2",
        repo=about.repo or NO_REPO,
        metadata=_yaml(metadata(variant, about)),
        about=about,
        terms=about.profile.terms,
        people=words,
        marked={name: sections.section(name, text) for name, text in words.items()},
        warning=warning(variant),
        included=items.height,
        answered=items["response"].count(),
        excluded=variant.excluded.height,
        splits={name: rows.height for name, rows in by_split(items).items()},
        columns={name: described(name) for name in items.columns},
        levels=counts.by(items["level"], counts.LEVELS),
        decisions=counts.by(items["decision"], counts.DECISIONS),
        states=counts.by(items["state"], counts.STATES),
        origins=_side_by_side(*(counts.by(one, counts.ORIGINS) for one in origins)),
        taxonomy=counts.taxonomy(items),
        models=_models(items, about.models),
        reasons=counts.reasons(variant.excluded),
        findings=counts.findings(items["checks"].to_list()),
        leaked=items["checks"].list.contains("source-in-variant").sum(),
        citation=bibtex(about),
    )


def metadata(variant: Variant, about: About) -> dict[str, Any]:
    """The card's metadata as the Hub wants it, `default` being the config with all splits.

    https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
    """
    items = variant.items
    made = {*items["prompt_origin"], *items["response_origin"]} - {None}
    creators = [
        name
        for name, origins in (
            ("machine-generated", {"mt", "mt+edit"}),
            ("expert-generated", {"mt+edit", "human"}),
        )
        if made & origins
    ]
    files = [{"split": split, "path": f"data/{split}.parquet"} for split in by_split(items)]
    return {
        "pretty_name": about.title,
        "language": [about.locale.split("-")[0]],
        "language_details": [about.locale],
        **licence_metadata(about.profile.terms),
        "source_datasets": [about.source_repo] if about.source_repo else None,
        "annotations_creators": creators or None,
        "language_creators": [*creators] or None,
        "multilinguality": ["monolingual"],
        "size_categories": [counts.size_category(items.height)],
        "task_categories": ["text-generation"],
        "tags": ["safety", "llm-safety", "localization", "derive"],
        "configs": [{"config_name": "default", "data_files": files}] if files else None,
        **gate(about),
    }


def _yaml(values: Mapping[str, Any]) -> str:
    from huggingface_hub import DatasetCardData

    return str(DatasetCardData(**values))


def warning(variant: Variant) -> str:
    """How far people have read it."""
    if not variant.items.height or variant.unread == variant.items.height:
        return "Unreviewed machine translation. A person must read it before it is published."
    if not variant.unread:
        return "People have translated, adapted or read every item."
    return (
        f"{variant.unread} of {variant.items.height} items are machine translations that no"
        " person has read."
    )


def _side_by_side(
    prompts: Sequence[counts.Row], responses: Sequence[counts.Row]
) -> list[tuple[str, str, int, int]]:
    """(origin, meaning, prompts, responses)."""
    meanings = {row.value: row.meaning for row in (*prompts, *responses)}
    first, second = ({row.value: row.count for row in rows} for rows in (prompts, responses))
    return [(one, text, first.get(one, 0), second.get(one, 0)) for one, text in meanings.items()]


def _models(items: pl.DataFrame, known: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The models that drafted items of the variant: name, licence, origin, how many items."""
    by_name = {f"{one['name']} {one['version']}": one for one in known}
    counted = items["model"].drop_nulls().value_counts().sort("model").rows()
    nobody = {"licence": "not recorded", "origin": ""}
    return [{**nobody, **by_name.get(name, {}), "name": name, "items": n} for name, n in counted]


def bibtex(about: About) -> str:
    """How to cite the variant, of what is known of it."""
    values = {
        "title": about.title,
        "author": " and ".join(f"{{{_bare(one)}}}" for one in about.said.get("creators", ())),
        "year": about.said.get("date", "")[:4],
        "url": about.url,
        "note": about.profile.terms["attribution"],
    }
    lines = [
        f"  {name} = {{{text if name == 'author' else _bare(text)}}}"
        for name, text in values.items()
        if text
    ]
    return f"@misc{{{slug(about.name)},\n" + ",\n".join(lines) + "\n}"


def _bare(text: str) -> str:
    """Without what means something to BibTeX, or ends the block of code it stands in."""
    return " ".join(text.translate(str.maketrans("", "", "{}\\`")).split())
