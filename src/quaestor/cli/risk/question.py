"""`quaestor risk test`: print the officer's verdict about an order, or several at once, that are not placed."""

from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from quaestor.analysis.officer.account_state import AccountState, fresh_account_state
from quaestor.analysis.officer.batch import evaluate_batch
from quaestor.analysis.officer.order_request import OrderRequest
from quaestor.app.risk import OrderAssessment, account_on_journal, assess_order
from quaestor.cli.output import MISSING, console, format_time, print_json, progress
from quaestor.cli.risk.limits import ConfigFile, FileProfile, Limits, RiskProfile, to_settings
from quaestor.cli.risk.show import At
from quaestor.cli.risk.tables import batch_table, interval_table
from quaestor.cli.run.options import AsJson
from quaestor.errors import ConfigError
from quaestor.runtime.config import load_config


def assess_orders(
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
    """Evaluate an order without placing it: verdict, binding rule, what would pass, and every rule's interval.

    Several orders (--order) are judged as one batch, each on top of those let through before it.
    Exit code 0 when all is allowed as it is, 1 when something is shrunk or vetoed.
    """
    batch = [OrderRequest.parse(text, symbol) for text in order or ()]
    if batch:
        _refuse({"--side": side, "--quantity": quantity, "--price": price}, "--order has it, at the last close")
    else:
        _require({"--side": side, "--quantity": quantity})
    of_account = {"--timeframe": timeframe, "--market": market, "--capital": capital, "--leverage": leverage}
    if journal is not None:
        _refuse(of_account, "the journal holds it")
    elif at is not None:
        _refuse({"--at": at}, "there is no journal to look up")
    named = dict.fromkeys(each.symbol for each in batch if each.symbol is not None)
    options = {
        "data.path": data,
        "data.symbol": ",".join(named) or symbol,
        "data.timeframe": timeframe,
        "data.market": market,
        "account.capital": capital,
        "account.leverage": leverage,
        "risk.profile": risk,
    }
    with progress("running up to the requested time", silent=as_json) as bar:
        if journal is None:
            needed = ("data.path", "data.symbol")
            chosen = load_config(file=config, profile=profile, options=options, limits=limit or (), required=needed)
            state = fresh_account_state(chosen, progress=bar)
        else:
            limits = None
            if risk is not None or limit or config is not None:
                other = load_config(file=config, profile=profile, options={"risk.profile": risk}, limits=limit or ())
                limits = to_settings(other.risk)
            state = account_on_journal(journal, at=at, data=data, limits=limits, progress=bar)
    single = OrderRequest(side or "", quantity or "", symbol, price)
    allowed = _show_batch(batch, state, as_json=as_json) if batch else _show_order(single, state, as_json=as_json)
    if not allowed:
        raise typer.Exit(1)


def _show_batch(orders: list[OrderRequest], state: AccountState, *, as_json: bool) -> bool:
    verdicts = evaluate_batch(state, orders)
    if as_json:
        print_json(verdicts)
    else:
        console.print(batch_table(verdicts))
    return all(each.verdict == "allow" for each in verdicts)


def _show_order(order: OrderRequest, state: AccountState, *, as_json: bool) -> bool:
    assessment = assess_order(order, state)
    if as_json:
        print_json(assessment.verdict)
    else:
        _print(assessment)
    return assessment.verdict.verdict == "allow"


def _require(given: dict[str, str | None]) -> None:
    for option, value in given.items():
        if value is None:
            raise ConfigError("is missing", place=option, remedy="give --side and --quantity, or --order")


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
