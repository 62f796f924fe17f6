"""What each column of a derivation holds, by its texts first and by its name second.

A role is "id", "split", "level", a taxonomy field, "language", or what a text column holds:
"translation prompt", "translation response", "original prompt", "original prompt_pivot" … A column
that is none of these has no role.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from unicodedata import east_asian_width

from derive.compare import WIDE
from derive.identify import identify, majority_language
from derive.languages import same_language
from derive.profiles import TAXONOMY
from derive.text import TEXT_FIELDS, comparable
from derive.variant.audit.ids import IdIndex
from derive.variant.audit.originals import LABELS, Originals, simple
from derive.variant.audit.parts import Part

MOST = 0.5  # share of a column's filled cells that decides what it is
SAMPLE = 60  # texts whose language is looked at
FEW = 3  # texts that tell more than chance
LETTERS = 8  # in half of its cells: a column of texts
LABEL = 40  # letters that no label has
LANGUAGE = {"lang", "language", "locale", "lang-code", "language-code", "target-lang"}
_PROMPT = {"text", "prompt", "question", "input", "instruction", "query", "request", "q"}
_RESPONSE = {"output", "response", "answer", "reference", "completion", "reply", "target", "a"}
_ASIDE = {"note", "notes", "comment", "comments", "reason", "evidence", "model", "source", "url"}
_ID = {"id", "ids", "no", "nr", "number", "num", "index", "key", "uid", "idx"}


def sample(texts: Sequence[str]) -> list[str]:
    """Some of the texts, from all over the column."""
    return list(texts[:: len(texts) // SAMPLE + 1])


def is_text(texts: Sequence[str]) -> bool:
    """Whether a column's cells are texts rather than labels, codes and numbers: most have letters
    enough, and most are different, or they are too long for labels."""
    weights = sorted(map(weight, texts))
    usual = weights[len(weights) // 2] if weights else 0.0
    return usual >= LABEL or (usual >= LETTERS and len(set(texts)) > MOST * len(texts))


def weight(text: str) -> float:
    """How many letters; an East Asian one says as much as two or three others."""
    return sum(WIDE if east_asian_width(char) in "WF" else 1.0 for char in text if char.isalpha())


def in_language(texts: Sequence[str], tag: str) -> float | None:
    """The share of the texts that are in the language, of those whose language can be told; None
    where these are too few to say."""
    told = [found for text in sample(texts) if (found := identify(text, tag).matches) is not None]
    return sum(told) / len(told) if len(told) >= FEW else None


def language_of(texts: Sequence[str]) -> str:
    """The language most of the texts are in, or empty."""
    tag, count, told = majority_language(sample(texts)) if texts else ("", 0, 0)
    return tag if told and count >= MOST * told else ""


def original(texts: Sequence[str], originals: Originals) -> str | None:
    """The text field of the release that the column repeats."""
    forms = [comparable(text) for text in texts]
    shares = {name: sum(form in known for form in forms) for name, known in originals.texts.items()}
    best = max(TEXT_FIELDS, key=lambda name: shares[name])
    return best if forms and shares[best] >= MOST * len(forms) else None


def is_language_column(name: str) -> bool:
    """Whether a column is called as one that says the language of its row."""
    return simple(name) in LANGUAGE


def roles(part: Part, originals: Originals, ids: IdIndex, locale: str) -> dict[str, str]:
    """The role of every column that has one. locale: the part's language, if that is told yet."""
    found: dict[str, str] = {}
    filled = {name: texts for name in part.columns if (texts := part.texts(name))}
    identifier = id_column(filled, originals, ids)
    if identifier:
        found[identifier] = "id"
    for name, texts in filled.items():
        if name not in found and (role := _label(name, texts, originals)):
            found[name] = role
    for name, texts in filled.items():
        if name not in found and (field := original(texts, originals)):
            found[name] = f"original {field}"
    translated = {
        name: texts
        for name, texts in filled.items()
        if name not in found and is_text(texts) and not _words(name) & _ASIDE
    }
    for name, texts in list(translated.items()):
        if field := _edited(name, texts, originals, locale):
            found[name] = f"original {field}"
            del translated[name]
    found.update(_translations(translated, originals, len(part.rows)))
    return found


def id_column(
    filled: Mapping[str, Sequence[str]], originals: Originals, ids: IdIndex
) -> str | None:
    """The column that holds the release's IDs: most of its cells are, changed or not."""
    best: tuple[float, str] | None = None
    for name, texts in filled.items():
        called = simple(name) in originals.names["id"] or bool(_words(name) & _ID)
        if ids.plain_numbers and not called:
            continue  # any count from 1 looks like such IDs
        share = ids.share(sample(texts)) + called / 10
        if share >= MOST and (best is None or share > best[0]):
            best = share, name
    return best[1] if best else None


def _label(name: str, texts: Sequence[str], originals: Originals) -> str | None:
    if is_language_column(name):
        return "language"
    called = simple(name)
    for field in LABELS:
        values = originals.profile.level_values if field == "level" else originals.labels[field]
        closed = field in ("level", "split")  # labels of the taxonomy may be translated
        if called in originals.names[field] and (not closed or _known(texts, values)):
            return field
    return next((one for one in TAXONOMY if _known(texts, originals.labels[one])), None)


def _known(texts: Sequence[str], values: Container[str]) -> bool:
    return sum(text.strip() in values for text in texts) >= MOST * len(texts)


def _edited(name: str, texts: Sequence[str], originals: Originals, locale: str) -> str | None:
    """The release's field whose language the column is in, though its texts are not the same."""
    own = locale and in_language(texts, locale)
    if own and own >= MOST:
        return None
    seen = language_of(texts)
    which = "response" if _words(name) & _RESPONSE else "prompt"
    for field in (which, f"{which}_pivot"):
        tag = originals.languages.get(field)
        if (
            tag
            and seen
            and same_language(seen, tag)
            and not (locale and same_language(seen, locale))
        ):
            return field
    return None


def _translations(
    translated: Mapping[str, Sequence[str]], originals: Originals, rows: int
) -> dict[str, str]:
    """The columns of translated prompts and responses: by their names, else the first, the next."""
    found: dict[str, str] = {}
    for role, field, words in (
        ("translation prompt", "prompt", _PROMPT),
        ("translation response", "response", _RESPONSE),
    ):
        for name in translated:
            named = simple(name) in originals.names[field] or _words(name) & words
            if name not in found and named and role not in found.values():
                found[name] = role
    for name, texts in translated.items():
        free = [
            r for r in ("translation prompt", "translation response") if r not in found.values()
        ]
        if name not in found and free and len(texts) >= MOST * rows:
            found[name] = free[0]
    return found


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", name.casefold()))
