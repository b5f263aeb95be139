"""`quaestor backtest`: a strategy over recorded bars, under the risk officer."""

from quaestor.cli.output import err_console, progress
from quaestor.cli.run_options import AsJson, run_command, show, shown_progress
from quaestor.research.run import backtest as run_backtest
from quaestor.runtime.config import RunConfig


@run_command
def backtest(config: RunConfig, *, as_json: AsJson = False) -> None:
    """Run a strategy over recorded bars: costs on, the risk officer on, orders filled from the next bar."""
    with progress("loading", silent=as_json) as bar:
        result = run_backtest(
            config, tick=bar.at, on_assembled=shown_progress(bar, "compiling and running", as_json=as_json)
        )
    show(result, as_json=as_json)
    journal = result.summary.journal
    if journal and not as_json:
        err_console.print(f"journal: {journal} — ask with: quaestor why ID --journal {journal}")
