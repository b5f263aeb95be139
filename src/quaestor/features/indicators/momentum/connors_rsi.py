"""Connors RSI: mean of the RSI of the close, the RSI of its streak and the percentile rank of its change."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.momentum.rsi import RSI
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import AVERAGE, push_wilder
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.sorted_window import first_not_below, push_sorted, sorted_dtype

_NOTHING = 1e-290  # averages that have decayed below this are treated as no movement


def _state(length: int, streak: int, rank: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype(
        [
            ("count", "<i8"),
            ("close", "<f8"),
            ("streak", "<f8"),  # number of successive rises of the close, negative for falls
            ("gain", AVERAGE, (1,)),
            ("loss", AVERAGE, (1,)),
            ("changes", sorted_dtype(rank), (1,)),
        ],
        align=True,
    )


@kernel
def _push_streak(s: Row, length: int, x: float) -> float:
    """Add a close and return the relative strength index of the streak."""
    before = s["streak"]
    if x > s["close"]:
        s["streak"] = max(before, 0.0) + 1.0
    elif x < s["close"]:
        s["streak"] = min(before, 0.0) - 1.0
    else:
        s["streak"] = 0.0
    change = s["streak"] - before
    gain = push_wilder(s["gain"], length, max(change, 0.0))
    loss = push_wilder(s["loss"], length, max(-change, 0.0))
    return 100.0 * (gain / (gain + loss)) if not gain + loss < _NOTHING else 0.0


@kernel
def advance_connors_rsi(state: Table, params: Table, columns: Matrix, rsi: Table, out: Matrix, i: int, n: int) -> None:
    """Write the mean of the RSI of the close, the RSI of its streak, and the percentile rank of its change."""
    s = state[0]
    streak_length = params[0]["streak"]
    rank_length = params[0]["rank"]
    last = max(max(params[0]["length"], streak_length), rank_length + 1)
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        if s["count"] > 0:
            of_streak = _push_streak(s, streak_length, x)
            change = x / s["close"] - 1.0 if s["close"] != 0.0 else 0.0
            rank = 100.0 * (first_not_below(s["changes"][0]["ordered"], s["changes"][0]["count"], change) / rank_length)
            push_sorted(s["changes"], rank_length, change)
            if s["count"] == last:
                out[0, k] = (rsi[k] + of_streak + rank) / 3.0
        s["close"] = x
        s["count"] = min(s["count"] + 1, last)


CONNORS_RSI = Feature(
    name="connors_rsi",
    family="momentum",
    doc="(RSI of `length` closes + RSI of `streak` values of the number of successive rises of the close, negative for "
    "falls + percent of the `rank` previous changes that are smaller than this one) / 3; in [0, 100].",
    units="percent",
    source="Connors and Alvarez (2012), An Introduction to ConnorsRSI",
    inputs=(Column.CLOSE,),
    outputs=("connors_rsi",),
    parameters=(
        Integer("length", 3, 2, 10_000, "bars"),
        Integer("streak", 2, 2, 10_000, "bars"),
        Integer("rank", 100, 1, 10_000, "bars"),
    ),
    advance=advance_connors_rsi,
    state_dtype=_state,
    warmup=lambda length, streak, rank: max(length, streak, rank + 1),
    parts=lambda length, streak, rank: (RSI.instance(length).name,),  # noqa: ARG005
)
