"""Candlestick patterns of three bars without a gap."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.candlesticks.candles import (
    bare,
    body,
    bottom,
    candle,
    color,
    equal,
    far,
    is_long,
    lower,
    mean_body,
    mean_shadow,
    near,
    take_bar,
    tenth,
    top,
    upper,
    within,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table


@kernel
def rises(s: Row, j: int) -> bool:
    """Return whether bar j is white, opens in or near the upper part of the previous white body and closes higher."""
    before = j + 1
    starts = s["open"][before] < s["open"][j] <= s["close"][before] + near(s, before)
    return bool(color(s, before) == color(s, j) == 1 and starts and s["close"][j] > s["close"][before])


@kernel
def soldiers(s: Row, j: int) -> bool:
    """Return whether bar j continues the previous white bar, nearly as large and with a very short upper shadow."""
    return rises(s, j) and upper(s, j) < tenth(s, j) and body(s, j) > body(s, j + 1) - far(s, j + 1)


@kernel
def crows(s: Row, j: int) -> bool:
    """Return whether bar j continues the fall of the previous black bar."""
    before = j + 1
    starts = s["close"][before] < s["open"][j] < s["open"][before]
    return bool(color(s, j) == -1 and lower(s, j) < tenth(s, j) and starts and s["close"][j] < s["close"][before])


@kernel
def weakens(s: Row) -> bool:
    """Return whether the bodies shrink, at once or gradually, or shrink slightly with longer upper shadows."""
    first, second, third = body(s, 2), body(s, 1), body(s, 0)
    return (
        (second < first - far(s, 2) and third < second + near(s, 1))
        or third < second - far(s, 1)
        or (third < second < first and (upper(s, 0) > mean_shadow(s, 0) or upper(s, 1) > mean_shadow(s, 1)))
        or (third < second and upper(s, 0) > third)
    )


@kernel
def advance_3inside(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A harami and a close beyond its first open."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_long(s, 2)
                and body(s, 1) <= mean_body(s, 1)
                and top(s, 1) < top(s, 2)
                and bottom(s, 1) > bottom(s, 2)
                and color(s, 0) == -color(s, 2)
                and color(s, 0) * (s["close"][0] - s["open"][2]) > 0.0
            )
            out[0, k] = -100.0 * color(s, 2) if found else 0.0


@kernel
def advance_3outside(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
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
def advance_3whitesoldiers(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three white bodies, each opening in or near the previous one, higher closes and very short upper shadows."""
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
def advance_3blackcrows(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """After a white bar three black bodies, each opening in the previous one, with lower closes and few shadows."""
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
def advance_identical3crows(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three black bodies, each opening at the previous close, with lower closes and very short lower shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                color(s, 2) == color(s, 1) == color(s, 0) == -1
                and lower(s, 2) < tenth(s, 2)
                and lower(s, 1) < tenth(s, 1)
                and lower(s, 0) < tenth(s, 0)
                and s["close"][2] > s["close"][1] > s["close"][0]
                and within(s["open"][1], s["close"][2], equal(s, 2))
                and within(s["open"][0], s["close"][1], equal(s, 1))
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_advanceblock(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three white bodies with higher closes, each opening in or near the previous one, that grow weaker."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                rises(s, 1)
                and rises(s, 0)
                and color(s, 2) == 1
                and is_long(s, 2)
                and upper(s, 2) < mean_shadow(s, 2)
                and weakens(s)
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_stalledpattern(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two long white bodies, the second without upper shadow, and a short one on its shoulder."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                rises(s, 1)
                and color(s, 2) == color(s, 0) == 1
                and s["close"][0] > s["close"][1]
                and is_long(s, 2)
                and is_long(s, 1)
                and upper(s, 1) < tenth(s, 1)
                and body(s, 0) < mean_body(s, 0)
                and s["open"][0] >= s["close"][1] - body(s, 0) - near(s, 1)
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_3starsinsouth(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three black bodies, each shorter and higher in its low than the previous one, and the last without shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                color(s, 2) == color(s, 1) == color(s, 0) == -1
                and is_long(s, 2)
                and lower(s, 2) > body(s, 2)
                and body(s, 1) < body(s, 2)
                and s["close"][2] < s["open"][1] <= s["high"][2]
                and s["low"][2] <= s["low"][1] < s["close"][2]
                and lower(s, 1) > tenth(s, 1)
                and body(s, 0) < mean_body(s, 0)
                and bare(s, 0)
                and s["low"][0] > s["low"][1]
                and s["high"][0] < s["high"][1]
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_unique3river(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long black body, a black one in it with a lower low, a short white one above that low."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_long(s, 2)
                and color(s, 2) == color(s, 1) == -1
                and s["close"][1] > s["close"][2]
                and s["open"][1] <= s["open"][2]
                and s["low"][1] < s["low"][2]
                and body(s, 0) < mean_body(s, 0)
                and color(s, 0) == 1
                and s["open"][0] > s["low"][1]
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_sticksandwich(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two black bodies with equal closes and a white one above them in between."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 7):
            found = (
                color(s, 2) == color(s, 0) == -color(s, 1) == -1
                and s["low"][1] > s["close"][2]
                and within(s["close"][0], s["close"][2], equal(s, 2))
            )
            out[0, k] = 100.0 if found else 0.0


THREE_BARS: tuple[Feature, ...] = (
    candle(advance_3inside, 12),
    candle(advance_3outside, 3),
    candle(advance_3whitesoldiers, 12),
    candle(advance_3blackcrows, 13),
    candle(advance_identical3crows, 12),
    candle(advance_advanceblock, 12),
    candle(advance_stalledpattern, 12),
    candle(advance_3starsinsouth, 12),
    candle(advance_unique3river, 12),
    candle(advance_sticksandwich, 7),
)
