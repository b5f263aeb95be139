"""The model manager of one instrument's models: asks for training, and exchanges the model while the run goes on.

A request is made when a number of bars is known, by schedule or because the drift response asks; the answer takes
effect some bars later, the time that training is given. Both are told to whoever journals them. Rows are produced as if
one at a time: where a chunk holds a request, it is gone back to and produced again with what the request changes.
"""

import numpy as np

from quaestor.brain.online.drift_response import Request
from quaestor.brain.trained.model import adopt, make_trained_model, resume_after_stop
from quaestor.brain.trained.outputs import Output
from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, Reason, TrainRequested
from quaestor.engine.signal_pipeline import SignalPipeline
from quaestor.errors import ModelError
from quaestor.ledger.codes import Command
from quaestor.ports.models import Trainer
from quaestor.runtime.models.deployment import ModelDeployment
from quaestor.runtime.models.schedule import Note, Tell


class ModelManager:
    """Produces the rows of one signal pipeline, and keeps its models."""

    def __init__(
        self,
        pipeline: SignalPipeline,
        instrument: int,
        bars: Bars,
        deployment: ModelDeployment,
        trainer: Trainer,
        tell: Tell,
        *,
        seed: int,
    ) -> None:
        """`instrument`: its number on the account, by which the deployment knows it."""
        model = deployment.models[instrument]
        self.pipeline = pipeline
        self._instrument = instrument
        self._bars = bars
        self._trading = deployment.trading[instrument]
        self._schedule = deployment.schedule
        self._store = deployment.store
        self._trainer = trainer
        self._tell = tell
        self._history = [model.sha256]  # artefacts in the order in which they came into use
        self._trials = model.artefact.manifest.trials
        self._seed = seed
        self._number = 0
        self._asked: int | None = deployment.schedule.after(0)  # bars known at the next scheduled request
        self._coming: tuple[int, ModelReady] | None = None  # the answer, and the bar from which it holds

    @property
    def in_use(self) -> str:
        """SHA-256 of the artefact in use."""
        return self._history[-1]

    def obey(self, commands: tuple[Command, ...]) -> None:
        """A reset lets a signal model trade again that drift had stopped."""
        if Command.RESET in commands:
            resume_after_stop(self.pipeline.signal_model, self.pipeline.model_state)

    def advance(self, i: int, n: int) -> None:
        """Produce rows i … n−1 of the pipeline's window."""
        while i < n:
            i = self._to_next(i, n)

    def _to_next(self, i: int, n: int) -> int:
        """Produce rows from i on, up to the next exchange or request; returns the row after the last."""
        start = self.pipeline.start
        if self._asked is not None and self._asked <= start + i:
            reason = Reason.START if self._asked == self._schedule.first else Reason.SCHEDULE
            self._ask(reason, start + i, start + i)
        if self._coming is not None and self._coming[0] <= start + i:
            self._exchange(self._coming[1], start + i)
            self._coming = None
        stops = [n]
        if self._asked is not None:
            stops.append(self._asked - start)
        if self._coming is not None:
            stops.append(self._coming[0] - start)
        return self._produce(i, min(stops))

    def _produce(self, i: int, n: int) -> int:
        """Produce rows i … n−1, or fewer: up to and with the first that asks for a model."""
        before = self.pipeline.state.copy() if n - i > 1 else None
        self.pipeline.advance(i, n)
        asked = np.flatnonzero(self._wanted(i, n)) if self._coming is None else np.empty(0, np.int64)
        if not len(asked):
            return n
        reached = i + int(asked[0]) + 1
        request = int(self.pipeline.opinion[Output.REQUEST, reached - 1])
        if reached < n and before is not None:
            self.pipeline.rewind(before)
            self.pipeline.advance(i, reached)
        bar = self.pipeline.start + reached
        if request == Request.ROLL_BACK:
            self._roll_back(bar)
        else:
            self._ask(Reason.DRIFT, bar, bar - 1)
        return reached

    def _wanted(self, i: int, n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which rows ask for something that can be given."""
        requests = self.pipeline.opinion[Output.REQUEST, i:n]
        can_train = self._schedule.first is not None
        can_go_back = len(self._history) > 1
        wanted: np.ndarray[tuple[int], np.dtype[np.bool_]] = (can_train & (requests == Request.RETRAIN)) | (
            can_go_back & (requests == Request.ROLL_BACK)
        )
        return wanted

    def _ask(self, reason: Reason, bar: int, during: int) -> None:
        """Have a model trained on the first `bar` bars."""
        self._asked = self._schedule.after(bar + 1)
        self._trials += 1
        request = self._request(reason, bar, during)
        answer = self._trainer.train(request, self._bars.part(0, bar))
        self._coming = (bar + self._schedule.delay, answer)

    def _roll_back(self, bar: int) -> None:
        """The artefact before the present one comes back at once."""
        request = self._request(Reason.ROLLBACK, bar, bar - 1)
        self._history.pop()
        why = "drift went on after a new model: the one before comes back"
        self._tell(
            Note(request.ts, ModelReady(request.number, self._instrument, self._history[-1], 0, request.ts, why))
        )
        self._use(self._history[-1], is_new=False)

    def _request(self, reason: Reason, bar: int, during: int) -> TrainRequested:
        known_ts = self._close_ts(bar - 1)
        request = TrainRequested(
            self._number, self._instrument, reason, known_ts, bar, self._seed, self.in_use, self._trials
        )
        self._number += 1
        self._tell(Note(self._close_ts(during), request))
        return request

    def _exchange(self, answer: ModelReady, during: int) -> None:
        """The new model takes over; where the one in use stays, nothing is forgotten and nothing released."""
        self._tell(Note(self._close_ts(during), answer))
        if answer.sha256 != self.in_use:
            self._history.append(answer.sha256)
            self._use(answer.sha256, is_new=True)

    def _use(self, sha256: str, *, is_new: bool) -> None:
        signal_model = make_trained_model(self._store.get(sha256), self._trading)
        present = self.pipeline.signal_model
        if (signal_model.features, signal_model.outputs, signal_model.chain.source) != (
            present.features,
            present.outputs,
            present.chain.source,
        ):
            raise ModelError(
                "reads other features, or has other members, than the one that it is to follow",
                place=f"model {sha256[:12]}",
                remedy="train it with the settings that the run began with",
            )
        adopt(signal_model, self.pipeline.model_state, is_new=is_new)
        self.pipeline.exchange(signal_model)

    def _close_ts(self, bar: int) -> int:
        return int(self._bars.ts[bar]) + self._bars.interval_ns
