"""Final models: trained on everything before the hold-out, traded on it once, and promoted by what they earned."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.model_stores.registry import Registry
from quaestor.analysis.forecasts.forecasts import outcomes_of, scores_of
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.errors import ModelError
from quaestor.features.catalog import CATALOG
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.research.experiment.fixed_models import FixedModels
from quaestor.research.experiment.runs import (
    LearnedRun,
    learned_config,
    part_config,
    run_learned,
    warm_up_start,
)
from quaestor.research.experiment.settings import Split
from quaestor.research.training.draft import blank_artefact
from quaestor.research.training.model_costs import ModelMemory, model_memory
from quaestor.research.training.promotion import OutOfSample, PromotionDecision, evaluate_challenger
from quaestor.research.training.settings import settings_from_json
from quaestor.runtime.config import RunConfig
from quaestor.runtime.models.load import load_model


@dataclass(frozen=True, slots=True, eq=False)
class FinalModel:
    """Model of one instrument, in the store."""

    name: str
    sha256: str
    artefact: Artefact


@dataclass(frozen=True, slots=True)
class FinalFigures:
    """Outcome of a final model; `against` is the SHA-256 of what it was measured against, empty for nothing, and
    `memory` what each of its models costs."""

    symbol: str
    name: str
    sha256: str
    out_of_fold: Mapping[str, float]
    judged: bool
    promoted: bool
    reason: str
    figures: Mapping[str, float]
    against: str
    memory: tuple[ModelMemory, ...] = ()


def trade_final(
    config: RunConfig,
    root: Path,
    split: Split,
    bars: Sequence[Bars],
    models: Sequence[FinalModel],
    progress: Progress,
) -> LearnedRun:
    """Trade models on the hold-out: they come into use at its first bar and are not trained again.

    Args:
        config: of the whole run.
        root: folder of models.
        split: its periods.
        bars: of each instrument, hold-out included.
        models: of each instrument.
        progress: receives the bars done.
    """
    start, count = warm_up_start(tuple(bars), split)
    store = DirectoryModelStore(root)
    training = models[0].artefact.manifest.settings
    blank = {each.symbol: store.put(blank_artefact(each, settings_from_json(training))) for each in bars}
    first = max(1, count - config.models.delay_bars)
    part = part_config(config, "hold-out", first_ts=start, end_ts=None, journaled=True)
    trainer = FixedModels([model.sha256 for model in models], [m.artefact.manifest.trained_through for m in models])
    return run_learned(
        learned_config(part, blank, first, None, training), lambda assembly: assembly.trained_by(trainer), progress
    )


def evaluate_final(
    config: RunConfig, root: Path, split: Split, bars: Bars, model: FinalModel, trials: int
) -> tuple[PromotionDecision, str]:
    """Evaluate a model by money earned on the hold-out on one instrument alone, beside what the model in use earns
    there.

    Returns the decision, and the SHA-256 of what it was measured against; empty where nothing is in use that this
    program can still load.
    """
    data = config.data.model_copy(update={"symbol": bars.symbol})
    alone = config.model_copy(update={"out": None, "data": data})
    mine = _on_holdout(alone, root, split, bars, model, trials)
    champion = _champion(root, model.name)
    theirs = None if champion is None else _on_holdout(alone, root, split, bars, champion, 1)
    return evaluate_challenger(mine, theirs), champion.sha256 if champion is not None else ""


def register_final(
    root: Path,
    symbol: str,
    model: FinalModel,
    verdict: tuple[PromotionDecision, str] | None,
    metrics: Mapping[str, float],
) -> FinalFigures:
    """Register a model; record its evaluation, and put it in use where that promotes it."""
    registry = Registry(root)
    finite = {name: value for name, value in metrics.items() if math.isfinite(value)}
    version = registry.register(model.name, model.artefact, model.sha256, finite)
    scores, memory = dict(model.artefact.manifest.scores), model_memory(model.artefact)
    if verdict is None:
        reason = "not evaluated, since the hold-out stayed closed"
        return FinalFigures(symbol, model.name, model.sha256, scores, False, False, reason, {}, "", memory)
    decision, against = verdict
    judgement = decision.judgement(against)
    registry.judge(model.name, version.number, judgement)
    if decision.promote:
        registry.promote(model.name, version.number, judgement)
    figures = dict(judgement.figures)
    return FinalFigures(
        symbol, model.name, model.sha256, scores, True, decision.promote, decision.reason, figures, against, memory
    )


def _on_holdout(config: RunConfig, root: Path, split: Split, bars: Bars, model: FinalModel, trials: int) -> OutOfSample:
    run = trade_final(config, root, split, (bars,), (model,), NO_PROGRESS)
    equity = run.result.equity.filter(pl.col("ts") > split.holdout_ts)["equity"].to_numpy()
    returns = np.diff(np.concatenate(([float(config.account.capital)], equity)))
    levels = np.concatenate(([float(config.account.capital)], equity[:-1]))
    opinions = run.opinions[0].between(split.holdout_ts, split.last_ts + 1)
    traded, manifest = run.assembly.traded_instruments[0], model.artefact.manifest
    scores = scores_of(outcomes_of(opinions, traded.bars, settings_from_json(manifest.settings).barrier))
    return OutOfSample(returns / levels, len(run.result.trades), trials, scores=scores)


def _champion(root: Path, name: str) -> FinalModel | None:
    """Return the model in use, if its features mean the same today; else None."""
    registry = Registry(root)
    version = registry.champion(name) if name in registry.names() else None
    if version is None:
        return None
    try:
        return FinalModel(name, version.sha256, load_model(root, version.sha256, CATALOG).artefact)
    except ModelError:
        return None
