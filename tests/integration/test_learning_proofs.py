"""Limits of training: no edge out of noise, no look-ahead, a planted edge found, costs respected."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.planted import SMALL, planted_bars, write_bars

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.analysis.forecasts.samples import Dataset
from quaestor.analysis.forecasts.skill import score_forecasts
from quaestor.analysis.results import RunResult
from quaestor.app.run import backtest
from quaestor.brain.trained.model import make_trained_model
from quaestor.brain.trained.outputs import Output
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.bars import Bars
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan
from quaestor.jit.tables import Matrix
from quaestor.ledger.codes import Abstention
from quaestor.ports.progress import NO_PROGRESS
from quaestor.research.training import train as training
from quaestor.research.training.cross_validation import members, out_of_fold, training_tasks
from quaestor.research.training.dataset import make_dataset
from quaestor.research.training.draft import blank_artefact
from quaestor.research.training.leakage_check import areas, check_leakage
from quaestor.research.training.settings import TrainingSettings
from quaestor.runtime.config import RunConfig
from quaestor.runtime.recovery.replay import replay

PLANTED = planted_bars(5_000)
FIRST = 2_500


def walk_forward(
    bars: Bars,
    folder: Path,
    *,
    settings: TrainingSettings = SMALL,
    fee_bps: float = 5.0,
    retrain: int | None = 1_500,
) -> RunResult:
    """Run a backtest that begins with a blank model, trains on the first bars, and again later."""
    path = write_bars(bars, folder / "bars.parquet")
    store = DirectoryModelStore(folder / "models")
    blank = store.put(blank_artefact(bars, settings))
    models = {
        "dir": folder / "models",
        "use": {bars.symbol: blank},
        "first_bars": FIRST,
        "training": settings.to_json(),
    }
    config = RunConfig.model_validate(
        {
            "data": {"path": path, "symbol": bars.symbol, "market": "spot"},
            "strategy": {"name": "learned", "settings": {"side": "both"}},
            "models": models | ({} if retrain is None else {"retrain_bars": retrain}),
            "costs": {"fee_bps": fee_bps, "slippage_bps": 1.0, "spread_bps": 0.5},
            "risk": {"profile": "permissive"},
            "account": {"size": 0.5},
            "journal": {"dir": folder / "journal"},
            "out": folder / "run",
        }
    )
    return backtest(config)


def opinions(bars: Bars, settings: TrainingSettings, cost: float) -> Matrix:
    """Return the opinions of a signal model trained on the first bars about all bars, under a cost of a round trip."""
    artefact = training.train(bars.part(0, FIRST), settings).artefact
    signal_model = make_trained_model(artefact, TradingSettings(round_trip=cost))
    features = compute(make_plan(signal_model.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)
    return signal_model.opinions(features, bars.columns, bars.ts)[0][:, FIRST:]


def test_a_planted_edge_is_found_and_traded_with_profit(tmp_path: Path) -> None:
    result = walk_forward(PLANTED, tmp_path)
    assert result.summary.trades >= 15
    assert result.summary.total_return > 0.2 > result.summary.buy_and_hold_return
    assert result.summary.sharpe is not None
    assert result.summary.sharpe > 3.0
    again = replay(tmp_path / "journal")
    assert again.identical, again.difference


def test_an_edge_below_its_costs_is_not_traded() -> None:
    """The same bars and the same models: only trading them costs more than they can bring."""
    cheap, dear = opinions(PLANTED, SMALL, 0.002), opinions(PLANTED, SMALL, 0.05)
    assert (cheap[Output.REASON] == Abstention.NONE).mean() > 0.1
    assert not (dear[Output.REASON] == Abstention.NONE).any()
    assert np.nanmax(np.abs(dear[Output.SIGNAL])) == 0.0
    np.testing.assert_allclose(dear[Output.EDGE, :50], cheap[Output.EDGE, :50], rtol=1e-9)


def test_a_random_walk_gives_no_edge() -> None:
    walk = planted_bars(5_000, drift=0.0, seed=5)
    found = opinions(walk, SMALL, 0.002)
    assert (found[Output.REASON] == Abstention.NONE).mean() < 0.01


def shuffled(dataset: Dataset, seed: int) -> Dataset:
    """Return the same rows with outcomes permuted."""
    order = np.random.default_rng(seed).permutation(len(dataset))
    return replace(dataset, up=dataset.up[order], change=dataset.change[order], width=dataset.width[order])


def test_shuffled_labels_give_no_skill() -> None:
    bars = PLANTED.part(0, FIRST)
    honest = make_dataset(bars, SMALL)
    regimes = np.zeros(len(honest), np.int8)
    chosen = members(SMALL)
    sides = np.zeros((1, len(honest)))
    real = out_of_fold(honest, training_tasks(chosen, honest, regimes, sides, 0.0), SMALL, NO_PROGRESS)
    assert score_forecasts(real[1], honest).area > 0.6
    for seed in range(3):
        mixed = shuffled(honest, seed)
        predictions = out_of_fold(mixed, training_tasks(chosen, mixed, regimes, sides, 0.0), SMALL, NO_PROGRESS)
        for series in predictions:
            assert abs(score_forecasts(series, mixed).area - 0.5) < 4.0 * 0.5 / np.sqrt(len(mixed) / 3.0)


def test_a_model_of_shuffled_labels_abstains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "make_dataset", lambda bars, settings: shuffled(make_dataset(bars, settings), 1))
    found = opinions(PLANTED, replace(SMALL, alphas=(), online=False), 0.002)
    assert (found[Output.REASON] == Abstention.NONE).mean() < 0.01


def test_a_feature_that_leaks_the_future_is_refused() -> None:
    settings = TrainingSettings(features=SMALL.features, barrier=SMALL.barrier)
    dataset = make_dataset(planted_bars(5_000, drift=0.03).part(0, FIRST), settings)
    check_leakage(dataset, settings.features, settings.suspicion)
    rng = np.random.default_rng(0)
    spy = dataset.change + 2.0 * dataset.change.std() * rng.standard_normal(len(dataset))
    with_spy = replace(dataset, x=np.vstack((dataset.x, spy)))
    assert 0.65 < areas(with_spy.x, with_spy.up)[-1] < 0.8  # far from plain to see
    with pytest.raises(DataError, match="feature spy: predicts the outcome alone"):
        check_leakage(with_spy, (*settings.features, "spy"), settings.suspicion)


def test_no_training_sample_shares_a_bar_with_its_test_fold() -> None:
    """Predictions of a fold do not change when everything that overlaps its outcomes is made absurd."""
    dataset = make_dataset(PLANTED.part(0, FIRST), SMALL)
    chosen, regimes, sides = members(SMALL)[:1], np.zeros(len(dataset), np.int8), np.zeros((1, len(dataset)))
    predictions = out_of_fold(dataset, training_tasks(chosen, dataset, regimes, sides, 0.0), SMALL, NO_PROGRESS)
    block = np.array_split(np.arange(len(dataset)), SMALL.folds)[2]
    first, last = dataset.rows[block[0]] - SMALL.embargo, dataset.ends[block].max() + SMALL.embargo
    near = (dataset.ends >= first) & (dataset.rows <= last)
    up = dataset.up.copy()
    up[near] = ~up[near]
    mixed = replace(dataset, up=up)
    absurd = out_of_fold(mixed, training_tasks(chosen, mixed, regimes, sides, 0.0), SMALL, NO_PROGRESS)
    assert np.array_equal(absurd[:, block], predictions[:, block])
    assert not np.array_equal(absurd, predictions, equal_nan=True)


def test_training_twice_gives_the_same_artefact(tmp_path: Path) -> None:
    bars = PLANTED.part(0, FIRST)
    store = DirectoryModelStore(tmp_path)
    once, twice = (store.put(training.train(bars, SMALL).artefact) for _ in range(2))
    assert once == twice
    other = store.put(training.train(bars, replace(SMALL, seed=7)).artefact)
    assert other != once
