"""What a project hands to other tools and its coordinator: terms, memory, agreement, counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive import people, tables
from derive.errors import DeriveError
from derive.files import write_bytes
from derive.findings import Findings
from derive.project import Project
from derive.stage import read_profile

if TYPE_CHECKING:
    from derive.terminology import Term
    from derive.worksheet.collect.submissions import Node


def exchange_terms(project: Project, source: Path | None, target: Path | None) -> list[Term]:
    """Take in terms from a file, write them to another, and return what the project has.

    A term that is there already (same source and target) becomes as the file says.
    """
    from derive.worksheet.terms_list import read_terms, write_terms

    languages = read_profile(project).languages()
    tags = languages["prompt_pivot"] or str(languages["prompt"]), project.locale
    terms = read_terms(project.terms) if project.terms.is_file() else []
    if source is not None:
        taken = read_terms(source, *tags) if source.suffix == ".tbx" else read_terms(source)
        merged = {(one.source, one.target): one for one in [*terms, *taken]}
        terms = list(merged.values())
        write_terms(project.terms, terms, *tags)
    if target is not None:
        write_terms(target, terms, *tags)
    return terms


def write_memory(project: Project, path: Path) -> tuple[int, Findings]:
    """Write the accepted translations as TMX; how many pairs, and what it cannot hold."""
    from derive.worksheet.memory import Pair, tmx

    profile = read_profile(project)
    languages = profile.languages()
    items = {row["id"]: row for row in tables.read_parquet(project.items, tables.ITEMS).to_dicts()}
    pairs = []
    for row in _adaptations(project).to_dicts():
        item = items.get(row["item"])
        if item is None or row["decision"] not in ("transfer", "modify"):
            continue  # what replaces an item is no translation of it
        for name in ("prompt", "response"):
            text = item[f"{name}_pivot"] if languages["prompt_pivot"] else item[name]
            if text and row[name]:
                key = f"{row['item']}|{name}"
                pairs.append(Pair(key, text, row[name], row["state"], row["decision"]))
    source = languages["prompt_pivot"] or str(languages["prompt"])
    document, left_out = tmx(pairs, source, project.locale)
    write_bytes(path, document)
    findings = Findings()
    for key in left_out:
        named, _, name = key.rpartition("|")
        findings.add("cell-unfit", f"TMX cannot hold the {name}", item=named, field=name)
    return len(pairs) - len(left_out), findings


def _adaptations(project: Project) -> Any:
    path = project.work("adaptations.parquet")
    if not path.is_file():
        raise DeriveError(
            "Nothing has been collected yet",
            where=project.path,
            fix=f"run: derive collect {project.path} FILE…",
        )
    return tables.read_parquet(path, tables.ADAPTATIONS)


def feedback(projects: Sequence[Project]) -> list[dict[str, Any]]:
    """What several countries say of the source's items: {item, removed, replaced, rejected, held,
    countries, reasons}, the most often given up first; items that nobody gave up are left out.

    For the makers of the source: an item that many remove may be worth another look.
    """
    rows: dict[str, dict[str, Any]] = {}
    for project in projects:
        fates: dict[str, tuple[str, str]] = {}
        for row in _adaptations(project).to_dicts():
            if row["decision"] in _GIVEN_UP:
                fates[row["item"]] = (_GIVEN_UP[row["decision"]], row["reason"])
        progress = people.progress(project)
        for standing in progress.standings.values():
            if standing.status == "rejected":
                said = "; ".join(node.comments for node in standing.heads)
                fates[standing.item] = ("rejected", said)
        for key, rows_held in progress.held.items():
            item = rows_held[0][0].item
            if progress.of(key, item).status == "none":
                fates.setdefault(item, ("held", ""))
        for item, (fate, reason) in fates.items():
            one = rows.setdefault(item, {"item": item, **_NOBODY, "countries": [], "reasons": []})
            one[fate] += 1
            one["countries"].append(project.locale)
            if reason:
                one["reasons"].append(f"{project.locale}: {reason}")
    return sorted(rows.values(), key=lambda one: (-len(one["countries"]), one["item"]))


_GIVEN_UP = {"remove": "removed", "replace": "replaced"}
_NOBODY = dict.fromkeys(("removed", "replaced", "rejected", "held"), 0)


def agreement_of(project: Project) -> list[dict[str, Any]]:
    """How far people agree who translated the same units: the rows of `agreement`."""
    from derive.worksheet.agreement import Double, agreement
    from derive.worksheet.columns import TRANSLATE

    _adaptations(project)
    items = {row["id"]: row for row in tables.read_parquet(project.items, tables.ITEMS).to_dicts()}
    doubles = []
    for key, one in sorted(people.progress(project).standings.items()):
        given: dict[str, Node] = {}
        for node in one.nodes.values():
            if node.submission.sheet in TRANSLATE and node.submission.double:
                for person in node.persons:
                    given.setdefault(person, node)
        for first, second in combinations(sorted(given), 2):
            a, b = given[first].submission.content, given[second].submission.content
            item = items.get(one.item, {})
            doubles.append(
                Double(
                    key, item.get("level"), item.get("harm_type") or "", first, second,
                    a.decision, b.decision, a.prompt, b.prompt, a.response, b.response,
                )
            )  # fmt: skip
    return agreement(doubles)


def export_variant(
    project: Project, to: str, folder: Path, repo: str = ""
) -> tuple[list[Path], Findings]:
    """Write the built variant in the shape of a harness; the files, and what was left out."""
    import polars as pl

    from derive.variant.exports import Context, export

    data = sorted((project.variant / "data").glob("*.parquet"))
    if not data:
        raise DeriveError(
            "The variant is not built", where=project.path, fix=f"run: derive build {project.path}"
        )
    profile = read_profile(project)
    terms = profile.terms
    context = Context(
        project.name,
        project.locale,
        profile.title,
        terms["licence"],
        terms["attribution"],
        terms["purpose"],
        repo,
    )
    variant = pl.concat([tables.read_parquet(path, tables.VARIANT) for path in data])
    files, findings = export(variant, to, context)
    for name, content in files.items():
        write_bytes(folder / name, content)
    return [folder / name for name in files], findings
