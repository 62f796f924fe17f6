"""Texts beside other texts: by their words, whatever the script, and over many rows at once.

A word is what stands between blanks, with its combining marks. Thai, Lao, Burmese, Khmer, Chinese
and Japanese put no blanks between words: there, runs of letters stand for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Any

from rapidfuzz.fuzz import ratio

from derive.compare import end_lost, unusual_length
from derive.findings import Finding, finding
from derive.protect import fragments
from derive.text import comparable
from derive.worksheet.collect.submissions import Content, Standing

_FIELDS = ("prompt", "response")
SHORTEST = 8  # letters from which two equal texts are worth a word
ALIKE = 80  # of 100 (rapidfuzz): two sources that may well have one translation
OTHER = 0.6  # of a response's words in another row's draft …
OWN = 0.2  # … and at most so many in its own
RARE = 3  # a word that so few drafts hold tells which one is meant
ENOUGH = 30  # texts from which the usual length of this language can be told
SPREAD = 0.17  # of the logarithm of the length, at least; measured are 0.15 to 0.23
SHORT, SHORTER, LONGER = 1.5, 3.0, 5.0  # spreads: shorter with its end lost, in any case; longer
HABIT = 0.1  # of texts without a mark at their end: then it tells nothing
SYLLABLES = 4.0  # letters of a word on average, below which words are syllables

_MARKS = "".join(
    chr(code) for code in range(0x300, 0x3100) if unicodedata.category(chr(code))[0] == "M"
)
_WORD = re.compile(rf"[^\W\d_][\w{_MARKS}\u200c\u200d]*")
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+"
)
# what East_Asian_Width calls wide, but for signs and emoji
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
    "\U00020000-\U0003fffd]+"
)
_QUESTION = re.compile(r"[?？؟][\"'”’»」)]*\s*$")
_QUOTED = re.compile('"[^"\n]{1,90}"|[“„«»][^“”«»\n]{1,90}[”“»«]|[「『][^」』\n]{1,90}[」』]')


class Text:
    """A text as it is compared; made once, its parts when they are asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def parts(self) -> list[tuple[str, bool]]:
        return fragments(self.text)

    @cached_property
    def prose(self) -> str:
        """What is left without addresses, code, placeholders and quantities."""
        return " ".join(part for part, plain in self.parts if plain)

    @cached_property
    def spans(self) -> Counter[str]:
        """What is not prose; an address with and without a slash at its end is the same."""
        return Counter(part.rstrip("/") for part, plain in self.parts if not plain)

    @cached_property
    def form(self) -> str:
        return comparable(self.text)

    @cached_property
    def cased(self) -> tuple[str, ...]:
        """The words of scripts with blanks, as they are written."""
        return tuple(_WORD.findall(UNSPACED.sub(" ", self.prose)))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The same, case folded."""
        return tuple(map(str.casefold, self.cased))

    @cached_property
    def letters(self) -> str:
        """All that is in scripts without blanks."""
        return "".join(UNSPACED.findall(self.prose))

    @cached_property
    def pieces(self) -> frozenset[str]:
        """What carries meaning: words of four letters or more, of three in a script that writes
        no vowels, of two East Asian ones; pairs of words where each syllable is one (Vietnamese);
        each three letters in a row of a script without blanks."""
        text = self.text.casefold()
        letters = "".join(UNSPACED.findall(text))
        words = _WORD.findall(UNSPACED.sub(" ", text) if letters else text)
        if words and sum(map(len, words)) < SYLLABLES * len(words) and words[0] < "\u0590":
            found = [f"{one} {two}" for one, two in pairwise(words)]
        else:
            found = [word for word in words if len(word) >= _least(word[0])]
        return frozenset(found + [letters[at : at + 3] for at in range(len(letters) - 2)])

    @cached_property
    def unquoted(self) -> Text:
        """The text without short quotations."""
        return read(_QUOTED.sub(" ", self.text))


read = lru_cache(maxsize=64)(Text)  # a text is looked at by several checks in a row


def copied_words(source: str, text: str, least: int) -> str:
    """The longest run of at least `least` words of the source in the text, as the text has it.

    Two letters of an East Asian script without blanks count as a word, and four of another.
    """
    one, two = read(source), read(text)
    run = _run(one.words, two.words, least)
    if run:
        return " ".join(two.cased[run[0] : run[1]])
    if one.letters and two.letters:
        # names of offices are longer in Chinese characters, and the same in several languages
        least = max(least, 4) * (2 if _wide(two.letters[0]) else 4)
        run = _run(one.letters, two.letters, least)
        return two.letters[run[0] : run[1]] if run else ""
    return ""


def _run(
    one: tuple[str, ...] | str, two: tuple[str, ...] | str, least: int
) -> tuple[int, int] | None:
    """Where `two` has its longest run of parts of which `one` has each `least` in a row, too."""
    if len(one) < least or len(two) < least:
        return None
    runs = {one[at : at + least] for at in range(len(one) - least + 1)}
    best: tuple[int, int] | None = None
    begin = last = -2
    for at in range(len(two) - least + 1):
        if two[at : at + least] not in runs:
            continue
        begin = begin if at == last + 1 else at
        last = at
        if best is None or at + least - begin > best[1] - best[0]:
            best = begin, at + least
    return best


@cache
def _least(letter: str) -> int:
    if _wide(letter):
        return 2
    return 3 if "\u0590" <= letter < "\u0900" else 4  # Hebrew, Arabic, Syriac write no vowels


def _wide(letter: str) -> bool:
    return _WIDE.match(letter) is not None


def overlap(one: str, two: str) -> float:
    """The share of one text's pieces that the other has too, 0 to 1."""
    first = read(one).pieces
    return len(first & read(two).pieces) / len(first) if first else 0.0


