"""Worksheets as Argilla records, a file a sheet: the dataset's settings, then a record a line.

A line is what `rg.Record.from_dict` takes and `dataset.records.to_json` writes: what people read
are fields, what they fill in are questions, texts that stand there already are suggestions. What
identifies a unit is metadata, with the names of its columns: Argilla keeps no empty text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from derive.files import canonical_json, write_text
from derive.findings import Finding, finding
from derive.worksheet.columns import COLUMN, Column, fill_columns, words
from derive.worksheet.contract import Format, Looks, Returned, Row, Worksheet
from derive.worksheet.formats.label_studio import (
    answered,
    columns_in,
    is_a,
    label,
    one_meta,
    parse,
)

_HEAD = "derive_argilla"
_GUIDELINES = 10_000  # characters that Argilla takes


def _files(worksheet: Worksheet, looks: Looks) -> dict[str, Callable[[Path], None]]:
    files: dict[str, Callable[[Path], None]] = {}
    for sheet in worksheet.sheets():
        lines = [{_HEAD: dict(worksheet.meta), "settings": _settings(worksheet, sheet, looks)}]
        lines += [_record(worksheet, sheet, cells) for cells in worksheet.cells(sheet)]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        files[f".{sheet}.argilla.jsonl"] = partial(write_text, text=text)
    return files


def _in_metadata(column: Column) -> bool:
    return column.hidden or column.name == "level"


def _labels(sheet: str, name: str) -> tuple[str, ...]:
    """The words of a question with a choice: Argilla takes no choice of one."""
    allowed = words(sheet, name)
    return allowed if len(allowed) > 1 else ()


def _settings(worksheet: Worksheet, sheet: str, looks: Looks) -> dict[str, Any]:
    """What `rg.Settings.from_json` reads."""
    fields, questions, metadata = [], [], [{"name": "sheet", "title": "sheet"}]
    for column in worksheet.columns(sheet):
        name = column.name
        named = {"name": name, "title": label(looks, name)}
        text = {"type": "text", "use_markdown": False}
        if column.fill:
            options = [{"value": word, "text": word} for word in _labels(sheet, name)]
            choice = {"type": "label_selection", "options": options}
            # Argilla publishes no dataset without a question that must be answered
            first = name == fill_columns(sheet)[0]
            questions.append({**named, "required": first, "settings": choice if options else text})
        elif _in_metadata(column):
            metadata.append(named)
        else:
            fields.append({**named, "required": name == "key", "settings": text})
    guidelines = ""
    for guide in looks.guides.values():
        if len(guidelines) + len(guide) < _GUIDELINES:
            guidelines += f"{guide}\n"
    return {
        "guidelines": guidelines or None,
        "fields": fields,
        "questions": questions,
        "metadata": [{**one, "settings": {"type": "terms"}} for one in metadata],
        "vectors": [],
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
    }


def _record(worksheet: Worksheet, sheet: str, cells: Mapping[str, str]) -> dict[str, Any]:
    fields, suggestions = {}, {}
    metadata = {"sheet": sheet, "key": cells["key"], "columns": " ".join(cells)}
    metadata["derive"] = canonical_json(dict(worksheet.meta))
    for name, text in cells.items():
        labels = _labels(sheet, name) if COLUMN[name].fill else ()
        if not text:
            continue
        # a text that is no word of its question would be refused as a suggestion
        if _in_metadata(COLUMN[name]) or (labels and text not in labels):
            metadata[name] = text
        elif COLUMN[name].fill:
            suggestions[name] = {"value": text, "score": None, "agent": "derive"}
        else:
            fields[name] = text
    return {
        "id": cells["key"],
        "fields": fields,
        "metadata": metadata,
        "suggestions": suggestions,
        "responses": {},
    }


def _knows(head: bytes, name: str) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    # a quote inside a text is escaped: "fields" is a key wherever it stands
    return start.startswith(b'{"' + _HEAD.encode()) or bool(
        re.match(rb'(\[\s*)?\{\s*"id"', start) and re.search(rb'"fields"\s*:\s*\{', start)
    )


def _records(data: bytes, name: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each record with its number and place, in JSONL or in a list."""
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        for number, record in enumerate(is_a(list, parse(data, name), "The file", name), 1):
            where = f"{name} record {number}"
            yield number, where, is_a(dict, record, "The record", where)
        return
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            where = f"{name} line {number}"
            record = is_a(dict, parse(line, where), "The line", where)
            if _HEAD not in record:
                yield number, where, record


def _read(data: bytes, name: str) -> Returned:
    metas: list[Any] = []
    rows: list[Row] = []
    findings: list[Finding] = []
    for number, where, record in _records(data, name):
        sheet, cells, meta = _issued(record, where)
        metas.append(meta)
        people = _people(record, where)
        if not people:
            rows.append(Row(sheet, number, cells))
        for who, (status, answers) in people.items():
            if status == "submitted":
                rows.append(Row(sheet, number, answered(cells, answers, who)))
            else:
                message = f"a response of {who or 'somebody'} is not submitted: {status}"
                item = cells.get("item") or cells.get("key")
                findings.append(
                    finding("worksheet-extra", message, item=item, file=name, row=number)
                )
    return Returned(one_meta(metas, name), rows, findings)


def _issued(record: Mapping[str, Any], where: str) -> tuple[str, dict[str, str], Any]:
    """A record's sheet, its cells as they were issued, and what it says of its worksheet."""
    fields = is_a(dict, record.get("fields"), "fields", where)
    metadata = is_a(dict, record.get("metadata"), "metadata", where)
    names = is_a(str, metadata.get("columns"), "metadata.columns", where).split()
    suggested = {name: value for name, value, _ in _entries(record.get("suggestions"), where)}
    empty = dict.fromkeys(names, "")
    sheet, cells = columns_in({**empty, **suggested, **fields, **metadata}, where)
    meta = parse(is_a(str, metadata.get("derive", "{}"), "derive", where), where)
    return sheet, {name: cells[name] for name in names if name in cells}, meta


def _people(record: Mapping[str, Any], where: str) -> dict[str, tuple[str, dict[str, str]]]:
    """User to the status of the response, and question to text."""
    # to_json drops the status of a response, not the record's: it is pending until one is submitted
    usual = "draft" if record.get("status") == "pending" else "submitted"
    people: dict[str, tuple[str, dict[str, str]]] = {}
    for name, value, one in _entries(record.get("responses"), where):
        who = is_a(str, str(one.get("user_id") or ""), "user_id", where)
        status = is_a(str, one.get("status") or usual, "status", where)
        answers = people.setdefault(who, (status, {}))[1]
        if value is not None:
            answers[name] = is_a(str, value, name, where)
    return people


def _entries(found: Any, where: str) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Question, value and all else of each response or suggestion.

    They come by question, one or a list of them, or as a list that names each one's question.
    """
    if not isinstance(found, dict):
        for one in is_a(list, found or [], "responses or suggestions", where):
            name = is_a(dict, one, "A response", where).get("question_name", one.get("question"))
            yield is_a(str, name, "question_name", where), one.get("value"), one
        return
    for name, listed in found.items():
        for one in listed if isinstance(listed, list) else [listed]:
            yield name, is_a(dict, one, name, where).get("value"), one


ARGILLA = Format("argilla", _files, _knows, _read)
