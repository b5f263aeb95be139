"""Account tables: equity, margin and positions as the officer's percentages are taken of them."""

from rich.table import Table

from quaestor.analysis.officer.account import Account
from quaestor.cli.output import MISSING, format_number, format_percent, make_table


def account_table(account: Account, title: str) -> Table:
    """Return a table of the account's money and how much of it is at risk."""
    table = make_table(title, "figure", "value", right={"value"})
    for name, value in (
        ("equity", f"{format_number(account.equity)} {account.asset}"),
        ("cash / free of it", f"{format_number(account.cash)} / {format_number(account.free)}"),
        ("below its peak", format_percent(account.drawdown)),
        ("today / this week", f"{account.day_profit:+,.2f} / {account.week_profit:+,.2f}"),
        ("exposure", format_percent(account.exposure)),
        ("leverage", f"{format_number(account.leverage)} ×"),
        ("margin and collateral", format_number(account.margin)),
        ("lost if every stop is hit", format_percent(account.heat)),
    ):
        table.add_row(name, value)
    return table


def position_table(account: Account) -> Table:
    """Return a table of the open positions."""
    numeric = ("quantity", "in flight", "entry", "price", "of equity", "profit", "liquidated at", "distance")
    table = make_table("Positions", "symbol", *numeric, right=set(numeric))
    for held in account.positions:
        table.add_row(
            held.symbol,
            f"{held.quantity:,.8g}",
            f"{held.working:,.8g}",
            f"{held.entry_price:,.8g}",
            f"{held.price:,.8g}",
            format_percent(held.of_equity),
            f"{held.profit:+,.2f}",
            MISSING if held.liquidation_price is None else f"{held.liquidation_price:,.8g}",
            format_percent(held.liquidation_distance),
        )
    return table
