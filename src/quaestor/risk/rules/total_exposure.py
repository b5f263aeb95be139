"""Total exposure: all positions together are at most a share of equity; margin for perpetuals, notional otherwise."""

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
    others = float(account["ledger"]["exposure"] - books[index]["position"]["exposure"])
    others += account["risk"]["in_flight_exposure"]
    weight = exposure_weight(instrument)
    return within_share(account, instrument, params["exposure_pct"], others, weight, ticks, target)


RULE = Rule(
    "total_exposure",
    Layer.EXPOSURE,
    permit,
    (Setting("exposure_pct", 80.0, 40.0, float("inf"), "% of equity", "largest exposure of all positions together"),),
)
