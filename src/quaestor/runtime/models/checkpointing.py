"""When learned state is written down: every so many outcomes, and every so much event time."""

from dataclasses import asdict, dataclass

from quaestor.adapters.stores.checkpoints import CheckpointStore, Position
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table
from quaestor.runtime.journal.fingerprint import EnvironmentFingerprint

HOUR_NS = 3_600_000_000_000


def environment_identity() -> dict[str, str]:
    """What a checkpoint's bits depend on besides the run itself: the fingerprint of this machine, by field."""
    return {name: str(value) for name, value in asdict(EnvironmentFingerprint.of_this_machine()).items()}


@dataclass(slots=True)
class Checkpointer:
    """Saves one state to a store when it is due: at positions that depend on events alone, never on a clock.

    Attributes:
        store: where to.
        name: of the checkpoints.
        every_learned: outcomes learned from one checkpoint to the next.
        every_ns: event time from one to the next, ns.
        last: position of the last one; the position restored from, or the beginning.

    Raises:
        ConfigError: an interval below 1.
    """

    store: CheckpointStore
    name: str
    every_learned: int = 1_000
    every_ns: int = HOUR_NS
    last: Position | None = None

    def __post_init__(self) -> None:
        if self.every_learned < 1 or self.every_ns < 1:
            raise ConfigError(
                f"a checkpoint every {self.every_learned} outcomes and {self.every_ns} ns",
                place="checkpoints",
                remedy="give 1 or more of each",
            )

    def offer(self, position: Position, state: Table) -> bool:
        """Save the state if it is due, and say whether it was; the first position offered only starts the count.

        Raises:
            OutputError: it cannot be written; the state stays due.
        """
        if self.last is None:
            self.last = position
            return False
        learned = position.learned // self.every_learned > self.last.learned // self.every_learned
        if not learned and position.ts // self.every_ns <= self.last.ts // self.every_ns:
            return False
        self.store.save(self.name, position, state)
        self.last = position
        return True
