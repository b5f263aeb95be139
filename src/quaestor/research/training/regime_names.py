"""Regime names: rules on the means of a state, and names that stay when the model is fitted again.

All thresholds are in spreads, the distance between the quartiles of a feature over the training rows, so that they mean
the same for any instrument and length of bar. The first rule that holds gives the name:

========== =========================================================================================
CRASH      volatility ≥ ¾ above its median, drawdown ≥ ¾ deeper than its median, trend ≤ −¼
RECOVERY   trend ≥ ½ while the drawdown is ≥ ½ deeper than its median
BULL_RUN   trend ≥ ½ with a drawdown no deeper than its median
TRENDING   trend ≥ ½ up or down
VOLATILE   volatility ≥ ¾ above its median
NORMAL     none of these
========== =========================================================================================

The trend is the signed efficiency ratio over its spread (0 is no trend, whatever its median was).

A model fitted again is matched with the one before, state by state, so that the Bhattacharyya distances between the
matched Gaussians are least in sum. A matched state keeps its name unless the rules contradict it strongly: its own rule
fails even with every threshold relaxed by `SLACK`, or an earlier one holds with every threshold raised by it.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError
from quaestor.ledger.codes import Regime
from quaestor.research.training.regime_model import Array, RegimeModel

#: Spreads by which the means of a state may move before its name is in question.
SLACK = 0.25


class Quality(Enum):
    """Figure that a state is named by; the value is how the name of its feature begins."""

    VOLATILITY = "natr_"
    TREND = "efficiency_ratio_"
    DRAWDOWN = "drawdown_"


@dataclass(frozen=True, slots=True)
class StateProfile:
    """Means of a state in spreads."""

    volatility: float  # above the median
    trend: float  # above 0
    depth: float  # of the drawdown, below its median


@dataclass(frozen=True, slots=True)
class Rule:
    """Name, and the least figures of a state for it; −inf: no bound."""

    name: Regime
    volatility: float = -np.inf
    rise: float = -np.inf
    fall: float = -np.inf
    trend: float = -np.inf  # either way
    depth: float = -np.inf
    height: float = -np.inf  # the opposite of depth

    def holds(self, state: StateProfile, raised: float = 0.0) -> bool:
        """Return whether a state meets every threshold, each raised by `raised`."""
        pairs = (
            (state.volatility, self.volatility),
            (state.trend, self.rise),
            (-state.trend, self.fall),
            (abs(state.trend), self.trend),
            (state.depth, self.depth),
            (-state.depth, self.height),
        )
        return all(value >= least + raised for value, least in pairs)


RULES = (
    Rule(Regime.CRASH, volatility=0.75, depth=0.75, fall=0.25),
    Rule(Regime.RECOVERY, rise=0.5, depth=0.5),
    Rule(Regime.BULL_RUN, rise=0.5, height=0.0),
    Rule(Regime.TRENDING, trend=0.5),
    Rule(Regime.VOLATILE, volatility=0.75),
    Rule(Regime.NORMAL),
)


def name_state(state: StateProfile) -> Regime:
    """Return the name by the rules alone.

    Example:
        >>> name_state(StateProfile(volatility=2.0, trend=-0.9, depth=1.5)).name
        'CRASH'
    """
    return next(rule.name for rule in RULES if rule.holds(state))


def keep_name(before: Regime, state: StateProfile) -> Regime:
    """Return the name that a state had, unless the rules contradict it strongly.

    Example:
        >>> keep_name(Regime.VOLATILE, StateProfile(volatility=0.6, trend=0.0, depth=0.0)).name
        'VOLATILE'
        >>> keep_name(Regime.VOLATILE, StateProfile(volatility=0.4, trend=0.0, depth=0.0)).name
        'NORMAL'
    """
    for rule in RULES:
        if rule.name == before:
            return before if rule.holds(state, -SLACK) else name_state(state)
        if rule.holds(state, SLACK):
            break
    return name_state(state)


def state_profiles(features: tuple[str, ...], center: Array, scale: Array, means: Array) -> list[StateProfile]:
    """Return the profiles of a model's states.

    Raises:
        ConfigError: a feature that the rules need is not among them.
    """
    rows = {quality: _row_of(quality, features) for quality in Quality}
    trend = rows[Quality.TREND]
    return [
        StateProfile(
            volatility=float(mean[rows[Quality.VOLATILITY]]),
            trend=float(mean[trend] + center[trend] / scale[trend]),
            depth=float(-mean[rows[Quality.DRAWDOWN]]),
        )
        for mean in means
    ]


def _row_of(quality: Quality, features: tuple[str, ...]) -> int:
    for row, name in enumerate(features):
        if name.startswith(quality.value) and (quality != Quality.TREND or name.endswith(".signed")):
            return row
    written = f"{quality.value}…{'.signed' if quality == Quality.TREND else ''}"
    raise ConfigError(
        f"no {written} among its features", place="regime model", remedy="states are named by it: add it to them"
    )


def match_states(before: RegimeModel, after: RegimeModel) -> dict[int, int]:
    """Return for states of the later model the states of the earlier one that they continue.

    Raises:
        ConfigError: models of other features.
    """
    if before.features != after.features:
        raise ConfigError(
            f"was fitted on {', '.join(before.features)}, not on {', '.join(after.features)}",
            place="regime model before",
            remedy="fit without it",
        )
    from scipy.optimize import linear_sum_assignment

    means = (after.natural_means - before.center) / before.scale
    batch = after.scale / before.scale
    covariances = after.covariances * np.outer(batch, batch)
    distances = np.array(
        [
            [
                bhattacharyya(mean, covariance, *earlier)
                for earlier in zip(before.means, before.covariances, strict=True)
            ]
            for mean, covariance in zip(means, covariances, strict=True)
        ]
    )
    rows, columns = linear_sum_assignment(distances)
    return dict(zip(rows.tolist(), columns.tolist(), strict=True))


def bhattacharyya(mean: Array, covariance: Array, other_mean: Array, other_covariance: NDArray[np.float64]) -> float:
    """Return the Bhattacharyya distance of two Gaussians, ≥ 0; unchanged when both are scaled and shifted alike.

    Source: Bhattacharyya (1943), On a Measure of Divergence between Two Statistical Populations.

    Example:
        >>> bhattacharyya(np.zeros(1), np.eye(1), np.array([2.0]), np.eye(1))
        0.5
    """
    between = (covariance + other_covariance) / 2.0
    distance = mean - other_mean
    logs = [np.linalg.slogdet(matrix)[1] for matrix in (between, covariance, other_covariance)]
    return float(distance @ np.linalg.solve(between, distance) / 8.0 + 0.5 * (logs[0] - 0.5 * (logs[1] + logs[2])))
