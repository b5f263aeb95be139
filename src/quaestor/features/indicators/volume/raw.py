"""Raw volume: the bar's volume and its relative change."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_delay

_NO_STATE = np.dtype([("unused", "<i8")])


@kernel
def advance_volume(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the bar's volume."""
    for k in range(i, n):
        volume = columns[Column.VOLUME, k]
        out[0, k] = volume if not is_missing(volume) else np.nan


@kernel
def advance_volume_change(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the difference of two volumes as a share of their sum."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if is_missing(volume):
            continue
        before = push_delay(s["past"], length, volume)
        if s["count"] == length:
            total = volume + before
            out[0, k] = (volume - before) / total if total > 0.0 else 0.0
        s["count"] = min(s["count"] + 1, length)


VOLUME = Feature(
    name="volume",
    family="volume",
    doc="Volume of the bar.",
    units="base units",
    source="the bar",
    inputs=(Column.VOLUME,),
    outputs=("volume",),
    parameters=(),
    advance=advance_volume,
    state_dtype=always(_NO_STATE),
    warmup=always(0),
)

VOLUME_CHANGE = Feature(
    name="volume_change",
    family="volume",
    doc="(volume − v) / (volume + v), v the volume `length` bars ago; in [−1, 1]; 0 when neither bar traded. Unlike "
    "volume / v − 1 it is finite after a bar without trades, and a doubling weighs as much as a halving.",
    units="fraction",
    source="Törnqvist, Vartia and Vartia (1985), How Should Relative Changes Be Measured?, half their measure H₃",
    inputs=(Column.VOLUME,),
    outputs=("volume_change",),
    parameters=(Integer("length", 1, 1, 10_000, "bars"),),
    advance=advance_volume_change,
    state_dtype=counted_windows("past"),
    warmup=lambda length: length,
)
