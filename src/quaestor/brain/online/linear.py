"""Online linear models: two methods that learn outcome by outcome, in small batches, with memory of a fixed size.

Both take scaled rows and return the probability of *up*: the logistic function of offset + weights · x (for a
passive-aggressive model a margin mapped to [0, 1]; calibrated later like any other).

- `Method.GRADIENT`: logistic loss. Once a batch is full, one step along its mean gradient:
  w ← w · max(0, 1 − η·l2) + η/B · Σ c (y − p) x, with y in {0, 1} and p from the weights before the step.
- `Method.PASSIVE_AGGRESSIVE`: hinge loss, PA-I. Once a batch is full, row after row: with loss l = max(0, 1 − y·margin)
  and y in {−1, 1}, w ← w + y · min(C·c, l/‖x‖²) · x. It sets its own step; the learning rate does not touch it.

The offset moves like the weight of a feature that is always 1, without l2; as in scikit-learn it has no part in ‖x‖.

Learning rate: η = max(rate_min, rate / (1 + decay · age / 1000)), where `age` is the number of outcomes learned since
the start or since `raise_rate`, which follows a drift.

Class balance: an outcome weighs c = n / (2 n_c), at most `WEIGHT_MAX`, where n_c of the n outcomes so far were of its
class; so the rarer class counts as much as the other one.

Missing values: a row with a value that is NaN or infinite is not learned from, and its probability is NaN.

Source: Bottou (1998), Online Learning and Stochastic Approximations; Crammer et al. (2006), Online Passive-Aggressive
Algorithms; King and Zeng (2001), Logistic Regression in Rare Events Data.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table, record
from quaestor.numeric.elementary import is_missing, logistic

#: Outcomes a batch holds at most.
BATCH_MAX = 32

#: Largest weight that the balance of classes gives one outcome.
WEIGHT_MAX = 10.0


class Method(IntEnum):
    """Method by which weights are updated."""

    GRADIENT = 0
    PASSIVE_AGGRESSIVE = 1


#: Parameters of `learn`, made by `LearnerSettings.pack`.
LEARNER_PARAMS = record(
    [
        ("method", "i8"),  # Method
        ("batch", "i8"),
        ("balanced", "i8"),
        ("rate", "f8"),
        ("decay", "f8"),
        ("rate_min", "f8"),
        ("l2", "f8"),
        ("aggressiveness", "f8"),
    ]
)


def learner_dtype(features: int) -> np.dtype[np.void]:
    """Return the state of one learner; zero bytes are a fresh one, whose predictions are ½."""
    return record(
        [
            ("learned", "i8"),  # outcomes that have moved the weights
            ("age", "i8"),  # of them, since the learning rate was raised
            ("seen", "i8", (2,)),  # outcomes by class: down, up
            ("waiting", "i8"),  # outcomes in the batch
            ("offset", "f8"),
            ("weights", "f8", (features,)),
            ("side", "f8", (BATCH_MAX,)),  # of each in the batch, 1 or −1; during a step its factor in the update
            ("batch", "f8", (BATCH_MAX, features)),
        ]
    )


@dataclass(frozen=True, slots=True)
class LearnerSettings:
    """Settings of a learner.

    Raises:
        ConfigError: a number out of range.
    """

    method: Method = Method.GRADIENT
    batch: int = BATCH_MAX  # outcomes a step
    rate: float = 0.01  # learning rate at the start
    decay: float = 0.1  # by 1,000 outcomes, see the module
    rate_min: float = 1e-6
    l2: float = 1e-4  # penalty on the squared weights, halved
    aggressiveness: float = 0.01  # C: the longest step of PA-I
    balanced: bool = True

    def __post_init__(self) -> None:
        checks = {
            f"a batch of {self.batch}": 1 <= self.batch <= BATCH_MAX,
            f"a learning rate of {self.rate:g}": 0.0 < self.rate < np.inf,
            f"a decay of {self.decay:g}": 0.0 <= self.decay < np.inf,
            f"a least learning rate of {self.rate_min:g}": 0.0 <= self.rate_min <= self.rate,
            f"a penalty of {self.l2:g}": 0.0 <= self.l2 < np.inf,
            f"an aggressiveness of {self.aggressiveness:g}": 0.0 < self.aggressiveness < np.inf,
        }
        for what, is_sound in checks.items():
            if not is_sound:
                raise ConfigError(
                    what,
                    place="online learner",
                    remedy=f"batch 1 … {BATCH_MAX}, rate and aggressiveness above 0, 0 ≤ rate_min ≤ rate, "
                    "decay and l2 not negative",
                )

    def pack(self) -> Table:
        """Return one element of LEARNER_PARAMS."""
        table = np.zeros(1, LEARNER_PARAMS)
        for name in ("method", "batch", "balanced", "rate", "decay", "rate_min", "l2", "aggressiveness"):
            table[name] = getattr(self, name)
        return table


@kernel
def predict(learner: Row, x: NDArray[np.float64]) -> float:
    """Return the probability of up for a row of features, float64 (features,); NaN where one is missing."""
    return logistic(_margin(learner["weights"], learner["offset"], x))


@kernel
def predict_rows(learners: Table, rows: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write each learner's prediction for rows i … n−1, with the same bits as `predict` row by row.

    Args:
        learners: (l,), of `learner_dtype`.
        rows: float64 (features, N), a row a feature.
        out: float64 (l, N), written; see `predict`.
        i: first row.
        n: row after the last.
    """
    for k in range(i, n):
        for j in range(len(learners)):
            out[j, k] = predict(learners[j], rows[:, k])


