"""What a project's locale offers for marks: the pack's counterparts, and the project's own."""

from __future__ import annotations

from derive import locales
from derive.files import hash_json
from derive.locales import LocalePack
from derive.pack_rules import FILL_IN
from derive.project import Project

Rows = list[dict[str, str]]
SCHEMA = "counterpart"


def read_counterparts(project: Project) -> Rows:
    """Rows of the schema `counterpart`, best first. Raises DeriveError if one is wrong.

    What counterparts.csv in the project folder says of an entry (or of a whole slot) stands in
    place of all that the pack says of it.
    """
    path = project.counterparts if project.counterparts.is_file() else None
    own = locales.rows_of(path, SCHEMA, "The project's own counterparts.csv")
    named = {(row["slot"], row["entry"]) for row in own}
    shipped = locales.rows_of(locales.load(project.locale).counterparts, SCHEMA)
    return own + [
        row
        for row in shipped
        # a pack may be worked with before the last of its rows is filled in
        if (row["slot"], row["entry"]) not in named and FILL_IN not in row.values()
    ]


def counterparts_hash(project: Project) -> str:
    """Changes whenever an offer does."""
    return hash_json([read_counterparts(project), dict(locales.load(project.locale).money)])


def source_currency(pack: LocalePack | None) -> str:
    """The ISO 4217 code of a source culture's money today (CLDR); empty if there is none."""
    from babel.numbers import get_territory_currencies

    from derive.languages import territory

    found = get_territory_currencies(territory(pack.tag)) if pack else []
    return str(found[0]) if found else ""
