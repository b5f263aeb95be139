"""Netted ensemble: strategies as sleeves of one account, whose signals by share add up to one position."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.alpha.contract import AlphaInstance
from quaestor.brain.ensemble.contract import Ensemble, EnsembleInstance
from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table

#: Most strategies on one account.
MAX_SLEEVES = 16

#: `signal`: the last of each strategy; 0 before its first.
_STATE = np.dtype([("signal", "<f8", (MAX_SLEEVES,))], align=True)


@kernel
def _net(state: Row, shares: Row, votes: Matrix, k: int) -> tuple[float, float]:
    """Return signal and confidence of bar k."""
    net = 0.0
    opinions = 0
    for j in range(shares.shape[0]):
        signal = votes[2 * j, k]
        if signal == signal:
            state["signal"][j] = signal
            opinions += 1
        net += shares[j] * state["signal"][j]
    if opinions == 0:
        return np.nan, 0.0
    net = min(max(net, -1.0), 1.0)
    confidence = 0.0
    agreeing = 0.0
    for j in range(shares.shape[0]):
        if state["signal"][j] * net > 0.0 or (state["signal"][j] == 0.0 and net == 0.0):
            confidence += shares[j] * votes[2 * j + 1, k]
            agreeing += shares[j]
    return net, confidence / agreeing if agreeing > 0.0 else 0.0


@kernel
def advance(
    state: Table,
    params: Table,
    votes: Matrix,
    regimes: NDArray[np.int8],  # noqa: ARG001
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the sum of share × signal; confidence is the mean of the strategies of its sign, weighted by share."""
    shares = params[0]["shares"]
    for k in range(i, n):
        out[0, k], out[1, k] = _net(state[0], shares, votes, k)


NETTED = Ensemble(
    name="netted",
    doc="Signal: sum of share × signal, where a strategy without an opinion keeps its last one, and has none at first. "
    "Confidence: the mean of those of the same direction, weighted by share. NaN while no strategy has an opinion.",
    source="position netting of sub-accounts; Grinold and Kahn (2000), Active Portfolio Management, ch. 14",
    advance=advance,
    state_dtype=_STATE,
)


def make_netted(alphas: Sequence[AlphaInstance], shares: Sequence[float] = ()) -> EnsembleInstance:
    """Return an ensemble of strategies with their shares of the account; equal shares by default.

    Raises:
        ConfigError: too many strategies, or shares of another number, not above 0, or above 1 together.
    """
    count = len(alphas)
    given = np.asarray(shares if len(shares) else [1.0 / count] * count, dtype=np.float64)
    if count > MAX_SLEEVES:
        raise ConfigError(f"{count} strategies on one account", place="--strategy", remedy=f"use {MAX_SLEEVES} at most")
    if given.shape != (count,) or not np.all(given > 0.0) or not given.sum() <= 1.0 + 1e-9:
        raise ConfigError(
            f"shares {', '.join(f'{share:g}' for share in given)} of {count} strategies",
            place="--shares",
            remedy="give each strategy a share above 0, at most 1 together",
        )
    params = np.zeros(1, np.dtype([("shares", "<f8", (count,))]))
    params["shares"][0] = given
    params.flags.writeable = False
    return EnsembleInstance(NETTED, count, params)
