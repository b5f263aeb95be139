"""Votes of a trained model's models, and the contribution of each feature to them.

A model's probability is its sum, through its link, through the curve that calibrates it. TreeSHAP explains the sum;
what a feature adds to it is carried on through link and curve by the rescale rule: in proportion to its part of the way
from the model's base to its probability. So base and contributions add up to the probability, of each model and,
weighed, of the pool.

Weights of models that learn while they trade are not journaled, and rules have none: the whole vote counts for the
model, measured from ½.

Source: Chen, Lundberg and Lee (2022), Explaining a series of models by propagating Shapley values, Nature
Communications 13, 4512.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.ensemble.curve import curve_at
from quaestor.brain.models.contract import Family, Link
from quaestor.domain.artefact import Artefact
from quaestor.jit.tables import Table
from quaestor.numeric.elementary import exponential
from quaestor.research.training.attribution import attribute
from quaestor.research.training.models.contract import Exported

_TRAINED = (Family.LINEAR, Family.TREES)


@dataclass(frozen=True, slots=True)
class Vote:
    """Vote of one model.

    Attributes:
        model: its name.
        kind: ``linear``, ``trees``, ``online`` or ``rule``.
        probability: of *up*, calibrated; None without an opinion.
        weight: among the models, in [0, 1].
        side: ``long``, ``short`` or, without an opinion or at ½, empty.
        base: its probability where no feature is known; None where contributions are not known.
        contributions: of each feature to the probability, by name: with `base` they add up to it.
    """

    model: str
    kind: str
    probability: float | None
    weight: float
    side: str
    base: float | None
    contributions: dict[str, float]


@dataclass(frozen=True, slots=True)
class Part:
    """Contribution of one feature (or, of models that cannot be taken apart, one model) to the pooled probability."""

    name: str
    value: float | None  # of the feature, in its own unit
    scaled: float | None  # input of the models
    contribution: float


def votes_of(artefact: Artefact, journaled: Mapping[str, float], *, explained: bool) -> list[Vote]:
    """Return every model's vote, in the order of the artefact.

    Args:
        artefact: that decided.
        journaled: the opinion, by name.
        explained: whether to compute contributions.

    Raises:
        ConfigError: `explained`, and the library `shap` is not installed.
    """
    x = np.array([[journaled[f"scaled.{name}"] for name in artefact.manifest.features]], np.float32)
    return [
        _vote(
            artefact, j, name, journaled[f"{name}.probability"], journaled[f"{name}.weight"], x if explained else None
        )
        for j, name in enumerate(artefact.manifest.models)
    ]


def _vote(
    artefact: Artefact, j: int, name: str, probability: float, weight: float, x: NDArray[np.float32] | None
) -> Vote:
    family = Family(int(artefact.tables["models"][j]["family"]))
    kind = family.name.lower()
    if probability != probability:
        return Vote(name, kind, None, weight, "", None, {})
    side = "long" if probability > 0.5 else "short" if probability < 0.5 else ""
    if x is None or family not in _TRAINED:
        return Vote(name, kind, probability, weight, side, None, {})
    base, shares = shares_of(artefact, j, x, np.array([probability]))
    named = zip(artefact.manifest.features, shares[0].tolist(), strict=True)
    return Vote(name, kind, probability, weight, side, base, dict(named))


def shares_of(
    artefact: Artefact, j: int, x: NDArray[np.float32], probabilities: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the base of trained model j, and the contribution of each feature to its probability: float64 (s, F).

    Args:
        artefact: that holds the model.
        j: its row among the models.
        x: float32 (s, F), scaled inputs.
        probabilities: float64 (s,), calibrated predictions of them.

    Raises:
        ConfigError: the library `shap` is not installed.
    """
    models: Table = artefact.tables["models"]
    exported = Exported(models[j : j + 1], artefact.tables["nodes"])
    found = attribute(exported, x, np.zeros(x.shape[1]))  # scaled features are measured from their training mean
    curve = artefact.tables["learned"][0]["curves"][j]
    base = curve_at(curve, _linked(found.base, found.link))[0]
    way = found.sums - found.base
    slope = np.where(way != 0.0, (probabilities - base) / np.where(way != 0.0, way, 1.0), 0.0)
    return base, slope[:, None] * found.contributions


def _linked(total: float, link: Link) -> float:
    return 1.0 / (1.0 + exponential(-total)) if link == Link.LOGISTIC else total


def pooled_parts(
    votes: list[Vote], values: Mapping[str, float], journaled: Mapping[str, float]
) -> tuple[float, list[Part]]:
    """Return the base of the pool and the contributions that lead from it to the pooled probability, the largest
    first.

    Args:
        votes: with contributions.
        values: features in their own units, by name.
        journaled: the opinion, by name.
    """
    base = 0.0
    shares: dict[str, float] = {}
    whole: dict[str, float] = {}
    for vote in votes:
        if vote.probability is None:
            continue
        base += vote.weight * (0.5 if vote.base is None else vote.base)
        if vote.base is None:
            whole[vote.model] = vote.weight * (vote.probability - 0.5)
        for name, contribution in vote.contributions.items():
            shares[name] = shares.get(name, 0.0) + vote.weight * contribution
    parts = [Part(name, values.get(name), journaled[f"scaled.{name}"], share) for name, share in shares.items()]
    parts += [Part(name, None, None, share) for name, share in whole.items()]
    return base, sorted(parts, key=lambda part: -abs(part.contribution))
