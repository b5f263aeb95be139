"""Drift detectors: against river and a published table, on random and real series."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from river.drift import ADWIN, PageHinkley
from tests.slices import hours_of

from quaestor.brain.online.drift import adwin, cusum
from quaestor.brain.online.drift.adwin import adwin_dtype, pack_adwin, update_adwin
from quaestor.brain.online.drift.cusum import CUSUM, pack_cusum, set_reference, update_cusum
from quaestor.brain.online.drift.page_hinkley import PAGE_HINKLEY, Direction, pack_page_hinkley, update_page_hinkley
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted
from quaestor.jit.tables import Table
from quaestor.numeric.scaling import usable_scale

Series = NDArray[np.float64]
MODES = {Direction.BOTH: "both", Direction.RISE: "up", Direction.FALL: "down"}


def shifting(seed: int, rows: int = 3_000) -> Series:
    """A noisy series whose mean and deviation jump now and then."""
    generator = np.random.default_rng(seed)
    spells = rows // 500 + 1
    means, deviations = generator.normal(0.5, 0.4, spells), generator.uniform(0.05, 0.5, spells)
    spell = np.arange(rows) // 500
    return means[spell] + deviations[spell] * generator.normal(0.0, 1.0, rows)


def real_errors() -> Series:
    """Squared returns of hours, in shares of a per cent: a series whose mean wanders."""
    close = hours_of("BTCUSDT")["close"].to_numpy()
    return np.minimum(1.0, (100.0 * np.diff(np.log(close))) ** 2)


def alarms_of_adwin(series: Series, params: Table, rows: int = 20) -> list[int]:
    state = np.zeros(1, adwin_dtype(rows))
    return [k for k, x in enumerate(series) if update_adwin(state[0], params[0], x)]


def alarms_of_page_hinkley(series: Series, params: Table) -> list[int]:
    state = np.zeros(1, PAGE_HINKLEY)
    return [k for k, x in enumerate(series) if update_page_hinkley(state[0], params[0], x)]


def alarms_of_cusum(series: Series, params: Table) -> list[int]:
    state = np.zeros(1, CUSUM)
    return [k for k, x in enumerate(series) if update_cusum(state[0], params[0], x)]


def alarms_of_river(series: Series, detector: ADWIN | PageHinkley) -> list[int]:
    found = []
    for k, x in enumerate(series.tolist()):
        detector.update(x)
        if detector.drift_detected:
            found.append(k)
    return found


@given(st.integers(0, 10_000), st.sampled_from([0.002, 0.05, 0.5]), st.sampled_from([1, 10, 32]))
def test_adwin_alarms_where_river_does(seed: int, delta: float, every: int) -> None:
    series = shifting(seed)
    expected = alarms_of_river(series, ADWIN(delta=delta, clock=every))
    assert alarms_of_adwin(series, pack_adwin(delta, every)) == expected


@pytest.mark.parametrize(("delta", "part_min", "grace"), [(0.002, 5, 10), (0.3, 30, 100)])
def test_adwin_alarms_where_river_does_on_real_errors(delta: float, part_min: int, grace: int) -> None:
    series = real_errors()
    expected = alarms_of_river(series, ADWIN(delta=delta, min_window_length=part_min, grace_period=grace))
    assert len(expected) > 2
    assert alarms_of_adwin(series, pack_adwin(delta, part_min=part_min, grace=grace)) == expected


def test_the_adwin_window_equals_rivers() -> None:
    series = np.random.default_rng(5).random(5_000)
    state, oracle = np.zeros(1, adwin_dtype()), ADWIN()
    for x in series:
        update_adwin(state[0], pack_adwin()[0], x)
        oracle.update(x)
    assert state["width"][0] == oracle.width == 5_000
    assert state["total"][0] == pytest.approx(oracle.total, rel=1e-12)
    assert state["squares"][0] == pytest.approx(np.sum((series - series.mean()) ** 2), rel=1e-9)


def test_adwin_hardly_ever_alarms_where_nothing_changes() -> None:
    assert alarms_of_adwin(np.full(20_000, 0.3), pack_adwin()) == []
    assert len(alarms_of_adwin(np.random.default_rng(6).random(20_000), pack_adwin())) <= 1


def test_a_full_histogram_drops_its_oldest_bucket() -> None:
    series = np.random.default_rng(7).random(2_000)
    state, params = np.zeros(1, adwin_dtype(4)), pack_adwin()
    for x in series:
        update_adwin(state[0], params[0], x)
        width = int(state["width"][0])
        assert width <= 6 * (1 + 2 + 4 + 8)
    window = series[-width:]
    assert width > 5 * 8
    assert state["total"][0] == pytest.approx(window.sum())
    assert state["squares"][0] == pytest.approx(np.sum((window - window.mean()) ** 2))
    jump = np.concatenate([series, series + 5.0])
    assert 2_000 <= alarms_of_adwin(jump, params, rows=4)[0] < 2_064


@given(
    st.integers(0, 10_000),
    st.sampled_from(list(Direction)),
    st.sampled_from([2.0, 10.0, 50.0]),
    st.sampled_from([0.0, 0.005, 0.1]),
    st.sampled_from([1.0, 0.9999, 0.99]),
)
def test_page_hinkley_alarms_where_river_does(
    seed: int, direction: Direction, threshold: float, tolerated: float, keep: float
) -> None:
    series = shifting(seed)
    oracle = PageHinkley(30, tolerated, threshold, keep, MODES[direction])
    params = pack_page_hinkley(30, tolerated, threshold, keep, direction)
    assert alarms_of_page_hinkley(series, params) == alarms_of_river(series, oracle)


def test_page_hinkley_alarms_where_river_does_on_real_errors() -> None:
    series = real_errors()
    expected = alarms_of_river(series, PageHinkley(threshold=10.0))
    assert len(expected) > 2
    assert alarms_of_page_hinkley(series, pack_page_hinkley(threshold=10.0)) == expected


#: Concentrations of a chemical process and the sums above 99 + 1 and below 99 − 1.
#: Montgomery and Runger (2002), Applied Statistics and Probability for Engineers, table 16-8.
CONCENTRATIONS = (
    *(102.0, 94.8, 98.3, 98.4, 102.0, 98.5, 99.0, 97.7, 100.0, 98.1),
    *(101.3, 98.7, 101.1, 98.4, 97.0, 96.7, 100.3, 101.4, 97.2, 101.0),
)
UPPER = [2.0, 0, 0, 0, 2.0, 0.5, 0, 0, 0, 0, 1.3, 0, 1.1, 0, 0, 0, 0.3, 1.7, 0, 1.0]
LOWER = [0, 3.2, 2.9, 2.5, 0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0, 1.0, 2.3, 0, 0, 0.8, 0]


def with_reference(mean: float, deviation: float) -> Table:
    """A CUSUM state whose reference is two values of this mean and deviation."""
    return np.array([(2, mean, deviation**2, 0.0)], CUSUM)


@pytest.mark.parametrize(("rising", "expected"), [(True, UPPER), (False, LOWER)])
def test_cusum_repeats_a_published_table(rising: bool, expected: list[float]) -> None:
    state, params = with_reference(99.0, 2.0), pack_cusum(rising=rising, reference=2, slack=0.5, threshold=5.0)
    sums = []
    for x in CONCENTRATIONS:
        assert not update_cusum(state[0], params[0], x)
        sums.append(2.0 * float(state["sum"][0]))
    assert sums == pytest.approx(expected, abs=1e-9)


def test_cusum_alarms_once_the_sum_is_above_the_threshold() -> None:
    params = pack_cusum(rising=True, reference=2, slack=0.5, threshold=1.5)
    state = with_reference(10.0, 2.0)
    assert [bool(update_cusum(state[0], params[0], x)) for x in (12.0, 13.0, 12.2)] == [False, False, True]
    assert not state.tobytes().strip(b"\0")  # ½, then 1½, which is not above; then 2.1


def test_cusum_estimates_its_reference_first_and_again_after_an_alarm() -> None:
    generator = np.random.default_rng(8)
    series = np.concatenate([generator.normal(mean, 0.1, 400) for mean in (1.0, 1.5, 1.5, 2.0)])
    first, second = alarms_of_cusum(series, pack_cusum(rising=True, threshold=12.0))
    assert 400 <= first < 410
    assert 1_200 <= second < 1_210
    assert alarms_of_cusum(4.0 - series, pack_cusum(rising=False, threshold=12.0)) == [first, second]
    assert alarms_of_cusum(series, pack_cusum(rising=False, threshold=12.0)) == []
    assert alarms_of_cusum(np.full(1_000, 3.0), pack_cusum(rising=True)) == []


def test_cusum_with_a_given_reference_alarms_after_the_expected_values() -> None:
    params = pack_cusum(rising=True, reference=20, slack=0.25, threshold=12.0)
    state = np.zeros(1, CUSUM)
    for _ in range(3):  # a lasting shift alarms again, each time after as many values
        set_reference(state[0], params[0], 0.5, 0.2)
        found = [update_cusum(state[0], params[0], 0.9) for _ in range(7)]  # 2 deviations less ¼ each
        assert found == [False] * 6 + [True]
    set_reference(state[0], params[0], 0.5, 0.2)
    assert not any(update_cusum(state[0], params[0], 0.55) for _ in range(10_000))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_missing_values_are_skipped(bad: float) -> None:
    series = shifting(11)
    holed = np.insert(series, [5, 700, 1_500], bad)
    kept = np.flatnonzero(np.isfinite(holed))
    detectors: list[tuple[Callable[[Series, Table], list[int]], Table]] = [
        (alarms_of_adwin, pack_adwin(0.05)),
        (alarms_of_page_hinkley, pack_page_hinkley(threshold=5.0)),
        (alarms_of_cusum, pack_cusum(rising=True)),
    ]
    for alarms, params in detectors:
        found = alarms(series, params)
        assert found
        assert alarms(holed, params) == kept[found].tolist()


def test_the_interpreted_twins_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    series = shifting(12, 1_500)
    detectors: list[tuple[Callable[..., bool], np.dtype[np.void], Table]] = [
        (update_adwin, adwin_dtype(6), pack_adwin(0.05)),
        (update_page_hinkley, PAGE_HINKLEY, pack_page_hinkley(threshold=5.0)),
        (update_cusum, CUSUM, pack_cusum(rising=True)),
    ]

    def walked(plain: bool) -> list[tuple[list[bool], bytes]]:
        results = []
        for update, dtype, params in detectors:
            state = np.zeros(1, dtype)
            step = interpreted(update) if plain else update
            results.append(([bool(step(state[0], params[0], x)) for x in series], state.tobytes()))
        return results

    compiled = walked(plain=False)
    assert all(any(alarms) for alarms, _ in compiled)
    for name in ("_insert", "_push", "_shift", "_forget_oldest", "_has_cut", "natural_log"):
        monkeypatch.setattr(adwin, name, interpreted(getattr(adwin, name)))
    monkeypatch.setattr(cusum, "usable_scale", interpreted(usable_scale))
    assert walked(plain=True) == compiled


@pytest.mark.parametrize(
    "make",
    [
        lambda: pack_adwin(0.0),
        lambda: pack_adwin(every=0),
        lambda: pack_adwin(math.nan),
        lambda: pack_page_hinkley(threshold=0.0),
        lambda: pack_page_hinkley(keep=1.5),
        lambda: pack_cusum(rising=True, reference=1),
        lambda: pack_cusum(rising=True, slack=math.nan),
    ],
)
def test_numbers_out_of_range_are_refused(make: Callable[[], Table]) -> None:
    with pytest.raises(ConfigError):
        make()
