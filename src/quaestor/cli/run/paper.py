"""`quaestor paper`: run the live path on recorded data, one bar at a time."""

from typing import Annotated

import typer

from quaestor.adapters.clocks import FreeRunningClock, PacedClock
from quaestor.app.run import paper as run_paper
from quaestor.cli.output import err_console, progress
from quaestor.cli.run.options import AsJson, run_command, show
from quaestor.errors import ConfigError
from quaestor.ports.clock import Clock
from quaestor.runtime.config import RunConfig

Speed = Annotated[str, typer.Option("--speed", help="1 is real time, 60 a minute a second, max as fast as it goes.")]


@run_command
def paper(config: RunConfig, *, speed: Speed = "1", as_json: AsJson = False) -> None:
    """Trade recorded bars through the venue port, at any speed. Killed at any instant, the same command resumes."""
    clock = _clock(speed)
    with progress("loading", silent=as_json) as bar:
        result = run_paper(config, clock, progress=bar)
    show(result, as_json=as_json)
    journal = result.summary.journal
    if journal and not as_json:
        err_console.print(f"journal: {journal} — prove it with: quaestor replay {journal}")


def _clock(speed: str) -> Clock:
    if speed == "max":
        return FreeRunningClock()
    try:
        return PacedClock(float(speed))
    except ValueError:
        raise ConfigError(f"'{speed}' is no speed", place="--speed", remedy="give a number above 0, or max") from None
