"""What is wrong with a translated text: the wrong language, rests of the original or of a machine,
garbled, cut, escaped, or the same for several items."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log
from statistics import median

from derive.compare import end_lost, loop
from derive.findings import Finding, finding
from derive.identify import identify
from derive.languages import same_language, script
from derive.text import TEXT_FIELDS, comparable, control_characters, has_lone_surrogate, shown
from derive.variant.audit.columns import weight
from derive.variant.audit.matched import Matching
from derive.variant.audit.originals import Originals
from derive.variant.audit.parts import Reading

FIELDS = ("prompt", "response")
CELL = 32_767  # characters that a spreadsheet's cell holds
SAME_LENGTH = 3  # texts cut at one length, for it to be a limit
LIMIT = 60  # characters; below it equal lengths are chance
SHORTEST = 12  # letters; shorter texts may well be the same twice
LONG = 40  # letters from which a text's language is sure
OWN = 6  # comparable characters from which an untranslated text is told
COPIED_WORDS = 4  # in a row, from the original: fewer are names; in another script three tell
SHORTER = 0.6  # of the length that is usual beside such a source, and the end is missing
MUCH_SHORTER = 0.4  # the same for scripts whose sentences end without a mark
ENOUGH = 10  # texts, for a length to be usual
ALIKE = 80.0  # rapidfuzz ratio from which two sources may have one translation
Said = tuple[str, str, str | None]  # code, message, severity or None for the usual one
_STOPLESS = {"Thai", "Laoo", "Khmr", "Mymr"}
_ESCAPED = re.compile(r"'[=+@\t-]")
_PROSE = re.compile(r"[^\W\d_]+(?:(?:['’]|[^\S\n]+)[^\W\d_]+)*")
_ADDRESS = re.compile(r"(?<![!-~])[!-~]*\w[/@][!-~]+|`[^`]*`")  # and code: they stay as they are
_NAME = re.compile(r"[A-Z\u00c0-\u00de]\w*")
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")  # reuni?o: a character that an encoding did not have
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_RESIDUE = re.compile(
    r"</?s>|<unk>|<pad>|<0x[0-9A-Fa-f]{2}>|<\|\w+\|>|\u2581|\w@@ |\[/?INST\]|XQZ\d+"
    r"|&(?:quot|amp|lt|gt|nbsp|apos|#\d{2,5});|\\u[0-9a-fA-F]{4}|\\n"
    r"|^\W*(?:Translation|Translated text|Tradução|Traducción|Traduction|Übersetzung|Traduzione"
    r"|Перевод|Bản dịch|Terjemahan|번역|译文|翻译|翻訳|คำแปล|الترجمة|अनुवाद)\W{0,3}[:：]"
    r"|^(?:Sure|Certainly|Of course|Here(?:'s| is))\b.{0,60}\btranslat"
    r"|\bAs an AI (?:language )?model\b"
)


def check(reading: Reading, matching: Matching, originals: Originals) -> Iterator[Finding]:
    """The findings on each translated text of a part, row by row."""
    place_of = dict(matching.pairs())
    for name in FIELDS:
        column = reading.column(f"translation {name}")
        if not column:
            continue
        cells = [reading.cell(row, f"translation {name}") for row in range(len(reading.part.rows))]
        usual = _usual_length(cells, place_of, originals, name)
        limit = _limit(cells)
        filled = sum(bool(cell.strip()) for cell in cells)
        for row, text in enumerate(cells):
            place = place_of.get(row)
            source = originals.source(place, name) if place is not None else ""
            adapted = reading.part.rows[row][1].get("decision") in ("modify", "replace")
            item = originals.items[place]["id"] if place is not None else None
            if not text.strip():
                if 2 * filled > len(cells) and source:
                    message = f"the {name} has no translation"
                    yield finding("text-missing", message, item=item, **reading.where(row, column))
                continue
            said: list[Said] = [
                *_language(text, place, reading.locale, originals),
                *_garbled(text, source),
                *_cut(text, "" if adapted else source, usual, limit, reading.locale),
            ]
            for code, message, severity in said:
                where = reading.where(row, column)
                yield finding(code, message, severity=severity, item=item, **where)
        yield from _reused(reading, cells, name, column, place_of, originals)


def _language(text: str, place: int | None, locale: str, originals: Originals) -> Iterator[Said]:
    form = comparable(text)
    origins = {}
    if place is not None:
        origins = {
            field: originals.items[place][field] or ""
            for field in TEXT_FIELDS
            if not same_language(originals.languages.get(field) or "mul", locale)
        }
    for field, origin in origins.items():
        if len(form) >= OWN and form == comparable(origin):
            yield "text-untranslated", f"is the item's {field}: {shown(text)}", None
            return
    if locale and (seen := _other_language(text, " ".join(origins.values()), locale)):
        # of a short text the witnesses are not sure
        sure = seen.endswith("script") or weight(text) >= LONG
        message = f"looks like {seen}, not {locale}: {shown(text)}"
        yield "language-wrong", message, None if sure else "warning"
        return
    for origin in origins.values():
        if copied := _copied(origin, text, COPIED_WORDS - (script(locale or "en") != "Latn")):
            yield "text-copied", f"from the original: {shown(copied)}", None
            return


def _other_language(text: str, source: str, locale: str) -> str | None:
    """What a text is in, if not in the locale's language; names that the source has too aside."""
    verdict = identify(text, locale)
    if verdict.matches is not False:
        return None
    known = set(re.split(r"[\W\d_]+", source.casefold()))
    names = _NAME if script(locale) == "Latn" else _LATIN
    rest = names.sub(lambda match: " " if match[0].casefold() in known else match[0], text)
    if rest != text and identify(rest, locale).matches is not False:
        return None
    return verdict.seen


