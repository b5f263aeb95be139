"""`quaestor features fit`: fit the parameters of a feature to data."""

from dataclasses import asdict
from typing import Annotated

import typer

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.cli.features.options import AsJson, Data, End, Start, Symbol, Timeframe
from quaestor.cli.output import console, format_number, format_time, make_table, print_json, progress
from quaestor.domain.bars import Bars
from quaestor.errors import ConfigError
from quaestor.research.features.garch import Refit, fit_garch, refit_schedule

fit_app = typer.Typer(no_args_is_help=True, help="Fit the parameters of a feature to a data file.")


@fit_app.command("garch")
def garch(
    data: Data,
    symbol: Symbol,
    window: Annotated[int | None, typer.Option("--window", help="Bars to fit on; all by default.")] = None,
    every: Annotated[int | None, typer.Option("--every", help="Refit every so many bars, walking forward.")] = None,
    timeframe: Timeframe = None,
    start: Start = None,
    end: End = None,
    json: AsJson = False,
) -> None:
    """Fit GARCH(1,1) and print the name of the feature with the fitted parameters."""
    if every is not None and window is None:
        raise ConfigError("--every needs --window", place="features fit garch", remedy="say how many bars to fit on")
    bars = load_bars(data, symbol, timeframe=timeframe, start=start, end=end)
    with progress("fitting", silent=json):
        refits = _fits(bars, window, every)
    latest = refits[-1].fit
    if json:
        fits = [{"row": refit.row, "feature": refit.fit.name, **asdict(refit.fit)} for refit in refits]
        print_json({"symbol": bars.symbol, "feature": latest.name, "fit": latest, "fits": fits})
        return
    table = make_table(
        f"GARCH(1,1) of {bars.symbol}",
        *("known from", "omega (bp²)", "alpha", "beta", "log likelihood", "returns", "first bar", "converged"),
        right={"omega (bp²)", "alpha", "beta", "log likelihood", "returns"},
    )
    for refit in refits:
        table.add_row(*_cells(refit, bars))
    console.print(table)
    console.print(f"feature: {latest.name}")


def _fits(bars: Bars, window: int | None, every: int | None) -> tuple[Refit, ...]:
    if every is None or window is None:
        return (Refit(len(bars) - 1, fit_garch(bars, window)),)
    return refit_schedule(bars, window, every)


def _cells(refit: Refit, bars: Bars) -> tuple[str, ...]:
    fit = refit.fit
    return (
        format_time(int(bars.ts[refit.row]) + bars.interval_ns),
        f"{fit.omega:g}",
        f"{fit.alpha:g}",
        f"{fit.beta:g}",
        format_number(fit.log_likelihood, 1),
        f"{fit.rows:,}",
        format_time(fit.first_ts),
        "yes" if fit.converged else "no",
    )
