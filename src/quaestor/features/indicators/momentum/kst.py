"""Know sure thing: Pring's weighted sum of smoothed rates of change."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import push_delay, push_sum, window_dtype


def _state(*lengths: int) -> np.dtype[np.void]:
    rates, means, signal = lengths[:4], lengths[4:8], lengths[8]
    fields = [
        field
        for j, (rate, mean) in enumerate(zip(rates, means, strict=True), 1)
        for field in ((f"closes{j}", window_dtype(rate), (1,)), (f"rates{j}", window_dtype(mean), (1,)))
    ]
    return np.dtype([("count", "<i8"), *fields, ("signal", window_dtype(signal), (1,))], align=True)


def _first(*lengths: int) -> int:
    """Return the number of rows before the first sum."""
    return max(rate + mean for rate, mean in zip(lengths[:4], lengths[4:8], strict=True)) - 1


@kernel
def _smoothed_rate(closes: Table, rates: Table, count: int, rate: int, mean: int, x: float) -> float:
    """Add a close and return the mean of the last `mean` rates of change in percent over `rate` bars."""
    before = push_delay(closes, rate, x)
    if count < rate:
        return 0.0
    return push_sum(rates, mean, 100.0 * (x / before - 1.0) if before != 0.0 else 0.0) / mean


@kernel
def advance_kst(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sum of smoothed rates of change over four spans, longer ones weighing more, and its mean."""
    s = state[0]
    p = params[0]
    first = (
        max(max(p["roc1"] + p["sma1"], p["roc2"] + p["sma2"]), max(p["roc3"] + p["sma3"], p["roc4"] + p["sma4"])) - 1
    )
    signal_length = p["signal"]
    last = first + signal_length - 1
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(x):
            continue
        count = s["count"]
        value = _smoothed_rate(s["closes1"], s["rates1"], count, p["roc1"], p["sma1"], x)
        value += 2.0 * _smoothed_rate(s["closes2"], s["rates2"], count, p["roc2"], p["sma2"], x)
        value += 3.0 * _smoothed_rate(s["closes3"], s["rates3"], count, p["roc3"], p["sma3"], x)
        value += 4.0 * _smoothed_rate(s["closes4"], s["rates4"], count, p["roc4"], p["sma4"], x)
        if count >= first:
            signal = push_sum(s["signal"], signal_length, value) / signal_length
            if count == last:
                out[0, k] = value
                out[1, k] = signal
        s["count"] = min(count + 1, last)


KST = Feature(
    name="kst",
    family="momentum",
    doc="Know sure thing: sum over j = 1 … 4 of j · the mean over `smaj` bars of the percentage change over `rocj`; "
    "`signal`: its mean.",
    units="percent",
    source="Pring (1992), Rate of Change, Technical Analysis of Stocks and Commodities",
    inputs=(Column.CLOSE,),
    outputs=("kst", "signal"),
    parameters=(
        *(Integer(f"roc{j}", length, 1, 10_000, "bars") for j, length in enumerate((10, 15, 20, 30), 1)),
        *(Integer(f"sma{j}", length, 1, 10_000, "bars") for j, length in enumerate((10, 10, 10, 15), 1)),
        Integer("signal", 9, 1, 5_000, "bars"),
    ),
    advance=advance_kst,
    state_dtype=_state,
    warmup=lambda *lengths: _first(*lengths) + lengths[8] - 1,
)
