"""Feature check: tests that a feature compiles, does not look ahead and gives the same bits however it is run."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import numpy as np

from quaestor.features.catalog import CATALOG
from quaestor.features.feature import Feature
from quaestor.features.interpreted import author_code, interpret
from quaestor.features.properties import PROPERTIES, Property, Trial, make_trial
from quaestor.features.trial import random_columns
from quaestor.jit.problems import compile_problem
from quaestor.jit.tables import Matrix

#: Greatest distance between compiled and interpreted results, as a share of the largest value: the two may sum a
#: window in different orders.
PARITY = 1e-9


class Verdict(StrEnum):
    """Outcome of one test."""

    PASSED = "passed"
    NOTED = "noted"  # worth knowing, but the feature may be used
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one test of a feature."""

    name: str
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class FeatureReport:
    """Results of all tests of a feature."""

    feature: str
    origin: str  # file of a user's definition, "" for a built-in one
    compiled: bool
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether the feature may be used."""
        return all(finding.verdict is not Verdict.FAILED for finding in self.findings)

    @property
    def reason(self) -> str:
        """First failure or, without one, why the feature is not compiled; "" for a compiled one that passed."""
        failed = [f"{f.name}: {f.detail}" for f in self.findings if f.verdict is Verdict.FAILED]
        return failed[0] if failed else ("" if self.compiled else self.findings[0].detail)


def check_feature(feature: Feature, catalog: Sequence[Feature] = CATALOG) -> FeatureReport:
    """Test a feature on random and extreme markets, the same at each call, and return the results.

    A feature that does not compile is tested interpreted. Errors that its code raises become failed findings.

    Args:
        feature: tested with its default parameters.
        catalog: definitions in which its parts are looked up.

    Raises:
        UnknownNameError: a part is not in the catalogue.

    Example:
        >>> from quaestor.features.indicators.momentum import RSI
        >>> report = check_feature(RSI)
        >>> report.passed, report.compiled, report.findings[1].name
        (True, True, 'causal')
    """
    compiling = _check_compiling(feature, catalog)
    compiled = compiling.verdict is Verdict.PASSED
    trial = make_trial(feature if compiled else interpret(feature), catalog)
    findings = [compiling, *(_run_property(each, trial) for each in PROPERTIES)]
    if compiled:
        findings.append(_run_property(Property("interpreted twin", partial(_check_twin, catalog=catalog)), trial))
    return FeatureReport(feature.name, feature.origin, compiled, tuple(findings))


def runnable_feature(feature: Feature, report: FeatureReport) -> Feature:
    """Return the feature in the form that runs: compiled, or interpreted where it does not compile."""
    return feature if report.compiled else interpret(feature)


def _check_compiling(feature: Feature, catalog: Sequence[Feature]) -> Finding:
    if feature.interpreted:
        return Finding("compiles", Verdict.NOTED, "declared to run interpreted")
    plan = make_trial(feature, catalog).plan
    arguments = (np.zeros(0, np.int64), np.zeros((plan.n_columns, 0)), np.zeros((plan.n_outputs, 0)), 0, 0)
    problem = compile_problem(plan.advance, plan.new_state(), *arguments, file=author_code(feature).co_filename)
    if problem:
        return Finding("compiles", Verdict.NOTED, f"it runs interpreted: {problem}")
    return Finding("compiles", Verdict.PASSED, "")


def _run_property(tested: Property, trial: Trial) -> Finding:
    try:
        problem = tested.check(trial)
    except Exception as error:  # noqa: BLE001 - a user's code may raise any error, which is the finding
        return Finding(tested.name, Verdict.FAILED, _describe_error(error, author_code(trial.feature).co_filename))
    if not problem:
        return Finding(tested.name, Verdict.PASSED, "")
    return Finding(tested.name, Verdict.FAILED if tested.required else Verdict.NOTED, problem)


def _describe_error(error: Exception, file: str) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = f" ({Path(file).name}, line {lines[-1]})" if lines else ""
    return f"raised {type(error).__name__}: {error}{where}"


def _check_twin(trial: Trial, catalog: Sequence[Feature]) -> str:
    """Return how compiled and interpreted results differ beyond rounding, or ""."""
    columns = random_columns(trial.rows)
    for row in trial.feature.inputs:
        columns[row, 120 + row] = np.nan
    compiled: Matrix = trial.values(columns)
    plain: Matrix = make_trial(interpret(trial.feature), catalog).values(columns)
    finite = np.isfinite(plain)
    if not np.array_equal(np.isfinite(compiled), finite):
        return "has values at other rows than as plain Python"
    distance = np.max(np.abs(compiled - plain), where=finite, initial=0.0)
    largest = np.max(np.abs(plain), where=finite, initial=0.0)
    return "" if distance <= PARITY * largest else f"is up to {distance:.3g} off what it gives as plain Python"
