"""What a regime model says about some rows: how long each regime lasts, and what the market is like in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.regime.contract import Codes
from quaestor.kernels.chain import Matrix
from quaestor.kernels.codes import Regime
from quaestor.research.training.regime_model import Array, RegimeModel, name_rows


@dataclass(frozen=True, slots=True)
class StateSummary:
    """One state of the model, as it was fitted."""

    name: Regime
    means: tuple[float, ...]  # of each feature, in its units
    weight: float  # share of time in the long run
    expected_dwell: float  # bars: 1 / (1 − probability of staying)


@dataclass(frozen=True, slots=True)
class RegimeSummary:
    """One regime in some rows, as the decision path names them, hysteresis included."""

    name: Regime
    share: float  # of rows
    spells: int
    mean_dwell: float  # bars a spell; NaN when there is none
    median_dwell: float
    means: tuple[float, ...]  # of each feature over its rows, in the feature's units; NaN when there is none


@dataclass(frozen=True, slots=True, eq=False)
class RegimeReport:
    """States of a model, how they follow one another, and the regimes that come of them."""

    features: tuple[str, ...]
    states: tuple[StateSummary, ...]
    transition: Array  # between states, (K, K)
    regimes: tuple[RegimeSummary, ...]  # every regime that a state is named after, and those that occurred
    rows: int  # with every feature


def report_regimes(model: RegimeModel, values: Matrix) -> RegimeReport:
    """The report of a model on rows of its features, float64 (R, N); rows with a missing value count nowhere."""
    regimes, _ = name_rows(model, values)
    there = np.all(np.isfinite(values), axis=0)
    named, known = regimes[there], values[:, there]
    present = sorted({*model.names, *(Regime(int(code)) for code in np.unique(named))})
    return RegimeReport(
        features=model.features,
        states=summarise_states(model),
        transition=model.transition,
        regimes=tuple(_summarise(regime, named, known) for regime in present),
        rows=len(named),
    )


def summarise_states(model: RegimeModel) -> tuple[StateSummary, ...]:
    """The states of a model, as they were fitted."""
    leaving = 1.0 - np.diagonal(model.transition)
    return tuple(
        StateSummary(
            name=name,
            means=tuple(float(mean) for mean in model.natural_means[k]),
            weight=float(model.initial[k]),
            expected_dwell=float(1.0 / leaving[k]) if leaving[k] > 0.0 else np.inf,
        )
        for k, name in enumerate(model.names)
    )


def _summarise(regime: Regime, named: Codes, values: Matrix) -> RegimeSummary:
    inside = named == regime
    lengths = spell_lengths(inside)
    some = len(lengths) > 0
    return RegimeSummary(
        name=regime,
        share=float(np.mean(inside)) if len(named) else 0.0,
        spells=len(lengths),
        mean_dwell=float(np.mean(lengths)) if some else np.nan,
        median_dwell=float(np.median(lengths)) if some else np.nan,
        means=tuple(float(np.mean(row[inside])) if some else np.nan for row in values),
    )


def spell_lengths(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Lengths of the runs of true, in order.

    Example:
        >>> spell_lengths(np.array([True, True, False, True])).tolist()
        [2, 1]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return (edges[1::2] - edges[0::2]).astype(np.int64)
