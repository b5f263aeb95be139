"""Operator port: commands that a person gives to a run."""

from typing import Protocol

from quaestor.ledger.codes import Command


class Commands(Protocol):
    """Source of an operator's commands, polled before every bar with the number of bars done so far."""

    def pending(self, bars: int) -> tuple[Command, ...]:
        """Return the commands to execute before the next bar."""
        ...

    def journaled(self) -> None:
        """Discard the commands returned by `pending`, which are now journaled."""
