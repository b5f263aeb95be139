"""What learned minds said in a run, for its report: counts of every bar, and every so many opinions as rows."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.brain.learned.outputs import N_FIXED, Output
from quaestor.domain.training import ModelReady
from quaestor.engine.engine import Output as EngineOutput
from quaestor.kernels.codes import Abstention
from quaestor.research.experiment.forecasts import forecasts_of, outcomes_of
from quaestor.research.experiment.opinions import Opinions
from quaestor.research.labels import Barrier
from quaestor.research.training.skill import Calibration
from quaestor.runtime.assemble import Assembly
from quaestor.runtime.diary import Diary

#: Opinions of an instrument that are kept, at most.
KEPT_ROWS = 3_000


@dataclass(frozen=True, slots=True)
class OpinionFigures:
    """What one instrument's mind decided.

    Attributes:
        abstentions: bars by reason; ``none`` are those with a decision.
        live: of each model and all together, over the kept opinions whose outcomes are known.
        store: the folder of models; `in_use`: SHA-256 of the last artefact; `since`: when, ns UTC, 0: from the start.
    """

    symbol: str
    models: list[str]
    abstentions: dict[str, int]
    live: list[Calibration]
    store: str
    in_use: str
    since: int


class OpinionLog:
    """An observer of a run whose minds are learned (see `runtime.shell.Observer`)."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._strides = [max(1, -(-len(member.bars) // KEPT_ROWS)) for member in assembly.members]
        self._seen = [0] * len(assembly.members)
        self._counts = np.zeros((len(assembly.members), len(Abstention)), np.int64)
        self._stamps: list[list[NDArray[np.int64]]] = [[] for _ in assembly.members]
        self._regimes: list[list[NDArray[np.int8]]] = [[] for _ in assembly.members]
        self._rows: list[list[NDArray[np.float64]]] = [[] for _ in assembly.members]

    def observe(self, output: EngineOutput) -> None:
        """Fold one batch."""
        for k, stride in enumerate(self._strides):
            own = np.flatnonzero(output.decisions["instrument"] == k)
            reasons = output.opinions[own, Output.REASON].astype(np.int64)
            self._counts[k] += np.bincount(reasons, minlength=len(Abstention))
            kept = own[-self._seen[k] % stride :: stride]
            self._seen[k] += len(own)
            self._stamps[k].append(output.decisions["ts"][kept])
            self._regimes[k].append(output.decisions["regime"][kept])
            self._rows[k].append(output.opinions[kept])

    def frame(self) -> pl.DataFrame:
        """The kept opinions: symbol, ts (close of the bar, ns UTC), regime, and every output of the mind by name."""
        frames = []
        for k, mind in enumerate(self._assembly.minds):
            opinions = self._kept(k)
            frames.append(
                pl.DataFrame(
                    {
                        "symbol": [self._assembly.symbols[k]] * len(opinions),
                        "ts": np.concatenate(self._stamps[k]),
                        "regime": np.concatenate(self._regimes[k]),
                        **{name: opinions[:, row] for row, name in enumerate(mind.outputs)},
                    }
                )
            )
        return pl.concat(frames, how="diagonal")

    def figures(self, diary: Diary) -> list[OpinionFigures]:
        """What it came to; `diary`: of the run."""
        keeping = self._assembly.keeping
        if keeping is None:
            return []
        found = []
        for k, (symbol, keeper) in enumerate(zip(self._assembly.symbols, diary.keepers, strict=True)):
            manifest = keeping.models[k].artefact.manifest
            spec = manifest.barrier
            counts = {reason.name.lower(): int(self._counts[k][reason]) for reason in Abstention}
            used = [e for e in diary.entries if isinstance(e, ModelReady) and e.instrument == k]
            since = max((e.effective_ts for e in used if e.sha256 == keeper.in_use), default=0)
            barrier = Barrier(spec.profit, spec.stop, spec.rows, spec.cost)
            live = self._live(k, manifest.models, barrier)
            store = str(self._assembly.config.models.dir)
            found.append(OpinionFigures(symbol, list(manifest.models), counts, live, store, keeper.in_use, since))
        return found

    def _live(self, k: int, models: tuple[str, ...], barrier: Barrier) -> list[Calibration]:
        bars = self._assembly.members[k].bars
        opinions = self._kept(k).T
        last = N_FIXED + 2 * len(models)
        kept = Opinions(
            symbol=bars.symbol,
            models=models,
            ts=np.concatenate(self._stamps[k]) - bars.interval_ns,
            fixed=opinions[:N_FIXED],
            probability=opinions[N_FIXED:last:2],
            weight=opinions[N_FIXED + 1 : last : 2],
            regimes=np.concatenate(self._regimes[k]),
        )
        judged = forecasts_of([outcomes_of(kept, bars, barrier)])
        return [Calibration(each.model, each.skill.reliability) for each in judged if not each.regime]

    def _kept(self, k: int) -> NDArray[np.float64]:
        return np.concatenate(self._rows[k])
