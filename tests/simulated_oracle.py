"""What a simulated project must come to: an account kept apart from derive's own.

It knows who said what to which row. What one row answers, another has said: the answers that
nobody has answered yet are a unit's heads, and where they agree, that stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from simulated_files import Return, Said, Text

from derive.intake import Taken
from derive.text import canonical

Group = list[Said]  # rows that say the same in answer to the same
Where = tuple[str, str, str, int]  # a file's name and hash, the sheet, the row
Found = tuple[str, str, str, int, str, str | None]  # and a finding's code and field
TRANSLATE = ("translate", "new")
STATES = ("initial", "translated", "reviewed", "final")
_CONFLICTS = ("conflict", "double", "disputed")
_NOTES = ("reclassified",)


@dataclass(frozen=True)
class Expected:
    """Where a unit must stand. heads: what nobody has answered yet. If it is accepted: what it is,
    some of its translators, and which findings and reason it may be given."""

    status: str
    state: str = "initial"
    heads: tuple[str, ...] = ()
    content: Text | None = None
    authors: frozenset[str] = frozenset()
    checks: tuple[frozenset[str], ...] = ()
    reasons: frozenset[str] = frozenset()

    @property
    def bases(self) -> frozenset[str]:
        """What a new worksheet's row is based on: nobody sees half of a double translation."""
        return frozenset() if self.status == "half" else frozenset(self.heads)


@dataclass
class Oracle:
    """hashes: item to the hash of its source as it is now. doubles: key to the people who were
    asked for it independently. instead: hashes of a file and of the one that it replaces."""

    hashes: Mapping[str, str]
    doubles: dict[str, set[str]] = field(default_factory=dict)
    returns: list[Return] = field(default_factory=list)
    instead: set[tuple[str, str]] = field(default_factory=set)
    dismissed: set[tuple[str, str]] = field(default_factory=set)  # a file's hash, `KEY:CODE`
    reopened: set[str] = field(default_factory=set)

    def collected(self, returns: Collection[Return], taken: Taken) -> None:
        """Files came in."""
        self.reopened |= {mark for key in taken.reopen for mark in self.standings()[key].heads}
        self.returns += [back for back in returns if back not in self.returns]
        self.instead |= {(back.hash, old) for back in returns for old in taken.instead_of}
        self.dismissed |= {(back.hash, said) for back in returns for said in taken.dismiss}
        self.__dict__.pop("account", None)

    @cached_property
    def account(self) -> Account:
        """Of what has come in so far."""
        return Account(self)

    def standings(self) -> dict[str, Expected]:
        """By key, of the units that somebody has handed in."""
        return self.account.standings

    def findings(self) -> Counter[Found]:
        """Every finding there must be."""
        return Counter((*line.where(), code, name) for line, code, name in self.account.found)

    def held(self) -> dict[str, set[str]]:
        """Unit to the prompts of its rows that are held, where it has nothing better."""
        found: dict[str, set[str]] = {}
        for said in self.account.held:
            if self.standings()[said.key].status == "none" and said.role in TRANSLATE:
                found.setdefault(said.key, set()).add(canonical(said.typed[1]))
        return found

    def open_rows(self) -> set[Where]:
        """The rows that are held, where nothing stands for their units beyond what they showed."""
        standings = self.standings()
        held = self.account.held
        return {one.line.where() for one in held if one.base.issuperset(standings[one.key].heads)}

    def held_for_texts(self) -> list[Said]:
        """The rows that are held for what their texts are like."""
        return [one for one in self.account.held if one.deed.bad.startswith("text-")]

    def rejected(self, *decisions: str) -> dict[str, str]:
        """Unit to the decision that was rejected, if it is one of these."""
        found = {}
        for key, one in self.standings().items():
            if one.status == "rejected":
                groups = self.account.groups
                [base] = groups[one.heads[0]][0].base
                content = self.account.content(base)
                if content and content[0] in decisions:
                    found[key] = content[0]
        return found

    def final(self) -> list[str]:
        """The final units that somebody has said something else of."""
        ignored = {said.key for said in self.account.said if self.account.fate(said) == "set-aside"}
        units = self.standings().items()
        return [key for key, one in units if one.state == "final" and key in ignored]

    def accounts(self, keys: Collection[str]) -> Counter[str]:
        """Units by what became of them. keys: of all units."""
        found: Counter[str] = Counter()
        bad = {said.key for said in self.account.held}
        for key in keys:
            there = key.rpartition("~")[0] in self.hashes or key.startswith("new-")
            one = self.standings().get(key) or Expected("none" if there else "gone")
            if one.content is not None:
                found["removed" if one.content[0] == "remove" else "accepted"] += 1
            elif one.status in ("none", "half"):
                found["held" if key in bad and one.status == "none" else "missing"] += 1
            else:
                found["conflicts" if one.status in _CONFLICTS else one.status] += 1
        return found

    def offered(self, key: str) -> set[Text]:
        """What an adjudicator may choose from."""
        marks = self.account.candidates(self.standings()[key].heads)
        return {content for mark in marks if (content := self.account.content(mark))}

    def submissions(self) -> dict[tuple[str, str, str, int, str], tuple[str, ...]]:
        """Place and key of every filled row that is a unit's, to its fate and texts."""
        return {
            (*said.line.where(), said.key): (self.account.fate(said), *map(canonical, said.typed))
            for said in self.account.said
        }


