"""Worksheets as JSONL, for programs: the first line says which worksheet it is, then a row a line.

A line is {"sheet": …, "cells": {column: text}}. It holds any text and loses none, so it is also
what the project keeps of a worksheet it has issued.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from derive import schemas
from derive.errors import DeriveError
from derive.files import write_text
from derive.worksheet.contract import Format, Looks, Returned, Row, Worksheet

HEAD = "derive_worksheet"


def dump(worksheet: Worksheet) -> str:
    """The worksheet's text."""
    lines: list[dict[str, Any]] = [{HEAD: dict(worksheet.meta)}]
    lines += [
        {"sheet": sheet, "cells": cells}
        for sheet in worksheet.sheets()
        for cells in worksheet.cells(sheet)
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def load(data: bytes, name: str) -> Returned:
    """The rows of a worksheet's text. Raises DeriveError, naming the line."""
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DeriveError(f"Not UTF-8: {error}", where=name, fix="save it as UTF-8") from None
    meta: dict[str, str] = {}
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except ValueError as error:
            raise DeriveError(
                f"Not JSON: {error}", where=f"{name} line {number}", fix="mend the line"
            ) from None
        schemas.require("worksheet-line", document, f"{name} line {number}", "mend the line")
        if HEAD in document:
            meta = document[HEAD]
        else:
            rows.append(Row(document["sheet"], number, document["cells"]))
    return Returned(meta, rows)


def _files(worksheet: Worksheet, looks: Looks) -> dict[str, Callable[[Path], None]]:
    return {".jsonl": partial(_write, worksheet)}


def _write(worksheet: Worksheet, path: Path) -> None:
    write_text(path, dump(worksheet))


def _knows(head: bytes, name: str) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b'{"' + HEAD.encode(), b'{"sheet"'))


JSONL = Format("jsonl", _files, _knows, load)
