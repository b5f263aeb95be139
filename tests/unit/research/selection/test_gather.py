"""Candidate samples: the values of a plan at the sampled rows, nothing of the test period, reasons for what is left
out."""

from dataclasses import replace

import numpy as np
import pytest
from tests.contract.market import constant_columns, random_columns
from tests.unit.research.selection.prepared import SETTINGS, few_candidates, quarter_hours, real_sample

from quaestor.analysis.forecasts.labels import Barrier, fixed_horizon
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, DataError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan
from quaestor.ports.progress import NO_PROGRESS
from quaestor.research.selection import gather as module
from quaestor.research.selection.gather import SAMPLES_MIN, Sample, gather, label, step_rows, training_part
from quaestor.research.selection.settings import SelectionSettings

MINUTE = 60_000_000_000


def made_bars(columns: np.ndarray) -> Bars:
    n = columns.shape[1]
    return Bars("BTCUSDT", MINUTE, np.arange(n) * MINUTE, columns, np.zeros(n, np.uint32))


@pytest.mark.parametrize(("rows", "share", "kept"), [(100, 0.2, 80), (7, 0.5, 3), (101, 0.01, 99)])
def test_the_test_period_is_cut_off(rows: int, share: float, kept: int) -> None:
    bars = made_bars(random_columns(rows))
    training = training_part(bars, share)
    assert len(training) == kept
    assert training.columns.shape[1] == kept
    assert np.array_equal(training.ts, bars.ts[:kept])
    assert not np.shares_memory(training.columns, bars.columns)
    assert not np.shares_memory(training.ts, bars.ts)
    assert training.reference is None


def test_no_rows_to_train_on_are_refused() -> None:
    with pytest.raises(DataError, match="leave none to train on"):
        training_part(made_bars(random_columns(1)), 0.5)


def test_values_equal_those_of_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    training = training_part(quarter_hours(), SETTINGS.test_share)
    sample = real_sample()
    names = sample.names[::9]
    values = compute(make_plan(names, interval_ns=training.interval_ns), training.columns, ts=training.ts)
    for k, name in enumerate(names):
        expected = values[k, sample.rows].astype(np.float32)
        assert np.array_equal(sample.values[9 * k], expected, equal_nan=True), name
    monkeypatch.setattr(module, "CHUNK_ROWS", 777)
    again, _ = gather(training, few_candidates(), SETTINGS, NO_PROGRESS)
    assert again.values.tobytes() == sample.values.tobytes()


def test_labels_and_weights_go_with_the_rows() -> None:
    training = training_part(quarter_hours(), SETTINGS.test_share)
    sample = real_sample()
    labels = fixed_horizon(training.columns, SETTINGS.horizon_rows)
    assert np.array_equal(sample.up, labels.change[sample.rows] > 0)
    assert np.array_equal(sample.ends, labels.end[sample.rows])
    assert sample.ends.max() < len(training)
    assert (np.diff(sample.rows) >= SETTINGS.horizon_rows).all()
    assert np.array_equal(sample.weights, np.ones(len(sample)))


def test_labels_that_overlap_weigh_less() -> None:
    settings = SelectionSettings(horizon=8, step_rows=2)
    sample, _ = gather(made_bars(random_columns(2_000)), [parse_feature("rsi")], settings, NO_PROGRESS)
    assert sample.weights.mean() == pytest.approx(1.0)
    assert sample.weights[0] > 1.5 > sample.weights[50]


def test_dropped_candidates_are_grouped_by_reason() -> None:
    columns = random_columns(3_000)
    columns[Column.CLOSE] += np.linspace(0.0, 50.0, 3_000)
    columns[Column.VOLUME] = 5.0
    columns[Column.VOLUME, 1_001] = 6.0
    requested = [parse_feature(name) for name in ("rsi_14", "cdl_3blackcrows", "volume_ratio_20", "ema_20", "sma_1000")]
    sample, dropped = gather(made_bars(columns), requested, SELECTION_OF_A_MINUTE, NO_PROGRESS)
    assert sample.names == ("rsi_14",)
    assert [(group.reason, group.names) for group in dropped] == [
        ("constant", ("cdl_3blackcrows",)),
        ("differs from its usual value in fewer than 1%", ("volume_ratio_20",)),
        ("level that gives away the date", ("ema_20",)),
        ("missing in more than 20% of the samples", ("sma_1000",)),
    ]


SELECTION_OF_A_MINUTE = SelectionSettings(horizon=2)


def test_samples_are_bounded() -> None:
    bars = made_bars(random_columns(50_000))
    assert step_rows(bars, SELECTION_OF_A_MINUTE) == 3
    assert step_rows(bars, SelectionSettings(horizon=40)) == 40
    assert step_rows(bars, SelectionSettings(horizon=40, step_rows=7)) == 7


def test_barriers_use_no_later_volatility() -> None:
    bars = made_bars(random_columns(1_000))
    found = label(bars, Barrier(1.0, 1.0, 10))
    assert not found.known[:100].any()
    changed = bars.columns.copy()
    changed[:, 600:] *= 1.5
    other = label(replace(bars, columns=changed), Barrier(1.0, 1.0, 10))
    untouched = found.end < 599
    assert np.array_equal(found.label[untouched], other.label[untouched])


@pytest.mark.parametrize(
    ("columns", "names", "message"),
    [
        (random_columns(SAMPLES_MIN), ["rsi"], "labelled samples, 200 needed"),
        (constant_columns(900), ["rsi"], "every label is the same"),
        (random_columns(900), ["sma_2000"], "no candidate can be used: 1 missing in"),
    ],
)
def test_labels_that_are_all_the_same_are_refused(columns: np.ndarray, names: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        gather(made_bars(columns), [parse_feature(name) for name in names], SELECTION_OF_A_MINUTE, NO_PROGRESS)


def test_a_candidate_without_its_columns_is_refused() -> None:
    columns = random_columns(900)
    columns[4] = np.nan
    with pytest.raises(DataError, match="need volume, which the data does not hold"):
        gather(made_bars(columns), [parse_feature("obv")], SELECTION_OF_A_MINUTE, NO_PROGRESS)


def test_a_part_of_a_sample_keeps_its_columns() -> None:
    sample, _ = gather(made_bars(random_columns(900)), [parse_feature("rsi")], SELECTION_OF_A_MINUTE, NO_PROGRESS)
    part: Sample = sample.take(np.array([3, 5]))
    assert len(part) == 2
    assert np.array_equal(part.values, sample.values[:, [3, 5]], equal_nan=True)
    assert part.rows.tolist() == sample.rows[[3, 5]].tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"horizon": 0},
        {"folds": 1},
        {"windows": 0},
        {"test_share": 0.0},
        {"test_share": 1.0},
        {"test_share": float("nan")},
        {"step_rows": 0},
        {"embargo_rows": -1},
        {"survivors": 24},
        {"correlation_max": 1.0},
        {"seed": -1},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, int | float]) -> None:
    with pytest.raises(ConfigError):
        SelectionSettings(**wrong)  # type: ignore[arg-type]