def weight(text: str) -> int:
    """How much a text says, in letters; an East Asian one is worth two."""
    form = read(text).form
    return len(form) if form.isascii() else len(form) + sum(map(len, _WIDE.findall(form)))


def lost_spans(source: str, text: str) -> tuple[list[str], list[str]]:
    """The addresses, code and placeholders of the source that the text does not hold as often;
    and the emoji, and placeholders that are there under another name.

    Quantities and money are not among them: people write 5 kg as they do (5 公斤, 5 กก.), and the
    numbers are compared by themselves.
    """
    gone: list[str] = []
    soft: list[str] = []
    for span in sorted((read(source).spans - read(text).spans).keys()):
        first = span[0]
        if (first.isdigit() and "\u20e3" not in span) or unicodedata.category(first) == "Sc":
            continue
        renamed = first in "[<" and text.count(first) >= source.count(first)
        (soft if renamed or not first.isascii() or "\u20e3" in span else gone).append(span)
    return gone, soft


def swapped(prompt: str, response: str, draft_prompt: str, draft_response: str) -> bool:
    """Whether each text is clearly nearer to the other's draft than to its own."""
    if not all((prompt, response, draft_prompt, draft_response)):
        return False
    across = overlap(prompt, draft_response)
    if across <= 0.5:  # nearly always, and this is quick
        return False
    across = min(across, overlap(response, draft_prompt))
    straight = max(overlap(prompt, draft_prompt), overlap(response, draft_response))
    return across > 0.5 and across > straight + 0.25


def crossed(prompt: str, response: str, source_prompt: str, source_response: str) -> bool:
    """Whether length, or a question mark at the end, fits the other's source far better."""
    texts = (prompt, response, source_prompt, source_response)
    if not all(texts):
        return False
    asks = tuple(bool(_QUESTION.search(one)) for one in texts)
    one, two, three, four = (log(max(weight(one), 1)) for one in texts)
    nearer = abs(one - three) + abs(two - four) - abs(one - four) - abs(two - three)
    return nearer > (0 if asks == (False, True, True, False) else log(4))


