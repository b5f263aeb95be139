"""Fixed models: a trainer that trains nothing, for models that were trained before a run."""

from collections.abc import Sequence

from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, TrainRequested


class FixedModels:
    """Trainer that trains nothing and returns models that were trained before."""

    def __init__(self, models: Sequence[str], trained_through: Sequence[int]) -> None:
        """Take the SHA-256 of each instrument's artefact, and the open time of the last bar that it was trained on."""
        self._models = models
        self._through = trained_through

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:  # noqa: ARG002
        """Return the instrument's model; see `ports.models.Trainer`."""
        k = request.instrument
        why = "trained before the run; it stays as it is"
        return ModelReady(request.number, k, self._models[k], self._through[k], request.ts, why)
