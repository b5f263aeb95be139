"""The facts store: round trips, durability settings, versions, damage."""

import math
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from quaestor.adapters.stores.sqlite import SCHEMA_VERSION, ImportedFile, QuarantinedRow, SqliteStore
from quaestor.errors import DataError, OutputError

IMPORTED = ImportedFile("/x/a.csv", "ab" * 32, "spot", "BTCUSDT", "1m", 8, 8, 2, 60, 540)
ROW = QuarantinedRow("ab" * 32, "spot", "BTCUSDT", "1m", 4, 300, 1.0, 2.0, 0.5, math.inf, -3.0, "NOT_FINITE")


def test_facts_come_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "q.sqlite"
    with SqliteStore(path) as store:
        store.record_import(IMPORTED, [ROW, replace(ROW, row=9, open=math.nan, reason="DUPLICATE")])
    with SqliteStore(path) as store:
        assert store.list_imports() == [IMPORTED]
        first, second = store.list_quarantine()
        assert first == ROW
        assert math.isnan(second.open)
        assert store.list_quarantine("ETHUSDT") == []
        assert len(store.list_quarantine("BTCUSDT")) == 2


def test_a_repeated_import_replaces_its_rows(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "q.sqlite") as store:
        store.record_import(IMPORTED, [ROW, replace(ROW, row=9)])
        store.record_import(IMPORTED, [ROW])
        assert len(store.list_imports()) == 2
        assert store.list_quarantine() == [ROW]


def test_an_import_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "q.sqlite") as store:
        with pytest.raises(DataError, match="UNIQUE"):
            store.record_import(IMPORTED, [ROW, ROW])
        assert store.list_imports() == []
        assert store.list_quarantine() == []
        store.record_import(IMPORTED, [ROW])


def test_settings_and_version_are_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite"
    with SqliteStore(path) as store:
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    plain = sqlite3.connect(path)
    assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert plain.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    plain.execute("PRAGMA user_version=99")
    plain.close()
    with pytest.raises(DataError, match="schema version 99"):
        SqliteStore(path)


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite"
    path.write_bytes(b"this is no database, whatever its name says" * 50)
    with pytest.raises(DataError, match="cannot be read"):
        SqliteStore(path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be opened"):
        SqliteStore(tmp_path / "file" / "q.sqlite")


def test_a_locked_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite"
    with SqliteStore(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store._connection.execute("PRAGMA busy_timeout=10")
        with pytest.raises(OutputError, match="locked"):
            store.record_import(IMPORTED, [])
        other.execute("ROLLBACK")
        other.close()
        store.record_import(IMPORTED, [])
