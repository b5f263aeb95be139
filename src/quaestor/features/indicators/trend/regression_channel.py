"""Regression channel: width of the channel around the least-squares line, and the close's position in it."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import push_aged
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows


@kernel
def _residuals(window: Table, length: int, x: float, rise: float, slope: float) -> float:
    """Return the sum of squared distances of the closes from the line, which ends `rise` above the newest close x."""
    w = window[0]
    ring = w["ring"]
    newest = w["position"] - 1
    total = 0.0
    for age in range(length):
        slot = newest - age
        distance = ring[slot if slot >= 0 else slot + length] - x - (rise - slope * age)
        total += distance * distance
    return total


@kernel
def advance_linearreg_channel(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the width of the channel as a share of the line's value, and the close's position in it."""
    s = state[0]
    length = params[0]["length"]
    width = params[0]["width"]
    middle = (length - 1.0) / 2.0
    spread = length * (length * length - 1.0) / 12.0
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(x):
            continue
        total, aged = push_aged(s["window"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        slope = (middle * total - aged) / spread
        rise = total / length + slope * middle
        reach = width * np.sqrt(_residuals(s["window"], length, x, rise, slope) / length)
        line = x + rise
        out[0, k] = 2.0 * reach / line if line != 0.0 else 0.0
        out[1, k] = 0.5 - 0.5 * (rise / reach) if reach > 0.0 else 0.5


LINEARREG_CHANNEL = Feature(
    name="linearreg_channel",
    family="trend",
    doc="Channel of `width` root mean squared distances on both sides of the least-squares line through the last "
    "`length` closes: `width` is its width / the line's value at this bar, `position` that of the close, 0 at the "
    "lower and 1 at the upper line; 0.5 when the closes lie on the line.",
    units="ratio",
    source="Raff (1996), Trading the Regression Channel, with deviations in place of extremes",
    inputs=(Column.CLOSE,),
    outputs=("width", "position"),
    parameters=(Integer("length", 50, 3, 10_000, "bars"), Real("width", 2.0, 0.01, 100.0, "deviations")),
    advance=advance_linearreg_channel,
    state_dtype=counted_windows("window"),
    warmup=lambda length, width: length - 1,  # noqa: ARG005
)
