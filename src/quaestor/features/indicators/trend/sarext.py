"""Extended parabolic SAR: parabolic stop and reverse with separate settings for up- and downtrends."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Real, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing

_STATE = np.dtype(
    [
        ("count", "<i8"),
        ("rising", "<i8"),  # 1 in an uptrend
        ("high", "<f8"),
        ("low", "<f8"),
        ("stop", "<f8"),  # of the next bar
        ("extreme", "<f8"),  # of the trend so far
        ("factor", "<f8"),
    ],
    align=True,
)


@kernel
def _begin(s: Row, p: Row, high: float, low: float) -> None:
    """Start the trend at the second bar: down when it extends the first bar's range further down than up."""
    down = s["low"] - low
    rising = not (down > 0.0 and down > high - s["high"])
    s["rising"] = 1 if rising else 0
    s["extreme"] = high if rising else low
    s["stop"] = s["low"] if rising else s["high"]
    s["factor"] = p["long_start"] if rising else p["short_start"]
    s["high"] = high
    s["low"] = low


@kernel
def _step(s: Row, p: Row, high: float, low: float) -> float:
    """Return the stop at this bar, negative in a downtrend, and advance the state to that of the next bar."""
    top = max(s["high"], high)
    bottom = min(s["low"], low)
    rising = s["rising"] == 1
    stop = s["stop"]
    if low <= stop if rising else high >= stop:
        rising = not rising
        stop = min(s["extreme"], bottom) if rising else max(s["extreme"], top)
        stop += stop * (-p["offset"] if rising else p["offset"])
        s["rising"] = 1 if rising else 0
        s["extreme"] = high if rising else low
        s["factor"] = p["long_start"] if rising else p["short_start"]
    elif high > s["extreme"] if rising else low < s["extreme"]:
        s["extreme"] = high if rising else low
        if rising:
            s["factor"] = min(s["factor"] + p["long_step"], p["long_maximum"])
        else:
            s["factor"] = min(s["factor"] + p["short_step"], p["short_maximum"])
    following = stop + s["factor"] * (s["extreme"] - stop)
    s["stop"] = min(following, bottom) if rising else max(following, top)
    s["high"] = high
    s["low"] = low
    return stop if rising else -stop


@kernel
def advance_sarext(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the parabolic stop, negative in a downtrend."""
    s = state[0]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        if s["count"] == 0:
            s["high"] = high
            s["low"] = low
            s["count"] = 1
            continue
        if s["count"] == 1:
            _begin(s, params[0], high, low)
            s["count"] = 2
        out[0, k] = _step(s, params[0], high, low)


def _conflict(
    offset: float,  # noqa: ARG001
    long_start: float,
    long_step: float,
    long_maximum: float,
    short_start: float,
    short_step: float,
    short_maximum: float,
) -> str:
    for side, start, step, maximum in (
        ("long", long_start, long_step, long_maximum),
        ("short", short_start, short_step, short_maximum),
    ):
        if max(start, step) > maximum:
            return f"{side}_start = {start} and {side}_step = {step} must not exceed {side}_maximum = {maximum}"
    return ""


SAREXT = Feature(
    name="sarext",
    family="trend",
    doc="Parabolic stop and reverse as `sar`, with separate start, step and maximum of the factor for uptrends "
    "(`long_…`) and downtrends (`short_…`), and the new stop `offset` of itself further away at a reversal; negative "
    "in a downtrend. Begins as `sar` does: TA-Lib's start value of 0.",
    units="price",
    source="TA-Lib SAREXT; Wilder (1978), New Concepts in Technical Trading Systems",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("sarext",),
    parameters=(
        Real("offset", 0.0, 0.0, 1.0, "ratio"),
        *(
            Real(f"{side}_{name}", default, 0.0001, 1.0, "ratio")
            for side in ("long", "short")
            for name, default in (("start", 0.02), ("step", 0.02), ("maximum", 0.2))
        ),
    ),
    advance=advance_sarext,
    state_dtype=always(_STATE),
    warmup=always(1),
    conflict=_conflict,
)
