"""Expected slippage: half the spread and the impact of an entry's size are capped.

Impact by the square-root law (Almgren et al. 2005; Tóth et al. 2011): volatility of a bar × √(lots / lots traded a
bar). Where the spread is not known it counts as 0; where the volume is not known the rule permits everything.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.rows import NO_LIMIT, WHOLE_MAX
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import no_increase
from quaestor.risk.volatility import bar_volatility

_BPS = 1e4


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["slippage_bps_max"]
    memory = books[index]["risk"]
    if not memory["volume"] > 0.0:
        return -NO_LIMIT, NO_LIMIT, 0.0, limit
    held = books[index]["position"]["lots"]
    half_spread = 0.5 * _BPS * memory["spread"] / float(ticks)
    volatility = _BPS * bar_volatility(memory)
    added = abs(target - held) if target * held > 0 else abs(target)
    measured = half_spread + volatility * np.sqrt(added / memory["volume"])
    lowest, highest = no_increase(held)
    room = limit - half_spread
    if not room > 0.0:
        return lowest, highest, measured, limit
    share = room / max(volatility, 1e-12)
    lots = min(share * share * memory["volume"], WHOLE_MAX)
    return lowest - int(lots), highest + int(lots), measured, limit


RULE = Rule(
    "slippage",
    Layer.POSITION,
    permit,
    (Setting("slippage_bps_max", 50.0, 25.0, float("inf"), "bps", "largest expected slippage of an entry"),),
)
