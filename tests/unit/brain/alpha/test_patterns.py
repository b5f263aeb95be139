"""Chart patterns strategy: drawn by hand, step by step, against its rule restated over real bars, and as a member."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.command_line import json_of
from tests.planted import SMALL, planted_bars
from tests.slices import BARS, SYMBOLS, hours_of, spot_hours
from tests.unit.features.chart_paths import SHAPES, bars_along, mirrored

from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.trained.model import make_trained_model
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError
from quaestor.features.plan import compute, make_plan
from quaestor.research.training.train import train

Series = NDArray[np.float64]
KINDS = 3
NO = float("nan")


def opine(features: Series, **settings: str) -> Series:
    """Signal and confidence on completed patterns, float64 (3, N); both sides by default."""
    alpha = parse_alpha("patterns", {"side": "both"} | settings)
    rows = features.shape[1]
    out = np.zeros((2, rows))
    state = np.zeros(1, alpha.state_dtype)
    alpha.definition.advance(state, alpha.params(), features, np.zeros((5, rows)), out, 0, rows)
    return out


def signals(completed: list[float], **settings: str) -> list[float]:
    """Signals for rows that complete reversals of these strengths and nothing else; held for three rows by default."""
    features = np.zeros((KINDS, len(completed)))
    features[0] = completed
    return [float(x) for x in opine(features, **{"hold": "3"} | settings)[0]]


def features_of(columns: Series, threshold: str = "3") -> Series:
    """Patterns that the rows of some bars complete, float64 (3, N)."""
    alpha = parse_alpha("patterns", {"threshold": threshold})
    return compute(make_plan(alpha.features), columns)[:KINDS]


def entries(signal: Series) -> int:
    """How often a position is entered: the signal changes to another value than 0."""
    known = np.nan_to_num(np.concatenate(([0.0], signal)))
    return int(np.count_nonzero((known[1:] != known[:-1]) & (known[1:] != 0.0)))


@pytest.fixture(scope="module")
def years() -> list[Series]:
    """A year of hours of each of three coins."""
    return [np.ascontiguousarray(hours_of(symbol).select(BARS).to_numpy().T) for symbol in SYMBOLS]


@pytest.mark.parametrize(("name", "bottoms"), [("double_top", (95, 95)), ("head_shoulders", (95, 135))])
def test_a_drawn_top_is_sold_at_the_close_that_completes_it_and_its_mirror_image_bought(
    name: str, bottoms: tuple[int, int]
) -> None:
    columns = bars_along(SHAPES[name], noise=0.01)
    low, rows = columns[Column.LOW], np.arange(columns.shape[1])
    left, right = (row - 3 + int(np.argmin(low[row - 3 : row + 4])) for row in bottoms)
    neckline = low[left] + (rows - left) * ((low[right] - low[left]) / max(right - left, 1))
    last_top = SHAPES[name][-2][0]
    completes = last_top + int(np.argmax((columns[Column.CLOSE] < neckline)[last_top:]))
    for bars, sign, side in ((columns, -1.0, "both"), (mirrored(columns, 200.0), 1.0, "long")):
        signal, confidence = opine(features_of(bars), side=side, hold="3")
        assert np.isnan(signal[:14]).all()
        assert np.all(signal[14:completes] == 0.0)
        held = sign * signal[completes : completes + 3]
        assert np.all(held == held[0])
        assert 0.65 <= held[0] <= 1.0
        assert np.array_equal(confidence[14:], np.abs(signal[14:]))
        assert np.all(signal[completes + 3 :] == 0.0)
    assert np.all(opine(features_of(columns), side="long")[0, 14:] == 0.0)


def test_a_pattern_below_the_least_strength_is_not_traded() -> None:
    features = features_of(bars_along(SHAPES["double_top"], noise=0.01))
    strength = float(np.nanmax(np.abs(features)))
    assert np.nanmin(opine(features, min_strength=f"{strength:.17g}")[0]) == -strength
    assert np.all(np.nan_to_num(opine(features, min_strength=f"{np.nextafter(strength, 1.0):.17g}")[0]) == 0.0)


def test_an_ill_formed_double_top_is_not_sold() -> None:
    crooked = [(0, 60), (30, 62), (60, 80), (80, 100), (85, 90), (125, 102), (145, 86)]
    features = features_of(bars_along(crooked, noise=0.01))
    completed = features[0][np.nan_to_num(features[0]) != 0.0]
    assert len(completed) == 1
    assert -0.65 < completed[0] < -0.3
    assert np.all(np.nan_to_num(opine(features)[0]) == 0.0)
    assert np.nanmin(opine(features, min_strength="0.3")[0]) == completed[0]


def test_a_pattern_is_held_for_the_configured_rows() -> None:
    assert signals([0.0, 0.8, 0.0, 0.0, 0.0, 0.0]) == [0.0, 0.8, 0.8, 0.8, 0.0, 0.0]
    assert signals([0.8, 0.0, 0.0], hold="1") == [0.8, 0.0, 0.0]
    assert signals([0.65, 0.0]) == [0.65, 0.65]
    assert signals([0.649, 0.0]) == [0.0, 0.0]


def test_a_pattern_of_the_same_direction_is_ignored_until_the_held_one_expires() -> None:
    assert signals([0.7, 0.9, 0.0, 0.0, 0.0]) == [0.7, 0.7, 0.7, 0.0, 0.0]
    assert signals([0.7, 0.0, 0.0, 0.9, 0.0]) == [0.7, 0.7, 0.7, 0.9, 0.9]


def test_a_pattern_of_the_other_direction_replaces_the_held_one() -> None:
    assert signals([0.9, -0.7, 0.0, 0.0, 0.0]) == [0.9, -0.7, -0.7, -0.7, 0.0]
    assert signals([0.9, -0.6, 0.0, 0.0, 0.0]) == [0.9, 0.9, 0.9, 0.0, 0.0]
    assert signals([0.9, -0.7, 0.0, 0.0, 0.0], side="long") == [0.9, 0.0, 0.0, 0.0, 0.0]
    assert signals([-0.9, 0.7, 0.0, 0.0, 0.0], side="long") == [0.0, 0.7, 0.7, 0.7, 0.0]


def test_of_several_patterns_in_one_row_the_strongest_counts() -> None:
    assert opine(np.array([[0.7], [-0.9], [0.8]]))[:, 0].tolist() == [-0.9, 0.9]
    assert opine(np.array([[0.7], [-0.7], [0.2]]))[:, 0].tolist() == [0.7, 0.7]


@pytest.mark.parametrize("kind", range(KINDS))
def test_a_missing_row_has_no_opinion_and_ages_no_pattern(kind: int) -> None:
    features = np.zeros((KINDS, 5))
    features[0, 0] = 0.8
    features[kind, 1:3] = NO
    signal, confidence = opine(features, hold="2")
    np.testing.assert_array_equal(signal, [0.8, NO, NO, 0.8, 0.0])
    assert confidence.tolist() == [0.8, 0.0, 0.0, 0.8, 0.0]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.just(0.0), st.floats(-1.0, 1.0)), min_size=1, max_size=40, unique_by=lambda x: x or object()),
    st.integers(1, 8),
    st.sampled_from(["long", "both"]),
)
def test_a_higher_least_strength_never_enters_more_positions(completed: list[float], hold: int, side: str) -> None:
    counts = [
        entries(np.array(signals(completed, hold=str(hold), side=side, min_strength=str(least))))
        for least in (0.0, 0.3, 0.65, 0.9, 1.0)
    ]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("side", ["long", "both"])
def test_real_hours_hold_fewer_patterns_the_higher_the_least_strength(years: list[Series], side: str) -> None:
    total = np.zeros(6, int)
    for hours in years:
        features = features_of(hours, "2")
        found = [
            entries(opine(features, side=side, min_strength=str(least))[0]) for least in (0.3, 0.5, 0.6, 0.65, 0.7, 0.8)
        ]
        assert found == sorted(found, reverse=True)
        signal = opine(features, side=side)[0]
        assert np.abs(signal[np.nan_to_num(signal) != 0.0]).min() >= 0.65
        total += found
    assert total[0] > 3 * total[3] > 100


def test_patterns_equal_their_rule_restated_over_real_hours(years: list[Series]) -> None:
    taken = 0
    for hours in years:
        features = features_of(hours, "2")
        expected = restated(features)
        np.testing.assert_array_equal(opine(features)[0], expected)
        taken += entries(expected)
    assert taken > 80


def restated(features: Series) -> Series:
    """The signal on both sides by the rule, a row at a time."""
    held, until = 0.0, 0
    expected = np.full(features.shape[1], NO)
    for row in range(14, features.shape[1]):
        strength, sign = max((abs(value), np.sign(value)) for value in features[:, row])
        if row >= until:
            held = 0.0
        if strength >= 0.65 and sign != np.sign(held):
            held, until = sign * strength, row + 24
        expected[row] = held
    return expected


def test_sizes_follow_the_strength_in_a_backtest_of_real_hours(tmp_path: Path) -> None:
    data = spot_hours(tmp_path, "2023-03-01", "2024-03-01")
    costless = ("--fee-bps", "0", "--slippage-bps", "0", "--spread-bps", "0", "--risk", "permissive", "--size", "0.5")
    json_of("backtest", *data, *costless, "--strategy", "patterns", "--out", tmp_path / "out", "--json")
    trades = pl.read_parquet(tmp_path / "out" / "trades.parquet")
    bars = pl.read_parquet(data[1])
    columns = np.ascontiguousarray(bars.select("open", "high", "low", "close", "volume").to_numpy().T)
    signal = opine(features_of(columns, "2"), side="long")[0]
    decided = np.searchsorted(bars["ts"].to_numpy(), trades["entry_ts"].to_numpy()) - 1
    equity = 10_000.0 + np.concatenate(([0.0], trades["pnl"].to_numpy().cumsum()[:-1]))
    notional = trades["qty"].to_numpy() * trades["entry_price"].to_numpy()
    np.testing.assert_allclose(notional / equity, 0.5 * signal[decided], rtol=0.01)
    assert len(trades) > 13
    assert np.ptp(signal[decided]) > 0.1


def test_patterns_are_a_member_of_a_trained_model() -> None:
    bars = planted_bars(2_500)
    members = replace(SMALL, learners=("logistic",), online=False, alphas=(("patterns", (("side", "both"),)),))
    training = train(bars, members)
    assert training.models["patterns"].outcomes > 1_000
    signal_model = make_trained_model(training.artefact, TradingSettings(round_trip=0.002, order_value=1_000.0))
    features = compute(make_plan(signal_model.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)
    opinion = signal_model.opinions(features, bars.columns, bars.ts)[0]
    rows = dict(zip(signal_model.outputs, opinion, strict=True))
    there = np.isfinite(rows["score"])
    signal, vote = rows["patterns.signal"][there], rows["patterns.probability"][there]
    assert len(np.unique(signal)) > 5
    flat = vote[signal == 0.0]
    assert np.all(flat == flat[0])
    assert np.all(vote[signal != 0.0] != flat[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_strength": "1.1"}, "from 0 to 1"),
        ({"hold": "0"}, "whole number from 1"),
        ({"threshold": "0.1"}, "from 0.5 to 100"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_alpha("patterns", settings)
