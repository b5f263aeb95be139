"""Candlestick patterns of three bars and more."""

from quaestor.features.indicators.candlesticks.candles import (
    body,
    bottom,
    candle,
    color,
    gap_down,
    gap_up,
    lower,
    mean_body,
    mean_range,
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
def soldiers(s: Row, j: int) -> bool:
    """Whether bar j marches on from the white bar before it."""
    before = j + 1
    starts = s["open"][before] < s["open"][j] <= s["close"][before] + near(s, before)
    far = mean_range(s, before, 5, 0.6)
    grows = s["close"][j] > s["close"][before] and body(s, j) > body(s, before) - far
    return bool(color(s, j) == 1 and upper(s, j) < tenth(s, j) and starts and grows)


@kernel
def crows(s: Row, j: int) -> bool:
    """Whether bar j falls on from the black bar before it."""
    before = j + 1
    starts = s["close"][before] < s["open"][j] < s["open"][before]
    return bool(color(s, j) == -1 and lower(s, j) < tenth(s, j) and starts and s["close"][j] < s["close"][before])


@kernel
def advance_morningstar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long black body, a short one below a gap, a white one that closes 0.3 into the first."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                body(s, 2) > mean_body(s, 2)
                and color(s, 2) == -1
                and body(s, 1) <= mean_body(s, 1)
                and gap_down(s, 1)
                and body(s, 0) > mean_body(s, 0)
                and color(s, 0) == 1
                and s["close"][0] > s["close"][2] + body(s, 2) * 0.3
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_eveningstar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long white body, a short one above a gap, a black one that closes 0.3 into the first."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                body(s, 2) > mean_body(s, 2)
                and color(s, 2) == 1
                and body(s, 1) <= mean_body(s, 1)
                and gap_up(s, 1)
                and body(s, 0) > mean_body(s, 0)
                and color(s, 0) == -1
                and s["close"][0] < s["close"][2] - body(s, 2) * 0.3
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_morningdojistar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A morning star whose second bar is a doji."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                body(s, 2) > mean_body(s, 2)
                and color(s, 2) == -1
                and body(s, 1) <= tenth(s, 1)
                and gap_down(s, 1)
                and body(s, 0) > mean_body(s, 0)
                and color(s, 0) == 1
                and s["close"][0] > s["close"][2] + body(s, 2) * 0.3
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_eveningdojistar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """An evening star whose second bar is a doji."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                body(s, 2) > mean_body(s, 2)
                and color(s, 2) == 1
                and body(s, 1) <= tenth(s, 1)
                and gap_up(s, 1)
                and body(s, 0) > mean_body(s, 0)
                and color(s, 0) == -1
                and s["close"][0] < s["close"][2] - body(s, 2) * 0.3
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_three_inside(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A harami and a close beyond its first open."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                body(s, 2) > mean_body(s, 2)
                and body(s, 1) <= mean_body(s, 1)
                and top(s, 1) < top(s, 2)
                and bottom(s, 1) > bottom(s, 2)
                and color(s, 0) == -color(s, 2)
                and color(s, 0) * (s["close"][0] - s["open"][2]) > 0.0
            )
            out[0, k] = -100.0 * color(s, 2) if found else 0.0


@kernel
def advance_three_outside(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """An engulfing body and a close beyond it."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 3):
            found = (
                color(s, 1) == -color(s, 2)
                and color(s, 1) * (s["close"][1] - s["open"][2]) > 0.0
                and color(s, 1) * (s["close"][2] - s["open"][1]) > 0.0
                and color(s, 1) * (s["close"][0] - s["close"][1]) > 0.0
            )
            out[0, k] = 100.0 * color(s, 1) if found else 0.0


@kernel
def advance_three_whitesoldiers(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three white bodies, each opening in or near the one before, with higher closes and hardly an upper shadow."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                soldiers(s, 1)
                and soldiers(s, 0)
                and color(s, 2) == 1
                and upper(s, 2) < tenth(s, 2)
                and body(s, 0) > mean_body(s, 0)
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_three_blackcrows(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """After a white bar three black bodies, each opening in the one before, with lower closes and few shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 13):
            found = (
                color(s, 3) == 1
                and color(s, 2) == -1
                and lower(s, 2) < tenth(s, 2)
                and crows(s, 1)
                and crows(s, 0)
                and s["high"][3] > s["close"][2]
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_xsidegap3methods(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A gap that the third bar closes."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 2):
            found = (
                color(s, 2) == color(s, 1) == -color(s, 0)
                and bottom(s, 1) < s["open"][0] < top(s, 1)
                and bottom(s, 2) < s["close"][0] < top(s, 2)
                and (gap_up(s, 1) if color(s, 2) == 1 else gap_down(s, 1))
            )
            out[0, k] = 100.0 * color(s, 2) if found else 0.0


CDL_MORNINGSTAR = candle(
    "morningstar",
    advance_morningstar,
    12,
    "A long black body, a short one below a gap, a white one that closes 0.3 into the first.",
)
CDL_EVENINGSTAR = candle(
    "eveningstar",
    advance_eveningstar,
    12,
    "A long white body, a short one above a gap, a black one that closes 0.3 into the first.",
)
CDL_MORNINGDOJISTAR = candle(
    "morningdojistar", advance_morningdojistar, 12, "A morning star whose second bar is a doji."
)
CDL_EVENINGDOJISTAR = candle(
    "eveningdojistar", advance_eveningdojistar, 12, "An evening star whose second bar is a doji."
)
CDL_3INSIDE = candle("3inside", advance_three_inside, 12, "A harami and a close beyond its first open.")
CDL_3OUTSIDE = candle("3outside", advance_three_outside, 3, "An engulfing body and a close beyond it.")
CDL_3WHITESOLDIERS = candle(
    "3whitesoldiers",
    advance_three_whitesoldiers,
    12,
    "Three white bodies, each opening in or near the one before, with higher closes and hardly an upper shadow.",
)
CDL_3BLACKCROWS = candle(
    "3blackcrows",
    advance_three_blackcrows,
    13,
    "After a white bar three black bodies, each opening in the one before, with lower closes and few shadows.",
)
CDL_XSIDEGAP3METHODS = candle("xsidegap3methods", advance_xsidegap3methods, 2, "A gap that the third bar closes.")
