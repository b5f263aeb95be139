"""Volume indices: price changes accumulated by the direction of volume, and range per volume."""

from collections.abc import Callable

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing

_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("volume", "<f8"), ("total", "<f8")], align=True)
_BASE = 1000.0


@kernel
def _advance_index(state: Table, columns: Matrix, out: Matrix, i: int, n: int, sign: float) -> None:
    s = state[0]
    for k in range(i, n):
        close, volume = columns[Column.CLOSE, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(close, volume, 0.0):
            continue
        if s["count"] == 0:
            s["count"] = 1
            s["total"] = _BASE
        elif sign * (volume - s["volume"]) > 0.0 and s["close"] != 0.0:
            s["total"] += s["total"] * ((close - s["close"]) / s["close"])
        s["close"] = close
        s["volume"] = volume
        out[0, k] = s["total"]


@kernel
def advance_nvi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the compounded changes of bars with falling volume."""
    _advance_index(state, columns, out, i, n, -1.0)


@kernel
def advance_pvi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the compounded changes of bars with rising volume."""
    _advance_index(state, columns, out, i, n, 1.0)


@kernel
def advance_pvt(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the running total of volume times relative change."""
    s = state[0]
    for k in range(i, n):
        close, volume = columns[Column.CLOSE, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(close, volume, 0.0):
            continue
        if s["count"] > 0 and s["close"] != 0.0:
            s["total"] += volume * ((close - s["close"]) / s["close"])
        s["close"] = close
        s["count"] = 1
        out[0, k] = s["total"]


@kernel
def advance_marketfi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the range per volume."""
    for k in range(i, n):
        high, low, volume = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if not any_missing(high, low, volume):
            out[0, k] = (high - low) / volume if volume > 0.0 else 0.0


def _feature(
    name: str, advance: Callable[..., None], inputs: tuple[Column, ...], units: str, doc: str, source: str
) -> Feature:
    return Feature(
        name=name,
        family="volume",
        doc=doc,
        units=units,
        source=f"TA-Lib {name.upper()}; {source}",
        inputs=inputs,
        outputs=(name,),
        parameters=(),
        advance=advance,
        state_dtype=always(_STATE),
        warmup=always(0),
    )


_INPUTS = (Column.CLOSE, Column.VOLUME)
_FOSBACK = "Fosback (1976), Stock Market Logic"

NVI = _feature(
    "nvi",
    advance_nvi,
    _INPUTS,
    "index",
    "Negative volume index: 1000 at first, moved by the close's change as a fraction where the volume fell.",
    _FOSBACK,
)
PVI = _feature(
    "pvi",
    advance_pvi,
    _INPUTS,
    "index",
    "Positive volume index: 1000 at first, moved by the close's change as a fraction where the volume rose.",
    _FOSBACK,
)
PVT = _feature(
    "pvt",
    advance_pvt,
    _INPUTS,
    "base units",
    "Price volume trend: running total of volume · (close / previous close − 1); begins with 0.",
    "Achelis (2000), Technical Analysis from A to Z",
)
MARKETFI = _feature(
    "marketfi",
    advance_marketfi,
    (Column.HIGH, Column.LOW, Column.VOLUME),
    "price per base unit",
    "Market facilitation index: (high − low) / volume; ≥ 0; 0 when nothing was traded.",
    "Williams (1995), Trading Chaos",
)
