"""Volatility target sizer: equity × target over the annualised volatility of the asset.

The volatility is the officer's own estimate (`risk.volatility`), scaled to a year of 365 days by the square root of
time (Moreira and Muir 2017, "Volatility-Managed Portfolios"; Harvey et al. 2018, "The Impact of Volatility Targeting").
"""

import math

from quaestor.domain.parameter import Real
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity
from quaestor.risk.sizing.contract import UNKNOWN, Sizer, whole_quanta
from quaestor.risk.state import DAY_NS
from quaestor.risk.volatility import bar_volatility

#: Fewest returns from which a volatility is estimated.
FEWEST_RETURNS = 20
_YEAR_DAYS = 365.0


@kernel
def cap(account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int) -> int:
    """Return equity × target / volatility; unknown while the volatility is unknown or 0. See `contract`."""
    deviation = bar_volatility(book["risk"])
    if book["risk"]["n_returns"] < FEWEST_RETURNS or not deviation > 0.0:
        return UNKNOWN
    volatility = deviation * math.sqrt(_YEAR_DAYS * float(DAY_NS) / float(instrument["interval_ns"]))
    return whole_quanta(equity(account["ledger"]) * params["target_volatility_pct"] / 100.0 / volatility)


SIZER = Sizer(
    "volatility_target",
    cap,
    (Real("target_volatility_pct", 10.0, 0.01, 1000.0, "% of equity a year, of one position (`volatility_target`)"),),
)
