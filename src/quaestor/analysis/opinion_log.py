"""Opinion log: counts of a run's decisions and abstentions, and every so many opinions as rows for its report."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from quaestor.analysis.forecasts.forecasts import forecasts_of, outcomes_of
from quaestor.analysis.forecasts.labels import Barrier
from quaestor.analysis.forecasts.opinions import OpinionCollector, Opinions
from quaestor.analysis.forecasts.skill import Calibration
from quaestor.brain.trained.outputs import Output
from quaestor.domain.training import ModelReady
from quaestor.engine.engine import Output as EngineOutput
from quaestor.ledger.codes import Abstention
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.models.log import ModelLog

#: Opinions of an instrument that are kept, at most.
KEPT_ROWS = 3_000


@dataclass(frozen=True, slots=True)
class OpinionFigures:
    """Decisions and calibration of one instrument's signal model.

    Attributes:
        abstentions: bars by reason; ``none`` are those with a decision.
        live: calibration of each model and of the pool, over the kept opinions whose outcomes are known.
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
    """Observer of a run whose signal models are trained (see `runtime.session.session.Observer`)."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        strides = [max(1, -(-len(traded.bars) // KEPT_ROWS)) for traded in assembly.traded_instruments]
        self._kept = OpinionCollector(assembly, strides)
        self._counts = np.zeros((len(assembly.traded_instruments), len(Abstention)), np.int64)

    def observe(self, output: EngineOutput) -> None:
        """Count one batch of output."""
        reasons = output.opinions[:, Output.REASON].astype(np.int64)
        np.add.at(self._counts, (output.decisions["instrument"], reasons), 1)
        self._kept.observe(output)

    def frame(self) -> pl.DataFrame:
        """Return the kept opinions: symbol, ts (close of the bar, ns UTC), regime, and every output of the model by
        name."""
        frames = []
        for k, (signal_model, kept) in enumerate(zip(self._assembly.signal_models, self._kept.opinions(), strict=True)):
            rows = self._kept.rows(k)
            frames.append(
                pl.DataFrame(
                    {
                        "symbol": [kept.symbol] * len(kept.ts),
                        "ts": kept.ts + self._assembly.interval_ns,
                        "regime": kept.regimes,
                        **{name: rows[:, row] for row, name in enumerate(signal_model.outputs)},
                    }
                )
            )
        return pl.concat(frames, how="diagonal")

    def figures(self, model_log: ModelLog) -> list[OpinionFigures]:
        """Return the figures of every instrument; `model_log`: of the run."""
        deployment = self._assembly.deployment
        if deployment is None:
            return []
        found = []
        for k, (kept, manager) in enumerate(zip(self._kept.opinions(), model_log.managers, strict=True)):
            manifest = deployment.models[k].artefact.manifest
            spec = manifest.barrier
            counts = {reason.name.lower(): int(self._counts[k][reason]) for reason in Abstention}
            used = [e for e in model_log.entries if isinstance(e, ModelReady) and e.instrument == k]
            since = max((e.effective_ts for e in used if e.sha256 == manager.in_use), default=0)
            barrier = Barrier(spec.profit, spec.stop, spec.rows, spec.cost)
            live = self._live(k, kept, barrier)
            store = str(self._assembly.config.models.dir)
            found.append(OpinionFigures(kept.symbol, list(manifest.models), counts, live, store, manager.in_use, since))
        return found

    def _live(self, k: int, kept: Opinions, barrier: Barrier) -> list[Calibration]:
        settled = forecasts_of([outcomes_of(kept, self._assembly.traded_instruments[k].bars, barrier)])
        return [Calibration(each.model, each.skill.reliability) for each in settled if not each.regime]
