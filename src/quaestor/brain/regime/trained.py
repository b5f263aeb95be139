"""A regime filter learned from data: the forward filter of a hidden Markov model with Gaussian emissions.

A Gaussian mixture is the special case in which every row of the transition matrix is the vector of weights: what came
before then says nothing. The filter looks at the past alone; nothing of it is smoothed.

What was learned is a table (`trained_regime_dtype`): a model fitted again is another table of the same layout.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.regime.contract import Codes
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.ledger.codes import Regime
from quaestor.numeric.elementary import exponential, is_missing, natural_log

#: Code of a state that a table has room for and the model does not have.
NO_STATE = -1

_REGIMES = len(Regime)


def trained_regime_dtype(states: int, features: int) -> np.dtype[np.void]:
    """Layout of a learned regime model with room for `states` states of `features` features; one element.

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
            ("initial", "<f8", (states,)),  # of the first row that is there
            ("codes", "<i8", (states,)),  # Regime of each state, NO_STATE where there is none
            ("hold", "<i8"),  # bars in a row that a new regime must be suggested
            ("margin", "<f8"),  # by which its probability must exceed that of the current one
        ],
        align=True,
    )


def trained_state_dtype(states: int, features: int) -> np.dtype[np.void]:
    """State of `advance`; zero bytes are fresh."""
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
    """Name rows i … n−1: `regimes[k]` the regime, `posterior[k]` the filtered probability of that regime.

    A regime takes over once it has been the most probable, by `margin` or more over the current one, for `hold` rows in
    a row; NORMAL at the start. A row in which a feature is missing (NaN or infinite), or so far out that no state can
    have emitted it, changes nothing and repeats the row before.

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
            _name(s, t)
        regimes[k] = s["regime"]
        posterior[k] = _probability(s, t, s["regime"])


@kernel
def _update_belief(s: Row, t: Row, features: Matrix, k: int) -> bool:
    """Bayes' rule in logarithms, against underflow; whether there was anything to learn."""
    if not _take_features(s["z"], t, features, k):
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
def _take_features(z: NDArray[np.float64], t: Row, features: Matrix, k: int) -> bool:
    """Scale the features of row k; whether all are there."""
    for column in range(len(z)):
        x = features[column, k]
        if is_missing(x):
            return False
        z[column] = (x - t["center"][column]) / t["scale"][column]
    return True


@kernel
def _log_density(t: Row, j: int, z: NDArray[np.float64]) -> float:
    """Logarithm of the density of z under state j: normaliser − ½·‖L⁻¹(z − mean)‖²."""
    squared = 0.0
    for row in range(len(z)):
        whitened = 0.0
        for column in range(row + 1):
            whitened += t["whitening"][j, row, column] * (z[column] - t["means"][j, column])
        squared += whitened * whitened
    return t["normaliser"][j] - 0.5 * squared


@kernel
def _probability(s: Row, t: Row, regime: int) -> float:
    """Filtered probability of a regime: that of its states together."""
    total = 0.0
    for j in range(len(s["belief"])):
        if t["codes"][j] == regime:
            total += s["belief"][j]
    return min(total, 1.0)


@kernel
def _name(s: Row, t: Row) -> None:
    """Let the most probable regime take over once it has held long enough."""
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
