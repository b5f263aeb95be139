"""GARCH fit: parameters of GARCH(1,1), fitted outside the hot path and refreshed walk forward, and the volatility
that follows.

Parameters are fitted by quasi maximum likelihood with `arch` (the extra `train`); the filter that uses them is the
feature `garch`, whose name carries them: a fit is a name.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, DataError
from quaestor.features.feature import FeatureInstance
from quaestor.features.indicators.volatility.garch import GARCH, SMALLEST_OMEGA, SQUARED_BASIS_POINT

Series = NDArray[np.float64]

#: Returns below which parameters are noise.
FEWEST_RETURNS = 250

_LARGEST_PERSISTENCE = 0.9999  # alpha + beta; beta gives way, so that a long-run variance exists
_DIGITS = 6  # of the parameters that are kept: far more than their standard errors justify, few enough to read


@dataclass(frozen=True, slots=True)
class GarchFit:
    """Parameters of a GARCH(1,1) without mean, rounded to what is written in the feature's name."""

    omega: float  # squared basis points
    alpha: float
    beta: float
    log_likelihood: float  # normal, of the fitted returns under these very parameters, started at the long-run variance
    rows: int  # returns
    first_ts: int  # open of the first bar used, int64 ns UTC
    last_ts: int  # open of the last bar used
    converged: bool  # whether the optimiser reports it

    @property
    def instance(self) -> FeatureInstance:
        """Return the filter with these parameters."""
        return GARCH.instance(self.omega, self.alpha, self.beta)

    @property
    def name(self) -> str:
        """Return the name of the feature to use, such as ``garch_0.25_0.08_0.9``."""
        return self.instance.name


@dataclass(frozen=True, slots=True)
class Refit:
    """Fit on bars up to and including `row`, in force from the close of that row on."""

    row: int
    fit: GarchFit


def fit_garch(bars: Bars, window: int | None = None, *, last_row: int | None = None) -> GarchFit:
    """Return parameters fitted to the log returns of the last bars.

    Args:
        bars: closes that are missing or not positive are left out.
        window: bars whose returns are taken; all when left out.
        last_row: last bar that may be looked at; the last there is when left out.

    Raises:
        ConfigError: a window shorter than `FEWEST_RETURNS`, or `arch` is not installed.
        DataError: too few returns, or none that moved.
    """
    if window is not None and window < FEWEST_RETURNS:
        raise ConfigError(f"window = {window} is too short to fit", remedy=f"give at least {FEWEST_RETURNS} bars")
    stop = len(bars) if last_row is None else last_row + 1
    start = 0 if window is None else max(stop - window - 1, 0)
    close = bars.columns[Column.CLOSE, start:stop]
    there = np.isfinite(close) & (close > 0.0)
    stamps = bars.ts[start:stop][there]
    returns = np.diff(np.log(close[there]))
    if len(returns) < FEWEST_RETURNS:
        raise DataError(f"{len(returns)} returns, {FEWEST_RETURNS} needed to fit", place=bars.symbol)
    if not np.any(returns):
        raise DataError("the price did not move in the bars to fit", place=bars.symbol)
    (omega, alpha, beta), converged = _maximise(returns)
    likelihood = log_likelihood(GARCH.instance(omega, alpha, beta), close[there])
    return GarchFit(omega, alpha, beta, likelihood, len(returns), int(stamps[0]), int(stamps[-1]), converged)


def _maximise(returns: Series) -> tuple[tuple[float, float, float], bool]:
    """Return rounded parameters, omega in squared basis points, and whether the optimiser converged."""
    arch = load_extra("arch", place="fitting GARCH")
    scale = float(np.sqrt(np.mean(returns**2)))
    model = arch.arch_model(returns / scale, mean="Zero", vol="GARCH", p=1, q=1, rescale=False)
    result = model.fit(disp="off", show_warning=False)
    omega, alpha, beta = (float(value) for value in result.params)
    alpha = min(max(round(alpha, _DIGITS), 0.0), _LARGEST_PERSISTENCE)
    beta = min(max(round(beta, _DIGITS), 0.0), round(_LARGEST_PERSISTENCE - alpha, _DIGITS))
    omega_bps2 = omega * scale**2 / SQUARED_BASIS_POINT
    omega_bps2 = max(float(f"{omega_bps2:.{_DIGITS}g}"), SMALLEST_OMEGA)
    return (omega_bps2, alpha, beta), result.convergence_flag == 0


def log_likelihood(instance: FeatureInstance, close: Series) -> float:
    """Return the normal log likelihood of the log returns of closes under a filter started at its long-run variance."""
    columns = np.full((Column.CLOSE + 1, len(close)), np.nan)
    columns[Column.CLOSE] = close
    out = np.empty((len(GARCH.outputs), len(close)))
    GARCH.advance(np.zeros(1, instance.state_dtype), instance.params(), columns, out, 0, len(close))
    omega, alpha, beta = instance.values
    first = math.sqrt(omega * SQUARED_BASIS_POINT / (1.0 - alpha - beta))
    deviations = np.concatenate([[first], out[0, 1:-1]])
    terms = math.log(2.0 * math.pi) + 2.0 * np.log(deviations) + (np.diff(np.log(close)) / deviations) ** 2
    return float(-0.5 * terms.sum())


def refit_schedule(bars: Bars, window: int, every: int) -> tuple[Refit, ...]:
    """Return walk-forward fits: the first at row `window`, then every so many rows, each on the `window` bars before
    it.

    Raises:
        ConfigError, DataError: as `fit_garch`.
    """
    if every < 1:
        raise ConfigError(f"every = {every} is no distance between fits", remedy="give at least 1 bar")
    if len(bars) <= window:
        raise DataError(f"{len(bars)} bars, {window + 1} needed for the first fit", place=bars.symbol)
    rows = range(window, len(bars), every)
    return tuple(Refit(row, fit_garch(bars, window, last_row=row)) for row in rows)


def refitted_volatility(bars: Bars, refits: Sequence[Refit]) -> Series:
    """Return the outputs of `garch`, float64 (2, n), with the parameters that were in force at each row.

    The variance is carried over a refit, so only what follows it changes. Rows before the first refit are NaN: the
    variance that the filter has reached by then comes from the first parameters, which were known only then.

    Args:
        bars: what the refits were fitted on.
        refits: by ascending row.
    """
    out = np.full((len(GARCH.outputs), len(bars)), np.nan)
    state = np.zeros(1, GARCH.state_dtype())
    stops = [*(refit.row for refit in refits[1:]), len(bars)]
    start = 0
    for refit, stop in zip(refits, stops, strict=True):
        GARCH.advance(state, refit.fit.instance.params(), bars.columns, out, start, stop)
        start = stop
    out[:, : refits[0].row] = np.nan
    return out
