"""Kaufman's adaptive moving average: its factor follows the efficiency ratio of the closes."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing, same_within_rounding
from quaestor.numeric.rolling import push_delay, push_sum, window_dtype


def _kama_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("close", "<f8"), ("value", "<f8"), ("closes", window, (1,)), ("path", window, (1,))],
        align=True,
    )


@kernel
def advance_kama(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write Kaufman's adaptive average: fast where closes move in one direction, slow where they oscillate."""
    s = state[0]
    length = params[0]["length"]
    fast = 2.0 / 3.0
    slow = 2.0 / 31.0
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        before = push_delay(s["closes"], length, x)
        if s["count"] > 0:
            path = push_sum(s["path"], length, abs(x - s["close"]))
            if s["count"] == length:
                net = abs(x - before)
                straight = path <= net or path <= 0.0 or same_within_rounding(path, net)
                efficiency = 1.0 if straight else net / path
                factor = efficiency * (fast - slow) + slow
                s["value"] += (x - s["value"]) * (factor * factor)
                out[0, k] = s["value"]
        if s["count"] < length:
            s["value"] = x
            s["count"] += 1
        s["close"] = x


KAMA = Feature(
    name="kama",
    family="trend",
    doc="Kaufman's adaptive moving average: a += c² · (close − a), c = 2/31 + e · (2/3 − 2/31), e the efficiency ratio "
    "over `length` bars (1 when nothing moved); starts at the close before the first value.",
    units="price",
    source="TA-Lib KAMA; Kaufman (1995), Smarter Trading",
    inputs=(Column.CLOSE,),
    outputs=("kama",),
    parameters=(Integer("length", 10, 2, 10_000, "bars"),),
    advance=advance_kama,
    state_dtype=_kama_state,
    warmup=lambda length: length,
)
