"""Sorted window against numpy and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quaestor.numeric.sorted_window import median_distance, push_sorted, quantile_of, share_below, sorted_dtype

values = st.lists(st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6), min_size=1, max_size=40)


@given(x=values, length=st.integers(1, 12), share=st.floats(0.0, 1.0))
def test_sorted_window_equals_numpy_and_scipy(x: list[float], length: int, share: float) -> None:
    window = np.zeros(1, sorted_dtype(length))
    for k, value in enumerate(x):
        push_sorted(window, length, value)
        part = np.array(x[max(0, k + 1 - length) : k + 1])
        assert window[0]["count"] == len(part)
        assert np.array_equal(window[0]["ordered"][: len(part)], np.sort(part))
        if len(part) < length:
            continue
        np.testing.assert_allclose(quantile_of(window, length, share), np.quantile(part, share), rtol=1e-12, atol=1e-9)
        assert share_below(window, length, value) == pytest.approx(
            stats.percentileofscore(part, value, kind="mean") / 100, rel=1e-12
        )
        median = quantile_of(window, length, 0.5)
        np.testing.assert_allclose(
            median_distance(window, length, median), stats.median_abs_deviation(part), rtol=1e-9, atol=1e-9
        )
