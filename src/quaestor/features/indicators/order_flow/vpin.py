"""VPIN, volume-synchronised probability of informed trading: imbalance of buckets of equal volume."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import push_sum, ring_capacity, window_dtype

_INPUTS = (Column.VOLUME, Column.BUY_VOLUME)
_BUCKETS = Integer("buckets", 50, 1, 1_000, "buckets in the mean")


def _buckets_dtype(buckets: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("full", "<i8"),  # number of filled buckets, at most `buckets`
            ("position", "<i8"),
            ("size", "<f8"),  # of the open bucket; 0: none is open
            ("filled", "<f8"),
            ("bought", "<f8"),
            ("ring", "<f8", (ring_capacity(buckets),)),
        ],
        align=True,
    )


@kernel
def push_volume(state: Table, buckets: int, size: float, volume: float, bought: float) -> None:
    """Add a row's volume to buckets, split exactly where one is full; a new one holds `size`.

    Within a row buyers and sellers are spread evenly. All buckets filled by one row have the same size.
    """
    b = state[0]
    if volume <= 0.0 or size <= 0.0:
        return
    share = min(bought / volume, 1.0)
    if b["size"] == 0.0:
        b["size"] = size
    left = volume
    room = b["size"] - b["filled"]
    if left >= room:
        b["bought"] += share * room
        _close_bucket(state, buckets, abs(2.0 * b["bought"] / b["size"] - 1.0))
        left -= room
        b["size"] = size
        b["filled"] = b["bought"] = 0.0
        whole = np.floor(left / size)
        for _ in range(int(min(whole, 1.0 * buckets))):
            _close_bucket(state, buckets, abs(2.0 * share - 1.0))
        left = min(max(left - whole * size, 0.0), size)
    b["filled"] += left
    b["bought"] += share * left


@kernel
def _close_bucket(state: Table, buckets: int, imbalance: float) -> None:
    b = state[0]
    b["ring"][b["position"]] = min(imbalance, 1.0)
    b["position"] = b["position"] + 1 if b["position"] + 1 < buckets else 0
    b["full"] = min(b["full"] + 1, buckets)


@kernel
def mean_imbalance(state: Table) -> float:
    """Return the mean imbalance of the full buckets; of the open one while none is full, 0 before the first trade."""
    b = state[0]
    if b["full"] == 0:
        return min(abs(2.0 * b["bought"] / b["filled"] - 1.0), 1.0) if b["filled"] > 0.0 else 0.0
    total = 0.0
    for k in range(b["full"]):
        total += b["ring"][k]
    return total / b["full"]


def _vpin_state(buckets: int, multiple: float, length: int) -> np.dtype[np.void]:  # noqa: ARG001
    fields = [("count", "<i8"), ("volumes", window_dtype(length), (1,)), ("buckets", _buckets_dtype(buckets), (1,))]
    return np.dtype(fields, align=True)


@kernel
def advance_vpin(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean imbalance of buckets that hold a multiple of the mean volume of a row."""
    s = state[0]
    buckets, multiple, length = params[0]["buckets"], params[0]["multiple"], params[0]["length"]
    for k in range(i, n):
        volume, bought = columns[Column.VOLUME, k], columns[Column.BUY_VOLUME, k]
        out[0, k] = np.nan
        if any_missing(volume, bought, 0.0):
            continue
        usual = push_sum(s["volumes"], length, volume) / length
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            push_volume(s["buckets"], buckets, multiple * usual, volume, bought)
            out[0, k] = mean_imbalance(s["buckets"])


def _fixed_state(buckets: int, volume: float) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("buckets", _buckets_dtype(buckets), (1,))])


@kernel
def advance_vpin_fixed(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean imbalance of buckets that hold a given volume."""
    s = state[0]
    buckets, size = params[0]["buckets"], params[0]["volume"]
    for k in range(i, n):
        volume, bought = columns[Column.VOLUME, k], columns[Column.BUY_VOLUME, k]
        out[0, k] = np.nan
        if not any_missing(volume, bought, 0.0):
            push_volume(s["buckets"], buckets, size, volume, bought)
            out[0, k] = mean_imbalance(s["buckets"])


_DOC = (
    "mean of |volume bought − volume sold| / bucket volume over the last `buckets` full buckets (over those there are "
    "while fewer are full, the open one while none is); in [0, 1]; 0 while nothing was traded. Rows are split exactly "
    "over buckets, buyers and sellers spread evenly within a row; the side of each trade is the venue's, not guessed "
    "from price changes."
)

VPIN = Feature(
    name="vpin",
    family="order_flow",
    doc="VPIN: " + _DOC + " A bucket holds `multiple` times the mean volume of the last `length` rows when it opens.",
    units="fraction",
    source="Easley, López de Prado and O'Hara (2012), Flow Toxicity and Liquidity in a High-Frequency World",
    inputs=_INPUTS,
    outputs=("vpin",),
    parameters=(
        _BUCKETS,
        Real("multiple", 5.0, 0.01, 10_000.0, "mean row volumes in a bucket"),
        Integer("length", 100, 1, 10_000, "rows"),
    ),
    advance=advance_vpin,
    state_dtype=_vpin_state,
    warmup=lambda buckets, multiple, length: length - 1,  # noqa: ARG005
)

VPIN_FIXED = Feature(
    name="vpin_fixed",
    family="order_flow",
    doc="VPIN: " + _DOC + " A bucket holds `volume`.",
    units="fraction",
    source="Easley, López de Prado and O'Hara (2012), Flow Toxicity and Liquidity in a High-Frequency World",
    inputs=_INPUTS,
    outputs=("vpin_fixed",),
    parameters=(_BUCKETS, Real("volume", 10.0, 1e-9, 1e12, "base units in a bucket")),
    advance=advance_vpin_fixed,
    state_dtype=_fixed_state,
    warmup=lambda buckets, volume: 0,  # noqa: ARG005
)
