"""Relative vigor index: Ehlers' ratio of bodies to ranges."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import push_sum, window_dtype


def _state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    series = [(name, "<f8", (4,)) for name in ("bodies", "ranges", "values")]
    return np.dtype([("count", "<i8"), *series, ("body", window, (1,)), ("range", window, (1,))], align=True)


@kernel
def _push_symmetric(series: Table, x: float) -> float:
    """Add x and return the average of the last four values with the weights 1, 2, 2, 1."""
    series[3] = series[2]
    series[2] = series[1]
    series[1] = series[0]
    series[0] = x
    value: float = (series[0] + 2.0 * series[1] + 2.0 * series[2] + series[3]) / 6.0
    return value


@kernel
def advance_rvgi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write bodies as a share of ranges over a window, and the symmetric average of the share."""
    s = state[0]
    length = params[0]["length"]
    first = length + 2
    last = first + 3
    for k in range(i, n):
        opened, high, low = columns[Column.OPEN, k], columns[Column.HIGH, k], columns[Column.LOW, k]
        close = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(opened, high, low) or is_missing(close):
            continue
        body = _push_symmetric(s["bodies"], close - opened)
        reach = _push_symmetric(s["ranges"], high - low)
        if s["count"] >= 3:
            bodies = push_sum(s["body"], length, body)
            ranges = push_sum(s["range"], length, reach)
            if s["count"] >= first:
                value = bodies / ranges if ranges > 0.0 else 0.0
                signal = _push_symmetric(s["values"], value)
                if s["count"] == last:
                    out[0, k] = value
                    out[1, k] = signal
        s["count"] = min(s["count"] + 1, last)


RVGI = Feature(
    name="rvgi",
    family="momentum",
    doc="Relative vigor index: sum over `length` bars of a / sum of b, a and b the averages with the weights 1, 2, 2, "
    "1 of close − open and of high − low; in [−1, 1]; 0 without range; `signal`: its average with those weights.",
    units="ratio",
    source="Ehlers (2002), Relative Vigor Index",
    inputs=(Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("rvgi", "signal"),
    parameters=(Integer("length", 10, 1, 10_000, "bars"),),
    advance=advance_rvgi,
    state_dtype=_state,
    warmup=lambda length: length + 5,
)