class Account:
    """All rows of the files so far, each unit settled."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        lines = [line for back in oracle.returns for line in back.lines]
        self.said = [line.said for line in lines if line.said]
        self.found = [(line, code, name) for line in lines for code, name in line.told]
        answered = {(said.back.hash, said.key) for said in self.said}
        gone = {(old, key) for new, old in oracle.instead for hash, key in answered if hash == new}
        self.replaced = [said for said in self.said if (said.back.hash, said.key) in gone]
        left = [said for said in self.said if said not in self.replaced]
        self.aside = {
            (code, text)
            for said in left
            for hash, words in oracle.dismissed
            if hash == said.back.hash and words.rpartition(":")[0] == said.key
            for code, text in [(words, canonical(said.typed[1]))]
        }
        self.held = [said for said in left if said.deed.bad == "row"]
        self.groups: dict[str, Group] = {}
        self._take([one for one in left if one not in self.held])
        keys = {group[0].key for group in self.groups.values()} | {one.key for one in self.held}
        self.standings = {key: self._standing(key) for key in sorted(keys)}

    def _take(self, said: list[Said]) -> None:
        """What may stand, with what it answers first."""
        waiting: dict[str, Group] = {}
        for one in sorted(said, key=lambda one: (one.back.name, one.line.row, one.back.hash)):
            waiting.setdefault(one.mark, []).append(one)
        while waiting:
            ready = [mark for mark, group in waiting.items() if not group[0].base & waiting.keys()]
            for mark in ready:
                group = [one for one in waiting.pop(mark) if self._may_stand(one)]
                if not group:
                    continue
                deed, (code, _, name) = group[0].deed, group[0].deed.bad.partition(":")
                if deed.note:
                    note, _, noted = deed.note.partition(":")
                    self.found.append((group[0].line, note, noted))
                text = canonical(group[0].typed[1])
                if code and (f"{group[0].key}:{code}", text) not in self.aside:
                    self.found.append((group[0].line, code, name))
                    self.held += group
                else:
                    self.groups[mark] = group

    def _may_stand(self, one: Said) -> bool:
        if one.role in TRANSLATE:
            return True
        code = "" if one.base and one.base <= self.groups.keys() else "base-missing"
        if not code and one.role == "review":
            names = {name.casefold() for mark in one.base for name in self._authors(mark)}
            code = "review-same-person" if not names or one.author.casefold() in names else ""
        if code:
            name = "author" if code == "review-same-person" else None
            self.found.append((one.line, code, name))
            self.held.append(one)
        return not code

    def content(self, mark: str) -> Text | None:
        """What the unit is to be by an answer."""
        result = self.groups[mark][0].result
        return result and (result[0], canonical(result[1]), canonical(result[2]))

    def candidates(self, marks: Collection[str]) -> list[str]:
        """Answers, and what was declined by one of them."""
        declined = [mark for mark in marks if self.groups[mark][0].more[0] == "decline"]
        return [*marks, *(base for mark in declined for base in self.groups[mark][0].base)]

    def _below(self, mark: str) -> list[str]:
        """Where an answer has what it did not write itself."""
        one = self.groups[mark][0]
        bases = [base for base in one.base if base in self.groups]
        if one.role == "adjudicate":
            offered = self.candidates(bases)
            return [base for base in offered if self.content(base) == self.content(mark)]
        if one.more[0] == "decline":
            return [deeper for base in bases for deeper in self.groups[base][0].base]
        return bases

    def _is_written(self, mark: str) -> bool:
        return self.groups[mark][0].role in TRANSLATE or self.groups[mark][0].more[0] == "own"

    def _writers(self, mark: str) -> set[str]:
        """Who of the answers may have written what stands by one."""
        below = [] if self._is_written(mark) else self._below(mark)
        if any(self.content(base) == self.content(mark) for base in below):
            return {deeper for base in below for deeper in self._writers(base)}
        return {mark}

    def _authors(self, mark: str) -> frozenset[str]:
        """Who translated what an answer goes back to."""
        own = {one.author for one in self.groups[mark] if one.author and one.role in TRANSLATE}
        below = [] if self._is_written(mark) else self._below(mark)
        return frozenset(own).union(*map(self._authors, below))

    def _reasons(self, mark: str) -> set[str]:
        """What may be given as the reason for what stands by an answer."""
        group, content = self.groups[mark], self.content(mark)
        if self._is_written(mark):
            return {"\n".join(sorted({one.reason for one in group if one.reason}))}
        found: set[str] = set()
        for base in self._below(mark):
            before = self.content(base)
            same = content is None or before is None or before[0] == content[0]
            found |= self._reasons(base) if same else {group[0].line.cells["comment"]}
        return found

    def _heads(self, marks: Collection[str]) -> list[str]:
        answered = {base for mark in marks for base in self.groups[mark][0].base}
        return sorted(mark for mark in marks if mark not in answered)

    def _tell(self, mark: str, code: str) -> None:
        self.found.append((self.groups[mark][0].line, code, None))

    def _standing(self, key: str) -> Expected:
        item = key.rpartition("~")[0]
        marks = [mark for mark, group in self.groups.items() if group[0].key == key]
        now, new = self.oracle.hashes.get(item), item.startswith("new-")
        live = [mark for mark in marks if new or self.groups[mark][0].hash == now]
        for mark in self._heads(marks):
            if mark not in live:
                self._tell(mark, "unit-stale" if now else "unit-gone")
        if not live:
            status = "gone" if now is None and not new else "stale" if marks else "none"
            return Expected(status, heads=tuple(self._heads(marks)))
        heads = self._heads(live)
        final = [mark for mark in heads if self._rank(mark) == 3 and self._is_closed(mark)]
        if final:
            chosen = {self.content(mark) for mark in final}
            for mark in set(heads) - set(final):
                if self.content(mark) not in chosen:
                    self._tell(mark, "unit-final")
            heads = final
        if len({self.content(mark) for mark in heads}) == 1:
            return self._agreed(key, heads)
        double = self._is_double(heads)
        for mark in heads:
            self._tell(mark, "unit-double" if double else "unit-conflict")
        state = "reviewed" if min(map(self._rank, heads)) >= 2 else "translated"
        return Expected("double" if double else "conflict", state, tuple(heads))

    def _agreed(self, key: str, heads: list[str]) -> Expected:
        people = {one.person for mark in heads for one in self.groups[mark]}
        halves = all(self._is_half(mark) for mark in heads)
        if halves and self.oracle.doubles[key] - people:
            return Expected("half", heads=tuple(heads))
        best = max(map(self._rank, heads))
        mark = next(mark for mark in heads if self._rank(mark) == best)
        verdict = self.groups[mark][0].more[0]
        status = {"reject": "rejected", "decline": "disputed"}.get(verdict, "accepted")
        if status != "accepted":
            return Expected(status, STATES[best], tuple(heads))
        reasons = frozenset(reason for mark in heads for reason in self._reasons(mark))
        checks = tuple(
            frozenset(self._codes([*heads, writer]))
            for mark in heads
            for writer in self._writers(mark)
        )
        authors, content = self._authors(mark), self.content(mark)
        return Expected(status, STATES[best], tuple(heads), content, authors, checks, reasons)

    def _codes(self, marks: Collection[str]) -> Iterator[str]:
        for mark in marks:
            for one in self.groups[mark]:
                yield from (code for code, _ in one.line.told if code not in _NOTES)

    def _rank(self, mark: str) -> int:
        one = self.groups[mark][0]
        if one.role in ("review", "reply"):
            return {"reject": 0, "decline": 1}.get(one.more[0], 2)
        return 3 if one.role == "adjudicate" else 1

    def _is_closed(self, mark: str) -> bool:
        return mark not in self.oracle.reopened

    def _is_half(self, mark: str) -> bool:
        return all(one.double and one.role in TRANSLATE for one in self.groups[mark])

    def _is_double(self, heads: list[str]) -> bool:
        people = [{one.person for one in self.groups[mark]} for mark in heads]
        names = [name for some in people for name in some]
        return all(map(self._is_half, heads)) and len(names) == len(set(names))

    def fate(self, said: Said) -> str:
        """What became of a row."""
        if said in self.replaced or said in self.held:
            return "replaced" if said in self.replaced else "held"
        standing = self.standings[said.key]
        if said.mark in standing.heads:
            return "stands" if standing.status == "accepted" else standing.status
        others = (one for one in self.said if one.key == said.key and one.deed.bad != "row")
        answered = {base for one in others if one not in self.replaced for base in one.base}
        return "superseded" if said.mark in answered else "set-aside"
