"""A simulated project: what is handed out, what people send back in three rounds, and in what order
it arrives. What comes of it is checked by whoever made the simulation, after every collect."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from conftest import FakeEngine, ac_row, pseudo_portuguese, write_jsonl
from simulated_files import Return, Sheet, chosen, pack, send
from simulated_oracle import Oracle
from simulated_people import DEEDS, Deck, Person

from derive import pipeline, tables
from derive.intake import Taken
from derive.pipeline import Asked
from derive.project import Project, open_project
from derive.release.read import Options
from derive.stage import Result
from derive.text import canonical
from derive.worksheet.columns import CANDIDATES
from derive.worksheet.stage import Ask

SPLIT = "people=Ana,Bruno,Caio,Duda,Eva"
FORMS = ("csv", "jsonl", "xlsx")
UNITS, CHANGED, GONE = 200, 10, 5
# deeds that hold nothing against the source, which is another by now
TIMELESS = ("transfer", "modify", "remove", "no-reason", "twice-other", "deleted", "untouched")


def translated(sentence: str) -> str:
    """The engine's Portuguese of an invented question."""
    found = re.search(r"question number (\S+);", sentence)
    if not found:
        return pseudo_portuguese(sentence)
    return f"Esta é a pergunta inventada de número {found[1]}; como devemos responder a ela?"


def derivation(folder: Path, rows: Iterable[dict[str, Any]]) -> Project:
    """A project folder up to its first worksheet. The folder's name makes the keys."""
    source = write_jsonl(folder / "release" / "dev.jsonl", rows).parent
    asked = Asked(str(source), "pt-BR", Options())
    return pipeline.run(folder / "derivation", asked, engine=FakeEngine(translated))[0]


def make_start(folder: Path) -> tuple[Project, Path]:
    """A project on a release, and the worksheet (JSONL) that its forerunner gave out: some items
    have changed since, some are gone."""
    rows = [ac_row(n) for n in range(1, UNITS + GONE + 1)]
    before = derivation(folder / "old", rows)
    written = pipeline.write_worksheets(before, Ask(formats=("jsonl",)))
    for row in rows[UNITS - CHANGED : UNITS]:
        row["text-en"] = row["text-en"].replace("how", "when and how")
    now = derivation(folder / "new", rows[:UNITS])
    for path in before.issued.iterdir():
        shutil.copy(path, now.issued / path.name)
    return now, written.outputs[0]


