"""Reversal patterns: double and triple tops, head and shoulders, and their mirror images."""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.patterns.pivots import (
    PIVOTS,
    TRACK,
    balance,
    clip_to_unit,
    open_track,
    take_row,
    volume_decline,
    write_tracks,
)
from quaestor.features.indicators.patterns.swings import ATR_LENGTH, INPUTS, THRESHOLD, swing_parts
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table

Series = NDArray[np.float64]

_LEVEL = 0.25  # equal prices differ by at most this share of the pattern's height
_TREND = 0.5  # the preceding trend began at least this many heights beyond the neckline
_HEAD = 0.5  # a head that exceeds the shoulders by this share of the pattern's height has the best grade

_STATE = np.dtype([("pivots", PIVOTS, (1,)), ("tracks", TRACK, (6,))], align=True)


@kernel
def _double(t: Row, p: Row, sign: int) -> None:
    """Track two tops at one level, with a neckline through the bottom between them, if the pivots form them."""
    prices, rows, volumes = p["prices"], p["rows"], p["volumes"]
    right, neck, left, origin = sign * prices[0], sign * prices[1], sign * prices[2], sign * prices[3]
    height = 0.5 * (left + right) - neck
    uneven = abs(left - right) / height
    trend = (neck - origin) / height
    if uneven > _LEVEL or trend < _TREND:
        return
    form = (
        (1.0 - uneven / _LEVEL)
        + clip_to_unit(trend)
        + balance(rows[0] - rows[1], rows[1] - rows[2])
        + volume_decline(volumes[2], volumes[0])
    ) / 4.0
    open_track(t, p, 2, form, neck, 0.0, max(left, right), height)


@kernel
def _triple(t: Row, p: Row, sign: int) -> None:
    """Track three tops at one level, with a neckline through the lower of the bottoms between them."""
    prices, rows, volumes = p["prices"], p["rows"], p["volumes"]
    right, middle, left = sign * prices[0], sign * prices[2], sign * prices[4]
    neck = min(sign * prices[1], sign * prices[3])
    height = (left + middle + right) / 3.0 - neck
    uneven = (max(left, middle, right) - min(left, middle, right)) / height
    sloping = abs(prices[1] - prices[3]) / height
    trend = (neck - sign * prices[5]) / height
    if uneven > _LEVEL or sloping > _LEVEL or trend < _TREND:
        return
    form = (
        (1.0 - uneven / _LEVEL)
        + (1.0 - sloping / _LEVEL)
        + clip_to_unit(trend)
        + balance(rows[0] - rows[2], rows[2] - rows[4])
        + volume_decline(volumes[4], volumes[0])
    ) / 5.0
    open_track(t, p, 4, form, neck, 0.0, max(left, middle, right), height)


@kernel
def _head_shoulders(t: Row, p: Row, sign: int) -> None:
    """Track a top between two lower ones at one level, with a neckline through the two bottoms between them."""
    prices, rows, volumes = p["prices"], p["rows"], p["volumes"]
    right, head, left = sign * prices[0], sign * prices[2], sign * prices[4]
    near, far = sign * prices[1], sign * prices[3]
    slope = (near - far) / (rows[1] - rows[3])
    height = head - (near + slope * (rows[2] - rows[1]))
    stands_out = (head - max(left, right)) / height
    uneven = abs(left - right) / height
    sloping = abs(near - far) / height
    trend = (min(near, far) - sign * prices[5]) / height
    if stands_out <= 0.0 or uneven > _LEVEL or sloping > _LEVEL or trend < _TREND:
        return
    form = (
        clip_to_unit(stands_out / _HEAD)
        + (1.0 - uneven / _LEVEL)
        + (1.0 - sloping / _LEVEL)
        + clip_to_unit(trend)
        + balance(rows[0] - rows[2], rows[2] - rows[4])
        + volume_decline(volumes[4], volumes[0])
    ) / 6.0
    open_track(t, p, 4, form, near, slope, right, height)


@kernel
def _detect_patterns(p: Row, tracks: Table) -> None:
    """Detect the patterns completed by the newest pivot."""
    sign = p["side"]
    slot = 0 if sign == 1 else 1
    if p["count"] >= 4:
        _double(tracks[slot], p, sign)
    if p["count"] >= 6:
        _triple(tracks[2 + slot], p, sign)
        _head_shoulders(tracks[4 + slot], p, sign)


@kernel
def advance_reversals(
    state: Table,
    params: Table,  # noqa: ARG001
    columns: Matrix,
    prices: Series,
    sides: Series,
    ages: Series,
    volumes: Series,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the confidence in each reversal pattern."""
    p = state[0]["pivots"][0]
    tracks = state[0]["tracks"]
    for k in range(i, n):
        price = prices[k]
        if price != price:
            for j in range(7):
                out[j, k] = np.nan
            continue
        if take_row(p, price, sides[k], ages[k], volumes[k]):
            _detect_patterns(p, tracks)
        write_tracks(tracks, -1, columns[Column.CLOSE, k], p["row"], out, k)


REVERSALS = Feature(
    name="reversals",
    family="patterns",
    doc="Confidence in [0, 1] in each reversal pattern, 0 when there is none: the mean of its grades (equal tops, "
    "level neckline, preceding trend, symmetry in time, falling volume, prominent head), halved when its last pivot "
    "is confirmed and growing to the whole of it once a close has broken the neckline. It ends when refuted, fulfilled "
    "or as old as it was long. `completed`: in the row whose close is the first beyond a neckline, the confidence in "
    "that pattern, the strongest of several, negative for tops; 0 in all other rows. "
    "docs/reference/chart-patterns.md has the inequalities.",
    units="confidence; `completed` signed",
    source="Lo, Mamaysky and Wang (2000), Foundations of Technical Analysis; Bulkowski (2005), Encyclopedia of Chart "
    "Patterns; Edwards and Magee (1948), Technical Analysis of Stock Trends",
    inputs=INPUTS,
    outputs=(
        "double_top",
        "double_bottom",
        "triple_top",
        "triple_bottom",
        "head_shoulders",
        "inverse_head_shoulders",
        "completed",
    ),
    parameters=(THRESHOLD,),
    advance=advance_reversals,
    state_dtype=always(_STATE),
    warmup=always(ATR_LENGTH),
    parts=swing_parts,
)
