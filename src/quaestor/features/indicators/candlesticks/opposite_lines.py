"""Candlestick patterns of two bars of opposite colors."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.candlesticks.candles import (
    body,
    candle,
    color_of,
    equal_margin,
    is_long,
    is_shadowless,
    is_within,
    lower_shadow,
    take_bar,
    tenth_of_range,
    upper_shadow,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table


@kernel
def _bounces(s: Row) -> bool:
    """Return whether a white bar opens below the low of a long black one."""
    return bool(color_of(s, 1) == -1 and color_of(s, 0) == 1 and is_long(s, 1) and s["open"][0] < s["low"][1])


@kernel
def _kicks(s: Row) -> bool:
    """Return whether two marubozu of opposite colors leave a gap between their ranges, away from the first."""
    if color_of(s, 1) == color_of(s, 0) or not (
        is_long(s, 1) and is_shadowless(s, 1) and is_long(s, 0) and is_shadowless(s, 0)
    ):
        return False
    return bool(s["low"][0] > s["high"][1] if color_of(s, 0) == 1 else s["high"][0] < s["low"][1])


@kernel
def advance_piercing(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long white body from below the low up into a long black one."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color_of(s, 1) == -1
                and color_of(s, 0) == 1
                and is_long(s, 1)
                and is_long(s, 0)
                and s["open"][0] < s["low"][1]
                and s["open"][1] > s["close"][0] > s["close"][1] + body(s, 1) * 0.5
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_darkcloudcover(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """A black body from above the high down into a long white one, by `penetration` of it."""
    s = state[0]
    penetration = params[0]["penetration"]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color_of(s, 1) == 1
                and color_of(s, 0) == -1
                and is_long(s, 1)
                and s["open"][0] > s["high"][1]
                and s["open"][1] < s["close"][0] < s["close"][1] - body(s, 1) * penetration
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_onneck(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """After a long black body a white one from below its low that closes at that low."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = _bounces(s) and is_within(s["close"][0], s["low"][1], equal_margin(s, 1))
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_inneck(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """After a long black body a white one from below its low that closes at its close or slightly above."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = _bounces(s) and s["close"][1] <= s["close"][0] <= s["close"][1] + equal_margin(s, 1)
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_thrusting(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """After a long black body a white one from below its low that closes in it, not above its middle."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                _bounces(s)
                and s["close"][0] > s["close"][1] + equal_margin(s, 1)
                and s["close"][0] <= s["close"][1] + body(s, 1) * 0.5
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_counterattack(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two long bodies of opposite colors with equal closes."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color_of(s, 1) == -color_of(s, 0)
                and is_long(s, 1)
                and is_long(s, 0)
                and is_within(s["close"][0], s["close"][1], equal_margin(s, 1))
            )
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_separatinglines(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long body without a shadow at its open, from the open of a bar of the other color."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color_of(s, 1) == -color_of(s, 0)
                and is_within(s["open"][0], s["open"][1], equal_margin(s, 1))
                and is_long(s, 0)
                and (lower_shadow(s, 0) if color_of(s, 0) == 1 else upper_shadow(s, 0)) < tenth_of_range(s, 0)
            )
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_kicking(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two marubozu of opposite colors with a gap between them; the sign of the second."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = _kicks(s)
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_kickingbylength(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two marubozu of opposite colors with a gap between them; the sign of the longer."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = _kicks(s)
            out[0, k] = 100.0 * color_of(s, 0 if body(s, 0) > body(s, 1) else 1) if found else 0.0


OPPOSITE_LINES: tuple[Feature, ...] = (
    candle(advance_piercing, 11),
    candle(advance_darkcloudcover, 11, penetration=0.5),
    candle(advance_onneck, 11),
    candle(advance_inneck, 11),
    candle(advance_thrusting, 11),
    candle(advance_counterattack, 11),
    candle(advance_separatinglines, 11),
    candle(advance_kicking, 11),
    candle(advance_kickingbylength, 11),
)
