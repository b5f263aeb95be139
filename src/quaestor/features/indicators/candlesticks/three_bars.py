"""Candlestick patterns of three bars without a gap."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.candlesticks.candles import (
    body,
    body_bottom,
    body_top,
    candle,
    color_of,
    equal_margin,
    far_margin,
    is_long,
    is_shadowless,
    is_within,
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
def is_rising_soldier(s: Row, j: int) -> bool:
    """Return whether bar j is white, opens in or near the upper part of the previous white body and closes higher."""
    before = j + 1
    starts = s["open"][before] < s["open"][j] <= s["close"][before] + near_margin(s, before)
    return bool(color_of(s, before) == color_of(s, j) == 1 and starts and s["close"][j] > s["close"][before])


@kernel
def is_white_soldier(s: Row, j: int) -> bool:
    """Return whether bar j continues the previous white bar, nearly as large and with a very short upper shadow."""
    return (
        is_rising_soldier(s, j)
        and upper_shadow(s, j) < tenth_of_range(s, j)
        and body(s, j) > body(s, j + 1) - far_margin(s, j + 1)
    )


@kernel
def is_black_crow(s: Row, j: int) -> bool:
    """Return whether bar j continues the fall of the previous black bar."""
    before = j + 1
    starts = s["close"][before] < s["open"][j] < s["open"][before]
    return bool(
        color_of(s, j) == -1
        and lower_shadow(s, j) < tenth_of_range(s, j)
        and starts
        and s["close"][j] < s["close"][before]
    )


@kernel
def is_weakening(s: Row) -> bool:
    """Return whether the bodies shrink, at once or gradually, or shrink slightly with longer upper shadows."""
    first, second, third = body(s, 2), body(s, 1), body(s, 0)
    return (
        (second < first - far_margin(s, 2) and third < second + near_margin(s, 1))
        or third < second - far_margin(s, 1)
        or (
            third < second < first
            and (upper_shadow(s, 0) > mean_shadow(s, 0) or upper_shadow(s, 1) > mean_shadow(s, 1))
        )
        or (third < second and upper_shadow(s, 0) > third)
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
                and body_top(s, 1) < body_top(s, 2)
                and body_bottom(s, 1) > body_bottom(s, 2)
                and color_of(s, 0) == -color_of(s, 2)
                and color_of(s, 0) * (s["close"][0] - s["open"][2]) > 0.0
            )
            out[0, k] = -100.0 * color_of(s, 2) if found else 0.0


@kernel
def advance_3outside(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """An engulfing body and a close beyond it."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 3):
            found = (
                color_of(s, 1) == -color_of(s, 2)
                and color_of(s, 1) * (s["close"][1] - s["open"][2]) > 0.0
                and color_of(s, 1) * (s["close"][2] - s["open"][1]) > 0.0
                and color_of(s, 1) * (s["close"][0] - s["close"][1]) > 0.0
            )
            out[0, k] = 100.0 * color_of(s, 1) if found else 0.0


@kernel
def advance_3whitesoldiers(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three white bodies, each opening in or near the previous one, higher closes and very short upper shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_white_soldier(s, 1)
                and is_white_soldier(s, 0)
                and color_of(s, 2) == 1
                and upper_shadow(s, 2) < tenth_of_range(s, 2)
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
                color_of(s, 3) == 1
                and color_of(s, 2) == -1
                and lower_shadow(s, 2) < tenth_of_range(s, 2)
                and is_black_crow(s, 1)
                and is_black_crow(s, 0)
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
                color_of(s, 2) == color_of(s, 1) == color_of(s, 0) == -1
                and lower_shadow(s, 2) < tenth_of_range(s, 2)
                and lower_shadow(s, 1) < tenth_of_range(s, 1)
                and lower_shadow(s, 0) < tenth_of_range(s, 0)
                and s["close"][2] > s["close"][1] > s["close"][0]
                and is_within(s["open"][1], s["close"][2], equal_margin(s, 2))
                and is_within(s["open"][0], s["close"][1], equal_margin(s, 1))
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_advanceblock(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three white bodies with higher closes, each opening in or near the previous one, that grow weaker."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_rising_soldier(s, 1)
                and is_rising_soldier(s, 0)
                and color_of(s, 2) == 1
                and is_long(s, 2)
                and upper_shadow(s, 2) < mean_shadow(s, 2)
                and is_weakening(s)
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_stalledpattern(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two long white bodies, the second without upper shadow, and a short one on its shoulder."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                is_rising_soldier(s, 1)
                and color_of(s, 2) == color_of(s, 0) == 1
                and s["close"][0] > s["close"][1]
                and is_long(s, 2)
                and is_long(s, 1)
                and upper_shadow(s, 1) < tenth_of_range(s, 1)
                and body(s, 0) < mean_body(s, 0)
                and s["open"][0] >= s["close"][1] - body(s, 0) - near_margin(s, 1)
            )
            out[0, k] = -100.0 if found else 0.0


@kernel
def advance_3starsinsouth(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three black bodies, each shorter and higher in its low than the previous one, and the last without shadows."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 12):
            found = (
                color_of(s, 2) == color_of(s, 1) == color_of(s, 0) == -1
                and is_long(s, 2)
                and lower_shadow(s, 2) > body(s, 2)
                and body(s, 1) < body(s, 2)
                and s["close"][2] < s["open"][1] <= s["high"][2]
                and s["low"][2] <= s["low"][1] < s["close"][2]
                and lower_shadow(s, 1) > tenth_of_range(s, 1)
                and body(s, 0) < mean_body(s, 0)
                and is_shadowless(s, 0)
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
                and color_of(s, 2) == color_of(s, 1) == -1
                and s["close"][1] > s["close"][2]
                and s["open"][1] <= s["open"][2]
                and s["low"][1] < s["low"][2]
                and body(s, 0) < mean_body(s, 0)
                and color_of(s, 0) == 1
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
                color_of(s, 2) == color_of(s, 0) == -color_of(s, 1) == -1
                and s["low"][1] > s["close"][2]
                and is_within(s["close"][0], s["close"][2], equal_margin(s, 2))
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
