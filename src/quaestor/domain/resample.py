"""Resampling kernel: builds longer bars from base bars, one by one, live and on recorded data alike.

A time bucket starts at floor(ts / interval) · interval, UTC, weeks on Monday. It is emitted at the earliest instant
at which it is certainly complete: with the base bar that ends exactly at its end, or, when that bar is missing, with
the first base bar of a later bucket. No bucket is emitted early, so recorded data shows a bar no sooner than live.

Volumes, counts and flows of a bucket are sums over its bars; all other rows beyond prices take the last bar's value.

Quarantined base bars are skipped. A base bar of a bucket already emitted is skipped too (a live session cannot take a
bar back) and counted in the state's `late`.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import QUARANTINE, Quality


class BucketKind(IntEnum):
    """Quantity that fills a bucket."""

    TIME = 0  # a span of UTC time
    ROWS = 1  # a number of base bars
    VOLUME = 2  # traded base units, at least the threshold
    NOTIONAL = 3  # close × volume in quote, at least the threshold


def resample_dtype(rows: int = N_COLUMNS) -> np.dtype[np.void]:
    """Return the dtype of the state for market matrices with `rows` rows, fresh when its bytes are zero."""
    return np.dtype(
        [
            ("bucket_ts", "<i8"),
            ("bars", "<i8"),  # base bars in the open bucket; 0 when none is open
            ("values", "<f8", (rows,)),
            ("filled", "<f8"),
            ("end_ts", "<i8"),  # end of the last base bar of the open bucket
            ("emitted", "<i8"),
            ("emitted_ts", "<i8"),
            ("late", "<i8"),
            ("flags", "<i8"),
        ],
        align=True,
    )


RESAMPLE_PARAMS = np.dtype(
    [
        ("kind", "<i8"),
        ("interval_ns", "<i8"),
        ("base_interval_ns", "<i8"),
        ("anchor_ns", "<i8"),
        ("threshold", "<f8"),
    ],
    align=True,
)

_DAY_NS = 86_400_000_000_000
_ZERO_VOLUME = int(Quality.ZERO_VOLUME)
_INCOMPLETE = int(Quality.INCOMPLETE)
_TIME, _VOLUME_KIND, _NOTIONAL = int(BucketKind.TIME), int(BucketKind.VOLUME), int(BucketKind.NOTIONAL)
_OPEN, _HIGH, _LOW = int(Column.OPEN), int(Column.HIGH), int(Column.LOW)
_CLOSE, _VOLUME, _LAST_FLOW = int(Column.CLOSE), int(Column.VOLUME), int(Column.ORDER_FLOW)


def resample_state(rows: int = N_COLUMNS) -> NDArray[np.void]:
    """Return a fresh state, with no bucket open: one element of `resample_dtype`."""
    return np.zeros(1, dtype=resample_dtype(rows))


def anchor_ns(interval_ns: int) -> int:
    """Return the stamp from which bars of this length are counted: 1970-01-01 UTC, or Monday 1970-01-05 for weeks.

    Example:
        >>> anchor_ns(3_600_000_000_000), anchor_ns(7 * _DAY_NS) // _DAY_NS
        (0, 4)
    """
    return 4 * _DAY_NS if interval_ns % (7 * _DAY_NS) == 0 else 0


def resample_params(
    kind: BucketKind, base_interval_ns: int, *, interval_ns: int = 0, threshold: float = 0.0
) -> NDArray[np.void]:
    """Return one element of RESAMPLE_PARAMS: `interval_ns` applies to TIME buckets, `threshold` to the others."""
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
    """Add base bars i … n−1 and write every bucket that they complete.

    Args:
        state, params: one element of `resample_dtype`, RESAMPLE_PARAMS.
        ts, columns, flags: base bars, int64[N], float64 (m, N), uint32[N]; ascending where not quarantined.
        out_ts, out_columns, out_flags: int64[c], float64 (m, c), uint32[c]; c ≥ n_out + (n − i) + 1 always suffices.
        n_out: number of buckets that the outputs hold already.

    Returns:
        Number of buckets that the outputs hold now. Flags of a bucket are the union of its bars', except ZERO_VOLUME
        (only when nothing was traded in the whole bucket), plus INCOMPLETE when a time bucket lacks base bars.

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
            if s["bars"] > 0 and bucket != s["bucket_ts"]:
                n_out = resample_flush(state, params, out_ts, out_columns, out_flags, n_out)
        if s["bars"] == 0:
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
    """Write the open bucket, complete or not, close it, and return the number of buckets that the outputs hold now."""
    s = state[0]
    p = params[0]
    if s["bars"] == 0:
        return n_out
    if n_out >= len(out_ts):
        raise ValueError("the arrays for resampled bars are full")
    bits = s["flags"]
    if s["values"][_VOLUME] == 0.0:
        bits |= _ZERO_VOLUME
    if p["kind"] == _TIME and s["bars"] * p["base_interval_ns"] < p["interval_ns"]:
        bits |= _INCOMPLETE
    out_ts[n_out] = s["bucket_ts"]
    values = s["values"]
    for row in range(len(values)):
        out_columns[row, n_out] = values[row]
    out_flags[n_out] = bits
    s["bars"] = 0
    s["emitted"] += 1
    s["emitted_ts"] = s["bucket_ts"]
    return n_out + 1


@kernel
def _open_bucket(s: Row, bucket: int, columns: NDArray[np.float64], k: int) -> None:
    s["bucket_ts"] = bucket
    s["filled"] = 0.0
    s["flags"] = 0
    values = s["values"]
    for row in range(len(values)):
        values[row] = 0.0 if _VOLUME <= row <= _LAST_FLOW else columns[row, k]


@kernel
def _absorb(s: Row, p: Row, columns: NDArray[np.float64], flags: NDArray[np.uint32], k: int) -> None:
    values = s["values"]
    values[_HIGH] = max(values[_HIGH], columns[_HIGH, k])
    values[_LOW] = min(values[_LOW], columns[_LOW, k])
    values[_CLOSE] = columns[_CLOSE, k]
    for row in range(_VOLUME, len(values)):
        if row <= _LAST_FLOW:
            values[row] += columns[row, k]
        else:
            values[row] = columns[row, k]
    s["bars"] += 1
    s["flags"] |= np.int64(flags[k]) & ~_ZERO_VOLUME
    volume = columns[_VOLUME, k]
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
