"""Dominant cycle period, and the phasor by which it is measured."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.cycle.hilbert import EARLY, EARLY_WARMUP, PHASOR, push_close
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing

_STATE = np.dtype([("rows", "<i8"), ("phasor", PHASOR, (1,))], align=True)


@kernel
def _advance(state: Table, columns: Matrix, out: Matrix, i: int, n: int, parts: bool) -> None:
    s = state[0]
    phasor = s["phasor"][0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if parts:
            out[1, k] = np.nan
        if is_missing(x):
            continue
        push_close(s["phasor"], EARLY, x)
        if s["rows"] < EARLY_WARMUP:
            s["rows"] += 1
        elif parts:
            out[0, k] = phasor["detrended"][3]
            out[1, k] = phasor["quadrature"][0]
        else:
            out[0, k] = phasor["smooth_period"]


@kernel
def advance_dcperiod(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the length of the dominant cycle in bars."""
    _advance(state, columns, out, i, n, False)


@kernel
def advance_phasor(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the in-phase and quadrature components."""
    _advance(state, columns, out, i, n, True)


HT_DCPERIOD = Feature(
    name="ht_dcperiod",
    family="cycle",
    doc="Length of the dominant cycle of the close, from the rotation of its phasor (Hilbert transform) from bar to "
    "bar; below 50.",
    units="bars",
    source="TA-Lib HT_DCPERIOD; Ehlers (2001), Rocket Science for Traders, chapter 7",
    inputs=(Column.CLOSE,),
    outputs=("ht_dcperiod",),
    parameters=(),
    advance=advance_dcperiod,
    state_dtype=always(_STATE),
    warmup=always(EARLY_WARMUP),
)

HT_PHASOR = Feature(
    name="ht_phasor",
    family="cycle",
    doc="The detrended close as a phasor: `inphase` is its value three bars ago, `quadrature` its Hilbert transform.",
    units="price",
    source="TA-Lib HT_PHASOR; Ehlers (2001), Rocket Science for Traders, chapter 6",
    inputs=(Column.CLOSE,),
    outputs=("inphase", "quadrature"),
    parameters=(),
    advance=advance_phasor,
    state_dtype=always(_STATE),
    warmup=always(EARLY_WARMUP),
)
