"""P² quartiles: the worked example of the paper, exactness at the start, accuracy later."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quaestor.numeric.quartiles import QUARTILES, push_quartiles

# Jain and Chlamtac (1985), table I: the observations, and the median after each from the sixth on
OBSERVATIONS = [
    *(0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92),
    *(34.60, 10.28, 1.47, 0.40, 0.05, 11.39, 0.27, 0.42, 0.09, 11.37),
]
MEDIANS = [0.74, 0.74, 2.18, 4.75, 4.75, 9.28, 9.28, 9.28, 9.28, 6.30, 6.30, 6.30, 6.30, 4.44, 4.44]
LAST_HEIGHTS = [0.02, 0.49, 4.44, 17.20, 38.62]


def test_quartiles_equal_the_example_of_the_paper() -> None:
    markers = np.zeros(1, QUARTILES)
    estimates = [push_quartiles(markers, x) for x in OBSERVATIONS]
    medians = [median for _, median, _ in estimates[5:]]
    np.testing.assert_allclose(medians, MEDIANS, atol=0.0055)  # printed with two digits, rounded on the way
    np.testing.assert_allclose(markers[0]["heights"], LAST_HEIGHTS, atol=0.005)
    assert markers[0]["positions"].tolist() == [1.0, 6.0, 10.0, 16.0, 20.0]
    assert estimates[-1] == tuple(markers[0]["heights"][1:4])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_quartiles_of_up_to_five_values_are_exact(values: list[float]) -> None:
    markers = np.zeros(1, QUARTILES)
    for k, x in enumerate(values):
        expected = np.quantile(values[: k + 1], [0.25, 0.5, 0.75])
        np.testing.assert_allclose(push_quartiles(markers, x), expected, rtol=1e-9, atol=1e-9)


@given(st.lists(st.integers(-3, 3).map(float) | st.floats(-1e3, 1e3), min_size=6, max_size=60))
def test_quartiles_ascend_within_the_range_of_the_values(values: list[float]) -> None:
    markers = np.zeros(1, QUARTILES)
    for k, x in enumerate(values):
        lower, middle, upper = push_quartiles(markers, x)
        assert min(values[: k + 1]) <= lower <= middle <= upper <= max(values[: k + 1])


def test_quartiles_of_many_values_are_close() -> None:
    values = np.random.default_rng(4).gamma(2.0, 1.0, 20_000)
    markers = np.zeros(1, QUARTILES)
    estimates = [push_quartiles(markers, x) for x in values]
    np.testing.assert_allclose(estimates[-1], np.quantile(values, [0.25, 0.5, 0.75]), rtol=0.01)
