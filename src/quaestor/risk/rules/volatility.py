"""Volatility budget: a position's share of equity times the annualised volatility of its asset is capped.

The volatility is the ensemble of `risk.volatility`.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import notional
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import within_value, worth_of
from quaestor.risk.state import DAY_NS
from quaestor.risk.volatility import bar_volatility

_YEAR_DAYS = 365.0


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["volatility_budget_pct"]
    bars_per_year = _YEAR_DAYS * float(DAY_NS) / float(instrument["interval_ns"])
    volatility = bar_volatility(books[index]["risk"]) * np.sqrt(bars_per_year)
    worth = worth_of(account)
    lowest, highest = within_value(instrument, worth * limit / 100.0 / max(volatility, 1e-9), ticks)
    return lowest, highest, 100.0 * volatility * notional(instrument, target, ticks) / worth, limit


RULE = Rule(
    "volatility",
    Layer.VOLATILITY,
    permit,
    (
        Setting(
            "volatility_budget_pct", 15.0, 8.0, float("inf"), "% of equity a year", "largest volatility of one position"
        ),
    ),
)
