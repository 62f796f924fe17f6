"""The cache believes nothing that the disk has changed, and serves several processes at once."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from derive.errors import DeriveError
from derive.translate.cache import Cache
from derive.translate.engine import Output

SENTENCES = [f"Sentence {n} is here, {'and ' * (n % 9)}so on — ok?" for n in range(300)]
MADE = {
    one: Output(one.upper(), -0.25 * at, at, truncated=at % 7 == 0)
    for at, one in enumerate(SENTENCES)
}


def fill(path: Path) -> Path:
    with closing(Cache(path, {})) as cache:
        for start in range(0, len(SENTENCES), 20):
            cache.put({one: MADE[one] for one in SENTENCES[start : start + 20]})
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return fill(tmp_path_factory.mktemp("cache") / "cache.sqlite").read_bytes()


def use(path: Path) -> tuple[dict[str, Output], list[str]]:
    """What a run takes from the cache, before it puts in what was not there; and the findings."""
    with closing(Cache(path, {})) as cache:
        known = cache.get(SENTENCES)
        cache.put({one: MADE[one] for one in SENTENCES if one not in known})
        assert cache.get(SENTENCES) == MADE
        return known, [f"{one.code}: {one.message}" for one in cache.findings()]


def changed(data: bytes, draw: random.Random) -> bytes:
    """What disks and people do to files."""
    bad, at = bytearray(data), draw.randrange(len(data))
    page = at // 4096 * 4096
    match draw.choice(["bit", "bit", "bit", "header", "end", "page", "pages", "more"]):
        case "bit":
            bad[at] ^= 1 << draw.randrange(8)
        case "header":
            bad[draw.randrange(150)] ^= 1 << draw.randrange(8)
        case "end":
            del bad[at:]
        case "page":
            bad[page : page + 4096] = bytes(4096)
        case "pages":
            bad[page : page + 4096] = data[-4096:]
        case "more":
            bad[at:at] = b"junk"
    return bytes(bad)


def test_nothing_that_was_changed_is_believed(whole: bytes, tmp_path: Path) -> None:
    draw = random.Random(7)
    missed, told = 0, 0
    for number in range(60):
        path = tmp_path / str(number) / "cache.sqlite"
        path.parent.mkdir()
        path.write_bytes(changed(whole, draw))
        known, findings = use(path)
        assert not [one for one in known if known[one] != MADE[one]]
        missed += len(known) < len(MADE)
        told += bool(findings)
        assert len(known) >= len(MADE) - 1 or findings, "a key that was changed is only not found"
        assert use(path) == (MADE, []), "mended for the next run"
    assert missed > 20
    assert told > 20


@pytest.mark.parametrize("column", ["text", "score", "tokens", "truncated", "checksum", "sentence"])
def test_an_entry_that_was_changed_is_made_again(column: str, tmp_path: Path) -> None:
    path = fill(tmp_path / "cache.sqlite")
    values = {"text": "'WRONG'", "sentence": "sentence || '!'"}
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            f"UPDATE outputs SET {column} = {values.get(column, f'{column} + 1')}"
            " WHERE sentence LIKE 'Sentence 12 %'"
        )
    known, findings = use(path)
    assert known.keys() == MADE.keys() - {SENTENCES[12]}
    if column != "sentence":  # an entry of a sentence that nobody asks for
        assert findings == ["cache-damaged: changed on the disk, made again: 1"]
    assert use(path) == (MADE, [])


NO_CACHE: dict[str, Callable[[Path], object]] = {
    "junk": lambda path: path.write_bytes(b"no database, " * 1000),
    "another table": lambda path: write_table(path, "other (a)"),
    "an older table": lambda path: write_table(
        path,
        "outputs (signature TEXT, sentence TEXT, text TEXT, score REAL, tokens INTEGER,"
        " truncated INTEGER, PRIMARY KEY (signature, sentence))",
    ),
    "nothing": lambda path: path.touch(),
    "helper files of another": lambda path: [
        Path(f"{path}{end}").write_bytes(b"\x01" * 40_000) for end in ("-wal", "-shm")
    ],
}


def write_table(path: Path, table: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"CREATE TABLE {table}")


@pytest.mark.parametrize("name", NO_CACHE)
def test_what_is_no_cache_is_set_aside(name: str, tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    NO_CACHE[name](path)
    before = path.read_bytes() if path.exists() else b""
    known, findings = use(path)
    assert not known
    assert use(path) == (MADE, [])
    aside = tmp_path / "cache.sqlite.damaged"
    if name in ("junk", "an older table"):
        assert findings == [f"cache-damaged: set aside as {aside.name}, all is made again"]
        assert aside.read_bytes() == before or name != "junk"
    else:
        assert not findings
        assert not aside.exists()


def test_helper_files_of_an_older_state(tmp_path: Path) -> None:
    """A backup of the file put back beside the helper files of the one that was there."""
    path = fill(tmp_path / "cache.sqlite")
    old = path.read_bytes()
    with closing(Cache(path, {})) as cache:
        cache.put({f"more {n}": Output("x" * n, -1.0, n) for n in range(500)})
        helpers = {end: Path(f"{path}{end}").read_bytes() for end in ("-wal", "-shm")}
    path.write_bytes(old[:8192])
    for end, data in helpers.items():
        Path(f"{path}{end}").write_bytes(data)
    known, _ = use(path)
    assert not [one for one in known if known[one] != MADE[one]]
    assert use(path)[0] == MADE


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes."""
    resource = pytest.importorskip("resource")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


