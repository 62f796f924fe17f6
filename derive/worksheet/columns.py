"""A worksheet's sheets and columns, what may be filled in where, and in which words."""

from __future__ import annotations

from dataclasses import dataclass

DECISIONS = ("transfer", "modify", "replace", "remove")
# what the sheets are for: the translator's five, the reviewer's and the adjudicator's
SHEETS = ("adapt", "rewrite", "postedit", "new", "reply", "review", "adjudicate")
ROLES = ("translator", "reviewer", "adjudicator")
ROLE_OF_SHEET = {
    **dict.fromkeys(("adapt", "rewrite", "postedit", "new", "reply"), "translator"),
    "review": "reviewer",
    "adjudicate": "adjudicator",
}
SHEET_OF_ROUTE = {"adapt": "adapt", "rewrite": "rewrite", "translate": "postedit"}
TRANSLATE = ("adapt", "rewrite", "postedit", "new")

# what a reviewer may find; after the intervention categories of PISA's and ESS's verification
INTERVENTIONS = (
    "terminology",
    "meaning-changed",
    "severity-changed",
    "not-natural",
    "not-local",
    "wrong-counterpart",
    "attribute-swapped",
    "register",
    "formatting",
    "other",
)
CANDIDATES = ("a", "b", "c", "d", "e", "f")


@dataclass(frozen=True, slots=True)
class Column:
    """name: the machine's; width: in characters; fill: whether people write in it.

    sheets: those that have it. optional: left out of a sheet where no unit has a text for it.
    """

    name: str
    width: int
    sheets: tuple[str, ...] = SHEETS
    fill: bool = False
    hidden: bool = False
    optional: bool = False


_SOURCED = tuple(sheet for sheet in SHEETS if sheet != "new")
_DRAFTED = ("adapt", "postedit")  # where work begins with the machine's draft
_REDONE = ("adapt", "rewrite", "postedit")  # where a unit whose source has changed is done again
SOURCES = ("source_prompt", "pivot_prompt", "source_response", "pivot_response")
ALTERNATIVES = ("alternatives_prompt", "alternatives_response")
ROUND_TRIPS = ("round_trip_prompt", "round_trip_response")
BEFORE = "before_"  # begins the column with what a source was when the unit was written

# from left to right
COLUMNS = (
    Column("key", 14),
    Column("change", 11, optional=True),
    Column("level", 6),
    Column("taxonomy", 22),
    Column("context", 34, ("rewrite", "new"), optional=True),
    Column("before_source_prompt", 42, _REDONE, optional=True),
    Column("source_prompt", 42, _SOURCED, optional=True),
    Column("before_pivot_prompt", 42, _REDONE, optional=True),
    Column("pivot_prompt", 42, _SOURCED, optional=True),
    Column("before_source_response", 42, _REDONE, optional=True),
    Column("source_response", 42, _SOURCED, optional=True),
    Column("before_pivot_response", 42, _REDONE, optional=True),
    Column("pivot_response", 42, _SOURCED, optional=True),
    Column("marks", 38, _SOURCED, optional=True),
    Column("draft_prompt", 42, _SOURCED, optional=True),
    Column("draft_response", 42, _SOURCED, optional=True),
    *(Column(name, 42, _DRAFTED, optional=True) for name in ALTERNATIVES),
    *(Column(name, 42, (*_DRAFTED, "review"), optional=True) for name in ROUND_TRIPS),
    Column("adapted_prompt", 42, ("adapt",), optional=True),
    Column("adapted_response", 42, ("adapt",), optional=True),
    Column("swaps", 26, ("adapt",), optional=True),
    Column("resources", 34, optional=True),
    Column("findings", 28, optional=True),
    Column("translation_decision", 12, ("review", "reply")),
    Column("translation_prompt", 42, ("review", "reply")),
    Column("translation_response", 42, ("review", "reply"), optional=True),
    Column("translation_reason", 28, ("review", "reply"), optional=True),
    Column("translation_author", 14, ("review", "reply"), optional=True),
    Column("review_intervention", 16, ("reply",), optional=True),
    Column("review_decision", 12, ("reply",), optional=True),
    Column("review_prompt", 42, ("reply",), optional=True),
    Column("review_response", 42, ("reply",), optional=True),
    Column("review_comment", 28, ("reply",), optional=True),
    Column("review_author", 14, ("reply",), optional=True),
    *(
        Column(f"{candidate}_{part}", width, ("adjudicate",), optional=True)
        for candidate in CANDIDATES
        for part, width in (("prompt", 42), ("response", 42), ("note", 30))
    ),
    Column("verdict", 12, ("reply", "review", "adjudicate"), fill=True),
    Column("intervention", 16, ("review",), fill=True),
    Column("decision", 12, (*TRANSLATE, "review", "adjudicate"), fill=True),
    Column("prompt", 46, fill=True),
    Column("response", 46, fill=True),
    Column("comment", 28, ("review",), fill=True),
    Column("reason", 28, (*TRANSLATE, "reply", "adjudicate"), fill=True),
    Column("evidence", 24, (*TRANSLATE, "adjudicate"), fill=True),
    Column("author", 14, fill=True),
    Column("item", 30, hidden=True),
    Column("source_hash", 20, hidden=True),
    Column("based_on", 20, hidden=True),
    Column("worksheet", 18, hidden=True),
)
COLUMN = {column.name: column for column in COLUMNS}
# what a person fills in, in any sheet
FILL = tuple(column.name for column in COLUMNS if column.fill)
# without these a row says neither what it is nor what was decided
IDENTITY = ("key", "source_hash", "based_on", "worksheet")


def columns_of(sheet: str) -> list[Column]:
    """All columns that a sheet may have, from left to right."""
    return [column for column in COLUMNS if sheet in column.sheets]


def fill_columns(sheet: str) -> list[str]:
    """The columns of a sheet that people write in."""
    return [column.name for column in columns_of(sheet) if column.fill]


def words(sheet: str, column: str) -> tuple[str, ...]:
    """The words a fill column of a sheet takes; empty if it takes any text."""
    if column == "decision":
        return ("new",) if sheet == "new" else DECISIONS
    if column == "intervention":
        return INTERVENTIONS
    if column == "verdict":
        return {
            "review": ("accept", "change", "reject"),
            "reply": ("accept", "decline"),
            "adjudicate": (*CANDIDATES, "own"),
        }.get(sheet, ())
    return ()
