"""Worksheets as Label Studio tasks: a list to import, and the labeling config of its project.

A task's `data` holds every column of its unit, so the join needs nothing else; its prediction
shows what is filled in already. The controls are called fill_<column>: JSON-MIN lays a task's
data and its answers in one object, where a text that somebody emptied would else come back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from derive.errors import DeriveError
from derive.files import write_text
from derive.findings import Finding, finding
from derive.text import has_lone_surrogate
from derive.worksheet.columns import COLUMN, FILL, IDENTITY, fill_columns, words
from derive.worksheet.contract import Format, Looks, Returned, Row, Worksheet

_FILL = "fill_"
_SHOWN = "key"  # the text that the controls belong to: every unit has it
_KINDS: dict[type, str] = {list: "a list", dict: "an object", str: "a text"}
_MEND = "export it again from the annotation tool, as JSON"


def _files(worksheet: Worksheet, looks: Looks) -> dict[str, Callable[[Path], None]]:
    files: dict[str, Callable[[Path], None]] = {}
    for sheet in worksheet.sheets():
        tasks = [_task(worksheet, sheet, cells) for cells in worksheet.cells(sheet)]
        listed = json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"
        files[f".{sheet}.label-studio.json"] = partial(write_text, text=listed)
        config = _config(worksheet, sheet, looks)
        files[f".{sheet}.label-studio.xml"] = partial(write_text, text=config)
    return files


def _task(worksheet: Worksheet, sheet: str, cells: Mapping[str, str]) -> dict[str, Any]:
    data = {"sheet": sheet, "derive": dict(worksheet.meta), **cells}
    result = []
    for name in fill_columns(sheet):
        allowed = words(sheet, name)
        # a text that is no word of its drop-down stays in the data: a prediction cannot show it
        if cells[name] and (not allowed or cells[name] in allowed):
            control = {"id": _FILL + name, "from_name": _FILL + name, "to_name": _SHOWN}
            kind, holder = ("choices", "choices") if allowed else ("textarea", "text")
            result.append({**control, "type": kind, "value": {holder: [cells[name]]}})
    prediction = {"model_version": "derive", "result": result}
    return {"data": data, "predictions": [prediction]} if result else {"data": data}


def _config(worksheet: Worksheet, sheet: str, looks: Looks) -> str:
    """The labeling config: what is read, then what is filled in."""
    view, form = Element("View"), Element("View")
    if looks.pack.direction == "rtl":
        form.set("style", "direction: rtl")
    SubElement(view, "Header", value=looks.pack.sheets.get(sheet, sheet))
    for column in (one for one in worksheet.columns(sheet) if not one.hidden):
        name = column.name
        SubElement(form if column.fill else view, "Header", value=label(looks, name), size="5")
        control = {"name": _FILL + name, "toName": _SHOWN}
        if not column.fill:
            SubElement(view, "Text", name=name, value=f"${name}")
        elif allowed := words(sheet, name):
            choices = SubElement(form, "Choices", control, choice="single")
            if name == fill_columns(sheet)[0]:
                choices.set("required", "true")  # who has not decided has not finished
            for word in allowed:
                SubElement(choices, "Choice", value=word)
        else:
            rows = "5" if column.width > 40 else "2"  # a box of one row takes no line break
            SubElement(form, "TextArea", control, rows=rows, editable="true", maxSubmissions="1")
    view.append(form)
    indent(view)
    return tostring(view, encoding="unicode") + "\n"


def _knows(head: bytes, name: str) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    # a quote inside a text is escaped: these are keys wherever they stand; "fields" is Argilla's
    tasks = re.search(rb'"(derive"\s*:\s*\{|annotations"\s*:\s*\[)', start)
    fields = re.search(rb'"fields"\s*:\s*\{', start)
    listed = re.match(rb"\[\s*\{", start)
    return bool(start.startswith(b"<View") or (listed and tasks and not fields))


def _read(data: bytes, name: str) -> Returned:
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<View"):
        note = finding("worksheet-extra", "the labeling config, which holds no rows", file=name)
        return Returned({}, [], [note])
    metas: list[Any] = []
    rows: list[Row] = []
    findings: list[Finding] = []
    for number, found in enumerate(is_a(list, parse(data, name), "The file", name), 1):
        where = f"{name} task {number}"
        task = _nested(is_a(dict, found, "The task", where))
        sheet, cells = columns_in(is_a(dict, task["data"], "data", where), where)
        metas.append(task["data"].get("derive"))
        place: dict[str, Any] = {"item": cells.get("item", cells["key"]), "row": number}
        annotations = is_a(list, task.get("annotations") or [], "annotations", where)
        if not annotations:
            rows.append(Row(sheet, number, cells))
        for one in annotations:
            who = _who(is_a(dict, one, "An annotation", where).get("completed_by"), where)
            if one.get("was_cancelled"):
                message = f"the task was skipped by {who or 'somebody'}"
                findings.append(finding("worksheet-extra", message, file=name, **place))
            else:
                rows.append(Row(sheet, number, answered(cells, _answers(one, where), who)))
    return Returned(one_meta(metas, name), rows, findings)


def _nested(task: dict[str, Any]) -> dict[str, Any]:
    """A task of a JSON-MIN export in the shape of the JSON export; any other as it is."""
    if "data" in task:
        return task
    # in a config made by hand the controls may be called as the columns
    names = [name for name in task if name.startswith(_FILL)] or [n for n in FILL if n in task]
    result = [{"from_name": name, "value": task[name]} for name in names]
    annotation = {"completed_by": task.get("annotator"), "result": result}
    return {"data": task, "annotations": [annotation] if task.get("annotation_id") else []}


def _answers(annotation: Mapping[str, Any], where: str) -> dict[str, str]:
    """Column to text, of the controls that hold something."""
    answers: dict[str, str] = {}
    for region in is_a(list, annotation.get("result") or [], "result", where):
        if "from_name" in is_a(dict, region, "a result", where):
            name = is_a(str, region["from_name"], "from_name", where).removeprefix(_FILL)
            answers[name] = _text(region.get("value"), name, where)
    return answers


def _text(value: Any, name: str, where: str) -> str:
    """The text of {"text": […]}, of {"choices": […]}, of a list, or of a text."""
    if isinstance(value, dict):  # `textarea` is what a defect of the SDK wrote
        value = value.get("text", value.get("textarea", value.get("choices")))
    parts = value if isinstance(value, list) else [value]
    return "\n".join(is_a(str, part, name, where) for part in parts)


def _who(person: Any, where: str) -> str:
    """The e-mail address of a person, or else the number."""
    if isinstance(person, dict):
        person = person.get("email") or person.get("id")
    return "" if person is None else str(is_a(str, str(person), "completed_by", where))


LABEL_STUDIO = Format("label-studio", _files, _knows, _read)


# from here on: what the formats of annotation tools have in common
def label(looks: Looks, name: str) -> str:
    """What people read above a column: without the sign of a workbook's drop-down."""
    return looks.pack.labels.get(name, name).removesuffix("▼").strip()


