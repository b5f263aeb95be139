"""Model ports: storage of trained models, and their training."""

from typing import Protocol

from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, TrainRequested


class ModelStore(Protocol):
    """Content-addressed storage of artefacts, which never change."""

    def put(self, artefact: Artefact) -> str:
        """Store an artefact and return its SHA-256; storing the same one again gives the same entry."""
        ...

    def get(self, sha256: str) -> Artefact:
        """Return the artefact, verified against its digest."""
        ...


class Trainer(Protocol):
    """Source of trained models; it may run long and import anything, since decisions never wait for it."""

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        """Train on `history`, which ends with the last bar known at the request, store the model, return the reply."""
        ...
