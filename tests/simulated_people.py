"""Invented people who fill in worksheets, well and badly.

A person edits a parsed copy of a worksheet. Whatever is done to a row is noted beside it: what it
says (`Said`), and the findings it must get.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from simulated_files import Deed, Line, Said, Sheet, Text, chosen

from derive.text import canonical
from derive.worksheet.columns import TRANSLATE, fill_columns

VERBS = ["consertar", "limpar", "pintar", "guardar", "montar", "emprestar", "medir", "decorar"]
THINGS = ["a bicicleta", "o portão", "a cadeira", "o violão", "a janela", "o telhado", "a rede",
          "o fogão", "a canoa", "o armário", "a pipa", "o relógio"]  # fmt: skip
OWNERS = ["da vizinha", "do padeiro", "da minha avó", "do professor", "da escola", "do jardim",
          "da nossa irmã", "do pescador", "da biblioteca", "do cozinheiro"]  # fmt: skip
FOREIGN = "Nous allons réparer la clôture numéro {} avec les voisins pendant les vacances d'été."

TRANSLATION = {
    "transfer": Deed(30, "", "transfer", "PR"),
    "modify": Deed(25, "", "modify", "PRW"),
    "replace": Deed(6, "", "replace", "PRW"),
    "reclassify": Deed(2, "", "replace", "PRWM", "reclassified:taxonomy"),
    "remove": Deed(5, "", "remove", "W"),
    "spoken": Deed(3, "", " TRANSFERIR ", "PR"),
    "unread": Deed(3, "", "transfer", "DR", note="draft-unchanged:prompt"),
    "later": Deed(2, "", "transfer", "P", "response-missing-yet:response"),
    "unsigned": Deed(2, "", "transfer", "PR"),
    "insist": Deed(0, "", "transfer", "KL"),
    "insist-modify": Deed(0, "", "modify", "KLW"),
    "untouched": Deed(8),
    "no-reason": Deed(2, "", "modify", "PR", "field-missing:reason", "row"),
    "no-response": Deed(2, "", "modify", "PW", "field-missing:response", "row"),
    "no-decision": Deed(2, "", "", "PR", "decision-missing:decision", "row"),
    "unknown": Deed(2, "", "translate", "PR", "word-unknown:decision", "row"),
    "blank": Deed(2, "", "replace", "PBW", "text-blank:response field-missing:response", "row"),
    "removed-text": Deed(1, "", "remove", "PW", "field-extra:prompt", "row"),
    "removed-bare": Deed(1, "", "remove", "", "field-missing:reason", "row"),
    "foreign": Deed(2, "", "modify", "FRW", bad="text-language:prompt"),
    "number": Deed(2, "", "transfer", "NR", bad="text-number:prompt"),
    "gap": Deed(2, "", "modify", "GRW", bad="text-placeholder:prompt"),
    "source": Deed(2, "", "transfer", "SR", bad="text-untranslated:prompt"),
    "identity": Deed(2, "", "modify", "PRW", "identity-changed:source_hash", "row"),
    "shifted": Deed(2, "", "modify", "PRW", "row-shifted:pivot_prompt", "row"),
    "readonly": Deed(2, "", "modify", "PRW", "readonly-changed:pivot_prompt"),
    "twice": Deed(2, "", "modify", "PRW"),
    "twice-other": Deed(2, "", "modify", "PRW"),
    "key": Deed(2, "", "modify", "PRW", "key-unknown:key"),
    "no-key": Deed(1, "", "modify", "PRW", "key-missing:"),
    "stranger": Deed(1, "", "modify", "PRW", "unit-not-issued:worksheet"),
    "deleted": Deed(2, "", "modify", "PRW"),
}
LOST = ("key", "no-key", "stranger", "deleted")  # nothing of such a row can be told to be a unit's
DEEDS: dict[str, dict[str, Deed]] = {
    "translate": TRANSLATION,
    "new": {
        "new": Deed(4, "", "new", "PR"),
        "no-response": Deed(1, "", "new", "P", "field-missing:response", "row"),
        "untouched": Deed(1),
    },
    "review": {
        "accept": Deed(20, "accept"),
        "change": Deed(9, "change", "", "PI"),
        "change-all": Deed(4, "change", "modify", "PRIC"),
        "change-remove": Deed(2, "change", "remove", "IC"),
        "reject": Deed(5, "reject", "", "C"),
        "untouched": Deed(4),
        "no-verdict": Deed(1, "", "", "P", "verdict-missing:verdict field-extra:prompt", "row"),
        "no-intervention": Deed(1, "change", "", "P", "field-missing:intervention", "row"),
        "no-comment": Deed(1, "reject", "", "", "field-missing:comment", "row"),
        "unknown": Deed(1, "maybe", "", "", "word-unknown:verdict", "row"),
        "accept-text": Deed(1, "accept", "", "R", "field-extra:response", "row"),
        "same-person": Deed(2, "accept"),
        "foreign": Deed(2, "change", "", "FI", bad="text-language:prompt"),
    },
    "reply": {
        "accept": Deed(5, "aceitar"),
        "decline": Deed(3, "decline", "", "W"),
        "decline-bare": Deed(1, "decline", "", "", "field-missing:reason", "row"),
        "untouched": Deed(1),
    },
    "adjudicate": {
        "first": Deed(8, "a"),
        "second": Deed(8, "b"),
        "own": Deed(3, "own", "modify", "PRW"),
        "own-bare": Deed(1, "own", "", "PR", "decision-missing:decision", "row"),
        "nobody": Deed(1, "f", "", "", "word-unknown:verdict", "row"),
        "untouched": Deed(2),
    },
}  # fmt: skip


def role_of(sheet: str) -> str:
    """What people do in a sheet."""
    return "translate" if sheet in TRANSLATE and sheet != "new" else sheet


def number_of(item: str) -> str:
    """The number that an invented item's texts hold."""
    found = re.search(r"\d{4,}", item)
    return str(int(found[0])) if found else "7"