@kernel
def learn(learner: Row, params: Row, x: NDArray[np.float64], up: bool) -> None:
    """Take the outcome of a row; update the weights once the batch is full.

    Args:
        learner: of `learner_dtype`.
        params: of LEARNER_PARAMS.
        x: float64 (features,), the row that was predicted.
        up: its outcome.
    """
    for f in range(len(x)):
        if is_missing(x[f]):
            return
    place = learner["waiting"]
    kept = learner["batch"][place]
    for f in range(len(kept)):
        kept[f] = x[f]
    learner["side"][place] = 1.0 if up else -1.0
    learner["seen"][1 if up else 0] += 1
    learner["waiting"] = place + 1
    if place + 1 < params["batch"]:
        return
    if params["method"] == Method.GRADIENT:
        _step_along_gradient(learner, params)
    else:
        _step_passively(learner, params)
    learner["learned"] += place + 1
    learner["age"] += place + 1
    learner["waiting"] = 0


@kernel
def raise_rate(learner: Row) -> None:
    """Set the learning rate back to its start."""
    learner["age"] = 0


@kernel
def learning_rate(learner: Row, params: Row) -> float:
    """Return the rate of the next step along a gradient."""
    return max(params["rate_min"], params["rate"] / (1.0 + params["decay"] * (learner["age"] / 1000.0)))


@kernel
def _margin(weights: NDArray[np.float64], offset: float, x: NDArray[np.float64]) -> float:
    total = offset
    for f in range(len(weights)):
        total += weights[f] * x[f]
    return total


@kernel
def _class_weight(learner: Row, params: Row, side: float) -> float:
    """Return the weight of an outcome of a class that has occurred at least once."""
    if params["balanced"] == 0:
        return 1.0
    seen = learner["seen"]
    return min(WEIGHT_MAX, (seen[0] + seen[1]) / (2.0 * seen[1 if side > 0.0 else 0]))


@kernel
def _step_along_gradient(learner: Row, params: Row) -> None:
    weights, batch, side = learner["weights"], learner["batch"], learner["side"]
    rate = learning_rate(learner, params)
    rows = params["batch"]
    for b in range(rows):
        label = 1.0 if side[b] > 0.0 else 0.0
        residual = label - logistic(_margin(weights, learner["offset"], batch[b]))
        side[b] = rate / rows * _class_weight(learner, params, side[b]) * residual
    shrink = max(0.0, 1.0 - rate * params["l2"])
    for f in range(len(weights)):
        pull = 0.0
        for b in range(rows):
            pull += side[b] * batch[b, f]
        weights[f] = weights[f] * shrink + pull
    pull = 0.0
    for b in range(rows):
        pull += side[b]
    learner["offset"] += pull


@kernel
def _step_passively(learner: Row, params: Row) -> None:
    weights, batch, side = learner["weights"], learner["batch"], learner["side"]
    for b in range(params["batch"]):
        x = batch[b]
        size = 0.0
        for f in range(len(x)):
            size += x[f] * x[f]
        loss = 1.0 - side[b] * _margin(weights, learner["offset"], x)
        if not (loss > 0.0 and size > 0.0):
            continue
        step = side[b] * min(params["aggressiveness"] * _class_weight(learner, params, side[b]), loss / size)
        for f in range(len(weights)):
            weights[f] += step * x[f]
        learner["offset"] += step
