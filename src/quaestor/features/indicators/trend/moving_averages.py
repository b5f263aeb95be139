"""Moving averages of the close."""

import numpy as np

from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Table
from quaestor.kernels.multiply_add import multiply_add
from quaestor.kernels.rolling import push_sum, window_dtype

_EMA_STATE = np.dtype([("count", "<i8"), ("value", "<f8")], align=True)


@kernel
def advance_ema(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Exponential moving average, seeded with the mean of the first `length` values."""
    s = state[0]
    length = params[0]["length"]
    factor = 2.0 / (length + 1.0)
    count = s["count"]
    value = s["value"]
    close = columns[Column.CLOSE]
    for k in range(i, n):
        x = close[k]
        out[0, k] = np.nan
        if x - x != 0.0:
            continue
        if count >= length:
            value = multiply_add(x - value, factor, value)
        else:
            value += x
            count += 1
            if count < length:
                continue
            value /= length
        out[0, k] = value
    s["count"] = count
    s["value"] = value


def _sma_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("window", window_dtype(length), (1,))], align=True)


@kernel
def advance_sma(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Mean of the last `length` values."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if x - x != 0.0:
            continue
        total = push_sum(window, length, x)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = total / length
    s["count"] = count


EMA = Feature(
    name="ema",
    family="trend",
    doc="Exponential moving average: e += 2/(length+1) · (close − e), seeded with the mean of the "
    "first `length` closes.",
    units="price",
    source="TA-Lib EMA; Hunter (1986), The exponentially weighted moving average",
    inputs=(Column.CLOSE,),
    outputs=("ema",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_ema,
    state_dtype=always(_EMA_STATE),
    warmup=lambda length: length - 1,
)

SMA = Feature(
    name="sma",
    family="trend",
    doc="Simple moving average: the mean of the last `length` closes.",
    units="price",
    source="TA-Lib SMA",
    inputs=(Column.CLOSE,),
    outputs=("sma",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_sma,
    state_dtype=_sma_state,
    warmup=lambda length: length - 1,
)
