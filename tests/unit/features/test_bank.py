"""Candidate features, and the bank that evaluates them."""

from itertools import pairwise

import numpy as np
import pytest
from tests.contract.market import random_columns

from quaestor.domain.market_matrix import ALL_COLUMNS
from quaestor.features.bank import FeatureBank
from quaestor.features.candidates import candidates
from quaestor.features.catalog import CATALOG
from quaestor.features.feature import FeatureInstance
from quaestor.features.plan import compute, make_plan

MINUTE = 60_000_000_000
ROWS = 1_600


@pytest.fixture(scope="module")
def wanted() -> list[FeatureInstance]:
    return candidates(timeframes=("5m", "1h"))


def test_catalogue_gives_more_than_a_thousand_candidates(wanted: list[FeatureInstance]) -> None:
    assert len(wanted) > 1_000
    assert len({instance.name for instance in wanted}) == len(wanted)


def test_every_definition_has_a_candidate() -> None:
    named = {instance.feature.name for instance in candidates(known=range(ALL_COLUMNS))}
    assert named == {feature.name for feature in CATALOG}


def test_features_with_unavailable_inputs_are_no_candidates() -> None:
    assert not any(instance.feature.inputs for instance in candidates(known=()))


def test_bank_equals_plans_in_any_chunks_and_on_threads(wanted: list[FeatureInstance]) -> None:
    columns = random_columns(ROWS)
    columns[:, 700:703] = np.nan
    ts = (np.arange(ROWS) + 17) * MINUTE
    bank = FeatureBank(wanted, interval_ns=MINUTE)
    edges = [0, 1, 5, 5, 900, ROWS]
    parts = [
        bank.advance(ts[a:b], np.ascontiguousarray(columns[:, a:b]), threads=1 + k % 2)
        for k, (a, b) in enumerate(pairwise(edges))
    ]
    out = np.hstack(parts)
    chosen = np.random.default_rng(5).choice(len(wanted), 40, replace=False)
    plan = make_plan([wanted[k] for k in chosen], interval_ns=MINUTE)
    expected = compute(plan, columns, ts=ts)
    for row, k in enumerate(chosen):
        assert np.array_equal(out[k], expected[row], equal_nan=True), wanted[k].name


def test_evaluations_of_a_definition_share_one_state_layout() -> None:
    columns = random_columns(400)
    ts = np.arange(400)
    names = ["sma_5", "sma_100", "bbands_7_2", "bbands_90_2", "hurst_50", "hurst_120"]
    plan = make_plan(names)
    out = FeatureBank(plan.requested).advance(ts, columns)
    assert np.array_equal(out[: len(names)], compute(plan, columns)[: len(names)], equal_nan=True)
