"""What must come through a translation unchanged, and how to get it through.

A model that copies most addresses and quantities by itself translates best when it sees them, so
a sentence is first translated as it is. Only where something was lost is it translated again with
masks in their place, and only where a mask was lost too is it cut into pieces around them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

_NUMBER = r"\d+(?:[.,]\d+)*"
_BLANK = "[ \u00a0\u2009\u202f]"  # not a line end
_UNITS = (
    r"%|‰|°C|°F|°|[kMGT]?Wh|[kMG]?W|[kMG]?Hz|[KMGT]i?B|[kmcdnµμ]?m[²³]?|km/h|mph|m/s|[kmµμ]?g|[mcd]?l|"
    r"[mcd]?L|kcal|cal|kJ|ppm|dB|[kmµμ]?V|mA|h|min|ms|s"
)
_WORD = r"[A-Za-z0-9_.+-]"  # in a script without blanks, what stands beside it is another word
_EMOJI = (
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299]"
)
# a character that every protected span has, but for addresses that begin with www
_SIGN = re.compile(rf"[/`=@{{%<\[$€£¥￥₩₹\d\#*©®™‼⁉ℹ{_EMOJI[1:]}")
_PROTECTED = re.compile(
    rf"""
    `[^`\n]+`                                                     # code
  | =[A-Z][A-Z0-9.]*\([^()\n]*\)                                  # a spreadsheet formula
  | (?:https?://|ftp://|www\.)[!\#-;=?-~]*[A-Za-z0-9/=&\#_-]     # an address
  | (?<!{_WORD}){_WORD}+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z0-9]+  # an e-mail address
  | \{{\{{[^{{}}\n]{{1,40}}\}}\}} | \$?\{{[^{{}}\n]{{1,40}}\}}    # {{{{name}}}} {{name}} ${{name}}
  | %\(\w+\)[sdf] | %[sd]\b | <[A-Z][A-Z_0-9 ]+> | \[[A-Z][A-Z_0-9 ]+\]
  | [$€£¥￥₩₹]{_BLANK}?{_NUMBER}                                      # an amount of money
  | (?<![\w.,]){_NUMBER}{_BLANK}?(?:{_UNITS})(?![\w/])            # a number with its unit
  | [0-9\#*]\ufe0f?\u20e3 | [©®™‼⁉ℹ]\ufe0f?
  | {_EMOJI}(?:[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.|{_EMOJI})*
    """,
    re.VERBOSE,
)


def protected_spans(text: str) -> list[str]:
    """Addresses, e-mail addresses, code, placeholders, quantities and emoji, in their order."""
    return _PROTECTED.findall(text) if _may_hold_some(text) else []


def _may_hold_some(text: str) -> bool:
    """False for most sentences: the long pattern is slow to say that there are none."""
    return bool(_SIGN.search(text)) or "www." in text


def places(text: str) -> list[tuple[int, int]]:
    """Where they are: start and end."""
    return [match.span() for match in _PROTECTED.finditer(text)]


def lost(source: str, target: str) -> list[str]:
    """The protected spans of `source` that `target` does not hold as often, each once.

    {name} is not there because {{name}} is, nor 10 m because of 10 mg.
    """
    wanted = Counter(protected_spans(source))
    return sorted((wanted - Counter(protected_spans(target))).keys()) if wanted else []


Put = Callable[[str, Callable[[str], str]], str]


def mask(text: str, form: str, more: Put | None = None) -> tuple[str, dict[str, str]]:
    """The text with each protected span replaced by a mask, and mask to span.

    form: the model's mask with {} for the number, `XQZ{}`. Numbers that would make the mask equal
    to something in the text are passed over. more: puts masks for other things, given the text and
    what makes a mask for a span.
    """
    masks: dict[str, str] = {}
    number = 0
    after = re.escape(form.partition("{}")[0])
    there = re.findall(rf"(?={after}([0-9]{{1,9}}))", text)
    taken = {digits[:end] for digits in there for end in range(1, len(digits) + 1)}

    def new(span: str) -> str:
        nonlocal number
        number += 1
        while str(number) in taken:
            number += 1
        masks[form.format(number)] = span
        return form.format(number)

    masked = _PROTECTED.sub(lambda match: new(match[0]), text)
    return more(masked, new) if more else masked, masks


def unmask(text: str, masks: dict[str, str]) -> str | None:
    """The translation with its spans back, or None if a mask is not there exactly once.

    A mask that a digit follows is not there: XQZ1 and 0 read like XQZ10.
    """
    if not masks:
        return text
    # one pattern for all of them: thousands of alternatives would be tried one after the other
    pattern = re.compile(re.sub("[0-9]+", r"\\d+", re.escape(next(iter(masks)))))
    if sorted(one for one in pattern.findall(text) if one in masks) != sorted(masks):
        return None
    return pattern.sub(lambda match: masks.get(match[0], match[0]), text)


def fragments(text: str) -> list[tuple[str, bool]]:
    """The text cut around its protected spans: (part, whether it is to be translated)."""
    if not _may_hold_some(text):
        return [(text, True)] if text else []
    parts: list[tuple[str, bool]] = []
    last = 0
    for match in _PROTECTED.finditer(text):
        parts += [(text[last : match.start()], True), (match[0], False)]
        last = match.end()
    parts.append((text[last:], True))
    return [(part, translate) for part, translate in parts if part]
