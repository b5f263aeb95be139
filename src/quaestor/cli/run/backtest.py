"""`quaestor backtest`: run a strategy over recorded bars, under the risk officer."""

from quaestor.app.run import backtest as run_backtest
from quaestor.cli.output import err_console, progress
from quaestor.cli.run.options import AsJson, run_command, show
from quaestor.runtime.config import RunConfig


@run_command
def backtest(config: RunConfig, *, as_json: AsJson = False) -> None:
    """Run a strategy over recorded bars: costs on, the risk officer on, orders filled from the next bar."""
    with progress("loading", silent=as_json) as bar:
        result = run_backtest(config, progress=bar)
    show(result, as_json=as_json)
    journal = result.summary.journal
    if journal and not as_json:
        err_console.print(f"journal: {journal} — ask with: quaestor why ID --journal {journal}")
