"""Fisher transform: Ehlers' transform of the price's position in its range."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, natural_log
from quaestor.numeric.rolling import push_max, push_min, window_dtype

_LIMIT = 0.999


def _state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("place", "<f8"), ("fisher", "<f8"), ("tops", window, (1,)), ("bottoms", window, (1,))],
        align=True,
    )


@kernel
def advance_fisher(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the transformed position of the bar's midpoint, and its previous value."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        middle = (high + low) / 2.0
        top = push_max(s["tops"], length, middle)
        bottom = push_min(s["bottoms"], length, middle)
        s["count"] = min(s["count"] + 1, length + 1)
        if s["count"] < length:
            continue
        centred = (middle - bottom) / (top - bottom) - 0.5 if top > bottom else 0.0
        place = 0.66 * centred + 0.67 * s["place"]
        s["place"] = min(max(place, -_LIMIT), _LIMIT)
        before = s["fisher"]
        s["fisher"] = 0.5 * natural_log((1.0 + s["place"]) / (1.0 - s["place"])) + 0.5 * before
        if s["count"] > length:
            out[0, k] = s["fisher"]
            out[1, k] = before


FISHER = Feature(
    name="fisher",
    family="momentum",
    doc="Fisher transform f ← ½ ln((1 + v) / (1 − v)) + ½ f, where v ← 0.66 · (p − ½) + 0.67 v, clipped to "
    "[−0.999, 0.999], and p is the position of (high + low) / 2 in the range of its last `length` values, ½ without "
    "range; both begin with 0; `signal`: f a bar ago; in [−7.6, 7.6].",
    units="ratio",
    source="Ehlers (2002), Using the Fisher Transform",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("fisher", "signal"),
    parameters=(Integer("length", 10, 2, 10_000, "bars"),),
    advance=advance_fisher,
    state_dtype=_state,
    warmup=lambda length: length,
)
