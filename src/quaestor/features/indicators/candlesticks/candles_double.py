"""Candlestick patterns of two bars."""

from quaestor.features.indicators.candlesticks.candles import (
    body,
    bottom,
    candle,
    color,
    gap_down,
    gap_up,
    lower,
    mean_body,
    near,
    take_bar,
    tenth,
    top,
    upper,
)
from quaestor.kernels.chain import Matrix
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row, Table


@kernel
def _engulfing(s: Row) -> float:
    """80 where only one end of the body goes beyond the one before."""
    sign = color(s, 0)
    if color(s, 1) != -sign:
        return 0.0
    after, before = sign * (s["close"][0] - s["open"][1]), sign * (s["close"][1] - s["open"][0])
    if not (after >= 0.0 and before >= 0.0 and (after > 0.0 or before > 0.0)):
        return 0.0
    return sign * (100.0 if after > 0.0 and before > 0.0 else 80.0)


@kernel
def _inside(s: Row, limit: float) -> float:
    """A body of at most `limit` in a long one: 80 where they share an end."""
    if not (body(s, 1) > mean_body(s, 1) and body(s, 0) <= limit):
        return 0.0
    if top(s, 0) < top(s, 1) and bottom(s, 0) > bottom(s, 1):
        return -100.0 * color(s, 1)
    return -80.0 * color(s, 1) if top(s, 0) <= top(s, 1) and bottom(s, 0) >= bottom(s, 1) else 0.0


@kernel
def advance_hammer(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body above a long lower shadow, near the low before."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                body(s, 0) < mean_body(s, 0)
                and lower(s, 0) > body(s, 0)
                and upper(s, 0) < tenth(s, 0)
                and bottom(s, 0) <= s["low"][1] + near(s, 1)
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_hangingman(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body above a long lower shadow, near the high before."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                body(s, 0) < mean_body(s, 0)
                and lower(s, 0) > body(s, 0)
                and upper(s, 0) < tenth(s, 0)
                and bottom(s, 0) >= s["high"][1] - near(s, 1)
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
                and upper(s, 0) > body(s, 0)
                and lower(s, 0) < tenth(s, 0)
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
                body(s, 0) < mean_body(s, 0) and upper(s, 0) > body(s, 0) and lower(s, 0) < tenth(s, 0) and gap_up(s, 0)
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_dojistar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji beyond a long body."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                body(s, 1) > mean_body(s, 1)
                and body(s, 0) <= tenth(s, 0)
                and (gap_up(s, 0) if color(s, 1) == 1 else gap_down(s, 0))
            )
            out[0, k] = -100.0 * color(s, 1) if found else 0.0


@kernel
def advance_piercing(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long white body from below the low up into a long black one."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color(s, 1) == -1
                and color(s, 0) == 1
                and body(s, 1) > mean_body(s, 1)
                and body(s, 0) > mean_body(s, 0)
                and s["open"][0] < s["low"][1]
                and s["open"][1] > s["close"][0] > s["close"][1] + body(s, 1) * 0.5
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_darkcloudcover(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A black body from above the high down into a long white one."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color(s, 1) == 1
                and color(s, 0) == -1
                and body(s, 1) > mean_body(s, 1)
                and s["open"][0] > s["high"][1]
                and s["open"][1] < s["close"][0] < s["close"][1] - body(s, 1) * 0.5
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_homingpigeon(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short black body inside a long black one."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            found = (
                color(s, 1) == -1
                and color(s, 0) == -1
                and body(s, 1) > mean_body(s, 1)
                and body(s, 0) <= mean_body(s, 0)
                and s["open"][0] < s["open"][1]
                and s["close"][0] > s["close"][1]
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_engulfing(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A body that covers the one before, of the other color."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 2):
            out[0, k] = _engulfing(s)


@kernel
def advance_harami(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A short body inside a long one."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            out[0, k] = _inside(s, mean_body(s, 0))


@kernel
def advance_haramicross(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A doji inside a long body."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 11):
            out[0, k] = _inside(s, tenth(s, 0))


CDL_HAMMER = candle("hammer", advance_hammer, 11, "A short body above a long lower shadow, near the low before.")
CDL_HANGINGMAN = candle(
    "hangingman", advance_hangingman, 11, "A short body above a long lower shadow, near the high before."
)
CDL_INVERTEDHAMMER = candle(
    "invertedhammer", advance_invertedhammer, 11, "A short body below a long upper shadow, after a gap down."
)
CDL_SHOOTINGSTAR = candle(
    "shootingstar", advance_shootingstar, 11, "A short body below a long upper shadow, after a gap up."
)
CDL_DOJISTAR = candle("dojistar", advance_dojistar, 11, "A doji beyond a long body.")
CDL_PIERCING = candle(
    "piercing", advance_piercing, 11, "A long white body from below the low up into a long black one."
)
CDL_DARKCLOUDCOVER = candle(
    "darkcloudcover", advance_darkcloudcover, 11, "A black body from above the high down into a long white one."
)
CDL_HOMINGPIGEON = candle("homingpigeon", advance_homingpigeon, 11, "A short black body inside a long black one.")
CDL_ENGULFING = candle(
    "engulfing",
    advance_engulfing,
    2,
    "A body that covers the one before, of the other color; ±80 where they share an end.",
)
CDL_HARAMI = candle("harami", advance_harami, 11, "A short body inside a long one; ±80 where they share an end.")
CDL_HARAMICROSS = candle(
    "haramicross", advance_haramicross, 11, "A doji inside a long body; ±80 where they share an end."
)
