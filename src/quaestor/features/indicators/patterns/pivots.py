"""Pivots: the latest pivots of a series, tracking of breakout lines row by row, and grades shared by patterns."""

import numpy as np

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Matrix, Row, Table

_KEPT = 6

#: The latest pivots, the newest first.
PIVOTS = np.dtype(
    [
        ("row", "<i8"),  # rows that were there
        ("side", "<i8"),  # of the newest: 1 a top, −1 a bottom
        ("count", "<i8"),
        ("prices", "<f8", (_KEPT,)),
        ("rows", "<i8", (_KEPT,)),
        ("volumes", "<f8", (_KEPT,)),  # mean volume per row of the move that led to the pivot
    ],
    align=True,
)

#: A complete pattern whose line the close has yet to break downwards. Mirror images have negated prices.
TRACK = np.dtype(
    [
        ("form", "<f8"),  # quality of the geometry in (0, 1]; 0: no pattern is tracked
        ("line", "<f8"),  # price at row `anchor`
        ("slope", "<f8"),  # price per row
        ("anchor", "<i8"),
        ("start", "<f8"),  # the pattern's last point, from which the distance to the line is measured
        ("limit", "<f8"),  # a close above it refutes the pattern
        ("height", "<f8"),  # a close this far below the line fulfils it
        ("until", "<i8"),  # last row
        ("broken", "<i8"),  # 1 once a close was below the line
    ],
    align=True,
)


@inlined
def take_row(p: Row, price: float, side: float, age: float, volume: float) -> bool:
    """Add the outputs of `swings` at a row and return whether a pivot was confirmed there."""
    p["row"] += 1
    if side == p["side"]:
        return False
    _push(p, price, side, age, volume)
    return True


@kernel
def _push(p: Row, price: float, side: float, age: float, volume: float) -> None:
    prices, rows, volumes = p["prices"], p["rows"], p["volumes"]
    for j in range(_KEPT - 1, 0, -1):
        prices[j] = prices[j - 1]
        rows[j] = rows[j - 1]
        volumes[j] = volumes[j - 1]
    prices[0] = price
    rows[0] = p["row"] - int(age)
    volumes[0] = volume
    p["side"] = int(side)
    p["count"] = min(p["count"] + 1, _KEPT)


@kernel
def open_track(t: Row, p: Row, last: int, form: float, line: float, slope: float, limit: float, height: float) -> None:
    """Track a pattern completed by the newest pivot, for as many rows as it took to form since pivot `last`.

    Args:
        t: track that is overwritten.
        p: the pivots.
        last: the pattern's first pivot, counted from the newest, 0.
        form: quality of its geometry.
        line: price of its breakout line at the newest pivot but one; this and all prices are negated when the newest
            pivot is a bottom.
        slope: slope of the line per row.
        limit: a close above it refutes the pattern.
        height: a close this far below the line fulfils it.
    """
    t["form"] = form
    t["line"] = line
    t["slope"] = slope
    t["anchor"] = p["rows"][1]
    t["start"] = p["side"] * p["prices"][0]
    t["limit"] = limit
    t["height"] = height
    t["until"] = p["row"] + p["rows"][0] - p["rows"][last]
    t["broken"] = 0


@kernel
def track_confidence(t: Row, close: float, row: int) -> float:
    """Return the confidence in a tracked pattern at a row, 0 when there is none or it has ended.

    It grows from half the quality of the form at its last point to the whole at the line, and stays there after a
    breakout.
    """
    line = t["line"] + t["slope"] * (row - t["anchor"])
    if row > t["until"] or close > t["limit"] or close < line - t["height"]:
        t["form"] = 0.0
        return 0.0
    if close < line:
        t["broken"] = 1
    way = t["start"] - line
    done = t["broken"] == 1 or way <= 0.0
    progress = 1.0 if done else clip_to_unit((t["start"] - close) / way)
    return t["form"] * (0.5 + 0.5 * progress)


@kernel
def write_tracks(tracks: Table, direction: int, close: float, row: int, out: Matrix, k: int) -> None:
    """Write the confidence in each tracked pattern at a row, and after them that in the pattern the row completes.

    Args:
        tracks: patterns whose lines break in alternating directions.
        direction: direction of the first track's breakout: 1 upwards, −1 downwards.
        close: of the row.
        row: number of complete rows.
        out: one row for each track, and one for the strongest pattern whose line is broken for the first time: its
            confidence, negative for a downward breakout; 0 where there is none.
        k: position of the row in `out`.
    """
    completed = 0.0
    for j in range(len(tracks)):
        t = tracks[j]
        sign = direction if j % 2 == 0 else -direction
        waited = t["broken"] == 0
        confidence = track_confidence(t, -sign * close, row) if t["form"] > 0.0 else 0.0
        out[j, k] = confidence
        if waited and t["broken"] == 1 and confidence > abs(completed):
            completed = sign * confidence
    out[len(tracks), k] = completed


@kernel
def clip_to_unit(x: float) -> float:
    """Return x clipped to [0, 1].

    Example:
        >>> clip_to_unit(-0.5), clip_to_unit(0.25), clip_to_unit(3.0)
        (0.0, 0.25, 1.0)
    """
    return 0.0 if x < 0.0 else (1.0 if x > 1.0 else x)


@kernel
def nearness(x: float) -> float:
    """Return the share of the shape at 0 among shapes a distance of 1 apart: 1 within ¼, 0 from ¾ on.

    Example:
        >>> nearness(0.1), nearness(-0.5), nearness(0.6), nearness(1.0)
        (1.0, 0.5, 0.30000000000000004, 0.0)
    """
    return clip_to_unit(1.5 - 2.0 * abs(x))


@kernel
def balance(a: float, b: float) -> float:
    """Return the ratio of the smaller to the larger length: 1 for equal lengths.

    Example:
        >>> balance(10.0, 5.0), balance(3.0, 3.0)
        (0.5, 1.0)
    """
    return a / b if a < b else b / a


@kernel
def volume_decline(before: float, after: float) -> float:
    """Return the grade of falling volume: 1 when none is left, a half when it is unchanged or always 0.

    Example:
        >>> volume_decline(30.0, 10.0), volume_decline(5.0, 5.0), volume_decline(0.0, 0.0)
        (0.75, 0.5, 0.5)
    """
    total = before + after
    return before / total if total > 0.0 else 0.5
