"""Daily bars: the current UTC day so far and the previous one, built row by row."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row
from quaestor.numeric.calendar import DAY_NS
from quaestor.numeric.elementary import any_missing, is_missing

BAR_INPUTS = (Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE)

#: State: the day so far, the last day before it with a row, and the number of the day.
DAYS = np.dtype(
    [
        ("days", "<i8"),  # number of days so far, at most 2
        ("day", "<i8"),
        *((name, "<f8") for name in ("open", "high", "low", "close")),
        *((name, "<f8") for name in ("previous_high", "previous_low", "previous_close")),
    ],
    align=True,
)


@kernel
def take_row(s: Row, stamp: int, columns: Matrix, k: int) -> bool:
    """Add row k and return whether all of its prices are present.

    On the first day, the day so far is used as the previous day.
    """
    opened, high = columns[Column.OPEN, k], columns[Column.HIGH, k]
    low, close = columns[Column.LOW, k], columns[Column.CLOSE, k]
    if any_missing(opened, high, low) or is_missing(close):
        return False
    day = stamp // DAY_NS
    if s["days"] == 0 or day != s["day"]:
        s["previous_high"] = s["high"]
        s["previous_low"] = s["low"]
        s["previous_close"] = s["close"]
        s["days"] = min(s["days"] + 1, 2)
        s["day"] = day
        s["open"] = opened
        s["high"] = high
        s["low"] = low
    s["high"] = max(s["high"], high)
    s["low"] = min(s["low"], low)
    s["close"] = close
    if s["days"] == 1:
        s["previous_high"] = s["high"]
        s["previous_low"] = s["low"]
        s["previous_close"] = close
    return True


@kernel
def distance_above(price: float, level: float) -> float:
    """Return the distance of a price above a level, as a fraction of the level; 0 for a level that is not positive."""
    return price / level - 1.0 if level > 0.0 else 0.0
