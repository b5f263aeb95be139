"""Tapes from small files: what is taken again after a snapshot, and every file that is refused."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from quaestor.adapters.sources.files.tape import load_tape_rows, read_tape
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, DataError, QuaestorError, UnknownNameError
from quaestor.market.order_book.feed import Part, TapeKind

START = 1_700_000_000_000_000_000
SECOND = 1_000_000_000

DEPTH: dict[str, list[Any]] = {
    "local_ts": [START, START + SECOND, START + SECOND, START + SECOND + 1, START + SECOND + 1, START + 3 * SECOND],
    "is_snapshot": [0, 0, 0, 1, 1, 0],
    "first_update_id": [1, 4, 4, 5, 5, 7],
    "final_update_id": [3, 6, 6, 5, 5, 8],
    "prev_final_update_id": [-1] * 6,
    "side": ["b", "b", "a", "b", "a", "b"],
    "price": [99.9, 100.0, 100.1, 99.0, 100.2, 1.0],
    "qty": [1.0, 2.0, 0.5, 7.0, 4.0, 1.0],
}
TRADES: dict[str, list[Any]] = {
    "local_ts": [START, START + 1, START + 2 * SECOND],
    "trade_id": [1, 2, 3],
    "price": [100.0, 100.1, 100.0],
    "qty": [1.0, 2.0, 3.0],
    "buyer_is_maker": [True, False, False],
}
QUOTES: dict[str, list[Any]] = {
    "local_ts": [START, START + SECOND],
    "update_id": [1, 2],
    "bid_price": [100.0, 100.0],
    "bid_qty": [1.0, 2.0],
    "ask_price": [100.1, 100.1],
    "ask_qty": [1.0, 2.0],
}
FILES: dict[str, dict[str, list[Any]]] = {"depth": DEPTH, "trades": TRADES, "quotes": QUOTES}


def write(folder: Path, kind: str, **changed: list[Any]) -> Path:
    path = folder / f"spot_BTCUSDT_{kind}.parquet"
    pl.DataFrame(FILES[kind] | changed).write_parquet(path)
    return path


def test_changes_later_than_a_snapshot_that_came_before_it_are_taken_after_it(tmp_path: Path) -> None:
    tape = read_tape("btc/usdt", depth=write(tmp_path, "depth"))
    assert (tape.symbol, tape.market, tape.tick_size, tape.has_trades) == ("BTCUSDT", "spot", Decimal("0.01"), False)
    kinds = [TapeKind(int(kind)).name for kind in tape.events["kind"]]
    assert kinds == ["DEPTH"] * 3 + ["SNAPSHOT"] * 2 + ["DEPTH"] * 3
    assert tape.events["id"].tolist() == [3, 6, 6, 5, 5, 6, 6, 8]
    assert tape.events["previous_id"].tolist() == [0, 3, 3, 4, 4, 3, 3, 6]
    assert (np.diff(tape.events["ts"]) >= 0).all()
    both = int(Part.FIRST) | int(Part.LAST)
    assert tape.events["part"].tolist() == [both, 1, 2, 1, 2, 1, 2, both]
    rows = load_tape_rows("BTCUSDT", "1s", depth=tmp_path / "spot_BTCUSDT_depth.parquet")
    assert rows.columns[Column.BID_PRICE].tolist()[1:] == [100.0, 100.0]
    assert rows.columns[Column.ASK_PRICE].tolist()[1:] == [100.1, 100.1]
    assert np.isnan(rows.columns[Column.BID_PRICE, 0])
    assert rows.notes[1] == "the first snapshot reaches 60 bps below and 60 above: sizes beyond are lower bounds"


def test_rows_that_are_no_trades_on_the_market_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "trades", order_type=["MARKET", "INSURANCE_FUND", ""])
    tape = read_tape("BTCUSDT", trades=path)
    assert tape.events["size"].tolist() == [1.0, 3.0]
    assert tape.events["side"].tolist() == [-1, 1]
    assert tape.notes[1] == "1 row without a trade on the market left out"


def test_a_file_of_many_instruments_and_a_tick_of_ones_own(tmp_path: Path) -> None:
    path = write(tmp_path, "quotes", symbol=["ETH/USDT", "BTC/USDT"])
    tape = read_tape("BTCUSDT", quotes=path, tick_size=Decimal("0.1"))
    assert tape.events["ticks"].tolist() == [1_000, 1_001]
    with pytest.raises(UnknownNameError, match="ETHUSDT"):
        read_tape("ETHUSDC", quotes=path)


@pytest.mark.parametrize(
    ("kind", "changed", "message"),
    [
        ("depth", {"qty": [1.0, -2.0, 1.0, 1.0, 1.0, 1.0]}, "row 1: qty is negative"),
        ("depth", {"qty": [1.0, None, 1.0, 1.0, 1.0, 1.0]}, "row 1: qty is no finite number"),
        ("depth", {"price": [99.9, 100.0, float("inf"), 1.0, 2.0, 3.0]}, "row 2: price is no finite"),
        ("depth", {"price": [99.9, 100.0, 100.005, 1.0, 2.0, 3.0]}, "row 2: price is no multiple of the tick 0.01"),
        ("depth", {"price": [99.9, 0.0, 100.0, 1.0, 2.0, 3.0]}, "row 1: price is not positive"),
        ("depth", {"price": ["a"] * 6}, "holds no numbers"),
        ("depth", {"side": ["b", "b", "a", "b", "x", "b"]}, "row 4: side 'x'"),
        ("depth", {"is_snapshot": [0] * 6}, "holds no snapshot"),
        ("depth", {"final_update_id": [1.5] * 6}, "holds no whole numbers"),
        ("depth", {"final_update_id": [3, None, 6, 5, 5, 8]}, "row 1: no final_update_id"),
        ("trades", {"qty": [1.0, 0.0, 1.0]}, "row 1: qty is not positive"),
        ("trades", {"local_ts": [START, START - 1, START]}, "row 1: local_ts is earlier"),
        ("quotes", {"bid_price": [100.0, float("nan")]}, "row 1: bid_price is no finite number"),
    ],
)
def test_impossible_values_are_refused(tmp_path: Path, kind: str, changed: dict[str, Any], message: str) -> None:
    files: dict[str, Any] = {kind: write(tmp_path, kind, **changed)}
    with pytest.raises(DataError, match=message):
        read_tape("BTCUSDT", **files)


def test_files_that_cannot_serve_are_refused(tmp_path: Path) -> None:
    cases: list[tuple[type[QuaestorError], str, dict[str, Any]]] = [
        (ConfigError, "no file to read", {}),
        (DataError, "no such file", {"depth": tmp_path / "none.parquet"}),
        (DataError, "no column is_snapshot or first_update_id", {"depth": write(tmp_path, "trades")}),
        (DataError, "no rows of", {"trades": write(tmp_path, "trades", **{name: [] for name in TRADES})}),
    ]
    for error, message, files in cases:
        with pytest.raises(error, match=message):
            read_tape("BTCUSDT", **files)
    with pytest.raises(DataError, match="file name says BTCUSDT"):
        read_tape("ETHUSDT", quotes=write(tmp_path, "quotes"))
    with pytest.raises(DataError, match="no complete row of 1h"):
        load_tape_rows("BTCUSDT", "1h", quotes=write(tmp_path, "quotes"))
