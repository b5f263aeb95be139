"""Trained model: its outputs equal those of its parts, in any chunks, and depend on no later bar."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.contract.market import run_in_chunks
from tests.planted import SMALL, planted_bars

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.brain.signal_model import SignalModel
from quaestor.brain.trained.model import make_trained_model, stage_state
from quaestor.brain.trained.outputs import Output, input_row, probabilities, probability_row, weights
from quaestor.brain.trained.reevaluate import reevaluate_rows, reevaluation_dtype
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan
from quaestor.jit.tables import Matrix, Table
from quaestor.ledger.codes import Abstention, Regime
from quaestor.ports.progress import NO_PROGRESS
from quaestor.research.training.cross_validation import fit_members, members, scaled_samples, scaler_of, training_tasks
from quaestor.research.training.dataset import make_dataset
from quaestor.research.training.draft import blank_artefact
from quaestor.research.training.settings import Secondary
from quaestor.research.training.train import train

BARS = planted_bars(4_000)
TRAINED = 3_000
TRADING = TradingSettings(round_trip=0.002, order_value=1_000.0)


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    """A small signal model, trained on the first bars."""
    return train(BARS.part(0, TRAINED), SMALL).artefact


@pytest.fixture(scope="module")
def signal_model(artefact: Artefact) -> SignalModel:
    """The artefact, compiled."""
    return make_trained_model(artefact, TRADING)


def features_of(signal_model: SignalModel, bars: Bars) -> Matrix:
    """The features that the model reads."""
    return compute(make_plan(signal_model.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)


@pytest.fixture(scope="module")
def opinion(signal_model: SignalModel) -> Matrix:
    """Outputs for all bars at once."""
    return signal_model.opinions(features_of(signal_model, BARS), BARS.columns, BARS.ts)[0]


def test_every_output_has_a_name(signal_model: SignalModel, opinion: Matrix) -> None:
    assert len(signal_model.outputs) == len(set(signal_model.outputs)) == len(opinion)
    assert signal_model.outputs[signal_model.edge_row : signal_model.edge_row + 3] == (
        "net_edge",
        "edge_error",
        "edge_bars",
    )
    assert signal_model.outputs[:2] == ("signal", "confidence")


def test_chunks_and_restarts_change_no_bit(signal_model: SignalModel, opinion: Matrix) -> None:
    features, n = features_of(signal_model, BARS), len(BARS)
    regimes = signal_model.opinions(features, BARS.columns, BARS.ts)[1]
    again, codes = np.full_like(opinion, 9.0), np.full(n, 9, np.int8)
    arrays = (*signal_model.tables.values(), BARS.ts, features, BARS.columns, np.zeros((3, n)), again, codes)
    run_in_chunks(signal_model.advance, signal_model.new_state(), arrays, n, 7)
    assert np.array_equal(again, opinion, equal_nan=True)
    assert np.array_equal(codes, regimes)


def test_later_bars_change_no_earlier_output(signal_model: SignalModel, opinion: Matrix) -> None:
    part = BARS.part(0, 3_500)
    shorter = signal_model.opinions(features_of(signal_model, part), part.columns, part.ts)[0]
    assert np.array_equal(shorter, opinion[:, :3_500], equal_nan=True)


def test_probabilities_of_trained_models_are_the_libraries_own(artefact: Artefact, opinion: Matrix) -> None:
    bars = BARS.part(0, TRAINED)
    dataset = make_dataset(bars, SMALL)
    scaler = scaler_of(dataset, SMALL)
    regimes = np.full(len(dataset), Regime.NORMAL, np.int8)
    taught = training_tasks(members(SMALL), dataset, regimes, np.zeros((1, len(dataset))), SMALL.barrier.cost)
    fitted = fit_members(dataset, scaler, taught, SMALL, NO_PROGRESS)
    rows = scaled_samples(dataset, scaler)
    for j, model in enumerate(fitted):
        assert model is not None
        curve = artefact.tables["learned"][0]["curves"][j]
        count = int(curve["count"])
        expected = np.interp(model.probability(rows), curve["x"][:count], curve["y"][:count])
        np.testing.assert_allclose(opinion[probability_row(j), dataset.rows], expected, atol=1e-6)


def test_the_pool_is_the_weighted_mean_and_weights_sum_to_one(artefact: Artefact, opinion: Matrix) -> None:
    names = artefact.manifest.models
    votes = opinion[probabilities(len(names))]
    shares = opinion[weights(len(names))]
    there = np.isfinite(opinion[Output.SCORE])
    assert there.sum() > 3_500
    np.testing.assert_allclose(shares[:, there].sum(axis=0), 1.0, atol=1e-12)
    mean = np.nansum(votes * shares, axis=0)
    np.testing.assert_allclose(mean[there], opinion[Output.SCORE, there], atol=1e-12)


def test_reevaluation_gives_the_same_outputs_and_changes_no_learner(
    signal_model: SignalModel, artefact: Artefact
) -> None:
    """The last of many rows, with the online models as they are then; row by row or in one call."""
    state = signal_model.new_state()
    last = signal_model.opinions(features_of(signal_model, BARS), BARS.columns, BARS.ts, None, state)[0][:, -1]
    tables, names = artefact.tables, artefact.manifest.models
    first = input_row(len(names), 0)
    workspace = np.zeros(1, reevaluation_dtype(len(artefact.manifest.features), len(names), len(tables["learners"])))
    workspace["learners"] = stage_state(state)["learners"]
    learners = workspace["learners"].tobytes()
    opinion = np.repeat(last[:, None], 40, axis=1)
    opinion[[Output.SCORE, Output.NOISE]] = opinion[probabilities(len(names))] = 9.0
    opinion[first, 1:] += np.linspace(-2.0, 2.0, 39)
    opinion[first + 1, 20] = np.nan
    apart = opinion.copy()
    reevaluate_rows(workspace, tables["learned"], tables["models"], tables["nodes"], opinion, 0, 40)
    of_models = slice(probability_row(0), first)
    assert np.array_equal(opinion[of_models, 0], last[of_models])
    np.testing.assert_allclose(opinion[:, 0], last, rtol=0.0, atol=1e-15)  # weights are normalised to 1 once more
    assert len(np.unique(opinion[Output.SCORE])) > 20
    assert np.isnan(opinion[[Output.SCORE, Output.NOISE, probability_row(0)], 20]).all()
    for k in reversed(range(40)):
        reevaluate_rows(workspace, tables["learned"], tables["models"], tables["nodes"], apart, k, k + 1)
    assert np.array_equal(apart, opinion, equal_nan=True)
    assert workspace["learners"].tobytes() == learners


def test_the_edge_follows_the_curve_and_the_cost_the_fees_and_impact(
    signal_model: SignalModel, artefact: Artefact, opinion: Matrix
) -> None:
    volatility = features_of(signal_model, BARS)[len(signal_model.features) - 2]
    there = np.isfinite(opinion[Output.SCORE])
    curve = artefact.tables["learned"][0]["edge"]
    count = int(curve["count"])
    gain = np.interp(opinion[Output.SCORE], curve["x"][:count], curve["y"][:count])
    width = volatility * np.sqrt(SMALL.barrier.rows)
    np.testing.assert_allclose(opinion[Output.EDGE, there], np.abs(gain * width)[there], rtol=1e-9)
    assert (opinion[Output.EDGE_BARS, there] == SMALL.barrier.rows).all()
    assert np.isnan(opinion[Output.EDGE_BARS, ~there]).all()
    value = BARS.columns[Column.CLOSE] * BARS.columns[Column.VOLUME]
    cost = 0.002 + 2 * 0.5 * volatility * np.sqrt(1_000.0 / value)
    np.testing.assert_allclose(opinion[Output.COST, there], cost[there], rtol=1e-9)
    net = opinion[Output.EDGE] - opinion[Output.COST]
    np.testing.assert_allclose(opinion[Output.NET_EDGE, there], net[there], atol=1e-15)


def test_a_model_decides_only_where_the_lower_bound_of_the_edge_exceeds_its_cost(opinion: Matrix) -> None:
    decided = opinion[Output.REASON] == Abstention.NONE
    assert decided.sum() > 100
    bound = opinion[Output.EDGE] - opinion[Output.EDGE_ERROR]
    assert (bound > opinion[Output.COST])[decided].all()
    assert (opinion[Output.NOISE] <= 0.3)[decided].all()
    short = opinion[Output.REASON] == Abstention.EDGE_BELOW_COST
    assert not (bound > opinion[Output.COST])[short].any()


def test_a_decision_is_held_for_its_horizon_and_no_longer(opinion: Matrix) -> None:
    decided = opinion[Output.REASON] == Abstention.NONE
    signal = opinion[Output.SIGNAL]
    since = np.full(len(signal), 10**6)
    for k in range(1, len(signal)):
        since[k] = 0 if decided[k] else since[k - 1] + 1
    known = np.isfinite(signal)
    assert (signal[known & (since < SMALL.barrier.rows)] != 0.0).all()
    assert (signal[known & (since >= SMALL.barrier.rows)] == 0.0).all()


def test_a_missing_bar_has_no_opinion(signal_model: SignalModel) -> None:
    bars = BARS.part(0, 3_200)
    bars.columns[:, 3_100] = np.nan
    opinion = signal_model.opinions(features_of(signal_model, bars), bars.columns, bars.ts)[0]
    assert np.isnan(opinion[Output.SIGNAL, 3_100])
    assert opinion[Output.REASON, 3_100] == Abstention.NOT_READY
    assert np.isfinite(opinion[Output.SIGNAL, 3_150:]).all()


def test_a_secondary_model_has_an_opinion_only_where_its_primary_has_a_side() -> None:
    settings = replace(SMALL, secondaries=(Secondary("logistic", "ema_cross"),), online=False)
    training = train(BARS.part(0, TRAINED), settings)
    signal_model = make_trained_model(training.artefact, TRADING)
    opinion = signal_model.opinions(features_of(signal_model, BARS), BARS.columns, BARS.ts)[0]
    rows = dict(zip(signal_model.outputs, opinion, strict=True))
    there = np.isfinite(rows["score"])
    side, vote = rows["ema_cross.signal"][there], rows["logistic|ema_cross.probability"][there]
    assert np.array_equal(np.isnan(vote), ~(np.abs(side) > 0.0))
    assert np.isfinite(vote).any()
    assert training.models["logistic|ema_cross"].outcomes > 1_000


def test_a_blank_model_never_has_an_opinion() -> None:
    signal_model = make_trained_model(blank_artefact(BARS, SMALL), TRADING)
    opinion, regimes = signal_model.opinions(features_of(signal_model, BARS), BARS.columns, BARS.ts)
    assert np.isnan(opinion[Output.SIGNAL]).all()
    assert (opinion[Output.REASON] == Abstention.NOT_READY).all()
    assert (regimes == Regime.NORMAL).all()


def test_a_blank_and_a_trained_model_share_their_code(signal_model: SignalModel) -> None:
    blank = make_trained_model(blank_artefact(BARS, SMALL), TRADING)
    assert blank.chain.source == signal_model.chain.source
    assert [table.dtype for table in blank.tables.values()] == [table.dtype for table in signal_model.tables.values()]


def test_an_artefact_without_its_tables_is_refused(artefact: Artefact) -> None:
    for name in ("scaler", "learned", "models", "nodes", "learners"):
        tables = {key: table for key, table in artefact.tables.items() if key != name}
        with pytest.raises(DataError, match=f"no table '{name}'"):
            make_trained_model(Artefact(artefact.manifest, tables), TRADING)


def spoil_curve(tables: dict[str, Table]) -> None:
    tables["learned"]["edge"]["count"] = 25


def spoil_knots(tables: dict[str, Table]) -> None:
    tables["learned"]["curves"]["x"][0, 0, :2] = 1.0, 1.0


def spoil_barrier(tables: dict[str, Table]) -> None:
    tables["learned"]["barrier"]["rows"] += 1


def spoil_batch(tables: dict[str, Table]) -> None:
    tables["learners"]["waiting"][1] = 32


def spoil_learners(tables: dict[str, Table]) -> None:
    tables["learners"] = np.repeat(tables["learners"], 2)


def spoil_scaler(tables: dict[str, Table]) -> None:
    tables["scaler"] = np.repeat(tables["scaler"], 2)


def spoil_regime(tables: dict[str, Table]) -> None:
    tables["regime"]["codes"][0, 0] = len(Regime)


def spoil_filter(tables: dict[str, Table]) -> None:
    tables["regime"] = np.zeros(1, [("codes", "<i8", (6,))])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_curve, "too many"),
        (spoil_knots, "do not ascend"),
        (spoil_barrier, "not that of its manifest"),
        (spoil_batch, "fuller than it can be"),
        (spoil_learners, "at most 2 online models"),
        (spoil_scaler, "table 'scaler'"),
        (spoil_regime, "unknown"),
        (spoil_filter, "table 'regime'"),
    ],
)
def test_tables_that_a_kernel_could_not_evaluate_are_refused(
    artefact: Artefact, spoil: Callable[[dict[str, Table]], None], message: str
) -> None:
    tables = {name: table.copy() for name, table in artefact.tables.items()}
    spoil(tables)
    with pytest.raises(DataError, match=message):
        make_trained_model(Artefact(artefact.manifest, tables), TRADING)


_TWIN = """
import sys
from pathlib import Path
import numpy as np
from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.brain.trained.model import make_trained_model
from quaestor.brain.trained.settings import TradingSettings
from quaestor.jit.compile import INTERPRETED
assert INTERPRETED
given = np.load(sys.argv[1])
artefact = DirectoryModelStore(Path(sys.argv[2])).get(sys.argv[3])
signal_model = make_trained_model(artefact, TradingSettings(round_trip=0.002, order_value=1_000.0))
opinion, regimes = signal_model.opinions(given["features"], given["columns"], given["ts"])
np.savez(sys.argv[4], opinion=opinion, regimes=regimes)
"""


def test_the_interpreted_twin_agrees(tmp_path: Path, signal_model: SignalModel, artefact: Artefact) -> None:
    bars = BARS.part(0, 500)
    features = np.ascontiguousarray(features_of(signal_model, bars)[: len(signal_model.features)])
    sha256 = DirectoryModelStore(tmp_path / "models").put(artefact)
    np.savez(tmp_path / "given.npz", features=features, columns=bars.columns, ts=bars.ts)
    arguments = [str(tmp_path / "given.npz"), str(tmp_path / "models"), sha256, str(tmp_path / "answer.npz")]
    environment = os.environ | {"QUAESTOR_INTERPRET": "1"}
    subprocess.run([sys.executable, "-c", _TWIN, *arguments], check=True, env=environment)
    opinion, regimes = signal_model.opinions(features, bars.columns, bars.ts)
    with np.load(tmp_path / "answer.npz") as twin:
        assert np.array_equal(twin["opinion"], opinion, equal_nan=True)
        assert np.array_equal(twin["regimes"], regimes)
