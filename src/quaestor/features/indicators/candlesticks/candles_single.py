"""Candlestick patterns of one bar."""

from quaestor.features.indicators.candlesticks.candles import (
    body,
    candle,
    color,
    lower,
    mean_body,
    take_bar,
    tenth,
    upper,
)
from quaestor.kernels.chain import Matrix
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Table


@kernel
def advance_doji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Open and close nearly equal."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth(s, 0)
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_dragonflydoji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji with a lower shadow only."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth(s, 0) and upper(s, 0) < tenth(s, 0) < lower(s, 0)
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_gravestonedoji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji with an upper shadow only."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth(s, 0) and lower(s, 0) < tenth(s, 0) < upper(s, 0)
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_longleggeddoji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji with a long shadow."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth(s, 0) and max(upper(s, 0), lower(s, 0)) > body(s, 0)
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_takuri(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A dragonfly doji with a very long lower shadow."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth(s, 0) and upper(s, 0) < tenth(s, 0) and lower(s, 0) > 2.0 * body(s, 0)
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_marubozu(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body without shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) > mean_body(s, 0) and max(upper(s, 0), lower(s, 0)) < tenth(s, 0)
            out[0, k] = 100.0 * color(s, 0) if found else 0.0


@kernel
def advance_closingmarubozu(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body without a shadow at its close."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) > mean_body(s, 0) and (upper(s, 0) if color(s, 0) == 1 else lower(s, 0)) < tenth(s, 0)
            out[0, k] = 100.0 * color(s, 0) if found else 0.0


@kernel
def advance_belthold(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body without a shadow at its open."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) > mean_body(s, 0) and (lower(s, 0) if color(s, 0) == 1 else upper(s, 0)) < tenth(s, 0)
            out[0, k] = 100.0 * color(s, 0) if found else 0.0


@kernel
def advance_spinningtop(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body between longer shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) < mean_body(s, 0) and min(upper(s, 0), lower(s, 0)) > body(s, 0)
            out[0, k] = 100.0 * color(s, 0) if found else 0.0


@kernel
def advance_highwave(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body between very long shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) < mean_body(s, 0) and min(upper(s, 0), lower(s, 0)) > 2.0 * body(s, 0)
            out[0, k] = 100.0 * color(s, 0) if found else 0.0


CDL_DOJI = candle("doji", advance_doji, 10, "Open and close nearly equal.")
CDL_DRAGONFLYDOJI = candle("dragonflydoji", advance_dragonflydoji, 10, "A doji with a lower shadow only.")
CDL_GRAVESTONEDOJI = candle("gravestonedoji", advance_gravestonedoji, 10, "A doji with an upper shadow only.")
CDL_LONGLEGGEDDOJI = candle("longleggeddoji", advance_longleggeddoji, 10, "A doji with a long shadow.")
CDL_TAKURI = candle("takuri", advance_takuri, 10, "A dragonfly doji with a very long lower shadow.")
CDL_MARUBOZU = candle("marubozu", advance_marubozu, 10, "A long body without shadows.")
CDL_CLOSINGMARUBOZU = candle(
    "closingmarubozu", advance_closingmarubozu, 10, "A long body without a shadow at its close."
)
CDL_BELTHOLD = candle("belthold", advance_belthold, 10, "A long body without a shadow at its open.")
CDL_SPINNINGTOP = candle("spinningtop", advance_spinningtop, 10, "A short body between longer shadows.")
CDL_HIGHWAVE = candle("highwave", advance_highwave, 10, "A short body between very long shadows.")
