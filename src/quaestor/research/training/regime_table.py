"""Regime table: risk profile, preferred strategies and trained models of each regime.

The table is composed of facts kept elsewhere: limits in `risk.profiles`, strategies by the `best_regimes` of each alpha
(to which the weighted ensemble gives more weight), models by the specialists of a default training. Weights that a
training learns regime by regime override the preference.
"""

from dataclasses import dataclass

from quaestor.brain.alpha.catalog import CATALOG
from quaestor.ledger.codes import Regime
from quaestor.research.training.settings import TrainingSettings
from quaestor.risk.profiles import REGIME_PROFILES, RegimeProfile


@dataclass(frozen=True, slots=True)
class RegimeRow:
    """Row of one regime."""

    regime: Regime
    profile: RegimeProfile
    strategies: tuple[str, ...]
    models: tuple[str, ...]  # specialists first, then those that see every regime


def regime_table() -> tuple[RegimeRow, ...]:
    """Return the shipped table, one row a regime.

    Example:
        >>> [row.strategies for row in regime_table() if row.regime == Regime.VOLATILE]
        [('breakout',)]
    """
    training = TrainingSettings()
    return tuple(
        RegimeRow(
            regime=regime,
            profile=REGIME_PROFILES[regime],
            strategies=tuple(alpha.name for alpha in CATALOG if regime in alpha.best_regimes),
            models=(*(s.name for s in training.specialists if regime in s.regimes), *training.learners),
        )
        for regime in Regime
    )
