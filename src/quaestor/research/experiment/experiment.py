"""Experiment run: train, test walk forward, open the hold-out once, and compare with simpler strategies."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.analysis.forecasts.forecasts import POOLED, weights_of
from quaestor.analysis.forecasts.opinions import Opinions
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.research.experiment.describe import data_of, edge_of, model_log_of, settings_of
from quaestor.research.experiment.final import FinalFigures, FinalModel, evaluate_final, register_final, trade_final
from quaestor.research.experiment.holdout_log import Access, Look, access, log_look, looks_at
from quaestor.research.experiment.importance import importance_of
from quaestor.research.experiment.money import Money
from quaestor.research.experiment.period import PeriodSpan, alternatives_of, hold_out_span, period_of
from quaestor.research.experiment.result import Data, Experiment, HoldOut, Period, WallClock
from quaestor.research.experiment.runs import LearnedRun, learned_config, part_config, run_learned
from quaestor.research.experiment.settings import ExperimentSettings
from quaestor.research.experiment.setup import ExperimentSetup, prepare_experiment
from quaestor.research.experiment.trials import Trial, log_trial, trial_sha256
from quaestor.research.experiment.verdict import Evidence, conclude
from quaestor.research.training.draft import blank_artefact
from quaestor.research.training.train import train
from quaestor.research.training.trainer import with_trainer
from quaestor.runtime.config import RunConfig
from quaestor.runtime.journal.fingerprint import EnvironmentFingerprint
from quaestor.runtime.models.log import ModelLogEntry


def run_experiment(
    config: RunConfig,
    settings: ExperimentSettings,
    *,
    progress: Progress = NO_PROGRESS,
    now_ns: Callable[[], int] = time.time_ns,
) -> Experiment:
    """Run an experiment and return its result; nothing is written but models, logs, runs and journals.

    Args:
        config: of the run: data, costs, risk, account; its strategy is the trained one, with these settings.
        settings: of the experiment.
        progress: receives the stages, and the bars done of the run in progress.
        now_ns: the time, ns UTC, for the logs.

    Raises:
        UsageError: see `runtime.assembly.assemble.assemble`, `research.training.train.train` and `ExperimentSettings`;
            results that are there already; or logs that cannot be read or written.
    """
    started = now_ns()
    setup = prepare_experiment(config, settings, progress, now_ns)
    walk = _test_walk_forward(setup)
    models = _final_models(setup, walk.run.entries, walk.trials)
    looks = looks_at(setup.root, setup.names, setup.split.holdout_ts, setup.split.last_ts)
    hold_out, figures = _hold_out(setup, looks, models, walk.period, walk.trials)
    progress.describe("explaining")
    artefacts = [model.artefact for model in models]
    explained = importance_of(list(zip(setup.known, artefacts, strict=True)), setup.training, settings.explained)
    return Experiment(
        verdict=conclude(_evidence(walk.period, hold_out, walk.trials)),
        symbols=setup.symbols,
        market=", ".join(dict.fromkeys(traded.bars.market for traded in setup.traded_instruments)),
        timeframe=walk.run.assembly.timeframe,
        interval_ns=walk.run.assembly.interval_ns,
        split=setup.split,
        data=walk.data,
        settings=settings_of(setup),
        environment=asdict(EnvironmentFingerprint.of_this_machine()),
        trials=walk.trials,
        trial_sha256=walk.trial_sha256,
        walk_forward=walk.period,
        hold_out=hold_out,
        models=figures,
        model_log=model_log_of(walk.run),
        weights=weights_of(walk.opinions),
        edges=tuple(edge_of(artefact) for artefact in artefacts),
        importance=explained,
        notes=walk.run.assembly.notes,
        wall_clock=WallClock(started, (now_ns() - started) / 1e9, tuple(sorted({look.ts for look in looks}))),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _WalkForward:
    """Walk-forward test: its run, the opinions and figures of the tested period, and its place in the log of trials."""

    run: LearnedRun
    opinions: tuple[Opinions, ...]
    period: Period
    data: tuple[Data, ...]
    trials: int
    trial_sha256: str


def _test_walk_forward(setup: ExperimentSetup) -> _WalkForward:
    run = _walk_forward(setup)
    opinions = _opinions(run, setup.split.start_ts, setup.split.holdout_ts)
    data = data_of(setup)
    digest = trial_sha256(run.assembly.config, setup.training.to_json(), tuple(each.sha256 for each in data))
    trials = _log_trial(setup, run, digest)
    span = PeriodSpan("walk-forward", setup.split.start_ts, setup.split.holdout_ts)
    return _WalkForward(run, opinions, _period(setup, span, run, opinions, trials), data, trials, digest)


def _walk_forward(setup: ExperimentSetup) -> LearnedRun:
    """Run all symbols once, training on the way; nothing of the hold-out is loaded."""
    store = DirectoryModelStore(setup.root)
    blanks = {bars.symbol: store.put(blank_artefact(bars, setup.training)) for bars in setup.known}
    part = part_config(setup.config, "walk-forward", first_ts=None, end_ts=setup.split.holdout_ts, journaled=True)
    periods = setup.split
    chosen = learned_config(part, blanks, periods.first_bars, periods.retrain_bars, setup.training.to_json())
    progress = setup.titled("walk-forward")
    return run_learned(chosen, lambda assembly: with_trainer(assembly, progress), setup.progress)


def _opinions(run: LearnedRun, first_ts: int, end_ts: int) -> tuple[Opinions, ...]:
    return tuple(each.between(first_ts, end_ts) for each in run.opinions)


def _log_trial(setup: ExperimentSetup, walked: LearnedRun, digest: str) -> int:
    summary, periods = walked.result.summary, setup.split
    line = (setup.names, periods.start_ts, periods.holdout_ts, summary.total_return, summary.sharpe)
    return log_trial(setup.root, Trial(setup.now_ns(), digest, *line))


def _period(
    setup: ExperimentSetup, span: PeriodSpan, run: LearnedRun, opinions: Sequence[Opinions], trials: int
) -> Period:
    strategies = setup.settings.strategies
    alternatives = alternatives_of(setup.config, span, setup.traded_instruments, strategies, setup.progress)
    return period_of(setup.config, span, run, opinions, alternatives, setup.training.barrier, setup.scale(trials))


def _final_models(setup: ExperimentSetup, entries: Sequence[ModelLogEntry], trials: int) -> tuple[FinalModel, ...]:
    """Train on everything before the hold-out; names of regimes are continued from the last models of the walk."""
    store = DirectoryModelStore(setup.root)
    last = {entry.used.instrument: entry.used.sha256 for entry in entries if entry.used is not None}
    models = []
    for k, (name, bars) in enumerate(zip(setup.names, setup.known, strict=True)):
        training = train(
            bars,
            setup.training,
            before=store.get(last[k]) if k in last else None,
            trials=trials,
            progress=setup.titled(f"final model of {bars.symbol}"),
        )
        models.append(FinalModel(name, store.put(training.artefact), training.artefact))
    return tuple(models)


def _hold_out(
    setup: ExperimentSetup, earlier: tuple[Look, ...], models: tuple[FinalModel, ...], walk_forward: Period, trials: int
) -> tuple[HoldOut, tuple[FinalFigures, ...]]:
    """Open the hold-out if that is allowed and log it, evaluate the models, and register them either way."""
    settings, periods = setup.settings, setup.split
    granted = access(earlier, allowed=settings.open_holdout, again=settings.reopen_holdout)
    if granted in (Access.CLOSED, Access.REFUSED):
        kept = tuple(
            register_final(setup.root, symbol, model, None, _metrics("walk_forward", walk_forward.money[0]))
            for symbol, model in zip(setup.symbols, models, strict=True)
        )
        return HoldOut(granted, len(earlier), None), kept
    setup.progress.describe("hold-out: learned")
    bars = [traded.bars for traded in setup.traded_instruments]
    run = trade_final(setup.config, setup.root, periods, bars, models, setup.progress)
    span = hold_out_span(periods, run.assembly.interval_ns, setup.config.data.end_ns)
    period = _period(setup, span, run, _opinions(run, span.first_ts, span.end_ts), trials)
    seen = _metrics("hold_out", period.money[0])
    for name, model, sha256 in zip(setup.names, models, setup.held_out, strict=True):
        where = (name, sha256, periods.holdout_ts, periods.last_ts, model.sha256)
        log_look(setup.root, Look(setup.now_ns(), *where, seen, granted is Access.REOPENED))
    metrics = {**_metrics("walk_forward", walk_forward.money[0]), **seen}
    figures = []
    for own, model in zip(bars, models, strict=True):
        setup.progress.describe(f"hold-out: evaluating {own.symbol}")
        verdict = evaluate_final(setup.config, setup.root, periods, own, model, trials)
        figures.append(register_final(setup.root, own.symbol, model, verdict, metrics))
    return HoldOut(granted, len(earlier), period), tuple(figures)


def _evidence(walk_forward: Period, hold_out: HoldOut, trials: int) -> Evidence:
    pooled = next(each for each in walk_forward.forecasts if (each.model, each.symbol, each.regime) == (POOLED, "", ""))
    reasons = {share.name: share.share for share in walk_forward.conduct.abstentions}
    deciding = reasons.pop("none", 0.0)
    return Evidence(
        learned=walk_forward.money[0],
        holdout=hold_out.period.money[0] if hold_out.period is not None else None,
        others=walk_forward.money[1:],
        versus=walk_forward.versus,
        accuracy=pooled.skill.accuracy,
        base_rate=pooled.skill.base_rate,
        deciding=deciding,
        reason=max(reasons, key=lambda name: reasons[name], default="none"),
        trials=trials,
    )


def _metrics(period: str, money: Money) -> dict[str, float]:
    """Return the figures of a period as registry and logs hold them."""
    numbers = ("total_return", "sharpe", "deflated", "max_drawdown", "trades", "turnover", "fees")
    values = {name: getattr(money, name) for name in numbers}
    return {f"{period}_{name}": float(value) for name, value in values.items() if value is not None}
