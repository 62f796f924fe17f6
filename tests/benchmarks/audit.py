"""How often an audit is wrong on good translations, what it finds in bad ones, and how fast.

    python tests/benchmarks/audit.py ../shared/data/multijail.csv [--items 1800]

MultiJail's human translations of its English stand for a good derivation: a finding on one is a
false alarm, or a fault of theirs. Then one defect at a time is planted into every fifth row of each
language. Last, ten files of many rows are made of the texts, with the English beside each, and
audited in a process of its own, with their IDs and without.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from derive.release.formats import read_csv
from derive.release.read import Options, read_release
from derive.variant.audit.audit import audit
from derive.variant.audit.order import by_order
from derive.variant.audit.originals import Originals, index
from derive.variant.audit.parts import Part, Reading

LANGUAGES = ("zh", "it", "vi", "ar", "ko", "th", "bn", "sw", "jv")
Row = Mapping[str, str]


def another(language: str) -> str:
    return LANGUAGES[LANGUAGES.index(language) - 4]


def half(text: str) -> str:
    return text[: len(text) // 2]


def half_english(row: Row, language: str) -> str:
    translated, english = row[language].split(), row["en"].split()
    return " ".join(translated[: len(translated) // 2] + english[len(english) // 2 :])


DEFECTS: dict[str, tuple[Callable[[Row, str], str], set[str]]] = {
    "left in English": (lambda row, tag: row["en"], {"text-untranslated"}),
    "in another language": (lambda row, tag: row[another(tag)], {"language-wrong"}),
    "cut in half": (lambda row, tag: half(row[tag]), {"text-cut"}),
    "cut to a quarter": (lambda row, tag: half(half(row[tag])), {"text-cut"}),
    "half of it English": (half_english, {"text-copied", "language-wrong"}),
    "decoded as Latin-1": (lambda row, tag: row[tag].encode().decode("latin1"), {"text-mojibake"}),
    "one text for all": (lambda row, tag: f"{tag} " * 20, {"text-reused"}),
}


def originals_of(path: Path) -> Originals:
    release = read_release(str(path), Options(overrides={"prompt": "en", "id": "id"}))
    return index(release.items, release.profile, {})


def part(rows: list[Row], language: str, texts: list[str]) -> Part:
    cells = [{"ID": row["id"], "text": text} for row, text in zip(rows, texts, strict=True)]
    return Part(f"{language}.csv", list(enumerate(cells, 2)))


def false_alarms(rows: list[Row], originals: Originals) -> None:
    parts = [part(rows, tag, [row[tag] for row in rows]) for tag in LANGUAGES]
    found = [one for one in audit(parts, originals).findings if one.row]
    print(f"{len(found)} findings on {len(rows) * len(LANGUAGES)} good translations:")
    print("  ", dict(Counter(f"{one.severity} {one.code}" for one in found)))


def recall(rows: list[Row], originals: Originals) -> None:
    bad = set(range(0, len(rows), 5))
    print(f"\nplanted into {len(bad)} rows of each language: found in all, where least, elsewhere")
    for name, (make, codes) in DEFECTS.items():
        shares, elsewhere = {}, 0
        for tag in LANGUAGES:
            texts = [make(row, tag) if n in bad else row[tag] for n, row in enumerate(rows)]
            # what a defect does not change cannot be found: Latin-1 in a text that is ASCII
            planted = {n for n in bad if texts[n] != rows[n][tag]}
            findings = audit([part(rows, tag, texts)], originals).findings
            hits = {one.row - 2 for one in findings if one.row and one.code in codes}
            elsewhere += len(hits - bad)
            if planted:
                shares[tag] = len(hits & planted) / len(planted)
        worst = min(shares, key=lambda tag: shares[tag])
        mean = sum(shares.values()) / len(shares)
        print(f"  {name:<22} {mean:6.1%}  {shares[worst]:6.1%} {worst}  {elsewhere}")


def order(rows: list[Row], originals: Originals) -> None:
    print("\nwithout IDs and English, some rows lost: believed, and rows that find their item")
    for lost in (0, 5, 20):
        for shuffled in (False, True):
            believed = right = total = 0
            for tag in LANGUAGES:
                draw = random.Random(lost)
                keep = sorted(draw.sample(range(len(rows)), len(rows) - lost))
                if shuffled:
                    draw.shuffle(keep)
                cells = [(n, {"text": rows[at][tag]}) for n, at in enumerate(keep, 1)]
                reading = Reading(Part("x.csv", cells), tag, {"text": "translation prompt"})
                places, how = by_order(reading, originals)
                believed += how == "order"
                right += sum(place == at for place, at in zip(places, keep, strict=True))
                total += len(keep)
            state = "shuffled" if shuffled else "in order"
            print(f"  {lost:>3} lost, {state}: {believed} of {len(LANGUAGES)}, {right / total:.1%}")


def scale(rows: list[Row], items: int) -> None:
    """Ten files of `items` rows: a number in each text makes it one of its own."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        for name, with_ids in (("ids", True), ("texts", False)):
            (base / name).mkdir()
            for tag in (*LANGUAGES, "id"):
                with (base / name / f"{tag}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.writer(file)
                    writer.writerow(["ID"] * with_ids + ["english", "text"])
                    for n in range(items):
                        row = rows[n % len(rows)]
                        text = row["it" if tag == "id" else tag]
                        cells = [f"item-{n:06d}"] * with_ids
                        writer.writerow([*cells, f"{row['en']} {n}", f"{text} {n}"])
        with (base / "release.jsonl").open("w", encoding="utf-8") as file:
            for n in range(items):
                text = f"{rows[n % len(rows)]['en']} {n}"
                file.write(json.dumps({"id": f"item-{n:06d}", "question": text}) + "\n")
        begun = time.perf_counter()
        for path in sorted((base / "ids").iterdir()):
            list(read_csv(path))
        bare = time.perf_counter() - begun
        print(f"\n10 files of {items} rows, each with the English; reading them takes {bare:.2f} s")
        for name in ("ids", "texts"):
            command = [sys.executable, "-m", "derive", "audit", str(base / name), "--json"]
            command += ["--against", str(base / "release.jsonl"), "--map", "prompt=question"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            begun = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            took = time.perf_counter() - begun
            peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1e6
            lines = json.loads(done.stdout)["files"]
            matched = sum(line["matched"] for line in lines)
            print(
                f"  by {name}: {took:.1f} s, {took / bare:.0f} ×, {peak:.2f} GB, {matched} matched"
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--items", type=int, default=1800)
    asked = parser.parse_args()
    with asked.file.open(encoding="utf-8-sig", newline="") as file:
        rows: list[Row] = list(csv.DictReader(file))
    originals = originals_of(asked.file)
    false_alarms(rows, originals)
    recall(rows, originals)
    order(rows, originals)
    scale(rows, asked.items)


if __name__ == "__main__":
    main()
