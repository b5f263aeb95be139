"""Continuation patterns: flags and pennants, pauses of a steep move between parallel or converging lines."""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.patterns.pivots import (
    PIVOTS,
    TRACK,
    clip_to_unit,
    nearness,
    open_track,
    take_row,
    volume_decline,
    write_tracks,
)
from quaestor.features.indicators.patterns.swings import ATR_LENGTH, INPUTS, THRESHOLD, swing_parts
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table

Series = NDArray[np.float64]

_RETRACED = 0.5  # the pause retraces at most this share of the pole, the move before it
_SHALLOW = 0.25  # a retracement up to this share has the best grade

_STATE = np.dtype([("pivots", PIVOTS, (1,)), ("tracks", TRACK, (4,))], align=True)


@kernel
def _detect_patterns(p: Row, tracks: Table) -> None:
    """Detect a fall and a pause of three moves completed by the newest pivot; a rise is detected in negated prices."""
    sign = p["side"]
    prices, rows, volumes = p["prices"], p["rows"], p["volumes"]
    last, low, top, foot = sign * prices[0], sign * prices[1], sign * prices[2], sign * prices[3]
    pole = sign * prices[4] - foot
    width = rows[0] - rows[3]
    pace = pole / (rows[3] - rows[4])
    pace_inside = ((top - foot) + (top - low) + (last - low)) / width
    retraced = (max(top, last) - foot) / pole
    slope = (low - foot) / (rows[1] - rows[3])
    upper_slope = (last - top) / (rows[0] - rows[2])
    height = top + upper_slope * (rows[3] - rows[2]) - foot
    end = last - (low + slope * (rows[0] - rows[1]))
    if low < foot or retraced > _RETRACED or pace_inside > pace or height <= 0.0 or end <= 0.0:
        return
    convergence = 1.0 - end / height
    quiet = volume_decline(volumes[3], (volumes[2] + volumes[1] + volumes[0]) / 3.0)
    shallow = clip_to_unit((_RETRACED - retraced) / (_RETRACED - _SHALLOW))
    form = (clip_to_unit(pace / pace_inside - 1.0) + shallow + quiet) / 3.0
    parallel = nearness(2.0 * convergence)
    narrowing = 1.0 - parallel if convergence > 0.0 else 0.0
    slot = 0 if sign == -1 else 1
    limit = max(top, last)
    open_track(tracks[slot], p, 3, form * parallel, low, slope, limit, pole)
    open_track(tracks[2 + slot], p, 3, form * narrowing, low, slope, limit, pole)


@kernel
def advance_flags(
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
    """Write the confidence in each continuation pattern."""
    p = state[0]["pivots"][0]
    tracks = state[0]["tracks"]
    for k in range(i, n):
        price = prices[k]
        if price != price:
            for j in range(5):
                out[j, k] = np.nan
            continue
        if take_row(p, price, sides[k], ages[k], volumes[k]) and p["count"] >= 5:
            _detect_patterns(p, tracks)
        write_tracks(tracks, 1, columns[Column.CLOSE, k], p["row"], out, k)


FLAGS = Feature(
    name="flags",
    family="patterns",
    doc="Confidence in [0, 1] in each continuation pattern of a steep move, 0 when there is none: the share of the "
    "shape (parallel lines: flag; converging ones: pennant) of the mean of its grades (slower than the move, shallow, "
    "falling volume), halved when its last pivot is confirmed and growing to the whole of it once a close has broken "
    "out in the direction of the move. It ends when refuted, fulfilled or as old as the pause was long. `completed`: "
    "in the row whose close is the first to break out, the confidence in that pattern, the stronger of two, negative "
    "for a bearish one; 0 in all other rows. docs/reference/chart-patterns.md has the inequalities.",
    units="confidence; `completed` signed",
    source="Bulkowski (2005), Encyclopedia of Chart Patterns; Edwards and Magee (1948), Technical Analysis of Stock "
    "Trends",
    inputs=INPUTS,
    outputs=("bull_flag", "bear_flag", "bull_pennant", "bear_pennant", "completed"),
    parameters=(THRESHOLD,),
    advance=advance_flags,
    state_dtype=always(_STATE),
    warmup=always(ATR_LENGTH),
    parts=swing_parts,
)
