"""Candlestick patterns of four or more bars."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.candlesticks.candles import (
    body,
    body_bottom,
    body_top,
    candle,
    color_of,
    gap_down,
    gap_up,
    is_long,
    is_shadowless,
    mean_body,
    near_margin,
    take_bar,
    tenth_of_range,
    upper_shadow,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table


@kernel
def closes_beyond(s: Row, j: int, sign: int) -> bool:
    """Return whether bar j closes beyond the previous one, upwards for sign 1, downwards for −1."""
    return bool(sign * (s["close"][j] - s["close"][j + 1]) > 0.0)


@kernel
def has_short_pause(s: Row) -> bool:
    """Return whether the three bars before the newest are short."""
    return body(s, 3) < mean_body(s, 3) and body(s, 2) < mean_body(s, 2) and body(s, 1) < mean_body(s, 1)


@kernel
def _breaks_away(s: Row) -> bool:
    """Return whether bars 3, 2 and 1 continue from a gap after bar 4, and the newest closes in that gap."""
    highs, lows = s["high"], s["low"]
    if color_of(s, 0) == 1:
        falls = highs[3] > highs[2] > highs[1] and lows[3] > lows[2] > lows[1]
        return bool(gap_down(s, 3) and falls and s["open"][3] < s["close"][0] < s["close"][4])
    climbs = highs[3] < highs[2] < highs[1] and lows[3] < lows[2] < lows[1]
    return bool(gap_up(s, 3) and climbs and s["close"][4] < s["close"][0] < s["open"][3])


@kernel
def _inside(s: Row, j: int) -> bool:
    """Return whether the range of bar j lies inside that of the previous bar."""
    return bool(s["high"][j] < s["high"][j + 1] and s["low"][j] > s["low"][j + 1])


@kernel
def _trap(s: Row, j: int, modified: bool) -> int:
    """Return 1 where bar j falls out of an inside bar (bullish), −1 where it rises out of one, otherwise 0."""
    if not _inside(s, j + 1) or (modified and not _inside(s, j + 2)):
        return 0
    falls = s["high"][j] < s["high"][j + 1] and s["low"][j] < s["low"][j + 1]
    climbs = s["high"][j] > s["high"][j + 1] and s["low"][j] > s["low"][j + 1]
    if modified:
        outer = j + 2
        falls = falls and s["close"][outer] <= s["low"][outer] + near_margin(s, outer)
        climbs = climbs and s["close"][outer] >= s["high"][outer] - near_margin(s, outer)
    return 1 if falls else -1 if climbs else 0


@kernel
def _escapes(s: Row, j: int, inside: int, sign: int) -> bool:
    """Return whether bar j closes beyond the inside bar, opposite to the direction in which that was left."""
    return bool(s["close"][j] > s["high"][inside] if sign == 1 else s["close"][j] < s["low"][inside])


@kernel
def _confirmed(s: Row, modified: bool) -> float:
    """Return ±100 at the pattern, ±200 where one of the next three bars first confirms it before another pattern."""
    sign = _trap(s, 0, modified)
    if sign != 0:
        return 100.0 * sign
    for j in range(1, 4):
        sign = _trap(s, j, modified)
        if sign != 0:
            for earlier in range(1, j):
                if _escapes(s, earlier, j + 1, sign):
                    return 0.0
            return 200.0 * sign if _escapes(s, 0, j + 1, sign) else 0.0
    return 0.0


@kernel
def advance_3linestrike(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three bars of one color, each closing further, and one of the other color back beyond all of them."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 8):
            found = (
                color_of(s, 3) == color_of(s, 2) == color_of(s, 1) == -color_of(s, 0)
                and body_bottom(s, 3) - near_margin(s, 3) <= s["open"][2] <= body_top(s, 3) + near_margin(s, 3)
                and body_bottom(s, 2) - near_margin(s, 2) <= s["open"][1] <= body_top(s, 2) + near_margin(s, 2)
                and closes_beyond(s, 2, color_of(s, 1))
                and closes_beyond(s, 1, color_of(s, 1))
                and color_of(s, 1) * (s["open"][0] - s["close"][1]) > 0.0
                and color_of(s, 1) * (s["close"][0] - s["open"][3]) < 0.0
            )
            out[0, k] = 100.0 * color_of(s, 1) if found else 0.0


@kernel
def advance_concealbabyswall(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Two black marubozu, a black bar below a gap whose upper shadow enters the second, a black bar around it."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 13):
            found = (
                color_of(s, 3) == color_of(s, 2) == color_of(s, 1) == color_of(s, 0) == -1
                and is_shadowless(s, 3)
                and is_shadowless(s, 2)
                and gap_down(s, 1)
                and upper_shadow(s, 1) > tenth_of_range(s, 1)
                and s["high"][1] > s["close"][2]
                and s["high"][0] > s["high"][1]
                and s["low"][0] < s["low"][1]
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_breakaway(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long bar, a gap in its direction, two bars further on, and one back into the gap."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 14):
            found = (
                is_long(s, 4)
                and color_of(s, 4) == color_of(s, 3) == color_of(s, 1) == -color_of(s, 0)
                and _breaks_away(s)
            )
            out[0, k] = 100.0 * color_of(s, 0) if found else 0.0


@kernel
def advance_ladderbottom(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Three black bars down like a ladder, a black one with an upper shadow, a white one above its high."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 14):
            found = (
                color_of(s, 4) == color_of(s, 3) == color_of(s, 2) == color_of(s, 1) == -color_of(s, 0) == -1
                and s["open"][4] > s["open"][3] > s["open"][2]
                and s["close"][4] > s["close"][3] > s["close"][2]
                and upper_shadow(s, 1) > tenth_of_range(s, 1)
                and s["open"][0] > s["open"][1]
                and s["close"][0] > s["high"][1]
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_mathold(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """A long white bar, a gap up, three short bars that fall no deeper than `penetration` of its body, a new high."""
    s = state[0]
    penetration = params[0]["penetration"]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 14):
            found = (
                is_long(s, 4)
                and has_short_pause(s)
                and color_of(s, 4) == -color_of(s, 3) == color_of(s, 0) == 1
                and gap_up(s, 3)
                and max(body_bottom(s, 2), body_bottom(s, 1)) < s["close"][4]
                and min(body_bottom(s, 2), body_bottom(s, 1)) > s["close"][4] - body(s, 4) * penetration
                and s["open"][3] > body_top(s, 2) > body_top(s, 1)
                and s["open"][0] > s["close"][1]
                and s["close"][0] > max(s["high"][3], s["high"][2], s["high"][1])
            )
            out[0, k] = 100.0 if found else 0.0


@kernel
def advance_risefall3methods(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A long bar, three short ones against it within its range, a long one on from them beyond its close."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 14):
            found = (
                is_long(s, 4)
                and has_short_pause(s)
                and is_long(s, 0)
                and color_of(s, 4) == -color_of(s, 3) == -color_of(s, 2) == -color_of(s, 1) == color_of(s, 0)
                and max(body_bottom(s, 3), body_bottom(s, 2), body_bottom(s, 1)) < s["high"][4]
                and min(body_top(s, 3), body_top(s, 2), body_top(s, 1)) > s["low"][4]
                and closes_beyond(s, 2, -color_of(s, 4))
                and closes_beyond(s, 1, -color_of(s, 4))
                and color_of(s, 4) * (s["open"][0] - s["close"][1]) > 0.0
                and color_of(s, 4) * (s["close"][0] - s["close"][4]) > 0.0
            )
            out[0, k] = 100.0 * color_of(s, 4) if found else 0.0


@kernel
def advance_hikkake(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A bar inside the previous one, then one lower or higher at both ends; ±200 within three bars: its failure."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 5):
            out[0, k] = _confirmed(s, False)


@kernel
def advance_hikkakemod(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """A hikkake after a second inside bar, the outer of them closing near its end; ±200 within three bars."""
    s = state[0]
    for k in range(i, n):
        if take_bar(s, columns, out, k, 10):
            out[0, k] = _confirmed(s, True)


MORE_BARS: tuple[Feature, ...] = (
    candle(advance_3linestrike, 8),
    candle(advance_concealbabyswall, 13),
    candle(advance_breakaway, 14),
    candle(advance_ladderbottom, 14),
    candle(advance_mathold, 14, penetration=0.5),
    candle(advance_risefall3methods, 14),
    candle(advance_hikkake, 5),
    candle(advance_hikkakemod, 10),
)
