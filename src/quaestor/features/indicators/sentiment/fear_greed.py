"""Fear and greed index of the whole market: value and change."""

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.held_values import NO_STATE, advance_change, advance_value, change_dtype
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table

_FEAR_GREED = int(Column.FEAR_GREED)
_SOURCE = "alternative.me Crypto Fear & Greed Index"


@kernel
def advance_fear_greed(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the index scaled to [−1, 1]."""
    advance_value(_FEAR_GREED, 0.02, -1.0, columns, out, i, n)


@kernel
def advance_fear_greed_change(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change of the scaled index from `length` bars ago."""
    advance_change(state, params[0]["length"], _FEAR_GREED, 0.02, columns, out, i, n)


FEAR_GREED = Feature(
    name="fear_greed",
    family="sentiment",
    doc="index / 50 − 1 of the last index from 0 to 100 known at the close: −1 extreme fear, 1 extreme greed.",
    units="ratio",
    source=_SOURCE,
    inputs=(Column.FEAR_GREED,),
    outputs=("fear_greed",),
    parameters=(),
    advance=advance_fear_greed,
    state_dtype=always(NO_STATE),
    warmup=always(0),
)

FEAR_GREED_CHANGE = Feature(
    name="fear_greed_change",
    family="sentiment",
    doc="fear_greed − fear_greed `length` bars ago; in [−2, 2].",
    units="ratio",
    source=_SOURCE,
    inputs=(Column.FEAR_GREED,),
    outputs=("fear_greed_change",),
    parameters=(Integer("length", 24, 1, 100_000, "bars"),),
    advance=advance_fear_greed_change,
    state_dtype=change_dtype,
    warmup=lambda length: length,
)
