"""Feature check: reports defects of features and where they are."""

# ruff: noqa: ARG001 - every kernel has the one signature

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.catalog import CATALOG
from quaestor.features.check import FeatureReport, Verdict, check_feature, runnable_feature
from quaestor.features.define import feature
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel

Series = NDArray[np.float64]
LENGTH = Integer("length", 10, 2, 500, "bars")


def full(name: str, advance: Any, warmup: int = 0) -> Feature:
    """Return a feature of the close with a count as its state."""
    state = always(np.dtype([("count", "<i8")]))
    described = (name, "user", "doc", "units", "source", (Column.CLOSE,), (name,), ())
    return Feature(*described, advance, state, always(warmup))


@kernel
def advance_ahead(state: Any, params: Any, columns: Any, out: Any, i: int, n: int) -> None:
    for k in range(i, n):
        out[0, k] = columns[Column.CLOSE, k + 3] if k + 3 < n else 1.0


@kernel
def advance_centred(state: Any, params: Any, columns: Any, out: Any, i: int, n: int) -> None:
    total = 0.0
    for k in range(i, n):
        total += columns[Column.CLOSE, k]
    for k in range(i, n):
        out[0, k] = columns[Column.CLOSE, k] - total / (n - i)


@kernel
def advance_forgetful(state: Any, params: Any, columns: Any, out: Any, i: int, n: int) -> None:
    last = 0.0
    for k in range(i, n):
        out[0, k] = columns[Column.CLOSE, k] - last
        last = columns[Column.CLOSE, k]


@kernel
def advance_late(state: Any, params: Any, columns: Any, out: Any, i: int, n: int) -> None:
    s = state[0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if x - x == 0.0:
            s["count"] += 1
            if s["count"] > 7:
                out[0, k] = x


@kernel
def advance_absent(state: Any, params: Any, columns: Any, out: Any, i: int, n: int) -> None:
    for k in range(i, n):
        out[0, k] = max(columns[Column.CLOSE, k], 0.0)


def advance_plain(state: Any, params: Any, columns: Any, out: Any, i: int, n: int) -> None:
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = x if x - x == 0.0 else np.nan


def findings(report: FeatureReport, verdict: Verdict) -> dict[str, str]:
    """Return the details of findings with a verdict, by name of the test."""
    return {finding.name: finding.detail for finding in report.findings if finding.verdict is verdict}


def failures(report: FeatureReport) -> dict[str, str]:
    """Return the failed findings, asserting that the report fails."""
    failed = findings(report, Verdict.FAILED)
    assert report.passed == (not failed)
    return failed


def test_built_in_feature_passes_every_test() -> None:
    report = check_feature(next(feature for feature in CATALOG if feature.name == "bbands"))
    assert {finding.verdict for finding in report.findings} == {Verdict.PASSED}
    assert report.compiled
    assert report.reason == ""


def test_look_ahead_is_reported_with_its_distance() -> None:
    report = check_feature(full("ahead", advance_ahead))
    assert "it looks 3 rows ahead" in failures(report)["causal"]
    assert report.reason.startswith("causal: row ")


def test_dependence_on_all_rows_of_a_call_is_reported() -> None:
    failed = failures(check_feature(full("centred", advance_centred)))
    assert {"causal", "chunks and restarts", "rows of the call only"} <= set(failed)


def test_memory_outside_the_state_is_reported() -> None:
    failed = failures(check_feature(full("forgetful", advance_forgetful)))
    assert "causal" not in failed
    assert "row by row" in failed["rows of the call only"]
    assert "in chunks" in failed["chunks and restarts"]


def test_wrong_warmup_is_reported_with_the_measured_one() -> None:
    assert failures(check_feature(full("late", advance_late, warmup=5))) == {
        "warm-up": "5 rows declared, late has no value for 7 rows"
    }
    assert check_feature(full("late", advance_late, warmup=7)).passed


def test_value_at_a_missing_row_is_reported() -> None:
    assert "missing rows" in failures(check_feature(full("absent", advance_absent)))


def test_missing_values_after_warmup_are_noted_not_failed() -> None:
    @feature(LENGTH, units="ratio")
    def steepness(close: Series) -> float:
        """Slope that is 0/0 when nothing moves."""
        return (close[-1] - close[0]) / (close.max() - close.min())

    report = check_feature(steepness)
    assert failures(report) == {}
    noted = findings(report, Verdict.NOTED)
    assert set(noted) == {"constant price", "constant price, no volume"}
    assert "first at row 9" in noted["constant price"]


def test_uncompilable_feature_runs_interpreted_and_reports_the_line() -> None:
    @feature(LENGTH, units="quote")
    def slope(close: Series) -> float:
        """Slope by polyfit, which numba does not support."""
        return float(np.polyfit(np.arange(len(close)), close, 1)[0])

    report = check_feature(slope)
    assert failures(report) == {}
    assert not report.compiled
    line = slope.function.__code__.co_firstlineno + 3  # type: ignore[union-attr]
    assert "numpy.polyfit" in report.reason
    assert f"(test_check.py, line {line})" in report.reason
    assert runnable_feature(slope, report).interpreted


def test_plain_python_kernel_runs_interpreted() -> None:
    report = check_feature(full("plain", advance_plain))
    assert report.passed
    assert not report.compiled


def test_feature_declared_interpreted_is_not_compiled() -> None:
    @feature(LENGTH, units="quote", compiled=False)
    def total(close: Series) -> float:
        """Sum of the closes."""
        return sum(sorted(close.tolist()))

    report = check_feature(total)
    assert report.passed
    assert report.reason == "declared to run interpreted"


def test_write_to_a_window_and_read_beyond_it_are_reported() -> None:
    @feature(LENGTH, units="quote")
    def sorting(close: Series) -> float:
        """Sort that writes to the window of the next row."""
        close.sort()
        return close[0]

    @feature(LENGTH, units="quote")
    def beyond(close: Series, length: int) -> float:
        """Read beyond the window, which compiled code does not check."""
        return close[length]

    assert (
        "ValueError: sort array is read-only (test_check.py, line"
        in failures(check_feature(sorting))["interpreted twin"]
    )
    assert "IndexError" in failures(check_feature(beyond))["interpreted twin"]


def test_exception_of_user_code_is_a_failed_finding() -> None:
    @feature(LENGTH, units="quote")
    def moody(close: Series) -> float:
        """Value that raises for large closes."""
        if close[-1] > 1e6:
            raise ValueError("too large")
        return close[-1]

    report = check_feature(moody)
    assert "raised ValueError: too large" in failures(report)["huge values"]
