"""Regime fit: Gaussian mixtures and hidden Markov models of any number of states, one of them chosen.

Libraries fit; their smoothed states of past rows, which use later rows, are never used (see `brain.regime.trained`).
Fits are seeded and run on one thread, so that the same rows give the same model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from quaestor.adapters.optional import load_extra
from quaestor.errors import ConfigError, DataError
from quaestor.features.preprocess import Preprocessing, fit_scaler
from quaestor.jit.tables import Matrix
from quaestor.numeric.scaling import Missing, Norm, Scaling
from quaestor.research.training.regime_model import Array, RegimeModel
from quaestor.research.training.regime_names import keep_name, match_states, name_state, state_profiles

#: Features of regimes: relative range, strength of trends, volatility of volatility, spread as bars show it,
#: signed trend, drawdown.
FEATURES = (
    "natr_14",
    "adx_14",
    "volatility_of_volatility_20_20",
    "corwin_schultz_20",
    "efficiency_ratio_48.signed",
    "drawdown_240",
)

#: Rows a state at least, or its covariance is noise.
FEWEST_ROWS = 100

_PLACE = "regime model"
_VARIANCE_FLOOR = 1e-4  # squared spreads, added to variances so that no state shrinks to a point
_TOLERANCE = 1e-6  # log likelihood a row, below which a fit has converged
_STAY = 0.95  # probability of staying that a fit starts from
_PSEUDO_COUNT = 1.0  # of every transition, so that none is impossible
_PSEUDO_ROWS = 10.0  # like the start of each state, which it falls back to where it does not occur


class Kind(StrEnum):
    """Kind of model: whether the state of a bar depends on that of the bar before."""

    MARKOV = "markov"
    MIXTURE = "mixture"


@dataclass(frozen=True, slots=True)
class RegimeSettings:
    """Settings of a regime fit.

    Raises:
        ConfigError: on creation, for bounds that leave no number of states, or numbers out of range.
    """

    features: tuple[str, ...] = FEATURES
    kind: Kind = Kind.MARKOV
    states_min: int = 3
    states_max: int = 6
    starts: int = 3  # fits from different beginnings, of which the likeliest is kept
    iterations: int = 200
    seed: int = 0
    hold: int = 3  # bars
    margin: float = 0.2  # probability

    def __post_init__(self) -> None:
        if not 1 <= self.states_min <= self.states_max:
            raise ConfigError(
                f"from {self.states_min} to {self.states_max} states", place=_PLACE, remedy="let 1 ≤ least ≤ most"
            )
        if self.starts < 1 or self.iterations < 1 or self.hold < 1 or not 0.0 <= self.margin < 1.0:
            raise ConfigError(
                f"starts = {self.starts}, iterations = {self.iterations}, hold = {self.hold}, margin = {self.margin}",
                place=_PLACE,
                remedy="give at least 1 of each, and a margin from 0 to below 1",
            )


@dataclass(frozen=True, slots=True, eq=False)
class RegimeFit:
    """Fitted model and how the fit went."""

    model: RegimeModel
    rows: int  # trained on: those without a missing feature
    log_likelihood: float
    bic: Mapping[int, float]  # Bayesian information criterion by number of states, of the likeliest start
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """One fit of one number of states to standardised rows."""

    means: Array
    covariances: Array
    transition: Array
    initial: Array
    log_likelihood: float
    converged: bool

    def bic(self, kind: Kind, rows: int) -> float:
        """Return the Bayesian information criterion: less is better."""
        states, features = self.means.shape
        emissions = states * (features + features * (features + 1) // 2)
        weights = states - 1 if kind == Kind.MIXTURE else states * (states - 1)
        return float((emissions + weights) * np.log(rows) - 2.0 * self.log_likelihood)


def fit_regimes(values: Matrix, settings: RegimeSettings, before: RegimeModel | None = None) -> RegimeFit:
    """Return a regime model fitted to training rows.

    The number of states has the least Bayesian information criterion within the bounds. A model before is continued:
    its number of states is kept, the fit starts from its states and falls back to them where they no longer occur, so
    that what is rare is not forgotten, and their names are kept unless the rules
    contradict them strongly (see `regime_names`).

    Args:
        values: the features of the settings, float64 (R, N), training rows alone; those with a missing value are left
            out.
        settings: of the fit.
        before: the model in use.

    Raises:
        ConfigError: scikit-learn or hmmlearn is not installed, a feature that names need is absent, or the model
            before is of other features.
        DataError: too few rows, or none that a model fits.
    """
    if len(values) != len(settings.features):
        raise ConfigError(f"{len(values)} rows of values for {len(settings.features)} features", place=_PLACE)
    there = values[:, np.all(np.isfinite(values), axis=0)]
    most = settings.states_max if before is None else before.n_states
    if there.shape[1] < FEWEST_ROWS * most:
        raise DataError(
            f"{there.shape[1]} rows with every feature, {FEWEST_ROWS * most} needed to learn {most} regimes",
            place=_PLACE,
            remedy="give more data, or fewer states",
        )
    scaler = fit_scaler(settings.features, there, Preprocessing(Scaling.ROBUST, Norm.NONE, Missing.DROP))
    center, scale = np.array(scaler.center), np.array(scaler.scale)
    z = np.ascontiguousarray((there.T - center) / scale)
    with load_extra("threadpoolctl", place=_PLACE).threadpool_limits(1):
        if before is None:
            counts = range(settings.states_min, settings.states_max + 1)
            found = {states: _likeliest(z, states, settings) for states in counts}
        else:
            found = {before.n_states: _continue(z, settings, _restate(before, center, scale))}
    bic = {states: candidate.bic(settings.kind, len(z)) for states, candidate in found.items()}
    chosen = found[min(bic, key=lambda states: bic[states])]
    if not np.isfinite(chosen.log_likelihood):
        raise DataError("the fit came to no finite likelihood", place=_PLACE, remedy="give more data, or fewer states")
    model = _name(chosen, settings, center, scale, before)
    return RegimeFit(model, len(z), chosen.log_likelihood, bic, chosen.converged)


def _restate(model: RegimeModel, center: Array, scale: Array) -> RegimeModel:
    """Return the same model of features scaled otherwise."""
    batch = model.scale / scale
    return replace(
        model,
        center=center,
        scale=scale,
        means=(model.natural_means - center) / scale,
        covariances=model.covariances * np.outer(batch, batch),
    )


def _likeliest(z: Array, states: int, settings: RegimeSettings) -> _Candidate:
    mixtures = [_fit_mixture(z, states, settings, settings.seed + start) for start in range(settings.starts)]
    if settings.kind == Kind.MIXTURE:
        fits = [_candidate_of_mixture(mixture, z) for mixture in mixtures]
    else:
        fits = [_fit_markov(z, settings, m.means_, m.covariances_, _sticky(states)) for m in mixtures]
    return max(fits, key=lambda fit: fit.log_likelihood if np.isfinite(fit.log_likelihood) else -np.inf)


def _continue(z: Array, settings: RegimeSettings, before: RegimeModel) -> _Candidate:
    """Return the fit that starts from the model before: its maximum, moved with the data."""
    if settings.kind == Kind.MIXTURE:
        return _candidate_of_mixture(_fit_mixture(z, before.n_states, settings, settings.seed, before), z)
    return _fit_markov(z, settings, before.means, before.covariances, before.transition)


def _sticky(states: int) -> Array:
    return np.asarray(_STAY * np.eye(states) + (1.0 - _STAY) / states)


def _fit_mixture(z: Array, states: int, settings: RegimeSettings, seed: int, before: RegimeModel | None = None) -> Any:
    mixture = load_extra("sklearn.mixture", place=_PLACE).GaussianMixture(
        n_components=states,
        covariance_type="full",
        reg_covar=_VARIANCE_FLOOR,
        max_iter=settings.iterations,
        random_state=seed,
        means_init=None if before is None else before.means,
        weights_init=None if before is None else before.initial,
        precisions_init=None if before is None else np.linalg.inv(before.covariances),
    )
    return mixture.fit(z)


def _candidate_of_mixture(mixture: Any, z: Array) -> _Candidate:
    weights = mixture.weights_ / mixture.weights_.sum()
    return _Candidate(
        means=mixture.means_,
        covariances=mixture.covariances_,
        transition=np.tile(weights, (len(weights), 1)),
        initial=weights,
        log_likelihood=float(mixture.score_samples(z).sum()),
        converged=bool(mixture.converged_),
    )


def _fit_markov(z: Array, settings: RegimeSettings, means: Array, covariances: Array, transition: Array) -> _Candidate:
    states, features = means.shape
    model = load_extra("hmmlearn.hmm", place=_PLACE).GaussianHMM(
        n_components=states,
        covariance_type="full",
        min_covar=_VARIANCE_FLOOR,
        transmat_prior=1.0 + _PSEUDO_COUNT,
        means_prior=means,
        means_weight=_PSEUDO_ROWS,
        covars_prior=_PSEUDO_ROWS * covariances,
        covars_weight=_PSEUDO_ROWS + features,
        n_iter=settings.iterations,
        tol=_TOLERANCE * len(z),
        random_state=settings.seed,
        params="tmc",  # one sequence does not identify the initial distribution
        init_params="",
    )
    model.startprob_ = np.full(states, 1.0 / states)
    model.means_, model.covars_, model.transmat_ = means, covariances, transition
    model.fit(z)
    model.startprob_ = stationary(model.transmat_)
    return _Candidate(
        means=model.means_,
        covariances=model.covars_,
        transition=model.transmat_,
        initial=model.startprob_,
        log_likelihood=float(model.score(z)),
        converged=bool(model.monitor_.converged),
    )


def stationary(transition: Array) -> Array:
    """Return the share of time in each state in the long run: π with π = π·P, Σ π = 1.

    Example:
        >>> stationary(np.array([[0.9, 0.1], [0.3, 0.7]])).round(12).tolist()
        [0.75, 0.25]
    """
    states = len(transition)
    equations = np.vstack([transition.T - np.eye(states), np.ones(states)])
    shares = np.linalg.lstsq(equations, np.append(np.zeros(states), 1.0), rcond=None)[0]
    positive = np.maximum(shares, 0.0)
    return np.asarray(positive / positive.sum())


def _name(
    chosen: _Candidate, settings: RegimeSettings, center: Array, scale: Array, before: RegimeModel | None
) -> RegimeModel:
    """Return the model with its states named, the calmest first, or in the order of the model that it continues."""
    states = state_profiles(settings.features, center, scale, chosen.means)
    model = RegimeModel(
        features=settings.features,
        center=center,
        scale=scale,
        means=chosen.means,
        covariances=chosen.covariances,
        transition=chosen.transition,
        initial=chosen.initial,
        names=tuple(name_state(state) for state in states),
        hold=settings.hold,
        margin=settings.margin,
    )
    if before is None:
        return _in_order(model, sorted(range(len(states)), key=lambda k: states[k].volatility))
    continued = match_states(before, model)
    names = tuple(keep_name(before.names[continued[k]], state) for k, state in enumerate(states))
    return _in_order(replace(model, names=names), sorted(continued, key=lambda k: continued[k]))


def _in_order(model: RegimeModel, order: list[int]) -> RegimeModel:
    return replace(
        model,
        means=model.means[order],
        covariances=model.covariances[order],
        transition=model.transition[np.ix_(order, order)],
        initial=model.initial[order],
        names=tuple(model.names[k] for k in order),
    )
