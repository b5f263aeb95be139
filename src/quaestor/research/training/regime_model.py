"""Regime model: Gaussian states, their transitions, and their names."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.regime.contract import Codes
from quaestor.brain.regime.trained import NO_STATE, advance, trained_regime_dtype, trained_state_dtype
from quaestor.errors import ConfigError
from quaestor.jit.tables import Matrix, Table
from quaestor.ledger.codes import Regime

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RegimeModel:
    """K states over R features, of which state k emits z = (x − center) / scale from a Gaussian.

    `transition` leads from row to column; in a mixture every row of it is the vector of weights.
    """

    features: tuple[str, ...]  # canonical names, in order
    center: Array  # (R,), of the training rows
    scale: Array  # (R,)
    means: Array  # (K, R), of z
    covariances: Array  # (K, R, R), of z
    transition: Array  # (K, K)
    initial: Array  # (K,)
    names: tuple[Regime, ...]  # of each state; several may share one
    hold: int  # bars in a row that a new regime must be suggested
    margin: float  # by which its probability must exceed that of the current one

    @property
    def n_states(self) -> int:
        """Return K."""
        return len(self.names)

    @property
    def natural_means(self) -> Array:
        """Return the mean of each feature in each state in the feature's units, float64 (K, R)."""
        return self.center + self.scale * self.means

    def table(self, room: int | None = None) -> Table:
        """Return the table that the kernel reads: one element of `trained_regime_dtype`, with room for more states
        if requested.

        Raises:
            ConfigError: room for fewer states than there are.
        """
        states = self.n_states if room is None else room
        if states < self.n_states:
            raise ConfigError(f"{self.n_states} states do not fit in room for {states}", place="regime model")
        table = np.zeros(1, trained_regime_dtype(states, len(self.features)))
        row, known = table[0], slice(self.n_states)
        row["center"], row["scale"] = self.center, self.scale
        row["means"][known] = self.means
        factors = np.linalg.cholesky(self.covariances)
        row["whitening"][known] = np.tril(np.linalg.inv(factors))
        determinants = np.sum(np.log(np.diagonal(factors, axis1=1, axis2=2)), axis=1)
        row["normaliser"][known] = -0.5 * len(self.features) * np.log(2.0 * np.pi) - determinants
        row["transition"][known, known] = self.transition
        row["initial"][known] = self.initial
        row["codes"] = NO_STATE
        row["codes"][known] = [int(name) for name in self.names]
        row["hold"], row["margin"] = self.hold, self.margin
        table.flags.writeable = False
        return table


def model_from_table(features: Sequence[str], table: Table) -> RegimeModel:
    """Return the model that a table of an artefact holds; covariances to rounding, the rest to the last bit."""
    row = table[0]
    known = np.flatnonzero(row["codes"] != NO_STATE)
    factors = np.linalg.inv(row["whitening"][known])
    return RegimeModel(
        features=tuple(features),
        center=row["center"].copy(),
        scale=row["scale"].copy(),
        means=row["means"][known],
        covariances=factors @ factors.transpose(0, 2, 1),
        transition=row["transition"][np.ix_(known, known)],
        initial=row["initial"][known],
        names=tuple(Regime(int(code)) for code in row["codes"][known]),
        hold=int(row["hold"]),
        margin=float(row["margin"]),
    )


def name_rows(model: RegimeModel, values: Matrix) -> tuple[Codes, Array]:
    """Return the regime of each row, int8 (N,), and its filtered probability, float64 (N,), as the decision path
    gives them.

    Args:
        model: the model.
        values: its features, float64 (R or more, N), in their natural units.
    """
    n = values.shape[1]
    regimes, posterior = np.zeros(n, np.int8), np.zeros(n)
    state = np.zeros(1, trained_state_dtype(model.n_states, len(model.features)))
    advance(state, model.table(), values, regimes, posterior, 0, n)
    return regimes, posterior
