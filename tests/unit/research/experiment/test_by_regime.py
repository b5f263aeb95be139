"""Regime sequence: spells and transitions by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quaestor.analysis.forecasts.opinions import Opinions
from quaestor.brain.trained.outputs import N_FIXED
from quaestor.ledger.codes import Regime
from quaestor.research.experiment.by_regime import walk_of


def opinions(regimes: Sequence[int]) -> Opinions:
    count = len(regimes)
    nothing = np.zeros((0, count))
    return Opinions(
        "BTCUSDT",
        (),
        np.arange(count),
        np.zeros((N_FIXED, count)),
        nothing,
        nothing,
        np.array(regimes, np.int8),
    )


def test_spells_and_moves_by_hand() -> None:
    normal, crash, trend = int(Regime.NORMAL), int(Regime.CRASH), int(Regime.TRENDING)
    found = walk_of([opinions([normal, normal, crash, normal]), opinions([trend, trend])])
    assert found.regimes == ("normal", "trending", "crash")
    assert found.spells == (2, 1, 1)
    assert found.bars == (1.5, 2.0, 1.0)
    # the last bar of an instrument is followed by none, and not by the first of the next one
    assert found.transition == ((0.5, 0.0, 0.5), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def test_without_bars_there_are_no_regimes() -> None:
    assert walk_of([opinions([])]).regimes == ()


@given(st.lists(st.lists(st.integers(0, len(Regime) - 1), max_size=40), min_size=1, max_size=3))
def test_bars_of_all_regimes_add_up(named: list[list[int]]) -> None:
    found = walk_of([opinions(each) for each in named])
    assert sum(n * bars for n, bars in zip(found.spells, found.bars, strict=True)) == pytest.approx(
        sum(map(len, named))
    )
    for row in found.transition:
        assert sum(row) == pytest.approx(1.0) or sum(row) == 0.0
