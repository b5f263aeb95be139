"""Learner contract: from samples and a seed to a fitted model, and from that to the tables of `brain.models`.

Its training is a function ``train(sample, seed, *values)`` with the values of its parameters in declared order. It
uses one thread, takes every random choice from the seed, and so gives the same model to the last bit in any process of
the same environment. Libraries are imported when it runs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.models.contract import NODE, Family
from quaestor.domain.parameter import Parameter, Value
from quaestor.errors import DataError
from quaestor.jit.tables import Table

#: Samples as models take them: float32 (s, F), C order, finite.
Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Samples of a training.

    Attributes:
        x: the features, scaled.
        up: bool (s,), whether the outcome was *up*.
        weights: float64 (s,), mean 1, as much for *up* as for the rest.
    """

    x: Rows
    up: NDArray[np.bool_]
    weights: NDArray[np.float64]

    def samples_of(self, share: float, least: int = 5) -> int:
        """Return a share of all samples as a number of them, `least` or more."""
        return max(least, round(share * len(self.x)))


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """Model as the decision path loads it.

    Attributes:
        model: (1,) of `brain.models.contract.model_dtype`; `first` is 0.
        nodes: (k,) of `brain.models.contract.NODE`, indices counted from its own first node; none for a linear model.
    """

    model: Table
    nodes: Table


class Fitted(Protocol):
    """Model of a library, after training."""

    def probability(self, x: Rows) -> NDArray[np.float64]:
        """Return the library's own probability of *up*, float64 (s,), in one thread."""
        ...

    def export(self) -> Exported:
        """Return the same model as tables."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """Declaration of a learner."""

    name: str
    doc: str
    source: str
    parameters: tuple[Parameter, ...]
    train: Callable[..., Fitted]


@dataclass(frozen=True, slots=True)
class LearnerInstance:
    """Learner with values for its parameters."""

    learner: Learner
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        """Return the learner's name."""
        return self.learner.name

    @property
    def settings(self) -> Mapping[str, str]:
        """Return every parameter as text, as a manifest holds it."""
        return {p.name: p.format(v) for p, v in zip(self.learner.parameters, self.values, strict=True)}

    def fit(self, x: Rows, up: NDArray[np.bool_], weights: NDArray[np.float64], seed: int) -> Fitted:
        """Train on samples.

        Args:
            x: float32 (s, F), scaled, finite.
            up: bool (s,), both values among them.
            weights: float64 (s,), not negative; *up* and the rest come to weigh the same.
            seed: not negative, below 2³¹.

        Raises:
            DataError: samples that cannot be learned from.
            ConfigError: the library is not installed.
        """
        return self.learner.train(balanced_sample(x, up, weights, place=f"learner {self.name}"), seed, *self.values)


def balanced_sample(x: Rows, up: NDArray[np.bool_], weights: NDArray[np.float64], *, place: str = "training") -> Sample:
    """Return the samples with weights of mean 1 that weigh both outcomes the same.

    Raises:
        DataError: a feature that is not finite, a negative weight, or no sample of weight of one outcome.

    Example:
        >>> x = np.zeros((3, 1), np.float32)
        >>> balanced_sample(x, np.array([True, False, False]), np.array([1.0, 1.0, 3.0])).weights.tolist()
        [1.5, 0.375, 1.125]
    """
    if not (x.ndim == 2 and len(x) == len(up) == len(weights)):
        raise DataError(f"features {x.shape}, {len(up)} outcomes and {len(weights)} weights", place=place)
    if not (np.isfinite(x).all() and np.isfinite(weights).all() and (weights >= 0.0).all()):
        raise DataError("a feature or weight that is not finite, or a negative weight", place=place)
    sums = float(weights[up].sum()), float(weights[~up].sum())
    if not min(sums) > 0.0:
        raise DataError("every outcome is the same", place=place, remedy="give data that moves both ways")
    balanced = weights * np.where(up, 0.5 * len(x) / sums[0], 0.5 * len(x) / sums[1])
    return Sample(np.ascontiguousarray(x, dtype=np.float32), up, balanced)


def join(exported: Sequence[Exported]) -> tuple[Table, Table]:
    """Return several models of the same features as one table of models, in order, and one of nodes."""
    models = np.concatenate([each.model for each in exported])
    nodes = np.concatenate([np.empty(0, NODE), *(each.nodes for each in exported)])
    start = 0
    for model, each in zip(models, exported, strict=True):
        end = start + len(each.nodes)
        if model["family"] == Family.TREES:
            model["first"] += start
            nodes["child"][start:end] += start
        start = end
    return models, nodes


def part(models: Table, nodes: Table) -> list[Exported]:
    """Return the models that were joined, each by itself again: `join` of them gives the same tables."""
    trees = models["family"] == Family.TREES
    starts = [*models["first"][trees].tolist(), len(nodes)]
    found, tree = [], 0
    for k in range(len(models)):
        model, own = models[k : k + 1].copy(), np.empty(0, NODE)
        if trees[k]:
            own = nodes[starts[tree] : starts[tree + 1]].copy()
            own["child"] -= starts[tree]
            model["first"] = 0
            tree += 1
        found.append(Exported(model, own))
    return found
