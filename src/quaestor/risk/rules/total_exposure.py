"""All positions together are at most a share of equity: margin for perpetuals, notional otherwise."""

from quaestor.kernels.codes import Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row, Table
from quaestor.kernels.ledger import equity, notional
from quaestor.risk.contract import Rule, Setting, within_value
from quaestor.risk.rules.single_asset import exposure_weight


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    limit = params["exposure_pct"]
    worth = float(max(equity(account["ledger"]), 1))
    others = float(account["ledger"]["exposure"] - books[index]["position"]["exposure"])
    others += account["risk"]["promised_exposure"]
    weight = exposure_weight(instrument)
    lowest, highest = within_value(instrument, (worth * limit / 100.0 - others) / weight, ticks)
    return lowest, highest, 100.0 * (others + weight * notional(instrument, wanted, ticks)) / worth, limit


RULE = Rule(
    "total_exposure",
    Layer.EXPOSURE,
    permit,
    (Setting("exposure_pct", 80.0, 40.0, float("inf"), "% of equity", "largest exposure of all positions together"),),
)
