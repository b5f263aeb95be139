"""Calibration curves from out-of-fold predictions: raw prediction to probability, pooled probability to expected
edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra

Floats = NDArray[np.float64]

#: Bins of equal weight that a curve is estimated in.
BINS = 12
#: Prior outcomes, half of them up, that shrink each bin's frequency to ½.
PRIOR = 20.0


@dataclass(frozen=True, slots=True)
class Knots:
    """Curve: values and standard errors at ascending places."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    error: tuple[float, ...]


def calibration(raw_predictions: Floats, up: NDArray[np.bool_], own: Floats) -> Knots:
    """Return the probability of *up* by raw prediction: shrunk frequencies of bins, made monotone.

    Args:
        raw_predictions: float64 (s,), out of fold, finite.
        up: bool (s,), the outcome.
        own: float64 (s,), weights whose sum is the effective number of outcomes.

    Source: Zadrozny and Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability Estimates.
    """
    place, weight, successes = _bins(raw_predictions, own, up.astype(np.float64))
    share = (successes + 0.5 * PRIOR) / (weight + PRIOR)
    return _monotone(place, share, weight + PRIOR, np.sqrt(share * (1.0 - share) / (weight + PRIOR)))


def rule_calibration(signals: Floats, up: NDArray[np.bool_], own: Floats) -> Knots:
    """Return the probability of *up* where a rule is short, flat and long: shrunk frequencies, not made monotone.

    Args:
        signals: float64 (s,), the rule's signal in [0, 1]: 0 short, ½ flat, 1 long.
    """
    shares, errors = [], []
    for place in (0.0, 0.5, 1.0):
        here = np.abs(signals - place) < 0.25
        weight = float(own[here].sum()) + PRIOR
        share = (float(own[here & up].sum()) + 0.5 * PRIOR) / weight
        shares.append(share)
        errors.append(float(np.sqrt(share * (1.0 - share) / weight)))
    return Knots((0.0, 0.5, 1.0), tuple(shares), tuple(errors))


def edge_curve(pooled: Floats, gain: Floats, own: Floats) -> Knots:
    """Return the expected gain of a long position by pooled probability, with standard errors.

    `gain` is the return to the barrier over its expected width, less its mean: what the market did while the models
    learned is no edge of theirs.
    """
    centred = gain - np.average(gain, weights=own)
    place, weight, total = _bins(pooled, own, centred)
    deviation = float(np.sqrt(np.average(centred**2, weights=own)))
    return _monotone(place, total / weight, weight, deviation / np.sqrt(weight))


def _bins(x: Floats, own: Floats, value: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean place, weight and weighted sum of the value in bins of about equal weight; equal places share a
    bin."""
    order = np.argsort(x, kind="stable")
    reached = np.cumsum(own[order])
    edges = x[order][np.searchsorted(reached, reached[-1] * np.arange(1, BINS) / BINS)]
    bin_of = np.searchsorted(np.unique(edges), x, side="left")
    sums = [np.bincount(bin_of, weights).astype(np.float64) for weights in (own, own * x, own * value)]
    kept = sums[0] > 0.0
    weight, place, total = (summed[kept] for summed in sums)
    return place / weight, weight, total


def _monotone(place: Floats, value: Floats, weight: Floats, error: Floats) -> Knots:
    """Return values made non-decreasing by pooling neighbours (PAV); errors of what was pooled shrink with its
    weight."""
    isotonic = load_extra("sklearn.isotonic", place="calibration")
    smooth = np.asarray(isotonic.isotonic_regression(value, sample_weight=weight), dtype=np.float64)
    block = np.concatenate(([0], np.cumsum(np.diff(smooth) > 0.0)))
    merged = np.bincount(block, weight)
    spread = np.sqrt(np.bincount(block, (weight * error) ** 2)) / merged
    order = np.argsort(place, kind="stable")
    return Knots(tuple(place[order].tolist()), tuple(smooth[order].tolist()), tuple(spread[block][order].tolist()))
