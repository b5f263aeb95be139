"""Curve through knots: maps a raw prediction to a probability, and a pooled probability to an expected edge."""

from collections.abc import Sequence

import numpy as np

from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row

#: Most knots of a curve.
KNOTS = 24

#: Knots by ascending x; `y` is the value there and `error` its standard error.
CURVE = np.dtype([("count", "<i8"), ("x", "<f8", (KNOTS,)), ("y", "<f8", (KNOTS,)), ("error", "<f8", (KNOTS,))])


@kernel
def curve_at(curve: Row, x: float) -> tuple[float, float]:
    """Return value and standard error at x, linear between knots and constant beyond them; NaN for NaN."""
    if x != x:
        return np.nan, np.nan
    knots, last = curve["x"], curve["count"] - 1
    if not x > knots[0]:
        return curve["y"][0], curve["error"][0]
    if x >= knots[last]:
        return curve["y"][last], curve["error"][last]
    k = 1
    while knots[k] < x:
        k += 1
    share = (x - knots[k - 1]) / (knots[k] - knots[k - 1])
    y = curve["y"][k - 1] + share * (curve["y"][k] - curve["y"][k - 1])
    return y, curve["error"][k - 1] + share * (curve["error"][k] - curve["error"][k - 1])


def write_curve(row: Row, x: Sequence[float], y: Sequence[float], error: Sequence[float] | None = None) -> None:
    """Fill a record of dtype CURVE.

    Raises:
        ConfigError: no knots or too many, x not ascending, or numbers that are not finite.

    Example:
        >>> table = np.zeros(1, CURVE)
        >>> write_curve(table[0], [0.0, 1.0], [0.2, 0.8])
        >>> [[float(number) for number in curve_at(table[0], x)] for x in (0.5, 7.0)]
        [[0.5, 0.0], [0.8, 0.0]]
    """
    errors = [0.0] * len(x) if error is None else error
    finite = np.isfinite([*x, *y, *errors]).all()
    if not (0 < len(x) <= KNOTS and len(x) == len(y) == len(errors) and finite and (np.diff(x) > 0.0).all()):
        raise ConfigError(f"{len(x)} knots make no curve", place="curve", remedy=f"give 1 to {KNOTS}, x ascending")
    row["count"] = len(x)
    row["x"][: len(x)] = x
    row["y"][: len(x)] = y
    row["error"][: len(x)] = errors
