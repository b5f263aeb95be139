"""Who trains while a run goes on: everything from the bars known, into the model store."""

from collections.abc import Callable

from quaestor.domain.artefact import Artefact
from quaestor.domain.market import Bars
from quaestor.domain.training import ModelReady, TrainRequested
from quaestor.ports import ModelStore
from quaestor.research.training.settings import TrainingSettings
from quaestor.research.training.train import Training, train


def _silent(_: str) -> None:
    """Nobody watches."""


class ModelTrainer:
    """Trains at once, on one thread: the same request on the same bars gives the same artefact.

    Names of regimes are carried on from the model that it trained for the instrument before.
    """

    def __init__(
        self,
        store: ModelStore,
        settings: TrainingSettings,
        *,
        on_step: Callable[[str], None] = _silent,
        on_trained: Callable[[TrainRequested, Training], None] | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._on_step = on_step
        self._on_trained = on_trained
        self._before: dict[int, Artefact] = {}

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        """See `ports.Trainer`.

        Raises:
            DataError: too little history, or a feature that sees the future.
        """
        training = train(history, self._settings, before=self._before.get(request.instrument), on_step=self._on_step)
        if self._on_trained is not None:
            self._on_trained(request, training)
        artefact = training.artefact
        self._before[request.instrument] = artefact
        skill = training.pooled
        why = (
            f"{request.reason}: {len(history)} bars; out of fold {skill.accuracy:.1%} right against a base rate of "
            f"{skill.base_rate:.1%}, Brier score {skill.brier:.4f}"
        )
        sha256 = self._store.put(artefact)
        return ModelReady(
            request.number, request.instrument, sha256, artefact.manifest.trained_through, request.ts, why
        )
