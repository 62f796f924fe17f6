"""What workbooks are refused for, in words: common to the guards of both kinds."""

from __future__ import annotations

import re

from derive.errors import DeriveError

ROWS, COLUMNS = 1_048_576, 16_384  # of a sheet, in Excel and LibreOffice
# 10,000 units of 40 columns are 400,000 cells; 5 million take calamine 250 MB (xlsx), 600 MB (ods).
MAX_CELLS = 5_000_000
# 10,000 units of three texts with 10,000 letters each.
MAX_LETTERS = 300_000_000

_TEXT = re.compile(r'"[^"]*"')
_QUOTED = re.compile(r"'[^']*'")  # a sheet's name, which may hold anything
_FILE = re.compile(r"'(?:file|https?|ftp|smb):[^']*'#", re.IGNORECASE)
_LIVE = re.compile(r"\b(?:DDE|RTD|WEBSERVICE|CALL|REGISTER(?:\.ID)?|EXEC)\s*\(|\|", re.IGNORECASE)


def macros(where: str) -> DeriveError:
    """The refusal of a file that brings programs along."""
    return DeriveError(
        "The file contains macros or controls, which are programs",
        where=where,
        fix="save it as a plain workbook (.xlsx) and send that",
    )


def links(where: str) -> DeriveError:
    """The refusal of a file that refers to other files, servers or programs."""
    return DeriveError(
        "The file is linked to other files, databases, servers or programs",
        where=where,
        fix="break the links (in Excel: Data, Edit Links and Queries & Connections; in "
        "LibreOffice: Edit, Links), put pictures into the file itself, and save it again",
    )


def overgrown(what: str, where: str) -> DeriveError:
    """The refusal of a table that would take too much memory."""
    return DeriveError(
        what,
        where=where,
        fix="delete the empty rows and columns below and beside the table, and what stands far "
        "away from it, and save it again",
    )


def too_much_text(where: str) -> DeriveError:
    """The refusal of texts that together would take too much memory."""
    return DeriveError(
        f"The texts of all cells together have more than {MAX_LETTERS:,} letters",
        where=where,
        fix="look for a very long text in very many cells and delete it, or send the worksheet "
        "in several parts",
    )


def damaged(what: str, where: str) -> DeriveError:
    """The refusal of a workbook that contradicts itself."""
    return DeriveError(
        f"The workbook is damaged: {what}",
        where=where,
        fix="open it in Excel or LibreOffice, save it under a new name, and send that",
    )


def binary(where: str) -> DeriveError:
    """The refusal of .xlsb."""
    return DeriveError(
        "The file is a binary workbook (.xlsb), which is not read",
        where=where,
        fix="save it as .xlsx and send that",
    )


def locked(where: str) -> DeriveError:
    """The refusal of a file with a password."""
    return DeriveError(
        "The file is locked with a password",
        where=where,
        fix="save it without a password and send that",
    )


def is_live(formula: str) -> bool:
    """Whether a formula asks another program, a library or the network."""
    bare = _TEXT.sub("", formula)
    return bool(_FILE.search(bare) or _LIVE.search(_QUOTED.sub("", bare)))
