"""Contract suite of features: invariants of every feature of the catalogue."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.contract.market import irregular_stamps, random_columns

from quaestor.domain.market_matrix import Column
from quaestor.features.catalog import CATALOG, parse_feature
from quaestor.features.define import check_declaration
from quaestor.features.feature import Feature
from quaestor.features.plan import compute, make_plan
from quaestor.features.properties import PROPERTIES, Property, make_trial

ROWS = 330
STAMPS = irregular_stamps(ROWS)

every_feature = pytest.mark.parametrize("feature", CATALOG, ids=lambda feature: str(feature.name))


@every_feature
def test_declaration_is_complete(feature: Feature) -> None:
    check_declaration(feature, "catalog")
    for k in range(len(feature.outputs)):
        assert parse_feature(feature.instance(output=k).name) == feature.instance(output=k)


def test_names_are_unique() -> None:
    assert len({feature.name for feature in CATALOG}) == len(CATALOG)


@pytest.mark.parametrize("kept", PROPERTIES, ids=lambda kept: str(kept.name).replace(" ", "_"))
@every_feature
def test_feature_satisfies_property(feature: Feature, kept: Property) -> None:
    """Test every property, including those not required of user-defined features; see `features.properties`."""
    assert kept.check(make_trial(feature, CATALOG)) == ""


_TWIN = """
import sys
import numpy as np
from quaestor.features.plan import compute, make_plan
from quaestor.jit.compile import INTERPRETED
assert INTERPRETED
given = np.load(sys.argv[1])
plan = make_plan(sys.argv[2].split(","))
np.save(sys.argv[3], compute(plan, given["columns"], ts=given["ts"])[: plan.n_requested])
"""


def test_interpreted_features_give_the_same_bits(tmp_path: Path) -> None:
    """Run every feature as plain Python, generated code included, beside the compiled plan of each."""
    columns = random_columns(ROWS)
    columns[Column.CLOSE, 120] = np.nan
    trials = [make_trial(feature, CATALOG) for feature in CATALOG]
    names = [instance.name for trial in trials for instance in trial.plan.requested]
    compiled = np.vstack([compute(trial.plan, columns, ts=STAMPS)[: trial.plan.n_requested] for trial in trials])
    given, answer = tmp_path / "given.npz", tmp_path / "answer.npy"
    np.savez(given, columns=columns, ts=STAMPS)
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "PYTHONWARNINGS": "error"}
    subprocess.run([sys.executable, "-c", _TWIN, str(given), ",".join(names), str(answer)], check=True, env=environment)
    np.testing.assert_array_equal(np.load(answer), compiled)


@pytest.mark.parametrize(
    "name", ["sma_20", "bbands_20_2", "volatility_20", "mfi_14", "stoch_14_3_3", "donchian_20", "volume_ratio_20"]
)
def test_huge_value_has_no_effect_after_leaving_the_window(name: str) -> None:
    columns = random_columns(700)
    spiked = columns.copy()
    spiked[:, 200] *= 1e12
    plan = make_plan([name])
    after = 200 + 2 * plan.warmup + 2
    clean = compute(plan, columns)[:, after:]
    np.testing.assert_allclose(compute(plan, spiked)[:, after:], clean, rtol=1e-12, atol=1e-12)