@pytest.mark.parametrize("size", [0, 100, 20_000, 60_000])
def test_a_full_disk_is_said_and_loses_nothing(size: int, tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    put = 0

    def run() -> None:
        nonlocal put
        with closing(Cache(path, {})) as cache:
            for one in SENTENCES:
                cache.put({one: MADE[one]})
                put += 1

    with full_disk(size), pytest.raises(DeriveError) as caught:
        run()
    assert caught.value.where == str(path)
    assert "free disk space" in (caught.value.fix or "")
    known, findings = use(path)
    assert (list(known), findings) == (SENTENCES[:put], [])


def test_a_folder_in_its_place_and_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite").mkdir()
    (tmp_path / "work").write_text("")
    for path in (tmp_path / "cache.sqlite", tmp_path / "work" / "cache.sqlite"):
        with pytest.raises(DeriveError) as caught:
            Cache(path, {})
        assert caught.value.where == str(path)
        assert caught.value.fix
    assert (tmp_path / "cache.sqlite").is_dir()


WORKER = """
import random, sys, time
from pathlib import Path
from derive.translate.cache import Cache
from derive.translate.engine import Output

draw = random.Random(int(sys.argv[1]))
for path in map(Path, sys.argv[2:]):
    time.sleep(0.1 - time.time() % 0.1)  # all open it at once
    for turn in range(4):
        cache = Cache(path, {})
        wanted = [f"sentence {n}" for n in draw.sample(range(200), 90)]
        known = cache.get(wanted)
        assert all(known[one] == Output(one.upper(), -0.5, len(one)) for one in known)
        for one in set(wanted) - known.keys():
            cache.put({one: Output(one.upper(), -0.5, len(one))})
        assert len(cache.get(wanted)) == len(wanted), "what was put is there"
        cache.close()
"""


def test_four_processes_on_one_cache(tmp_path: Path) -> None:
    """None is locked out or damages anything, also where all find no file, or a damaged one."""
    paths = [tmp_path / str(number) for number in range(8)]
    for path in paths[::2]:
        path.write_bytes(b"junk" * 5000)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(seed), *map(str, paths)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(4)
    ]
    said = [worker.communicate(timeout=60)[1] for worker in workers]
    assert said == [""] * 4
    for path in paths:
        with closing(sqlite3.connect(path)) as database:
            [(count,)] = database.execute("SELECT COUNT(*) FROM outputs")
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert count > 190
    aside = [f"{path.name}.damaged" for path in paths[::2]]
    seen = {one.name for one in tmp_path.iterdir() if not one.name.endswith(".lock")}
    assert seen == {*map(str, range(8)), *aside}, "no helper files stay"