def killing(patch: pytest.MonkeyPatch, at: int) -> None:
    """Ends the run at the so-many-th time that something is made safe on disk: before a file takes
    its place, after it has, or after the ledger's line."""
    sync, left = os.fsync, [at]

    def dying(handle: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        sync(handle)

    patch.setattr(os, "fsync", dying)


@dataclass
class Simulation:
    """A project, the people's files on their way to it, and what is known of them.

    keys: of all units that were handed out. asked: what the coordinator said of which files.
    """

    project: Project
    draw: random.Random
    mail: Path
    oracle: Oracle
    deck: Deck
    check: Callable[[Simulation, Result], None]
    keys: set[str] = field(default_factory=set)
    asked: list[tuple[list[Return], Taken]] = field(default_factory=list)
    forms: dict[str, str] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)

    @classmethod
    def begin(
        cls, start: Project, folder: Path, seed: int, check: Callable[[Simulation, Result], None]
    ) -> Simulation:
        """On a copy of the project."""
        shutil.copytree(start.path, folder / "derivation")
        project = open_project(folder / "derivation")
        items = tables.read_parquet(project.items, tables.ITEMS)
        (folder / "mail").mkdir()
        draw = random.Random(seed)
        oracle = Oracle(dict(items.select("id", "hash").rows()))
        return cls(project, draw, folder / "mail", oracle, Deck(draw), check)

    def hand_out(self, **ask: Any) -> list[Sheet]:
        """Worksheets, as people get them."""
        result = pipeline.write_worksheets(self.project, Ask(formats=("jsonl", "csv"), **ask))
        paths = [path for path in result.outputs if path.suffix == ".jsonl"]
        bases = {key: one.bases for key, one in self.oracle.standings().items()}
        sheets = [self.load(path, bases) for path in paths]
        for row in (row for sheet in sheets for row in sheet.back.rows):
            shown = len(row.cells.get("based_on", "").split())
            assert shown == len(bases.get(row.cells["key"], ())), row.cells["key"]
        return sheets

    def load(self, path: Path, bases: Mapping[str, frozenset[str]]) -> Sheet:
        """A worksheet that was handed out."""
        sheet = Sheet.load(path, bases)
        self.keys |= {row.cells["key"] for row in sheet.back.rows}
        if sheet.back.meta.get("double") == "yes":
            for row in sheet.back.rows:
                self.oracle.doubles.setdefault(row.cells["key"], set()).add(sheet.person)
        return sheet

    def filled(
        self, sheet: Sheet, name: str, wanted: Mapping[str, str], others: str = "untouched"
    ) -> list[Return]:
        """The files in which a person's work comes back. A later version is of the same form.
        wanted: key to what is done with its row; others: with all other rows."""
        lines = Person(self.deck, name).fill(sheet, wanted, others)
        stem = f"{name.lower()}-{sheet.stem.rpartition('.')[2]}"
        form = self.forms.setdefault(stem, self.draw.choice(FORMS))
        self.sent[stem] += 1
        returns = pack(self.draw, lines, f"{stem}-{self.sent[stem]}", form)
        for back in returns:
            back.sheet = sheet
        return returns

    def some(self, sheet: Sheet, count: int, among: Sequence[str] = ()) -> dict[str, str]:
        """Units of a worksheet, each to be dealt with by chance."""
        keys = among or [row.cells["key"] for row in sheet.back.rows]
        return dict.fromkeys(self.draw.sample(keys, min(count, len(keys))), "")

    def first_round(self, old: Path) -> tuple[list[Return], list[Sheet]]:
        """What translators send: their worksheets, a second version of one, what somebody did in
        the undivided worksheet, and an older worksheet of items that have changed or gone."""
        sheets = self.hand_out(split_by=SPLIT, routes=("translate", "adapt"))
        sheets += self.hand_out(split_by=SPLIT, routes=("rewrite",), double=True)
        [whole] = self.hand_out()
        older = self.load(old, {})
        changed = [
            row.cells["key"]
            for row in older.back.rows
            if self.oracle.hashes.get(row.cells["item"]) != row.cells["source_hash"]
        ]
        changed.sort()
        assert len(changed) == CHANGED + GONE
        # nobody does these again before the last round
        alone = dict.fromkeys(changed[::4], "untouched")
        returns = [
            back for sheet in sheets for back in self.filled(sheet, sheet.person, alone, others="")
        ]
        again = self.draw.choice(sheets)
        returns += self.filled(again, again.person, self.some(again, 6))
        unsigned = {row.cells["key"]: "unsigned" for row in whole.back.rows[:120:40]}
        returns += self.filled(whole, "Flor", self.some(whole, 12) | unsigned)
        wanted = dict(zip(changed, cycle(TIMELESS), strict=False))
        return returns + self.filled(older, "Davi", self.some(older, 6) | wanted), sheets

    def second_round(self) -> list[Return]:
        """What reviewers send."""
        sheets = self.hand_out(role="reviewer", split_by="people=Gil,Hana")
        return [back for sheet in sheets for back in self.filled(sheet, sheet.person, {}, "")]

    def third_round(self) -> list[Return]:
        """What translators send of what is left and of the reviewers' changes."""
        sheets = self.hand_out(split_by=SPLIT, coverage=1.0)
        rows = [row for sheet in sheets for row in sheet.back.rows]
        held = self.oracle.held()
        deeds, rejected = cycle(DEEDS["new"]), self.oracle.rejected("transfer", "modify")
        wanted: dict[str, str] = {}
        for row in rows:
            key, prompt = row.cells["key"], canonical(row.cells["prompt"])
            assert prompt in held.pop(key, {prompt}), f"{key}: what is held is not shown"
            if row.sheet in ("reply", "new"):
                wanted[key] = next(deeds) if row.sheet == "new" else ""
            elif key in rejected:
                wanted[key] = {"transfer": "insist", "modify": "insist-modify"}[rejected[key]]
        assert held == {}, "what is held goes back to be mended"
        returns: list[Return] = []
        for sheet in sheets:
            returns += self.filled(sheet, sheet.person, self.some(sheet, 20) | wanted)
        return returns

    def adjudicated(self, first: list[Sheet]) -> list[Return]:
        """What the adjudicator sends, who is shown all that people disagree on, and what comes late
        of a worksheet of the first round, of the same units and others."""
        sheets = self.hand_out(role="adjudicator")
        rows = [row for sheet in sheets for row in sheet.back.rows]
        for row in rows:
            shown = {chosen(row.cells, one) for one in CANDIDATES if row.cells.get(f"{one}_note")}
            assert shown == self.oracle.offered(row.cells["key"]), row.cells["key"]
        returns = [back for sheet in sheets for back in self.filled(sheet, "Inês", {}, "")]
        late = self.draw.choice(first)
        again = {row.cells["key"]: "modify" for row in rows[::3]} | self.some(late, 6)
        return returns + self.filled(late, late.person, again)

    def decisions(self, first: list[Sheet]) -> None:
        """What the coordinator decides at the end: a better file instead of another, a finding that
        is none, final units that may be changed after all."""
        old = self.draw.choice([back for back in self.oracle.returns if back.sheet in first])
        keys = [line.said.key for line in old.lines if line.said]
        assert old.sheet is not None
        better = self.filled(old.sheet, old.sheet.person, dict.fromkeys(keys[:6], "modify"))
        [fit] = [one for one in better if any(line.said for line in one.lines)]
        self.collect([fit], instead_of=(old.hash,))
        said = self.draw.choice(self.oracle.held_for_texts())
        self.collect([said.back], dismiss=(f"{said.key}:{said.deed.bad.split(':')[0]}",))
        final = self.oracle.final()
        self.collect([], reopen=tuple(self.draw.sample(final, min(len(final), 3))))

    def deliver(self, returns: list[Return], batches: int) -> None:
        """In random order, in so many calls, with some files once more and with kills."""
        self.draw.shuffle(returns)
        for number in range(batches):
            seen = self.oracle.returns
            again = self.draw.sample(seen, min(len(seen), self.draw.randrange(3)))
            self.collect(returns[number::batches] + again, kills=self.draw.randrange(2))

    def collect(self, returns: Sequence[Return], kills: int = 0, **taken: Any) -> None:
        """Take files in, as often as it takes; and check everything."""
        folder = self.mail / str(len(list(self.mail.iterdir())))
        paths, asked = send(self.draw, returns, folder), Taken(**taken)
        for _ in range(kills):
            with pytest.MonkeyPatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
                killing(patch, self.draw.randrange(1, 30))
                pipeline.collect(self.project, paths, asked)
        result = pipeline.collect(self.project, paths, asked)
        if taken:
            self.asked.append((list(returns), asked))
        self.oracle.collected(returns, asked)
        self.check(self, result)
