"""Operator port: commands that a person gives to a run."""

from typing import Protocol

from quaestor.ledger.codes import Command


class Commands(Protocol):
    """Where an operator's commands come from; asked before every bar, with the number of bars done so far."""

    def pending(self, bars: int) -> tuple[Command, ...]:
        """Commands to be taken before the next bar."""
        ...

    def journaled(self) -> None:
        """What was handed out is on disk, and may be forgotten."""
