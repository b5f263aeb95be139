"""What every feature of the catalogue must keep, whatever it computes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contract.market import constant_columns, irregular_stamps, random_columns, run_in_chunks

from quaestor.features import plan as plans
from quaestor.features.catalog import CATALOG, parse_feature
from quaestor.features.feature import Feature, FeatureInstance
from quaestor.features.plan import FeaturePlan, make_plan
from quaestor.kernels.columns import BOOK_LEVELS, Column, book_row

ROWS = 700
BOOK_SIZES = [book_row(side, level) for level in range(BOOK_LEVELS) for side in (Column.BID_SIZE, Column.ASK_SIZE)]
STAMPS = irregular_stamps(ROWS)


def short_instance(feature: Feature) -> FeatureInstance:
    """The defaults, with windows that fit the data."""
    default = feature.instance()
    if default.warmup < ROWS // 4:
        return default
    return feature.instance(*(min(value, 40) for value in default.values))


def plan_of(feature: Feature) -> FeaturePlan:
    """A plan of all outputs of one feature."""
    instance = short_instance(feature)
    outputs = range(len(feature.outputs))
    return make_plan([FeatureInstance(feature, instance.values, k) for k in outputs])


every_feature = pytest.mark.parametrize("feature", CATALOG, ids=lambda feature: str(feature.name))


def compute(plan: FeaturePlan, columns: NDArray[np.float64], ts: NDArray[np.int64] = STAMPS) -> NDArray[np.float64]:
    """All rows at once, stamped with the first of `ts`."""
    return plans.compute(plan, columns, ts=ts[: columns.shape[1]])


def same(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Equal to the last bit, NaN where NaN."""
    return a.tobytes() == b.tobytes() or bool(np.array_equal(a, b, equal_nan=True))


@every_feature
def test_the_declaration_is_complete(feature: Feature) -> None:
    assert feature.doc
    assert feature.units
    assert feature.source
    assert feature.inputs or feature.timed
    assert len(set(feature.outputs)) == len(feature.outputs)
    assert parse_feature(feature.instance().stem).feature is feature
    for k in range(len(feature.outputs)):
        assert parse_feature(feature.instance(output=k).name) == feature.instance(output=k)


def test_names_are_unique() -> None:
    assert len({feature.name for feature in CATALOG}) == len(CATALOG)


@every_feature
@pytest.mark.parametrize("seed", [1, 2])
def test_chunks_and_restarts_change_no_bit(feature: Feature, seed: int) -> None:
    columns = random_columns(ROWS, seed)
    columns[Column.CLOSE, 150:153] = np.nan
    plan = plan_of(feature)
    whole = compute(plan, columns)
    out = np.zeros_like(whole)
    run_in_chunks(plan.advance, plan.new_state(), (STAMPS, columns, out), ROWS, seed)
    assert same(whole, out)


@every_feature
def test_rows_outside_the_range_are_neither_read_nor_written(feature: Feature) -> None:
    columns = random_columns(ROWS)
    plan = plan_of(feature)
    whole = compute(plan, columns)
    state = plan.new_state()
    for k in range(ROWS):
        row = np.ascontiguousarray(columns[:, k : k + 1])
        out = np.zeros((plan.n_outputs, 1))
        plan.advance(state, STAMPS[k : k + 1], row, out, 0, 1)
        assert same(out[:, 0], whole[:, k]), k
    untouched = np.full_like(whole, 7.0)
    plan.advance(plan.new_state(), STAMPS, columns, untouched, 100, 200)
    assert np.all(untouched[:, :100] == 7.0)
    assert np.all(untouched[:, 200:] == 7.0)


@every_feature
def test_the_warmup_is_as_declared(feature: Feature) -> None:
    plan = plan_of(feature)
    out = compute(plan, random_columns(ROWS))[: plan.n_requested]
    assert plan.warmup == short_instance(feature).warmup
    assert np.all(np.isnan(out[: plan.n_requested, : plan.warmup]))
    assert np.all(np.isfinite(out[:, plan.warmup :]))


@pytest.mark.parametrize("feature", [f for f in CATALOG if f.inputs], ids=lambda feature: str(feature.name))
def test_a_missing_row_is_skipped_as_if_it_were_not_there(feature: Feature) -> None:
    columns = random_columns(ROWS)
    there = np.random.default_rng(3).random(ROWS) > 0.1
    holed = columns.copy()
    broken = np.flatnonzero(~there)
    for k in broken:
        holed[feature.inputs[k % len(feature.inputs)], k] = np.nan if k % 2 else np.inf
    plan = plan_of(feature)
    out = compute(plan, holed)
    assert np.all(np.isnan(out[:, broken]))
    assert same(
        np.ascontiguousarray(out[:, there]), compute(plan, np.ascontiguousarray(columns[:, there]), STAMPS[there])
    )


