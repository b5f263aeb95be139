"""Fractional differencing: log close differenced to a fractional order, which preserves long memory."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import push_delay, window_dtype


def _difference_state(order: float, length: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("logs", window_dtype(length), (1,)), ("weights", "<f8", (length,))], align=True)


@kernel
def advance_fractional_difference(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the weighted sum of the last `length` log closes, with the binomial weights of (1 − B)^order."""
    s = state[0]
    length = params[0]["length"]
    weights, ring = s["weights"], s["logs"][0]["ring"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if s["count"] == 0:
            weights[0] = 1.0
            for j in range(1, length):
                weights[j] = weights[j - 1] * ((j - 1.0 - params[0]["order"]) / j)
        push_delay(s["logs"], length, natural_log(x))
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        newest = s["logs"][0]["position"] - 1 + length
        total = 0.0
        for j in range(length):
            total += weights[j] * ring[newest - j if newest - j < length else newest - j - length]
        out[0, k] = total


FRACTIONAL_DIFFERENCE = Feature(
    name="fractional_difference",
    family="statistical",
    doc="Fractionally differenced log close, fixed width: Σ w ln close, w₀ = 1, w_j = −w_{j−1} (order − j + 1)/j, "
    "over the last `length` bars. order 0 is the log close, 1 the log return. A close that is not positive counts as "
    "missing.",
    units="log price",
    source="López de Prado (2018), Advances in Financial Machine Learning, chapter 5; Hosking (1981)",
    inputs=(Column.CLOSE,),
    outputs=("fractional_difference",),
    parameters=(Real("order", 0.4, 0.0, 2.0, "order of the difference"), Integer("length", 100, 2, 10_000, "bars")),
    advance=advance_fractional_difference,
    state_dtype=_difference_state,
    warmup=lambda order, length: length - 1,  # noqa: ARG005
)
