"""Candlestick patterns of one bar."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.candlesticks.candles import (
    body,
    body_bottom,
    body_top,
    candle,
    color_of,
    is_long,
    is_shadowless,
    lower_shadow,
    mean_body,
    mean_shadow,
    near_margin,
    take_bar,
    tenth_of_range,
    upper_shadow,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table


@kernel
def middle(s: Row) -> float:
    """Return the midpoint of the newest bar's range."""
    return float(s["low"][0] + (s["high"][0] - s["low"][0]) / 2.0)


@kernel
def advance_doji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Open and close nearly equal."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth_of_range(s, 0)
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_dragonflydoji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji with a lower shadow only."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth_of_range(s, 0) and upper_shadow(s, 0) < tenth_of_range(s, 0) < lower_shadow(
                s, 0
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_gravestonedoji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji with an upper shadow only."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth_of_range(s, 0) and lower_shadow(s, 0) < tenth_of_range(s, 0) < upper_shadow(
                s, 0
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_longleggeddoji(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji with a long shadow."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) <= tenth_of_range(s, 0) and max(upper_shadow(s, 0), lower_shadow(s, 0)) > body(s, 0)
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_rickshawman(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji between long shadows, near the middle of its range."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = (
                body(s, 0) <= tenth_of_range(s, 0)
                and min(upper_shadow(s, 0), lower_shadow(s, 0)) > body(s, 0)
                and body_bottom(s, 0) <= middle(s) + near_margin(s, 0)
                and body_top(s, 0) >= middle(s) - near_margin(s, 0)
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_takuri(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A dragonfly doji with a very long lower shadow."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = (
                body(s, 0) <= tenth_of_range(s, 0)
                and upper_shadow(s, 0) < tenth_of_range(s, 0)
                and lower_shadow(s, 0) > 2.0 * body(s, 0)
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_marubozu(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body without shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = is_long(s, 0) and is_shadowless(s, 0)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_closingmarubozu(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body without a shadow at its close."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = is_long(s, 0) and (
                upper_shadow(s, 0) if color_of(s, 0) == 1 else lower_shadow(s, 0)
            ) < tenth_of_range(s, 0)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_belthold(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body without a shadow at its open."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = is_long(s, 0) and (
                lower_shadow(s, 0) if color_of(s, 0) == 1 else upper_shadow(s, 0)
            ) < tenth_of_range(s, 0)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_longline(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body between short shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = is_long(s, 0) and max(upper_shadow(s, 0), lower_shadow(s, 0)) < mean_shadow(s, 0)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_shortline(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body between short shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) < mean_body(s, 0) and max(upper_shadow(s, 0), lower_shadow(s, 0)) < mean_shadow(s, 0)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_spinningtop(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body between longer shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) < mean_body(s, 0) and min(upper_shadow(s, 0), lower_shadow(s, 0)) > body(s, 0)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_highwave(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body between very long shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            found = body(s, 0) < mean_body(s, 0) and min(upper_shadow(s, 0), lower_shadow(s, 0)) > 2.0 * body(s, 0)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


ONE_BAR: tuple[Feature, ...] = (
    candle(advance_doji, 10),
    candle(advance_dragonflydoji, 10),
    candle(advance_gravestonedoji, 10),
    candle(advance_longleggeddoji, 10),
    candle(advance_rickshawman, 10),
    candle(advance_takuri, 10),
    candle(advance_marubozu, 10),
    candle(advance_closingmarubozu, 10),
    candle(advance_belthold, 10),
    candle(advance_longline, 10),
    candle(advance_shortline, 10),
    candle(advance_spinningtop, 10),
    candle(advance_highwave, 10),
)
