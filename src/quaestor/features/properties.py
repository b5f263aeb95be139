"""Feature properties: the invariants that every feature must satisfy, whatever it computes.

The contract suite tests them on the catalogue, the feature check on each user-defined feature.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import BOOK_LEVELS, Column, book_row
from quaestor.errors import ConfigError
from quaestor.features.feature import Feature, FeatureInstance
from quaestor.features.plan import FeaturePlan, make_plan
from quaestor.features.trial import constant_columns, irregular_stamps, random_columns, run_in_chunks
from quaestor.jit.tables import Matrix

_ROWS = 700
_SHIFT_NS = 7 * 3_600_000_000_000 + 60_000_000_000

_BOOK_SIZES = [book_row(side, level) for level in range(BOOK_LEVELS) for side in (Column.BID_SIZE, Column.ASK_SIZE)]

Stamps = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Trial:
    """Feature and the size of the random markets on which it is tested."""

    instance: FeatureInstance
    plan: FeaturePlan  # of all outputs of the instance
    rows: int  # number of rows of a market

    @property
    def feature(self) -> Feature:
        """Feature under test."""
        return self.instance.feature

    @property
    def stamps(self) -> Stamps:
        """Time stamps of the rows of a market, int64 ns UTC (rows,)."""
        return irregular_stamps(self.rows)

    def values(self, columns: Matrix, ts: Stamps | None = None, *, stop: int | None = None) -> Matrix:
        """Return the outputs, float64 (n_outputs, N), of all rows or of those before `stop`, from one call."""
        stamps = self.stamps if ts is None else ts
        n = columns.shape[1] if stop is None else stop
        out = np.full((self.plan.n_outputs, columns.shape[1]), np.nan)
        self.plan.advance(self.plan.new_state(), stamps[: columns.shape[1]], columns, out, 0, n)
        return out[: self.plan.n_requested]


def make_trial(feature: Feature, catalog: Sequence[Feature]) -> Trial:
    """Return a trial of a feature with its default parameters, shortened where their warm-up exceeds a market.

    Args:
        feature: feature to test.
        catalog: definitions in which its parts are looked up.

    Raises:
        UnknownNameError: a part is not in the catalogue.
    """
    instance = feature.instance()
    if instance.warmup >= _ROWS // 4:
        instance = _shortened(instance)
    instances = [FeatureInstance(feature, instance.values, k) for k in range(len(feature.outputs))]
    return Trial(instance, make_plan(instances, catalog=catalog), max(_ROWS, 4 * instance.warmup))


def _shortened(instance: FeatureInstance) -> FeatureInstance:
    try:
        return instance.feature.instance(*(min(value, 40) for value in instance.values))
    except ConfigError:
        return instance


@dataclass(frozen=True, slots=True)
class Property:
    """Invariant of features: `check` returns a description of the violation in a trial, or "".

    A user-defined feature that violates a property that is not `required` may be used all the same.
    """

    name: str
    check: Callable[[Trial], str]
    required: bool = True


def check_chunks(trial: Trial) -> str:
    """Test that values are bit-identical for any split into chunks, the state passing through bytes in between."""
    for seed, factor in ((1, 1.0), (2, 1.0), (5, 1e12), (5, 1e-12)):
        columns = random_columns(trial.rows, seed)
        columns[_some_input(trial), 150:153] = np.nan
        _scale_some(columns, factor)
        whole = trial.values(columns)
        out = np.zeros((trial.plan.n_outputs, trial.rows))
        run_in_chunks(trial.plan.advance, trial.plan.new_state(), (trial.stamps, columns, out), trial.rows, seed)
        problem = _difference(whole, out[: len(whole)], "in chunks with a restart between them")
        if problem:
            return problem
    return ""


def check_range(trial: Trial) -> str:
    """Test that rows outside the range of a call are neither read nor written."""
    columns = random_columns(trial.rows)
    whole = trial.values(columns)
    state = trial.plan.new_state()
    alone = np.zeros_like(whole)
    out = np.zeros((trial.plan.n_outputs, 1))
    for k in range(trial.rows):
        row = np.ascontiguousarray(columns[:, k : k + 1])
        trial.plan.advance(state, trial.stamps[k : k + 1], row, out, 0, 1)
        alone[:, k] = out[: len(whole), 0]
    problem = _difference(whole, alone, "row by row")
    untouched = np.full((trial.plan.n_outputs, trial.rows), 7.0)
    trial.plan.advance(trial.plan.new_state(), trial.stamps, columns, untouched, 100, 200)
    if np.any(untouched[:, :100] != 7.0) or np.any(untouched[:, 200:] != 7.0):
        problem = problem or "rows outside 100 … 199 were written by a call for these"
    return problem


def check_future(trial: Trial) -> str:
    """Test that neither changing later rows nor ending the data at some row changes the values of earlier rows."""
    columns, other = random_columns(trial.rows), random_columns(trial.rows, seed=8)
    whole = trial.values(columns)
    found: list[tuple[int, str]] = []
    for cut in np.random.default_rng(11).integers(1, trial.rows, 6).tolist():
        changed, stamps = columns.copy(), trial.stamps
        changed[:, cut:] = 1.5 * other[:, cut:]
        stamps[cut:] += _SHIFT_NS
        row = _first_difference(whole[:, :cut], trial.values(changed, stamps)[:, :cut])
        if row is not None:
            distance = cut - row
            found.append((distance, f"row {row} changed with row {cut}: it looks {distance} rows ahead"))
        row = _first_difference(whole[:, :cut], trial.values(columns, stop=cut)[:, :cut])
        if row is not None:
            found.append((0, f"row {row} changed when the call ended at row {cut}"))
    return max(found)[1] if found else ""


def check_warmup(trial: Trial) -> str:
    """Test that every output is missing in the declared number of rows and has a value in the next one."""
    declared = trial.instance.warmup
    for name, series in zip(trial.feature.outputs, trial.values(random_columns(trial.rows)), strict=True):
        present = np.flatnonzero(~np.isnan(series))
        first = int(present[0]) if len(present) else trial.rows
        if first != declared:
            measured = f"{first} rows" if len(present) else "the whole trial"
            return f"{declared} rows declared, {name} has no value for {measured}"
    return ""


def check_missing_rows(trial: Trial) -> str:
    """Test that a row that lacks an input is skipped as if absent; a feature of time stamps alone lacks nothing."""
    columns = random_columns(trial.rows)
    if not trial.feature.inputs:
        nothing = np.full_like(columns, np.nan)
        return _difference(trial.values(columns), trial.values(nothing), "without prices")
    present = np.random.default_rng(3).random(trial.rows) > 0.1
    with_gaps = columns.copy()
    for k in np.flatnonzero(~present):
        with_gaps[trial.feature.inputs[k % len(trial.feature.inputs)], k] = np.nan if k % 2 else np.inf
    out = trial.values(with_gaps)
    if not np.all(np.isnan(out[:, ~present])):
        return "has a value at a row that lacks an input"
    shorter = trial.values(np.ascontiguousarray(columns[:, present]), trial.stamps[present])
    return _difference(out[:, present], shorter, "with rows that lack an input left out")


def check_few_rows(trial: Trial) -> str:
    """Test that markets of one row and of none are accepted."""
    one = trial.values(random_columns(1))
    if trial.values(random_columns(0)).shape[1] != 0 or one.shape[1] != 1:
        return "writes more rows than there are"
    return "" if np.all(np.isnan(one)) or trial.instance.warmup == 0 else "has a value at the first row"


def check_numbers(trial: Trial) -> str:
    """Test that every row after the warm-up has a finite value."""
    return _gaps(trial, random_columns(trial.rows))


def check_constant_price(trial: Trial, volume: float) -> str:
    """Test that every row after the warm-up has a finite value when no price moves."""
    return _gaps(trial, constant_columns(trial.rows, volume=volume))


def check_no_volume(trial: Trial) -> str:
    """Test that every row after the warm-up has a finite value when nothing is traded and prices move."""
    columns = random_columns(trial.rows)
    columns[Column.VOLUME] = 0.0
    return _gaps(trial, columns)


def check_extreme_values(trial: Trial, factor: float) -> str:
    """Test that every row after the warm-up has a finite value when a few inputs are very large or very small."""
    columns = random_columns(trial.rows)
    _scale_some(columns, factor)
    return _gaps(trial, columns)


#: Every property, in the order in which they are reported.
PROPERTIES = (
    Property("causal", check_future),
    Property("chunks and restarts", check_chunks),
    Property("rows of the call only", check_range),
    Property("warm-up", check_warmup),
    Property("missing rows", check_missing_rows),
    Property("few rows", check_few_rows),
    Property("a number at every row", check_numbers, required=False),
    Property("constant price", partial(check_constant_price, volume=3.0), required=False),
    Property("constant price, no volume", partial(check_constant_price, volume=0.0), required=False),
    Property("no volume", check_no_volume, required=False),
    Property("huge values", partial(check_extreme_values, factor=1e12), required=False),
    Property("tiny values", partial(check_extreme_values, factor=1e-12), required=False),
)


def _scale_some(columns: Matrix, factor: float) -> None:
    """Scale a few rows by a factor, but make no book too thin to fill an order, which would then have no price."""
    sizes = columns[_BOOK_SIZES, 200:205]
    columns[:, 200:205] *= factor
    if factor < 1.0:
        columns[_BOOK_SIZES, 200:205] = sizes


def _some_input(trial: Trial) -> int:
    return trial.feature.inputs[-1] if trial.feature.inputs else Column.CLOSE


def _gaps(trial: Trial, columns: Matrix) -> str:
    out = trial.values(columns)[:, trial.instance.warmup :]
    bad = ~np.isfinite(out)
    if not bad.any():
        return ""
    first = trial.instance.warmup + _first(bad)
    return f"no number at {int(bad.any(axis=0).sum())} of {out.shape[1]} rows, first at row {first}"


def _difference(expected: Matrix, got: Matrix, how: str) -> str:
    row = _first_difference(expected, got)
    return "" if row is None else f"row {row} differs {how}"


def _first_difference(a: Matrix, b: Matrix) -> int | None:
    """Return the first row in which two results differ in any bit (NaN equals NaN), None without one."""
    different = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    return _first(different) if different.any() else None


def _first(marks: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(marks.any(axis=0))[0])
