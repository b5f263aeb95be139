"""Online state of signal models on disk: a checkpoint every so often, and a proof when a run is resumed.

A run that is resumed is repeated from its beginning. Where it comes to the position of the last checkpoint, its state
must be that checkpoint's, byte for byte: otherwise it would go on with something else than what traded before.
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
    """The checkpoints of a run, which those of another run or machine are not."""
    return CheckpointStore(journal / FOLDER, environment_identity() | {"run": _run_sha256(config, traded_instruments)})


class OnlineState:
    """Checkpoints of one instrument's signal model."""

    def __init__(
        self, store: CheckpointStore, traded: TradedInstrument, pipeline: SignalPipeline, *, is_resumed: bool
    ) -> None:
        """`is_resumed`: the run is repeated up to where it was cut off.

        Raises:
            CheckpointError: there are checkpoints of the run that is resumed, and none can be used.
        """
        name = traded.bars.symbol
        self._bars = traded.bars
        self._state = pipeline.model_state
        self._outcomes = stage_state(self._state)["pooled"]
        self._due = store.load_latest(name, self._state.dtype) if is_resumed else None
        self._checkpointer = Checkpointer(store, name, last=None if self._due is None else self._due.position)

    def after(self, rows: int) -> None:
        """So many bars have been dealt with.

        Raises:
            CheckpointError: the state is not that of the checkpoint at this position.
            OutputError: a checkpoint cannot be written.
        """
        if self._due is not None:
            self._compare(self._due, rows)
            return
        ts = int(self._bars.ts[rows - 1]) + self._bars.interval_ns
        self._checkpointer.offer(Position(rows, ts, int(self._outcomes["count"])), self._state)

    def _compare(self, due: Checkpoint, rows: int) -> None:
        if rows < due.position.rows:
            return
        if rows > due.position.rows or self._state.tobytes() != due.state.tobytes():
            raise CheckpointError(
                f"what was learned in {due.position.rows} bars does not come out again",
                place=str(due.path),
                remedy="take the run up with the program, models and data that began it, or choose another --journal",
            )
        self._due = None


def watched(
    produce: Callable[[int, int], None], pipeline: SignalPipeline, state: OnlineState
) -> Callable[[int, int], None]:
    """A producer of rows after which checkpoints are looked after."""

    def produce_and_keep(i: int, n: int) -> None:
        produce(i, n)
        if n > i:
            state.after(pipeline.start + n)

    return produce_and_keep


def _run_sha256(config: RunConfig, traded_instruments: Sequence[TradedInstrument]) -> str:
    """Digest of all that a run's learned state comes from: data, models by what they hold, and settings."""
    told = RunConfig(strategy=config.strategy, account=config.account, costs=config.costs, seed=config.seed)
    models = config.models.model_copy(update={"dir": None})
    data = [traded.bars.reference.sha256 for traded in traded_instruments if traded.bars.reference is not None]
    return hashlib.sha256("\n".join([told.to_json(), models.model_dump_json(), *data]).encode()).hexdigest()
