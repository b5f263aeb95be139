"""Interpreted features in plans: order, copies, state and refusals."""

# ruff: noqa: ARG001 - every kernel has the one signature

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contract.market import random_columns, run_in_chunks

from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.signal_model import make_signal_model
from quaestor.domain.parameter import Integer, always
from quaestor.engine.signal_pipeline import SignalPipeline
from quaestor.errors import ConfigError
from quaestor.features.bank import FeatureBank
from quaestor.features.catalog import CATALOG
from quaestor.features.define import feature
from quaestor.features.feature import Feature
from quaestor.features.interpreted import interpret
from quaestor.features.plan import compute, make_plan
from quaestor.jit.compile import kernel

Series = NDArray[np.float64]
MINUTE = 60_000_000_000


@feature(Integer("length", 5, 2, 500, "bars"), units="quote", outputs=("low", "high"), compiled=False)
def quantiles(close: Series) -> list[float]:
    """Two quantiles, by a function that numba does not support."""
    ordered = sorted(close.tolist())
    return [ordered[1], ordered[-2]]


@kernel
def advance_twice(state: Any, params: Any, columns: Any, part: Any, out: Any, i: int, n: int) -> None:
    for k in range(i, n):
        out[0, k] = 2.0 * part[k]


def twice_of(part: str) -> Feature:
    """Return a feature of twice the values of another one."""
    described = ("twice", "user", "doc", "units", "source", (3,), ("twice",), ())
    state = always(np.dtype([("unused", "<i8")]))
    return Feature(*described, advance_twice, state, always(4), parts=always((part,)))


def test_interpreted_and_compiled_rows_keep_the_requested_order() -> None:
    names = ["quantiles_5.high", "sma_5", "quantiles_9.low", "quantiles_5", "sma_5", "quantiles_5.high"]
    plan = make_plan(names, catalog=(*CATALOG, quantiles))
    columns = random_columns(60)
    out = compute(plan, columns)
    closes = columns[3]
    five = [np.sort(closes[k - 4 : k + 1]) for k in range(4, 60)]
    assert plan.interpreted == ("quantiles_5", "quantiles_9")
    for row in (0, 5):
        np.testing.assert_array_equal(out[row, 4:], [window[-2] for window in five])
    np.testing.assert_array_equal(out[3, 4:], [window[1] for window in five])
    np.testing.assert_array_equal(out[2, 8:], [np.sort(closes[k - 8 : k + 1])[1] for k in range(8, 60)])
    np.testing.assert_array_equal(out[1], out[4])
    assert np.all(np.isnan(out[[0, 3, 5], :4]))


def test_interpreted_state_survives_a_copy_through_bytes() -> None:
    plan = make_plan(["sma_5", "quantiles_5"], catalog=(*CATALOG, quantiles))
    columns, stamps = random_columns(200), np.arange(200)
    whole = compute(plan, columns)
    out = np.zeros_like(whole)
    run_in_chunks(plan.advance, plan.new_state(), (stamps, columns, out), 200, 4)
    np.testing.assert_array_equal(out, whole)


def test_interpreted_feature_may_depend_on_compiled_and_interpreted_ones() -> None:
    for part in ("sma_5", "quantiles_5.high"):
        twice = interpret(twice_of(part))
        plan = make_plan(["twice", part], catalog=(*CATALOG, quantiles, twice))
        out = compute(plan, random_columns(80))
        np.testing.assert_array_equal(out[0], 2.0 * out[1])


def test_compiled_feature_depending_on_interpreted_one_is_refused() -> None:
    twice = twice_of("quantiles_5.high")
    with pytest.raises(ConfigError, match="feature twice: takes the values of a feature that runs interpreted"):
        make_plan(["twice"], catalog=(*CATALOG, quantiles, twice))


def test_interpreted_feature_on_a_timeframe_is_refused_in_a_plan_but_not_in_a_bank() -> None:
    catalog = (*CATALOG, quantiles)
    with pytest.raises(ConfigError, match="feature quantiles_5: runs interpreted"):
        make_plan(["quantiles_5@5m"], interval_ns=MINUTE, catalog=catalog)
    columns, stamps = random_columns(100), np.arange(100) * MINUTE
    bank = FeatureBank([quantiles.instance(frame_ns=5 * MINUTE)], interval_ns=MINUTE, catalog=catalog)
    fives = columns[3, 4::5]
    expected = [np.sort(fives[k - 4 : k + 1])[1] for k in range(4, 20)]
    np.testing.assert_array_equal(bank.advance(stamps, columns)[0, 24::5], expected)


def test_engine_refuses_interpreted_features() -> None:
    signal_model = make_signal_model([parse_alpha("mean_reversion", {"side": "both"})])
    own: Any = (quantiles.instance(), *signal_model.features[1:])
    with pytest.raises(ConfigError, match="feature quantiles_5: runs interpreted, and the engine"):
        SignalPipeline(replace(signal_model, features=own), load_instruments().find("BTCUSDT", "spot"), MINUTE)
