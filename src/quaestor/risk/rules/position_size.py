"""One position is at most a share of equity."""

from quaestor.kernels.codes import Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row, Table
from quaestor.kernels.ledger import equity, notional
from quaestor.risk.contract import Rule, Setting, within_value


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    limit = params["position_pct"]
    worth = float(max(equity(account["ledger"]), 1))
    lowest, highest = within_value(instrument, worth * limit / 100.0, ticks)
    return lowest, highest, 100.0 * notional(instrument, wanted, ticks) / worth, limit


RULE = Rule(
    "position_size",
    Layer.POSITION,
    permit,
    (Setting("position_pct", 10.0, 5.0, float("inf"), "% of equity", "largest notional of one position"),),
)
