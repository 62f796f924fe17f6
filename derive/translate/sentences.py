"""Does a translation have fewer sentences than its source?"""

from __future__ import annotations

import re

from derive.translate.segments import split

# what may end a sentence: a rough count, and only where it is lower are sentences cut
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？؟۔।॥።։]+")


def sentences_lost(source: str, text: str, source_tag: str, tag: str) -> tuple[int, int] | None:
    """How many sentences the source has and how many the text, if that is fewer; else None."""
    ends = len(_END.findall(source))
    if ends < 2 or len(_END.findall(text)) >= ends:
        return None
    here, there = (
        sum(part.translate for part in split(one, language))
        for one, language in ((source, source_tag), (text, tag))
    )
    return (here, there) if there < here else None
