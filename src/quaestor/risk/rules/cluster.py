"""Cluster limit: positions that move with an instrument form one cluster with it, whose gross notional is capped.

A member's correlation, the larger of the two estimates of `risk.co_movement`, is above the threshold; instruments
without an estimate yet count as members. Sides do not matter: a cluster is one source of risk, hedged or not.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.co_movement import riskier_correlation
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.in_flight import expected_notional
from quaestor.risk.permissions import within_share


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    members = _members(books, index, params["cluster_correlation"])
    return within_share(account, instrument, params["cluster_pct"], members, 1.0, ticks, target)


@kernel
def _members(books: Table, index: int, threshold: float) -> float:
    """Return the gross notional in quanta of the cluster's other instruments; NaN where the threshold is NaN."""
    total = 0.0 if threshold == threshold else np.nan
    for k in range(len(books)):
        size = expected_notional(books[k]) if k != index else 0.0
        if size > 0.0 and riskier_correlation(books, index, k, True) > threshold:
            total += size
    return total


RULE = Rule(
    "cluster",
    Layer.CORRELATION,
    permit,
    (
        Setting(
            "cluster_pct",
            40.0,
            20.0,
            float("inf"),
            "% of equity",
            "largest gross notional of what moves as one",
        ),
        Setting("cluster_correlation", 0.7, 0.5, 0.7, "correlation", "above it two positions are of one cluster"),
    ),
)
