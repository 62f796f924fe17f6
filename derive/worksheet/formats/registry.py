"""The formats there are: feeds --format, the writers, and whoever reads a file that came back."""

from __future__ import annotations

from derive.worksheet.contract import Format
from derive.worksheet.formats.argilla import ARGILLA
from derive.worksheet.formats.delimited import CSV, TSV
from derive.worksheet.formats.jsonl import JSONL
from derive.worksheet.formats.label_studio import LABEL_STUDIO
from derive.worksheet.formats.po import PO
from derive.worksheet.formats.xliff import XLIFF
from derive.worksheet.formats.xlsx import XLSX

_ALL = (XLSX, CSV, TSV, XLIFF, PO, JSONL, LABEL_STUDIO, ARGILLA)
FORMATS: dict[str, Format] = {one.name: one for one in _ALL}
DEFAULT = ("xlsx", "csv")
