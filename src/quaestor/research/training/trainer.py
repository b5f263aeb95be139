"""Model trainer: trains a run's models while it goes on, from the bars known, into the model store.

The first model is always taken into use. One trained later is a challenger: it is trained without the last bars,
both it and the model in use trade those (`validation`), and the money earned decides (`promotion`). A challenger that
wins is trained once more on everything known and promoted; one that does not is dropped, and the reply names the model
in use.
"""

from collections.abc import Callable, Sequence

from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, Reason, TrainRequested
from quaestor.domain.wording import counted
from quaestor.errors import DataError
from quaestor.ports.models import ModelStore
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.research.training.promotion import PromotionDecision, evaluate_challenger
from quaestor.research.training.settings import TrainingSettings, settings_from_json
from quaestor.research.training.train import Training, train
from quaestor.research.training.validation import bars_trained_on, out_of_sample
from quaestor.runtime.assembly.assemble import Assembly

#: At most one bar in so many is held out to evaluate a challenger.
_PART = 5
#: Fewest bars that a challenger is evaluated on.
_EVALUATED_MIN = 10


class ModelTrainer:
    """Trainer that works at once, on one thread: the same request on the same bars returns the same model.

    It holds no state from one request to the next, so a run that is resumed goes on as if it had never stopped.
    Names of regimes are continued from the model in use.
    """

    def __init__(
        self,
        store: ModelStore,
        settings: TrainingSettings,
        *,
        trading: Sequence[TradingSettings] = (),
        validation_bars: int = 0,
        progress: Progress = NO_PROGRESS,
        on_trained: Callable[[TrainRequested, Training], None] | None = None,
    ) -> None:
        """Take `trading`: of each instrument, for challengers; `validation_bars`: that they are evaluated on, 0: the
        newest model is always promoted; `on_trained`: called with each training that is handed over."""
        self._store = store
        self._settings = settings
        self._trading = tuple(trading)
        self._validation_bars = validation_bars
        self._progress = progress
        self._on_trained = on_trained

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        """Return the model that a request is answered with; see `ports.models.Trainer`.

        Raises:
            DataError: too little history for a model that is always taken, or a feature that leaks the future.
        """
        in_use = self._store.get(request.champion)
        champion = in_use if in_use.manifest.trials > 0 else None  # a blank one is none
        if request.reason is Reason.START or self._validation_bars == 0:
            return self._hand_over(request, history, champion, f"{request.reason}: ")
        promoted, why = self._challenge(request, history, champion)
        if promoted:
            return self._hand_over(request, history, champion, f"{request.reason}: promoted: {why}; ")
        through = 0 if champion is None else champion.manifest.trained_through
        reason = f"{request.reason}: kept: {why}"
        return ModelReady(request.number, request.instrument, request.champion, through, request.ts, reason)

    def _hand_over(self, request: TrainRequested, history: Bars, before: Artefact | None, why: str) -> ModelReady:
        """Train a model on everything known, store it, and return its reply."""
        training = train(history, self._settings, before=before, trials=request.trials, progress=self._progress)
        if self._on_trained is not None:
            self._on_trained(request, training)
        artefact, skill = training.artefact, training.pooled
        why += (
            f"{len(history)} bars; out of fold {skill.accuracy:.1%} right against a base rate of "
            f"{skill.base_rate:.1%}, Brier score {skill.brier:.4f}"
        )
        sha256 = self._store.put(artefact)
        return ModelReady(
            request.number, request.instrument, sha256, artefact.manifest.trained_through, request.ts, why
        )

    def _challenge(self, request: TrainRequested, history: Bars, champion: Artefact | None) -> tuple[bool, str]:
        """Return whether a challenger that was not trained on the last bars beats the champion on them, and why."""
        seen = 0 if champion is None else bars_trained_on(champion, history)
        held_out = min(self._validation_bars, len(history) // _PART, len(history) - seen)
        if held_out < _EVALUATED_MIN:
            return False, f"{held_out} bars are too few to evaluate a challenger on"
        first = len(history) - held_out
        self._progress.describe("training a challenger")
        try:
            known = history.part(0, max(0, first - self._settings.embargo))
            challenger = train(
                known, self._settings, before=champion, trials=request.trials, progress=self._progress
            ).artefact
        except DataError as error:  # the run goes on with what it has
            return False, f"no challenger could be trained: {error}"
        self._progress.describe("evaluating the challenger")
        trading = self._trading[request.instrument]
        decision = evaluate_challenger(
            out_of_sample(challenger, history, first, trading, request.trials),
            None if champion is None else out_of_sample(champion, history, first, trading, request.trials),
        )
        return decision.promote, _reason(decision)


def _reason(decision: PromotionDecision) -> str:
    """Return the verdict and the figures behind it."""
    scores = [f"{score:.3f}" for score in (decision.score, decision.champion_score) if score is not None]
    text = (
        f"{decision.reason}; {decision.bars} bars: {decision.net_return:+.2%} in {counted(decision.trades, 'trade')} "
        f"against {decision.champion_return:+.2%}"
    )
    return f"{text}, score {' against '.join(scores)}" if scores else text


def with_trainer(assembly: Assembly, progress: Progress = NO_PROGRESS) -> Assembly:
    """Return the same run with a trainer, where models are to be trained while it goes on."""
    deployment = assembly.deployment
    if deployment is None or deployment.schedule.first is None:
        return assembly
    chosen = assembly.config.models
    settings = settings_from_json(chosen.training or deployment.models[0].artefact.manifest.settings)
    trainer = ModelTrainer(
        deployment.store,
        settings,
        trading=deployment.trading,
        validation_bars=chosen.validation_bars,
        progress=progress,
    )
    return assembly.trained_by(trainer)
