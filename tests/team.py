"""A project and the people who work on it, for tests: worksheets out, filled, and back.

Worksheets travel as JSONL, which holds every text; `fill` is what a person does to a row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conftest import FakeEngine, ac_row, write_jsonl

from derive import pipeline, tables
from derive.intake import Taken
from derive.pipeline import Asked
from derive.project import Project, open_project
from derive.release.read import Options
from derive.stage import Result
from derive.worksheet.stage import Ask

Fill = Callable[[dict[str, str]], Mapping[str, str] | None]
NOUNS = ("carta", "vizinho", "escola", "cidade", "ponte", "livro", "janela", "viagem", "receita",
         "jardim", "médico", "festa", "trem", "mercado", "praça")  # fmt: skip


def prompt(number: int, who: str = "") -> str:
    """A Portuguese question of its own for each number and person."""
    noun, other = NOUNS[number % 15], NOUNS[(number * 7 + len(who)) % 15]
    return f"Como devo contar ao meu {noun} da {other} que a resposta {number} não chegou{who}?"


def response(number: int, who: str = "") -> str:
    """A Portuguese answer of its own."""
    noun = NOUNS[(number * 4 + 3) % 15]
    return f"Procure com calma alguém do {noun} e explique por escrito a questão {number}{who}."


def number_of(cells: Mapping[str, str]) -> int:
    """The item's number, from the ID of conftest.ac_row; of a new unit, its own and 300."""
    parts = cells["item"].split("-")
    return 300 + int(parts[2]) if parts[0] == "new" else int(parts[2])


def translated(cells: Mapping[str, str], who: str = "", author: str = "Ana") -> dict[str, str]:
    """A good answer of a translator in any of their sheets."""
    number = number_of(cells)
    texts = {"prompt": prompt(number, who), "response": response(number, who), "author": author}
    return {**texts, "decision": "modify", "reason": "local"}


class Team:
    """A project of `count` items (levels 0, 1, 2 in turn), and what comes back to it.

    alternatives: how many the drafts have; the engine gives three.
    """

    def __init__(
        self, folder: Path, count: int = 12, locale: str = "pt-BR", alternatives: int = 0
    ) -> None:
        rows = [
            ac_row(n, **{"text-en": f"How should I tell item {n} that answer {n} is late?"})
            for n in range(1, count + 1)
        ]
        source = write_jsonl(folder / "release" / "dev.jsonl", rows).parent
        engine = FakeEngine(
            lambda text: prompt(int(text.split()[5]), " hoje"),
            others=lambda text: (prompt(int(text.split()[5]), f" {day}") for day in ("cedo", "já")),
        )
        engine.target_languages = (locale,)
        asked = Asked(str(source), locale, Options(), alternatives=alternatives)
        pipeline.run(folder / "brazil", asked, engine=engine)
        self.folder = folder
        self.project: Project = open_project(folder / "brazil")

    def issue(self, **ask: Any) -> list[Path]:
        """Worksheets as JSONL."""
        given = Ask(**{"formats": ("jsonl",), **ask})
        return pipeline.write_worksheets(self.project, given).outputs

    def fill(self, path: Path, name: str, fill: Fill = translated) -> Path:
        """A copy in which a person has filled in rows; None leaves a row as it is."""
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for line in lines[1:]:
            line["cells"] |= fill(dict(line["cells"])) or {}
        return self.write(name, lines)

    def write(self, name: str, lines: list[Any]) -> Path:
        """A file that came back, of these lines."""
        back = self.folder / name
        back.write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
        )
        return back

    def collect(self, *paths: Path, **taken: Any) -> Result:
        """Take files in."""
        return pipeline.collect(self.project, paths, Taken(**taken))

    def adaptations(self) -> dict[str, dict[str, Any]]:
        """The accepted ones, by item."""
        table = tables.read_parquet(self.project.work("adaptations.parquet"), tables.ADAPTATIONS)
        rows = {row["item"]: row for row in table.to_dicts()}
        assert len(rows) == table.height
        return rows

    def standings(self) -> dict[str, str]:
        """Key to status."""
        table = tables.read_parquet(self.project.work("standings.parquet"), tables.STANDINGS)
        return dict(table.select("key", "status").rows())

    def submissions(self) -> list[dict[str, Any]]:
        """All of them, with their fates."""
        path = self.project.work("submissions.parquet")
        return tables.read_parquet(path, tables.SUBMISSIONS).to_dicts()

    def work(self) -> dict[str, bytes]:
        """The bytes of what collecting makes."""
        names = ("submissions.parquet", "standings.parquet", "adaptations.parquet")
        files = [*(self.project.work(name) for name in names)]
        files.append(self.project.work("findings-collect.jsonl"))
        return {path.name: path.read_bytes() for path in files}


def codes(result: Result) -> dict[str, int]:
    """How often each code was found."""
    return {code: len(found) for code, found in result.findings.by_code().items()}
