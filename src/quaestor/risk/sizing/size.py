"""Position size: lots for a direction and its strength, the smallest of the sizers' notionals scaled down.

Losses in a row shrink positions as well, by the officer's `rules.streak_reduction`.
"""

import numpy as np

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import lots_for_value
from quaestor.ledger.rows import NO_LIMIT
from quaestor.numeric.arithmetic import RATE_ONE, muldiv_floor
from quaestor.risk.sizing.catalog import CONFIDENCE, SIZERS

#: Parameters of every sizer, one nested record each; whether it is used; and how far confidence scales a size.
SIZING_PARAMS = np.dtype(
    [(sizer.name, sizer.dtype) for sizer in SIZERS]
    + [(f"uses_{sizer.name}", "i1") for sizer in SIZERS]
    + [(CONFIDENCE.name, "f8")],
    align=True,
)


def _source() -> str:
    imports = "\n".join(f"from {sizer.cap.__module__} import cap as cap_{sizer.name}" for sizer in SIZERS)
    caps = "\n".join(
        f"""    if params["uses_{sizer.name}"] != 0:
        cap = cap_{sizer.name}(account, book, instrument, params["{sizer.name}"], event, stop)
        if cap >= 0 and (sizer == 0 or cap < smallest):
            smallest, sizer = cap, {number}"""
        for number, sizer in enumerate(SIZERS, start=1)
    )
    return f'''"""Generated from the catalog of sizers."""

from quaestor.jit.compile import kernel
{imports}


@kernel
def smallest_cap(account, book, instrument, params, event, stop):
    smallest = 0
    sizer = 0
{caps}
    return smallest, sizer
'''


#: ``smallest_cap(account, book, instrument, params, event, stop)``: returns the smallest notional of the used sizers,
#: and 1 + the index of its sizer in the catalog; (0, 0) when all sizes are unknown.
smallest_cap = fuse("sizing", _source()).smallest_cap


@kernel
def sized_lots(
    account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int, strength: float
) -> tuple[int, int]:
    """Return signed lots of a position of `strength` in [−1, 1], and the sizer of the size, as `smallest_cap`.

    The fee of the entry is kept back. The size is only a target: the officer's limits come after it.
    """
    budget, sizer = smallest_cap(account, book, instrument, params, event, stop)
    share = round(abs(strength) * RATE_ONE)
    budget = muldiv_floor(budget, int(share), RATE_ONE)
    factor = _confidence_factor(params, event)
    if factor < 1.0:
        budget = muldiv_floor(budget, int(factor * RATE_ONE), RATE_ONE)
    budget = min(muldiv_floor(budget, RATE_ONE, RATE_ONE + instrument["taker_rate"]), NO_LIMIT)
    lots = min(lots_for_value(instrument, budget, event["close"]), instrument["max_lots"])
    return (lots if strength > 0.0 else -lots), sizer


@inlined
def _confidence_factor(params: Row, event: Row) -> float:
    """Return the factor by which confidence scales a size, in [0, 1]; a NaN confidence counts as 0."""
    confidence = event["confidence"]
    if not confidence >= 0.0:
        confidence = 0.0
    weight: float = params["confidence_weight"]
    return 1.0 - weight + weight * min(confidence, 1.0)