@pytest.mark.parametrize("feature", [f for f in CATALOG if not f.inputs], ids=lambda feature: str(feature.name))
def test_what_depends_on_time_alone_is_never_missing(feature: Feature) -> None:
    plan = plan_of(feature)
    out = compute(plan, np.full_like(random_columns(ROWS), np.nan))
    assert np.all(np.isfinite(out[:, plan.warmup :]))
    assert same(out, compute(plan, random_columns(ROWS)))


@every_feature
@pytest.mark.parametrize("volume", [3.0, 0.0])
def test_a_constant_price_gives_numbers(feature: Feature, volume: float) -> None:
    plan = plan_of(feature)
    out = compute(plan, constant_columns(ROWS, volume=volume))
    assert np.all(np.isfinite(out[:, plan.warmup :]))


@every_feature
def test_no_volume_gives_numbers(feature: Feature) -> None:
    columns = random_columns(ROWS)
    columns[Column.VOLUME] = 0.0
    plan = plan_of(feature)
    assert np.all(np.isfinite(compute(plan, columns)[:, plan.warmup :]))


@every_feature
def test_one_row(feature: Feature) -> None:
    plan = plan_of(feature)
    out = compute(plan, random_columns(1))
    assert out.shape == (plan.n_outputs, 1)
    assert np.all(np.isnan(out)) or plan.warmup == 0


@every_feature
def test_no_row_at_all(feature: Feature) -> None:
    plan = plan_of(feature)
    assert compute(plan, random_columns(0)).shape == (plan.n_outputs, 0)


@every_feature
@pytest.mark.parametrize("factor", [1e12, 1e-12])
def test_huge_and_tiny_values_give_numbers_and_keep_the_chunks_equal(feature: Feature, factor: float) -> None:
    columns = random_columns(ROWS)
    sizes = columns[BOOK_SIZES, 200:205]
    columns[:, 200:205] *= factor
    if factor < 1.0:  # a book too thin for an order has no price for it
        columns[BOOK_SIZES, 200:205] = sizes
    plan = plan_of(feature)
    whole = compute(plan, columns)
    assert np.all(np.isfinite(whole[:, plan.warmup :]))
    out = np.zeros_like(whole)
    run_in_chunks(plan.advance, plan.new_state(), (STAMPS, columns, out), ROWS, 5)
    assert same(whole, out)


@every_feature
def test_the_future_changes_nothing(feature: Feature) -> None:
    columns = random_columns(ROWS)
    plan = plan_of(feature)
    whole = compute(plan, columns)
    for cut in np.random.default_rng(11).integers(1, ROWS, 6):
        assert same(np.ascontiguousarray(whole[:, :cut]), compute(plan, np.ascontiguousarray(columns[:, :cut])))


_TWIN = """
import sys
import numpy as np
from quaestor.features.plan import compute, make_plan
from quaestor.kernels.compile import INTERPRETED
assert INTERPRETED
given = np.load(sys.argv[1])
np.save(sys.argv[3], compute(make_plan(sys.argv[2].split(",")), given["columns"], ts=given["ts"]))
"""


def test_the_interpreted_twin_agrees(tmp_path: Path) -> None:
    """Everything again as plain Python, generated code included."""
    columns = random_columns(330)
    columns[Column.CLOSE, 120] = np.nan
    names = [short_instance(feature).stem for feature in CATALOG]
    compiled = compute(make_plan(names), columns)
    given, answer = tmp_path / "given.npz", tmp_path / "answer.npy"
    np.savez(given, columns=columns, ts=STAMPS[: columns.shape[1]])
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "PYTHONWARNINGS": "error"}
    subprocess.run([sys.executable, "-c", _TWIN, str(given), ",".join(names), str(answer)], check=True, env=environment)
    np.testing.assert_array_equal(np.load(answer), compiled)


@pytest.mark.parametrize(
    "name", ["sma_20", "bbands_20_2", "volatility_20", "mfi_14", "stoch_14_3_3", "donchian_20", "volume_ratio_20"]
)
def test_a_huge_value_leaves_no_trace_once_it_has_left_the_window(name: str) -> None:
    columns = random_columns(ROWS)
    spiked = columns.copy()
    spiked[:, 200] *= 1e12
    plan = make_plan([name])
    after = 200 + 2 * plan.warmup + 2
    clean = compute(plan, columns)[:, after:]
    np.testing.assert_allclose(compute(plan, spiked)[:, after:], clean, rtol=1e-12, atol=1e-12)
