"""Translation memory: pairs of source and target text as TMX 1.4b, for any translation tool."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from derive import __version__

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# the characters of XML 1.0, second production (Char); Python's strings can hold more
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and its translation."""

    key: str  # names it in the memory (tuid) and is unique there: the caller sees to it
    source_text: str
    target_text: str
    state: str  # XLIFF's word: initial, translated, reviewed, final
    decision: str  # transfer, modify, replace, remove, new


def tmx(pairs: Iterable[Pair], source: str, target: str) -> tuple[bytes, list[str]]:
    """A TMX document (UTF-8) and the keys of the pairs it had to leave out, in order.

    source, target: BCP-47 tags, as `xml:lang` wants them. Left out is a pair with a character
    that XML 1.0 cannot carry, such as U+0000 or half a surrogate pair, in any of its texts.

    The same pairs give the same bytes: there is no `creationdate`, which TMX does not ask for and
    which would make every memory differ from the last. There is no DOCTYPE either, for a reader
    would fetch it. All white space in a `seg` counts by the standard, and its DTD has no place
    for an `xml:space` to say so; what is between the elements is for reading only.
    """
    root = etree.Element("tmx", version="1.4")
    etree.SubElement(
        root,
        "header",
        {
            "creationtool": "derive",
            "creationtoolversion": __version__,
            "segtype": "block",  # an item's whole text, not a sentence of it
            "o-tmf": "derive",
            "adminlang": "en",
            "srclang": source,
            "datatype": "plaintext",
        },
    )
    body = etree.SubElement(root, "body")
    left_out = []
    for pair in pairs:
        texts = (pair.key, pair.source_text, pair.target_text, pair.state, pair.decision)
        if any(map(_NOT_XML.search, texts)):
            left_out.append(pair.key)
            continue
        unit = etree.SubElement(body, "tu", tuid=pair.key)
        _add(unit, "prop", pair.state, type="x-derive-state")
        _add(unit, "prop", pair.decision, type="x-derive-decision")
        for language, text in ((source, pair.source_text), (target, pair.target_text)):
            variant = etree.SubElement(unit, "tuv", {_XML_LANG: language})
            _add(variant, "seg", text)
    etree.indent(root)
    document = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document + b"\n", left_out


def _add(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    # CR is written as &#13;, for a reader makes LF of a bare one
    etree.SubElement(parent, name, attributes).text = text
