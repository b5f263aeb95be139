"""Candlestick patterns of two bars: hammers, stars, engulfing bodies and harami."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.candlesticks.candles import (
    body,
    body_bottom,
    body_top,
    candle,
    color_of,
    equal_margin,
    gap_down,
    gap_up,
    is_long,
    is_within,
    lower_shadow,
    mean_body,
    near_margin,
    take_bar,
    tenth_of_range,
    upper_shadow,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table


@kernel
def _engulfing(s: Row) -> float:
    """Return ±100 for an engulfing body, ±80 where only one end exceeds the previous body, otherwise 0."""
    sign = color_of(s, 0)
    if color_of(s, 1) != -sign:
        return 0.0
    after, before = sign * (s["close"][0] - s["open"][1]), sign * (s["close"][1] - s["open"][0])
    if not (after >= 0.0 and before >= 0.0 and (after > 0.0 or before > 0.0)):
        return 0.0
    return sign * (100.0 if after > 0.0 and before > 0.0 else 80.0)


@kernel
def _inside(s: Row, limit: float) -> float:
    """Return ±100 for a body of at most `limit` inside a long one, ±80 where they share an end, otherwise 0."""
    if not (is_long(s, 1) and body(s, 0) <= limit):
        return 0.0
    if body_top(s, 0) < body_top(s, 1) and body_bottom(s, 0) > body_bottom(s, 1):
        return -100.0 * color_of(s, 1)
    return (
        -80.0 * color_of(s, 1) if body_top(s, 0) <= body_top(s, 1) and body_bottom(s, 0) >= body_bottom(s, 1) else 0.0
    )


@kernel
def advance_hammer(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body above a long lower shadow, near the previous low."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                body(s, 0) < mean_body(s, 0)
                and lower_shadow(s, 0) > body(s, 0)
                and upper_shadow(s, 0) < tenth_of_range(s, 0)
                and body_bottom(s, 0) <= s["low"][1] + near_margin(s, 1)
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_hangingman(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body above a long lower shadow, near the previous high."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                body(s, 0) < mean_body(s, 0)
                and lower_shadow(s, 0) > body(s, 0)
                and upper_shadow(s, 0) < tenth_of_range(s, 0)
                and body_bottom(s, 0) >= s["high"][1] - near_margin(s, 1)
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_invertedhammer(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body below a long upper shadow, after a gap down."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                body(s, 0) < mean_body(s, 0)
                and upper_shadow(s, 0) > body(s, 0)
                and lower_shadow(s, 0) < tenth_of_range(s, 0)
                and gap_down(s, 0)
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_shootingstar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body below a long upper shadow, after a gap up."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                body(s, 0) < mean_body(s, 0)
                and upper_shadow(s, 0) > body(s, 0)
                and lower_shadow(s, 0) < tenth_of_range(s, 0)
                and gap_up(s, 0)
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_dojistar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji beyond a long body."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                is_long(s, 1)
                and body(s, 0) <= tenth_of_range(s, 0)
                and (gap_up(s, 0) if color_of(s, 1) == 1 else gap_down(s, 0))
            )
            out[0, k] = -100.0 * color_of(s, 1) if found else 0.0


@kernel
def advance_engulfing(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A body that covers the previous one, of the other color; ±80 where they share an end."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 2):
            out[0, k] = _engulfing(s)


@kernel
def advance_harami(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body inside a long one; ±80 where they share an end."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            out[0, k] = _inside(s, mean_body(s, 0))


@kernel
def advance_haramicross(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji inside a long body; ±80 where they share an end."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            out[0, k] = _inside(s, tenth_of_range(s, 0))


@kernel
def advance_homingpigeon(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short black body inside a long black one."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color_of(s, 1) == color_of(s, 0) == -1
                and is_long(s, 1)
                and body(s, 0) <= mean_body(s, 0)
                and s["open"][0] < s["open"][1]
                and s["close"][0] > s["close"][1]
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_matchinglow(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two black bodies with equal closes."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 6):
            found = color_of(s, 1) == color_of(s, 0) == -1 and is_within(
                s["close"][0], s["close"][1], equal_margin(s, 1)
            )
            out[0, k] = 100.0 if found else 0.0


TWO_BARS: tuple[Feature, ...] = (
    candle(advance_hammer, 11),
    candle(advance_hangingman, 11),
    candle(advance_invertedhammer, 11),
    candle(advance_shootingstar, 11),
    candle(advance_dojistar, 11),
    candle(advance_engulfing, 2),
    candle(advance_harami, 11),
    candle(advance_haramicross, 11),
    candle(advance_homingpigeon, 11),
    candle(advance_matchinglow, 6),
)