def _copied(source: str, text: str, least: int) -> str | None:
    """The first words of the original, so many in a row, that the text still has; names, whose
    words all begin with a capital, aside."""
    known = set(_runs(source, least))
    found = next((run for run in _runs(text, least) if run in known), None)
    if found is None or all(word[0].isupper() for word in found if len(word) > 3):
        return None
    return " ".join(found)


def _runs(text: str, size: int) -> Iterator[tuple[str, ...]]:
    """So many words in a row, with nothing but blanks between them."""
    for piece in _PROSE.findall(text):
        words = piece.split()
        yield from zip(*(words[at:] for at in range(size)), strict=False)


def _garbled(text: str, source: str) -> Iterator[Said]:
    from ftfy.badness import is_bad

    if has_lone_surrogate(text):
        yield "text-surrogate", "holds half a surrogate pair", None
        return
    lost = text.count("?") > max(3, sum(map(str.isalpha, text)))
    lost |= bool(_LOST.search(_ADDRESS.sub(" ", text))) and not _LOST.search(source)
    if "\ufffd" in text or lost or (not text.isascii() and is_bad(text)):
        yield "text-mojibake", f"garbled: {shown(text)}", None
    if controls := control_characters(text):
        yield "text-control", f"holds {', '.join(controls)}", None
    if _ESCAPED.match(text) and not source.startswith("'"):
        yield "text-escaped", f"begins with {shown(text[:20])}", None
    residue = next((m[0] for m in _RESIDUE.finditer(text) if m[0] not in source), None)
    if residue:
        yield "machine-residue", f"holds {shown(residue)}", None
    elif said := loop(text, source):
        yield "machine-residue", f"repeats {shown(said)}", None


def _limit(cells: Sequence[str]) -> int | None:
    """The length at which several texts end, and none goes on."""
    lengths = Counter(len(cell) for cell in cells)
    longest = max(lengths, default=0)
    cut = longest >= LIMIT and lengths[longest] >= SAME_LENGTH
    texts = {cell for cell in cells if len(cell) == longest}
    return longest if cut and len(texts) >= SAME_LENGTH else None


def _usual_length(
    cells: Sequence[str], place_of: dict[int, int], originals: Originals, name: str
) -> float | None:
    """The median of the logarithm of a translation's length beside its source's."""
    shares = [
        _share(cells[row], source)
        for row, place in place_of.items()
        if cells[row].strip() and (source := originals.source(place, name))
    ]
    return median(shares) if len(shares) >= ENOUGH else None


def _share(text: str, source: str) -> float:
    return log((len(comparable(text)) + 1) / (len(comparable(source)) + 1))


def _cut(
    text: str, source: str, usual: float | None, limit: int | None, locale: str
) -> Iterator[Said]:
    stopless = script(locale) in _STOPLESS if locale else False
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units == CELL:
        yield "text-cut", f"has {CELL:,} characters, all that a spreadsheet's cell holds", None
    elif len(text) == limit and (stopless or end_lost(source or "x.", text)):
        yield "text-cut", f"ends after {limit} characters, as others do: {shown(text[-20:])}", None
    elif source and usual is not None:
        bound = log(MUCH_SHORTER if stopless else SHORTER)
        short = _share(text, source) - usual < bound
        if short and (stopless or end_lost(source, text)):
            yield "text-cut", f"is short and ends with {shown(text[-20:])}", "warning"


def _reused(
    reading: Reading,
    cells: Sequence[str],
    name: str,
    column: str,
    place_of: dict[int, int],
    originals: Originals,
) -> Iterator[Finding]:
    """Texts that stand for several items whose own texts differ."""
    from rapidfuzz.fuzz import ratio

    groups: defaultdict[str, list[int]] = defaultdict(list)
    for row, cell in enumerate(cells):
        if row in place_of and weight(cell) >= SHORTEST:
            groups[comparable(cell)].append(row)
    for rows in groups.values():
        first = originals.source(place_of[rows[0]], name)
        for row in rows[1:]:
            place = place_of[row]
            other = originals.source(place, name)
            if not other or ratio(comparable(first), comparable(other)) >= ALIKE:
                continue
            message = f"the same text as for {originals.items[place_of[rows[0]]]['id']}"
            # one refusal may well answer several questions
            severity = "note" if name == "response" else None
            yield finding(
                "text-reused",
                message,
                severity=severity,
                item=originals.items[place]["id"],
                **reading.where(row, column),
            )
