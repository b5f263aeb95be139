"""Online state: checkpoints of what signal models learn while a run goes on, and their comparison when it is resumed.

A run that is resumed is repeated from its beginning. At the position of the last checkpoint its state must be that
checkpoint's, byte for byte: otherwise the run would go on with another model than the one that traded before.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from quaestor.adapters.stores.checkpoints import Checkpoint, CheckpointStore, Position
from quaestor.brain.trained.model import stage_state
from quaestor.engine.feed import TradedInstrument
from quaestor.engine.signal_pipeline import SignalPipeline
from quaestor.errors import CheckpointError
from quaestor.runtime.config import RunConfig
from quaestor.runtime.models.checkpointing import Checkpointer, environment_identity

#: Folder of checkpoints in the directory of a journal.
FOLDER = "checkpoints"


def checkpoint_store(
    config: RunConfig, traded_instruments: Sequence[TradedInstrument], journal: Path
) -> CheckpointStore:
    """Return the store of a run's checkpoints beside its journal; those of another run or machine are refused."""
    return CheckpointStore(journal / FOLDER, environment_identity() | {"run": _run_sha256(config, traded_instruments)})


class OnlineState:
    """Checkpoints of one instrument's signal model, saved when due, compared first in a run that is resumed."""

    def __init__(
        self, store: CheckpointStore, traded: TradedInstrument, pipeline: SignalPipeline, *, is_resumed: bool
    ) -> None:
        """Take `is_resumed`: the run is repeated up to where it was cut off.

        Raises:
            CheckpointError: the run that is resumed has checkpoints, and none can be used.
        """
        name = traded.bars.symbol
        self._bars = traded.bars
        self._state = pipeline.model_state
        self._outcomes = stage_state(self._state)["pooled"]
        self._expected = store.load_latest(name, self._state.dtype) if is_resumed else None
        self._checkpointer = Checkpointer(store, name, last=None if self._expected is None else self._expected.position)

    def update(self, rows: int) -> None:
        """Compare the state after `rows` bars with the last checkpoint, or save it if a checkpoint is due.

        Raises:
            CheckpointError: the state is not that of the checkpoint at this position.
            OutputError: a checkpoint cannot be written.
        """
        if self._expected is not None:
            self._compare(self._expected, rows)
            return
        ts = int(self._bars.ts[rows - 1]) + self._bars.interval_ns
        self._checkpointer.save_if_due(Position(rows, ts, int(self._outcomes["count"])), self._state)

    def _compare(self, expected: Checkpoint, rows: int) -> None:
        """Compare the state with a checkpoint once its position is reached; raises as `update`."""
        if rows < expected.position.rows:
            return
        if rows > expected.position.rows or self._state.tobytes() != expected.state.tobytes():
            raise CheckpointError(
                f"the online models after {expected.position.rows} bars are not those of the checkpoint",
                place=str(expected.path),
                remedy="resume the run with the program, models and data that began it, or choose another --journal",
            )
        self._expected = None


def with_checkpoints(
    produce: Callable[[int, int], None], pipeline: SignalPipeline, state: OnlineState
) -> Callable[[int, int], None]:
    """Return a producer of rows that updates the checkpoints after each call."""

    def produce_and_update(i: int, n: int) -> None:
        produce(i, n)
        if n > i:
            state.update(pipeline.start + n)

    return produce_and_update


def _run_sha256(config: RunConfig, traded_instruments: Sequence[TradedInstrument]) -> str:
    """Return the digest of all that a run's online state depends on: data, models by their digests, and settings."""
    settings = RunConfig(strategy=config.strategy, account=config.account, costs=config.costs, seed=config.seed)
    models = config.models.model_copy(update={"dir": None})
    data = [traded.bars.reference.sha256 for traded in traded_instruments if traded.bars.reference is not None]
    return hashlib.sha256("\n".join([settings.to_json(), models.model_dump_json(), *data]).encode()).hexdigest()
