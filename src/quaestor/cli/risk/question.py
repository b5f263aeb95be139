"""`quaestor risk test`: print the officer's verdict about an order, or several at once, that are not placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from quaestor.risk.settings import RiskSettings
from quaestor.runtime.config import OPTIONS, RunConfig, load_config

_Side = Annotated[str | None, typer.Option("--side", help="buy or sell.", show_default=False)]
_Quantity = Annotated[str | None, typer.Option("--quantity", help="In units of the base asset.", show_default=False)]
_Orders = Annotated[
    list[str] | None, typer.Option("--order", help="SIDE:QUANTITY[:SYMBOL] instead; repeatable, judged as one batch.")
]
_Symbol = Annotated[str | None, typer.Option("--symbol", "-s", help="The instrument; a journal of one needs none.")]
_Price = Annotated[str | None, typer.Option("--price", help="Else the last close.", show_default=False)]
_Journal = Annotated[
    Path | None, typer.Option("--journal", help="On the account as this journal left it.", show_default=False)
]
_Data = Annotated[
    Path | None,
    typer.Option("--data", help="Without --journal: bars that a fresh account has watched; with it: its data file."),
]
_Timeframe = Annotated[str | None, typer.Option("--timeframe", help="Of the bars.", show_default=False)]
_Market = Annotated[str | None, typer.Option("--market", help="spot, perp, inverse, equity.", show_default=False)]
_Capital = Annotated[str | None, typer.Option("--capital", help="Of the fresh account.", show_default=False)]
_Leverage = Annotated[str | None, typer.Option("--leverage", help="Of the fresh account.", show_default=False)]

#: Settings that only an account without a journal takes.
_FRESH_ACCOUNT = ("data.timeframe", "data.market", "account.capital", "account.leverage")


@dataclass(frozen=True, slots=True)
class _LimitOptions:
    """Limits to evaluate under: a profile, single limits, and a configuration file with a profile in it."""

    risk: str | None
    limits: Sequence[str]
    config: Path | None
    profile: str | None

    def load(self, options: Mapping[str, object], *, required: Sequence[str] = ()) -> RunConfig:
        """Return the configuration that these limits and further options make."""
        options = {**options, "risk.profile": self.risk}
        return load_config(
            file=self.config, profile=self.profile, options=options, limits=self.limits, required=required
        )

    def instead_of_run(self) -> RiskSettings | None:
        """Return the limits to use instead of those of a journal's run; None where none are given."""
        if self.risk is None and not self.limits and self.config is None:
            return None
        return to_settings(self.load({}).risk)


def assess_orders(
    side: _Side = None,
    quantity: _Quantity = None,
    order: _Orders = None,
    symbol: _Symbol = None,
    price: _Price = None,
    journal: _Journal = None,
    at: At = None,
    data: _Data = None,
    timeframe: _Timeframe = None,
    market: _Market = None,
    capital: _Capital = None,
    leverage: _Leverage = None,
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
    limits = _LimitOptions(risk, limit or (), config, profile)
    fresh = dict(zip(_FRESH_ACCOUNT, (timeframe, market, capital, leverage), strict=True))
    if journal is not None:
        _refuse({OPTIONS[name]: text for name, text in fresh.items()}, "the journal holds it")
    elif at is not None:
        _refuse({"--at": at}, "there is no journal to look up")
    with progress("running up to the requested time", silent=as_json) as bar:
        if journal is not None:
            state = account_on_journal(journal, at=at, data=data, limits=limits.instead_of_run(), progress=bar)
        else:
            options = {"data.path": data, "data.symbol": _symbols(batch) or symbol, **fresh}
            chosen = limits.load(options, required=("data.path", "data.symbol"))
            state = fresh_account_state(chosen, progress=bar)
    single = OrderRequest(side or "", quantity or "", symbol, price)
    allowed = _show_batch(batch, state, as_json=as_json) if batch else _show_order(single, state, as_json=as_json)
    if not allowed:
        raise typer.Exit(1)


def _symbols(batch: Sequence[OrderRequest]) -> str:
    """Return the symbols that the orders name, each once, separated by commas."""
    return ",".join(dict.fromkeys(each.symbol for each in batch if each.symbol is not None))


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
