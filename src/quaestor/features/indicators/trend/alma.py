"""Arnaud Legoux moving average: mean of the closes with Gaussian weights over their age."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import exponential, is_missing
from quaestor.numeric.rolling import push_delay, ring_capacity, window_dtype


def _state(length: int, offset: float, sigma: float) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype(
        [
            ("count", "<i8"),
            ("total", "<f8"),
            ("weights", "<f8", (ring_capacity(length),)),  # the newest close's first
            ("window", window_dtype(length), (1,)),
        ],
        align=True,
    )


@kernel
def _weigh(s: Row, length: int, offset: float, sigma: float) -> None:
    weights = s["weights"]
    middle = offset * (length - 1.0)
    spread = length / sigma
    total = 0.0
    for age in range(length):
        distance = (length - 1.0 - age - middle) / spread
        weights[age] = exponential(-0.5 * distance * distance)
        total += weights[age]
    s["total"] = total


@kernel
def advance_alma(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean of the closes with Gaussian weights over their age."""
    s = state[0]
    length = params[0]["length"]
    weights = s["weights"]
    window = s["window"][0]
    ring = window["ring"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        if s["count"] == 0:
            _weigh(s, length, params[0]["offset"], params[0]["sigma"])
        push_delay(s["window"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        newest = window["position"] - 1
        total = 0.0
        for age in range(length):
            slot = newest - age
            total += weights[age] * (ring[slot if slot >= 0 else slot + length] - x)
        out[0, k] = x + total / s["total"]


ALMA = Feature(
    name="alma",
    family="trend",
    doc="Arnaud Legoux moving average: closes weighted by exp(−(j − m)² / (2 s²)), j = 0 for the oldest of `length`, "
    "m = `offset` · (length − 1), s = length / `sigma`.",
    units="price",
    source="Legoux and Kouzis-Loukas (2009), Arnaud Legoux Moving Average",
    inputs=(Column.CLOSE,),
    outputs=("alma",),
    parameters=(
        Integer("length", 9, 1, 10_000, "bars"),
        Real("offset", 0.85, 0.0, 1.0, "ratio"),
        Real("sigma", 6.0, 0.1, 100.0, "deviations in a window"),
    ),
    advance=advance_alma,
    state_dtype=_state,
    warmup=lambda length, offset, sigma: length - 1,  # noqa: ARG005
)
