"""User-defined features: values, windows, outputs, missing rows and refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contract.market import random_columns

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.errors import ConfigError
from quaestor.features.bank import FeatureBank
from quaestor.features.catalog import CATALOG
from quaestor.features.define import feature
from quaestor.features.feature import Feature
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]
LENGTH = Integer("length", 20, 2, 500, "bars")


@feature(LENGTH, units="quote")
def own_mean(close: Series) -> float:
    """Mean of the closes."""
    return close.mean()


@feature(LENGTH, units="percent", source="Williams")
def own_willr(high: Series, low: Series, close: Series) -> float:
    """Position of the close in the range."""
    return -100.0 * (high.max() - close[-1]) / (high.max() - low.min())


@feature(LENGTH, Real("width", 2.0, 0.1, 10.0, "standard deviations"), units="quote", outputs=("upper", "lower"))
def own_bands(close: Series, width: float) -> tuple[float, float]:
    """Mean and deviations."""
    return close.mean() + width * close.std(), close.mean() - width * close.std()


@feature(units="ratio", window=2)
def own_jump(high: Series, close: Series) -> float:
    """High relative to the previous close."""
    return high[-1] / close[0] - 1.0


@feature(LENGTH, units="quote")
def own_median_step(close: Series) -> float:
    """Median step, from arrays allocated by the function."""
    steps = np.sort(np.abs(np.diff(close)))
    return steps[len(steps) // 2]


@feature(LENGTH, units="ratio")
def own_slope_share(length: int, low: Series, high: Series) -> float:
    """Slope over range with arguments in another order; NaN where nothing moved."""
    return (high[-1] - high[0]) / (high.max() - low.min()) / length if length > 0 else np.inf


OWN = (own_mean, own_willr, own_bands, own_jump, own_median_step, own_slope_share)
EVERYTHING = (*CATALOG, *OWN)


def values(*names: str, rows: int = 400) -> Series:
    """Return the requested features of a random market with missing rows."""
    columns = random_columns(rows)
    columns[Column.CLOSE, 60:63] = np.nan
    return compute(make_plan(names, catalog=EVERYTHING), columns)[: len(names)]


@pytest.mark.parametrize(
    ("own", "built_in"),
    [
        ("own_mean_20", "sma_20"),
        ("own_mean_3", "sma_3"),
        ("own_willr_14", "willr_14"),
        ("own_bands_20_2.upper", "bbands_20_2.upper"),
        ("own_bands_20_2.lower", "bbands_20_2.lower"),
    ],
)
def test_user_defined_feature_equals_built_in_one(own: str, built_in: str) -> None:
    mine, theirs = values(own, built_in)
    np.testing.assert_array_equal(np.isnan(mine), np.isnan(theirs))
    np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


def test_fixed_window_needs_no_length_parameter() -> None:
    columns = random_columns(50)
    out = compute(make_plan(["own_jump"], catalog=EVERYTHING), columns)[0]
    assert np.isnan(out[0])
    np.testing.assert_array_equal(out[1:], columns[Column.HIGH, 1:] / columns[Column.CLOSE, :-1] - 1.0)


def test_function_may_allocate_arrays() -> None:
    closes = random_columns(80)[Column.CLOSE]
    out = compute(make_plan(["own_median_step_20"], catalog=EVERYTHING), random_columns(80))[0]
    expected = [np.sort(np.abs(np.diff(closes[k - 19 : k + 1])))[9] for k in range(19, 80)]
    np.testing.assert_array_equal(out[19:], expected)


def test_arguments_take_any_order_and_nan_result_is_written_as_missing() -> None:
    columns = random_columns(60)
    columns[: Column.VOLUME, 30:50] = 100.0
    out = compute(make_plan(["own_slope_share_10"], catalog=EVERYTHING), columns)[0]
    assert np.all(np.isnan(out[:9]))
    assert np.isnan(out[45])  # 0/0
    high, low = columns[Column.HIGH, 11:21], columns[Column.LOW, 11:21]
    assert out[20] == (high[-1] - high[0]) / (high.max() - low.min()) / 10


def test_any_row_of_the_market_matrix_can_be_an_input() -> None:
    @feature(units="ratio", window=1)
    def own_imbalance(bid_size: Series, ask_size: Series, bid_size_2: Series, ask_depth_10bps: Series) -> float:
        """Of the book."""
        return (bid_size[0] + bid_size_2[0] - ask_size[0]) / ask_depth_10bps[0]

    columns = random_columns(30)
    out = compute(make_plan([own_imbalance.instance()]), columns)[0]
    bid, ask, second, depth = (columns[row] for row in own_imbalance.inputs)
    np.testing.assert_array_equal(out, (bid + second - ask) / depth)
    assert own_imbalance.warmup() == 0


def test_user_defined_feature_is_the_same_in_bank_and_on_timeframe() -> None:
    columns, stamps = random_columns(600), np.arange(600) * 60_000_000_000
    names = ["own_willr_14", "own_mean_3@15m", "own_bands_20_2.lower"]
    plan = make_plan(names, interval_ns=60_000_000_000, catalog=EVERYTHING)
    bank = FeatureBank(plan.requested, interval_ns=60_000_000_000, catalog=EVERYTHING)
    expected = compute(plan, columns, ts=stamps)[:3]
    np.testing.assert_array_equal(bank.advance(stamps, columns)[:3], expected)
    assert np.isfinite(expected[1]).any()


def refused(definition: Callable[[], Feature]) -> str:
    """Return the message of a refusal, asserting that it names this file and a line."""
    with pytest.raises(ConfigError) as caught:
        definition()
    assert f"{__file__}:" in str(caught.value)
    return str(caught.value)


def test_unknown_argument_is_refused() -> None:
    def unclear(clos: Series) -> float:
        """Text."""
        return clos[0]

    assert "argument clos means nothing" in refused(lambda: feature(LENGTH, units="x")(unclear))


def test_variadic_arguments_are_refused() -> None:
    def many(*close: Any) -> float:
        """Text."""
        return 0.0 * len(close)

    assert "argument close means nothing" in refused(lambda: feature(LENGTH, units="x")(many))


def test_missing_window_length_is_refused() -> None:
    def timeless(close: Series) -> float:
        """Text."""
        return close[0]

    assert "no length of the windows" in refused(lambda: feature(units="x")(timeless))
    assert "no units" in refused(lambda: feature(units="", window=1)(timeless))


def test_missing_docstring_and_missing_inputs_are_refused() -> None:
    def silent(close: Series) -> float:
        return close[0]

    def blind(length: int) -> float:
        """Text."""
        return length

    assert "has no doc" in refused(lambda: feature(LENGTH, units="x")(silent))
    assert "reads nothing" in refused(lambda: feature(LENGTH, units="x")(blind))


def test_name_that_parses_as_parameters_is_refused() -> None:
    def mean_20(close: Series) -> float:
        """Text."""
        return close.mean()

    assert "'mean_20_20' is no name" in refused(lambda: feature(LENGTH, units="x")(mean_20))


def test_function_without_a_source_file_is_refused() -> None:
    names: dict[str, Any] = {}
    exec("def nowhere(close):\n    'Text.'\n    return close[0]\n", names)
    with pytest.raises(ConfigError, match="must stand in a file"):
        feature(LENGTH, units="x")(names["nowhere"])
