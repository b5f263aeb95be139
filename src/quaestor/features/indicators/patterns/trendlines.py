"""Trendline patterns: triangles, wedges and channels between two straight lines through the last five pivots."""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.patterns.pivots import PIVOTS, balance, nearness, take_row, volume_decline
from quaestor.features.indicators.patterns.swings import ATR_LENGTH, INPUTS, THRESHOLD, swing_parts
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table

Series = NDArray[np.float64]

_BENT = 0.25  # the middle of three pivots lies within this share of the height of the line through the outer two

_SHAPES = 8
_BREAKOUT = _SHAPES
_COMPLETED = _SHAPES + 1

_STATE = np.dtype(
    [
        ("pivots", PIVOTS, (1,)),
        ("live", "<i8"),  # 1 while a pair of lines is tracked
        ("upper", "<f8"),  # price at row `anchor`
        ("upper_slope", "<f8"),  # price per row
        ("lower", "<f8"),
        ("lower_slope", "<f8"),
        ("anchor", "<i8"),
        ("height", "<f8"),
        ("until", "<i8"),  # last row
        ("breakout", "<i8"),  # 1 once a close was above both lines, −1 below
        ("grades", "<f8", (_SHAPES,)),  # confidence in each shape
    ],
    align=True,
)


@kernel
def _grade(s: Row, shift: float, convergence: float, bounded: float, converging: float) -> None:
    """Distribute the quality as parallel lines and as converging ones among the shapes.

    The shares of neighbouring shapes change continuously into one another, and their sum is at most 1.

    Args:
        s: state, whose `grades` are written.
        shift: rise of the middle between the lines, in heights.
        convergence: share of the height lost from the first pivot to the last.
        bounded: quality as parallel lines.
        converging: quality as converging ones.
    """
    grades = s["grades"]
    parallel = bounded * nearness(2.0 * convergence)
    narrowing = converging * (1.0 - nearness(2.0 * convergence)) if convergence > 0.0 else 0.0
    tilt = 2.0 * shift / convergence if convergence > 0.0 else 0.0
    grades[0] = narrowing * nearness(tilt)
    grades[1] = narrowing * nearness(tilt - 1.0)
    grades[2] = narrowing * nearness(tilt + 1.0)
    grades[3] = narrowing * (1.0 - nearness(tilt - 1.0)) if tilt > 1.0 else 0.0
    grades[4] = narrowing * (1.0 - nearness(tilt + 1.0)) if tilt < -1.0 else 0.0
    grades[5] = parallel * (1.0 - nearness(shift)) if shift > 0.0 else 0.0
    grades[6] = parallel * (1.0 - nearness(shift)) if shift < 0.0 else 0.0
    grades[7] = parallel * nearness(shift)


@kernel
def _fit_lines(s: Row, p: Row) -> None:
    """Fit lines to the last five pivots, and track them when they enclose a pattern."""
    prices, rows, volumes = p["prices"], p["rows"], p["volumes"]
    sign = p["side"]
    width = rows[0] - rows[4]
    slope = (prices[0] - prices[4]) / width
    other_slope = (prices[1] - prices[3]) / (rows[1] - rows[3])
    other = prices[1] + other_slope * (rows[0] - rows[1])
    end = sign * (prices[0] - other)
    height = sign * (prices[4] - (prices[3] + other_slope * (rows[4] - rows[3])))
    if end <= 0.0 or height <= 0.0:
        return
    bent = abs(prices[2] - (prices[4] + slope * (rows[2] - rows[4]))) / height
    if bent > _BENT:
        return
    shift = 0.5 * (slope + other_slope) * width / height
    convergence = 1.0 - end / height
    straight = 1.0 - bent / _BENT
    regular = balance(rows[0] - rows[2], rows[2] - rows[4])
    quiet = volume_decline(volumes[3] + volumes[2], volumes[1] + volumes[0])
    _grade(s, shift, convergence, (straight + regular) / 2.0, (straight + regular + quiet) / 3.0)
    s["live"] = 1
    s["upper"], s["upper_slope"] = (prices[0], slope) if sign == 1 else (other, other_slope)
    s["lower"], s["lower_slope"] = (other, other_slope) if sign == 1 else (prices[0], slope)
    s["anchor"] = rows[0]
    s["height"] = height
    s["until"] = p["row"] + width
    s["breakout"] = 0


@kernel
def _update_lines(s: Row, close: float, row: int) -> bool:
    """Update the tracked lines at a row and return whether the pattern or its breakout still holds."""
    ahead = row - s["anchor"]
    upper = s["upper"] + s["upper_slope"] * ahead
    lower = s["lower"] + s["lower_slope"] * ahead
    side = (1 if close > upper else 0) - (1 if close < lower else 0)
    refuted = side * s["breakout"] == -1
    fulfilled = close > upper + s["height"] or close < lower - s["height"]
    if row > s["until"] or upper <= lower or refuted or fulfilled:
        s["live"] = 0
        return False
    if side != 0:
        s["breakout"] = side
    return True


@kernel
def advance_trendlines(
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
    """Write the confidence in each shape, the breakout and the completed pattern."""
    s = state[0]
    p = s["pivots"][0]
    for k in range(i, n):
        price = prices[k]
        if price != price:
            for j in range(_SHAPES + 2):
                out[j, k] = np.nan
            continue
        if take_row(p, price, sides[k], ages[k], volumes[k]) and p["count"] >= 5:
            _fit_lines(s, p)
        inside = s["breakout"] == 0
        holds = s["live"] == 1 and _update_lines(s, columns[Column.CLOSE, k], p["row"])
        strongest = 0.0
        for j in range(_SHAPES):
            out[j, k] = s["grades"][j] if holds else 0.0
            strongest = max(strongest, out[j, k])
        out[_BREAKOUT, k] = s["breakout"] if holds else 0.0
        out[_COMPLETED, k] = s["breakout"] * strongest if inside else 0.0


TRENDLINES = Feature(
    name="trendlines",
    family="patterns",
    doc="Confidence in [0, 1] in each shape of the two lines through the last five pivots, 0 when there is none: its "
    "share (converging or parallel; rising, level or falling) of the mean of the grades (straight, symmetric in time, "
    "falling volume where the lines converge). `breakout`: 1 once a close was above both lines, −1 below, else 0; "
    "`completed`: in the row in which that happens the largest share, with its sign; 0 in all other rows. A pattern "
    "ends when its lines cross, when it is refuted, fulfilled, or as old as it was long. "
    "docs/reference/chart-patterns.md has the formulas.",
    units="confidence; `breakout` sign; `completed` signed",
    source="Lo, Mamaysky and Wang (2000), Foundations of Technical Analysis; Bulkowski (2005), Encyclopedia of Chart "
    "Patterns; Edwards and Magee (1948), Technical Analysis of Stock Trends",
    inputs=INPUTS,
    outputs=(
        "symmetric_triangle",
        "ascending_triangle",
        "descending_triangle",
        "rising_wedge",
        "falling_wedge",
        "channel_up",
        "channel_down",
        "channel_flat",
        "breakout",
        "completed",
    ),
    parameters=(THRESHOLD,),
    advance=advance_trendlines,
    state_dtype=always(_STATE),
    warmup=always(ATR_LENGTH),
    parts=swing_parts,
)
