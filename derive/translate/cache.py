"""Translated sentences, kept by what made them, so that nothing is translated twice.

One SQLite file in the project folder. A batch is stored in one transaction: whoever is killed
loses the batch under way and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.files import hash_json
from derive.translate.engine import Output

_TABLE = """
CREATE TABLE IF NOT EXISTS outputs (
    signature TEXT NOT NULL, sentence TEXT NOT NULL,
    text TEXT NOT NULL, score REAL NOT NULL, tokens INTEGER NOT NULL, truncated INTEGER NOT NULL,
    PRIMARY KEY (signature, sentence)
) WITHOUT ROWID
"""


class Cache:
    """Outputs of one engine's signature. path None keeps them in a file that is gone afterwards."""

    def __init__(self, path: Path | None, signature: Mapping[str, Any]) -> None:
        self._path = path or ""  # SQLite's name for a temporary file; small ones stay in memory
        self._signature = hash_json(dict(signature))
        try:
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(_TABLE)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def get(self, sentences: Sequence[str]) -> dict[str, Output]:
        """Those of the sentences that are known."""
        known: dict[str, Output] = {}
        columns = "text, score, tokens, truncated"
        query = f"SELECT {columns} FROM outputs WHERE signature = ? AND sentence = ?"
        try:
            for sentence in sentences:
                row = self._database.execute(query, (self._signature, sentence)).fetchone()
                if row:
                    known[sentence] = Output(row[0], row[1], row[2], bool(row[3]))
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return known

    def put(self, outputs: Mapping[str, Output]) -> None:
        """Store sentences with their outputs, all or none."""
        rows = [
            (self._signature, sentence, one.text, one.score, one.tokens, int(one.truncated))
            for sentence, one in outputs.items()
        ]
        try:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT OR REPLACE INTO outputs VALUES (?,?,?,?,?,?)", rows)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Leave one file behind, without SQLite's helper files."""
        self._database.close()

    def _failed(self, error: sqlite3.Error) -> DeriveError:
        return DeriveError(
            f"The cache of translations cannot be used: {error}",
            where=self._path or None,
            fix="free disk space or mend the permissions; if the file is damaged, delete it",
        )
