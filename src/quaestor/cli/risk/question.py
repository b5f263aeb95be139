"""`quaestor risk test`: print the officer's verdict about an order that is not placed."""

from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from quaestor.app.risk import OrderAssessment, OrderRequest, assess_on_fresh_account, assess_on_journal
from quaestor.cli.output import MISSING, console, format_time, print_json, progress
from quaestor.cli.risk.limits import ConfigFile, FileProfile, Limits, RiskProfile, to_settings
from quaestor.cli.risk.show import At
from quaestor.cli.risk.tables import interval_table
from quaestor.cli.run.options import AsJson
from quaestor.errors import ConfigError
from quaestor.runtime.config import load_config


def assess_order(
    side: Annotated[str, typer.Option("--side", help="buy or sell.", show_default=False)],
    quantity: Annotated[str, typer.Option("--quantity", help="In units of the base asset.", show_default=False)],
    symbol: Annotated[
        str | None, typer.Option("--symbol", "-s", help="The instrument; a journal of one needs none.")
    ] = None,
    price: Annotated[str | None, typer.Option("--price", help="Else the last close.", show_default=False)] = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", help="On the account as this journal left it.", show_default=False)
    ] = None,
    at: At = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="Without --journal: bars that a fresh account has watched; with it: its data file."
        ),
    ] = None,
    timeframe: Annotated[str | None, typer.Option("--timeframe", help="Of the bars.", show_default=False)] = None,
    market: Annotated[
        str | None, typer.Option("--market", help="spot, perp, inverse, equity.", show_default=False)
    ] = None,
    capital: Annotated[str | None, typer.Option("--capital", help="Of the fresh account.", show_default=False)] = None,
    leverage: Annotated[
        str | None, typer.Option("--leverage", help="Of the fresh account.", show_default=False)
    ] = None,
    risk: RiskProfile = None,
    limit: Limits = None,
    config: ConfigFile = None,
    profile: FileProfile = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate an order without placing it: verdict, binding rule, what would pass, and every rule's interval.

    Exit code 0 when it is allowed as it is, 1 when it is shrunk or vetoed.
    """
    of_account = {"--timeframe": timeframe, "--market": market, "--capital": capital, "--leverage": leverage}
    if journal is not None:
        _refuse(of_account, "the journal holds it")
    elif at is not None:
        _refuse({"--at": at}, "there is no journal to look up")
    options = {
        "data.path": data,
        "data.symbol": symbol,
        "data.timeframe": timeframe,
        "data.market": market,
        "account.capital": capital,
        "account.leverage": leverage,
        "risk.profile": risk,
    }
    order = OrderRequest(side, quantity, symbol, price)
    with progress("running up to the requested time", silent=as_json) as bar:
        if journal is None:
            needed = ("data.path", "data.symbol")
            chosen = load_config(file=config, profile=profile, options=options, limits=limit or (), required=needed)
            assessment = assess_on_fresh_account(order, chosen, progress=bar)
        else:
            limits = None
            if risk is not None or limit or config is not None:
                other = load_config(file=config, profile=profile, options={"risk.profile": risk}, limits=limit or ())
                limits = to_settings(other.risk)
            assessment = assess_on_journal(order, journal, at=at, data=data, limits=limits, progress=bar)
    if as_json:
        print_json(assessment.verdict)
    else:
        _print(assessment)
    if assessment.verdict.verdict != "allow":
        raise typer.Exit(1)


def _refuse(given: dict[str, str | None], why: str) -> None:
    for option, value in given.items():
        if value is not None:
            raise ConfigError(f"means nothing here: {why}", place=option, remedy="leave it out")


def _print(assessment: OrderAssessment) -> None:
    verdict, instrument = assessment.verdict, assessment.instrument
    order = f"{verdict.side} {verdict.quantity:,.8g} {instrument.base} at {verdict.price:,.8g}"
    console.print(
        f"{order}, {verdict.position:,.8g} held, {format_time(assessment.ts)}: [bold]{verdict.verdict}[/bold]"
    )
    if verdict.rule:
        figures = " against a limit of ".join(
            MISSING if isnan(value) else f"{value:,.6g}" for value in (verdict.measured, verdict.limit)
        )
        console.print(f"{verdict.rule} ({verdict.layer}): {figures} {verdict.unit}" if verdict.unit else verdict.rule)
    for change in verdict.changes:
        console.print(f"would pass it: {change}")
    if verdict.breakers:
        console.print(f"breakers set: {', '.join(verdict.breakers)}")
    console.print(interval_table(verdict, instrument.base))
