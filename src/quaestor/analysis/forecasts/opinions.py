"""Recorded opinions: outputs of a run's trained models, collected while it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.trained.outputs import N_FIXED, Output, probabilities, weights
from quaestor.engine.engine import Output as EngineOutput
from quaestor.jit.tables import Matrix
from quaestor.runtime.assembly.assemble import Assembly


@dataclass(frozen=True, slots=True, eq=False)
class Opinions:
    """Opinions of one instrument, a column a bar.

    Attributes:
        symbol: of the instrument; `models`: names, in order.
        ts: int64 (n,), open times.
        fixed: float64 (`N_FIXED`, n), rows by `Output`.
        probability: float64 (m, n), each model's calibrated probability of *up*; NaN where it has none.
        weight: float64 (m, n), shares of the pool.
        regimes: int8 (n,), as used by the decision.
    """

    symbol: str
    models: tuple[str, ...]
    ts: NDArray[np.int64]
    fixed: Matrix
    probability: Matrix
    weight: Matrix
    regimes: NDArray[np.int8]

    def take(self, rows: slice | NDArray[np.int64] | NDArray[np.bool_]) -> "Opinions":
        """Return some of the opinions."""
        return replace(
            self,
            ts=self.ts[rows],
            fixed=self.fixed[:, rows],
            probability=self.probability[:, rows],
            weight=self.weight[:, rows],
            regimes=self.regimes[rows],
        )

    def between(self, start_ts: int, end_ts: int) -> "Opinions":
        """Return those of bars that open in [start, end)."""
        return self.take(slice(int(np.searchsorted(self.ts, start_ts)), int(np.searchsorted(self.ts, end_ts))))

    @property
    def score(self) -> NDArray[np.float64]:
        """Return the pooled probability of *up*; NaN without an opinion."""
        return self.fixed[Output.SCORE]

    def row(self, output: Output) -> NDArray[np.int64]:
        """Return a row of whole numbers, such as the reason to abstain."""
        return self.fixed[output].astype(np.int64)


class OpinionCollector:
    """Observer of a run whose signal models are trained (see `runtime.session.session.Observer`)."""

    def __init__(self, assembly: Assembly, strides: Sequence[int] | None = None) -> None:
        """Take `strides`: of each instrument, that every so many of its opinions are kept; all are when None."""
        self._assembly = assembly
        self._strides = [1] * len(assembly.traded_instruments) if strides is None else list(strides)
        self._seen = [0] * len(assembly.traded_instruments)
        self._stamps: list[list[NDArray[np.int64]]] = [[] for _ in assembly.traded_instruments]
        self._regimes: list[list[NDArray[np.int8]]] = [[] for _ in assembly.traded_instruments]
        self._rows: list[list[NDArray[np.float64]]] = [[] for _ in assembly.traded_instruments]

    def observe(self, output: EngineOutput) -> None:
        """Fold one batch."""
        for k, stride in enumerate(self._strides):
            own = np.flatnonzero(output.decisions["instrument"] == k)
            kept = own[-self._seen[k] % stride :: stride]
            self._seen[k] += len(own)
            self._stamps[k].append(output.decisions["ts"][kept])
            self._regimes[k].append(output.decisions["regime"][kept])
            self._rows[k].append(output.opinions[kept])

    def rows(self, k: int) -> NDArray[np.float64]:
        """Return every output of an instrument's signal model, float64 (n, outputs)."""
        return np.concatenate(self._rows[k])

    def opinions(self) -> tuple[Opinions, ...]:
        """Return the opinions of every instrument, in order."""
        return tuple(map(self._of, range(len(self._strides))))

    def _of(self, k: int) -> Opinions:
        deployment, bars = self._assembly.deployment, self._assembly.traded_instruments[k].bars
        models = deployment.models[k].artefact.manifest.models if deployment is not None else ()
        rows = self.rows(k).T
        parts = (rows[:N_FIXED], rows[probabilities(len(models))], rows[weights(len(models))])
        stamps = np.concatenate(self._stamps[k]) - bars.interval_ns
        return Opinions(bars.symbol, models, stamps, *parts, np.concatenate(self._regimes[k]))
