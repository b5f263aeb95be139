"""Checkpointer: saves the state of online models after so many outcomes, or so much event time."""

from dataclasses import asdict, dataclass

from quaestor.adapters.stores.checkpoints import CheckpointStore, Position
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table
from quaestor.runtime.journal.fingerprint import EnvironmentFingerprint

HOUR_NS = 3_600_000_000_000


def environment_identity() -> dict[str, str]:
    """Return the fingerprint of this machine by field: what a checkpoint's bits depend on besides the run."""
    return {name: str(value) for name, value in asdict(EnvironmentFingerprint.of_this_machine()).items()}


@dataclass(slots=True)
class Checkpointer:
    """Schedule of one state's checkpoints, at positions that depend on events alone and on no clock.

    Attributes:
        store: receives the checkpoints.
        name: of the checkpoints.
        every_outcomes: outcomes learned from between two checkpoints.
        every_ns: event time between two checkpoints, ns.
        last: position of the last checkpoint; the position restored from; None at the beginning.

    Raises:
        ConfigError: an interval below 1.
    """

    store: CheckpointStore
    name: str
    every_outcomes: int = 1_000
    every_ns: int = HOUR_NS
    last: Position | None = None

    def __post_init__(self) -> None:
        if self.every_outcomes < 1 or self.every_ns < 1:
            raise ConfigError(
                f"a checkpoint every {self.every_outcomes} outcomes and {self.every_ns} ns",
                place="checkpoints",
                remedy="give 1 or more of each",
            )

    def save_if_due(self, position: Position, state: Table) -> bool:
        """Save the state if a checkpoint is due, and return whether it was; the first position only starts the count.

        Raises:
            OutputError: it cannot be written; the checkpoint stays due.
        """
        if self.last is None:
            self.last = position
            return False
        learned = position.learned // self.every_outcomes > self.last.learned // self.every_outcomes
        if not learned and position.ts // self.every_ns <= self.last.ts // self.every_ns:
            return False
        self.store.save(self.name, position, state)
        self.last = position
        return True
