"""Bars of one length built into longer ones, bar by bar; one kernel builds them live and in history.

A time bucket starts at floor(ts / interval) · interval, UTC, weeks on Monday. It is emitted at the earliest instant
at which it is surely complete: with the base bar that ends exactly at its end, or, when that bar is missing, with the
first base bar of a later bucket. Nothing is ever emitted early, so history shows a bar no sooner than live would.

Quarantined base bars are skipped. A base bar that comes for a bucket already emitted is skipped too (live cannot take
a bar back) and counted in the state's `late`.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.timeframe import anchor_ns
from quaestor.kernels.codes import QUARANTINE, Column, Quality
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row, Table


class BucketKind(IntEnum):
    """What fills a bucket."""

    TIME = 0  # a span of UTC time
    ROWS = 1  # a number of base bars
    VOLUME = 2  # traded base units, at least the threshold
    NOTIONAL = 3  # close × volume in quote, at least the threshold


RESAMPLE_STATE = np.dtype(
    [
        ("bucket_ts", np.int64),
        ("rows", np.int64),  # base bars in the open bucket; 0 when none is open
        ("open", np.float64),
        ("high", np.float64),
        ("low", np.float64),
        ("close", np.float64),
        ("volume", np.float64),
        ("filled", np.float64),
        ("flags", np.uint32),
        ("end_ts", np.int64),  # when the last base bar of the open bucket ends
        ("emitted", np.int64),
        ("emitted_ts", np.int64),
        ("late", np.int64),
    ]
)
RESAMPLE_PARAMS = np.dtype(
    [
        ("kind", np.int64),
        ("interval_ns", np.int64),
        ("base_interval_ns", np.int64),
        ("anchor_ns", np.int64),
        ("threshold", np.float64),
    ]
)

_ZERO_VOLUME = int(Quality.ZERO_VOLUME)
_INCOMPLETE = int(Quality.INCOMPLETE)
_TIME, _VOLUME_KIND, _NOTIONAL = int(BucketKind.TIME), int(BucketKind.VOLUME), int(BucketKind.NOTIONAL)
_OPEN, _HIGH, _LOW = int(Column.OPEN), int(Column.HIGH), int(Column.LOW)
_CLOSE, _VOLUME = int(Column.CLOSE), int(Column.VOLUME)


def resample_state() -> NDArray[np.void]:
    """Memory with no bucket open: one element of RESAMPLE_STATE."""
    return np.zeros(1, dtype=RESAMPLE_STATE)


def resample_params(
    kind: BucketKind, base_interval_ns: int, *, interval_ns: int = 0, threshold: float = 0.0
) -> NDArray[np.void]:
    """One element of RESAMPLE_PARAMS: `interval_ns` for TIME buckets, `threshold` for the others."""
    params = np.zeros(1, dtype=RESAMPLE_PARAMS)
    params["kind"] = int(kind)
    params["interval_ns"] = interval_ns
    params["base_interval_ns"] = base_interval_ns
    params["anchor_ns"] = anchor_ns(interval_ns) if kind is BucketKind.TIME else 0
    params["threshold"] = threshold
    return params


@kernel
def resample_advance(
    state: Table,
    params: Table,
    ts: NDArray[np.int64],
    columns: NDArray[np.float64],
    flags: NDArray[np.uint32],
    i: int,
    n: int,
    out_ts: NDArray[np.int64],
    out_columns: NDArray[np.float64],
    out_flags: NDArray[np.uint32],
    n_out: int,
) -> int:
    """Take base bars i … n−1 and write every bucket that they complete.

    Args:
        state, params: one element of RESAMPLE_STATE, RESAMPLE_PARAMS.
        ts, columns, flags: base bars, int64[m], float64 (5, m), uint32[m]; ascending where not quarantined.
        out_ts, out_columns, out_flags: int64[c], float64 (5, c), uint32[c]; c ≥ n_out + (n − i) + 1 always suffices.
        n_out: how many buckets the outputs hold already.

    Returns:
        How many they hold now. Flags of a bucket are the union of its bars', except ZERO_VOLUME (only when the whole
        bucket traded nothing), and INCOMPLETE when a time bucket holds fewer bars than its length.

    Raises:
        ValueError: when the outputs are full.
    """
    s = state[0]
    p = params[0]
    timed = p["kind"] == _TIME
    for k in range(i, n):
        if flags[k] & QUARANTINE != 0:
            continue
        t = ts[k]
        bucket = t
        if timed:
            bucket = t - (t - p["anchor_ns"]) % p["interval_ns"]
            if s["emitted"] > 0 and bucket <= s["emitted_ts"]:
                s["late"] += 1
                continue
            if s["rows"] > 0 and bucket != s["bucket_ts"]:
                n_out = resample_flush(state, params, out_ts, out_columns, out_flags, n_out)
        if s["rows"] == 0:
            _open_bucket(s, bucket, columns, k)
        _absorb(s, p, columns, flags, k)
        s["end_ts"] = t + p["base_interval_ns"]
        if _is_full(s, p):
            n_out = resample_flush(state, params, out_ts, out_columns, out_flags, n_out)
    return n_out


@kernel
def resample_flush(
    state: Table,
    params: Table,
    out_ts: NDArray[np.int64],
    out_columns: NDArray[np.float64],
    out_flags: NDArray[np.uint32],
    n_out: int,
) -> int:
    """Write the open bucket, complete or not, and close it; returns how many buckets the outputs hold now."""
    s = state[0]
    p = params[0]
    if s["rows"] == 0:
        return n_out
    if n_out >= len(out_ts):
        raise ValueError("the arrays for resampled bars are full")
    bits = np.int64(s["flags"])
    if s["volume"] == 0.0:
        bits |= _ZERO_VOLUME
    if p["kind"] == _TIME and s["rows"] * p["base_interval_ns"] < p["interval_ns"]:
        bits |= _INCOMPLETE
    out_ts[n_out] = s["bucket_ts"]
    out_columns[_OPEN, n_out] = s["open"]
    out_columns[_HIGH, n_out] = s["high"]
    out_columns[_LOW, n_out] = s["low"]
    out_columns[_CLOSE, n_out] = s["close"]
    out_columns[_VOLUME, n_out] = s["volume"]
    out_flags[n_out] = bits
    s["rows"] = 0
    s["emitted"] += 1
    s["emitted_ts"] = s["bucket_ts"]
    return n_out + 1


@kernel
def _open_bucket(s: Row, bucket: int, columns: NDArray[np.float64], k: int) -> None:
    s["bucket_ts"] = bucket
    s["open"] = columns[_OPEN, k]
    s["high"] = columns[_HIGH, k]
    s["low"] = columns[_LOW, k]
    s["volume"] = 0.0
    s["filled"] = 0.0
    s["flags"] = 0


@kernel
def _absorb(s: Row, p: Row, columns: NDArray[np.float64], flags: NDArray[np.uint32], k: int) -> None:
    volume = columns[_VOLUME, k]
    s["high"] = max(s["high"], columns[_HIGH, k])
    s["low"] = min(s["low"], columns[_LOW, k])
    s["close"] = columns[_CLOSE, k]
    s["volume"] += volume
    s["rows"] += 1
    s["flags"] = np.int64(s["flags"]) | (np.int64(flags[k]) & ~_ZERO_VOLUME)
    if p["kind"] == _VOLUME_KIND:
        s["filled"] += volume
    elif p["kind"] == _NOTIONAL:
        s["filled"] += columns[_CLOSE, k] * volume
    else:
        s["filled"] += 1.0


@kernel
def _is_full(s: Row, p: Row) -> bool:
    if p["kind"] == _TIME:
        return s["end_ts"] == s["bucket_ts"] + p["interval_ns"]
    return s["filled"] >= p["threshold"]
