"""Importance of features in the final models: mean absolute Shapley values, as shares of each model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.models.contract import Family
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.research.training.attribution import attribute
from quaestor.research.training.cross_validation import scaled_samples, scaler_of
from quaestor.research.training.dataset import make_dataset
from quaestor.research.training.models.contract import part
from quaestor.research.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Importance:
    """Share of one feature in all contributions of one model, over the latest samples of every instrument."""

    feature: str
    model: str
    share: float


def importance_of(
    trained: Sequence[tuple[Bars, Artefact]], settings: TrainingSettings, samples: int
) -> tuple[Importance, ...]:
    """Return the importance of features in the models that are linear or sums of trees; the others have no such
    figures.

    Args:
        trained: the bars that each artefact was trained on.
        settings: that it was trained with.
        samples: latest ones of each instrument that are explained; 0: none is.
    """
    shares: dict[str, list[NDArray[np.float64]]] = {}
    if samples == 0:
        return ()
    for bars, artefact in trained:
        dataset = make_dataset(bars, settings)
        x = scaled_samples(dataset, scaler_of(dataset, settings))
        mean = x.mean(axis=0, dtype=np.float64)
        parts = part(artefact.tables["models"], artefact.tables["nodes"])
        for name, exported in zip(artefact.manifest.models, parts, strict=True):
            if exported.model[0]["family"] not in (Family.LINEAR, Family.TREES):
                continue
            sizes = attribute(exported, x[-samples:], mean).importance
            if float(sizes.sum()) > 0.0:
                shares.setdefault(name, []).append(sizes / sizes.sum())
    return tuple(
        Importance(feature, model, float(np.mean([each[f] for each in found])))
        for model, found in shares.items()
        for f, feature in enumerate(settings.features)
    )
