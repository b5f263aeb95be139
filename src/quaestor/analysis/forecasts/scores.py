"""How often a model was right, in the four figures that are weighed into one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import DataError

#: Rows that a model is scored on while it is in use: the last so many.
SCORE_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares in [0, 1]; precision, recall and F1 are of the outcome *up*, and 0 where nothing was told or happened."""

    accuracy: float
    precision: float
    recall: float
    f1: float

    @property
    def weighted(self) -> float:
        """0.3 accuracy + 0.3 precision + 0.2 recall + 0.2 F1: shown, but money decides.

        Example:
            >>> round(Scores(0.5, 0.6, 0.7, 0.8).weighted, 2)
            0.63
        """
        return 0.3 * self.accuracy + 0.3 * self.precision + 0.2 * self.recall + 0.2 * self.f1


def score(told: NDArray[np.bool_], happened: NDArray[np.bool_]) -> Scores:
    """Scores of forecasts, bool (n,), against outcomes.

    Raises:
        DataError: no row, or different numbers of them.

    Example:
        >>> score(np.array([True, True, False, False]), np.array([True, False, True, False]))
        Scores(accuracy=0.5, precision=0.5, recall=0.5, f1=0.5)
    """
    if len(told) != len(happened) or not len(told):
        raise DataError(f"{len(told)} forecasts of {len(happened)} outcomes", place="scores")
    right = int(np.sum(told & happened))
    ups_told, ups = int(np.sum(told)), int(np.sum(happened))
    return Scores(
        accuracy=float(np.mean(told == happened)),
        precision=right / ups_told if ups_told else 0.0,
        recall=right / ups if ups else 0.0,
        f1=2 * right / (ups_told + ups) if ups_told + ups else 0.0,
    )
