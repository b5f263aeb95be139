"""Regime filter none: every bar is NORMAL."""

import numpy as np

from quaestor.brain.regime.contract import Codes, RegimeFilter
from quaestor.domain.parameter import always
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.ledger.codes import Regime

_STATE = np.dtype([("unused", "<i8")])
_NORMAL = int(Regime.NORMAL)


@kernel
def advance(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    features: Matrix,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    out: Codes,
    i: int,
    n: int,
) -> None:
    """Write NORMAL for every bar."""
    for k in range(i, n):
        out[k] = _NORMAL


NONE = RegimeFilter(
    name="none",
    doc="Every bar is NORMAL.",
    source="",
    parameters=(),
    features=always(()),
    state_dtype=always(_STATE),
    advance=advance,
)
