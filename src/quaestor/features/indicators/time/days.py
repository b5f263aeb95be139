"""Bars of the UTC days that rows belong to: the day so far and the one before it."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row
from quaestor.numeric.calendar import DAY_NS
from quaestor.numeric.elementary import any_missing, is_missing

BAR_INPUTS = (Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE)

#: The day so far, the last day before it that had a row, and the day number that tells them apart.
DAYS = np.dtype(
    [
        ("days", "<i8"),  # seen so far, 2 for more
        ("day", "<i8"),
        *((name, "<f8") for name in ("open", "high", "low", "close")),
        *((name, "<f8") for name in ("previous_high", "previous_low", "previous_close")),
    ],
    align=True,
)


@kernel
def take_row(s: Row, stamp: int, columns: Matrix, k: int) -> bool:
    """Take row k; false when one of its prices is missing.

    On the first day of all, the day so far stands for the one before.
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
def distance(price: float, level: float) -> float:
    """How far a price lies above a level, as a fraction of it; 0 for a level that is not positive."""
    return price / level - 1.0 if level > 0.0 else 0.0