def parse(data: bytes | str, where: str) -> Any:
    """The value of a JSON text. Raises DeriveError."""
    try:
        return json.loads(data.decode("utf-8-sig") if isinstance(data, bytes) else data)
    except (ValueError, RecursionError) as error:
        raise DeriveError(f"Not JSON: {error}", where=where, fix=_MEND) from None


def is_a(kind: type, value: Any, what: str, where: str) -> Any:
    """The value, if it is a list, dict or str as `kind` says. Raises DeriveError."""
    if not isinstance(value, kind):
        seen = _KINDS.get(type(value)) or json.dumps(value)
        raise DeriveError(f"{what} is not {_KINDS[kind]}: {seen}", where=where, fix=_MEND)
    if isinstance(value, str) and has_lone_surrogate(value):
        raise DeriveError(f"{what} holds half a character", where=where, fix="restore it")
    return value


def columns_in(values: Mapping[str, Any], where: str) -> tuple[str, dict[str, str]]:
    """The sheet that an object names, and the texts of its columns. Raises DeriveError."""
    missing = [name for name in ("sheet", *IDENTITY) if name not in values]
    if missing:
        raise DeriveError(f"There is no {', '.join(missing)}", where=where, fix=_MEND)
    texts = {name: is_a(str, values[name], name, where) for name in values if name in COLUMN}
    return is_a(str, values["sheet"], "sheet", where), texts


def answered(cells: Mapping[str, str], answers: Mapping[str, str], who: str) -> dict[str, str]:
    """The cells as one person filled them in; what that person left empty is empty."""
    filled = {**cells, **{name: answers.get(name, "") for name in FILL if name in cells}}
    return {**filled, "author": filled.get("author") or who}


def one_meta(metas: Sequence[Any], name: str) -> dict[str, str]:
    """What all units say of their worksheet; nothing where they come from several."""
    found = [is_a(dict, one or {}, "derive", name) for one in metas]
    texts = [{key: is_a(str, one[key], key, name) for key in one} for one in found]
    return texts[0] if texts and all(one == texts[0] for one in texts) else {}
