"""Model manager: requests training for one instrument, and exchanges its model while the run goes on.

A request is made at a number of known bars, by schedule or by the drift response; its result takes effect some bars
later, after the time that training is given. Both are added to the model log. Rows are produced as if one at a time:
where a chunk holds a request, the pipeline is rewound and the rows after the request are produced with its effects.
"""

from collections.abc import Callable

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
from quaestor.runtime.models.note import ModelNote


class ModelManager:
    """Producer of the rows of one signal pipeline, which requests and exchanges its models on the way."""

    def __init__(
        self,
        pipeline: SignalPipeline,
        instrument: int,
        bars: Bars,
        deployment: ModelDeployment,
        trainer: Trainer,
        add_note: Callable[[ModelNote], None],
        *,
        seed: int,
    ) -> None:
        """Take `instrument`: its index on the account and in the deployment; `add_note`: of the model log."""
        model = deployment.models[instrument]
        self.pipeline = pipeline
        self._instrument = instrument
        self._bars = bars
        self._trading = deployment.trading[instrument]
        self._schedule = deployment.schedule
        self._store = deployment.store
        self._trainer = trainer
        self._add_note = add_note
        self._history = [model.sha256]  # artefacts in the order in which they came into use
        self._trials = model.artefact.manifest.trials
        self._seed = seed
        self._number = 0
        self._next_request: int | None = deployment.schedule.after(0)  # bars known at the next scheduled request
        self._pending: tuple[int, ModelReady] | None = None  # a result, and the bar from which it takes effect

    @property
    def in_use(self) -> str:
        """Return the SHA-256 of the artefact in use."""
        return self._history[-1]

    def apply_commands(self, commands: tuple[Command, ...]) -> None:
        """Let a signal model that drift had stopped trade again, where a reset is among the commands."""
        if Command.RESET in commands:
            resume_after_stop(self.pipeline.signal_model, self.pipeline.model_state)

    def advance(self, i: int, n: int) -> None:
        """Produce rows i … n−1 of the pipeline's window.

        Raises:
            ModelError: a model that is to come into use is missing, damaged or of another kind.
        """
        while i < n:
            i = self._advance_to_change(i, n)

    def _advance_to_change(self, i: int, n: int) -> int:
        """Produce rows from i up to the next exchange or request, n at most; return the row after the last."""
        start = self.pipeline.start
        if self._next_request is not None and self._next_request <= start + i:
            reason = Reason.START if self._next_request == self._schedule.first else Reason.SCHEDULE
            self._train(reason, start + i, start + i)
        if self._pending is not None and self._pending[0] <= start + i:
            self._exchange(self._pending[1], start + i)
            self._pending = None
        stops = [n]
        if self._next_request is not None:
            stops.append(self._next_request - start)
        if self._pending is not None:
            stops.append(self._pending[0] - start)
        return self._produce(i, min(stops))

    def _produce(self, i: int, n: int) -> int:
        """Produce rows i … n−1, or up to and with the first that requests a model; return the row after the last."""
        before = self.pipeline.state.copy() if n - i > 1 else None
        self.pipeline.advance(i, n)
        requests = np.flatnonzero(self._has_request(i, n)) if self._pending is None else np.empty(0, np.int64)
        if not len(requests):
            return n
        reached = i + int(requests[0]) + 1
        request = int(self.pipeline.opinion[Output.REQUEST, reached - 1])
        if reached < n and before is not None:
            self.pipeline.rewind(before)
            self.pipeline.advance(i, reached)
        bar = self.pipeline.start + reached
        if request == Request.ROLL_BACK:
            self._roll_back(bar)
        else:
            self._train(Reason.DRIFT, bar, bar - 1)
        return reached

    def _has_request(self, i: int, n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return, bool (n − i,), which rows hold a request of the drift response that can be met."""
        requests = self.pipeline.opinion[Output.REQUEST, i:n]
        can_train = self._schedule.first is not None
        can_go_back = len(self._history) > 1
        found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (can_train & (requests == Request.RETRAIN)) | (
            can_go_back & (requests == Request.ROLL_BACK)
        )
        return found

    def _train(self, reason: Reason, bar: int, during: int) -> None:
        """Request a model trained on the first `bar` bars, during bar `during`."""
        self._next_request = self._schedule.after(bar + 1)
        self._trials += 1
        request = self._request(reason, bar, during)
        result = self._trainer.train(request, self._bars.part(0, bar))
        self._pending = (bar + self._schedule.delay, result)

    def _roll_back(self, bar: int) -> None:
        """Put the artefact before the present one back into use at once."""
        request = self._request(Reason.ROLLBACK, bar, bar - 1)
        self._history.pop()
        why = "drift went on after a new model: the one before comes back"
        result = ModelReady(request.number, self._instrument, self._history[-1], 0, request.ts, why)
        self._add_note(ModelNote(request.ts, result))
        self._use(self._history[-1], is_new=False)

    def _request(self, reason: Reason, bar: int, during: int) -> TrainRequested:
        """Return the next request and note it."""
        known_ts = self._close_ts(bar - 1)
        request = TrainRequested(
            self._number, self._instrument, reason, known_ts, bar, self._seed, self.in_use, self._trials
        )
        self._number += 1
        self._add_note(ModelNote(self._close_ts(during), request))
        return request

    def _exchange(self, result: ModelReady, during: int) -> None:
        """Put a new model into use; where the one in use stays, neither its state nor the drift response changes."""
        self._add_note(ModelNote(self._close_ts(during), result))
        if result.sha256 != self.in_use:
            self._history.append(result.sha256)
            self._use(result.sha256, is_new=True)

    def _use(self, sha256: str, *, is_new: bool) -> None:
        """Load an artefact into the pipeline; `is_new`: it was not in use before."""
        signal_model = make_trained_model(self._store.get(sha256), self._trading)
        present = self.pipeline.signal_model
        if (signal_model.features, signal_model.outputs, signal_model.chain.source) != (
            present.features,
            present.outputs,
            present.chain.source,
        ):
            raise ModelError(
                "reads other features, or has other members, than the model in use",
                place=f"model {sha256[:12]}",
                remedy="train it with the settings that the run began with",
            )
        adopt(signal_model, self.pipeline.model_state, is_new=is_new)
        self.pipeline.exchange(signal_model)

    def _close_ts(self, bar: int) -> int:
        """Return the close time of a bar, ns."""
        return int(self._bars.ts[bar]) + self._bars.interval_ns
