"""Leakage check: refuses what knows the outcome, and nothing that is honest, on few samples as on many."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.slices import hours_of

from quaestor.analysis.forecasts.labels import uniqueness
from quaestor.analysis.forecasts.samples import Dataset
from quaestor.domain.bars import Bars
from quaestor.errors import DataError
from quaestor.research.training.dataset import make_dataset
from quaestor.research.training.leakage_check import areas, check_leakage, luck
from quaestor.research.training.settings import TrainingSettings

HOUR = 3_600_000_000_000
AHEAD = 24
SUSPICION = TrainingSettings().suspicion
TWO_MONTHS, FOUR_MONTHS, THREE_YEARS = 1_400, 2_900, 20_000


def walk(count: int, rng: np.random.Generator) -> Dataset:
    """Outcomes of a random walk over the next day of hours, so that each overlaps its neighbours; no features yet."""
    steps = rng.standard_normal(count + AHEAD)
    change = np.convolve(steps, np.ones(AHEAD), "valid")[1:]
    rows = np.arange(len(change))
    ends = rows + AHEAD
    return Dataset(
        rows, ends, np.empty((0, len(rows))), change > 0.0, change, np.ones(len(rows)), uniqueness(rows, ends)
    )


def slow(count: int, rng: np.random.Generator, memory: float = 0.998) -> NDArray[np.float64]:
    """A feature that knows nothing of prices and changes as slowly as a volatility."""
    series = np.empty(count)
    last = rng.standard_normal() / np.sqrt(1.0 - memory**2)
    for k, shock in enumerate(rng.standard_normal(count)):
        last = memory * last + shock
        series[k] = last
    return series


def with_feature(dataset: Dataset, series: NDArray[np.float64]) -> Dataset:
    return replace(dataset, x=series[np.newaxis])


def test_slow_honest_features_on_two_months_pass_though_some_predict_well_by_luck() -> None:
    rng = np.random.default_rng(1)
    furthest = 0.0
    for _ in range(200):
        dataset = walk(TWO_MONTHS, rng)
        dataset = with_feature(dataset, slow(len(dataset), rng))
        furthest = max(furthest, abs(float(areas(dataset.x, dataset.up)[0]) - 0.5))
        check_leakage(dataset, ["slow"], SUSPICION)
    assert furthest > SUSPICION


def test_features_of_two_months_of_real_hours_pass() -> None:
    hours = hours_of("ETHUSDT")[2_940:4_400]
    columns = np.stack([hours[name].to_numpy().astype(float) for name in ("open", "high", "low", "close", "volume")])
    bars = Bars("ETHUSDT", HOUR, hours["ts"].to_numpy(), columns, np.zeros(len(hours), np.uint32))
    settings = TrainingSettings()
    dataset = make_dataset(bars, settings)
    assert np.abs(areas(dataset.x, dataset.up) - 0.5).max() > SUSPICION
    check_leakage(dataset, settings.features, SUSPICION)


@pytest.mark.parametrize("count", [400, TWO_MONTHS, FOUR_MONTHS, THREE_YEARS])
@pytest.mark.parametrize("noise", [0.0, 1.0, 2.0])
def test_a_feature_that_is_the_future_return_is_refused(count: int, noise: float) -> None:
    rng = np.random.default_rng(2)
    dataset = walk(count, rng)
    spy = dataset.change + noise * dataset.change.std() * rng.standard_normal(len(dataset))
    for series in (spy, -spy):
        with pytest.raises(DataError, match="feature spy: predicts the outcome alone"):
            check_leakage(with_feature(dataset, series), ["spy"], SUSPICION)


def test_the_leak_is_named_beside_an_honest_feature_that_is_luckier_for_its_length() -> None:
    rng = np.random.default_rng(3)
    dataset = walk(FOUR_MONTHS, rng)
    spy = dataset.change + 2.0 * dataset.change.std() * rng.standard_normal(len(dataset))
    both = replace(dataset, x=np.vstack((slow(len(dataset), rng), spy)))
    with pytest.raises(DataError, match="feature spy"):
        check_leakage(both, ["slow", "spy"], SUSPICION)


def test_on_three_years_luck_stays_below_the_suspicion() -> None:
    """Verdicts on long periods are those of the suspicion alone."""
    rng = np.random.default_rng(4)
    dataset = walk(THREE_YEARS, rng)
    assert 4.0 * luck(slow(len(dataset), rng), dataset) < SUSPICION


def test_luck_is_that_of_independent_samples_where_nothing_overlaps() -> None:
    rng = np.random.default_rng(5)
    count = 4_000
    up = rng.random(count) < 0.4
    rows = np.arange(count)
    dataset = Dataset(rows, rows + 1, np.empty((0, count)), up, up.astype(np.float64), np.ones(count), np.ones(count))
    ups = int(up.sum())
    expected = np.sqrt((count + 1) / (12.0 * ups * (count - ups)))  # of Mann and Whitney's statistic
    assert luck(rng.standard_normal(count), dataset) == pytest.approx(expected, rel=0.05)


def test_luck_is_the_spread_of_areas_over_independent_walks() -> None:
    rng = np.random.default_rng(6)
    found, expected = [], []
    for _ in range(300):
        dataset = walk(FOUR_MONTHS, rng)
        series = slow(len(dataset), rng, 0.97)
        found.append(float(areas(series[np.newaxis], dataset.up)[0]))
        expected.append(luck(series, dataset))
    assert np.mean(expected) == pytest.approx(np.std(found), rel=0.15)


def test_nothing_is_known_where_all_outcomes_overlap() -> None:
    dataset = replace(walk(AHEAD, np.random.default_rng(7)), up=np.arange(AHEAD) % 3 == 0)
    assert luck(np.arange(float(len(dataset))), dataset) == float("inf")
