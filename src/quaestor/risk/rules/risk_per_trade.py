"""Risk per trade: what a stop would lose is at most a share of equity, which a regime lowers and never raises."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import notional
from quaestor.ledger.rows import NO_LIMIT
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import stricter, within_value, worth_of
from quaestor.risk.profiles import RISK_PCT


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = stricter(params["risk_per_trade_pct"], params["risk_pct"][books[index]["regime"]])
    distance = books[index]["risk"]["stop_distance"]
    if distance <= 0 or limit >= 1e300:
        return -NO_LIMIT, NO_LIMIT, 0.0, limit
    worth = worth_of(account)
    share = float(distance) / float(ticks)
    lowest, highest = within_value(instrument, worth * limit / 100.0 / share, ticks)
    return lowest, highest, 100.0 * share * notional(instrument, target, ticks) / worth, limit


RULE = Rule(
    "risk_per_trade",
    Layer.POSITION,
    permit,
    (Setting("risk_per_trade_pct", 2.0, 1.0, float("inf"), "% of equity", "largest loss of one trade at its stop"),),
    RISK_PCT,
    always_evaluated=True,
)
