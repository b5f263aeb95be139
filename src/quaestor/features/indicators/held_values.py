"""Held series: value, change and standard score of a row of the market matrix that is held from another source.

The kernels of features of any such row call these with the row's number.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, moments_dtype, push_delay, push_moments

#: State of a feature without memory.
NO_STATE = np.dtype([("unused", "<i8")], align=True)

_NOTHING = 1e-20  # a sum of squared deviations this small relative to the squared values is rounding error


#: Dtype of the state of `advance_change`, of a length.
change_dtype = counted_windows("window")


def zscore_dtype(length: int) -> np.dtype[np.void]:
    """Return the dtype of the state of `advance_zscore`."""
    return np.dtype([("count", "<i8"), ("window", moments_dtype(length), (1,))], align=True)


@kernel
def advance_value(row: int, scale: float, shift: float, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write scale · value + shift."""
    series = columns[row]
    for k in range(i, n):
        x = series[k]
        out[0, k] = scale * x + shift if not is_missing(x) else np.nan


@kernel
def advance_change(
    state: Table, length: int, row: int, scale: float, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write scale · (value − value `length` rows ago)."""
    s = state[0]
    window = s["window"]
    count = s["count"]
    series = columns[row]
    for k in range(i, n):
        x = series[k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        before = push_delay(window, length, x)
        if count == length:
            out[0, k] = scale * (x - before)
        else:
            count += 1
    s["count"] = count


@kernel
def advance_zscore(state: Table, length: int, row: int, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance from the mean of the last `length` values in sample standard deviations."""
    s = state[0]
    count = s["count"]
    series = columns[row]
    for k in range(i, n):
        x = series[k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        z = standard_score(s["window"], length, x)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = z
    s["count"] = count


@kernel
def standard_score(window: Table, length: int, x: float) -> float:
    """Add x to a window of `moments_dtype` and return its distance from the mean in sample standard deviations.

    The distance is 0 without spread.
    """
    mean, squares = push_moments(window, length, x)
    if not squares > _NOTHING * (mean * mean + x * x):
        return 0.0
    return (x - mean) / np.sqrt(squares / (length - 1.0))
