"""Scaling kernels: treat missing values, scale each feature and normalise each row of a model's inputs.

``advance(state, params, features, out, i, n)``: `features` and `out` are float64 (m, N), possibly the same array; rows
i … n−1 are processed. A dropped row is NaN in every feature. A value is missing when it is NaN or infinite.
"""

from enum import IntEnum

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.quartiles import QUARTILES, push_quartiles

#: A spread up to this share of the level is rounding error: the feature is treated as constant and not divided.
ROUNDING = 16.0 * float(np.finfo(np.float64).eps)


class Scaling(IntEnum):
    """Scaling method: center that is subtracted from each feature, and scale that divides it."""

    NONE = 0
    STANDARD = 1  # mean, population standard deviation
    MINMAX = 2  # minimum, range
    ROBUST = 3  # median, interquartile range


class Norm(IntEnum):
    """Norm that divides each row after scaling."""

    NONE = 0
    L1 = 1  # sum of absolute values
    L2 = 2  # square root of the sum of squares


class Missing(IntEnum):
    """Treatment of a row in which a feature is missing."""

    DROP = 0  # the whole row is NaN
    ZERO = 1  # the feature is 0 after scaling, its center
    LAST = 2  # the feature's last value is used; the row is dropped while there is none


def scaler_dtype(features: int) -> np.dtype[np.void]:
    """Return the dtype of the parameters of `advance_scaler`; the online kernels read only `norm` and `missing`."""
    each = (features,)
    return np.dtype([("norm", "<i8"), ("missing", "<i8"), ("center", "<f8", each), ("scale", "<f8", each)], align=True)


def memory_dtype(features: int) -> np.dtype[np.void]:
    """Return the dtype of the state of `advance_scaler`: the last value of each feature."""
    return np.dtype([("last", "<f8", (features,)), ("seen", "<i8", (features,))], align=True)


def online_dtype(features: int, scaling: Scaling) -> np.dtype[np.void]:
    """Return the dtype of the state of the online kernel of a scaling."""
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
    """Return the scale, or 1 when it is rounding error beside the level.

    Example:
        >>> usable_scale(0.5, 3.0), usable_scale(1e-16, 3.0), usable_scale(0.0, 0.0)
        (0.5, 1.0, 1.0)
    """
    return scale if scale > ROUNDING * abs(center) else 1.0


@kernel
def advance_scaler(state: Table, params: Table, features: Matrix, out: Matrix, i: int, n: int) -> None:
    """Scale rows i … n−1 by fitted centers and scales."""
    p = params[0]
    for k in range(i, n):
        _scale_row(state[0], p["center"], p["scale"], p["missing"], p["norm"], features, out, k)


@kernel
def advance_online_standard(state: Table, params: Table, features: Matrix, out: Matrix, i: int, n: int) -> None:
    """Scale rows i … n−1 by mean and standard deviation of the rows so far (Welford's recursion), inclusive."""
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
    """Scale rows i … n−1 by minimum and range of the rows so far, inclusive."""
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
    """Scale rows i … n−1 by median and interquartile range of the rows so far (P² estimates), inclusive."""
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
