"""Age of a window's maximum: constant cost for each value, except a pass over the window when the maximum leaves it."""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.numeric.rolling import push_delay, window_dtype


def extreme_dtype(length: int) -> np.dtype[np.void]:
    """Return the dtype of the state of `push_age` for a window of `length` + 1 values."""
    return np.dtype([("age", "<i8"), ("value", "<f8"), ("window", window_dtype(length + 1), (1,))], align=True)


@kernel
def push_age(extreme: Table, count: int, length: int, x: float, oldest: bool) -> int:
    """Add x and return the age, in values, of the largest of the last `length` + 1 values.

    Among equal maxima x itself is chosen, otherwise the newest; with `oldest`, the oldest once the maximum has left.
    """
    e = extreme[0]
    push_delay(e["window"], length + 1, x)
    e["age"] += 1
    left = e["age"] > length
    if count == 0 or (x >= e["value"] and not (oldest and left)):
        e["value"] = x
        e["age"] = 0
    elif left:
        window = e["window"][0]
        ring = window["ring"]
        newest = window["position"] - 1
        e["value"] = x
        e["age"] = 0
        for age in range(1, length + 1):
            slot = newest - age
            value = ring[slot if slot >= 0 else slot + length + 1]
            if value > e["value"] or (oldest and value == e["value"]):
                e["value"] = value
                e["age"] = age
    age_found: int = e["age"]
    return age_found
