"""What the tests share: where the sample release is, real data, and an engine without a model."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from derive import tables
from derive.cli import cli
from derive.translate.engine import Output

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "examples" / "sample-release"
# real data that is not in the repository: developers keep it beside the checkout
SHARED = Path(os.environ.get("DERIVE_SHARED", ROOT.parent / "shared"))


@pytest.fixture
def sample() -> Path:
    """The sample release's folder."""
    return SAMPLE


@pytest.fixture
def shared() -> Path:
    """The folder of real data; the test is skipped where it is not there."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the folder of real data, {SHARED} (or DERIVE_SHARED)")
    return SHARED


_WORDS = ("que", "uma", "para", "como", "pergunta", "resposta", "segurança", "conhecimento")


def pseudo_portuguese(text: str) -> str:
    """Every word of letters only becomes a Portuguese one; the rest stays as it is."""
    return re.sub(
        r"(?<![^\s\"'(“])[^\W\d_]{2,}(?=[.,;:?!)\"'”]*(?:\s|$))",
        lambda match: _WORDS[len(match[0]) % len(_WORDS)],
        text,
    )


class FakeEngine:
    """Translates by a function, counts what it is asked, and can be made to fail.

    Tokens are words. Give it `translate_sentence` to plant a failure in a draft, and `others` for
    further hypotheses, each worse than the one before.
    """

    def __init__(
        self,
        translate_sentence: Callable[[str], str] = pseudo_portuguese,
        *,
        source_languages: Sequence[str] = ("en",),
        target_languages: Sequence[str] = ("pt-BR",),
        fail_after: int | None = None,
        others: Callable[[str], Iterable[str]] = lambda sentence: (),
    ) -> None:
        self.name = "fake 1"
        self.source_languages = source_languages
        self.target_languages = target_languages
        self.signature = {"engine": "fake"}
        self.batch_tokens = 40
        self.max_input_tokens = 60
        self.mask = "XQZ{}"
        self.translate_sentence = translate_sentence
        self.others = others
        self.asked: list[str] = []
        self.fail_after = fail_after

    def encode(self, sentences: Sequence[str], language: str) -> list[list[str]]:
        return [sentence.split(" ") for sentence in sentences]

    def translate(self, batches: Iterable[Sequence[list[str]]]) -> Iterator[list[Output]]:
        for number, batch in enumerate(batches):
            if self.fail_after is not None and number >= self.fail_after:
                raise KeyboardInterrupt
            sentences = [" ".join(tokens) for tokens in batch]
            self.asked += sentences
            yield list(map(self._output, sentences))

    def _output(self, sentence: str) -> Output:
        size = len(sentence.split())
        others = tuple(
            Output(text, -0.5 - at / 10, size) for at, text in enumerate(self.others(sentence), 1)
        )
        return Output(self.translate_sentence(sentence), -0.5, size, others=others)


@pytest.fixture
def fake_engine() -> type[FakeEngine]:
    """The class, so that a test makes the engine it needs."""
    return FakeEngine


@pytest.fixture
def derive() -> Callable[..., Result]:
    """Run the command line in this process: derive("check", path) -> a click Result.

    exit_code, stdout and stderr are those of the real command.
    """

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(one) for one in arguments])

    return call


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Rows as JSONL; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def ac_row(number: int, **changed: Any) -> dict[str, Any]:
    """A row in AnswerCarefully v2.2's shape; invented, and different for each number."""
    row = {
        "ID": f"invented-test-{number:07d}-001",
        "text": f"これは{number}番目の質問ですが、どう答えればいいですか。",
        "output": f"{number}番目の答えとして、専門家に相談することをお勧めします。",
        "meta": {"risk-area": "領域", "harm-type": "種類", "specific-harm": "詳細"},
        "text-en": f"This is invented question number {number}; how should it be answered?",
        "culture": number % 3,
    }
    return {**row, **changed}


# a row of the table `drafts` without a text
NO_DRAFT = {**dict.fromkeys(tables.DRAFTS), "alternatives": [], "findings": [], "swaps": []}

if str(Path(__file__).parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent))
