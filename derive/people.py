"""What goes to people and comes back, on a project folder: the stages worksheet and collect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from derive import locales, tables
from derive.counterparts import counterparts_hash, read_counterparts
from derive.files import hash_file, hash_json
from derive.findings import Findings
from derive.own_data import check_own_counterparts
from derive.progress import Report, silent
from derive.project import Project
from derive.stage import Request, Result, inputs, read_profile, release_entry
from derive.text import TEXT_FIELDS, comparable

if TYPE_CHECKING:
    from derive.translate.engine import Engine
    from derive.worksheet.collect.checks import TextChecks
    from derive.worksheet.collect.collect import Collected
    from derive.worksheet.collect.match import Project as Matching
    from derive.worksheet.collect.returns import Kept
    from derive.worksheet.collect.submissions import Submission
    from derive.worksheet.rounds import Progress
    from derive.worksheet.stage import Ask

TABLES = ("items", "profile", "marks", "routes", "drafts")


def _pack_hash(project: Project) -> str:
    files = {}
    for pack in (locales.load(project.locale), locales.load(locales.ENGLISH)):
        parts = [pack.path / "locale.toml" if pack.path else None]
        parts += [pack.guide, pack.resources]
        files[pack.tag] = [hash_file(path) for path in parts if path]
    return hash_json([files, counterparts_hash(project)])


def worksheet_request(project: Project, engine: Engine | None) -> Request:
    """What the default worksheet is a function of."""
    used = {**inputs(project, *TABLES), "pack": _pack_hash(project)}
    if project.work("submissions.parquet").is_file():
        used["submissions"] = hash_file(project.work("submissions.parquet"))
    return Request(used, {"name": project.name, "locale": project.locale})


def worksheet_stage(project: Project, report: Report, engine: Engine | None) -> Result:
    """The default worksheet: all that a translator has to do."""
    from derive.worksheet.stage import Ask

    return write(project, Ask(), report)


def write(project: Project, ask: Ask, report: Report = silent) -> Result:
    """Write worksheets as asked."""
    from derive.worksheet.stage import write_worksheets

    entry = release_entry(project)
    profile = read_profile(project)
    said = check_own_counterparts(project)
    meta = {
        "project": project.name,
        "locale": project.locale,
        "dataset": profile.title,
        "version": entry["details"]["config"],
        "release": entry["details"]["content_hash"],
        "pivot": profile.languages()["prompt_pivot"] or "",
    }
    items, marks, routes, drafts = _tables(project)
    written = write_worksheets(
        project.worksheets,
        items,
        marks,
        routes,
        drafts,
        pack=locales.load(project.locale),
        meta=meta,
        terms=profile.terms,
        counterparts=read_counterparts(project),
        labels=profile.taxonomy_labels,
        ask=ask,
        progress=progress(project),
        records=project.issued,
        report=report,
    )
    written.findings.extend(said)
    details = {"worksheets": written.worksheets, "role": ask.role}
    return Result("worksheet", True, written.counts, written.findings, written.files, details)


def _tables(project: Project) -> tuple[Any, Any, Any, Any]:
    inputs(project, *TABLES)
    return (
        tables.read_parquet(project.items, tables.ITEMS),
        tables.read_parquet(project.work("marks.parquet"), tables.MARKS),
        tables.read_parquet(project.work("routes.parquet"), tables.ROUTES),
        tables.read_parquet(project.work("drafts.parquet"), tables.DRAFTS),
    )


def _matching(project: Project) -> Matching:
    from derive.worksheet import issued
    from derive.worksheet.collect.match import Project as Matching

    items = tables.read_parquet(project.items, tables.ITEMS)
    pack = locales.load(project.locale)
    spoken = {local.casefold(): word for word, local in pack.words.items()}
    hashes = dict(items.select("id", "hash").rows())
    known = issued.load(project.issued)
    renamed = project.renamed_ids()
    return Matching(project.name, project.locale, known, hashes, spoken, renamed)


def progress(project: Project) -> Progress:
    """How far the project is, from what the last `collect` left in work/."""
    from derive.worksheet.collect import returns
    from derive.worksheet.collect.collect import submissions_of
    from derive.worksheet.collect.resolve import resolve
    from derive.worksheet.columns import SOURCES
    from derive.worksheet.rounds import Progress

    path = project.work("submissions.parquet")
    if not path.is_file():
        return Progress()
    matching = _matching(project)
    known = submissions_of(tables.read_parquet(path, tables.SUBMISSIONS))
    reopened = {id for kept in returns.load(project.returned) for id in returns.reopened(kept)}
    standings, _, _ = resolve(
        [one for one, fate in known if fate not in ("held", "replaced")],
        matching.all_hashes(),
        lambda content, one: (),
        reopened,
        matching.doubles(),
    )
    said: dict[tuple[str, str, int], list[str]] = {}
    for one in Findings.load(project.work("findings-collect.jsonl")):
        if one.severity == "error":
            said.setdefault(one.spot(), []).append(one.message)
    held: dict[str, list[tuple[Submission, str]]] = {}
    for submission, fate in known:
        # what nobody needs to mend any more is a note by now
        if fate == "held" and submission.spot() in said:
            message = "\n".join(said[submission.spot()])
            held.setdefault(submission.key, []).append((submission, message))
    seen: dict[str, str] = {}
    sources: dict[tuple[str, str], dict[str, str]] = {}
    for name in sorted({one.worksheet for one, _ in known} & matching.issued.keys()):
        for key, unit in matching.issued[name].units.items():
            now = matching.now(key, unit.cells["item"])[0]
            seen[now] = unit.cells["source_hash"]
            sources[name, now] = {one: unit.cells.get(one, "") for one in SOURCES}
    return Progress(standings, held, seen, reopened, sources)


def _checks(project: Project) -> TextChecks:
    """The checks on people's texts of this project."""
    from derive.terminology import TermChecker
    from derive.worksheet.collect.checks import TextChecks, contacts
    from derive.worksheet.collect.residue import residue_of
    from derive.worksheet.terms_list import read_terms
    from derive.worksheet.units import gather

    items, marks, routes, drafts = _tables(project)
    profile = read_profile(project)
    pack = locales.load(project.locale)
    counterparts = read_counterparts(project)
    resources = locales.rows_of(pack.resources, "resource")
    shown = gather(project.name, items, marks, routes, drafts, counterparts, resources)
    texts = {place: draft["text"] for place, draft in shown.drafts.items() if draft["text"]}
    alternatives = {
        place: [one["text"] for one in draft["alternatives"]]
        for place, draft in shown.drafts.items()
    }
    surfaces = {
        item: tuple(dict.fromkeys(mark["surface"] for mark in of_item))
        for item, of_item in shown.marks.items()
    }
    source_pack = locales.source_pack(profile.source_language)
    may = profile.terms["originals_may_be_republished"]
    originals = set() if may else {
        comparable(text) for name in TEXT_FIELDS for text in items[name].drop_nulls().to_list()
    } - {""}  # fmt: skip
    known = [row["contact"] for row in resources] + [row["counterpart"] for row in counterparts]
    return TextChecks(
        project.locale,
        shown.items,
        texts,
        {item: shown.offers(item) for item in shown.marks},
        residue_of(source_pack.tag if source_pack else None, project.locale, surfaces),
        originals,
        TermChecker(read_terms(project.terms) if project.terms.is_file() else []),
        {number for one in known for number in contacts(one)},
        alternatives,
    )


