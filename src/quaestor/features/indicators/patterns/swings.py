"""Swings: the turning points of the price, each confirmed once the price has moved away from it by a threshold."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Real, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import true_range
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import AVERAGE, push_wilder
from quaestor.numeric.elementary import any_missing, is_missing

#: Rows of the average true range that the threshold is a multiple of.
ATR_LENGTH = 14

INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE, Column.VOLUME)

#: Distance by which the price must move away from a pivot; parameter of all features built on swings.
THRESHOLD = Real("threshold", 3.0, 0.5, 100.0, "average true ranges")

_TOP, _BOTTOM = 0, 1

# Candidate of the next pivot: the highest high or the lowest low since the last one.
_CANDIDATE = np.dtype(
    [
        ("price", "<f8"),  # bottoms negated, so that both kinds are treated alike
        ("reach", "<f8"),  # distance that confirms it, fixed at the row of the extreme
        ("row", "<i8"),
        ("volume", "<f8"),  # sum from the row after the last pivot to this one
        ("later", "<f8"),  # sum of volume since
    ],
    align=True,
)

_STATE = np.dtype(
    [
        ("count", "<i8"),  # number of complete rows
        ("row", "<i8"),  # rows since the average true range was known
        ("close", "<f8"),
        ("range", AVERAGE, (1,)),
        ("side", "<i8"),  # of the last pivot: 1 a top, −1 a bottom, 0 none yet
        ("price", "<f8"),
        ("pivot_row", "<i8"),
        ("volume", "<f8"),
        ("candidates", _CANDIDATE, (2,)),
    ],
    align=True,
)


@inlined
def _begin(c: Row, price: float, reach: float, row: int, volume: float) -> None:
    """Make a price the candidate."""
    c["price"] = price
    c["reach"] = reach
    c["row"] = row
    c["volume"] = volume
    c["later"] = 0.0


@inlined
def _turns(c: Row, extreme: float, opposite: float, reach: float, row: int, volume: float) -> bool:
    """Add a row and return whether it confirms the candidate; a row with a new extreme cannot, as the order of its
    prices is unknown."""
    if extreme > c["price"]:
        _begin(c, extreme, reach, row, c["volume"] + c["later"] + volume)
        return False
    c["later"] += volume
    move = c["price"] - opposite
    return bool(move > 0.0 and move >= c["reach"])


@kernel
def _confirm(s: Row, side: int, opposite: float, reach: float) -> None:
    """Make the candidate of a side the last pivot, and this row's opposite extreme the next candidate."""
    c = s["candidates"][_TOP if side == 1 else _BOTTOM]
    s["side"] = side
    s["price"] = side * c["price"]
    s["volume"] = c["volume"] / (c["row"] - s["pivot_row"])
    s["pivot_row"] = c["row"]
    _begin(s["candidates"][_BOTTOM if side == 1 else _TOP], -opposite, reach, s["row"], c["later"])


@inlined
def _take(s: Row, high: float, low: float, reach: float, volume: float) -> None:
    """Add a row in which the average true range is known."""
    s["row"] += 1
    row = s["row"]
    if row == 1:
        _begin(s["candidates"][_TOP], high, reach, row, volume)
        _begin(s["candidates"][_BOTTOM], -low, reach, row, volume)
    elif s["side"] != 1 and _turns(s["candidates"][_TOP], high, low, reach, row, volume):
        _confirm(s, 1, low, reach)
    elif s["side"] != -1 and _turns(s["candidates"][_BOTTOM], -low, -high, reach, row, volume):
        _confirm(s, -1, -high, reach)


@kernel
def advance_swings(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the last confirmed pivot."""
    s = state[0]
    threshold = params[0]["threshold"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        for j in range(5):
            out[j, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        before = s["close"]
        s["close"] = close
        s["count"] += 1
        if s["count"] == 1:
            continue
        reach = threshold * push_wilder(s["range"], ATR_LENGTH, true_range(high, low, before))
        if s["count"] <= ATR_LENGTH:
            continue
        _take(s, high, low, reach, volume)
        found = s["side"] != 0
        out[0, k] = s["price"] if found else close
        out[1, k] = s["side"]
        out[2, k] = s["row"] - s["pivot_row"] if found else 0.0
        out[3, k] = s["volume"]
        out[4, k] = reach


SWINGS = Feature(
    name="swings",
    family="patterns",
    doc="The last confirmed pivot. A top is the highest high since the pivot before it, confirmed by the first later "
    "row whose low is `threshold` average true ranges (Wilder's, 14 rows, at the row of the top) below it; a bottom is "
    "its mirror image, so tops and bottoms alternate. The first may be where the series begins. `price` of the pivot "
    "(the close while there is none); `side` 1 for a top, −1 for a bottom, 0 while there is none; `age` in rows; "
    "`volume`: mean volume per row of the move that led to it; `reach`: the threshold at this row, in price.",
    units="price; `side` sign; `age` rows; `volume` base units",
    source="Merrill (1977), Filtered Waves, with a threshold in average true ranges: Wilder (1978), New Concepts in "
    "Technical Trading Systems",
    inputs=INPUTS,
    outputs=("price", "side", "age", "volume", "reach"),
    parameters=(THRESHOLD,),
    advance=advance_swings,
    state_dtype=always(_STATE),
    warmup=always(ATR_LENGTH),
)


def swing_parts(threshold: float) -> tuple[str, ...]:
    """Return the names of the outputs of `swings` that `pivots.take_row` takes."""
    stem = f"swings_{THRESHOLD.format(threshold)}"
    return (f"{stem}.price", f"{stem}.side", f"{stem}.age", f"{stem}.volume")
