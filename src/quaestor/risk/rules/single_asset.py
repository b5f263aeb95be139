"""Single asset: exposure to one asset is at most a share of equity; margin for perpetuals, notional otherwise.

Instruments are of one asset when they have the same base. Sides do not net: long in one and short in another, each
contract may still lose on its own.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import exposure_weight, within_share


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    others = float(_exposure_beside(books, index, instrument["same_asset"]))
    weight = exposure_weight(instrument)
    return within_share(account, instrument, params["asset_pct"], others, weight, ticks, target)


@kernel
def _exposure_beside(books: Table, index: int, same_asset: int) -> int:
    """Return the exposure in quanta of the asset's other instruments, held and in flight."""
    total = 0
    others = same_asset & ~(1 << index)
    if others == 0:
        return total
    for k in range(len(books)):
        if others & (1 << k):
            total += books[k]["position"]["exposure"] + books[k]["risk"]["in_flight_exposure"]
    return total


RULE = Rule(
    "single_asset",
    Layer.EXPOSURE,
    permit,
    (Setting("asset_pct", 20.0, 10.0, float("inf"), "% of equity", "largest exposure to one asset"),),
)
