"""What a derivation says of itself: its card, its licence, the release it names, its languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from derive.findings import Finding, finding
from derive.languages import name as language_name
from derive.languages import same_language
from derive.variant.audit.language import spoken_in, tag_of
from derive.variant.audit.originals import Originals, simple
from derive.variant.audit.parts import Reading, as_text

UNKNOWN = "unknown"  # the licence of a release that no profile describes
LICENCE_COLUMNS = {"licence", "license"}
_METADATA = re.compile(r"---[ \t]*\r?\n(.*?)^---", re.DOTALL | re.MULTILINE)
_SAID = re.compile(r"^licen[cs]e(?:_name)?\s*:\s*[\"']?([^\n\"']+)", re.IGNORECASE | re.MULTILINE)
_LICENCE_FILE = re.compile(r"licen[cs]e", re.IGNORECASE)


def documents(
    texts: Mapping[str, str], readings: Sequence[Reading], originals: Originals
) -> Iterator[Finding]:
    """Findings on the card and the licence. texts: file name to text of what lies beside the data:
    README.md, LICENSE and the like."""
    if not texts:
        yield finding("card-missing", "there is neither a README.md nor a LICENSE")
    yield from _licence(texts, readings, originals.profile.terms)
    profile, whole = originals.profile, "\n".join(texts.values())
    names = [profile.title, *profile.datasets, profile.terms["licence_link"]]
    if profile.terms["licence"] != UNKNOWN and not any(one and one in whole for one in names):
        message = f"nothing names {profile.title}; its terms ask for it"
        yield finding("attribution-missing", message)
    for file, text in texts.items():
        yield from _languages(file, text, readings)


def _licence(
    texts: Mapping[str, str], readings: Sequence[Reading], terms: Mapping[str, Any]
) -> Iterator[Finding]:
    """Whether a licence is named, in a document or a column, and whether it is the release's."""
    wanted = terms["licence"]
    said = {
        as_text(data[column]).strip(): reading.part.file
        for reading in readings
        for column in reading.part.columns
        if simple(column) in LICENCE_COLUMNS
        for _, data in reading.part.rows
        if data.get(column)
    }
    said |= {one.strip(): file for file, text in texts.items() for one in _SAID.findall(text)}
    if wanted == UNKNOWN:
        if not said and not any(map(_LICENCE_FILE.match, texts)):
            yield finding("licence-missing", "no licence is named")
        return
    others = sorted(one for one in said if wanted not in one and one != "other")
    if others and terms["inherit_licence"]:
        message = f"it says {', '.join(map(repr, others))}; the terms ask for {wanted!r}"
        yield finding("licence-other", message, file=said[others[0]])
    elif not others and not any(wanted in one for one in (*said, *texts.values())):
        yield finding("licence-missing", f"no licence is named; the release's is {wanted!r}")


def _languages(file: str, text: str, readings: Sequence[Reading]) -> Iterator[Finding]:
    """Codes in the card's metadata that are of no language, or of another than the country's that
    is meant. A card may name more languages than the files that are audited."""
    import yaml

    block = _METADATA.match(text)
    try:
        metadata = yaml.safe_load(block[1]) if block else None
    except (yaml.YAMLError, ValueError, RecursionError):  # a date that is none, 10,000 brackets
        return
    said = metadata.get("language") if isinstance(metadata, dict) else None
    there = [reading.locale for reading in readings if reading.locale]
    wrong = []
    for code in said if isinstance(said, list) else [said] if said else []:
        tag = tag_of(str(code))
        meant = [one for one in there if same_language(spoken_in(str(code)), one)]
        if not tag or (meant and not any(same_language(tag, one) for one in there)):
            meaning = language_name(tag) if tag else "no language"
            wrong.append(f"{code!r} is {meaning}" + (f" (use {meant[0]})" if meant else ""))
    if wrong:
        message = f"in the card's metadata: {', '.join(wrong)}"
        yield finding("language-code", message, file=file, field="language")
