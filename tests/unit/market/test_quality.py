"""Quality gate: every rule, chunking, the interpreted kernel, and a real file with defects."""

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.made_markets import DIRTY_MISSING, DIRTY_SHIFTED, DIRTY_SILENT

from quaestor.domain.market_matrix import Column
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted
from quaestor.ledger.codes import QUARANTINE, Quality
from quaestor.market.quality import QualityLimits, quality_advance, quality_params, quality_state
from quaestor.market.quality_report import QualityReport, build_report

from .series import MINUTE, flat_columns, minutes


def assess_quality(
    ts: NDArray[np.int64], columns: NDArray[np.float64], interval_ns: int = MINUTE
) -> NDArray[np.uint32]:
    flags = np.zeros(len(ts), dtype=np.uint32)
    quality_advance(quality_state(), quality_params(interval_ns), ts, columns, flags, 0, len(ts))
    return flags


def test_ordinary_bars_have_no_flags() -> None:
    assert not assess_quality(minutes(200), flat_columns(200)).any()


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (Column.OPEN, np.nan, Quality.NOT_FINITE),
        (Column.CLOSE, np.inf, Quality.NOT_FINITE),
        (Column.VOLUME, np.nan, Quality.NOT_FINITE),
        (Column.HIGH, 1.0, Quality.IMPOSSIBLE_OHLC),
        (Column.CLOSE, 150.0, Quality.IMPOSSIBLE_OHLC),
        (Column.OPEN, 50.0, Quality.IMPOSSIBLE_OHLC),
        (Column.LOW, 0.0, Quality.NOT_POSITIVE),
        (Column.LOW, -5.0, Quality.NOT_POSITIVE),
        (Column.VOLUME, -1.0, Quality.NEGATIVE_VOLUME),
        (Column.VOLUME, 0.0, Quality.ZERO_VOLUME),
        (Column.VOLUME, 500.0, Quality.VOLUME_SPIKE),
        (Column.LOW, 60.0, Quality.JUMP),
        (Column.HIGH, 140.0, Quality.JUMP),
    ],
)
def test_one_abnormal_value_sets_only_its_flag(column: Column, value: float, expected: Quality) -> None:
    columns = flat_columns(100)
    columns[column, 60] = value
    flags = assess_quality(minutes(100), columns)
    assert flags[60] == int(expected)
    after = int(Quality.GAP_BEFORE) if expected & QUARANTINE else 0  # a bar set aside leaves a hole
    assert flags[61] == after
    assert not np.delete(flags, [60, 61]).any()


def test_duplicate_backward_and_misaligned_stamps_and_gaps_are_flagged() -> None:
    ts = minutes(8)
    ts[2] = ts[1]
    ts[3] = ts[0]
    ts[5] += 20_000_000_000
    ts[7] += 3 * MINUTE
    flags = assess_quality(ts, flat_columns(8))
    expected = [
        0,
        0,
        Quality.DUPLICATE,
        Quality.OUT_OF_ORDER,
        Quality.GAP_BEFORE,
        Quality.MISALIGNED,
        0,
        Quality.GAP_BEFORE,
    ]
    assert flags.tolist() == [int(bit) for bit in expected]


def test_weeks_are_aligned_to_monday() -> None:
    week = parse_timeframe("1w")
    monday = 4 * parse_timeframe("1d")
    ts = monday + week * np.arange(3, dtype=np.int64)
    assert not assess_quality(ts, flat_columns(3), week).any()
    assert (assess_quality(ts - monday, flat_columns(3), week) == int(Quality.MISALIGNED)).all()


def test_quarantined_bars_do_not_move_the_reference() -> None:
    columns = flat_columns(100)
    ts = minutes(100)
    columns[:4, 50] = [1000.0, 10.0, 2000.0, 1000.0]  # impossible, and far away
    ts[50] = ts[49] + 400 * MINUTE  # and in the future
    flags = assess_quality(ts, columns)
    assert flags[50] == int(Quality.IMPOSSIBLE_OHLC)
    assert flags[51] == int(Quality.GAP_BEFORE)
    assert not flags[52:].any()


def test_flash_crash_that_trades_back_is_flagged_not_quarantined() -> None:
    columns = flat_columns(100)
    columns[:4, 70] = [100.0, 100.0, 60.0, 65.0]
    columns[:4, 71] = [65.0, 101.0, 65.0, 100.0]
    flags = assess_quality(minutes(100), columns)
    assert flags[70] == flags[71] == int(Quality.JUMP)
    assert not (flags & np.uint32(QUARANTINE)).any()


def test_one_crash_does_not_mask_the_next() -> None:
    columns = flat_columns(200)
    for k in (100, 110, 120):
        columns[Column.LOW, k] = 50.0
    assert np.flatnonzero(assess_quality(minutes(200), columns)).tolist() == [100, 110, 120]


def test_moves_usual_for_the_instrument_are_no_jumps() -> None:
    rng = np.random.default_rng(5)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, 500)))  # 2 % a bar: 3 % alone says nothing
    opens = np.concatenate(([100.0], close[:-1]))
    columns = np.stack([opens, np.maximum(opens, close), np.minimum(opens, close), close, np.ones(500)])
    assert not assess_quality(minutes(500), columns).any()


