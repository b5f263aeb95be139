"""Quality gate: streaming rules that flag unusual bars and quarantine impossible ones.

Each bar gets a set of `ledger.codes.Quality` bits. Bits in `QUARANTINE` mark a bar that is impossible (or cannot be
placed in time): it is excluded and does not change the gate's state. The other bits are informational: the bar is
real and kept, however extreme. A flash crash that trades back is a JUMP, never a defect.

The size of a move is the bar's widest excursion from the last accepted close p, max(high/p, p/low) − 1: it grows
with |log return|, needs no logarithm, and includes a wick that closes back. Its usual scale is an exponential mean
in which every term is capped at the jump threshold itself, so one crash does not mask the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.domain.resample import anchor_ns
from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import QUARANTINE, Quality

QUALITY_STATE = np.dtype(
    [
        ("last_ts", np.int64),
        ("seen", np.int64),  # accepted bars
        ("open", np.float64),
        ("high", np.float64),
        ("low", np.float64),
        ("close", np.float64),
        ("same_run", np.int64),  # bars in a row with these same four prices
        ("move_scale", np.float64),
        ("volume_scale", np.float64),
    ],
    align=True,
)
QUALITY_PARAMS = np.dtype(
    [
        ("interval_ns", np.int64),
        ("anchor_ns", np.int64),
        ("jump_ratio", np.float64),
        ("jump_move_min", np.float64),
        ("volume_ratio", np.float64),
        ("scale_weight", np.float64),
        ("warmup_bars", np.int64),
        ("stale_bars", np.int64),
    ],
    align=True,
)

_NOT_FINITE = int(Quality.NOT_FINITE)
_IMPOSSIBLE_OHLC = int(Quality.IMPOSSIBLE_OHLC)
_NOT_POSITIVE = int(Quality.NOT_POSITIVE)
_NEGATIVE_VOLUME = int(Quality.NEGATIVE_VOLUME)
_OUT_OF_ORDER = int(Quality.OUT_OF_ORDER)
_DUPLICATE = int(Quality.DUPLICATE)
_MISALIGNED = int(Quality.MISALIGNED)
_GAP_BEFORE = int(Quality.GAP_BEFORE)
_ZERO_VOLUME = int(Quality.ZERO_VOLUME)
_JUMP = int(Quality.JUMP)
_STALE = int(Quality.STALE)
_VOLUME_SPIKE = int(Quality.VOLUME_SPIKE)
_OPEN, _HIGH, _LOW = int(Column.OPEN), int(Column.HIGH), int(Column.LOW)
_CLOSE, _VOLUME = int(Column.CLOSE), int(Column.VOLUME)


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """Thresholds of the informational rules.

    A move is a JUMP when it exceeds both `jump_ratio` × its usual scale and `jump_move_min` (a fraction); a volume
    is a spike above `volume_ratio` × its usual scale. Neither is flagged in the first `warmup_bars`. Scales are
    exponential means over about `scale_bars`. A bar is STALE when the same four prices have come more than
    `stale_bars` times in a row.
    """

    jump_ratio: float = 5.0
    jump_move_min: float = 0.03
    volume_ratio: float = 20.0
    scale_bars: int = 500
    warmup_bars: int = 30
    stale_bars: int = 10

    def __post_init__(self) -> None:
        for name in ("jump_ratio", "jump_move_min", "volume_ratio", "scale_bars", "warmup_bars", "stale_bars"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} must be positive", place="quality limits")


def quality_state() -> NDArray[np.void]:
    """Return a fresh state: one element of QUALITY_STATE."""
    return np.zeros(1, dtype=QUALITY_STATE)


def quality_params(interval_ns: int, limits: QualityLimits | None = None) -> NDArray[np.void]:
    """Return the parameters of a gate for bars of one interval: one element of QUALITY_PARAMS.

    Raises:
        ConfigError: when the interval is not positive.
    """
    chosen = limits if limits is not None else QualityLimits()
    if interval_ns <= 0:
        raise ConfigError("the bar length must be positive", place="quality gate")
    params = np.zeros(1, dtype=QUALITY_PARAMS)
    params["interval_ns"] = interval_ns
    params["anchor_ns"] = anchor_ns(interval_ns)
    params["jump_ratio"] = chosen.jump_ratio
    params["jump_move_min"] = chosen.jump_move_min
    params["volume_ratio"] = chosen.volume_ratio
    params["scale_weight"] = 2.0 / (chosen.scale_bars + 1.0)
    params["warmup_bars"] = chosen.warmup_bars
    params["stale_bars"] = chosen.stale_bars
    return params


@kernel
def _value_defects(o: float, h: float, low: float, c: float, v: float) -> int:
    """Return the quarantine bits that follow from the five values alone."""
    if not (np.isfinite(o) and np.isfinite(h) and np.isfinite(low) and np.isfinite(c) and np.isfinite(v)):
        return _NOT_FINITE
    bits = 0
    if not (o > 0.0 and h > 0.0 and low > 0.0 and c > 0.0):
        bits |= _NOT_POSITIVE
    if h < low or o > h or o < low or c > h or c < low:
        bits |= _IMPOSSIBLE_OHLC
    if v < 0.0:
        bits |= _NEGATIVE_VOLUME
    return bits


@kernel
def gap_bars(previous_ts: int, ts: int, interval_ns: int) -> int:
    """Return how many whole bars fit between the end of one bar and the open of the next; stamps may be off the grid.

    Example:
        >>> gap_bars(0, 60, 60), gap_bars(0, 180, 60), gap_bars(20, 180, 60)
        (0, 2, 1)
    """
    return (ts - previous_ts) // interval_ns - 1


@kernel
def quality_advance(
    state: Table,
    params: Table,
    ts: NDArray[np.int64],
    columns: NDArray[np.float64],
    flags: NDArray[np.uint32],
    i: int,
    n: int,
) -> None:
    """Check bars i … n−1: write one Quality bit set a bar into `flags` and update `state`.

    Args:
        state, params: one element of QUALITY_STATE, QUALITY_PARAMS.
        ts: int64[n] bar opens, ns UTC, in arrival order (any order is checked).
        columns: float64 (m, n) by `Column`, of which the five of a bar are read; NaN and infinities are flagged and
            never used.
        flags: uint32[n], written at i … n−1.
        i, n: range of bars; any split of a series into ranges gives bit-identical flags.
    """
    s = state[0]
    p = params[0]
    for k in range(i, n):
        t = ts[k]
        o, h, low = columns[_OPEN, k], columns[_HIGH, k], columns[_LOW, k]
        c, v = columns[_CLOSE, k], columns[_VOLUME, k]
        bits = _value_defects(o, h, low, c, v)
        if s["seen"] > 0:
            if t == s["last_ts"]:
                bits |= _DUPLICATE
            elif t < s["last_ts"]:
                bits |= _OUT_OF_ORDER
        if (t - p["anchor_ns"]) % p["interval_ns"] != 0:
            bits |= _MISALIGNED
        if bits & QUARANTINE == 0:
            bits |= _accept(s, p, t, o, h, low, c, v)
        flags[k] = bits


@kernel
def _accept(s: Row, p: Row, t: int, o: float, h: float, low: float, c: float, v: float) -> int:
    """Return the informational bits of a possible bar and make it the reference of the next one."""
    bits = 0
    seen = s["seen"]
    weight = max(p["scale_weight"], 1.0 / (seen + 1.0))
    if v == 0.0:
        bits |= _ZERO_VOLUME
    if seen == 0:
        s["same_run"] = 1
        s["volume_scale"] = v
    else:
        if gap_bars(s["last_ts"], t, p["interval_ns"]) > 0:
            bits |= _GAP_BEFORE
        move = max(h / s["close"], s["close"] / low) - 1.0
        move_limit = max(p["jump_ratio"] * s["move_scale"], p["jump_move_min"])
        if move > move_limit and seen >= p["warmup_bars"]:
            bits |= _JUMP
        s["move_scale"] += weight * (min(move, move_limit) - s["move_scale"])
        volume_limit = p["volume_ratio"] * s["volume_scale"]
        if v > volume_limit and volume_limit > 0.0:
            if seen >= p["warmup_bars"]:
                bits |= _VOLUME_SPIKE
            v = volume_limit
        s["volume_scale"] += weight * (v - s["volume_scale"])
        if o == s["open"] and h == s["high"] and low == s["low"] and c == s["close"]:
            s["same_run"] += 1
        else:
            s["same_run"] = 1
        if s["same_run"] > p["stale_bars"]:
            bits |= _STALE
    s["open"], s["high"], s["low"], s["close"] = o, h, low, c
    s["last_ts"] = t
    s["seen"] = seen + 1
    return bits


def assess_quality(
    ts: NDArray[np.int64], columns: NDArray[np.float64], interval_ns: int, limits: QualityLimits | None = None
) -> NDArray[np.uint32]:
    """Return the flags of a series under a fresh gate; shapes and meaning as in `quality_advance`."""
    flags = np.zeros(len(ts), dtype=np.uint32)
    quality_advance(quality_state(), quality_params(interval_ns, limits), ts, columns, flags, 0, len(ts))
    return flags