def overlaid(below: Text, above: Text) -> Text:
    """What a later person wrote, over what stood there."""
    if (above[0] or below[0]) == "remove":
        return "remove", "", ""
    return above[0] or below[0], above[1] or below[1], above[2] or below[2]


class Deck:
    """Deeds in a random order, in which each has come as often as its weight says before any comes
    once more. done: (role, deed) of those that were done."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.left: dict[str, list[str]] = {}
        self.done: set[tuple[str, str]] = set()

    def deal(self, role: str) -> str:
        """The next deed of a role."""
        if not self.left.get(role):
            deeds = [kind for kind, deed in DEEDS[role].items() for _ in range(deed.weight)]
            self.draw.shuffle(deeds)
            self.left[role] = deeds
        return self.left[role].pop()


class Person:
    """Somebody who fills in worksheets by chance, and signs with a name."""

    def __init__(self, deck: Deck, name: str) -> None:
        self.deck = deck
        self.draw = deck.draw
        self.name = name

    def texts(self, number: str) -> tuple[str, str]:
        """A prompt and a response; now and then with what files are known to spoil."""
        pick = self.draw.choice
        verb, thing = pick(VERBS), pick(THINGS)
        owner, helper = self.draw.sample(OWNERS, 2)
        prompt = f"No caso {number}, como eu posso {verb} {thing} {owner} antes da festa?"
        response = (
            f"No caso {number}, você não precisa ter pressa: peça ajuda à gente {helper}"
            f" e comece pela manhã, {thing} vai ficar muito bem."
        )
        return self.spoiled(prompt), self.spoiled(response)

    def spoiled(self, text: str) -> str:
        """The text, or the same with something that is hard to carry."""
        changed = {
            0: "=" + text, 1: "- " + text, 2: "'=" + text, 3: text.replace(", ", ",\r\n", 1),
            4: unicodedata.normalize("NFD", text), 5: text.replace(" ", "\u00a0", 1),
            6: f"  {text}", 7: f'"{text}"', 8: f"{text[:-1]} 😀{text[-1]}", 9: "@" + text,
            10: text.replace(", ", ",\n\n", 1), 11: text.replace(", ", ", _x0041_ ", 1),
        }  # fmt: skip
        return changed.get(self.draw.randrange(24), text)

    def fill(self, sheet: Sheet, wanted: Mapping[str, str], others: str) -> list[Line]:
        """The worksheet's rows, each dealt with. wanted: key to deed. others: of all other rows.
        An empty word is by chance."""
        lines: list[Line] = []
        for row in sheet.back.rows:
            kind = wanted.get(row.cells["key"], others) or self.deck.deal(role_of(row.sheet))
            lines += self.deal(sheet, Line(row.sheet, dict(row.cells)), kind)
        return lines

    def deal(self, sheet: Sheet, line: Line, kind: str) -> list[Line]:
        """One row, dealt with: the rows that come back of it."""
        cells, before, meta = line.cells, dict(line.cells), sheet.back.meta
        deed = DEEDS[role_of(line.sheet)][kind]
        number = number_of(cells["item"])
        if (kind == "number" and len(number) < 3) or (kind == "unread" and not _draft(cells)):
            return self.deal(sheet, line, "transfer")  # a small number may be spelt out
        if kind == "second" and not cells.get("b_note"):
            return self.deal(sheet, line, "first")
        if deed.verdict == "change" and cells["translation_decision"] == "remove":
            deed = DEEDS["review"][kind := "change-all"]  # a text needs another decision
        self.deck.done.add((role_of(line.sheet), kind))
        self._write(deed, cells, line.sheet in TRANSLATE, number)
        if kind != "unsigned" and not meta.get("person"):
            cells["author"] = self.name
        if kind == "same-person":
            cells["author"] = f" {before.get('translation_author', '').upper()}"
        line.told = [(code, name or None) for code, _, name in _pairs(deed.told)]
        if kind == "unsigned" and not meta.get("person"):
            line.told.append(("author-missing", "author"))
        fill = [name for name in fill_columns(line.sheet) if name != "author"]
        if all(canonical(cells.get(one, "")) == canonical(before.get(one, "")) for one in fill):
            line.told = []
            return [line]
        if kind not in LOST:
            line.said = self._said(sheet, line, deed, before)
        return self._damage(sheet, line, kind)

    def _write(self, deed: Deed, cells: dict[str, str], afresh: bool, number: str) -> None:
        prompt, response = self.texts(number)
        if "verdict" in cells:
            cells["verdict"] = deed.verdict
        shown = cells["prompt"] or prompt, cells["response"] or response
        if afresh and deed.decision != "remove" and deed.fields:
            cells |= dict.fromkeys(("prompt", "response"), "")
        if deed.decision or (afresh and deed.fields):
            cells["decision"] = deed.decision
        if afresh and (deed.decision or deed.fields):
            cells["reason"] = ""
        reason = f"porque aqui é assim, {self.draw.randrange(1000)}"
        written = {
            "P": ("prompt", prompt), "R": ("response", response), "B": ("response", " \u00a0"),
            "W": ("reason", reason), "C": ("comment", "não soa bem"),
            "I": ("intervention", "not-natural"), "M": ("taxonomy", "outra / área"),
            "F": ("prompt", FOREIGN.format(number)), "G": ("prompt", f"[NOME] {prompt}"),
            "N": ("prompt", prompt.replace(number, "este")), "K": ("prompt", shown[0]),
            "S": ("prompt", cells.get("pivot_prompt", "")), "D": ("prompt", _draft(cells)),
            "L": ("response", shown[1]),
        }  # fmt: skip
        cells |= dict(written[letter] for letter in deed.fields)

    def _said(self, sheet: Sheet, line: Line, deed: Deed, before: Mapping[str, str]) -> Said:
        cells, meta = line.cells, sheet.back.meta
        decision = cells.get("decision", "").strip().casefold()
        decision = {"transferir": "transfer"}.get(decision, decision)
        texts = [cells[one] if cells[one].strip() else "" for one in ("prompt", "response")]
        if decision == "remove":
            names = ("prompt", "response")
            texts = [cells[one] if cells[one] != before[one] else "" for one in names]
        typed = (decision, *texts)
        verdict = {"aceitar": "accept"}.get(deed.verdict, deed.verdict)
        more = [verdict, cells.get("intervention", ""), cells["taxonomy"] * ("M" in deed.fields)]
        base = sheet.bases.get(before["key"], frozenset())
        return Said(
            before["key"], role_of(line.sheet), base, before["source_hash"], line,
            meta.get("person", ""), meta.get("double", "") == "yes", deed, typed,
            _result(verdict, typed, before), tuple(more), cells.get("reason", ""),
            cells["author"].strip() or meta.get("person", ""),
        )  # fmt: skip

    def _damage(self, sheet: Sheet, line: Line, kind: str) -> list[Line]:
        cells = line.cells
        if kind == "identity":
            cells["source_hash"] = cells["source_hash"][::-1]
        elif kind == "shifted":
            texts = {row.cells.get("pivot_prompt", "") for row in sheet.back.rows}
            cells["pivot_prompt"] = self.draw.choice(sorted(texts - {"", cells["pivot_prompt"]}))
        elif kind == "readonly":
            cells["pivot_prompt"] += " (sic)"
        elif kind == "key":
            cells["key"] = cells["key"].replace("~", f"{self.draw.randrange(10)}~")
        elif kind == "no-key":
            cells["key"] = " "
        elif kind == "stranger":
            cells["worksheet"] = "ws-000000000000"
        elif kind == "deleted":
            return []
        elif kind.startswith("twice"):
            twin = replace(line, cells=dict(cells), told=list(line.told))
            if kind == "twice-other":
                twin.cells["prompt"], twin.cells["response"] = self.texts(number_of(cells["item"]))
            assert line.said is not None
            typed = (line.said.typed[0], twin.cells["prompt"], twin.cells["response"])
            twin.said = replace(line.said, line=twin, typed=typed, result=typed)
            return [line, twin]
        return [line]


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [one.partition(":") for one in text.split()]


def _draft(cells: Mapping[str, str]) -> str:
    return cells.get("draft_prompt", "")


def _result(verdict: str, typed: Text, row: Mapping[str, str]) -> Text | None:
    """What the unit is to be, by what the row showed."""
    texts = [row.get(f"translation_{one}", "") for one in ("decision", "prompt", "response")]
    changes = [row.get(f"review_{one}", "") for one in ("decision", "prompt", "response")]
    before, changed = (texts[0], texts[1], texts[2]), (changes[0], changes[1], changes[2])
    if verdict in ("", "own"):
        return typed
    if verdict == "reject":
        return None
    if len(verdict) == 1:
        return chosen(row, verdict)
    if verdict == "decline":
        return before
    return overlaid(overlaid(before, changed), typed)
