"""Contract suite of strategies: invariants of every strategy of the catalogue."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.brain.alpha.catalog import CATALOG, parse_alpha
from quaestor.brain.alpha.contract import Alpha
from quaestor.brain.regime.catalog import CATALOG as REGIMES
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.signal_model import SignalModel, make_signal_model
from quaestor.domain.market_matrix import Column
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan
from quaestor.ledger.codes import Regime

from .market import Columns, constant_columns, random_columns, run_in_chunks

ROWS = 1_500
HOUR = 3_600_000_000_000

every_alpha = pytest.mark.parametrize("alpha", CATALOG, ids=lambda alpha: str(alpha.name))
every_regime = pytest.mark.parametrize("regime", [regime.name for regime in REGIMES])
every_side = pytest.mark.parametrize("side", ["long", "both"])


class Opinions:
    """Signals, confidences and regimes of a signal model over some columns."""

    def __init__(self, signal_model: SignalModel, columns: Columns, ts: NDArray[np.int64] | None = None) -> None:
        plan = make_plan(signal_model.features, interval_ns=HOUR)
        stamps = hours(columns.shape[1]) if ts is None else ts
        self.features = compute(plan, columns, ts=stamps)
        self.votes, self.regimes = signal_model.opinions(self.features, columns)


def hours(rows: int) -> NDArray[np.int64]:
    """Return stamps an hour apart."""
    return np.arange(rows, dtype=np.int64) * HOUR


def signal_model_of(alpha: Alpha, side: str = "both", regime: str = "none") -> SignalModel:
    """Return the signal model of one strategy under one regime filter, with defaults otherwise."""
    settings = {"side": side} if any(p.name == "side" for p in alpha.parameters) else {}
    return make_signal_model([parse_alpha(alpha.name, settings)], parse_regime(regime, {}))


@every_alpha
def test_declaration_is_complete(alpha: Alpha) -> None:
    assert alpha.doc
    assert alpha.source
    assert alpha.best_regimes
    instance = parse_alpha(alpha.name, {})
    assert parse_alpha(alpha.name, instance.settings) == instance
    assert instance.features == tuple(parse_feature(name).name for name in instance.features)


@every_alpha
@every_side
def test_opinions_are_in_range_and_begin_with_the_features(alpha: Alpha, side: str) -> None:
    signal_model = signal_model_of(alpha, side)
    opinions = Opinions(signal_model, random_columns(ROWS))
    signal, confidence = opinions.votes
    defined = np.all(np.isfinite(opinions.features[: len(signal_model.features)]), axis=0)
    assert np.array_equal(np.isnan(signal), ~defined)
    assert np.all(confidence[~defined] == 0.0)
    assert np.all(np.abs(signal[defined]) <= 1.0)
    assert np.all((confidence >= 0.0) & (confidence <= 1.0))
    if side == "long":
        assert np.all(signal[defined] >= 0.0)


@every_alpha
def test_strategy_goes_long_and_short(alpha: Alpha) -> None:
    signal = Opinions(signal_model_of(alpha), random_columns(ROWS)).votes[0]
    assert np.nanmax(signal) > 0.0
    assert np.nanmin(signal) < 0.0


@every_alpha
@every_regime
def test_truncating_later_rows_changes_no_earlier_opinion(alpha: Alpha, regime: str) -> None:
    columns = random_columns(ROWS)
    signal_model = signal_model_of(alpha, "both", regime)
    whole = Opinions(signal_model, columns)
    for cut in np.random.default_rng(5).integers(1, ROWS, 8):
        part = Opinions(signal_model, np.ascontiguousarray(columns[:, :cut]))
        assert np.array_equal(part.votes, whole.votes[:, :cut], equal_nan=True)
        assert np.array_equal(part.regimes, whole.regimes[:cut])


@every_alpha
@every_regime
def test_chunks_and_restarts_change_no_bit(alpha: Alpha, regime: str) -> None:
    columns = random_columns(ROWS)
    columns[Column.CLOSE, 400:403] = np.nan
    signal_model = signal_model_of(alpha, "both", regime)
    whole = Opinions(signal_model, columns)
    votes = np.full_like(whole.votes, 9.0)
    regimes = np.full_like(whole.regimes, 9)
    ts, funding = np.zeros(ROWS, np.int64), np.zeros((3, ROWS))
    arrays = (ts, whole.features, columns, funding, votes, regimes)
    run_in_chunks(signal_model.advance, signal_model.new_state(), arrays, ROWS, 3)
    assert np.array_equal(votes, whole.votes, equal_nan=True)
    assert np.array_equal(regimes, whole.regimes)


@every_alpha
def test_missing_bar_has_no_opinion_and_does_not_end_the_position(alpha: Alpha) -> None:
    columns = random_columns(ROWS)
    signal_model = signal_model_of(alpha)
    whole = Opinions(signal_model, columns)
    k = int(np.flatnonzero(whole.votes[0] > 0.0)[5])
    holed = np.insert(columns, k, np.nan, axis=1)
    ts = np.insert(hours(ROWS), k, k * HOUR)
    signal = Opinions(signal_model, np.ascontiguousarray(holed), ts).votes[0]
    assert np.isnan(signal[k])
    assert np.array_equal(np.delete(signal, k), whole.votes[0], equal_nan=True)


@every_alpha
def test_constant_prices_give_no_signal(alpha: Alpha) -> None:
    signal = Opinions(signal_model_of(alpha, "long"), constant_columns(600)).votes[0]
    assert np.all(signal[np.isfinite(signal)] == 0.0)
    assert np.any(np.isfinite(signal))


@every_regime
def test_regimes_are_valid_codes_and_begin_normal(regime: str) -> None:
    signal_model = signal_model_of(CATALOG[0], "both", regime)
    opinions = Opinions(signal_model, random_columns(ROWS))
    assert set(opinions.regimes.tolist()) <= {int(code) for code in Regime}
    assert opinions.regimes[0] == Regime.NORMAL


_TWIN = """
import sys
import numpy as np
from quaestor.brain.alpha.catalog import CATALOG, parse_alpha
from quaestor.brain.signal_model import make_signal_model
from quaestor.brain.regime.catalog import parse_regime
from quaestor.features.plan import compute, make_plan
from quaestor.jit.cache import INTERPRETED
assert INTERPRETED
columns = np.load(sys.argv[1])
alphas = [parse_alpha(alpha.name, {"side": "both"}) for alpha in CATALOG]
signal_model = make_signal_model(alphas, parse_regime("volatility_trend", {}))
hour = 3_600_000_000_000
ts = np.arange(columns.shape[1]) * hour
features = compute(make_plan(signal_model.features, interval_ns=hour), columns, ts=ts)
votes, regimes = signal_model.opinions(features, columns)
np.savez(sys.argv[2], votes=votes, regimes=regimes)
"""


def test_interpreted_strategies_give_the_same_bits(tmp_path: Path) -> None:
    """Run all strategies, the regime filter and the ensemble as plain Python, generated code included."""
    columns = random_columns(600)
    columns[Column.CLOSE, 300] = np.nan
    alphas = [parse_alpha(alpha.name, {"side": "both"}) for alpha in CATALOG]
    compiled = Opinions(make_signal_model(alphas, parse_regime("volatility_trend", {})), columns)
    given, answer = tmp_path / "columns.npy", tmp_path / "answer.npz"
    np.save(given, columns)
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "PYTHONWARNINGS": "error"}
    subprocess.run([sys.executable, "-c", _TWIN, str(given), str(answer)], check=True, env=environment)
    with np.load(answer) as twin:
        np.testing.assert_array_equal(twin["votes"], compiled.votes)
        np.testing.assert_array_equal(twin["regimes"], compiled.regimes)
