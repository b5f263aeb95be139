"""Netted ensemble: signals by share."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.market import random_columns

from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.ensemble.netted import MAX_SLEEVES, NETTED, make_netted
from quaestor.brain.signal_model import make_signal_model
from quaestor.errors import ConfigError
from quaestor.features.plan import compute, make_plan

NAN = float("nan")
ALPHAS = [parse_alpha(name, {"side": "both"}) for name in ("ema_cross", "mean_reversion", "breakout")]


def net(
    signals: Sequence[Sequence[float]], shares: tuple[float, ...] = (0.5, 0.5), cuts: tuple[int, ...] = ()
) -> np.ndarray:
    """Signal and confidence of rows of two strategies' signals, of confidence 0.8 and 0.4."""
    votes = np.empty((4, len(signals)))
    votes[0::2] = np.array(signals, dtype=np.float64).T
    votes[1], votes[3] = 0.8, 0.4
    out = np.zeros((2, len(signals)))
    state = np.zeros(1, NETTED.state_dtype)
    params = make_netted(ALPHAS[:2], shares).params
    start = 0
    for cut in (*cuts, len(signals)):
        NETTED.advance(state, params, votes, np.zeros(len(signals), np.int8), out, start, cut)
        start = cut
    return out


def test_a_strategy_without_an_opinion_keeps_its_last_signal() -> None:
    rows: list[tuple[float, float]] = [(NAN, NAN), (1, NAN), (1, -1), (1, 1), (NAN, -1), (0, -1), (0, 0), (NAN, NAN)]
    out = net(rows, (0.6, 0.4))
    expected = [NAN, 0.6, 0.2, 1.0, 0.2, -0.4, 0.0, NAN]
    np.testing.assert_allclose(out[0], expected, atol=1e-15)
    assert out[1, 1:7].tolist() == pytest.approx([0.8, 0.8, 0.64, 0.8, 0.4, 0.64])
    assert out[1, [0, 7]].tolist() == [0.0, 0.0]


SIGNAL = st.sampled_from([NAN, -1.0, -0.3, 0.0, 0.5, 1.0])


@given(
    st.lists(st.tuples(SIGNAL, SIGNAL), min_size=1, max_size=30),
    st.integers(0, 30),
)
def test_chunks_change_no_bit_and_signals_stay_in_range(rows: list[tuple[float, float]], cut: int) -> None:
    whole = net(rows, (0.7, 0.3))
    assert net(rows, (0.7, 0.3), (min(cut, len(rows)),)).tobytes() == whole.tobytes()
    known = ~np.isnan(whole[0])
    assert (np.abs(whole[0, known]) <= 1.0).all()
    assert ((whole[1] >= 0.0) & (whole[1] <= 1.0)).all()


def test_the_signal_of_a_netted_model_is_the_sum_of_share_times_signal() -> None:
    columns = random_columns(400)
    shares = (0.5, 0.3, 0.2)
    signal_model = make_signal_model(ALPHAS, None, make_netted(ALPHAS, shares))
    out, _ = signal_model.opinions(compute(make_plan(signal_model.features), columns), columns)
    every = ~np.isnan(out[[2, 4, 6]]).any(axis=0)
    assert every.sum() > 300
    np.testing.assert_allclose(out[0, every], np.array(shares) @ out[[2, 4, 6]][:, every], atol=1e-15)


@pytest.mark.parametrize("shares", [(1.0,), (0.5, 0.6), (0.5, 0.0), (0.5, NAN), (-0.5, 0.5)])
def test_wrong_shares_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="--shares"):
        make_netted(ALPHAS[:2], shares)


def test_too_many_strategies_are_refused() -> None:
    with pytest.raises(ConfigError, match="17 strategies"):
        make_netted([ALPHAS[0]] * (MAX_SLEEVES + 1))
