"""What is refused of an Excel workbook: macros, links to elsewhere, and tables that would explode.

Readers lay a sheet out as a rectangle from A1 to its last cell, and copy a text for each cell that
refers to it, so a few bytes far down or far right, or a huge text used often, cost gigabytes. The
rectangle and the texts are therefore measured first, from the cells themselves: what a sheet says
about its own size is not used.
"""

from __future__ import annotations

import posixpath
from array import array

from derive.worksheet.markup import Visitor
from derive.worksheet.refusals import (
    COLUMNS,
    MAX_CELLS,
    MAX_LETTERS,
    ROWS,
    binary,
    damaged,
    is_live,
    links,
    macros,
    overgrown,
    too_much_text,
)

RELATIONS = "xl/_rels/workbook.xml.rels"
SHARED_TEXTS = "xl/sharedstrings.xml"
# In this order, for the sheets are measured with the texts and named in messages.
FIRST = (RELATIONS, "xl/workbook.xml", SHARED_TEXTS)

# Numbers by which readers reserve memory before they have seen anything.
_MAX_COUNT = 5_000_000

_MACRO_TYPES = ("vbaproject", "macrosheet", "macroenabled", "activex", "dialogsheet")
_LINK_TYPES = ("externallink", "externallinkpath", "connections", "querytable")
_MACRO_PARTS = ("vbaproject", "vbadata", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
_LINK_PARTS = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/")
_LINK_TAGS = frozenset({"ddeLink", "oleLink", "externalBook", "externalReferences"})


def column(letters: str) -> int:
    """The number of a column from 0, or -1 if it is no name of one."""
    number = 0
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return -1
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


class Positions:
    """Where the cells of a sheet are, for those too that do not say it themselves."""

    def __init__(self) -> None:
        self._columns: dict[str, int] = {}
        self.reset()

    def reset(self) -> None:
        """A new sheet."""
        self._row = -1
        self.row = self.column = -1

    def next_row(self, number: str | None) -> None:
        """A row begins."""
        self._row = self._row + 1 if number is None else self._number(number)
        self.column = -1

    def next_cell(self, reference: str | None) -> bool:
        """A cell begins. False if it says that it is where no cell can be."""
        if reference is None:
            self.row = self._row
            self.column += 1
        else:
            letters = reference.rstrip("0123456789")
            if letters not in self._columns:
                self._columns[letters] = column(letters)
            self.column = self._columns[letters]
            self.row = self._number(reference[len(letters) :])
        return 0 <= self.row < ROWS and 0 <= self.column < COLUMNS

    @staticmethod
    def _number(digits: str) -> int:
        # -2 and below cannot become a row by counting on
        return int(digits) - 1 if digits.isdecimal() and len(digits) < 8 else -ROWS * 2


class Sheets(Visitor):
    """Reads which sheets there are, and in which part each is."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._names: list[tuple[str, str]] = []
        self._targets: dict[str, str] = {}

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.index(tag.rpartition(":")[2], attributes)

    def index(self, tag: str, attributes: dict[str, str]) -> None:
        """Look at one element of xl/workbook.xml and of its relations."""
        if tag == "sheet":
            keys = (value for key, value in attributes.items() if key.endswith(":id"))
            self._names.append((attributes.get("name", ""), next(keys, "")))
        elif tag == "Relationship":
            self._targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheets(self) -> dict[str, str]:
        """Part (in lower case) -> the sheet's name, in the order of the workbook."""
        return {
            posixpath.join("/xl", self._targets[key]).lstrip("/").lower(): name
            for name, key in self._names
            if key in self._targets
        }


class Workbook(Sheets):
    """Looks at every XML part of a workbook in turn; `part` says which comes next.

    What is counted must be no less than what a reader finds. Like calamine it therefore goes by
    names without their prefix, and takes nothing inside a value or a text for a cell.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._lengths = array("Q")  # of the shared texts
        self._positions = Positions()
        self._local: dict[str, str] = {}
        self._file = ""
        self._cells = self._area = self._letters = self._shared_letters = 0
        self._rows = self._columns = 0
        self._reset()

    def part(self, name: str) -> None:
        """The next part begins."""
        super().part(name)
        self._file = name.lower()
        self._area += self._rows * self._columns
        self._rows = self._columns = 0
        self._reset()

    def _reset(self) -> None:
        self._positions.reset()
        self._in_sheet = self._shared_cell = False
        self._reference: str | None = None
        self._inside = 0  # the depth of the value or text that is open
        self._begin = 0
        self._collected: list[str] = []

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._inside:
            return
        tag = self._local.get(tag) or self._local.setdefault(tag, tag.rpartition(":")[2])
        if self._in_sheet:
            if tag == "c":
                self._cell(attributes)
            elif tag in ("v", "f", "is"):
                self._value(tag)
            elif tag == "row":
                self._positions.next_row(attributes.get("r"))
        elif tag == "si" and self._file == SHARED_TEXTS:
            self._lengths.append(0)
            self._inside = self.depth
        elif tag == "definedName" and self._file == "xl/workbook.xml":
            self._inside = self.depth
        elif tag == "sheetData":
            self._in_sheet = True
        if tag not in ("c", "v", "row", "si"):
            self._other(tag, attributes)

    def closed(self, tag: str) -> None:
        """An element ends."""
        if not self._inside or self.depth >= self._inside:
            return
        self._inside = 0
        text = "".join(self._collected)
        self._collected.clear()
        if tag.endswith("v") and self._shared_cell:
            self._shared(tag, text)
        elif tag.endswith(("f", "definedName")) and is_live(text):
            raise links(self._place())

    def text(self, data: str) -> None:
        """Some text."""
        if not self._inside:
            return
        if self._file == SHARED_TEXTS and not self._in_sheet:
            self._lengths[-1] += len(data)
            self._shared_letters += len(data)
        else:
            self._collected.append(data)
            self._letters += len(data)
        if max(self._letters, self._shared_letters) > MAX_LETTERS:
            raise too_much_text(self._place())

    def _cell(self, attributes: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > MAX_CELLS:
            raise overgrown(
                f"The workbook has more than {MAX_CELLS:,} cells, counting those with a format "
                "and no value",
                self._place(),
            )
        self._reference = attributes.get("r")
        self._shared_cell = attributes.get("t") == "s"
        if not self._positions.next_cell(self._reference):
            raise damaged(f"there is no cell {(self._reference or 'here')[:20]}", self._place())

    def _value(self, tag: str) -> None:
        self._inside = self.depth
        if self._shared_cell:
            self._begin = self.parser.CurrentByteIndex
        place = self._positions
        if place.row >= self._rows or place.column >= self._columns:
            self._rows = max(self._rows, place.row + 1)
            self._columns = max(self._columns, place.column + 1)
            if self._area + self._rows * self._columns > MAX_CELLS:
                raise overgrown(
                    f"The table reaches to row {self._rows:,} and column {self._columns:,}, "
                    f"which makes more than {MAX_CELLS:,} cells",
                    self._place(),
                )

    def _shared(self, tag: str, index: str) -> None:
        # "1&#50;" or "1<!-- -->2" is 12 to one reader and 1 to another: only plain digits will do
        plain = self.parser.CurrentByteIndex - self._begin == len(tag) + 2 + len(index)
        number = int(index) if plain and index.isdecimal() and len(index) < 10 else -1
        if not 0 <= number < len(self._lengths):
            raise damaged(
                f"cell {self._reference or 'without a name'} has no text {index[:20]!r}",
                self._place(),
            )
        self._letters += self._lengths[number]
        if self._letters > MAX_LETTERS:
            raise too_much_text(self._place())

    def _other(self, tag: str, attributes: dict[str, str]) -> None:
        if self._file in FIRST:
            self.index(tag, attributes)
        if tag == "Relationship":
            self._relationship(attributes)
        elif tag in ("Override", "Default"):
            self._content_type(attributes.get("ContentType", "").lower())
        elif tag in _LINK_TAGS:
            raise links(self.where)
        elif tag == "sst" and self._file != SHARED_TEXTS:
            raise damaged("its texts are not where they belong", self.where)
        for key in ("count", "uniqueCount"):
            count = attributes.get(key, "").strip().lstrip("+")
            if count.isdecimal() and (len(count) > 9 or int(count) > _MAX_COUNT):
                raise damaged(f"it announces {count[:20]} of something", self.where)

    def _relationship(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        if any(macro in kind for macro in _MACRO_TYPES):
            raise macros(self.where)
        # an address that someone typed or pasted is only shown
        outside = attributes.get("TargetMode", "").lower() == "external" and kind != "hyperlink"
        if outside or kind in _LINK_TYPES:
            raise links(self.where)
        target = attributes.get("Target", "").lower()
        if self._file == RELATIONS and not target.endswith(".xml"):
            # what is called .xml is looked at as XML: no reader shall find a sheet elsewhere
            raise damaged(f"it refers to {target[:60]!r}", self.where)

    def _content_type(self, kind: str) -> None:
        if "sheet.binary" in kind:
            raise binary(self.where)
        if any(macro in kind for macro in _MACRO_TYPES):
            raise macros(self.where)

    def _place(self) -> str:
        """The sheet by its name, where that is known already."""
        sheet = self.sheets().get(self._file)
        return self.where if sheet is None else f"{self.name}, sheet {sheet}"


def refuse_parts(names: list[str], name: str) -> None:
    """Refuse by the names of the parts alone."""
    for part in names:
        path = part.replace("\\", "/").lower()
        if path == "xl/workbook.bin":
            raise binary(name)
        if path.startswith(_MACRO_PARTS) or path.rpartition("/")[2].startswith(_MACRO_PARTS[:2]):
            raise macros(f"{name}/{part}")
        if path.startswith(_LINK_PARTS):
            raise links(f"{name}/{part}")
