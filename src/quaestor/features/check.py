"""The check of one feature: does it compile, does it look ahead, is it the same in every way of running it."""

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

#: How far the compiled result may be from plain Python's, as a share of the largest value: the two may add up a window
#: in another order.
PARITY = 1e-9


class Verdict(StrEnum):
    """How a question was answered."""

    PASSED = "passed"
    NOTED = "noted"  # good to know, and no reason not to use the feature
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One question and its answer."""

    name: str
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class FeatureReport:
    """What was found out about a feature."""

    feature: str
    origin: str  # file of a user's definition, "" when built in
    compiled: bool
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether it may be used."""
        return all(finding.verdict is not Verdict.FAILED for finding in self.findings)

    @property
    def reason(self) -> str:
        """The first failure or, where there is none, why it is not compiled."""
        failed = [f"{f.name}: {f.detail}" for f in self.findings if f.verdict is Verdict.FAILED]
        return failed[0] if failed else ("" if self.compiled else self.findings[0].detail)


def check_feature(feature: Feature, catalog: Sequence[Feature] = CATALOG) -> FeatureReport:
    """Try a feature on random and extreme markets, the same ones each time.

    One that does not compile is tried interpreted. Errors that its code raises are findings, not errors.

    Args:
        feature: with its defaults.
        catalog: where its parts are looked up.

    Raises:
        UnknownNameError: a part that is not in the catalog.

    Example:
        >>> from quaestor.features.indicators.momentum import RSI
        >>> report = check_feature(RSI)
        >>> report.passed, report.compiled, report.findings[1].name
        (True, True, 'causal')
    """
    compiling = _check_compiling(feature, catalog)
    compiled = compiling.verdict is Verdict.PASSED
    trial = make_trial(feature if compiled else interpret(feature), catalog)
    findings = [compiling, *(_answer(each, trial) for each in PROPERTIES)]
    if compiled:
        findings.append(_answer(Property("interpreted twin", partial(_check_twin, catalog=catalog)), trial))
    return FeatureReport(feature.name, feature.origin, compiled, tuple(findings))


def usable(feature: Feature, report: FeatureReport) -> Feature:
    """The feature as it can run: compiled, or as plain Python where it does not compile."""
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


def _answer(asked: Property, trial: Trial) -> Finding:
    try:
        problem = asked.check(trial)
    except Exception as error:  # noqa: BLE001 - a user's code may raise anything, and that is what was asked
        return Finding(asked.name, Verdict.FAILED, _say_raised(error, author_code(trial.feature).co_filename))
    if not problem:
        return Finding(asked.name, Verdict.PASSED, "")
    return Finding(asked.name, Verdict.FAILED if asked.required else Verdict.NOTED, problem)


def _say_raised(error: Exception, file: str) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = f" ({Path(file).name}, line {lines[-1]})" if lines else ""
    return f"raised {type(error).__name__}: {error}{where}"


def _check_twin(trial: Trial, catalog: Sequence[Feature]) -> str:
    """Compiled and as plain Python it gives the same, but for rounding."""
    columns = random_columns(trial.rows)
    for row in trial.feature.inputs:
        columns[row, 120 + row] = np.nan
    compiled: Matrix = trial.values(columns)
    plain: Matrix = make_trial(interpret(trial.feature), catalog).values(columns)
    there = np.isfinite(plain)
    if not np.array_equal(np.isfinite(compiled), there):
        return "has values at other rows than as plain Python"
    distance = np.max(np.abs(compiled - plain), where=there, initial=0.0)
    largest = np.max(np.abs(plain), where=there, initial=0.0)
    return "" if distance <= PARITY * largest else f"is up to {distance:.3g} off what it gives as plain Python"