def across_rows(
    standings: Iterable[Standing],
    drafts: Mapping[tuple[str, str], str],
    source: Callable[[str, str], str],
) -> Iterator[Finding]:
    """Findings on accepted texts beside one another. drafts: texts by (item, field). source: what
    a field of an item translates."""
    accepted = [one for one in standings if one.status == "accepted" and one.content is not None]
    yield from _reused(accepted, source)
    yield from _much_shorter(accepted, source)
    yield from _answers_another(accepted, drafts)


def _content(one: Standing) -> Content:
    return one.content or Content()


def _where(one: Standing) -> dict[str, Any]:
    return one.heads[0].submission.where()


def _reused(accepted: Iterable[Standing], source: Callable[[str, str], str]) -> Iterator[Finding]:
    for name in _FIELDS:
        same: defaultdict[str, list[Standing]] = defaultdict(list)
        for one in accepted:
            same[comparable(getattr(_content(one), name))].append(one)
        for form, group in same.items():
            if weight(form) < SHORTEST:
                continue
            first = source(group[0].item, name)
            for one in group[1:]:
                other = source(one.item, name)
                if comparable(other) == comparable(first):
                    continue
                message = f"the same text as for {group[0].item}"
                # a short refusal may well answer two questions, and a text two like sources
                alike = ratio(comparable(first), comparable(other)) >= ALIKE
                severity = "note" if name == "response" or alike else None
                yield finding("text-reused", message, severity=severity, field=name, **_where(one))


def _much_shorter(
    accepted: Iterable[Standing], source: Callable[[str, str], str]
) -> Iterator[Finding]:
    """Translations far from the length that is usual between these two languages.

    How long a translation is beside its source differs between languages, and less within one:
    so a text is compared with the others, by the median and the median absolute deviation.
    """
    shares: defaultdict[tuple[str, bool, bool], list[tuple[float, Standing, str, str]]]
    shares = defaultdict(list)
    for one in accepted:
        content = _content(one)
        for name in _FIELDS if content.decision == "transfer" else ():
            text, origin = getattr(content, name), source(one.item, name)
            letters = len(comparable(origin))
            if text and letters >= SHORTEST:
                share = log(max(len(comparable(text)), 1) / letters)
                kind = name, bool(UNSPACED.search(origin)), bool(_QUESTION.search(origin))
                shares[kind].append((share, one, text, origin))
    for (name, *_), group in shares.items():
        if len(group) < ENOUGH:
            continue
        usual = median(share for share, *_ in group)
        spread = max(SPREAD, 1.4826 * median(abs(share - usual) for share, *_ in group))
        habit = sum(end_lost(origin, text) for *_, text, origin in group) > HABIT * len(group)
        for share, one, text, origin in group:
            far = (share - usual) / spread
            cut = far < -SHORTER or (far < -SHORT and not habit and end_lost(origin, text))
            # what is unusual anywhere has been said already
            if (cut or far > LONGER) and not unusual_length(origin, text):
                part = f"{exp(share - usual):.0%} of the length that is usual beside such a source"
                yield finding("text-length", part, field=name, **_where(one))


def _answers_another(
    accepted: Iterable[Standing], drafts: Mapping[tuple[str, str], str]
) -> Iterator[Finding]:
    """By the rare pieces of the drafts of responses: an index, so that it is no matter of pairs."""
    responses = {
        item: text for (item, field), text in drafts.items() if field == "response" and text
    }
    astray = [
        (one, response)
        for one in accepted
        if (response := _content(one).response)
        and one.item in responses
        and overlap(response, responses[one.item]) <= OWN
    ]
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for item, text in responses.items() if astray else ():
        for piece in Text(text).pieces:
            owners[piece].append(item)
    for one, response in astray:
        others: Counter[str] = Counter()
        for piece in read(response).pieces:
            if len(owners.get(piece, ())) <= RARE:
                others.update(owners.get(piece, ()))
        for item, _ in sorted(others.items(), key=lambda pair: (-pair[1], pair[0]))[:3]:
            if item != one.item and overlap(response, responses[item]) >= OTHER:
                message = f"reads like the response to {item}"
                yield finding("text-other-answer", message, field="response", **_where(one))
                break
