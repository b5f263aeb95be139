"""Chart pattern reference: swings and patterns recomputed, slowly, from their definitions and one list of pivots."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import talib
from numpy.typing import NDArray

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pivot:
    """Turning point; `known` is the row that confirms it."""

    row: int
    price: float
    top: bool
    known: int
    volume: float


def pivots_of(columns: Series, threshold: float) -> list[Pivot]:
    """Return all pivots of a series, in order."""
    _, high, low, close, volume = columns
    reach = threshold * talib.ATR(high, low, close, 14)
    start = int(np.isnan(reach).sum())
    found: list[Pivot] = []
    begin, wanted = start, [True, False]  # a first pivot may be of either kind
    last = start - 1
    while True:
        firsts = [p for top in wanted if (p := _next_pivot(high, low, reach, begin, top)) is not None]
        if not firsts:
            return found
        row, known, top = min(firsts, key=lambda p: p[1])
        price = high[row] if top else low[row]
        found.append(Pivot(row, float(price), top, known, float(volume[last + 1 : row + 1].mean())))
        begin, wanted, last = known, [not top], row


def _next_pivot(high: Series, low: Series, reach: Series, begin: int, top: bool) -> tuple[int, int, bool] | None:
    ahead, behind = (high, low) if top else (-low, -high)
    for t in range(begin, len(high)):
        row = begin + int(np.argmax(ahead[begin : t + 1]))
        if t > row and ahead[row] - behind[t] >= reach[row]:
            return row, t, top
    return None


@dataclass(frozen=True, slots=True)
class Formation:
    """Pattern at its formation, in negated prices where its last pivot is a bottom."""

    form: float
    line: Callable[[int], float]
    start: float
    limit: float
    height: float
    width: int


def _line(a: Pivot, b: Pivot, sign: int) -> Callable[[int], float]:
    slope = sign * (b.price - a.price) / (b.row - a.row)
    return lambda row: sign * a.price + slope * (row - a.row)


def _quiet(before: float, after: float) -> float:
    return before / (before + after) if before + after > 0 else 0.5


def _even(*lengths: int) -> float:
    return min(lengths) / max(lengths)


def double(pivots: Sequence[Pivot], sign: int) -> Formation | None:
    """Return E1 and E2 at one level (Lo, Mamaysky and Wang, definition 5, the two tops being neighbours), if any."""
    origin, e1, bottom, e2 = pivots[-4:]
    top1, neck, top2 = sign * e1.price, sign * bottom.price, sign * e2.price
    height = (top1 + top2) / 2 - neck
    trend = (neck - sign * origin.price) / height
    if abs(top1 - top2) > height / 4 or trend < 0.5:
        return None
    level = 1 - abs(top1 - top2) / (height / 4)
    timing = _even(bottom.row - e1.row, e2.row - bottom.row)
    form = np.mean([level, min(trend, 1.0), timing, _quiet(e1.volume, e2.volume)])
    return Formation(float(form), lambda _: neck, top2, max(top1, top2), height, e2.row - e1.row)


def triple(pivots: Sequence[Pivot], sign: int) -> Formation | None:
    """Return E1, E3, E5 at one level and E2, E4 at another (definition 4, rectangle), if any."""
    e0, e1, e2, e3, e4, e5 = pivots[-6:]
    tops = sign * np.array([e1.price, e3.price, e5.price])
    bottoms = sign * np.array([e2.price, e4.price])
    height = tops.mean() - bottoms.min()
    trend = (bottoms.min() - sign * e0.price) / height
    if np.ptp(tops) > height / 4 or np.ptp(bottoms) > height / 4 or trend < 0.5:
        return None
    grades = [1 - np.ptp(tops) / (height / 4), 1 - np.ptp(bottoms) / (height / 4), min(trend, 1.0)]
    grades += [_even(e3.row - e1.row, e5.row - e3.row), _quiet(e1.volume, e5.volume)]
    neck = float(bottoms.min())
    return Formation(float(np.mean(grades)), lambda _: neck, tops[2], tops.max(), height, e5.row - e1.row)


def head_shoulders(pivots: Sequence[Pivot], sign: int) -> Formation | None:
    """Return E3 above E1 and E5, E1 and E5 at one level, E2 and E4 at another (definition 1), if any."""
    e0, e1, e2, e3, e4, e5 = pivots[-6:]
    left, head, right = (sign * e.price for e in (e1, e3, e5))
    neckline = _line(e2, e4, sign)
    height = head - neckline(e3.row)
    bottoms = sign * np.array([e2.price, e4.price])
    trend = (bottoms.min() - sign * e0.price) / height
    if not (head > left and head > right and abs(left - right) <= height / 4 and np.ptp(bottoms) <= height / 4):
        return None
    if trend < 0.5:
        return None
    grades = [min((head - max(left, right)) / (height / 2), 1.0), 1 - abs(left - right) / (height / 4)]
    grades += [1 - np.ptp(bottoms) / (height / 4), min(trend, 1.0)]
    grades += [_even(e3.row - e1.row, e5.row - e3.row), _quiet(e1.volume, e5.volume)]
    return Formation(float(np.mean(grades)), neckline, right, right, height, e5.row - e1.row)


def flag(pivots: Sequence[Pivot], sign: int) -> tuple[Formation, float] | None:
    """Return a pause after a fall (after a rise in negated prices) and the convergence of its lines, if any."""
    start, foot, top, low, last = pivots[-5:]
    prices = sign * np.array([p.price for p in pivots[-4:]])
    pole = sign * start.price - prices[0]
    pace = pole / (foot.row - start.row)
    inside = np.abs(np.diff(prices)).sum() / (last.row - foot.row)
    retraced = (max(prices[1], prices[3]) - prices[0]) / pole
    upper, lower = _line(top, last, sign), _line(foot, low, sign)
    begin, end = upper(foot.row) - lower(foot.row), upper(last.row) - lower(last.row)
    if prices[2] < prices[0] or retraced > 0.5 or inside > pace or begin <= 0 or end <= 0:
        return None
    quiet = _quiet(foot.volume, (top.volume + low.volume + last.volume) / 3)
    form = np.mean([np.clip(pace / inside - 1, 0, 1), np.clip((0.5 - retraced) / 0.25, 0, 1), quiet])
    limit = max(prices[1], prices[3])
    width = last.row - foot.row
    return Formation(float(form), lower, float(prices[3]), float(limit), float(pole), width), 1 - end / begin


def by_row(pivots: Sequence[Pivot], rows: int) -> Iterator[tuple[int, list[Pivot]]]:
    """Yield each row with the known pivots if a new one is known there, and with none otherwise."""
    known = {pivot.known: k for k, pivot in enumerate(pivots)}
    for row in range(rows):
        yield row, list(pivots[: known[row] + 1]) if row in known else []


def followed(closes: Series, seen: Sequence[tuple[int, Formation]], sign: int) -> tuple[Series, Series]:
    """Return confidence at each row and that of completed patterns, given the formations and the rows of formation;
    a newer one replaces an older."""
    out, completed = np.zeros(len(closes)), np.zeros(len(closes))
    for k, (first, f) in enumerate(seen):
        stop = seen[k + 1][0] if k + 1 < len(seen) else len(closes)
        broken = False
        for row in range(first, min(stop, first + f.width + 1)):
            close, line = sign * closes[row], f.line(row)
            if close > f.limit or close < line - f.height:
                break
            if close < line and not broken:
                broken = True
                completed[row] = f.form
            way = (f.start - close) / (f.start - line) if f.start > line else 1.0
            out[row] = f.form * (1.0 if broken else 0.5 + 0.5 * np.clip(way, 0.0, 1.0))
    return out, completed


def strongest(signed: Sequence[Series]) -> Series:
    """Return the value farthest from 0 in each row."""
    table = np.array(signed)
    farthest: Series = np.take_along_axis(table, np.abs(table).argmax(axis=0)[None], axis=0)[0]
    return farthest


@dataclass(frozen=True, slots=True)
class Lines:
    """Two lines through five pivots, and the shares of the shapes that they form."""

    upper: Callable[[int], float]
    lower: Callable[[int], float]
    height: float
    width: int
    shapes: dict[str, float]


def membership(x: float, nodes: Sequence[float]) -> Series:
    """Return the shares of nodes in x: 1 within a quarter of a node, shared by two neighbours in between."""
    return np.array(
        [np.interp(x, [node - 0.75, node - 0.25, node + 0.25, node + 0.75], [0, 1, 1, 0]) for node in nodes]
    )


def lines(pivots: Sequence[Pivot]) -> Lines | None:
    """Return the lines through the outer two of three pivots on one side and the two on the other, if any."""
    e1, e2, e3, e4, e5 = pivots[-5:]
    outer, inner = _line(e1, e5, 1), _line(e2, e4, 1)
    upper, lower = (outer, inner) if e5.top else (inner, outer)
    begin, end = upper(e1.row) - lower(e1.row), upper(e5.row) - lower(e5.row)
    if begin <= 0 or end <= 0 or abs(e3.price - outer(e3.row)) > begin / 4:
        return None
    middles = [(upper(row) + lower(row)) / 2 for row in (e1.row, e5.row)]
    shift, convergence = (middles[1] - middles[0]) / begin, 1 - end / begin
    grades = [1 - abs(e3.price - outer(e3.row)) / (begin / 4), _even(e3.row - e1.row, e5.row - e3.row)]
    quiet = _quiet(e2.volume + e3.volume, e4.volume + e5.volume)
    parallel = float(membership(2 * convergence, [0])[0])
    narrowing = 1 - parallel if convergence > 0 else 0.0
    tilts = membership(np.clip(2 * shift / convergence, -2, 2), range(-2, 3)) if convergence > 0 else np.zeros(5)
    drifts = membership(np.clip(shift, -1, 1), range(-1, 2))
    converging = ("falling_wedge", "descending_triangle", "symmetric_triangle", "ascending_triangle", "rising_wedge")
    shapes = dict(zip(converging, narrowing * tilts * np.mean([*grades, quiet]), strict=True))
    shapes |= zip(("channel_down", "channel_flat", "channel_up"), parallel * drifts * np.mean(grades), strict=True)
    return Lines(upper, lower, begin, e5.row - e1.row, shapes)


def between(closes: Series, seen: Sequence[tuple[int, Lines]]) -> dict[str, Series]:
    """Return confidence in each shape at each row, the side of the breakout, and completed patterns."""
    out = {name: np.zeros(len(closes)) for name in (*seen[0][1].shapes, "breakout", "completed")}
    for k, (first, f) in enumerate(seen):
        stop = seen[k + 1][0] if k + 1 < len(seen) else len(closes)
        breakout = 0
        for row in range(first, min(stop, first + f.width + 1)):
            close, upper, lower = closes[row], f.upper(row), f.lower(row)
            side = int(close > upper) - int(close < lower)
            far = close > upper + f.height or close < lower - f.height
            if upper <= lower or far or (side and breakout and side != breakout):
                break
            if side and not breakout:
                out["completed"][row] = side * max(f.shapes.values())
            breakout = side or breakout
            out["breakout"][row] = breakout
            for name, share in f.shapes.items():
                out[name][row] = share
    return out
