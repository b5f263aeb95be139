"""Order statistics: median, robust standard score and permutation entropy."""

import math

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import push_delay, ring_capacity, window_dtype
from quaestor.numeric.sorted_window import median_distance, push_sorted, quantile_of, sorted_dtype

_NORMAL = 1.482602218505602  # standard deviation over median absolute deviation of a normal distribution


def _sorted_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("closes", sorted_dtype(length), (1,))], align=True)


@kernel
def _take(s: Row, length: int, x: float) -> bool:
    """Add a close to the window unless it is missing and return whether the window holds `length` closes."""
    if is_missing(x):
        return False
    push_sorted(s["closes"], length, x)
    return bool(s["closes"][0]["count"] == length)


@kernel
def advance_median(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the median of the window."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        out[0, k] = np.nan
        if _take(s, length, columns[Column.CLOSE, k]):
            out[0, k] = quantile_of(s["closes"], length, 0.5)


@kernel
def advance_robust_zscore(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance from the median in scaled median absolute deviations."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if _take(s, length, x):
            middle = quantile_of(s["closes"], length, 0.5)
            spread = _NORMAL * median_distance(s["closes"], length, middle)
            out[0, k] = (x - middle) / spread if spread > 0.0 else 0.0


def _patterns_state(length: int, order: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("count", "<i8"),
            ("position", "<i8"),
            ("closes", window_dtype(order), (1,)),
            ("patterns", "<i8", (ring_capacity(length),)),
            ("counts", "<i8", (math.factorial(order),)),
        ],
        align=True,
    )


@kernel
def _pattern(s: Row, order: int) -> int:
    """Return the number of the ordering of the last closes (Lehmer code); of equal ones the earlier is lower."""
    ring = s["closes"][0]["ring"]
    oldest = s["closes"][0]["position"]
    code = 0
    for j in range(order):
        x = ring[(oldest + j) % order]
        lower = 0
        for later in range(j + 1, order):
            if ring[(oldest + later) % order] < x:
                lower += 1
        code = code * (order - j) + lower
    return code


@kernel
def _pattern_entropy(s: Row, total: int) -> float:
    counts = s["counts"]
    entropy = 0.0
    for code in range(len(counts)):
        if counts[code] > 0:
            share = counts[code] / total
            entropy -= share * natural_log(share)
    return entropy / natural_log(float(len(counts)))


@kernel
def advance_permutation_entropy(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the Shannon entropy of the orderings of neighbouring closes as a share of its maximum."""
    s = state[0]
    length, order = params[0]["length"], params[0]["order"]
    total = length - order + 1
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        push_delay(s["closes"], order, x)
        s["count"] = min(s["count"] + 1, length + 1)
        if s["count"] < order:
            continue
        position = s["position"]
        if s["count"] > length:
            s["counts"][s["patterns"][position]] -= 1
        code = _pattern(s, order)
        s["patterns"][position] = code
        s["counts"][code] += 1
        s["position"] = position + 1 if position + 1 < total else 0
        if s["count"] >= length:
            out[0, k] = _pattern_entropy(s, total)


_LENGTH = Integer("length", 20, 2, 10_000, "bars")

MEDIAN = Feature(
    name="median",
    family="statistical",
    doc="Median of the last `length` closes.",
    units="price",
    source="Tukey (1977), Exploratory Data Analysis",
    inputs=(Column.CLOSE,),
    outputs=("median",),
    parameters=(_LENGTH,),
    advance=advance_median,
    state_dtype=_sorted_state,
    warmup=lambda length: length - 1,
)

ROBUST_ZSCORE = Feature(
    name="robust_zscore",
    family="statistical",
    doc="(close − median) / (1.4826 · median absolute deviation) of the last `length` closes; 0 when more than half of "
    "them are equal.",
    units="standard deviations",
    source="Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers",
    inputs=(Column.CLOSE,),
    outputs=("robust_zscore",),
    parameters=(_LENGTH,),
    advance=advance_robust_zscore,
    state_dtype=_sorted_state,
    warmup=lambda length: length - 1,
)

PERMUTATION_ENTROPY = Feature(
    name="permutation_entropy",
    family="statistical",
    doc="Permutation entropy −Σ p ln p / ln(`order`!) of the orderings of `order` neighbouring closes, over the last "
    "`length` closes; in [0, 1]: 0 when always the same, 1 when all orderings are equally frequent. Of equal closes "
    "the earlier counts as the lower.",
    units="share of the maximum",
    source="Bandt and Pompe (2002), Permutation Entropy: A Natural Complexity Measure for Time Series",
    inputs=(Column.CLOSE,),
    outputs=("permutation_entropy",),
    parameters=(Integer("length", 100, 2, 10_000, "bars"), Integer("order", 3, 2, 6, "bars")),
    advance=advance_permutation_entropy,
    state_dtype=_patterns_state,
    warmup=lambda length, order: length - 1,  # noqa: ARG005
    conflict=lambda length, order: "" if order <= length else f"order = {order} does not fit into {length} bars",
)
