"""Features made ready for a model, row by row: missing values dealt with, each feature scaled, each row normalised.

``advance(state, params, features, out, i, n)``: `features` and `out` are float64 (m, N), the same array if that is
wanted; rows i … n−1 are worked on. A row that is dropped is NaN in every feature. A value is missing when it is NaN or
infinite.
"""

from enum import IntEnum

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.quartiles import QUARTILES, push_quartiles

#: A spread up to this share of the level is rounding: the feature counts as constant and is not divided.
ROUNDING = 16.0 * float(np.finfo(np.float64).eps)


class Scaling(IntEnum):
    """What is taken off each feature and what it is divided by."""

    NONE = 0
    STANDARD = 1  # mean, population standard deviation
    MINMAX = 2  # least value, range
    ROBUST = 3  # median, distance between the quartiles


class Norm(IntEnum):
    """What each row is divided by once its features are scaled."""

    NONE = 0
    L1 = 1  # sum of sizes
    L2 = 2  # root of the sum of squares


class Missing(IntEnum):
    """What becomes of a row in which a feature is missing."""

    DROP = 0  # the whole row is NaN
    ZERO = 1  # the feature is 0 after scaling: what it is scaled around
    LAST = 2  # its last value stands in; dropped while there is none


def scaler_dtype(features: int) -> np.dtype[np.void]:
    """Parameters of `advance_scaler`; the online kernels read `norm` and `missing` alone."""
    each = (features,)
    return np.dtype([("norm", "<i8"), ("missing", "<i8"), ("center", "<f8", each), ("scale", "<f8", each)], align=True)


def memory_dtype(features: int) -> np.dtype[np.void]:
    """State of `advance_scaler`: the last value of each feature."""
    return np.dtype([("last", "<f8", (features,)), ("seen", "<i8", (features,))], align=True)


def online_dtype(features: int, scaling: Scaling) -> np.dtype[np.void]:
    """State of the online kernel of a scaling."""
    each = (features,)
    fields: list[tuple[object, ...]] = [("memory", memory_dtype(features), (1,)), ("center", "<f8", each)]
    fields.append(("scale", "<f8", each))
    if scaling == Scaling.STANDARD:
        fields += [("count", "<i8", each), ("squares", "<f8", each)]
    elif scaling == Scaling.MINMAX:
        fields += [("count", "<i8", each), ("top", "<f8", each)]
    else:
        fields.append(("quartiles", QUARTILES, each))
    return np.dtype(fields, align=True)


@kernel
def usable_scale(scale: float, center: float) -> float:
    """The scale, or 1 when it is nothing beside the level.

    Example:
        >>> usable_scale(0.5, 3.0), usable_scale(1e-16, 3.0), usable_scale(0.0, 0.0)
        (0.5, 1.0, 1.0)
    """
    return scale if scale > ROUNDING * abs(center) else 1.0


@kernel
def advance_scaler(state: Table, params: Table, features: Matrix, out: Matrix, i: int, n: int) -> None:
    """Scale by numbers that were fitted before."""
    p = params[0]
    for k in range(i, n):
        _scale_row(state[0], p["center"], p["scale"], p["missing"], p["norm"], features, out, k)


@kernel
def advance_online_standard(state: Table, params: Table, features: Matrix, out: Matrix, i: int, n: int) -> None:
    """Scale by mean and deviation of the rows so far (Welford's recursion), this one included."""
    s, p = state[0], params[0]
    center, scale, count, squares = s["center"], s["scale"], s["count"], s["squares"]
    for k in range(i, n):
        for f in range(len(center)):
            x = features[f, k]
            if is_missing(x):
                continue
            count[f] += 1
            distance = x - center[f]
            center[f] += distance / count[f]
            squares[f] += distance * (x - center[f])
            scale[f] = usable_scale(np.sqrt(squares[f] / count[f]), center[f])
        _scale_row(s["memory"][0], center, scale, p["missing"], p["norm"], features, out, k)


@kernel
def advance_online_minmax(state: Table, params: Table, features: Matrix, out: Matrix, i: int, n: int) -> None:
    """Scale by least and greatest value of the rows so far, this one included."""
    s, p = state[0], params[0]
    center, scale, count, top = s["center"], s["scale"], s["count"], s["top"]
    for k in range(i, n):
        for f in range(len(center)):
            x = features[f, k]
            if is_missing(x):
                continue
            if count[f] == 0:
                count[f] = 1
                center[f] = top[f] = x
            center[f] = min(center[f], x)
            top[f] = max(top[f], x)
            scale[f] = usable_scale(top[f] - center[f], center[f])
        _scale_row(s["memory"][0], center, scale, p["missing"], p["norm"], features, out, k)


@kernel
def advance_online_robust(state: Table, params: Table, features: Matrix, out: Matrix, i: int, n: int) -> None:
    """Scale by median and quartiles of the rows so far (P² estimates), this one included."""
    s, p = state[0], params[0]
    center, scale, quartiles = s["center"], s["scale"], s["quartiles"]
    for k in range(i, n):
        for f in range(len(center)):
            x = features[f, k]
            if is_missing(x):
                continue
            lower, middle, upper = push_quartiles(quartiles[f : f + 1], x)
            center[f] = middle
            scale[f] = usable_scale(upper - lower, center[f])
        _scale_row(s["memory"][0], center, scale, p["missing"], p["norm"], features, out, k)


@kernel
def _scale_row(
    memory: Row, center: Row, scale: Row, missing: int, norm: int, features: Matrix, out: Matrix, k: int
) -> None:
    complete = True
    for f in range(len(center)):
        x = features[f, k]
        there = not is_missing(x)
        if there:
            memory["last"][f] = x
            memory["seen"][f] = 1
        elif missing == Missing.LAST and memory["seen"][f] == 1:
            x = memory["last"][f]
            there = True
        out[f, k] = (x - center[f]) / scale[f] if there else 0.0
        complete = complete and (there or missing == Missing.ZERO)
    if complete:
        _normalise(len(center), norm, out, k)
    else:
        for f in range(len(center)):
            out[f, k] = np.nan


@kernel
def _normalise(features: int, norm: int, out: Matrix, k: int) -> None:
    if norm == Norm.NONE:
        return
    total = 0.0
    for f in range(features):
        x = out[f, k]
        total += abs(x) if norm == Norm.L1 else x * x
    size = total if norm == Norm.L1 else np.sqrt(total)
    if size > 0.0:
        for f in range(features):
            out[f, k] /= size
