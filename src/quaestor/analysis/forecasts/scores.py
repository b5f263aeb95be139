"""Classification scores: accuracy, precision, recall and F1 of forecasts, and their weighted sum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import DataError

#: Rows that a model is scored on while it is in use: the last so many.
SCORE_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores in [0, 1]; precision, recall and F1 are of the outcome *up*, and 0 where it was never forecast or never
    came."""

    accuracy: float
    precision: float
    recall: float
    f1: float

    @property
    def weighted(self) -> float:
        """Return 0.3 accuracy + 0.3 precision + 0.2 recall + 0.2 F1: shown, decides nothing.

        Example:
            >>> round(Scores(0.5, 0.6, 0.7, 0.8).weighted, 2)
            0.63
        """
        return 0.3 * self.accuracy + 0.3 * self.precision + 0.2 * self.recall + 0.2 * self.f1


def score(forecast: NDArray[np.bool_], outcome: NDArray[np.bool_]) -> Scores:
    """Return the scores of forecasts, bool (n,), against outcomes, bool (n,).

    Raises:
        DataError: no row, or different numbers of them.

    Example:
        >>> score(np.array([True, True, False, False]), np.array([True, False, True, False]))
        Scores(accuracy=0.5, precision=0.5, recall=0.5, f1=0.5)
    """
    if len(forecast) != len(outcome) or not len(forecast):
        raise DataError(f"{len(forecast)} forecasts of {len(outcome)} outcomes", place="scores")
    right = int(np.sum(forecast & outcome))
    ups_forecast, ups = int(np.sum(forecast)), int(np.sum(outcome))
    return Scores(
        accuracy=float(np.mean(forecast == outcome)),
        precision=right / ups_forecast if ups_forecast else 0.0,
        recall=right / ups if ups else 0.0,
        f1=2 * right / (ups_forecast + ups) if ups_forecast + ups else 0.0,
    )
