"""Feature sets: names, sizes and values."""

import numpy as np
import pytest
from tests.contract.market import random_columns

from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.errors import UnknownNameError
from quaestor.features.catalog import CATALOG
from quaestor.features.plan import compute, make_plan
from quaestor.features.sets import FEATURE_SETS, feature_set


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_names_are_canonical_and_values_are_numbers(name: str) -> None:
    plan = make_plan(feature_set(name))
    assert plan.names[: plan.n_requested] == feature_set(name)
    assert np.all(np.isfinite(compute(plan, random_columns(200))[:, plan.warmup :]))


def test_sets_have_the_documented_sizes() -> None:
    assert [len(feature_set(name)) for name in ("default", "bars", "small")] == [25, 19, 10]
    assert max(make_plan(feature_set("bars")).inputs) < N_COLUMNS
    assert set(feature_set("bars")) < set(feature_set("default"))


def test_set_names_are_no_feature_names() -> None:
    assert not set(FEATURE_SETS) & {feature.name for feature in CATALOG}


def test_unknown_set_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean small"):
        feature_set("smal")
