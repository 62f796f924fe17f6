"""Translated sentences, kept by what made them, so that nothing is translated twice; and what
else an engine was asked about texts (see omissions.py).

One SQLite file in the project folder. A batch is stored in one transaction: whoever is killed
loses the batch under way and nothing else. Every entry carries a checksum over its key and its
value: what the disk has changed is not believed, and made again. Several processes may use
one file at once.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from derive.errors import DeriveError, explain_os_errors
from derive.files import hash_json
from derive.findings import Finding, finding
from derive.translate.engine import Output

_TABLE = """
CREATE TABLE IF NOT EXISTS outputs (
    signature TEXT NOT NULL, sentence TEXT NOT NULL, text TEXT NOT NULL, score REAL NOT NULL,
    tokens INTEGER NOT NULL, truncated INTEGER NOT NULL, others BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (signature, sentence)
) WITHOUT ROWID
"""
_COLUMNS = "text, score, tokens, truncated, others, checksum"
_GET = f"SELECT {_COLUMNS} FROM outputs WHERE signature = ? AND sentence = ?"
_PUT = f"INSERT OR REPLACE INTO outputs (signature, sentence, {_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)"
_WAIT = 60.0  # seconds for other processes' batches
# SQLITE_ERROR: the statements above are right, so the file's table is not the one they are for
_DAMAGED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_Made = TypeVar("_Made")


class Cache:
    """Outputs of one engine's signature. path None keeps them in a file that is gone afterwards.

    A file that is no cache, or none that can be read, is set aside as NAME.damaged and a new one
    begun. Raises DeriveError where nothing can be kept: a full disk, no permission.
    """

    def __init__(self, path: Path | None, signature: Mapping[str, Any]) -> None:
        self._path = path
        self._signature = hash_json(dict(signature))
        self._changed: set[str] = set()
        self._renewed = False
        self._attempt(self._open)

    def get(self, sentences: Sequence[str]) -> dict[str, Output]:
        """Those of the sentences that are known."""
        return self._attempt(lambda: dict(self._known(sentences)))

    def put(self, outputs: Mapping[str, Output]) -> None:
        """Store sentences with their outputs, all or none."""
        rows = []
        for sentence, one in outputs.items():
            value = (*_plain(one), json.dumps(list(map(_plain, one.others))).encode())
            rows.append((self._signature, sentence, *value, self._checksum(sentence, *value)))
        self._attempt(lambda: self._store(rows))

    def findings(self) -> Iterator[Finding]:
        """What was damaged, and is made again."""
        if self._renewed:
            yield finding("cache-damaged", f"set aside as {self._aside()}, all is made again")
        if self._changed:
            number = len(self._changed)
            yield finding("cache-damaged", f"changed on the disk, made again: {number}")

    def close(self) -> None:
        """Leave one file behind, without SQLite's helper files."""
        self._database.close()

    def _open(self) -> None:
        with self._alone():
            self._connect()

    def _connect(self) -> None:
        # "" is SQLite's name for a temporary file; small ones stay in memory
        self._database = sqlite3.connect(self._path or "", isolation_level=None, timeout=_WAIT)
        self._inode = self._path.stat().st_ino if self._path else 0
        self._database.text_factory = bytes  # damaged text may not be UTF-8
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(_TABLE)
            if self._database.execute("PRAGMA integrity_check(1)").fetchone() != (b"ok",):
                raise sqlite3.DatabaseError("its pages do not fit together")
        except (sqlite3.Error, UnicodeDecodeError):
            self._database.close()
            raise

    def _known(self, sentences: Sequence[str]) -> Iterator[tuple[str, Output]]:
        for sentence in sentences:
            row = self._database.execute(_GET, (self._signature, sentence)).fetchone()
            if row is None:
                continue
            text, score, tokens, truncated, others, checksum = row
            if self._checksum(sentence, text, score, tokens, truncated, others) == checksum:
                further = tuple(_output(*one) for one in json.loads(others))
                first = _output(text.decode(), score, tokens, truncated)
                yield sentence, replace(first, others=further)
            else:
                self._changed.add(sentence)

    def _store(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(_PUT, rows)
        self._database.execute("COMMIT")

    def _checksum(self, sentence: str, text: str | bytes, *rest: object) -> int:
        """Of an entry, whatever types the disk gives it."""
        plain = text.encode() if isinstance(text, str) else text
        return zlib.crc32(repr((self._signature, sentence, plain, *rest)).encode())

    def _attempt(self, work: Callable[[], _Made]) -> _Made:
        """Do it; if the file turns out damaged, once more with a new one."""
        try:
            return work()
        except (sqlite3.Error, UnicodeDecodeError) as error:  # its own messages may not be UTF-8
            if self._renewed or not self._path or not _is_damage(error):
                raise self._failed(error) from error
        self._renewed = True
        with self._alone():
            self._set_aside(self._path)
            self._connect()
        return work()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process opens the file meanwhile, or sets it aside."""
        import filelock

        if not self._path:
            yield
            return
        with explain_os_errors("opening the cache of translations", self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self._path.with_name(f".{self._path.name}.lock"), _WAIT):
                yield

    def _set_aside(self, path: Path) -> None:
        self._database.close()
        if path.exists() and path.stat().st_ino == self._inode:  # or another process has
            # the helper files first: a new file must not meet those of the old one
            for helper in ("-wal", "-shm"):
                Path(f"{path}{helper}").unlink(missing_ok=True)
            path.replace(path.with_name(self._aside()))

    def _aside(self) -> str:
        return f"{self._path.name}.damaged" if self._path else ""

    def _failed(self, error: Exception) -> DeriveError:
        return DeriveError(
            f"The cache of translations cannot be used: {error}",
            where=self._path,
            fix="free disk space or mend the permissions, and run the same command again",
        )


def _plain(one: Output) -> tuple[str, float, int, int]:
    # SQLite knows no -0.0
    return one.text, float(one.score) + 0.0, int(one.tokens), int(one.truncated)


def _output(text: str, score: float, tokens: int, truncated: int) -> Output:
    return Output(text, score, tokens, bool(truncated))


def _is_damage(error: Exception) -> bool:
    """Whether it is the file's content that SQLite objects to."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return not isinstance(error, sqlite3.ProgrammingError) and code & 0xFF in _DAMAGED
