"""Promotion rule: whether a challenger replaces the champion, by money earned out of sample after costs.

All of it must hold:

1. it made enough trades;
2. the Sharpe ratio is better than what the best of so many trials without skill would show (deflated Sharpe ratio);
3. on the same bars it earned more than the champion, by more than the standard error of the difference.

Without a champion it is measured against holding nothing.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.model_stores.stages import Judgement
from quaestor.analysis.block_bootstrap import block_length, sum_error
from quaestor.analysis.forecasts.scores import Scores
from quaestor.analysis.sharpe import deflated_sharpe, measure_sharpe, minimum_track_record, probabilistic_sharpe
from quaestor.domain.wording import counted
from quaestor.errors import DataError


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """Thresholds of a promotion.

    Attributes:
        probability_min: of a true Sharpe ratio above what the trials explain.
        advantage_errors_min: standard errors by which it must earn more than the champion.
        trades_min: closed trades out of sample.
        block_bars: length of the bootstrap's blocks; 0 for the cube root of the bars.
    """

    probability_min: float = 0.95
    advantage_errors_min: float = 1.0
    trades_min: int = 30
    block_bars: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class OutOfSample:
    """Performance of a model on bars that it was not trained on.

    Attributes:
        returns: float64 (n,): of equity, a bar, net of all costs, simple.
        trades: closed ones.
        trials: configurations that were tried before this one was chosen, itself included.
        sharpe_variance: of the Sharpe ratios of these trials, per bar; None where it is not known.
        scores: of its forecasts, if it makes any.
    """

    returns: NDArray[np.float64]
    trades: int
    trials: int
    sharpe_variance: float | None = None
    scores: Scores | None = None


@dataclass(frozen=True, slots=True)
class PromotionDecision:
    """Decision and every figure behind it. Returns are compounded fractions, ratios per bar.

    Attributes:
        advantage: log growth of the challenger less that of the champion.
        advantage_error: its standard error, by a paired block bootstrap.
        probability: of a Sharpe ratio above 0, were there one trial.
        deflated_probability: with the trials accounted for.
        track_record_min: bars that such a ratio above 0 needs to be 95 % sure; None where it is none.
        score: weighted score of the forecasts: shown, decides nothing.
    """

    promote: bool
    reason: str
    bars: int
    trades: int
    trials: int
    net_return: float
    champion_return: float
    advantage: float
    advantage_error: float
    sharpe: float
    champion_sharpe: float | None
    probability: float
    deflated_probability: float
    track_record_min: float | None
    score: float | None
    champion_score: float | None

    def judgement(self, against: str = "") -> Judgement:
        """Return the decision as the registry holds it.

        Args:
            against: SHA-256 of the champion that it was measured against; empty when there was none.
        """
        numbers = {name: getattr(self, name) for name in self.__slots__ if name not in ("promote", "reason")}
        figures = {name: float(value) for name, value in numbers.items() if value is not None}
        return Judgement(self.promote, self.reason, figures, against)


def evaluate_challenger(
    challenger: OutOfSample, champion: OutOfSample | None = None, rule: PromotionRule | None = None
) -> PromotionDecision:
    """Apply the rule; see the module.

    Args:
        challenger: performance of the new model.
        champion: performance of the model in use on the same bars; None when none is in use.
        rule: the default one if None.

    Raises:
        DataError: returns of different bars, fewer than 4 of them, or one that is no number above −1.
    """
    chosen = rule if rule is not None else PromotionRule()
    mine = challenger.returns
    theirs = champion.returns if champion is not None else np.zeros(len(mine))
    _check(mine, theirs)
    growth, other_growth = np.log1p(mine), np.log1p(theirs)
    lead = growth - other_growth
    advantage, error = float(np.sum(lead)), sum_error(lead, chosen.block_bars or block_length(len(lead)))
    has_traded = float(np.ptp(mine)) > 0.0
    sharpe = measure_sharpe(mine) if has_traded else None
    deflated = deflated_sharpe(sharpe, challenger.trials, challenger.sharpe_variance) if sharpe else 0.0
    promote, reason = _verdict(challenger, chosen, deflated, advantage, error, champion is None)
    return PromotionDecision(
        promote=promote,
        reason=reason,
        bars=len(mine),
        trades=challenger.trades,
        trials=challenger.trials,
        net_return=math.expm1(float(np.sum(growth))),
        champion_return=math.expm1(float(np.sum(other_growth))),
        advantage=advantage,
        advantage_error=error,
        sharpe=sharpe.ratio if sharpe else 0.0,
        champion_sharpe=measure_sharpe(theirs).ratio if float(np.ptp(theirs)) > 0.0 else None,
        probability=probabilistic_sharpe(sharpe) if sharpe else 0.0,
        deflated_probability=deflated,
        track_record_min=minimum_track_record(sharpe) if sharpe else None,
        score=challenger.scores.weighted if challenger.scores else None,
        champion_score=champion.scores.weighted if champion is not None and champion.scores else None,
    )


def _verdict(
    challenger: OutOfSample, rule: PromotionRule, deflated: float, advantage: float, error: float, is_first: bool
) -> tuple[bool, str]:
    other = "holding nothing" if is_first else "the champion"
    if challenger.trades < rule.trades_min:
        return False, f"trades out of sample: {challenger.trades}, and {rule.trades_min} are needed"
    if not deflated >= rule.probability_min:
        return False, (
            f"with {counted(challenger.trials, 'trial')} accounted for, its Sharpe ratio is real with a probability of "
            f"{deflated:.3f}, below {rule.probability_min:g}"
        )
    needed = rule.advantage_errors_min * error
    if not advantage > needed:
        return False, f"it grew by {advantage:+.4f} against {other}, not more than {needed:.4f}, the error of that"
    return True, (
        f"it grew by {advantage:+.4f} ± {error:.4f} against {other}, with a deflated Sharpe probability of "
        f"{deflated:.3f} over {counted(challenger.trades, 'trade')}"
    )


def _check(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> None:
    if len(mine) != len(theirs) or len(mine) < 4:
        raise DataError(
            f"{len(mine)} bars of the challenger and {len(theirs)} of the champion",
            place="promotion",
            remedy="measure both on the same 4 bars or more",
        )
    for returns in (mine, theirs):
        if not (np.isfinite(returns) & (returns > -1.0)).all():
            raise DataError("a return is no number above -1", place="promotion", remedy="check the equity")
