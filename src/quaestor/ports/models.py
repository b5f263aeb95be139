"""Model ports: where trained models are kept, and who trains them."""

from typing import Protocol

from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, TrainRequested


class ModelStore(Protocol):
    """Artefacts by what they hold. What was put once never changes."""

    def put(self, artefact: Artefact) -> str:
        """Keep it; returns its SHA-256. The same artefact again is the same entry."""
        ...

    def get(self, sha256: str) -> Artefact:
        """The artefact, checked against its digest."""
        ...


class Trainer(Protocol):
    """Makes models. It may take long, and anything it imports; decisions never wait for it."""

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        """A model of `history`, which ends with the last bar known at the request, put into the model store."""
        ...
