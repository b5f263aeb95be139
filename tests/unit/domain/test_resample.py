"""Resampling: polars as oracle on real minutes, any chunking, emission times, other bucket kinds."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.slices import MINUTES
from tests.unit.market.series import MINUTE, bars_of, flat_columns, minutes

from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.domain.resample import BucketKind, resample_advance, resample_flush, resample_params, resample_state
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted
from quaestor.ledger.codes import Quality
from quaestor.market.bars.build import resample, resample_notional, resample_rows, resample_volume

PRICES = ("open", "high", "low", "close")


@pytest.fixture(scope="module")
def real_minutes() -> pl.DataFrame:
    return pl.read_parquet(MINUTES, columns=["ts", *PRICES, "volume"])


@pytest.mark.parametrize("timeframe", ["3m", "5m", "1h", "4h", "1d", "1w"])
def test_real_minutes_equal_polars(real_minutes: pl.DataFrame, timeframe: str) -> None:
    columns = np.ascontiguousarray(real_minutes.select(*PRICES, "volume").to_numpy().T)
    built = resample(bars_of(real_minutes["ts"].to_numpy(), columns), parse_timeframe(timeframe), complete_only=False)
    oracle = (
        real_minutes.with_columns(pl.from_epoch("ts", time_unit="ns"))
        .group_by_dynamic("ts", every=timeframe)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
    )
    assert np.array_equal(built.ts, oracle["ts"].to_physical().to_numpy())
    assert np.array_equal(built.columns[:4], oracle.select(*PRICES).to_numpy().T)
    np.testing.assert_allclose(built.columns[4], oracle["volume"].to_numpy(), rtol=1e-12)


def test_the_outage_marks_its_hours_incomplete(real_minutes: pl.DataFrame) -> None:
    columns = np.ascontiguousarray(real_minutes.select(*PRICES, "volume").to_numpy().T)
    hours = resample(bars_of(real_minutes["ts"].to_numpy(), columns), parse_timeframe("1h"))
    incomplete = hours.ts[(hours.flags & np.uint32(Quality.INCOMPLETE)) != 0]
    stamps = incomplete.astype("datetime64[ns]").astype("datetime64[m]").astype(str).tolist()
    assert stamps == ["2023-03-24T12:00"]  # 12:40 to 14:00: hour 13 has no bar at all
    assert not (hours.ts == np.datetime64("2023-03-24T13:00", "ns").astype(np.int64)).any()


def stream(bars: Bars, edges: list[int], params: NDArray[np.void], *, plain: bool = False) -> tuple[bytes, list[int]]:
    """Return the bytes of all outputs, and the number of buckets emitted by each edge."""
    advance = interpreted(resample_advance) if plain else resample_advance
    out_ts = np.zeros(len(bars) + 1, dtype=np.int64)
    out_columns = np.zeros((5, len(bars) + 1))
    out_flags = np.zeros(len(bars) + 1, dtype=np.uint32)
    state = resample_state()
    counts, n_out = [], 0
    for first, last in itertools.pairwise(edges):
        n_out = advance(
            state, params, bars.ts, bars.columns, bars.flags, first, last, out_ts, out_columns, out_flags, n_out
        )
        counts.append(n_out)
    return out_ts.tobytes() + out_columns.tobytes() + out_flags.tobytes() + state.tobytes(), counts


@given(
    st.integers(1, 80),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 80), max_size=10),
    st.sampled_from([BucketKind.TIME, BucketKind.ROWS, BucketKind.VOLUME, BucketKind.NOTIONAL]),
)
@settings(max_examples=150, deadline=None)
def test_any_chunks_and_the_interpreted_kernel_give_the_same_bars(
    n: int, seed: int, cuts: list[int], kind: BucketKind
) -> None:
    rng = np.random.default_rng(seed)
    ts = np.cumsum(rng.choice([MINUTE, MINUTE, MINUTE, 4 * MINUTE, MINUTE + 9], n)).astype(np.int64) - 40 * MINUTE
    columns = 100.0 * np.exp(rng.normal(0.0, 0.03, (5, n)))
    flags = rng.choice([0, 0, 0, int(Quality.JUMP), int(Quality.DUPLICATE), int(Quality.ZERO_VOLUME)], n)
    bars = Bars("TEST", MINUTE, ts, columns, flags.astype(np.uint32))
    threshold = {BucketKind.ROWS: 3.0, BucketKind.VOLUME: 350.0, BucketKind.NOTIONAL: 4e4}.get(kind, 0.0)
    params = resample_params(kind, MINUTE, interval_ns=5 * MINUTE, threshold=threshold)
    edges = sorted({0, n, *(cut for cut in cuts if cut < n)})
    whole, _ = stream(bars, [0, n], params)
    assert stream(bars, edges, params)[0] == whole
    assert stream(bars, list(range(n + 1)), params)[0] == whole
    assert stream(bars, [0, n], params, plain=True)[0] == whole


def test_bucket_is_emitted_with_its_last_bar_or_the_first_bar_of_a_later_bucket() -> None:
    ts = minutes(13)
    ts = np.delete(ts, 9)  # the bar that completes the second bucket is missing
    _, counts = stream(
        bars_of(ts, flat_columns(12)), list(range(13)), resample_params(BucketKind.TIME, MINUTE, interval_ns=5 * MINUTE)
    )
    assert counts == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2]


def test_first_bucket_is_kept_and_flagged_and_last_incomplete_one_dropped() -> None:
    bars = bars_of(minutes(11, start=3 * MINUTE), flat_columns(11))
    built = resample(bars, 5 * MINUTE)
    assert built.ts.tolist() == [0, 5 * MINUTE]
    assert built.flags.tolist() == [int(Quality.INCOMPLETE), 0]
    everything = resample(bars, 5 * MINUTE, complete_only=False)
    assert everything.ts.tolist() == [0, 5 * MINUTE, 10 * MINUTE]
    assert everything.flags.tolist() == [int(Quality.INCOMPLETE), 0, int(Quality.INCOMPLETE)]


def test_quarantined_bars_are_skipped_and_flags_are_united() -> None:
    columns = flat_columns(10)
    columns[Column.HIGH, 2] = 1e9
    columns[Column.VOLUME, [1, 5, 6, 7, 8, 9]] = 0.0
    flags = np.zeros(10, dtype=np.uint32)
    flags[2] = int(Quality.DUPLICATE)
    flags[1] = int(Quality.ZERO_VOLUME | Quality.JUMP)
    flags[5:] = int(Quality.ZERO_VOLUME)
    built = resample(Bars("TEST", MINUTE, minutes(10), columns, flags), 5 * MINUTE)
    assert built.columns[Column.HIGH].max() < 101
    assert built.flags.tolist() == [int(Quality.JUMP | Quality.INCOMPLETE), int(Quality.ZERO_VOLUME)]
    assert built.columns[Column.VOLUME].tolist() == [3.0, 0.0]


def test_bar_too_late_for_its_bucket_is_counted_and_noted() -> None:
    ts = minutes(6)
    ts[5] = ts[4] + 20_000_000_000  # still inside the bucket that the bar before completed
    built = resample(bars_of(ts, flat_columns(6)), 5 * MINUTE)
    assert len(built) == 1
    assert "1 base bars came after" in built.notes[0]


def test_row_volume_and_notional_buckets_close_at_their_thresholds() -> None:
    columns = flat_columns(10)
    columns[Column.VOLUME] = [1, 1, 3, 5, 1, 1, 1, 1, 1, 1]
    bars = bars_of(minutes(10), columns)
    assert resample_rows(bars, 3).ts.tolist() == [0, 3 * MINUTE, 6 * MINUTE]
    volume = resample_volume(bars, 5.0)
    assert volume.ts.tolist() == [0, 3 * MINUTE, 4 * MINUTE]
    assert volume.columns[Column.VOLUME].tolist() == [5.0, 5.0, 5.0]
    assert resample_notional(bars, 450.0).ts.tolist() == [0, 3 * MINUTE, 4 * MINUTE]
    assert len(resample_volume(bars, 5.0, complete_only=False)) == 4


def test_same_timeframe_returns_the_bars_unchanged() -> None:
    bars = bars_of(minutes(3), flat_columns(3))
    assert resample(bars, MINUTE) is bars


@pytest.mark.parametrize("interval", [90_000_000_000, 30_000_000_000, 0, -MINUTE])
def test_timeframe_that_is_no_multiple_of_the_base_is_refused(interval: int) -> None:
    with pytest.raises(ConfigError, match="cannot be built from 1m"):
        resample(bars_of(minutes(3), flat_columns(3)), interval)


def test_non_positive_thresholds_are_refused() -> None:
    bars = bars_of(minutes(3), flat_columns(3))
    with pytest.raises(ConfigError, match="rows"):
        resample_rows(bars, 0)
    with pytest.raises(ConfigError, match="volume"):
        resample_volume(bars, float("nan"))


def test_full_outputs_raise() -> None:
    bars = bars_of(minutes(10), flat_columns(10))
    params = resample_params(BucketKind.TIME, MINUTE, interval_ns=5 * MINUTE)
    small = np.zeros(1, dtype=np.int64), np.zeros((5, 1)), np.zeros(1, dtype=np.uint32)
    with pytest.raises(ValueError, match="full"):
        resample_advance(resample_state(), params, bars.ts, bars.columns, bars.flags, 0, 10, *small, 0)
    assert resample_flush(resample_state(), params, *small, 0) == 0


def test_buckets_before_1970_are_floored() -> None:
    built = resample(bars_of(minutes(10, start=-10 * MINUTE), flat_columns(10)), 5 * MINUTE)
    assert built.ts.tolist() == [-10 * MINUTE, -5 * MINUTE]
    assert not built.flags.any()
