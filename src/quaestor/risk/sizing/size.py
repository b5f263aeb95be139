"""From a direction and its strength to lots: the smallest of the sizers' answers, scaled down.

Losses in a row shrink positions too; that is the officer's `rules.streak_reduction`.
"""

import numpy as np

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import lots_for_value
from quaestor.ledger.rows import NO_LIMIT
from quaestor.numeric.arithmetic import RATE_ONE, muldiv_floor
from quaestor.risk.sizing.catalog import CONFIDENCE, SIZERS

#: Parameters of every sizer, one nested record each; whether it is asked; and how confidence scales its answer.
SIZING_PARAMS = np.dtype(
    [(sizer.name, sizer.dtype) for sizer in SIZERS]
    + [(f"asks_{sizer.name}", "i1") for sizer in SIZERS]
    + [(CONFIDENCE.name, "f8")],
    align=True,
)


def _source() -> str:
    imports = "\n".join(f"from {sizer.cap.__module__} import cap as cap_{sizer.name}" for sizer in SIZERS)
    verdicts = "\n".join(
        f"""    if params["asks_{sizer.name}"] != 0:
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
{verdicts}
    return smallest, sizer
'''


#: ``smallest_cap(account, book, instrument, params, event, stop)``: the smallest notional that a sizer names, and 1 +
#: its index in the catalog; (0, 0) when all are silent.
smallest_cap = fuse("sizing", _source()).smallest_cap


@kernel
def sized_lots(
    account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int, strength: float
) -> tuple[int, int]:
    """Signed lots of a position of `strength` in [-1, 1], and which sizer's answer they come from (see `smallest_cap`).

    The fee of the entry is kept back. Sizers only ever ask: the officer's limits come after.
    """
    budget, sizer = smallest_cap(account, book, instrument, params, event, stop)
    share = round(abs(strength) * RATE_ONE)
    budget = muldiv_floor(budget, int(share), RATE_ONE)
    kept = _kept_by_confidence(params, event)
    if kept < 1.0:
        budget = muldiv_floor(budget, int(kept * RATE_ONE), RATE_ONE)
    budget = min(muldiv_floor(budget, RATE_ONE, RATE_ONE + instrument["taker_rate"]), NO_LIMIT)
    lots = min(lots_for_value(instrument, budget, event["close"]), instrument["max_lots"])
    return (lots if strength > 0.0 else -lots), sizer


@inlined
def _kept_by_confidence(params: Row, event: Row) -> float:
    """What confidence leaves of a size, in [0, 1]; a confidence that is no number is none."""
    confidence = event["confidence"]
    if not confidence >= 0.0:
        confidence = 0.0
    weight: float = params["confidence_weight"]
    return 1.0 - weight + weight * min(confidence, 1.0)
