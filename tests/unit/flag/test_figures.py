"""How well the shipped data do: bounds that a change must not fall below.

The figures themselves are in CHANGELOG.md; `derive flag --evaluate` prints them.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from conftest import ROOT

from derive import locales
from derive.flag.evaluate import judge, measure, read_labelled
from derive.flag.lexicon import load_lexicon
from derive.flag.patterns import load_patterns

CASES = ROOT / "tests" / "cases" / "flagging"
REAL = {
    "do_not_answer_en.csv": "question",
    "ailuminate_demo_en_us.csv": "prompt_text",
    "multijail.csv": "en",
}


@pytest.mark.parametrize("name", ["tune", "report"])
def test_labelled_questions(name: str) -> None:
    pack = locales.load("ja-JP")
    rows = read_labelled(CASES / f"{name}.jsonl")
    figures = measure(judge(rows, pack.tag, load_lexicon(pack.lexicon), load_patterns(pack)))
    assert figures["specific"]["f1"] >= 0.9
    assert figures["specific"]["precision"] >= 0.9
    assert figures["specific"]["recall"] >= 0.88
    assert figures["levels_right"] >= 0.78
    assert figures["spans"]["precision"] >= 0.9
    assert figures["spans"]["recall"] >= 0.78


@pytest.mark.parametrize("tag", ["ja-JP", "ko-KR"])
@pytest.mark.parametrize("file", REAL)
def test_real_questions_of_elsewhere(shared: Path, tag: str, file: str) -> None:
    """Next to nothing in them is of Japan or Korea: fewer than 1 in 100 is flagged."""
    pack = locales.load(tag)
    with (shared / "data" / file).open(encoding="utf-8-sig", newline="") as lines:
        texts = [row[REAL[file]] for row in csv.DictReader(lines)]
    rows = [
        {"id": str(at), "text": text, "culture": "universal", "level": 0, "places": None}
        for at, text in enumerate(texts)
    ]
    judged = judge(rows, tag, load_lexicon(pack.lexicon), load_patterns(pack))
    assert len(judged) > 300
    assert sum(one.suggested > 0 for one in judged) < len(judged) / 100
