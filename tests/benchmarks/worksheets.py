"""Ten thousand units out and back: `python tests/benchmarks/worksheets.py [UNITS]`.

Invented items with questions of 35 words and answers of 80, all filled in. Each command runs in
a process of its own; beside it, in the same run, the bare libraries on the same cells: xlsxwriter
writing them, calamine reading them.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import FakeEngine, ac_row, write_jsonl

from derive import locales, pipeline
from derive.pipeline import Asked
from derive.release.read import Options
from derive.worksheet import issued
from derive.worksheet.contract import Looks, Worksheet
from derive.worksheet.formats.registry import FORMATS

ENGLISH = re.findall(r"\w+", "the a letter city office form how should we write")
TARGET = re.findall(r"\w+", "que uma para como sobre casa rua cidade carta vizinho escola")
KANJI = "これは質問ですがどう答えればいいですか町役場手紙学校仕事電車"


def words(seed: object, of: list[str], count: int) -> str:
    """A sentence of these words, the same for the same seed."""
    rng = random.Random(str(seed))
    return " ".join(rng.choice(of) for _ in range(count)).capitalize()


def make_project(folder: Path, units: int) -> None:
    """A project of this many items, drafted by an engine without a model."""
    rows = [
        ac_row(n, **{"text-en": f"{words(n, ENGLISH, 35)} number {n}?",
                     "text": words(n, list(KANJI), 90).replace(" ", ""),
                     "output": words(-n, list(KANJI), 250).replace(" ", "")})
        for n in range(1, units + 1)
    ]  # fmt: skip
    source = write_jsonl(folder / "release" / "dev.jsonl", rows).parent
    engine = FakeEngine(lambda text: f"{words(text, TARGET, 36)} número {text.split()[-1]}")
    pipeline.run(folder / "p", Asked(str(source), "pt-BR", Options()), engine=engine)


def fill(folder: Path) -> Path:
    """Every unit answered, as a workbook."""
    [(name, one)] = issued.load(folder / "p" / "worksheets" / "issued").items()
    sheets: dict[str, list[dict[str, str]]] = {}
    for key, unit in one.units.items():
        number = unit.cells["pivot_prompt"].split()[-1]
        answer = {"decision": "modify", "prompt": f"{words(key, TARGET, 36)} número {number}"}
        answer |= {"response": f"{words('r' + key, TARGET, 80)}.", "reason": "local"}
        cells = {**unit.cells, **answer, "author": "Ana", "sheet": unit.sheet}
        sheets.setdefault(unit.sheet, []).append(cells)
    looks = Looks(locales.complete(locales.load("pt-BR")))
    path = folder / "filled.xlsx"
    FORMATS["xlsx"].files(Worksheet(name, sheets, one.meta), looks)[".xlsx"](path)
    return path


def bare_write(folder: Path) -> None:
    """xlsxwriter alone, the same cells without colours, heights or drop-downs."""
    import xlsxwriter

    [(_, one)] = issued.load(folder / "p" / "worksheets" / "issued").items()
    book = xlsxwriter.Workbook(folder / "bare.xlsx", {"strings_to_urls": False})
    tab = book.add_worksheet()
    for row, unit in enumerate(one.units.values()):
        for at, text in enumerate(unit.cells.values()):
            tab.write_string(row, at, text)
    book.close()


def bare_read(path: Path) -> None:
    """calamine alone."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def timed(call: Callable[[], object]) -> float:
    """Seconds of a call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def command(*arguments: object) -> tuple[float, float]:
    """Seconds and GB of a `derive` command."""
    script = "from derive.cli import main; main()"
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss / 1024**2


def row(what: str, measured: tuple[float, float], beside: str = "") -> None:
    """Print a line of the table."""
    print(f"{what:34} {measured[0]:7.1f} {measured[1]:6.2f}   {beside}")


def apart(call: Callable[..., None], *arguments: object) -> None:
    """Call in a process of its own: a child's peak memory counts its parent's at the start."""
    process = multiprocessing.get_context("spawn").Process(target=call, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the measured project could not be made")


def prepare(folder: Path, units: int) -> None:
    """A project, its filled worksheet, and nothing written out."""
    make_project(folder, units)
    fill(folder)
    for path in (folder / "p" / "worksheets" / "out").iterdir():
        path.unlink()


def bare(folder: Path) -> None:
    """What the bare libraries take, in seconds, in a file."""
    seconds = [timed(lambda: bare_write(folder)), timed(lambda: bare_read(folder / "filled.xlsx"))]
    (folder / "bare.json").write_text(json.dumps(seconds), encoding="utf-8")


def main() -> None:
    """Print one table."""
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project, filled = folder / "p", folder / "filled.xlsx"
        apart(prepare, folder, units)
        apart(bare, folder)
        write, read = json.loads((folder / "bare.json").read_text(encoding="utf-8"))
        print(f"{units} units; python {sys.version.split()[0]}")
        print(f"{'':34} seconds     GB   of the bare library")
        out = command("worksheet", project, "--format", "xlsx")
        row("derive worksheet --format xlsx", out, f"{out[0] / write:.1f} x xlsxwriter")
        back = command("collect", project, filled)
        row("derive collect filled.xlsx", back, f"{back[0] / read:.0f} x calamine")
        row("the same again", command("collect", project, filled))
        row("derive worksheet --role reviewer", command("worksheet", project, "--role", "reviewer"))
        row("derive status", command("status", project))


if __name__ == "__main__":
    main()
