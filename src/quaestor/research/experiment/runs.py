"""Experiment runs: ordinary backtests on parts of the same data, under the same costs, risk and sizes."""

from collections.abc import Callable
from dataclasses import dataclass

from quaestor.analysis.forecasts.opinions import OpinionCollector, Opinions
from quaestor.analysis.results import RunResult, prepare_directory
from quaestor.analysis.simulate import simulate
from quaestor.brain.trained.settings import NAME as LEARNED
from quaestor.domain.bars import Bars
from quaestor.ports.progress import Progress
from quaestor.research.experiment.model_log_recorder import ModelLogRecorder
from quaestor.research.experiment.settings import Split, moment
from quaestor.runtime.assembly.assemble import Assembly, assemble
from quaestor.runtime.config import RunConfig
from quaestor.runtime.config.model import ModelsConfig, StrategyConfig
from quaestor.runtime.models.log import ModelLogEntry
from quaestor.runtime.recovery.opening import begin

#: Bars before the hold-out in which features warm up; no model has an opinion there.
WARM_UP_BARS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class LearnedRun:
    """Backtest of the trained strategy, with its assembly, its models and their opinions."""

    assembly: Assembly
    result: RunResult
    entries: tuple[ModelLogEntry, ...]
    opinions: tuple[Opinions, ...]  # of each instrument, a column a bar


def part_config(
    config: RunConfig, name: str, *, first_ts: int | None, end_ts: int | None, journaled: bool = False
) -> RunConfig:
    """Return the same run on bars that open in [first, end), with a directory of results of its own."""
    data = config.data.model_copy(
        update={
            "start": config.data.start if first_ts is None else moment(first_ts),
            "end": config.data.end if end_ts is None else moment(end_ts),
        }
    )
    out = None if config.out is None else config.out / "runs" / name
    journal = None if config.out is None or not journaled else config.out / "journals" / name
    return config.model_copy(
        update={"data": data, "out": out, "journal": config.journal.model_copy(update={"dir": journal})}
    )


def run_learned(config: RunConfig, prepare: Callable[[Assembly], Assembly], progress: Progress) -> LearnedRun:
    """Backtest the trained strategy; `prepare` gives the assembled run its trainer."""
    assembly = prepare(assemble(config, venue_inside=True))
    if config.out is not None:
        prepare_directory(config.out)
    recorder, opinions = ModelLogRecorder(begin(assembly, "backtest")), OpinionCollector(assembly)
    result = simulate(assembly, recorder, progress, (opinions,))
    return LearnedRun(assembly, result, recorder.entries(), opinions.opinions())


def learned_config(
    config: RunConfig, blanks: dict[str, str], first: int, every: int | None, training: str
) -> RunConfig:
    """Return a run that begins with untrained models.

    Args:
        config: of the run.
        blanks: address of a blank artefact for each symbol.
        first, every: bars until the first training, and from one to the next.
        training: settings of training as JSON.
    """
    models = config.models.model_copy(
        update={"use": blanks, "first_bars": first, "retrain_bars": every, "training": training}
    )
    strategy = config.strategy.model_copy(update={"name": LEARNED})
    return config.model_copy(update={"models": models, "strategy": strategy})


def run_classical(config: RunConfig, name: str, progress: Progress) -> RunResult:
    """Backtest a classical strategy with default settings."""
    strategy = StrategyConfig(
        name=name, confidence_min=config.strategy.confidence_min, hold_bars_min=config.strategy.hold_bars_min
    )
    chosen = config.model_copy(update={"strategy": strategy, "models": ModelsConfig()})
    assembly = assemble(chosen, venue_inside=True)
    if chosen.out is not None:
        prepare_directory(chosen.out)
    return simulate(assembly, begin(assembly, "backtest"), progress)


def warm_up_start(bars: tuple[Bars, ...], split: Split) -> tuple[int, int]:
    """Return the open time from which a run of the hold-out starts, and the most bars that an instrument has before
    the hold-out from there on."""
    counts = [int((each.ts < split.holdout_ts).sum()) for each in bars]
    least = min(WARM_UP_BARS, *counts)
    start = min(int(each.ts[count - least]) for each, count in zip(bars, counts, strict=True))
    return start, max(int(((each.ts >= start) & (each.ts < split.holdout_ts)).sum()) for each in bars)
