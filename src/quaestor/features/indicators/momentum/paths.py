"""Path measures of the close: Chande's momentum oscillator as published and the vertical horizontal filter."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import push_max, push_min, push_sum, window_dtype


def _cmou_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("gains", window, (1,)), ("losses", window, (1,))], align=True)


@kernel
def advance_cmou(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write gains less losses of the window as a share of both, in percent."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        if s["count"] > 0:
            gain = push_sum(s["gains"], length, max(x - s["close"], 0.0))
            loss = push_sum(s["losses"], length, max(s["close"] - x, 0.0))
            if s["count"] == length:
                out[0, k] = 100.0 * ((gain - loss) / (gain + loss)) if gain + loss > 0.0 else 0.0
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


def _vhf_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    names = ("tops", "bottoms", "path")
    return np.dtype([("count", "<i8"), ("close", "<f8"), *((name, window, (1,)) for name in names)], align=True)


@kernel
def advance_vhf(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the range of the closes as a share of the sum of their absolute changes."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        top = push_max(s["tops"], length, x)
        bottom = push_min(s["bottoms"], length, x)
        if s["count"] > 0:
            path = push_sum(s["path"], length, abs(x - s["close"]))
            if s["count"] == length:
                out[0, k] = (top - bottom) / path if path > 0.0 else 0.0
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


CMOU = Feature(
    name="cmou",
    family="momentum",
    doc="Chande momentum oscillator as published: 100 · (gains − losses) / (gains + losses), sums of the last `length` "
    "changes of the close; in [−100, 100]; 0 when nothing moved.",
    units="percent",
    source="TA-Lib CMOU; Chande and Kroll (1994), The New Technical Trader",
    inputs=(Column.CLOSE,),
    outputs=("cmou",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_cmou,
    state_dtype=_cmou_state,
    warmup=lambda length: length,
)

VHF = Feature(
    name="vhf",
    family="momentum",
    doc="Vertical horizontal filter: (highest − lowest) of the last `length` closes / sum of the last `length` "
    "absolute changes; in [0, 1]; 0 when nothing moved.",
    units="ratio",
    source="TA-Lib VHF; White (1991), The Vertical Horizontal Filter",
    inputs=(Column.CLOSE,),
    outputs=("vhf",),
    parameters=(Integer("length", 28, 2, 10_000, "bars"),),
    advance=advance_vhf,
    state_dtype=_vhf_state,
    warmup=lambda length: length,
)
