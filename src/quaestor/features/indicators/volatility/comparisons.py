"""Relative volatility: short against long, current against past, and with against without jumps."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import push_max, push_min, window_dtype
from quaestor.numeric.sorted_window import push_sorted, share_below, sorted_dtype

_STATELESS = np.dtype([("unused", "<i8")])


@kernel
def advance_volatility_ratio(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    short: Matrix,
    long: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the volatility of the short window over that of the long one."""
    for k in range(i, n):
        out[0, k] = short[k] / long[k] if long[k] != 0.0 else 1.0


@kernel
def advance_jump_share(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    realised: Matrix,
    bipower: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the share of the realised variance that exceeds the bipower variation."""
    for k in range(i, n):
        smooth = bipower[k] / realised[k] if realised[k] != 0.0 else 1.0
        out[0, k] = 1.0 - smooth * smooth if not smooth > 1.0 else 0.0


@kernel
def advance_har(
    state: Table,  # noqa: ARG001
    params: Table,
    columns: Matrix,  # noqa: ARG001
    day: Matrix,
    week: Matrix,
    month: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the realised volatility of three horizons, each scaled to one bar."""
    p = params[0]
    for k in range(i, n):
        missing = (day[k] - day[k]) + (week[k] - week[k]) + (month[k] - month[k]) != 0.0
        out[0, k] = np.nan if missing else day[k] / np.sqrt(float(p["day"]))
        out[1, k] = np.nan if missing else week[k] / np.sqrt(float(p["week"]))
        out[2, k] = np.nan if missing else month[k] / np.sqrt(float(p["month"]))


def _rank_state(length: int, window: int) -> np.dtype[np.void]:  # noqa: ARG001
    extremes = window_dtype(window)
    return np.dtype([("count", "<i8"), ("highs", extremes, (1,)), ("lows", extremes, (1,))], align=True)


@kernel
def advance_volatility_rank(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    volatility: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the position of the volatility between the lowest and the highest of the window."""
    s = state[0]
    window = params[0]["window"]
    for k in range(i, n):
        x = volatility[k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        top = push_max(s["highs"], window, x)
        bottom = push_min(s["lows"], window, x)
        s["count"] = min(s["count"] + 1, window)
        if s["count"] == window:
            out[0, k] = (x - bottom) / (top - bottom) if top > bottom else 0.5


def _percentile_state(length: int, window: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("values", sorted_dtype(window), (1,))], align=True)


@kernel
def advance_volatility_percentile(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    volatility: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the share of the window's volatilities below this one."""
    s = state[0]
    window = params[0]["window"]
    for k in range(i, n):
        x = volatility[k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        push_sorted(s["values"], window, x)
        s["count"] = min(s["count"] + 1, window)
        if s["count"] == window:
            out[0, k] = share_below(s["values"], window, x)


_MISSING = "A close that is not positive counts as missing."
_WINDOW = Integer("window", 100, 2, 10_000, "bars")
_LENGTH = Integer("length", 20, 2, 10_000, "bars")

VOLATILITY_RATIO = Feature(
    name="volatility_ratio",
    family="volatility",
    doc=f"`volatility` of `short` log returns over that of `long`; ≥ 0; 1 when nothing moved. {_MISSING}",
    units="ratio",
    source="Sinclair (2013), Volatility Trading, chapter 3",
    inputs=(Column.CLOSE,),
    outputs=("volatility_ratio",),
    parameters=(Integer("short", 10, 2, 10_000, "bars"), Integer("long", 60, 3, 10_000, "bars")),
    advance=advance_volatility_ratio,
    state_dtype=always(_STATELESS),
    warmup=max,
    conflict=lambda short, long: "" if short < long else f"short = {short} must be shorter than long = {long}",
    parts=lambda short, long: (f"volatility_{short}", f"volatility_{long}"),
)

JUMP_SHARE = Feature(
    name="jump_share",
    family="volatility",
    doc="1 − (`bipower` / `realised`)², not below 0, over the last `length` log returns: the share of the variance "
    f"due to jumps; in [0, 1]; 0 when nothing moved. {_MISSING}",
    units="share",
    source="Huang and Tauchen (2005), The Relative Contribution of Jumps to Total Price Variance",
    inputs=(Column.CLOSE,),
    outputs=("jump_share",),
    parameters=(_LENGTH,),
    advance=advance_jump_share,
    state_dtype=always(_STATELESS),
    warmup=lambda length: length,
    parts=lambda length: (f"realised_{length}", f"bipower_{length}"),
)

HAR = Feature(
    name="har",
    family="volatility",
    doc="Roots of the mean squared log return of the last `day`, `week` and `month` bars: the components of a "
    f"heterogeneous autoregression of volatility, all for one bar; ≥ 0. The defaults are for hours. {_MISSING}",
    units="fraction per bar",
    source="Corsi (2009), A Simple Approximate Long-Memory Model of Realized Volatility",
    inputs=(Column.CLOSE,),
    outputs=("day", "week", "month"),
    parameters=(
        Integer("day", 24, 1, 10_000, "bars"),
        Integer("week", 168, 1, 10_000, "bars"),
        Integer("month", 720, 1, 10_000, "bars"),
    ),
    advance=advance_har,
    state_dtype=always(_STATELESS),
    warmup=max,
    conflict=lambda day, week, month: "" if day <= week <= month else "day, week and month must ascend",
    parts=lambda day, week, month: (f"realised_{day}", f"realised_{week}", f"realised_{month}"),
)

VOLATILITY_RANK = Feature(
    name="volatility_rank",
    family="volatility",
    doc="Position of `volatility` between the lowest and the highest of its last `window` values; in [0, 1]; 0.5 when "
    f"it did not change. {_MISSING}",
    units="share of the range",
    source="Natenberg (2014), Option Volatility and Pricing, chapter 20",
    inputs=(Column.CLOSE,),
    outputs=("volatility_rank",),
    parameters=(_LENGTH, _WINDOW),
    advance=advance_volatility_rank,
    state_dtype=_rank_state,
    warmup=lambda length, window: length + window - 1,
    parts=lambda length, window: (f"volatility_{length}",),  # noqa: ARG005
)

VOLATILITY_PERCENTILE = Feature(
    name="volatility_percentile",
    family="volatility",
    doc="Share of the last `window` values of `volatility` that lie below this one, equal ones counted half; in (0, 1)."
    f" {_MISSING}",
    units="share",
    source="Natenberg (2014), Option Volatility and Pricing, chapter 20",
    inputs=(Column.CLOSE,),
    outputs=("volatility_percentile",),
    parameters=(_LENGTH, _WINDOW),
    advance=advance_volatility_percentile,
    state_dtype=_percentile_state,
    warmup=lambda length, window: length + window - 1,
    parts=lambda length, window: (f"volatility_{length}",),  # noqa: ARG005
)
