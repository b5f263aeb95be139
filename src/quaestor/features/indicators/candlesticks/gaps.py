"""Candlestick patterns of three bars with a gap: stars, and continuations after a gap."""

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
    mean_body,
    near_margin,
    take_bar,
    tenth_of_range,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table


@kernel
def _abandoned(s: Row, penetration: float) -> bool:
    """Return whether the second bar's range lies beyond both others, and the third closes well into the first body."""
    depth = body(s, 2) * penetration
    if color_of(s, 2) == 1:
        beyond = s["low"][1] > s["high"][2] and s["low"][1] > s["high"][0]
        return bool(color_of(s, 0) == -1 and beyond and s["close"][0] < s["close"][2] - depth)
    beyond = s["high"][1] < s["low"][2] and s["high"][1] < s["low"][0]
    return bool(color_of(s, 0) == 1 and beyond and s["close"][0] > s["close"][2] + depth)


@kernel
def _enters_gap(s: Row) -> bool:
    """Return whether the newest bar closes in the gap between the first body and the second."""
    if color_of(s, 1) == 1:
        return bool(gap_up(s, 1) and body_top(s, 2) < s["close"][0] < s["open"][1])
    return bool(gap_down(s, 1) and s["open"][1] < s["close"][0] < body_bottom(s, 2))


@kernel
def advance_morningstar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """A long black body, a short one below a gap, a white one that closes `penetration` into the first."""
    s = state[0]
    penetration = params[0]["penetration"]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_long(s, 2)
                and color_of(s, 2) == -1
                and body(s, 1) <= mean_body(s, 1)
                and gap_down(s, 1)
                and is_long(s, 0)
                and color_of(s, 0) == 1
                and s["close"][0] > s["close"][2] + body(s, 2) * penetration
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_eveningstar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """A long white body, a short one above a gap, a black one that closes `penetration` into the first."""
    s = state[0]
    penetration = params[0]["penetration"]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_long(s, 2)
                and color_of(s, 2) == 1
                and body(s, 1) <= mean_body(s, 1)
                and gap_up(s, 1)
                and is_long(s, 0)
                and color_of(s, 0) == -1
                and s["close"][0] < s["close"][2] - body(s, 2) * penetration
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_morningdojistar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """A morning star whose second bar is a doji."""
    s = state[0]
    penetration = params[0]["penetration"]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_long(s, 2)
                and color_of(s, 2) == -1
                and body(s, 1) <= tenth_of_range(s, 1)
                and gap_down(s, 1)
                and is_long(s, 0)
                and color_of(s, 0) == 1
                and s["close"][0] > s["close"][2] + body(s, 2) * penetration
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_eveningdojistar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """An evening star whose second bar is a doji."""
    s = state[0]
    penetration = params[0]["penetration"]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_long(s, 2)
                and color_of(s, 2) == 1
                and body(s, 1) <= tenth_of_range(s, 1)
                and gap_up(s, 1)
                and is_long(s, 0)
                and color_of(s, 0) == -1
                and s["close"][0] < s["close"][2] - body(s, 2) * penetration
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_abandonedbaby(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """A star whose second bar is a doji with gaps between its range and those of both others."""
    s = state[0]
    penetration = params[0]["penetration"]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_long(s, 2)
                and body(s, 1) <= tenth_of_range(s, 1)
                and body(s, 0) > mean_body(s, 0)
                and _abandoned(s, penetration)
            )
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_tristar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three dojis, the second beyond a gap, the third less far."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = max(body(s, 2), body(s, 1), body(s, 0)) <= tenth_of_range(s, 2) and (
                (gap_up(s, 1) and body_top(s, 0) < body_top(s, 1))
                or (gap_down(s, 1) and body_bottom(s, 0) > body_bottom(s, 1))
            )
            out[0, k] = (-100.0 if gap_up(s, 1) else 100.0) if found else 0.0


@kernel
def advance_2crows(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long white body, a black one above a gap, a black one from inside the second into the first."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                color_of(s, 2) == 1
                and is_long(s, 2)
                and color_of(s, 1) == -1
                and gap_up(s, 1)
                and color_of(s, 0) == -1
                and s["close"][1] < s["open"][0] < s["open"][1]
                and s["open"][2] < s["close"][0] < s["close"][2]
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_upsidegap2crows(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long white body, a short black one above a gap, a black one around it that keeps the gap."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                color_of(s, 2) == 1
                and is_long(s, 2)
                and color_of(s, 1) == -1
                and body(s, 1) <= mean_body(s, 1)
                and gap_up(s, 1)
                and color_of(s, 0) == -1
                and s["open"][0] > s["open"][1]
                and s["close"][2] < s["close"][0] < s["close"][1]
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_xsidegap3methods(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A gap that the third bar closes."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 2):
            found = (
                color_of(s, 2) == color_of(s, 1) == -color_of(s, 0)
                and body_bottom(s, 1) < s["open"][0] < body_top(s, 1)
                and body_bottom(s, 2) < s["close"][0] < body_top(s, 2)
                and (gap_up(s, 1) if color_of(s, 2) == 1 else gap_down(s, 1))
            )
            out[0, k] = 100.0 * color_of(s, 2) if found else 0.0


@kernel
def advance_tasukigap(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A gap in the direction of the second bar that a third, of the other color and its size, enters."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 7):
            found = (
                color_of(s, 0) == -color_of(s, 1)
                and body_bottom(s, 1) < s["open"][0] < body_top(s, 1)
                and abs(body(s, 1) - body(s, 0)) < near_margin(s, 1)
                and _enters_gap(s)
            )
            out[0, k] = 100.0 * color_of(s, 1) if found else 0.0


@kernel
def advance_gapsidesidewhite(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two white bodies side by side beyond a gap, equal in open and nearly in size."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 7):
            found = (
                (
                    (gap_up(s, 1) and body_bottom(s, 0) > body_top(s, 2))
                    or (gap_down(s, 1) and body_top(s, 0) < body_bottom(s, 2))
                )
                and color_of(s, 1) == color_of(s, 0) == 1
                and is_within(body(s, 0), body(s, 1), near_margin(s, 1))
                and is_within(s["open"][0], s["open"][1], equal_margin(s, 1))
            )
            out[0, k] = (100.0 if gap_up(s, 1) else -100.0) if found else 0.0


GAPS: tuple[Feature, ...] = (
    candle(advance_morningstar, 12, penetration=0.3),
    candle(advance_eveningstar, 12, penetration=0.3),
    candle(advance_morningdojistar, 12, penetration=0.3),
    candle(advance_eveningdojistar, 12, penetration=0.3),
    candle(advance_abandonedbaby, 12, penetration=0.3),
    candle(advance_tristar, 12),
    candle(advance_2crows, 12),
    candle(advance_upsidegap2crows, 12),
    candle(advance_xsidegap3methods, 2),
    candle(advance_tasukigap, 7),
    candle(advance_gapsidesidewhite, 7),
)
