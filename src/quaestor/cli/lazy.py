"""Lazy sub-commands: imported when they are called, so that `quaestor --help` stays instant."""

import gc
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from quaestor.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Address of a sub-command: `attribute` of module `quaestor.cli.<module>` is a function or a `typer.Typer`."""

    name: str
    module: str
    attribute: str
    summary: str

    def load(self) -> TyperCommand | TyperGroup:
        """Import the module and build the command.

        Nothing that is imported is garbage: looking for it meanwhile would take a sixth of the time.
        """
        gc.disable()
        try:
            target = getattr(import_module(f"quaestor.cli.{self.module}"), self.attribute)
        finally:
            gc.enable()
        if not isinstance(target, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(self.name)(target)
            target = alone
        command = typer.main.get_command(target)
        if not isinstance(command, TyperCommand | TyperGroup):
            raise TypeError(f"{self.module}.{self.attribute} is no command")
        command.name = self.name
        return command


#: Every sub-command: the only list. A new one costs a line here and its file.
COMMANDS: tuple[LazyCommand, ...] = (
    LazyCommand("demo", "system.demo", "demo", "Trade the bundled sample: quality, backtests, paper replay, report."),
    LazyCommand("data", "data.data", "data_app", "Import, list, check and resample market data."),
    LazyCommand("features", "features.group", "features_app", "List, explain, compute, check and select features."),
    LazyCommand("news", "data.news", "news_app", "Score headlines, and compare the scores with labels."),
    LazyCommand("models", "models.group", "models_app", "List, show, compare, promote and roll back trained models."),
    LazyCommand(
        "train", "train.train", "train", "Train models, test them walk forward and once on a hold-out, and report."
    ),
    LazyCommand("backtest", "run.backtest", "backtest", "Run a strategy over recorded bars under the risk officer."),
    LazyCommand("paper", "run.paper", "paper", "Run the live path on recorded data, one event at a time."),
    LazyCommand("kill", "run.kill", "kill", "Stop a paper run: cancel all, flatten, halt; or pause, resume, reset it."),
    LazyCommand("risk", "risk.group", "risk_app", "Show the officer's limits and their use; judge an order by them."),
    LazyCommand("why", "explain.why", "why", "Explain one decision of a journal, taken or not taken."),
    LazyCommand("replay", "run.replay", "replay", "Prove that a journal's decisions come out byte for byte again."),
    LazyCommand("report", "explain.report", "report", "Write one self-contained HTML report of one or more runs."),
    LazyCommand("doctor", "system.doctor", "doctor", "Check that this machine is fit to run Quaestor."),
)


class LazyGroup(TyperGroup):
    """Command group that lists `COMMANDS` and imports only the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names in the order of the table."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ARG002
        """Return a stand-in with name and summary: enough for help and completion."""
        for entry in COMMANDS:
            if entry.name == cmd_name:
                return TyperCommand(entry.name, help=entry.summary)
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import and build the command that is called."""
        for entry in COMMANDS:
            if args and entry.name == args[0]:
                return entry.name, entry.load(), args[1:]
        if args and not args[0].startswith("-"):
            raise UnknownNameError("command", args[0], (entry.name for entry in COMMANDS), place="quaestor")
        return super().resolve_command(ctx, args)
