"""The bar store: bit-identical round trips, merging, conflicts, partitions, atomicity, damage."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.slices import QUARTER_HOURS

from quaestor.adapters.sources.files.bars import read_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.stores.atomic import replace_file
from quaestor.adapters.stores.parquet import ParquetBarStore
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import ConfigError, DataError, OutputError, UnknownNameError
from quaestor.ports.market_data import BarStore, StoredSeries

MINUTE = 60_000_000_000
DAY = 86_400_000_000_000
JANUARY = 19_723 * DAY  # 2024-01-01


def series(n: int, start: int = JANUARY, step: int = MINUTE, seed: int = 1) -> Bars:
    rng = np.random.default_rng(seed)
    columns = 100.0 * np.exp(rng.normal(0.0, 0.1, (5, n)))
    flags = rng.integers(0, 2**14, n).astype(np.uint32)
    return Bars("BTCUSDT", step, start + step * np.arange(n, dtype=np.int64), columns, flags)


def part(bars: Bars, first: int, last: int) -> Bars:
    columns = np.ascontiguousarray(bars.columns[:, first:last])
    return Bars(bars.symbol, bars.interval_ns, bars.ts[first:last], columns, bars.flags[first:last], bars.market)


def assert_same(left: Bars, right: Bars) -> None:
    assert (left.symbol, left.interval_ns, left.market) == (right.symbol, right.interval_ns, right.market)
    assert left.ts.tobytes() == right.ts.tobytes()
    assert left.columns.tobytes() == right.columns.tobytes()
    assert left.flags.tobytes() == right.flags.tobytes()
    assert left.flags.dtype == right.flags.dtype
    assert left.columns.flags.c_contiguous


@given(st.integers(1, 200), st.sampled_from(["1m", "30m", "1h", "4h", "1d", "1w"]), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_any_series_comes_back_bit_identical(
    tmp_path_factory: pytest.TempPathFactory, n: int, timeframe: str, seed: int
) -> None:
    store: BarStore = ParquetBarStore(tmp_path_factory.mktemp("store"))
    step = parse_timeframe(timeframe)
    bars = series(n, start=JANUARY - 30 * step, step=step, seed=seed)
    assert store.write_bars(bars) == n
    assert_same(store.read_bars("BTCUSDT", step, market="spot"), bars)
    assert list(store.list_series()) == [StoredSeries("spot", "BTCUSDT", step, n, int(bars.ts[0]), int(bars.ts[-1]))]


def test_real_bars_come_back_bit_identical(tmp_path: Path) -> None:
    bars = read_bars(open_source(QUARTER_HOURS, market="perp"), "BTCUSDT")
    bars = replace(bars, columns=np.ascontiguousarray(bars.columns[:N_COLUMNS]))  # a store keeps the bar alone
    store = ParquetBarStore(tmp_path)
    store.write_bars(bars)
    assert_same(store.read_bars("BTCUSDT", bars.interval_ns, market="perp"), bars)
    assert len(list(tmp_path.glob("market=perp/symbol=BTCUSDT/timeframe=15m/period=2023-0*/bars.parquet"))) == 3


def test_partitions_by_month_below_an_hour_and_by_year_from_an_hour(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path)
    store.write_bars(series(60, start=JANUARY - 30 * MINUTE))
    store.write_bars(series(60, start=JANUARY - 30 * 60 * MINUTE, step=60 * MINUTE))
    periods = sorted(f"{path.parts[-3]}/{path.parts[-2]}" for path in tmp_path.rglob("bars.parquet"))
    assert periods == [
        "timeframe=1h/period=2023",
        "timeframe=1h/period=2024",
        "timeframe=1m/period=2023-12",
        "timeframe=1m/period=2024-01",
    ]


def test_pieces_in_any_order_make_the_whole(tmp_path: Path) -> None:
    bars, store = series(100), ParquetBarStore(tmp_path)
    added = [store.write_bars(part(bars, *edges)) for edges in ((60, 100), (0, 30), (20, 70), (0, 100))]
    assert added == [40, 30, 30, 0]
    assert_same(store.read_bars("BTCUSDT", MINUTE, market="spot"), bars)


def test_an_unchanged_partition_is_not_rewritten(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path)
    store.write_bars(series(10))
    path = next(tmp_path.rglob("bars.parquet"))
    before = path.stat().st_ino
    store.write_bars(series(10))
    assert path.stat().st_ino == before


def test_a_conflict_changes_nothing_unless_overwritten(tmp_path: Path) -> None:
    bars, store = series(50, start=JANUARY - 25 * MINUTE), ParquetBarStore(tmp_path)
    store.write_bars(bars)
    other = series(50, start=JANUARY - 25 * MINUTE)
    other.columns[3, 40] += 1.0
    other.flags[0] += 1
    with pytest.raises(DataError, match=r"1 bar unlike those stored, the first at 2024-01-01T00:15:00Z — .*overwrite"):
        store.write_bars(other)
    assert_same(store.read_bars("BTCUSDT", MINUTE, market="spot"), bars)  # not even the month without the conflict
    assert store.write_bars(other, overwrite=True) == 0
    assert_same(store.read_bars("BTCUSDT", MINUTE, market="spot"), other)


def test_volume_may_differ_by_the_rounding_of_a_sum(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path)
    store.write_bars(series(5))
    rounded = series(5)
    rounded.columns[4] *= 1.0 + 2e-16
    assert store.write_bars(rounded) == 0
    rounded.columns[4] *= 1.0 + 1e-6
    with pytest.raises(DataError, match="5 bars unlike those stored"):
        store.write_bars(rounded)


def test_ranges_are_half_open(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path)
    store.write_bars(series(10))
    bars = store.read_bars("BTCUSDT", MINUTE, market="spot", start_ts=JANUARY + 2 * MINUTE, end_ts=JANUARY + 5 * MINUTE)
    assert bars.ts.tolist() == [JANUARY + k * MINUTE for k in (2, 3, 4)]
    with pytest.raises(DataError, match="in the range"):
        store.read_bars("BTCUSDT", MINUTE, market="spot", start_ts=JANUARY + DAY)


def test_what_has_no_place_is_refused(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path)
    store.write_bars(series(3))
    with pytest.raises(UnknownNameError, match="unknown series 'ETHUSDT spot 1m'"):
        store.read_bars("ETHUSDT", MINUTE, market="spot")
    with pytest.raises(UnknownNameError, match="unknown market"):
        store.read_bars("BTCUSDT", MINUTE, market="moon")
    with pytest.raises(DataError, match="cannot name a series"):
        store.read_bars("../../etc", MINUTE, market="spot")
    twice = Bars("BTCUSDT", MINUTE, np.ones(2, dtype=np.int64), np.ones((5, 2)), np.zeros(2, dtype=np.uint32))
    with pytest.raises(DataError, match="not strictly ascending"):
        store.write_bars(twice)
    with pytest.raises(ConfigError, match="no timeframe"):
        store.write_bars(series(3, step=1_500))


def test_an_empty_store_and_an_empty_series(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path / "none")
    assert store.list_series() == []
    assert store.write_bars(series(0)) == 0
    assert store.list_series() == []


def test_a_damaged_partition_is_named(tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path)
    store.write_bars(series(30))
    path = next(tmp_path.rglob("bars.parquet"))
    path.write_bytes(path.read_bytes()[:100])
    for touch in (
        lambda: store.read_bars("BTCUSDT", MINUTE, market="spot"),
        lambda: store.write_bars(series(30)),
        lambda: store.list_series(),
    ):
        with pytest.raises(DataError, match="partition cannot be read"):
            touch()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ParquetBarStore(tmp_path)
    store.write_bars(part(series(9), 0, 5))

    def half(_frame: pl.DataFrame, target: Path, **_: object) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", half)
    with pytest.raises(OutputError, match="No space left on device"):
        store.write_bars(series(9))
    monkeypatch.undo()
    assert len(store.read_bars("BTCUSDT", MINUTE, market="spot")) == 5
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["bars.parquet"]


def test_a_folder_in_the_way_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        replace_file(tmp_path / "file" / "inside.txt", lambda path: path.write_text("x"))
