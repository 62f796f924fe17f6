"""All checks on a derivation, part by part and over all parts, and a line a part on its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive.findings import Finding, Findings
from derive.languages import same_language
from derive.progress import Report, silent
from derive.variant.audit import documents as about
from derive.variant.audit import language, meanings, rows, terms, texts, typos
from derive.variant.audit.columns import is_language_column, is_text, original, roles
from derive.variant.audit.ids import IdIndex
from derive.variant.audit.matched import Matching
from derive.variant.audit.matching import match
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Part, Reading, by_columns, by_values, codes_in, named


@dataclass(frozen=True)
class Audit:
    """files: a line a part: file, language, rows, matched, how (way to rows), sure (certain,
    likely, guess or empty), lost (items; None where nothing is matched), extra, doubled. It holds
    that rows = matched + extra + doubled. findings: in the order of the files."""

    files: Sequence[Mapping[str, Any]]
    findings: Findings


def audit(
    files: Sequence[Part],
    originals: Originals,
    *,
    documents: Mapping[str, str] | None = None,
    accounted: Collection[str] = (),
    report: Report = silent,
) -> Audit:
    """Look at a derivation.

    files: the rows of each file or sheet. documents: card and licence, file name to text.
    accounted: IDs of the items that the derivation itself says it leaves out.
    """
    ids = IdIndex(originals.places)
    parts = [part for one in files for part in _by_language(one, originals)]
    found = Findings()
    matched: list[tuple[Reading, Matching]] = []
    for number, part in enumerate(parts, 1):
        reading, wrong = read(part, originals, ids)
        report("auditing", number, len(parts), "files")
        if not any(role.startswith(("translation", "original")) for role in reading.roles.values()):
            found.add("file-ignored", "no column holds texts", file=part.file)
            continue
        if wrong:
            found.extend([wrong])
        matching = match(reading, originals, ids)
        matched.append((reading, matching))
        found.extend(_of_part(reading, matching, originals))
    readings = [reading for reading, _ in matched]
    found.extend(meanings.across(readings, originals))
    found.extend(typos.carried(matched, originals))
    lines, missing = _count(matched, originals, accounted)
    found.extend(missing)
    found.extend(about.documents(documents or {}, readings, originals))
    told = {(one.file, one.row, one.field) for one in found if one.code == "text-untranslated"}
    found.extend(terms.republished(readings, originals, told))
    order = {part.file: number for number, part in enumerate(parts)}
    return Audit(
        lines,
        Findings(sorted(found, key=lambda one: (order.get(one.file or "", -1), one.row or 0))),
    )


def read(part: Part, originals: Originals, ids: IdIndex) -> tuple[Reading, Finding | None]:
    """What a part's columns hold, and its language; a finding if its code is wrong."""
    codes = [part.code] if part.told_by else [code for _, code in named(part.file)]
    hint = next((tag for code in codes if (tag := language.tag_of(code))), "")
    found = roles(part, originals, ids, hint)
    translated = [c for c, role in found.items() if role.startswith("translation")]
    locale, wrong = language.resolve(part, [text for c in translated for text in part.texts(c)])
    return Reading(part, locale, found), wrong


def _of_part(reading: Reading, matching: Matching, originals: Originals) -> Findings:
    found = Findings(rows.extra(reading, matching))
    found.extend(matching.findings)
    found.extend(rows.changed(reading, matching, originals))
    found.extend(texts.check(reading, matching, originals))
    if not any(role.startswith("translation") for role in reading.roles.values()):
        into = f" into {reading.locale}" if reading.locale else ""
        found.add("translation-missing", f"no column holds a translation{into}", **reading.where())
    return found


def _count(
    matched: Sequence[tuple[Reading, Matching]], originals: Originals, accounted: Collection[str]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The line of each part; findings on what is lost, or stands in two files."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for number, (reading, _) in enumerate(matched):
        groups[reading.locale].append(number)
    missing: list[Finding] = []
    lost = [0] * len(matched)
    for numbers in groups.values():
        group = [matched[number] for number in numbers]
        missing += rows.doubled_across(group, originals)
        for one, within in rows.lost(group, originals, accounted):
            missing.append(one)
            if within is not None:
                lost[numbers[within]] += 1
    lines = []
    for (reading, matching), gone in zip(matched, lost, strict=True):
        size = len(reading.part.rows)
        here = sum(place is not None for place in matching.places)
        doubled = sum(matching.places[row] is None for row in matching.doubled)
        lines.append(
            {
                "file": reading.part.label,
                "language": reading.locale,
                "rows": size,
                "matched": here,
                "how": matching.counts(),
                "sure": matching.sure(),
                "lost": gone if here else None,
                "extra": size - here - doubled,
                "doubled": doubled,
            }
        )
    return lines, missing


def _by_language(part: Part, originals: Originals) -> list[Part]:
    """The part, or one for each language that its columns or its column of languages name."""
    if part.told_by:
        return [part]
    filled = {name: found for name in part.columns if (found := part.texts(name))}
    codes = {}
    for name, found in filled.items():
        if not is_text(found) or original(found, originals):
            continue
        for code in codes_in(name.rpartition(".")[2]):  # text_ko
            tags = filter(None, (language.tag_of(code), language.spoken_in(code)))
            if any(language.agrees(found, tag) and not _known(tag, originals) for tag in tags):
                codes[name] = code
                break
    if len(set(codes.values())) > 1:
        return by_columns(part, codes)
    named_by = next((name for name in filled if is_language_column(name)), None)
    return by_values(part, named_by) if named_by else [part]


def _known(tag: str, originals: Originals) -> bool:
    return any(same_language(tag, one) for one in originals.languages.values() if one)
