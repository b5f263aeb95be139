"""Number of trades and volume bought, where a file of bars holds them."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.slices import MINUTES

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.export import export_bars
from quaestor.adapters.stores.parquet import ParquetBarStore
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.features.plan import compute, make_plan

from .frames import hourly, write

HOUR_NS = 3_600_000_000_000


def test_hours_of_real_minutes_sum_their_flow() -> None:
    hours = load_bars(MINUTES, "BTCUSDT", timeframe="1h", start="2023-03-20", end="2023-03-27")
    assert hours.columns.shape[0] == Column.BUY_VOLUME + 1
    frame = pl.read_parquet(MINUTES).with_columns(hour=pl.col("ts") // HOUR_NS * HOUR_NS)
    sums = frame.group_by("hour", maintain_order=True).agg(pl.col("volume", "trades", "taker_buy_base").sum())
    expected = sums.filter(pl.col("hour").is_in(hours.ts)).drop("hour").to_numpy().T
    np.testing.assert_allclose(hours.columns[Column.VOLUME :], expected, rtol=1e-12)
    delta = compute(make_plan(["volume_delta_1"]), hours.columns)[0]
    np.testing.assert_allclose(delta, 2 * expected[2] - expected[0], rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize(
    ("extra", "rows"),
    [
        ({}, 0),
        ({"trades": [3.0] * 6}, 1),
        ({"Number of trades": [3.0] * 6, "taker_buy_base": [1.5] * 6}, 2),
        ({"taker_buy_base_asset_volume": [1.5] * 6}, 2),
        ({"trades": ["many"] * 6}, 1),
    ],
)
def test_the_matrix_has_as_many_rows_as_the_file_knows(tmp_path: Path, extra: dict[str, Any], rows: int) -> None:
    frame = hourly().with_columns(**{name: pl.Series(values) for name, values in extra.items()})
    path = write(frame, tmp_path / "b.parquet")
    bars = load_bars(path, "BTCUSDT")
    assert bars.columns.shape == (N_COLUMNS + rows, 6)
    assert bars.columns.flags.c_contiguous
    for name, row, value in (("rades", Column.TRADES, 3.0), ("buy", Column.BUY_VOLUME, 1.5)):
        given = [values for key, values in extra.items() if name in key]
        if row < N_COLUMNS + rows:
            known = bool(given) and isinstance(given[0][0], float)
            assert np.array_equal(bars.columns[row], np.full(6, value if known else np.nan), equal_nan=True)


def test_stores_and_exports_keep_the_bar_alone(tmp_path: Path) -> None:
    path = write(hourly().with_columns(trades=pl.lit(3), taker_buy_base=pl.lit(1.5)), tmp_path / "b.parquet")
    bars = load_bars(path, "BTCUSDT")
    store = ParquetBarStore(tmp_path / "store")
    store.write_bars(bars)
    stored = store.read_bars("BTCUSDT", bars.interval_ns, market="spot")
    assert stored.columns.tobytes() == np.ascontiguousarray(bars.columns[:N_COLUMNS]).tobytes()
    export_bars([bars], tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").columns == ["symbol", *hourly().columns]
