"""Weighted ensemble: the mean of opinions, with weights that depend on the regime."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.alpha.contract import AlphaInstance
from quaestor.brain.ensemble.contract import Ensemble, EnsembleInstance
from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.ledger.codes import Regime

#: Weight of an alpha outside its best regimes; 1 inside.
OUTSIDE_WEIGHT = 0.5

_STATE = np.dtype([("unused", "<i8")])


@kernel
def _combine(weights: Row, votes: Matrix, regime: int, k: int) -> tuple[float, float]:
    """Return signal and confidence of bar k."""
    pull = 0.0
    present = 0.0
    opinions = 0
    for j in range(weights.shape[0]):
        signal = votes[2 * j, k]
        if signal == signal:
            pull += weights[j, regime] * signal
            present += weights[j, regime]
            opinions += 1
    if opinions == 0:
        return np.nan, 0.0
    if not present > 0.0:
        return 0.0, 0.0
    combined = pull / present
    confidence = 0.0
    for j in range(weights.shape[0]):
        if votes[2 * j, k] * combined > 0.0 or (votes[2 * j, k] == 0.0 and combined == 0.0):
            confidence += weights[j, regime] * votes[2 * j + 1, k]
    return combined, confidence / present


@kernel
def advance(
    state: Table,  # noqa: ARG001
    params: Table,
    votes: Matrix,
    regimes: NDArray[np.int8],
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the weighted mean of the signals present; confidence is the weighted share of the alphas of its sign."""
    weights = params[0]["weights"]
    for k in range(i, n):
        out[0, k], out[1, k] = _combine(weights, votes, regimes[k], k)


WEIGHTED = Ensemble(
    name="weighted",
    doc="Signal: mean of the signals present, weighted by alpha and regime. Confidence: the weighted share of "
    "confidence in alphas of the same direction. NaN while no alpha has an opinion; 0 where every weight is 0.",
    source="Bates and Granger (1969), The Combination of Forecasts",
    advance=advance,
    state_dtype=_STATE,
)


def make_weighted(
    alphas: Sequence[AlphaInstance],
    weights: Sequence[float] | None = None,
    regime_weights: Sequence[Sequence[float]] | None = None,
) -> EnsembleInstance:
    """Return a weighted ensemble of these alphas.

    Args:
        alphas: at least one.
        weights: one an alpha, ≥ 0; equal by default.
        regime_weights: for each alpha one weight a `Regime`, ≥ 0; by default 1 in its best regimes and
            `OUTSIDE_WEIGHT` elsewhere.

    Raises:
        ConfigError: weights of the wrong number, negative, not finite, or all zero.
    """
    count = len(alphas)
    by_alpha = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    by_regime = _best_regimes(alphas) if regime_weights is None else np.asarray(regime_weights, dtype=np.float64)
    if count == 0 or by_alpha.shape != (count,) or by_regime.shape != (count, len(Regime)):
        raise ConfigError(
            f"{by_alpha.shape} weights and {by_regime.shape} regime weights for {count} alphas",
            place="ensemble weighted",
            remedy=f"give one weight an alpha, and for each alpha {len(Regime)} regime weights",
        )
    table = by_alpha[:, None] * by_regime
    if not np.all(np.isfinite(table)) or np.any(table < 0.0) or not np.any(table > 0.0):
        raise ConfigError(
            "weights must be finite, not negative and not all zero", place="ensemble weighted", remedy="correct them"
        )
    params = np.zeros(1, np.dtype([("weights", "<f8", table.shape)]))
    params["weights"][0] = table
    params.flags.writeable = False
    return EnsembleInstance(WEIGHTED, count, params)


def _best_regimes(alphas: Sequence[AlphaInstance]) -> NDArray[np.float64]:
    """Return the default weights by alpha and regime."""
    rows = [
        [1.0 if regime in alpha.definition.best_regimes else OUTSIDE_WEIGHT for regime in Regime] for alpha in alphas
    ]
    return np.array(rows, dtype=np.float64).reshape(len(alphas), len(Regime))
