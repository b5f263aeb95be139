"""Chart patterns: constructed shapes, mirror images, paths without patterns, and the definitions on real bars."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.market import constant_columns, random_columns
from tests.unit.features import chart_reference as reference
from tests.unit.features.chart_paths import MIRRORED, SHAPES, Series, bars_along, mirrored, values
from tests.unit.features.real_bars import load_bars

from quaestor.domain.market_matrix import N_COLUMNS, Column

FEATURES = ("reversals_3", "trendlines_3", "flags_3")
CONFIDENCES = sorted(set(MIRRORED) | set(MIRRORED.values()))

LAST_PIVOT = {name: knots[-2][0] for name, knots in SHAPES.items()}


def volumes(columns: Series, pause: int) -> Series:
    """Return the bars with volume halved from a row on."""
    out = columns.copy()
    out[Column.VOLUME, pause:] /= 2.0
    return out


@pytest.mark.parametrize("name", SHAPES)
def test_constructed_shape_is_detected_when_its_last_pivot_is_confirmed(name: str) -> None:
    columns = volumes(bars_along(SHAPES[name]), LAST_PIVOT[name] - 35)
    found = next(each for each in (values(columns, feature) for feature in FEATURES) if name in each)
    confidence = np.nan_to_num(found[name])
    side = values(columns, "swings_3")["side"]
    known = LAST_PIVOT[name] + int(np.argmax(np.diff(side[LAST_PIVOT[name] :]) != 0.0)) + 1
    assert np.all(confidence[:known] == 0.0)
    assert confidence[known] > 0.0
    assert confidence[known:].max() > 0.65
    others = set(found) & set(CONFIDENCES) - {name}
    assert all(np.nanmax(found[other][known:]) < confidence[known:].max() for other in others)


@pytest.mark.parametrize("name", SHAPES)
def test_mirror_image_has_the_same_confidence(name: str) -> None:
    columns = bars_along(SHAPES[name])
    found, opposite = values(columns, *FEATURES), values(mirrored(columns, 200.0), *FEATURES)
    for one, other in MIRRORED.items():
        np.testing.assert_allclose(found[one], opposite[other], rtol=0.0, atol=1e-9)
        np.testing.assert_allclose(found[other], opposite[one], rtol=0.0, atol=1e-9)
    assert np.nanmax(opposite[MIRRORED[name]]) > 0.5


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([2.0**-20, 0.5, 4.0, 2.0**30]))
def test_confidence_is_invariant_to_scale_and_sign_of_prices(seed: int, scale: float) -> None:
    columns = random_columns(500, seed)
    larger, opposite = columns.copy(), mirrored(columns)
    larger[:4] *= scale
    found, scaled, turned = (values(each, *FEATURES) for each in (columns, larger, opposite))
    for one, other in MIRRORED.items():
        for name in (one, other):
            np.testing.assert_array_equal(scaled[name], found[name])
        np.testing.assert_array_equal(turned[other], found[one])
        np.testing.assert_array_equal(turned[one], found[other])
    np.testing.assert_array_equal(turned["breakout"], -found["breakout"])
    for feature in FEATURES:
        before, after = values(columns, feature)["completed"], values(opposite, feature)["completed"]
        np.testing.assert_array_equal(after, -before)


@pytest.mark.parametrize("step", [0.0, 0.5, -0.5])
def test_straight_price_path_has_no_pattern(step: float) -> None:
    columns = constant_columns(400, price=500.0)
    columns[:4] += step * np.arange(400.0)
    columns[Column.HIGH] += 0.1 * (step != 0.0)
    columns[Column.LOW] -= 0.1 * (step != 0.0)
    for name, row in values(columns, *FEATURES).items():
        if name in CONFIDENCES:
            assert np.all(np.nan_to_num(row) == 0.0), name


def test_double_top_ends_when_refuted_fulfilled_or_expired() -> None:
    knots = SHAPES["double_top"][:-1]  # tops at 100, bottom between them at 90, formed in 30 rows
    cases = {"refuted": [(112, 96), (125, 108)], "fulfilled": [(150, 70)], "old": [(115, 94), (200, 94)]}
    ends = {}
    for case, after in cases.items():
        columns = bars_along([*knots, *after], noise=0.01)
        confidence = values(columns, "reversals_3")["double_top"]
        last = int(np.flatnonzero(confidence > 0.0)[-1])
        ends[case] = last, float(columns[Column.CLOSE, last]), float(columns[Column.CLOSE, last + 1])
    assert ends["refuted"][1] <= 100.1 < ends["refuted"][2]
    assert ends["fulfilled"][1] >= 79.9 > ends["fulfilled"][2]
    assert 110 + 30 <= ends["old"][0] <= 115 + 30


@pytest.mark.parametrize("name", SHAPES)
def test_shape_is_completed_once_by_the_first_close_beyond_its_line(name: str) -> None:
    (row, price), (end, at) = SHAPES[name][-2:]
    further = (end + 12, at + 12 * (at - price) / (end - row))
    columns = volumes(bars_along([*SHAPES[name], further]), LAST_PIVOT[name] - 35)
    feature, found = next((each, seen) for each in FEATURES if name in (seen := values(columns, each)))
    rows = np.flatnonzero(np.nan_to_num(found["completed"]))
    last = rows[-1]
    assert last > LAST_PIVOT[name]
    assert abs(found["completed"][last]) == max(found[shape][last] for shape in found if shape in CONFIDENCES)
    assert np.sign(found["completed"][last]) == np.sign(at - price)
    if feature != "trendlines_3":  # whose lines hold several shapes, at other confidences
        assert found["completed"][last] == found[name][last] * np.sign(found["completed"][last])


def test_neckline_break_raises_confidence_until_the_pattern_ends() -> None:
    columns = bars_along([*SHAPES["double_top"][:-1], (122, 88), (130, 93)], noise=0.01)
    close, confidence = columns[Column.CLOSE], values(columns, "reversals_3")["double_top"]
    first = int(np.argmax(confidence > 0.0))
    broken = int(np.argmax((np.arange(131) >= first) & (close < 90.0)))
    assert np.all(np.diff(confidence[first : broken + 1]) > 0.0)
    assert np.all(confidence[broken:] == confidence[broken])
    np.testing.assert_allclose(confidence[first] / confidence[broken], 0.5 + 0.5 * (100 - close[first]) / 10, atol=0.01)


def test_ascending_triangle_reports_side_of_breakout() -> None:
    for target, side in ((120.0, 1.0), (80.0, -1.0)):
        knots = [*SHAPES["ascending_triangle"][:-1], (146, 98), (156, target)]
        found = values(bars_along(knots), "trendlines_3")
        left = found["breakout"][found["ascending_triangle"] > 0.5]
        assert left[0] == 0.0
        assert left[-1] == side


@pytest.fixture(scope="module")
def columns() -> Series:
    """Two weeks of real minutes."""
    return load_bars(20_000).columns


@pytest.fixture(scope="module")
def pivots(columns: Series) -> list[reference.Pivot]:
    """Return the pivots of the bars, by definition."""
    return reference.pivots_of(columns, 3.0)


def formations(
    columns: Series,
    pivots: list[reference.Pivot],
    assess_quality: Callable[..., reference.Formation | None],
    least: int,
) -> tuple[tuple[Series, Series], tuple[Series, Series]]:
    """Return confidence in a pattern and its completions, and both for its mirror image, by definition."""
    found = []
    for sign in (1, -1):
        seen = []
        for row, known in reference.by_row(pivots, columns.shape[1]):
            if len(known) >= least and known[-1].top == (sign == 1):
                formation = assess_quality(known, sign)
                if formation is not None:
                    seen.append((row, formation))
        found.append(reference.followed(columns[Column.CLOSE], seen, sign))
    return found[0], found[1]


def test_reversals_equal_reference_on_real_bars(columns: Series, pivots: list[reference.Pivot]) -> None:
    ours = values(columns, "reversals_3")
    judges = {"double_top": (reference.double, 4), "triple_top": (reference.triple, 6)}
    judges |= {"head_shoulders": (reference.head_shoulders, 6)}
    done = []
    for name, (assess_quality, least) in judges.items():
        theirs = formations(columns, pivots, assess_quality, least)
        for mine, (other, completed), sign in zip((ours[name], ours[MIRRORED[name]]), theirs, (-1, 1), strict=True):
            assert np.array_equal(np.nan_to_num(mine) > 0.0, other > 0.0), name
            np.testing.assert_allclose(np.nan_to_num(mine), other, rtol=0.0, atol=1e-9, err_msg=name)
            assert np.any(other > 0.5), name
            assert np.any(completed > 0.5), name
            done.append(sign * completed)
    np.testing.assert_allclose(np.nan_to_num(ours["completed"]), reference.strongest(done), rtol=0.0, atol=1e-9)


def flags_shaped(shape: str) -> Callable[[list[reference.Pivot], int], reference.Formation | None]:
    """Return the function that detects a flag, or a pennant, in pivots."""

    def assess_quality(known: list[reference.Pivot], sign: int) -> reference.Formation | None:
        found = reference.flag(known, sign)
        if found is None:
            return None
        formation, convergence = found
        parallel = float(reference.membership(2 * convergence, [0])[0])
        share = parallel if shape == "flag" else (1 - parallel) * (convergence > 0)
        return reference.Formation(
            formation.form * share,
            formation.line,
            formation.start,
            formation.limit,
            formation.height,
            formation.width,
        )

    return assess_quality


def test_flags_equal_reference_on_real_bars(columns: Series, pivots: list[reference.Pivot]) -> None:
    ours = values(columns, "flags_3")
    done = []
    for shape in ("flag", "pennant"):
        bear, bull = formations(columns, pivots, flags_shaped(shape), 5)
        for side, (other, completed), sign in (("bull", bull, 1), ("bear", bear, -1)):
            np.testing.assert_allclose(np.nan_to_num(ours[f"{side}_{shape}"]), other, rtol=0.0, atol=1e-9)
            assert np.any(other > 0.0)
            done.append(sign * completed)
    np.testing.assert_allclose(np.nan_to_num(ours["completed"]), reference.strongest(done), rtol=0.0, atol=1e-9)
    assert np.any(ours["completed"] > 0.0)
    assert np.any(ours["completed"] < 0.0)


def test_trendlines_equal_reference_on_real_bars(columns: Series, pivots: list[reference.Pivot]) -> None:
    seen = []
    for row, known in reference.by_row(pivots, columns.shape[1]):
        if len(known) >= 5 and (found := reference.lines(known)) is not None:
            seen.append((row, found))
    ours = values(columns, "trendlines_3")
    for name, other in reference.between(columns[Column.CLOSE], seen).items():
        np.testing.assert_allclose(np.nan_to_num(ours[name]), other, rtol=0.0, atol=1e-9, err_msg=name)
        assert np.any(other > 0.5), name
    assert np.any(ours["completed"] < -0.5)


def require_rare(found: dict[str, Series]) -> None:
    """Each pattern is seldom there, and its confidence is a share."""
    for name in CONFIDENCES:
        assert np.mean(found[name] > 0.5) < 0.05, name
        assert np.nanmin(found[name]) == 0.0
        assert np.nanmax(found[name]) <= 1.0


def test_patterns_are_rare_on_real_bars(columns: Series) -> None:
    require_rare(values(columns, *FEATURES))


def test_patterns_are_rare_but_occur_by_chance() -> None:
    generator = np.random.default_rng(9)
    steps = generator.normal(0.0, 0.0003, (200_000, 8))
    path = 100.0 * np.exp(np.cumsum(steps).reshape(steps.shape))
    walk = np.empty((N_COLUMNS, len(path)))
    walk[Column.OPEN], walk[Column.CLOSE] = path[:, 0], path[:, -1]
    walk[Column.HIGH], walk[Column.LOW] = path.max(axis=1), path.min(axis=1)
    walk[Column.VOLUME] = generator.gamma(1.0, 5.0, len(path))
    chance = values(walk, *FEATURES)
    require_rare(chance)
    for name in CONFIDENCES:
        assert 0.0 < np.mean(chance[name] > 0.0) < 0.15, name
