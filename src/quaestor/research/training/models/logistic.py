"""Logistic regression by scikit-learn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.domain.parameter import Real
from quaestor.research.training.models.contract import Exported, Learner, Rows, Sample

_ITERATIONS_MAX = 200
_TOLERANCE = 1e-8  # of the gradient: what is left depends on the start no more


@dataclass(frozen=True, slots=True, eq=False)
class FittedLogistic:
    """Fitted LogisticRegression."""

    model: Any

    def probability(self, x: Rows) -> NDArray[np.float64]:
        """See `contract.Fitted`."""
        # a library that is given float32 would add in float32
        return np.ascontiguousarray(self.model.predict_proba(x.astype(np.float64))[:, 1])

    def export(self) -> Exported:
        """See `contract.Fitted`."""
        weights = self.model.coef_[0]
        model = np.zeros(1, model_dtype(len(weights)))
        model["family"], model["link"], model["factor"] = Family.LINEAR, Link.LOGISTIC, 1.0
        model["offset"], model["weights"] = self.model.intercept_[0], weights
        return Exported(model, np.empty(0, NODE))


def _train(sample: Sample, seed: int, penalty: float) -> FittedLogistic:  # noqa: ARG001 - nothing here is random
    place = "learner logistic"
    library = load_extra("sklearn.linear_model", place=place)
    threads = load_extra("threadpoolctl", place=place)
    model = library.LogisticRegression(
        C=1.0 / (penalty * len(sample.x)), solver="newton-cholesky", max_iter=_ITERATIONS_MAX, tol=_TOLERANCE
    )
    with threads.threadpool_limits(limits=1):
        model.fit(sample.x.astype(np.float64), sample.up, sample_weight=sample.weights)
    return FittedLogistic(model)


LOGISTIC = Learner(
    name="logistic",
    doc="Log-odds linear in the features, fitted with a squared penalty on the weights.",
    source="Cox (1958), The Regression Analysis of Binary Sequences; fitted by scikit-learn, Newton's method",
    parameters=(Real("penalty", 0.3, 1e-6, 100.0, "of half the squared weights, beside the mean log-loss"),),
    train=_train,
)
