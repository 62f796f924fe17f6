"""What a release says of itself in its dataset card: counts, columns, terms, what changed.

The section stands between two marks, so that a later release replaces it and what people wrote
around it stays. The card's metadata get the release's config, which becomes the default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive import languages
from derive.errors import DeriveError
from derive.profiles import TAXONOMY, Profile
from derive.release.changelog import code_span, summary
from derive.release.changes import Diff

BEGIN, END = "<!-- derive release: begin -->", "<!-- derive release: end -->"


@dataclass(frozen=True)
class Described:
    """What a section is made of.

    name: the config's, a version or "default". counts: as check.counts gives them. schema: the
    tables' Arrow schema. fields: column to the item's field it is read as. about: the folder of
    what is said of the release besides, relative to the card.
    """

    name: str
    profile: Profile
    counts: Mapping[str, Mapping[str, int]]
    schema: Any
    fields: Mapping[str, str]
    about: str
    difference: Diff | None


def section(one: Described) -> str:
    """The Markdown section, marks included."""
    return "\n".join([BEGIN, *_lines(one), END]) + "\n"


def _lines(one: Described) -> Iterator[str]:
    items = sum(one.counts["split"].values())
    yield f"## Release {one.name}" if one.name != "default" else "## Release"
    yield ""
    yield f"{items:,} items.{_languages(one)}"
    for field, title in (("split", "split"), ("level", "level"), ("taxonomy", "taxonomy path")):
        if _has(one, field):
            counted = one.counts[field].items()
            yield from _table((title, "items"), ((code_span(k), f"{n:,}") for k, n in counted))
    columns = [
        (code_span(name), str(kind), one.fields.get(name, "").replace("_", " "))
        for name, kind in leaves(one.schema)
    ]
    yield from _table(("column", "type", "holds"), columns)
    yield from ("", "### Terms", "")
    terms = one.profile.terms
    link = f", {terms['licence_link']}" if terms["licence_link"] else ""
    yield f"- Licence: {terms['licence']}{link}"
    yield f"- Attribution of derived data: {terms['attribution']}"
    if terms["purpose"]:
        yield f"- Purpose: {terms['purpose']}"
    may = "may" if terms["originals_may_be_republished"] else "may not"
    yield f"- The texts {may} be handed on in derived data."
    if terms["inherit_licence"]:
        yield "- Derived data inherit these terms."
    if one.difference:
        yield from ("", f"### Changes since {code_span(one.difference.old.label)}", "")
        yield from summary(one.difference)
        yield f"\nEach is listed in [CHANGES.md]({one.about}/CHANGES.md)."
        if gone := len(one.difference.removed):
            yield f"The IDs of {gone} withdrawn items: [withdrawn.csv]({one.about}/withdrawn.csv)."


def _has(one: Described, field: str) -> bool:
    wanted = TAXONOMY if field == "taxonomy" else (field,)
    return field == "split" or any(name in one.fields.values() for name in wanted)


def _languages(one: Described) -> str:
    told: dict[str, list[str]] = {}
    for field, tag in one.profile.languages().items():
        if tag and field in one.fields.values():
            told.setdefault(field.split("_")[0] + "s", []).append(languages.name(tag))
    parts = [f"{what} in {' and '.join(names)}" for what, names in told.items()]
    line = "; ".join(parts)
    return f" {line[0].upper()}{line[1:]}." if parts else ""


def leaves(schema: Iterable[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The columns of an Arrow schema or struct with their types; a struct's as `meta.risk-area`."""
    import pyarrow as pa

    for field in schema:
        if pa.types.is_struct(field.type):
            yield from leaves(field.type, f"{before}{field.name}.")
        else:
            yield f"{before}{field.name}", field.type


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def merged(text: str, new: str, title: str, where: object) -> str:
    """A card's text with the section in it: where the marks are, else at the end.

    text: empty for a card that is not there yet, which then begins with the title.
    Raises DeriveError if only one of the marks is there, or one of them twice.
    """
    if BEGIN not in text and END not in text:
        start = text.rstrip("\n") + "\n" if text.strip() else f"# {title}\n"
        return f"{start}\n{new}"
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end or END in before or BEGIN in rest or END in after:
        raise DeriveError(
            "The marks of the release's section are not one pair",
            where=where,
            fix=f"put {BEGIN} before it and {END} after it, each once, or delete both",
        )
    return f"{before}{new.rstrip()}{after}"


def metadata(old: Mapping[str, Any], one: Described, files: Mapping[str, str]) -> dict[str, Any]:
    """A card's metadata with the release's config as the default one, and its features.

    files: split to path, relative to the card. Other configs and all else stay.
    """
    import datasets

    data = dict(old)
    config = {
        "config_name": one.name,
        "data_files": [{"split": split, "path": path} for split, path in files.items()],
        "default": True,
    }
    others = [
        {key: value for key, value in other.items() if key != "default"}
        for other in data.get("configs") or ()
        if other.get("config_name") != one.name
    ]
    data["configs"] = [*others, config]
    features = datasets.Features.from_arrow_schema(one.schema)
    info = datasets.DatasetInfo(features=features)
    datasets.info.DatasetInfosDict({one.name: info}).to_dataset_card_data(data)
    return data
