"""Drift baseline: block means and deviations by hand."""

import math

import numpy as np
import pytest

from quaestor.analysis.forecasts.labels import Barrier
from quaestor.analysis.forecasts.samples import Dataset
from quaestor.research.training.expectation import Expectation, expectation

BARRIER = Barrier(profit=1.0, stop=1.0, rows=2, cost=0.1)


def dataset(up: list[bool], change: list[float]) -> Dataset:
    n = len(up)
    rows = np.arange(n)
    return Dataset(rows, rows + 2, np.zeros((1, n)), np.array(up), np.array(change), np.full(n, 2.0), np.ones(n))


def test_means_and_deviations_over_blocks() -> None:
    up = [True, True, False, False] * 10
    pooled = np.array([0.8, 0.5, 0.8, np.nan] * 10)
    found = expectation(pooled, dataset(up, [0.4, 0.4, -0.3, 0.0] * 10), BARRIER)
    loss = np.array([-(math.log(0.8) + math.log(0.5)) / 2, -math.log(0.2)] * 10)
    profit = np.array([((0.4 - 0.1) / 2 + (-0.4 - 0.1) / 2) / 2, (-0.3 - 0.1) / 2] * 10)
    assert found.loss == pytest.approx(loss.mean())
    assert found.loss_deviation == pytest.approx(loss.std(ddof=1))
    assert found.profit_deviation == pytest.approx(profit.std(ddof=1))


def test_few_blocks_give_no_baseline() -> None:
    assert expectation(np.full(8, 0.6), dataset([True] * 8, [0.1] * 8), BARRIER) == Expectation(0.0, 0.0, 0.0)