def collect_request(project: Project, engine: Engine | None) -> Request:
    """What the adaptations are a function of."""
    used = {**inputs(project, *TABLES), "pack": _pack_hash(project)}
    # not of what was issued: a worksheet that is not back yet changes nothing
    files = sorted(project.returned.glob("*.*"))
    used["returned"] = hash_json([[one.name, hash_file(one)] for one in files])
    for name, path in (("terms", project.terms), ("renamed", project.renamed)):
        if path.is_file():
            used[name] = hash_file(path)
    return Request(used, {"name": project.name, "locale": project.locale})


def collect_stage(project: Project, report: Report, engine: Engine | None) -> Result:
    """All that came back, once more."""
    from derive.worksheet.collect import returns

    kept = returns.load(project.returned)
    files = [(one, returns.content(project.returned, one)) for one in kept]
    return store(project, collected(project, files, report))


def collected(project: Project, files: Iterable[tuple[Kept, bytes]], report: Report) -> Collected:
    from derive.worksheet.collect.collect import collect

    return collect(files, _matching(project), _checks(project), report)


def store(project: Project, done: Collected) -> Result:
    """Write what the returned files give: the tables submissions, standings and adaptations."""
    from derive.worksheet.collect import returns

    outputs = []
    for name, table in (
        ("submissions", done.submissions),
        ("standings", done.standings_table()),
        ("adaptations", done.adaptations),
    ):
        outputs.append(project.work(f"{name}.parquet"))
        tables.write_parquet(table, outputs[-1])
    details = {
        "files": [
            {
                "name": one.name,
                "hash": one.hash,
                "at": one.at,
                "worksheets": sorted(done.matched[one.hash].worksheets),
                "rows": done.matched[one.hash].rows,
                "submissions": len(done.matched[one.hash].submissions),
                "held": len(done.matched[one.hash].held),
            }
            for one in returns.load(project.returned)
            if one.hash in done.matched
        ]
    }
    return Result("collect", True, done.accounts, done.findings, outputs, details)


def anything_returned(project: Project) -> bool:
    """Whether a worksheet has come back."""
    return any(project.returned.glob("*.json"))