def test_stale_flag_begins_after_the_limit() -> None:
    columns = flat_columns(40)
    columns[:, 10:30] = columns[:, [10]]
    columns[3, 30] = 99.95
    stale = np.flatnonzero(assess_quality(minutes(40), columns) & np.uint32(Quality.STALE))
    limit = QualityLimits().stale_bars
    assert stale.tolist() == list(range(10 + limit, 30))


@st.composite
def dirty_series(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    n = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ts = (
        np.cumsum(rng.choice([MINUTE, MINUTE, MINUTE, 0, -MINUTE, 5 * MINUTE, MINUTE + 7], n)).astype(np.int64)
        - 20 * MINUTE
    )
    columns = 100.0 * np.exp(rng.normal(0.0, 0.03, (5, n)))
    columns[1] = columns[:4].max(axis=0)
    columns[2] = columns[:4].min(axis=0)
    spoiled = rng.random((5, n)) < 0.03
    columns[spoiled] = rng.choice([np.nan, np.inf, -1.0, 0.0, 1e9], int(spoiled.sum()))
    return ts, columns


@given(dirty_series(), st.lists(st.integers(0, 60), max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_chunks_and_the_interpreted_kernel_give_the_same_flags(
    series: tuple[NDArray[np.int64], NDArray[np.float64]], cuts: list[int]
) -> None:
    ts, columns = series
    whole = assess_quality(ts, columns)
    params = quality_params(MINUTE)
    edges = sorted({0, len(ts), *(cut for cut in cuts if cut < len(ts))})
    chunked, plain = np.zeros_like(whole), np.zeros_like(whole)
    state, plain_state = quality_state(), quality_state()
    for first, last in itertools.pairwise(edges):
        quality_advance(state, params, ts, columns, chunked, first, last)
    with np.errstate(all="ignore"):
        interpreted(quality_advance)(plain_state, params, ts, columns, plain, 0, len(ts))
    assert np.array_equal(whole, chunked)
    assert np.array_equal(whole, plain)
    assert state.tobytes() == plain_state.tobytes()


@given(dirty_series())
@settings(max_examples=100, deadline=None)
def test_accepted_bars_are_ascending_and_possible(series: tuple[NDArray[np.int64], NDArray[np.float64]]) -> None:
    ts, columns = series
    passed = (assess_quality(ts, columns) & np.uint32(QUARANTINE)) == 0
    kept = columns[:, passed]
    assert (np.diff(ts[passed]) > 0).all()
    assert np.isfinite(kept).all()
    assert (kept[:4] > 0).all()
    assert (kept[Column.LOW] <= kept[:4]).all()
    assert (kept[Column.HIGH] >= kept[:4]).all()
    assert (kept[Column.VOLUME] >= 0).all()


def report_of_minutes(path: Path) -> QualityReport:
    """What the gate finds in a file of minutes."""
    frame = pl.read_parquet(path)
    ts = frame["ts"].to_numpy()
    columns = np.ascontiguousarray(frame.select("open", "high", "low", "close", "volume").to_numpy().T)
    return build_report(MINUTE, ts, assess_quality(ts, columns))


def test_planted_defects_are_counted(dirty: Path) -> None:
    report = report_of_minutes(dirty)
    counts = {finding.name: finding.count for finding in report.findings}
    assert (counts["MISALIGNED"], counts["ZERO_VOLUME"]) == (DIRTY_SHIFTED, DIRTY_SILENT)
    assert (report.missing_bars, report.largest_gap_bars) == (sum(DIRTY_MISSING), max(DIRTY_MISSING))
    assert counts["GAP_BEFORE"] == report.gap_count == len(DIRTY_MISSING)
    assert report.quarantined == 0
    assert report.verdict() == "flagged"


def test_report_lists_reasons_rows_and_gaps() -> None:
    columns = flat_columns(30)
    ts = minutes(30)
    columns[0, [4, 9]] = np.nan
    ts[20:] += 5 * MINUTE
    report = build_report(MINUTE, ts, assess_quality(ts, columns))
    assert report.verdict() == "quarantine"
    assert report.rows == 30
    assert report.quarantined == 2
    by_name = {finding.name: finding for finding in report.findings}
    assert by_name["NOT_FINITE"].rows == (4, 9)
    assert by_name["NOT_FINITE"].quarantines
    assert not by_name["GAP_BEFORE"].quarantines
    assert [(gap.after_ts, gap.missing_bars) for gap in report.gaps] == [(ts[3], 1), (ts[8], 1), (ts[19], 5)]
    assert report.coverage == pytest.approx(28 / 35)
    as_json = report.to_dict()
    assert as_json["flags"] == {"NOT_FINITE": 2, "GAP_BEFORE": 3}


def test_verdict_depends_on_coverage_quarantine_and_flags() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert build_report(MINUTE, none, none.astype(np.uint32)).verdict() == "empty"
    assert build_report(MINUTE, minutes(3), np.zeros(3, dtype=np.uint32)).verdict() == "clean"
    sparse = minutes(3) * 10
    report = build_report(MINUTE, sparse, assess_quality(sparse, flat_columns(3)))
    assert report.verdict() == "sparse"
    assert report.verdict(sessions=True) == "flagged"


def test_contradictory_limits_are_refused() -> None:
    with pytest.raises(ConfigError, match="jump_ratio"):
        QualityLimits(jump_ratio=0.0)
    with pytest.raises(ConfigError, match="bar length"):
        quality_params(0)
