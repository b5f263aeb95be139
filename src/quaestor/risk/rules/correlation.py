"""Correlated exposure: the length of the vector of positions under their correlation matrix, as a share of equity.

With positions w (signed shares of equity) and exponentially weighted correlations C of bar returns the measure is
√(wᵀCw): two positions that move as one count in full, opposite ones offset. Solved for the instrument at hand it is
a quadratic, whose roots are the bounds.
"""

import numpy as np

from quaestor.kernels.codes import Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import NO_LIMIT, Row, Table
from quaestor.kernels.ledger import equity, notional
from quaestor.risk.contract import Rule, Setting, no_increase, within_value
from quaestor.risk.promised import expected_lots, expected_notional


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    limit = params["correlated_pct"]
    if limit >= 1e300:
        return -NO_LIMIT, NO_LIMIT, 0.0, limit
    worth = float(max(equity(account["ledger"]), 1))
    cross = 0.0
    rest = 0.0
    for j in range(len(books)):
        if j == index:
            continue
        weight = _weight(books[j], worth)
        cross += weight * _correlation(books, index, j)
        for k in range(len(books)):
            if k != index:
                rest += weight * _weight(books[k], worth) * _correlation(books, j, k)
    own = (1.0 if wanted >= 0 else -1.0) * notional(instrument, wanted, ticks) / worth
    measured = 100.0 * np.sqrt(max(own * own + 2.0 * own * cross + rest, 0.0))
    root = cross * cross - rest + (limit / 100.0) ** 2
    if not root >= 0.0:
        lowest, highest = no_increase(books[index]["position"]["lots"])
        return lowest, highest, measured, limit
    spread = np.sqrt(root)
    _, highest = within_value(instrument, (spread - cross) * worth, ticks)
    lowest, _ = within_value(instrument, (spread + cross) * worth, ticks)
    return lowest, highest, measured, limit


@kernel
def _weight(book: Row, worth: float) -> float:
    size = expected_notional(book) / worth
    return size if expected_lots(book) >= 0 else -size


@kernel
def _correlation(books: Table, j: int, k: int) -> float:
    if j == k:
        return 1.0
    scale = np.sqrt(books[j]["risk"]["variance"] * books[k]["risk"]["variance"])
    if not scale > 0.0:
        return 1.0
    return min(max(books[j]["risk"]["covariance"][k] / scale, -1.0), 1.0)


RULE = Rule(
    "correlation",
    Layer.CORRELATION,
    permit,
    (
        Setting(
            "correlated_pct", 60.0, 30.0, float("inf"), "% of equity", "largest correlated exposure of all positions"
        ),
    ),
)
