"""Training run: from bars to an artefact, with the figures measured out of fold on the way."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import repeat

import msgspec
import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.samples import Dataset
from quaestor.analysis.forecasts.skill import Skill, log_loss, score_forecasts
from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.ensemble.curve import write_curve
from quaestor.brain.ensemble.pool import pool
from quaestor.brain.signal_model import make_signal_model
from quaestor.brain.trained.model import make_trained_model, stage_state
from quaestor.brain.trained.outputs import probability_row
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.engine.market_rows import align_funding, as_seen
from quaestor.features.plan import compute, make_plan
from quaestor.jit.tables import Matrix, Table
from quaestor.ledger.codes import Regime
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.research.training.cross_validation import (
    Member,
    fit_members,
    members,
    out_of_fold,
    scaler_of,
    training_tasks,
)
from quaestor.research.training.curves import Knots, calibration, edge_curve, rule_calibration
from quaestor.research.training.dataset import make_dataset
from quaestor.research.training.draft import ROOM, constant_model, draft_artefact, n_online, untrained_models
from quaestor.research.training.expectation import Expectation, expectation
from quaestor.research.training.leakage_check import check_leakage
from quaestor.research.training.models.contract import Exported, Fitted
from quaestor.research.training.regime_model import RegimeModel, model_from_table, name_rows
from quaestor.research.training.regimes import Kind, RegimeSettings, fit_regimes
from quaestor.research.training.settings import TrainingSettings
from quaestor.research.training.weights import regime_weights

#: Curve of a model without a prediction: always ½.
_NO_CURVE = Knots((0.0, 1.0), (0.5, 0.5), (0.0, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """Artefact, and its figures out of fold: on outcomes that no model had seen, nor any that overlap them."""

    artefact: Artefact
    regime_model: RegimeModel | None
    models: Mapping[str, Skill]  # of each model's calibrated probabilities
    pooled: Skill  # of the ensemble's


def train(
    bars: Bars,
    settings: TrainingSettings,
    *,
    before: Artefact | None = None,
    trials: int = 1,
    progress: Progress = NO_PROGRESS,
) -> Training:
    """Train everything of a trained model on all the bars given.

    Args:
        bars: the training period: nothing outside of it is read.
        settings: see `TrainingSettings`.
        before: the artefact in use, whose names of regimes are kept.
        trials: configurations tried so far, this one included.
        progress: receives the stages.

    Raises:
        DataError: too little data, a feature that the bars cannot give, or one that leaks the future.
        ConfigError: a library of the extra ``quaestor[train]`` is missing.
    """
    progress.describe("labelling")
    seen = as_seen(bars)
    dataset = make_dataset(seen, settings)
    check_leakage(dataset, settings.features, settings.suspicion)
    progress.describe("fitting regimes")
    regime_model, regimes = _regimes(seen, settings, before)
    at_samples = regimes[dataset.rows]
    chosen = members(settings)
    sides = _sides(seen, settings, dataset.rows)
    tasks = training_tasks(chosen, dataset, at_samples, sides, settings.barrier.cost)
    raw_predictions = out_of_fold(dataset, tasks, settings, progress)
    scaler = scaler_of(dataset, settings)
    fitted = fit_members(dataset, scaler, tasks, settings, progress)
    exported = [*map(_export, chosen, fitted, repeat(settings)), *untrained_models(settings)]
    regime = None if regime_model is None else regime_model.table(ROOM)
    draft = draft_artefact(bars, settings, exported, scaler, regime, trials)
    progress.describe("learning online")
    online_predictions, learners = _online_predictions(draft, seen, len(chosen), dataset)
    raw = np.vstack((raw_predictions, online_predictions))
    progress.describe("calibrating")
    curves, probability = _calibrate(raw, dataset, len(chosen) + n_online(settings))
    weights = regime_weights(_losses(probability, dataset.up), at_samples, dataset.own, settings.sharpness) * _allowed(
        chosen, len(raw)
    )
    pooled = _pool(probability, weights, at_samples)
    there = np.isfinite(pooled)
    gain = dataset.change / dataset.width
    edge = edge_curve(pooled[there], gain[there], dataset.own[there])
    names = draft.manifest.models
    scores = {name: score_forecasts(series, dataset) for name, series in zip(names, probability, strict=True)}
    overall = score_forecasts(pooled, dataset)
    expected = expectation(pooled, dataset, settings.barrier)
    artefact = _finish(draft, curves, weights, edge, learners, overall, expected)
    return Training(artefact, regime_model, scores, overall)


def _regimes(
    bars: Bars, settings: TrainingSettings, before: Artefact | None
) -> tuple[RegimeModel | None, NDArray[np.int8]]:
    """Return the filter, and the regime of every bar as it would have been named then; all NORMAL under rules."""
    if settings.regime == "rules":
        return None, np.zeros(len(bars), np.int8)
    chosen = RegimeSettings(kind=Kind(settings.regime), seed=settings.seed)
    plan = make_plan(chosen.features, interval_ns=bars.interval_ns)
    values = compute(plan, bars.columns, ts=bars.ts)[: len(chosen.features)]
    known = before is not None and "regime" in before.tables and before.manifest.regime_features == chosen.features
    earlier = model_from_table(before.manifest.regime_features, before.tables["regime"]) if before and known else None
    model = fit_regimes(values, chosen, earlier).model
    return model, name_rows(model, values)[0]


def _sides(bars: Bars, settings: TrainingSettings, rows: NDArray[np.int64]) -> Matrix:
    """Return the signals of the classical strategies, float64 (a, s), at the samples' rows."""
    signals = np.full((len(settings.alphas), len(rows)), np.nan)
    for k, (name, given) in enumerate(settings.alphas):
        signal_model = make_signal_model([parse_alpha(name, dict(given))])
        values = compute(make_plan(signal_model.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)
        signals[k] = signal_model.opinions(values, bars.columns, bars.ts)[0][0, rows]
    return signals


def _export(member: Member, fitted: Fitted | None, settings: TrainingSettings) -> Exported:
    """Return a member's tables, with the classical strategy whose side it predicts the success of."""
    exported = constant_model(settings) if fitted is None else fitted.export()
    if member.primary is not None:
        exported.model["primary"] = member.primary + 1
    return exported


def _online_predictions(draft: Artefact, bars: Bars, trained: int, dataset: Dataset) -> tuple[Matrix, Table]:
    """Return the raw predictions of online models and rules at the samples' rows, each before its outcome is known;
    and the online models at the end."""
    signal_model = make_trained_model(draft, TradingSettings(round_trip=draft.manifest.barrier.cost))
    values = compute(make_plan(signal_model.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)
    state = signal_model.new_state()
    opinion, _ = signal_model.opinions(values, bars.columns, bars.ts, align_funding(bars, bars.funding), state)
    rows = [probability_row(j) for j in range(trained, len(draft.manifest.models))]
    return opinion[rows][:, dataset.rows], stage_state(state)["learners"].copy()


def _calibrate(raw: Matrix, dataset: Dataset, n_graded: int) -> tuple[list[Knots], Matrix]:
    """Return a curve of each model, and the probabilities that it makes of its out-of-fold predictions."""
    curves: list[Knots] = []
    probability = np.full_like(raw, np.nan)
    for j, raw_predictions in enumerate(raw):
        there = np.isfinite(raw_predictions)
        if not there.any():
            curves.append(_NO_CURVE)
            continue
        fit = calibration if j < n_graded else rule_calibration
        knots = fit(raw_predictions[there], dataset.up[there], dataset.own[there])
        curves.append(knots)
        probability[j, there] = np.interp(raw_predictions[there], knots.x, knots.y)
    return curves, probability


def _allowed(chosen: tuple[Member, ...], models: int) -> Matrix:
    """Return 1 where a model may vote, by model and regime."""
    allowed = np.ones((models, len(Regime)))
    for j, member in enumerate(chosen):
        if member.regimes:
            allowed[j] = [float(regime in member.regimes) for regime in Regime]
    return allowed


def _losses(probability: Matrix, up: NDArray[np.bool_]) -> Matrix:
    losses = np.full_like(probability, np.nan)
    for j, series in enumerate(probability):
        there = np.isfinite(series)
        losses[j, there] = log_loss(series[there], up[there])
    return losses


def _pool(probability: Matrix, weights: Matrix, regimes: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the pooled probabilities of the decision path, before anything is learned about the models' recent
    losses."""
    pooled = np.full(probability.shape[1], np.nan)
    for k, regime in enumerate(regimes):
        pooled[k] = pool(np.ascontiguousarray(probability[:, k]), weights[:, regime].copy())[0]
    return pooled


def _known(figures: Mapping[str, float]) -> dict[str, float]:
    """Return the finite figures: an artefact holds no others."""
    return {name: value for name, value in figures.items() if math.isfinite(value)}


def _finish(
    draft: Artefact,
    curves: list[Knots],
    weights: Matrix,
    edge: Knots,
    learners: Table,
    overall: Skill,
    expected: Expectation,
) -> Artefact:
    learned = draft.tables["learned"].copy()
    learned[0]["expected"] = (expected.loss, expected.loss_deviation, expected.profit_deviation)
    for row, knots in zip(learned[0]["curves"], curves, strict=True):
        row["x"], row["y"], row["error"] = 0.0, 0.0, 0.0
        write_curve(row, knots.x, knots.y, knots.error)
    learned[0]["edge"]["x"] = learned[0]["edge"]["y"] = learned[0]["edge"]["error"] = 0.0
    write_curve(learned[0]["edge"], edge.x, edge.y, edge.error)
    learned[0]["base"] = weights
    manifest = msgspec.structs.replace(draft.manifest, scores=_known(overall.figures()))
    return replace(draft, manifest=manifest, tables={**draft.tables, "learned": learned, "learners": learners})
