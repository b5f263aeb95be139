"""`quaestor risk test`: what the officer would say to an order, or to several at once."""

from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from quaestor.analysis.journal_rows import read_rows
from quaestor.analysis.officer.batch import AskedOrder, ask_batch
from quaestor.analysis.officer.question import Answer, ask
from quaestor.analysis.officer.standing import Standing, of_fresh_account, of_journal
from quaestor.cli.output import MISSING, console, format_time, print_json, progress
from quaestor.cli.risk.limits import ConfigFile, FileProfile, Limits, RiskProfile, to_settings
from quaestor.cli.risk.show import At
from quaestor.cli.risk.tables import batch_table, interval_table
from quaestor.cli.run.options import AsJson
from quaestor.errors import ConfigError
from quaestor.explain.case import find_time
from quaestor.runtime.config import load_config


def evaluate_order(
    side: Annotated[str | None, typer.Option("--side", help="buy or sell.", show_default=False)] = None,
    quantity: Annotated[
        str | None, typer.Option("--quantity", help="In units of the base asset.", show_default=False)
    ] = None,
    order: Annotated[
        list[str] | None,
        typer.Option("--order", help="SIDE:QUANTITY[:SYMBOL] instead; repeatable, judged as one batch."),
    ] = None,
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
    """Judge an order without placing it: verdict, binding rule, what would pass, and every rule's interval.

    Several orders (--order) are judged as one batch, each on top of those let through before it.
    Exit code 0 when all is allowed as it is, 1 when something is shrunk or vetoed.
    """
    batch = [AskedOrder.parse(text, symbol) for text in order or ()]
    if batch:
        _refuse({"--side": side, "--quantity": quantity, "--price": price}, "--order says it all, at the last close")
        named = dict.fromkeys(asked.symbol for asked in batch if asked.symbol is not None)
        symbols = ",".join(named) or None
    else:
        symbols = symbol
        _require({"--side": side, "--quantity": quantity})
    of_account = {"--timeframe": timeframe, "--market": market, "--capital": capital, "--leverage": leverage}
    if journal is not None:
        _refuse(of_account, "the journal says so itself")
    elif at is not None:
        _refuse({"--at": at}, "there is no journal to look up")
    options = {
        "data.path": data,
        "data.symbol": symbols,
        "data.timeframe": timeframe,
        "data.market": market,
        "account.capital": capital,
        "account.leverage": leverage,
        "risk.profile": risk,
    }
    with progress("running to the moment asked about", silent=as_json) as bar:
        if journal is None:
            needed = ("data.path", "data.symbol")
            chosen = load_config(file=config, profile=profile, options=options, limits=limit or (), required=needed)
            standing = of_fresh_account(chosen, progress=bar)
        else:
            until = find_time(read_rows(journal), at, journal) if at is not None else None
            standing = of_journal(journal, until, data=data, progress=bar)
            if risk is not None or limit or config is not None:
                other = load_config(file=config, profile=profile, options={"risk.profile": risk}, limits=limit or ())
                standing = standing.under(to_settings(other.risk))
    if batch:
        verdicts = ask_batch(standing, batch)
        print_json(verdicts) if as_json else console.print(batch_table(verdicts))
        allowed = all(each.verdict == "allow" for each in verdicts)
    else:
        verdict = ask(standing, symbol, side or "", quantity or "", price)
        print_json(verdict) if as_json else _print(verdict, standing)
        allowed = verdict.verdict == "allow"
    if not allowed:
        raise typer.Exit(1)


def _require(given: dict[str, str | None]) -> None:
    for option, value in given.items():
        if value is None:
            raise ConfigError("is missing", place=option, remedy="give --side and --quantity, or --order")


def _refuse(given: dict[str, str | None], why: str) -> None:
    for option, value in given.items():
        if value is not None:
            raise ConfigError(f"means nothing here: {why}", place=option, remedy="leave it out")


def _print(verdict: Answer, standing: Standing) -> None:
    instrument = standing.instruments[standing.index_of(verdict.symbol)]
    order = f"{verdict.side} {verdict.quantity:,.8g} {instrument.base} at {verdict.price:,.8g}"
    console.print(f"{order}, {verdict.position:,.8g} held, {format_time(standing.ts)}: [bold]{verdict.verdict}[/bold]")
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
