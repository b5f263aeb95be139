"""Model note: a request for training or a model that came into use, with the bar during which it happened."""

from dataclasses import dataclass

from quaestor.domain.training import ModelReady, TrainRequested


@dataclass(frozen=True, slots=True)
class ModelNote:
    """One change in the models of a run, for the model log. `ts`: close of the bar during which it happened."""

    ts: int
    event: TrainRequested | ModelReady
