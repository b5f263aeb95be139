"""Small facts in one SQLite file: what was imported, and every row that was set aside, with its reason.

Write-ahead log, `synchronous=FULL`: what a call has returned from survives a power cut. The schema's version is
`PRAGMA user_version`; a newer one than this program knows is refused.
"""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from quaestor.errors import DataError, OutputError

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    imported_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    market TEXT NOT NULL,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    rows INTEGER NOT NULL,
    rows_new INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    first_ts INTEGER NOT NULL,
    last_ts INTEGER NOT NULL
) STRICT;
CREATE TABLE quarantine (
    sha256 TEXT NOT NULL,
    market TEXT NOT NULL,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    row INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    open REAL,
    high REAL,
    low REAL,
    close REAL,
    volume REAL,
    reason TEXT NOT NULL,
    PRIMARY KEY (sha256, market, symbol, timeframe, row)
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One import of one series: where from, how many rows were accepted, how many of them new, how many set aside."""

    path: str
    sha256: str
    market: str
    symbol: str
    timeframe: str
    rows: int
    rows_new: int
    quarantined: int
    first_ts: int
    last_ts: int


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """One row set aside: its place in its file, its values as they were (NaN where not finite or absent), and why."""

    sha256: str
    market: str
    symbol: str
    timeframe: str
    row: int
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    reason: str


class SqliteStore:
    """The file, open. A context manager; not shared between threads."""

    def __init__(self, path: Path) -> None:
        """Open or create.

        Raises:
            OutputError: when the file cannot be created.
            DataError: when it is no SQLite file, or of a newer version of the program.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise OutputError(f"the store cannot be opened: {error}", place=str(path)) from error
        with self._translated():
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._migrate()

    def __enter__(self) -> "SqliteStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; calling it twice does no harm."""
        self._connection.close()

    def record_import(self, imported: ImportedFile, quarantined: Sequence[QuarantinedRow]) -> None:
        """Write down one import and its quarantined rows, all or nothing; a repeated import replaces its rows."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO imports (path, sha256, market, symbol, timeframe, rows, rows_new, quarantined, first_ts,"
                " last_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                astuple(imported),
            )
            self._connection.execute(
                "DELETE FROM quarantine WHERE sha256 = ? AND market = ? AND symbol = ? AND timeframe = ?",
                (imported.sha256, imported.market, imported.symbol, imported.timeframe),
            )
            self._connection.executemany(
                "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [astuple(row) for row in quarantined],
            )

    def list_imports(self) -> list[ImportedFile]:
        """Every import, oldest first."""
        with self._translated():
            found = self._connection.execute(
                "SELECT path, sha256, market, symbol, timeframe, rows, rows_new, quarantined, first_ts, last_ts"
                " FROM imports ORDER BY id"
            ).fetchall()
        return [ImportedFile(*row) for row in found]

    def list_quarantine(self, symbol: str | None = None) -> list[QuarantinedRow]:
        """Rows set aside, of one symbol or of all, in file order."""
        with self._translated():
            found = self._connection.execute(
                "SELECT * FROM quarantine WHERE ?1 IS NULL OR symbol = ?1 ORDER BY market, symbol, sha256, row",
                (symbol,),
            ).fetchall()
        return [_quarantined(row) for row in found]

    def _migrate(self) -> None:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise DataError(
                f"the store has schema version {version}, this program knows {SCHEMA_VERSION}",
                place=str(self._path),
                remedy="use the newer program, or another --root",
            )
        if version == 0:
            self._connection.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={SCHEMA_VERSION};COMMIT;")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:  # KeyboardInterrupt too: a transaction left open would block later ones
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise OutputError(f"the store cannot be written: {error}", place=str(self._path)) from error
        except sqlite3.Error as error:
            raise DataError(f"the store cannot be read: {error}", place=str(self._path)) from error


def _quarantined(row: tuple[Any, ...]) -> QuarantinedRow:
    """A row as stored; SQLite keeps NaN as NULL."""
    sha256, market, symbol, timeframe, number, ts, *values, reason = row
    o, h, low, c, v = (math.nan if value is None else value for value in values)
    return QuarantinedRow(sha256, market, symbol, timeframe, number, ts, o, h, low, c, v, reason)
