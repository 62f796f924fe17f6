"""Time and memory of check and flag on 100,000 invented items, and of the small commands.

    python tests/benchmarks/scale.py [--items 100000]

Each command runs in a process of its own; memory is its peak resident set.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENGLISH = """
government school hospital teacher winter summer letter house garden river mountain doctor patient
advice question answer medicine travel bread water family friend neighbour office manager salary
contract lawyer police record phone message password account bank machine software network privacy
photo music song dance movie story science number paper table window
"""
JAPANESE = """
政府 学校 病院 先生 手紙 家 庭 川 山 医者 相談 質問 回答 健康 薬 旅行 水 家族 友人 近所 会社 上司
給料 契約 弁護士 警察 記録 電話 伝言 口座 銀行 機械 秘密 写真 動画 音楽 歌 映画 物語 科学 数字 紙
机 窓 台所 東京 大阪
"""
SAMPLE = Path(__file__).parents[2] / "examples" / "sample-release"


def write_release(path: Path, count: int) -> None:
    """Items in AnswerCarefully's shape; a fifth hold a place, a tenth carry no tag."""
    draw = random.Random(0)
    english, japanese = ENGLISH.split(), JAPANESE.split()
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            topic = " ".join(draw.choices(english, k=draw.randint(8, 25)))
            words = draw.choices(japanese, k=draw.randint(8, 20))
            question = "".join(word + draw.choice("のはをがにで") for word in words)
            answer = "".join(draw.choices(japanese, k=10))
            row = {
                "ID": f"synthetic-{number:07d}-001",
                "text": f"{question}どうすればいいですか。",
                "output": f"{answer}については窓口に相談してください。",
                "meta": {
                    "risk-area": f"領域{number % 5}",
                    "harm-type": f"種類{number % 12}",
                    "specific-harm": f"詳細{number % 12}-{number % 5}",
                },
                "text-en": f"What should I tell my {topic}{'' if number % 5 else ' in Tokyo'}?",
                "culture": number % 3 if number % 10 else None,
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def run(name: str, *arguments: object) -> None:
    """Run one command and print its time and its peak of memory."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "derive", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    code = os.waitstatus_to_exitcode(status)
    print(f"{name:45} {seconds:8.2f} s {usage.ru_maxrss / 1024:8.0f} MB   exit code {code}")


def main() -> None:
    """Print one line a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    count = parser.parse_args().items
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_release(folder / "big.jsonl", count)
        run(f"check, {count:,} items", "check", folder / "big.jsonl", "--json")
        run(f"init, {count:,} items", "init", folder / "big", "--source", folder / "big.jsonl",
            "--locale", "pt-BR")  # fmt: skip
        run(f"flag, {count:,} items", "flag", folder / "big")
        small = ["run", SAMPLE, "--locale", "pt-BR", "-o", folder / "small"]
        run("run, the sample release", *small)
        run("the same again, nothing changed", *small)
        run("status", "status", folder / "small")
        run("--help", "--help")


if __name__ == "__main__":
    main()
