"""Trained regime filter: the forward filter of a hidden Markov model with Gaussian emissions.

A Gaussian mixture is the special case in which every row of the transition matrix is the vector of weights: states are
then independent of those before. The filter uses the past alone; nothing is smoothed.

The fitted model is a table (`trained_regime_dtype`): a model fitted again is another table of the same layout.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.regime.contract import Codes
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.ledger.codes import Regime
from quaestor.numeric.elementary import exponential, is_missing, natural_log

#: Code of a state that the table has room for and the model does not have.
NO_STATE = -1

_REGIMES = len(Regime)


def trained_regime_dtype(states: int, features: int) -> np.dtype[np.void]:
    """Return the layout of a trained regime model with room for `states` states of `features` features; one element.

    A feature x becomes z = (x − center) / scale. State k emits z from a Gaussian with mean `means[k]` and covariance
    L·Lᵀ; `whitening[k]` is L⁻¹, lower triangular, and `normaliser[k]` the logarithm of its density at the mean.
    """
    each = (states, features)
    return np.dtype(
        [
            ("center", "<f8", (features,)),
            ("scale", "<f8", (features,)),
            ("means", "<f8", each),
            ("whitening", "<f8", (*each, features)),
            ("normaliser", "<f8", (states,)),
            ("transition", "<f8", (states, states)),  # from row to column; rows sum to 1
            ("initial", "<f8", (states,)),  # of the first row that is not missing
            ("codes", "<i8", (states,)),  # Regime of each state, NO_STATE where there is none
            ("hold", "<i8"),  # bars in a row that a new regime must lead
            ("margin", "<f8"),  # by which its probability must exceed that of the current one
        ],
        align=True,
    )


def trained_state_dtype(states: int, features: int) -> np.dtype[np.void]:
    """Return the layout of the state of `advance`; zero bytes are fresh."""
    return np.dtype(
        [
            ("belief", "<f8", (states,)),  # filtered probability of each state, once `seen`
            ("scratch", "<f8", (states,)),
            ("z", "<f8", (features,)),  # scaled features of the row
            ("seen", "<i8"),
            ("regime", "<i8"),
            ("candidate", "<i8"),
            ("streak", "<i8"),
        ],
        align=True,
    )


@kernel
def advance(
    state: Table, table: Table, features: Matrix, regimes: Codes, posterior: NDArray[np.float64], i: int, n: int
) -> None:
    """Write the regime of rows i … n−1, and the filtered probability of that regime.

    A regime takes over once it has been the most probable, by `margin` or more over the current one, for `hold` rows in
    a row; NORMAL at the start. A row in which a feature is missing (NaN or infinite), or so extreme that its density is
    0 under every state, changes nothing and repeats the row before.

    Args:
        state: layout `trained_state_dtype`.
        table: layout `trained_regime_dtype`.
        features: float64 (R, N), in their natural units.
        regimes: int8 (N,), written.
        posterior: float64 (N,), written.
        i: first row.
        n: row after the last.
    """
    s, t = state[0], table[0]
    if s["seen"] == 0:
        for j in range(len(s["belief"])):
            s["belief"][j] = t["initial"][j]
    for k in range(i, n):
        if _update_belief(s, t, features, k):
            _update_regime(s, t)
        regimes[k] = s["regime"]
        posterior[k] = _probability(s, t, s["regime"])


@kernel
def _update_belief(s: Row, t: Row, features: Matrix, k: int) -> bool:
    """Update the probabilities of the states by row k: Bayes' rule in logarithms. Return whether the row was usable."""
    if not _scale_features(s["z"], t, features, k):
        return False
    belief, scratch = s["belief"], s["scratch"]
    top = -np.inf
    for j in range(len(belief)):
        prior = belief[j]
        if s["seen"] == 1:
            prior = 0.0
            for m in range(len(belief)):
                prior += belief[m] * t["transition"][m, j]
        scratch[j] = natural_log(prior) + _log_density(t, j, s["z"])
        if not scratch[j] < np.inf:
            return False
        top = max(top, scratch[j])
    if not top > -np.inf:
        return False
    total = 0.0
    for j in range(len(belief)):
        scratch[j] = exponential(scratch[j] - top)
        total += scratch[j]
    for j in range(len(belief)):
        belief[j] = scratch[j] / total
    s["seen"] = 1
    return True


@kernel
def _scale_features(z: NDArray[np.float64], t: Row, features: Matrix, k: int) -> bool:
    """Write the scaled features of row k into z; return whether none is missing."""
    for column in range(len(z)):
        x = features[column, k]
        if is_missing(x):
            return False
        z[column] = (x - t["center"][column]) / t["scale"][column]
    return True


@kernel
def _log_density(t: Row, j: int, z: NDArray[np.float64]) -> float:
    """Return the logarithm of the density of z under state j: normaliser − ½·‖L⁻¹(z − mean)‖²."""
    squared = 0.0
    for row in range(len(z)):
        whitened = 0.0
        for column in range(row + 1):
            whitened += t["whitening"][j, row, column] * (z[column] - t["means"][j, column])
        squared += whitened * whitened
    return t["normaliser"][j] - 0.5 * squared


@kernel
def _probability(s: Row, t: Row, regime: int) -> float:
    """Return the filtered probability of a regime: the sum over its states."""
    total = 0.0
    for j in range(len(s["belief"])):
        if t["codes"][j] == regime:
            total += s["belief"][j]
    return min(total, 1.0)


@kernel
def _update_regime(s: Row, t: Row) -> None:
    """Make the most probable regime the current one once it has led for `hold` rows."""
    regime = s["regime"]
    current = _probability(s, t, regime)
    suggested, best = regime, current
    for other in range(_REGIMES):
        probability = _probability(s, t, other)
        if probability > best:
            suggested, best = other, probability
    if suggested == regime or not best - current >= t["margin"]:
        s["streak"] = 0
        return
    s["streak"] = s["streak"] + 1 if suggested == s["candidate"] else 1
    s["candidate"] = suggested
    if s["streak"] >= t["hold"]:
        s["regime"] = suggested
        s["streak"] = 0
