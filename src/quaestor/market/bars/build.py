"""Bar resampling: builds a series of longer bars from a series of base bars, by the kernel of `domain.resample`."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.bars import Bars
from quaestor.domain.resample import BucketKind, resample_advance, resample_flush, resample_params, resample_state
from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import ConfigError


def resample(bars: Bars, interval_ns: int, *, complete_only: bool = True) -> Bars:
    """Return the bars of a longer timeframe.

    The first bucket is kept even when the series starts inside it, and flagged INCOMPLETE, as is every bucket with
    missing base bars: its prices are correct, its volume is a lower bound. The last bucket is dropped when the series
    ends before the bucket does (a live session could not show it yet), unless `complete_only` is false: then it is
    kept and flagged INCOMPLETE. The same timeframe returns the bars unchanged.

    Raises:
        ConfigError: when the timeframe is not a whole multiple of the base interval.
    """
    base = bars.interval_ns
    if interval_ns <= 0 or interval_ns % base != 0:
        raise ConfigError(
            f"{format_timeframe(interval_ns)} bars cannot be built from {format_timeframe(base)} bars",
            place="timeframe",
            remedy=f"choose a whole multiple of {format_timeframe(base)}",
        )
    if interval_ns == base:
        return bars
    params = resample_params(BucketKind.TIME, base, interval_ns=interval_ns)
    return _build(bars, params, interval_ns, complete_only=complete_only)


def resample_rows(bars: Bars, rows: int, *, complete_only: bool = True) -> Bars:
    """Return a bar for every `rows` base bars (tick bars from ticks); `ts` is the first open, `interval_ns` nominal."""
    _require_positive("rows", rows)
    params = resample_params(BucketKind.ROWS, bars.interval_ns, threshold=float(rows))
    return _build(bars, params, rows * bars.interval_ns, complete_only=complete_only)


def resample_volume(bars: Bars, volume: float, *, complete_only: bool = True) -> Bars:
    """Return a bar for each time at least `volume` base units have traded; a base bar is never split.

    Such bars have no fixed length: `interval_ns` is the base interval, their shortest possible length.
    """
    _require_positive("volume", volume)
    params = resample_params(BucketKind.VOLUME, bars.interval_ns, threshold=volume)
    return _build(bars, params, bars.interval_ns, complete_only=complete_only)


def resample_notional(bars: Bars, notional: float, *, complete_only: bool = True) -> Bars:
    """Return a bar ("dollar bar") for each time close × volume reaches `notional` in quote; see `resample_volume`."""
    _require_positive("notional", notional)
    params = resample_params(BucketKind.NOTIONAL, bars.interval_ns, threshold=notional)
    return _build(bars, params, bars.interval_ns, complete_only=complete_only)


def _require_positive(name: str, value: float) -> None:
    if not 0 < value < np.inf:
        raise ConfigError(f"{name} must be a positive number, not {value}", place="resample")


def _build(bars: Bars, params: NDArray[np.void], interval_ns: int, *, complete_only: bool) -> Bars:
    capacity = len(bars) + 1
    out_ts = np.empty(capacity, dtype=np.int64)
    rows = len(bars.columns)
    out_columns = np.empty((rows, capacity), dtype=np.float64)
    out_flags = np.empty(capacity, dtype=np.uint32)
    state = resample_state(rows)
    n_out = resample_advance(
        state, params, bars.ts, bars.columns, bars.flags, 0, len(bars), out_ts, out_columns, out_flags, 0
    )
    timed = int(params["kind"][0]) == BucketKind.TIME
    ended = timed and int(state["end_ts"][0]) >= int(state["bucket_ts"][0]) + interval_ns
    if ended or not complete_only:
        n_out = resample_flush(state, params, out_ts, out_columns, out_flags, n_out)
    late = int(state["late"][0])
    notes = (f"{late} base bars came after their bucket was complete and were left out",) if late else ()
    return replace(
        bars,
        interval_ns=interval_ns,
        ts=out_ts[:n_out].copy(),
        columns=np.ascontiguousarray(out_columns[:, :n_out]),
        flags=out_flags[:n_out].copy(),
        notes=bars.notes + notes,
    )
