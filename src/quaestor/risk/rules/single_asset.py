"""One asset, over all its instruments, is at most a share of equity: margin for perpetuals, notional otherwise."""

from quaestor.kernels.arithmetic import RATE_ONE
from quaestor.kernels.codes import Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row, Table
from quaestor.kernels.ledger import notional
from quaestor.risk.answers import within_value, worth_of
from quaestor.risk.contract import Rule, Setting


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    limit = params["asset_pct"]
    worth = worth_of(account)
    weight = exposure_weight(instrument)
    lowest, highest = within_value(instrument, worth * limit / 100.0 / weight, ticks)
    return lowest, highest, 100.0 * weight * notional(instrument, wanted, ticks) / worth, limit


@kernel
def exposure_weight(instrument: Row) -> float:
    """How much of a notional counts as exposure: the margin rate for perpetuals, all of it otherwise."""
    if instrument["margined"] != 0:
        return float(instrument["initial_margin_rate"]) / RATE_ONE
    return 1.0


RULE = Rule(
    "single_asset",
    Layer.EXPOSURE,
    permit,
    (Setting("asset_pct", 20.0, 10.0, float("inf"), "% of equity", "largest exposure to one asset"),),
)
