"""Bollinger bandwidth and %b: relative width of the bands, and position of the close between them."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.deviations import BBANDS
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table

_STATE = np.dtype([("unused", "<i8")])


@kernel
def advance_bbands_width(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    upper: Table,
    middle: Table,
    lower: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the distance of the bands as a share of the middle band."""
    for k in range(i, n):
        out[0, k] = (upper[k] - lower[k]) / middle[k] if middle[k] != 0.0 else 0.0


@kernel
def advance_bbands_position(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,
    upper: Table,
    lower: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the close's position between the bands."""
    for k in range(i, n):
        reach = upper[k] - lower[k]
        out[0, k] = (columns[Column.CLOSE, k] - lower[k]) / reach if reach != 0.0 else 0.5


BBANDS_WIDTH = Feature(
    name="bbands_width",
    family="volatility",
    doc="Bollinger's bandwidth: (upper − lower) / middle of `bbands`; ≥ 0; 0 where the middle is 0.",
    units="ratio",
    source="Bollinger (2001), Bollinger on Bollinger Bands: BandWidth",
    inputs=BBANDS.inputs,
    outputs=("bbands_width",),
    parameters=BBANDS.parameters,
    advance=advance_bbands_width,
    state_dtype=always(_STATE),
    warmup=BBANDS.warmup,
    parts=lambda *values: tuple(BBANDS.instance(*values, output=k).name for k in range(3)),
)

BBANDS_POSITION = Feature(
    name="bbands_position",
    family="volatility",
    doc="Bollinger's %b: (close − lower) / (upper − lower) of `bbands`; 0 at the lower band, 1 at the upper; 0.5 when "
    "they meet.",
    units="ratio",
    source="Bollinger (2001), Bollinger on Bollinger Bands: %b",
    inputs=BBANDS.inputs,
    outputs=("bbands_position",),
    parameters=BBANDS.parameters,
    advance=advance_bbands_position,
    state_dtype=always(_STATE),
    warmup=BBANDS.warmup,
    parts=lambda *values: tuple(BBANDS.instance(*values, output=k).name for k in (0, 2)),
)
