"""Dated series beside bars: what is known when, and what is refused."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.slices import HOURS

from quaestor.adapters.sources.dated.fear_greed import fear_greed_series
from quaestor.adapters.sources.dated.series import (
    DatedSeries,
    attach,
    close_series,
    close_stamps,
    funding_series,
    with_row,
)
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.domain.bars import NANOSECONDS_PER_DAY, Bars, Funding
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.errors import DataError

HOUR = 3_600_000_000_000


def bars_of(n: int = 6, first: int = 0, interval: int = HOUR) -> Bars:
    columns = np.arange(float(N_COLUMNS * n)).reshape(N_COLUMNS, n) + 1.0
    return Bars("BTCUSDT", interval, first + interval * np.arange(n), columns, np.zeros(n, np.uint32))


def series(stamps: list[int], values: list[float]) -> DatedSeries:
    return DatedSeries("test", np.array(stamps, np.int64), np.array(values))


def test_a_bar_gets_the_last_value_known_at_its_close() -> None:
    dated = series([HOUR - 1, 2 * HOUR, 2 * HOUR + 1, 4 * HOUR + 1], [1.0, 2.0, 3.0, 4.0])
    assert attach(bars_of(5), Column.FEAR_GREED, dated).columns[Column.FEAR_GREED].tolist() == [1, 2, 3, 3, 4]


def test_nothing_is_known_before_the_first() -> None:
    held = attach(bars_of(4), Column.BENCHMARK, series([3 * HOUR], [7.0])).columns[Column.BENCHMARK]
    assert np.array_equal(held, [np.nan, np.nan, 7.0, 7.0], equal_nan=True)


def test_the_bars_stay_and_rows_between_are_not_known() -> None:
    bars = bars_of()
    wide = attach(bars, Column.FEAR_GREED, series([0], [50.0]))
    assert wide.columns.shape == (Column.FEAR_GREED + 1, 6)
    assert np.array_equal(wide.columns[:N_COLUMNS], bars.columns)
    assert np.isnan(wide.columns[N_COLUMNS : Column.FEAR_GREED]).all()
    assert wide.columns.flags.c_contiguous
    wider = attach(wide, Column.BENCHMARK, series([0], [9.0]))
    assert wider.columns.shape == wide.columns.shape
    assert np.all(wider.columns[Column.FEAR_GREED] == 50.0)
    assert bars.columns.shape == (N_COLUMNS, 6)
    assert with_row(wider, Column.BENCHMARK, np.zeros(6)).columns[Column.BENCHMARK].tolist() == [0.0] * 6


moments = st.lists(st.integers(0, 12 * HOUR), min_size=1, max_size=20)


@given(moments, moments, st.integers(1, 11))
def test_later_values_never_change_the_past(early: list[int], late: list[int], bar: int) -> None:
    close = close_stamps(bars_of(12))
    known = np.sort(np.array(early))
    future = np.sort(close[bar] + 1 + np.array(late))
    values = np.arange(float(len(known) + len(future)))
    past = known[known <= close[bar]]
    whole = DatedSeries("x", np.concatenate([past, future]), values[: len(past) + len(future)]).at(close)
    alone = DatedSeries("x", past, values[: len(past)]).at(close)
    assert np.array_equal(whole[: bar + 1], alone[: bar + 1], equal_nan=True)


@given(moments)
def test_it_is_the_join_of_polars(stamps: list[int]) -> None:
    known = np.unique(np.array(stamps, np.int64))
    values = np.arange(float(len(known)))
    close = close_stamps(bars_of(12))
    left, right = pl.DataFrame({"at": close}), pl.DataFrame({"at": known, "value": values})
    joined = left.join_asof(right.sort("at"), on="at")["value"].fill_null(np.nan).to_numpy()
    assert np.array_equal(DatedSeries("x", known, values).at(close), joined, equal_nan=True)


@pytest.mark.parametrize(
    ("stamps", "values", "message"),
    [([2, 1], [1.0, 2.0], "before the one it follows"), ([1, 2], [1.0], "values for"), ([], [], "begins never")],
)
def test_impossible_series_are_refused(stamps: list[int], values: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        attach(bars_of(), Column.FEAR_GREED, series(stamps, values))


def test_a_series_that_begins_too_late_is_refused() -> None:
    with pytest.raises(DataError, match="covers the bars"):
        attach(bars_of(), Column.FEAR_GREED, series([7 * HOUR], [1.0]))


def write_index(path: Path, dates: list[str], values: list[float | None]) -> Path:
    pl.DataFrame({"date": dates, "fng": values}).with_columns(pl.col("date").str.to_date()).write_parquet(path)
    return path


def test_fear_and_greed_of_a_date_is_known_when_the_date_is_over(tmp_path: Path) -> None:
    path = write_index(tmp_path / "fng.parquet", ["1970-01-02", "1970-01-01"], [30, 20])
    dated = fear_greed_series(open_source(path))
    assert dated.known_ts.tolist() == [NANOSECONDS_PER_DAY, 2 * NANOSECONDS_PER_DAY]
    held = attach(bars_of(48), Column.FEAR_GREED, dated).columns[Column.FEAR_GREED]
    assert np.isnan(held[:23]).all()
    assert held[23:47].tolist() == [20.0] * 24  # the bar that opens at 23:00 closes at midnight
    assert held[47] == 30.0


@pytest.mark.parametrize(
    ("dates", "values", "message"),
    [
        (["2020-01-01"], [101.0], r"row 0 \(2020-01-01T00:00:00Z\): 101"),
        (["2020-01-02", "2020-01-01"], [50.0, -1.0], "row 1"),
        (["2020-01-01"], [None], "row 0"),
        (["2020-01-01", "2020-01-01"], [50.0, 51.0], "twice"),
    ],
)
def test_an_impossible_index_is_refused(
    tmp_path: Path, dates: list[str], values: list[float | None], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        fear_greed_series(open_source(write_index(tmp_path / "fng.parquet", dates, values)))


def rows(values: NDArray[np.float64]) -> list[float]:
    kept: list[float] = values.tolist()
    return kept


def test_funding_and_closes_of_others() -> None:
    funding = Funding(np.array([HOUR, 2 * HOUR + 5]), np.array([1e-4, 2e-4]), np.full(2, np.nan))
    held = attach(bars_of(3), Column.FUNDING_RATE, funding_series(funding)).columns[Column.FUNDING_RATE]
    assert rows(held) == [1e-4, 1e-4, 2e-4]  # the second was settled 5 ns after the second close
    longer = bars_of(2, first=0, interval=2 * HOUR)
    held = attach(bars_of(5), Column.BENCHMARK, close_series(longer)).columns[Column.BENCHMARK]
    close = longer.columns[Column.CLOSE]
    assert np.array_equal(held, [np.nan, close[0], close[0], close[1], close[1]], equal_nan=True)


def require_value_of_the_day_before(bars: Bars, index: Path) -> None:
    """At a close the bars hold what the index gave for the last date that was over."""
    held = attach(bars, Column.FEAR_GREED, fear_greed_series(open_source(index))).columns[Column.FEAR_GREED]
    by_date = dict(pl.read_parquet(index).iter_rows())
    closes = close_stamps(bars)
    for k in (0, 22, 23, 24, 500):
        day_over = np.datetime64(int(closes[k]), "ns").astype("datetime64[D]") - 1
        assert held[k] == by_date[day_over.item()]


def test_an_index_beside_real_bars(fear_greed: Path) -> None:
    require_value_of_the_day_before(load_bars(HOURS, "BTCUSDT", end="2023-04-01"), fear_greed)
