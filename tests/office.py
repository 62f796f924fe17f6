"""A spreadsheet program for tests: LibreOffice without a screen, and what people do in it.

What people do is done with openpyxl: it finds a worksheet's cells by the machine names in its
first row and by the key in each. `collect` and `same` say what comes of it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from click.testing import CliRunner, Result
from conftest import SAMPLE
from openpyxl.cell.cell import Cell
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from derive.cli import cli
from derive.findings import Finding, Findings
from derive.text import canonical

SOFFICE = shutil.which("soffice")
NEEDED = "needs LibreOffice (soffice on the path)"
WAYS = ("as it is", "xlsx", "ods")  # how a workbook gets to `collect`
UTF8, UTF16 = 76, 65535  # LibreOffice's numbers for encodings

Answers = Mapping[str, Mapping[str, str]]  # key -> column -> what a person writes there
Do = Callable[[Workbook], Any]


class Office:
    """LibreOffice, with a profile and files of its own in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, files: Sequence[Path], to: str, reading: str = "") -> list[Path]:
        """Open files and save them as `to`, all in one start: the saved files in the same order,
        or every file written if there are more of them. reading: options of the filter for CSV."""
        out = self.folder / f"saved-{sum(1 for _ in self.folder.glob('saved-*'))}"
        command = [str(SOFFICE), f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"]
        command += [
            "--headless",
            "--norestore",
            *([f"--infilter=CSV:{reading}"] if reading else []),
        ]
        command += ["--convert-to", to, "--outdir", str(out), *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        saved = sorted(out.glob("*"))
        assert len(saved) >= len(files), done.stdout + done.stderr
        by_stem = {path.stem: path for path in saved}
        return [by_stem[path.stem] for path in files] if len(saved) == len(files) else saved

    def all_ways(
        self, files: Mapping[str, Path], names: Iterable[str]
    ) -> dict[tuple[str, str], Path]:
        """By name and way, the files: all as they are, and those of these names saved as well."""
        done = {(name, WAYS[0]): path for name, path in files.items()}
        names = list(names)
        for way in WAYS[1:]:
            saved = self.save([files[name] for name in names], way)
            done |= {(name, way): path for name, path in zip(names, saved, strict=True)}
        return done


def ways(names: Iterable[str], saved: Iterable[str]) -> list[tuple[str, str]]:
    """Each name with the ways it goes: those in `saved` go through LibreOffice too."""
    saved = list(saved)
    return [(name, way) for name in names for way in (WAYS if name in saved else WAYS[:1])]


def csv_filter(delimiter: str = ",", charset: int = UTF8, *, quoted: bool = True) -> str:
    """LibreOffice's options for CSV. quoted: a quoted field is a text when reading, and a text is
    quoted when writing."""
    return f"{ord(delimiter)},34,{charset},1,,0,{str(quoted).lower()},false"


def csv_writer(options: str) -> str:
    """What to save as, with these options."""
    return f"csv:Text - txt - csv (StarCalc):{options}"


# what people do by hand


def put(cell: Cell, text: str) -> None:
    """Type a text into a cell of the format Text: it stays one, whatever it looks like.

    openpyxl leaves it to its caller to write what XML cannot hold as programs do.
    """
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    cell.value = re.sub(r"[\x00-\x08\x0b-\x1f]", lambda one: f"_x{ord(one[0]):04X}_", text)
    cell.data_type = "s"


def sheets(book: Workbook) -> list[Worksheet]:
    """The sheets with units."""
    return [one for one in book if "source_hash" in [cell.value for cell in one[1]]]


def column(sheet: Worksheet, name: str) -> int:
    """The number of a column, from 1."""
    return [cell.value for cell in sheet[1]].index(name) + 1


def cell(sheet: Worksheet, row: int, name: str) -> Cell:
    """The cell of a column."""
    return sheet.cell(row, column(sheet, name))


def units(book: Workbook) -> Iterator[tuple[str, Worksheet, int]]:
    """(key, sheet, row) of every unit."""
    for sheet in sheets(book):
        for row in range(3, sheet.max_row + 1):
            if key := cell(sheet, row, "key").value:
                yield key, sheet, row


def handle(path: Path, to: Path, doing: Do) -> Path:
    """Open a workbook, do something to it, save it."""
    book = openpyxl.load_workbook(path)
    doing(book)
    to.parent.mkdir(exist_ok=True)
    book.save(to)
    return to


def fill(path: Path, to: Path, answers: Answers) -> Path:
    """Fill in a workbook."""

    def doing(book: Workbook) -> None:
        for key, sheet, row in units(book):
            for name, text in answers.get(key, {}).items():
                put(cell(sheet, row, name), text)

    return handle(path, to, doing)


def rearrange(
    sheet: Worksheet,
    rows: Iterable[int] = (),
    columns: Iterable[int] = (),
    only: Sequence[int] = (),
    top: int = 3,
) -> None:
    """Put the sheet's rows (from `top` on), or its columns, into this order; 0 is an empty one.

    only: the columns that take part in it; all if there are none.
    """
    was = [[(one.value, one.data_type) for one in row] for row in sheet.iter_rows()]
    across = list(columns) or list(range(1, sheet.max_column + 1))
    down = list(rows) or list(range(top, sheet.max_row + 1))
    down += [0] * (sheet.max_row - top + 1 - len(down))
    for at, row in enumerate(down, top):
        for number, from_column in enumerate(across, 1):
            if not only or number in only:
                one = sheet.cell(at, number)
                one.value, kind = was[row - 1][from_column - 1] if row else (None, "n")
                one.data_type = kind
    if columns:
        for row in range(1, top):
            for number, from_column in enumerate(across, 1):
                sheet.cell(row, number).value = was[row - 1][from_column - 1][0]


_WHAT = "ajuda,conselho,atenção,paciência,respeito,silêncio,carona,notícias"
_WHOM = "um vizinho,uma amiga,meu professor,minha avó,um médico,a prefeitura,uma colega,o porteiro"


def portuguese(number: int) -> tuple[str, str]:
    """A prompt and its response with which nobody finds fault; others for each of 64 numbers."""
    what, whom = _WHAT.split(",")[number % 8], _WHOM.split(",")[number // 8 % 8]
    return (
        f"Como posso pedir {what} para {whom} sem incomodar ninguém no bairro?",
        f"Você pode falar com calma e pedir {what} para {whom}, explicando bem o motivo.",
    )


def answers(workbook: Path) -> dict[str, dict[str, str]]:
    """An answer for every unit; every eighth is removed."""
    found: dict[str, dict[str, str]] = {}
    for number, (key, _, _) in enumerate(units(openpyxl.load_workbook(workbook))):
        prompt, response = portuguese(number)
        found[key] = {"decision": "remove", "reason": "Não se aplica aqui.", "author": "Ana"}
        if number % 8 != 2:
            found[key] |= {"decision": "modify", "prompt": prompt, "response": response}
    return found


# what comes of it


@dataclass(frozen=True)
class Came:
    """What `derive collect` made of files: its exit status and output, the tables, the findings."""

    done: Result
    adaptations: dict[str, dict[str, Any]]  # by item
    submissions: dict[str, dict[str, Any]]  # by key
    findings: list[Finding]

    def said(self, *codes: str) -> list[Finding]:
        """The findings of these codes."""
        return [one for one in self.findings if one.code in codes]


def derive(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def run_sample(path: Path) -> Path:
    """The sample's project folder, as `run` leaves it; and its workbook is in worksheets/out."""
    done = derive("run", SAMPLE, "--locale", "pt-BR", "-o", path)
    assert done.exit_code == 0, done.stderr
    return path


def workbook_of(project: Path) -> Path:
    """The one workbook that was handed out."""
    [path] = (project / "worksheets" / "out").glob("*.xlsx")
    return path


def collect(project: Path, *files: Path, copy: Path | None = None) -> Came:
    """Take files in, in a copy of the project folder if one is named."""
    if copy is not None:
        project = shutil.copytree(project, copy)
    done = derive("collect", project, *files)
    work = project / "work"
    if not (work / "adaptations.parquet").is_file():
        return Came(done, {}, {}, [])
    adaptations = pl.read_parquet(work / "adaptations.parquet").drop("file", "row")
    submissions = pl.read_parquet(work / "submissions.parquet")
    # where a row stood, and the name of its file, say nothing about what was answered
    submissions = submissions.drop("file", "name", "place", "row")
    return Came(
        done,
        {row["item"]: row for row in adaptations.to_dicts()},
        {row["key"]: row for row in submissions.to_dicts()},
        list(Findings.load(work / "findings-collect.jsonl")),
    )


_TEXTS = ("prompt", "response", "reason", "evidence")
_OF_TEXTS = ("id", "submission", "checks", "fate", "prompt_edits", "response_edits")


def same(before: Came, after: Came, changed: Callable[[str], str] = lambda text: text) -> None:
    """Assert that the same answers came, with the same findings.

    changed: what a program makes of a text; it may, but need not have done so.
    """
    other = set()
    for table in ("submissions", "adaptations"):
        old, new = getattr(before, table), getattr(after, table)
        assert old.keys() == new.keys(), table
        for key, row in old.items():
            texts = [name for name in _TEXTS if row.get(name) != new[key].get(name)]
            for name in texts:
                assert new[key][name] == changed(row[name]), f"{key} {name}: {row[name][:80]!r}"
            if any(canonical(row[name]) != canonical(new[key][name]) for name in texts):
                other.add(row["item"])
            for name in row.keys() - {*texts, *(_OF_TEXTS if row["item"] in other else ())}:
                assert new[key][name] == row[name], f"{table} {key} {name}"
    said = [
        sorted((one.code, str(one.item), str(one.field)) for one in came.findings
               if one.item not in other)
        for came in (before, after)
    ]  # fmt: skip
    assert said[0] == said[1]


def all_but(before: Came, after: Came, lost: Iterable[str]) -> None:
    """Assert that these items were not taken, and all others as before."""
    left = before.adaptations.keys() - set(lost)
    assert after.adaptations.keys() == left
    for item in left:
        old, new = ({**came.adaptations[item], "checks": []} for came in (before, after))
        assert new == old
